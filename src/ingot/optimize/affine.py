# SPDX-License-Identifier: Apache-2.0
"""Index arithmetic that is affine: tensors whose element is an offset plus a stride per axis.

Positions, batch numbers and their sums are such tensors, and each is a strided view of the counting
numbers. So comparisons of them are often constant, and a gather by them often reads a plain slice:
both leave the graph together with the iotas that made them.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from ingot.dims import Dim, bounds, product, symbols
from ingot.dtypes import BOOL, INT64
from ingot.ir.graph import Array, Node, Value
from ingot.ir.pattern import Term, apply, new_weight, op
from ingot.ir.rewrite import Site, node_rule
from ingot.kernel.view import View, dense_strides
from ingot.ops.table import OPS

DEPTH: Final = 24
LARGEST: Final = 1 << 20
FAR: Final = 1 << 31


def affine(site: Site, value: Value | None) -> View | None:
    """`value` as a view of the counting numbers; None where it is not (or not seen to be)."""
    return _affine(site, value, DEPTH, {})


def _affine(
    site: Site, value: Value | None, depth: int, known: dict[Value, View | None]
) -> View | None:
    """`affine`, each value once: sums of sums are read by many paths."""
    if value is None or not value.dtype.is_integer or depth == 0:
        return None
    if value not in known:
        known[value] = _seen(site, value, depth, known)
    return known[value]


def _seen(site: Site, value: Value, depth: int, known: dict[Value, View | None]) -> View | None:
    data = site.editor.constant(value)
    if data is not None:
        return _of_constant(data)
    node = site.producer(value)
    if node is None or len(node.outputs) != 1:
        return None
    inputs: list[View] = []
    for one in node.inputs:
        view = _affine(site, one, depth - 1, known)
        if view is None:
            return None
        inputs.append(view)
    return _of_node(node, inputs)


def _view(shape: Sequence[Dim], strides: Sequence[Dim], offset: Dim) -> View:
    """The view with stride 0 on axes of size 1, where no stride matters."""
    moving = (0 if size == 1 else step for size, step in zip(shape, strides, strict=True))
    return View("", INT64, tuple(shape), tuple(moving), offset)


def _of_constant(data: Array) -> View | None:
    if data.size == 0 or data.size > LARGEST:
        return None
    origin = int(data[(0,) * data.ndim])
    strides = []
    # Far numbers are compared exactly: in int64 their differences wrap.
    far = max(-int(data.min()), int(data.max())) > FAR
    expected = np.full(data.shape, origin, object if far else np.int64)
    for axis, size in enumerate(data.shape):
        first = tuple(int(other == axis) for other in range(data.ndim))
        stride = int(data[first]) - origin if size > 1 else 0
        along = [-1 if other == axis else 1 for other in range(data.ndim)]
        steps = np.arange(size).astype(expected.dtype).reshape(along)
        expected = expected + stride * steps
        strides.append(stride)
    return _view(data.shape, strides, origin) if np.array_equal(expected, data) else None


def _of_node(node: Node, inputs: list[View]) -> View | None:
    shape = node.output.shape
    entry = OPS[node.op]
    if entry.kind == "view":
        view = entry.view(inputs[0], node.attributes)
        return None if view is None else _view(view.shape, view.strides, view.offset)
    match node.op:
        case "sizes":
            values = node.attributes["values"]
            assert isinstance(values, tuple)
            return _view(shape, (0,), values[0]) if len(values) == 1 else None  # type: ignore[arg-type]
        case "iota":
            start, step = inputs
            return _view(shape, (step.offset,), start.offset)
        case "identity" | "cast" if node.output.dtype == INT64:
            return inputs[0]
        case "add":
            return _sum(shape, inputs[0], inputs[1], 1)
        case "sub":
            return _sum(shape, inputs[0], inputs[1], -1)
        case "mul":
            return _product(shape, *inputs)
    return None


def spread(view: View, shape: tuple[Dim, ...]) -> View:
    """The view broadcast to `shape`."""
    added = len(shape) - view.rank
    kept = (
        0 if before == 1 and after != 1 else stride
        for before, after, stride in zip(view.shape, shape[added:], view.strides, strict=True)
    )
    return _view(shape, (*[0] * added, *kept), view.offset)


def _sum(shape: tuple[Dim, ...], left: View, right: View, sign: int) -> View:
    a, b = spread(left, shape), spread(right, shape)
    strides = [x + sign * y for x, y in zip(a.strides, b.strides, strict=True)]
    return _view(shape, strides, a.offset + sign * b.offset)


def _product(shape: tuple[Dim, ...], left: View, right: View) -> View | None:
    for view, factor in ((left, right), (right, left)):
        if _is_constant(factor):
            wide = spread(view, shape)
            strides = [stride * factor.offset for stride in wide.strides]
            return _view(shape, strides, wide.offset * factor.offset)
    return None


def _is_constant(view: View) -> bool:
    pairs = zip(view.shape, view.strides, strict=True)
    return all(stride == 0 or size == 1 for size, stride in pairs)


def extremes(site: Site, view: View) -> tuple[int | None, int | None]:
    """The least and the greatest element that the view can have; None is unbounded."""
    low: Dim = view.offset
    high: Dim = view.offset
    for size, stride in zip(view.shape, view.strides, strict=True):
        least, most = _bounds(site, stride)
        if least is not None and least >= 0:
            high = high + stride * (size - 1)
        elif most is not None and most <= 0:
            low = low + stride * (size - 1)
        else:
            return None, None
    return _bounds(site, low)[0], _bounds(site, high)[1]


def _bounds(site: Site, size: Dim) -> tuple[int | None, int | None]:
    if isinstance(size, int):
        return size, size
    spans = site.editor.graph.symbols
    return bounds(size, {name: (spans[name].lo, spans[name].hi) for name in symbols(size)})


# comparisons


def _compare(site: Site, node: Node) -> Term | str | None:
    """A comparison of affine tensors whose answer is the same everywhere."""
    left, right = (affine(site, value) for value in node.inputs)
    if left is None or right is None:
        return None
    low, high = extremes(site, _sum(node.output.shape, left, right, -1))
    answer = _answer(node.op, -math.inf if low is None else low, math.inf if high is None else high)
    if answer is None:
        return "the answer depends on the element"
    truth = np.array(answer, BOOL.numpy)
    return op.expand(new_weight("true" if answer else "false", truth), shape=node.output.shape)


def _answer(comparison: str, low: float, high: float) -> bool | None:
    """What comparing to zero gives for all numbers from `low` to `high`; None if it varies."""
    always, never = {
        "greater_equal": (low >= 0, high < 0),
        "greater": (low > 0, high <= 0),
        "less_equal": (high <= 0, low > 0),
        "less": (high < 0, low >= 0),
        "equal": (low == high == 0, low > 0 or high < 0),
    }[comparison]
    return True if always else False if never else None


# gathers


def _gather(site: Site, node: Node) -> Term | str | None:
    """A gather by consecutive numbers is a slice, reshaped to the indices' shape."""
    x, indices = node.inputs
    axis = node.attributes["axis"]
    view = affine(site, indices)
    assert x is not None and isinstance(axis, int)
    if view is None:
        return None
    if not _in_range(site, view, x.shape[axis]):
        return "the indices may be out of range"
    return _read(x, x.shape[:axis], x.shape[axis + 1 :], view) or JUMPS


