# SPDX-License-Identifier: Apache-2.0
"""Ops that rearrange a tensor without touching an element: other sizes, strides and offset.

Each has a view rule; where strides cannot express the result (a reshape of a transposed tensor) the
lowering still reads the input by an index map.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ingot.dims import Dim, ceil_div, maximum, minimum, product
from ingot.ir.graph import Array, TensorType
from ingot.kernel.expr import Expr
from ingot.kernel.view import View
from ingot.ops.domains import ANY, BATCH, ELEMENTS
from ingot.ops.example import Example, Sample
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, extent, zero
from ingot.ops.require import Require, Shape

Group = tuple[slice, slice]
X = (InputSpec("x", ANY),)


# --- reshape


def _infer_reshape(require: Require, x: TensorType, *, shape: Shape) -> TensorType:
    require.equal(
        product(x.shape), product(shape), "element counts before and after",
        "check the target shape",
    )  # fmt: skip
    return TensorType(x.dtype, tuple(shape))


def _reshape(x: Array, *, shape: tuple[int, ...]) -> Array:
    return x.reshape(shape)


def dimension_groups(before: Shape, after: Shape) -> list[Group] | None:
    """The shortest runs of axes of both shapes with equal element counts, in order.

    None where a count is 0 or symbols hide which axes belong together.
    """
    groups: list[Group] = []
    i = j = 0
    while i < len(before) or j < len(after):
        start = (i, j)
        left: Dim = 1
        right: Dim = 1
        while True:
            step = _longer(left, right, before[i:], after[j:], first=(i, j) == start)
            if step is None:
                return None
            if step == "done":
                break
            if step == "left":
                left, i = left * before[i], i + 1
            else:
                right, j = right * after[j], j + 1
        groups.append((slice(start[0], i), slice(start[1], j)))
    return groups


def _longer(left: Dim, right: Dim, before: Shape, after: Shape, first: bool) -> str | None:
    """Which side takes its next axis: the one with the smaller product so far."""
    if left == right and not first:
        return "done"
    if left == right:
        return "left" if before else "right"
    if isinstance(left, int) and isinstance(right, int):
        side = "left" if left < right else "right"
    else:
        side = "left" if _divides(left, right) else "right"
    return side if (before if side == "left" else after) else None


def _divides(part: Dim, whole: Dim) -> bool:
    return whole % part == 0


def _lower_reshape(index: Index, x: Read, *, shape: Shape) -> Expr:
    groups = dimension_groups(x.shape, shape)
    if groups is None:
        groups = [(slice(0, x.rank), slice(0, len(shape)))]
    source: list[Expr] = []
    for before, after in groups:
        source += unflatten(flatten(index[after], shape[after]), x.shape[before])
    return x(*source)


def flatten(index: Sequence[Expr], shape: Shape) -> Expr:
    """The row-major position of `index` in a tensor of `shape`."""
    position = zero()
    for i, size in zip(index, shape, strict=True):
        position = position * extent(size) + i
    return position


def unflatten(position: Expr, shape: Shape) -> list[Expr]:
    """The index in a tensor of `shape` of a row-major position; the inverse of `flatten`."""
    index: list[Expr] = []
    kept = [axis for axis, size in enumerate(shape) if size != 1]
    for axis in reversed(range(len(shape))):
        if axis not in kept:
            index.append(zero())
            continue
        size = 1 if shape[axis] == 0 else shape[axis]
        index.append(position if axis == kept[0] else position % extent(size))
        position = position // extent(size)
    return index[::-1]


def _view_reshape(view: View, *, shape: Shape) -> View | None:
    groups = dimension_groups(view.shape, shape)
    if groups is None:
        return None
    strides: list[Dim] = []
    for before, after in groups:
        innermost = _contiguous_stride(view.shape[before], view.strides[before])
        if innermost is None:
            return None
        run: list[Dim] = []
        for size in reversed(shape[after]):
            run.append(innermost)
            innermost = innermost * size
        strides += run[::-1]
    return View(view.buffer, view.dtype, tuple(shape), tuple(strides), view.offset)


def _contiguous_stride(shape: Shape, strides: Shape) -> Dim | None:
    """The innermost stride of axes that together step evenly through memory, else None."""
    pairs = [(size, stride) for size, stride in zip(shape, strides, strict=True) if size != 1]
    if not pairs:
        return strides[-1] if strides else 1
    for (_, outer), (size, inner) in pairwise(pairs):
        if outer != inner * size:
            return None
    return pairs[-1][1]


RESHAPE = Op(
    name="reshape", kind="view", inputs=X,
    attributes=(AttributeSpec("shape", "dims", doc="the new shape, with no -1 or copied 0"),),
    infer_rule=_infer_reshape, evaluate_rule=_reshape, lower_rule=_lower_reshape,
    view_rule=_view_reshape, doc="The same elements in row-major order under another shape.",
    examples=tuple(
        Example((Sample(before),), {"shape": after}, {"batch": 3}, ELEMENTS)
        for before, after in (
            ((2, 3, 4), (6, 4)), ((6, 4), (2, 3, 1, 4)), ((4, 6), (3, 8)), ((1, 1), ()), ((), (1,)),
            ((2, 0, 3), (0, 5)), ((BATCH, 4, 6), (BATCH, 24)), ((BATCH * 2, 5), (BATCH, 2, 5)),
        )
    ),
)  # fmt: skip


# --- transpose


def _infer_transpose(
    require: Require, x: TensorType, *, permutation: tuple[int, ...]
) -> TensorType:
    require.that(
        sorted(permutation) == list(range(x.rank)),
        f"permutation {permutation} must name each of the {x.rank} axes once",
    )
    return TensorType(x.dtype, tuple(x.shape[axis] for axis in permutation))


def _transpose(x: Array, *, permutation: tuple[int, ...]) -> Array:
    return np.ascontiguousarray(x.transpose(permutation)).reshape(
        tuple(x.shape[axis] for axis in permutation)
    )


def _lower_transpose(index: Index, x: Read, *, permutation: tuple[int, ...]) -> Expr:
    source = dict(zip(permutation, index, strict=True))
    return x(*(source[axis] for axis in range(x.rank)))


def _view_transpose(view: View, *, permutation: tuple[int, ...]) -> View:
    shape = tuple(view.shape[axis] for axis in permutation)
    strides = tuple(view.strides[axis] for axis in permutation)
    return View(view.buffer, view.dtype, shape, strides, view.offset)


TRANSPOSE = Op(
    name="transpose", kind="view", inputs=X,
    attributes=(AttributeSpec("permutation", "ints", doc="source axis of each result axis"),),
    infer_rule=_infer_transpose, evaluate_rule=_transpose, lower_rule=_lower_transpose,
    view_rule=_view_transpose, doc="The axes in another order.",
    examples=tuple(
        Example((Sample(shape),), {"permutation": order}, {"batch": 3}, ELEMENTS)
        for shape, order in (
            ((5, 7), (1, 0)), ((2, 3, 4, 5), (0, 2, 3, 1)), ((2, 3, 4), (2, 0, 1)), ((), ()),
            ((1, 6), (1, 0)), ((3, 0, 2), (2, 1, 0)), ((BATCH, 4, 5), (0, 2, 1)),
        )
    ),
)  # fmt: skip


# --- expand


def _infer_expand(require: Require, x: TensorType, *, shape: Shape) -> TensorType:
    require.that(x.rank <= len(shape), f"rank {x.rank} does not stretch to rank {len(shape)}")
    for before, after in zip(x.shape, shape[len(shape) - x.rank :], strict=True):
        require.stretch(before, after, "a size that is not 1 and its target")
    return TensorType(x.dtype, tuple(shape))


def _expand(x: Array, *, shape: tuple[int, ...]) -> Array:
    return np.array(np.broadcast_to(x, shape))


def _lower_expand(index: Index, x: Read, *, shape: Shape) -> Expr:
    added = len(shape) - x.rank
    steps = map(_step, x.shape, shape[added:])
    return x(
        *(
            i if step == 1 else i * extent(step)
            for i, step in zip(index[added:], steps, strict=True)
        )
    )


def _step(before: Dim, after: Dim) -> Dim:
    """How far a step along the expanded axis goes in the axis: 1, or 0 where its size is 1.

    Where only a run tells whether the size is 1, so does the step.
    """
    if before == 1:
        return 0
    return 1 if before == after else minimum(before - 1, 1)


def _view_expand(view: View, *, shape: Shape) -> View:
    added = len(shape) - view.rank
    kept = (
        stride * (1 if before == after else _step(before, after))
        for before, after, stride in zip(view.shape, shape[added:], view.strides, strict=True)
    )
    return View(view.buffer, view.dtype, tuple(shape), (*[0] * added, *kept), view.offset)


EXPAND = Op(
    name="expand", kind="view", inputs=X,
    attributes=(AttributeSpec("shape", "dims", doc="the shape to stretch to"),),
    infer_rule=_infer_expand, evaluate_rule=_expand, lower_rule=_lower_expand,
    view_rule=_view_expand, doc="x stretched to a shape by repeating axes of size 1.",
    examples=tuple(
        Example((Sample(before),), {"shape": after}, {"batch": 3}, ELEMENTS)
        for before, after in (
            ((3, 1), (3, 4)), ((), (2, 2)), ((1,), (2, 5)), ((1, 3), (0, 3)),
            ((2, 1, 5), (2, 3, 5)), ((1, 4), (BATCH, 4)),
        )
    ),
)  # fmt: skip


# --- slice


def _infer_slice(
    require: Require, x: TensorType, *, starts: Shape, ends: Shape, steps: tuple[int, ...]
) -> TensorType:
    require.that(
        len(starts) == len(ends) == len(steps) == x.rank,
        f"starts, ends and steps must name each of the {x.rank} axes",
    )
    require.that(0 not in steps, "a step of 0 leads nowhere")
    bounds = zip(x.shape, starts, ends, steps, strict=True)
    return TensorType(x.dtype, tuple(_slice_size(require, *entry) for entry in bounds))


def _slice_size(require: Require, size: Dim, start: Dim, end: Dim, step: int) -> Dim:
    if start == 0 and end == size and step == 1:
        return size
    length = ceil_div(end - start, step) if step > 0 else ceil_div(start - end, -step)
    shortest, _ = require.bounds(length)
    count = length if shortest is not None and shortest >= 0 else maximum(length, 0)
    if count == 0:
        return 0
    low, high = (start, end) if step > 0 else (end + 1, start + 1)
    require.at_least(low, 0, "a slice must start within the axis", "normalise negative bounds")
    require.at_least(size, high, "a slice must end within the axis", "clamp it to the size")
    return count


def _slice(
    x: Array, *, starts: tuple[int, ...], ends: tuple[int, ...], steps: tuple[int, ...]
) -> Array:
    # An axis of which nothing is taken may have any bounds, such as NumPy cannot count with.
    ranges = [range(*bounds) for bounds in zip(starts, ends, steps, strict=True)]
    places = [np.arange(r.start, r.stop, r.step) if r else np.arange(0) for r in ranges]
    return np.array(x[np.ix_(*places)])


def _lower_slice(
    index: Index, x: Read, *, starts: Shape, ends: Shape, steps: tuple[int, ...]
) -> Expr:
    del ends
    return x(*(extent(a) + i * s for i, a, s in zip(index, starts, steps, strict=True)))


def _view_slice(view: View, *, starts: Shape, ends: Shape, steps: tuple[int, ...]) -> View:
    result = _infer_slice(
        Require("slice"), TensorType(view.dtype, view.shape), starts=starts, ends=ends, steps=steps
    )
    strides = tuple(stride * step for stride, step in zip(view.strides, steps, strict=True))
    offset = view.offset
    if 0 not in result.shape:
        for start, stride in zip(starts, view.strides, strict=True):
            offset = offset + start * stride
    return View(view.buffer, view.dtype, result.shape, strides, offset)


def _slice_example(shape: Shape, starts: Shape, ends: Shape, steps: tuple[int, ...]) -> Example:
    attributes = {"starts": starts, "ends": ends, "steps": steps}
    return Example((Sample(shape),), attributes, {"batch": 3}, ELEMENTS)


SLICE = Op(
    name="slice", kind="view", inputs=X,
    attributes=(
        AttributeSpec("starts", "dims", doc="first index on each axis, at least 0"),
        AttributeSpec("ends", "dims", doc="index not reached on each axis; -1 going down to 0"),
        AttributeSpec("steps", "ints", doc="step on each axis, not 0"),
    ),
    infer_rule=_infer_slice, evaluate_rule=_slice, lower_rule=_lower_slice, view_rule=_view_slice,
    doc="The elements from start towards end by step, on every axis.",
    examples=(
        _slice_example((7, 9), (1, 2), (6, 9), (1, 3)),
        _slice_example((5, 8), (4, 7), (-1, 1), (-1, -2)),
        _slice_example((4, 3), (2, 0), (2, 3), (1, 1)),
        _slice_example((0, 3), (0, 1), (0, 2), (1, 1)),
        _slice_example((), (), (), ()),
        _slice_example((BATCH, 6), (0, 1), (BATCH, 5), (1, 2)),
        _slice_example((BATCH, 6), (1, 0), (BATCH, 6), (1, 1)),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (RESHAPE, TRANSPOSE, EXPAND, SLICE)
