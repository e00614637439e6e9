# SPDX-License-Identifier: Apache-2.0
"""A transposed convolution as a convolution of single steps, with its results interleaved.

With a step of s, input i and filter place k reach the result o = i · s + k - pad. Where o + pad is
q · s + r only the places k = j · s + r count, and i = q - j: each of the s remainders r is a
convolution of its own over q, all with windows of one size. They are computed together, as
channels, and laid side by side. The new filters are ops on the old ones, which folding computes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Final

from ingot.dims import Dim, bounds, evaluate, symbols
from ingot.ir.graph import Node, Value
from ingot.ir.pattern import Term, constant, either, op
from ingot.ir.rewrite import Site, rule
from ingot.optimize.convolution import by_channel, channel_vector


@dataclass(frozen=True)
class _Axis:
    """One spatial axis; `window` is in steps of the new convolution."""

    stride: int
    dilation: int
    reach: int
    window: int
    before: int
    after: int
    cropped: int

    @staticmethod
    def of(kernel: int, stride: int, dilation: int, low: int, high: int, extra: int) -> _Axis:
        reach = (kernel - 1) * dilation + 1
        step = dilation if stride == 1 else 1
        window = kernel if stride == 1 else -(-reach // stride)
        before = (window - 1) * step - low // stride
        after = -(-(reach + extra - high) // stride) - 1
        cropped = low % stride + max(-before, 0) * stride
        return _Axis(stride, step, reach, window, max(before, 0), max(after, 0), cropped)

    def holding(self, least: int) -> _Axis:
        """The axis padded so that there is a window on the smallest input."""
        missing = 1 - evaluate(self.positions(least), {})
        return replace(self, after=self.after + max(missing, 0))

    def positions(self, size: Dim) -> Dim:
        """How many windows there are on an input of `size`."""
        return size + (self.before + self.after - (self.window - 1) * self.dilation)


def _axes(node: Node, w: Value) -> list[_Axis]:
    facts: Any = node.attributes
    rank = w.rank - 2
    pads = facts["pads"]
    return [
        _Axis.of(*one)
        for one in zip(
            w.shape[2:], facts["strides"], facts["dilations"], pads[:rank], pads[rank:],
            facts["output_padding"], strict=True,
        )
    ]  # fmt: skip


def _transposed(x: Any, w: Any, b: Any) -> Any:
    with_bias = op.conv_transpose(x, constant(w), constant(b))
    return either(with_bias, op.conv_transpose(x, constant(w)))


def _as_convolution(site: Site, x: Value, w: Value, b: Value | None) -> Any:
    node = _node(site)
    group: Any = node.attributes["group"]
    axes = [
        axis.holding(_least(site, size))
        for axis, size in zip(_axes(node, w), x.shape[2:], strict=True)
    ]
    steps = prod(axis.stride for axis in axes)
    filters = _filters(w, axes, node, group)
    bias = None if b is None else _repeated(b, steps)
    made = op.conv(
        x,
        filters,
        bias,
        strides=(1,) * len(axes),
        dilations=tuple(axis.dilation for axis in axes),
        pads=(*(axis.before for axis in axes), *(axis.after for axis in axes)),
        group=group,
    )
    return _interleaved(made, x, node.output, axes)


def _least(site: Site, size: Dim) -> int:
    """The least value that a size can take, as far as is known."""
    ranges = site.editor.graph.symbols
    low, _ = bounds(size, {name: (ranges[name].lo, ranges[name].hi) for name in symbols(size)})
    return max(low or 0, 0)


def _filters(w: Value, axes: Sequence[_Axis], node: Node, group: int) -> Term:
    """Filters by group, filter, remainder, channel and window, the window turned round."""
    channels, each, *kernel = (evaluate(size, {}) for size in w.shape)
    dilations: Any = node.attributes["dilations"]
    spread: Any = w
    for number, (axis, dilation) in enumerate(zip(axes, dilations, strict=True)):
        if axis.stride > 1 and dilation > 1:
            shape = [channels, each, *(a.reach for a in axes[:number]), *kernel[number:]]
            spread = _dilated(spread, shape, 2 + number, dilation, axis.reach)
        kernel[number] = axis.reach if axis.stride > 1 else kernel[number]
    whole = [axis.window * axis.stride for axis in axes]
    after = [size - known for size, known in zip(whole, kernel, strict=True)]
    spread = _padded(spread, [0, 0, *after])
    lead = [group, channels // group, each]
    pairs = [size for axis in axes for size in (axis.window, axis.stride)]
    split = op.reshape(spread, shape=(*lead, *pairs))
    windows = range(3, 3 + len(pairs), 2)
    turned = _turned(split, [*lead, *pairs], windows)
    order = (0, 2, *(place + 1 for place in windows), 1, *windows)
    moved = op.transpose(turned, permutation=order)
    steps = prod(axis.stride for axis in axes)
    outputs = group * each * steps
    return op.reshape(moved, shape=(outputs, channels // group, *(axis.window for axis in axes)))


def _dilated(w: Any, shape: Sequence[Any], place: int, dilation: int, reach: int) -> Term:
    """Zeros between the elements of an axis."""
    apart = op.reshape(w, shape=(*shape[: place + 1], 1, *shape[place + 1 :]))
    after = [dilation - 1 if axis == place + 1 else 0 for axis in range(len(shape) + 1)]
    flat = [*shape[:place], shape[place] * dilation, *shape[place + 1 :]]
    joined = op.reshape(_padded(apart, after), shape=tuple(flat))
    ends = (*flat[:place], reach, *flat[place + 1 :])
    return op.slice(joined, starts=(0,) * len(flat), ends=ends, steps=(1,) * len(flat))


def _padded(w: Any, after: Sequence[int]) -> Any:
    if not any(after):
        return w
    return op.pad(w, before=(0,) * len(after), after=tuple(after), mode="constant")


def _turned(w: Any, shape: Sequence[int], places: Sequence[int]) -> Term:
    """The elements of some axes in reverse order."""
    return op.slice(
        w,
        starts=tuple(n - 1 if axis in places else 0 for axis, n in enumerate(shape)),
        ends=tuple(-1 if axis in places else n for axis, n in enumerate(shape)),
        steps=tuple(-1 if axis in places else 1 for axis in range(len(shape))),
    )


def _repeated(b: Value, times: int) -> Any:
    if times == 1:
        return b
    column = op.reshape(b, shape=(b.shape[0], 1))
    return op.reshape(op.expand(column, shape=(b.shape[0], times)), shape=(b.shape[0] * times,))


def _interleaved(made: Any, x: Value, result: Value, axes: Sequence[_Axis]) -> Any:
    """Channels that hold remainders laid along the spatial axes, cut to the result."""
    batch, filters = result.shape[:2]
    counts = [axis.positions(size) for axis, size in zip(axes, x.shape[2:], strict=True)]
    rank = len(axes)
    strides = [axis.stride for axis in axes]
    if any(stride > 1 for stride in strides):
        apart = op.reshape(made, shape=(batch, filters, *strides, *counts))
        pairs = [place for k in range(rank) for place in (2 + rank + k, 2 + k)]
        moved = op.transpose(apart, permutation=(0, 1, *pairs))
        whole = [count * stride for count, stride in zip(counts, strides, strict=True)]
        made = op.reshape(moved, shape=(batch, filters, *whole))
        counts = whole
    starts = [axis.cropped for axis in axes]
    ends = [start + size for start, size in zip(starts, result.shape[2:], strict=True)]
    if not any(starts) and ends == counts:
        return made
    return op.slice(
        made,
        starts=(0, 0, *starts),
        ends=(batch, filters, *ends),
        steps=(1,) * (rank + 2),
    )


# --- what follows a transposed convolution goes into its filters while it is one


def _one_group(site: Site) -> str | None:
    return None if _node(site).attributes["group"] == 1 else "it has groups"


def _node(site: Site) -> Node:
    return next(node for node in site.nodes if node.op == "conv_transpose")


def _rebuilt(site: Site, x: Value, w: Any, b: Any) -> Term:
    return op.conv_transpose(x, w, b, **_node(site).attributes)


def _per_filter(vector: Any, w: Value) -> Term:
    return op.reshape(vector, shape=(1, w.shape[1], *[1] * (w.rank - 2)))


def _one_each(w: Value, c: Value) -> str | None:
    return by_channel(c, w.shape[1], w.rank)


def _fold_batch_norm(
    site: Site, x: Value, w: Value, b: Value | None, scale: Value, bias: Value, mean: Value,
    variance: Value, epsilon: float,
) -> Term:  # fmt: skip
    factor = op.div(scale, op.sqrt(op.add(variance, epsilon)))
    shifted = op.neg(mean) if b is None else op.sub(b, mean)
    total = op.add(op.mul(shifted, factor), bias)
    return _rebuilt(site, x, op.mul(w, _per_filter(factor, w)), total)


def _add_bias(site: Site, x: Value, w: Value, b: Value | None, c: Value) -> Term:
    vector = channel_vector(c, w.shape[1])
    return _rebuilt(site, x, w, vector if b is None else op.add(b, vector))


def _scale(site: Site, x: Value, w: Value, b: Value | None, c: Value) -> Term:
    vector = channel_vector(c, w.shape[1])
    scaled = op.mul(w, _per_filter(vector, w))
    return _rebuilt(site, x, scaled, None if b is None else op.mul(b, vector))


FILTERS: Final = (
    rule("batch_norm_into_transposed",
         lambda x, w, b, scale, bias, mean, variance, epsilon: op.batch_norm(
             _transposed(x, w, b), constant(scale), constant(bias), constant(mean),
             constant(variance), epsilon=epsilon),
         replacement=_fold_batch_norm, where=_one_group),
    rule("add_into_transposed",
         lambda x, w, b, c: op.add(_transposed(x, w, b), constant(c)),
         replacement=_add_bias, where=(_one_group, _one_each)),
    rule("multiply_into_transposed",
         lambda x, w, b, c: op.mul(_transposed(x, w, b), constant(c)),
         replacement=_scale, where=(_one_group, _one_each)),
)  # fmt: skip

RULES: Final = (
    rule("transposed_convolution",
         lambda x, w, b: _transposed(x, w, b),
         replacement=_as_convolution),
)  # fmt: skip