def _one_column(site: Site, node: Node) -> Term | None:
    """gather_nd by one column is a gather."""
    x, indices = node.inputs
    assert x is not None and indices is not None
    if indices.shape[-1] != 1 or node.attributes["batch_dims"] != 0:
        return None
    return op.gather(x, op.reshape(indices, shape=indices.shape[:-1]), axis=0)


def _gather_nd(site: Site, node: Node) -> Term | str | None:
    """gather_nd by affine columns is a gather by one of them from the axes in one."""
    x, columns = node.inputs[0], _columns(site, node.inputs[1])
    if x is None or not columns or node.attributes["batch_dims"] != 0:
        return None
    views = [affine(site, column) for column in columns]
    if views[0] is not None and None in views:
        return _batched(site, x, columns, views[0])
    shape, depth = columns[0].shape[:-1], len(columns)
    total = _view(shape, [0] * len(shape), 0)
    for view, size, step in zip(
        views, x.shape, dense_strides(x.shape[:depth], range(depth)), strict=False
    ):
        if view is None or not _in_range(site, view, size):
            return "the indices are not affine, or may be out of range"
        flat = _view(shape, [stride * step for stride in view.strides[:-1]], view.offset * step)
        total = _sum(shape, total, flat, 1)
    rest = x.shape[depth:]
    return _read(op.reshape(x, shape=(product(x.shape[:depth]), *rest)), (), rest, total) or JUMPS


def _columns(site: Site, indices: Value | None) -> list[Value]:
    """The index tensors, one for each gathered axis, that `indices` puts side by side."""
    assert indices is not None
    if indices.shape[-1] == 1:
        return [indices]
    node = site.producer(indices)
    if node is None or node.op != "concat" or node.attributes["axis"] != indices.rank - 1:
        return []
    columns = [part for part in node.inputs if part is not None and part.shape[-1] == 1]
    return columns if len(columns) == len(node.inputs) else []


def _batched(site: Site, x: Value, columns: list[Value], first: View) -> Term | str:
    """A first column that counts the batch is a batch axis."""
    counts = (1, *[0] * (first.rank - 1))
    strides = tuple(0 if n == 1 else s for n, s in zip(first.shape, first.strides, strict=True))
    if first.offset != 0 or strides != counts or first.shape[0] != x.shape[0]:
        return "the first column does not count the batch"
    rest = columns[1:]
    indices = rest[0] if len(rest) == 1 else apply("concat", *rest, axis=rest[0].rank - 1)
    return op.gather_nd(x, indices, batch_dims=1)


def _in_range(site: Site, view: View, size: Dim) -> bool:
    low, _ = extremes(site, view)
    _, beyond = extremes(site, dataclasses.replace(view, offset=view.offset - size))
    return low is not None and low >= 0 and beyond is not None and beyond < 0


def _read(
    x: Value | Term, before: tuple[Dim, ...], after: tuple[Dim, ...], view: View
) -> Term | None:
    """x, of shape (*before, n, *after), at the numbers of `view`, if they count up by one.

    Axes on which the view repeats are expanded.
    """
    pairs = list(zip(view.shape, view.strides, strict=True))
    sizes = [size for size, stride in pairs if stride != 0 and size != 1]
    strides = tuple(stride for size, stride in pairs if stride != 0 and size != 1)
    if strides != dense_strides(sizes, range(len(sizes))):
        return None
    starts = (*[0] * len(before), view.offset, *[0] * len(after))
    ends = (*before, view.offset + product(sizes), *after)
    part = op.slice(x, starts=starts, ends=ends, steps=(1,) * len(starts))
    once = tuple(size if stride != 0 else 1 for size, stride in pairs)
    shaped = op.reshape(part, shape=(*before, *once, *after))
    return op.expand(shaped, shape=(*before, *view.shape, *after))


JUMPS: Final = "the indices do not count up by one"
RULES: Final = (
    node_rule("compare_positions",
              ("greater_equal", "greater", "less_equal", "less", "equal"), _compare),
    node_rule("gather_consecutive", "gather", _gather),
    node_rule("gather_affine", "gather_nd", _gather_nd),
    node_rule("gather_by_column", "gather_nd", _one_column),
)  # fmt: skip
