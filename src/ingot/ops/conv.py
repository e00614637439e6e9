# SPDX-License-Identifier: Apache-2.0
"""Convolution and its transpose over one, two or three spatial axes, in groups.

Logical order is batch, channels, spatial axes; where channels lie in memory is the forge's matter.
"""

from __future__ import annotations

import math
from itertools import product as cartesian
from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, Reduce
from ingot.ops.axes import bound_axes, fold_variables
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Example, Sample
from ingot.ops.matmul import ACCUMULATED, product_over_last, widened
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require, Shape
from ingot.ops.window import DILATIONS, PADS, STRIDES, Windows, conjunction, integers, selected

GROUP = AttributeSpec("group", "int", 1, doc="channels fall into this many independent groups")
INPUTS = (
    InputSpec("x", REALS),
    InputSpec("weight", REALS),
    InputSpec("bias", REALS, optional=True),
)


def _check(require: Require, x: TensorType, weight: TensorType, group: int) -> None:
    require.that(
        x.rank == weight.rank >= 3,
        f"x of rank {x.rank} and weight of rank {weight.rank} must have equal ranks of at least 3",
    )
    require.that(group >= 1, f"group {group} must be at least 1")


def _check_bias(require: Require, bias: TensorType | None, channels: Dim) -> None:
    if bias is not None:
        require.that(bias.rank == 1, f"bias has rank {bias.rank}, it is one value per channel")
        require.equal(bias.shape[0], channels, "entries of bias and output channels")


def _infer(
    require: Require, x: TensorType, weight: TensorType, bias: TensorType | None,
    *, strides: tuple[int, ...], dilations: tuple[int, ...], pads: tuple[int, ...], group: int,
) -> TensorType:  # fmt: skip
    _check(require, x, weight, group)
    channels = weight.shape[1] * group
    require.that(
        not (isinstance(channels, int) and isinstance(x.shape[1], int) and channels != x.shape[1]),
        f"weight expects {channels} input channels, input has {x.shape[1]}",
        "check the model's input layout",
    )
    require.equal(x.shape[1], channels, "channels of the input and of the weight")
    require.that(weight.shape[0] % group == 0, f"{weight.shape[0]} filters, {group} groups")
    _check_bias(require, bias, weight.shape[0])
    windows = Windows(weight.shape[2:], strides, dilations, pads)
    windows.check(require)
    return TensorType(x.dtype, (x.shape[0], weight.shape[0], *windows.counts(require, x.shape[2:])))


def _evaluate(
    x: Array, weight: Array, bias: Array | None,
    *, strides: tuple[int, ...], dilations: tuple[int, ...], pads: tuple[int, ...], group: int,
) -> Array:  # fmt: skip
    windows = Windows(weight.shape[2:], strides, dilations, pads)
    counts = integers(windows.counts(Require("conv"), x.shape[2:]))
    batch, filters, rank = x.shape[0], weight.shape[0], windows.rank
    grouped = widened(x).reshape(batch, group, x.shape[1] // group, *x.shape[2:])
    patches = windows.patches(grouped, counts, 0.0)
    last = [2, *range(3 + rank, 3 + 2 * rank)]
    order = [0, 1, *range(3, 3 + rank), *last]
    depth = math.prod(weight.shape[1:])
    rows = np.ascontiguousarray(patches.transpose(order)).reshape(
        batch, group, math.prod(counts), depth
    )
    matrix = widened(weight).reshape(group, filters // group, depth)
    result = product_over_last(matrix, rows).reshape(batch, filters, *counts)
    return _biased(result, bias).astype(x.dtype)


def _biased(result: Array, bias: Array | None) -> Array:
    if bias is None:
        return result
    return np.asarray(result + widened(bias).reshape(-1, *[1] * (result.ndim - 2)))


def _first_channel(output: Expr, outputs: Dim, inputs: Dim, group: int) -> Expr:
    """The first input channel of the group that `output` channel belongs to."""
    if group == 1:
        return Const(0, INT64)
    per_group = outputs // group
    return output // extent(per_group) * extent(inputs // group)


def _lower(
    index: Index, x: Read, weight: Read, bias: Read | None,
    *, strides: tuple[int, ...], dilations: tuple[int, ...], pads: tuple[int, ...], group: int,
) -> Expr:  # fmt: skip
    batch, output, *place = index
    windows = Windows(weight.shape[2:], strides, dilations, pads)
    channel, *offsets = fold_variables(index, 1 + windows.rank)
    source = _first_channel(output, weight.shape[0], x.shape[1], group) + channel
    safe, inside = windows.guarded(windows.positions(place, offsets), x.shape[2:])
    element = selected(inside, x(batch, source, *safe), 0.0)
    body = element * weight(output, channel, *offsets)
    total = Reduce("sum", bound_axes([channel, *offsets], weight.shape[1:]), body)
    return total if bias is None else total + bias(output)


def _case(
    x: Shape, weight: Shape, strides: tuple[int, ...], pads: tuple[int, ...],
    dilations: tuple[int, ...] = (), group: int = 1, bias: int | None = None,
    **more: tuple[int, ...],
) -> Example:  # fmt: skip
    attributes = {
        "strides": strides, "pads": pads, "dilations": dilations or (1,) * len(strides),
        "group": group, **more,
    }  # fmt: skip
    inputs = (Sample(x), Sample(weight), *([] if bias is None else [Sample((bias,))]))
    return Example(inputs, attributes, {"batch": 3})


CONV = Op(
    name="conv", kind="contract", inputs=INPUTS,
    attributes=(STRIDES, DILATIONS, PADS, GROUP), infer_rule=_infer, evaluate_rule=_evaluate,
    lower_rule=_lower, precision=ACCUMULATED,
    doc="Σ over the channels of the group and the window of x · weight, plus bias; x outside its "
    "edges is 0.",
    examples=(
        _case((1, 3, 9, 9), (8, 3, 3, 3), (1, 1), (1, 1, 1, 1), bias=8),
        _case((2, 4, 8, 7), (6, 4, 3, 3), (2, 2), (0, 1, 1, 1)),
        _case((1, 16, 5, 6), (24, 16, 1, 1), (1, 1), (0, 0, 0, 0), bias=24),
        _case((1, 8, 9, 9), (8, 1, 3, 3), (2, 2), (1, 1, 1, 1), group=8, bias=8),
        _case((1, 6, 7, 7), (12, 1, 3, 3), (1, 1), (1, 1, 1, 1), group=6),
        _case((1, 6, 9, 9), (4, 3, 3, 3), (1, 1), (2, 2, 2, 2), (2, 2), 2),
        _case((1, 3, 12, 10), (5, 3, 7, 7), (2, 2), (3, 3, 3, 3)),
        _case((2, 3, 17), (4, 3, 5), (3,), (2, 1), (2,), bias=4),
        _case((1, 2, 4, 5, 6), (3, 2, 2, 3, 3), (1, 2, 1), (0, 1, 1, 1, 1, 0)),
        _case((1, 32, 14, 13), (40, 32, 3, 3), (1, 1), (1, 1, 1, 1), bias=40),
        _case((2, 64, 7, 7), (72, 64, 1, 1), (1, 1), (0, 0, 0, 0)),
        _case((1, 64, 9, 9), (32, 64, 1, 1), (2, 2), (0, 0, 0, 0), bias=32),
        _case((1, 40, 15, 13), (40, 1, 5, 5), (2, 2), (2, 2, 2, 2), group=40),
        _case((1, 1, 1, 1), (1, 1, 1, 1), (1, 1), (0, 0, 0, 0)),
        _case((0, 3, 5, 5), (2, 3, 3, 3), (1, 1), (1, 1, 1, 1)),
        _case((BATCH, 3, 6, 6), (4, 3, 3, 3), (1, 1), (1, 1, 1, 1), bias=4),
    ),
)  # fmt: skip


# --- transposed convolution


def _infer_transposed(
    require: Require, x: TensorType, weight: TensorType, bias: TensorType | None,
    *, strides: tuple[int, ...], dilations: tuple[int, ...], pads: tuple[int, ...], group: int,
    output_padding: tuple[int, ...],
) -> TensorType:  # fmt: skip
    _check(require, x, weight, group)
    require.equal(x.shape[1], weight.shape[0], "channels of the input and of the weight")
    require.that(weight.shape[0] % group == 0, f"{weight.shape[0]} channels, {group} groups")
    channels = weight.shape[1] * group
    _check_bias(require, bias, channels)
    windows = Windows(weight.shape[2:], strides, dilations, pads)
    windows.check(require)
    require.that(len(output_padding) == windows.rank, "output_padding must name each spatial axis")
    require.that(min(output_padding, default=0) >= 0, "output_padding must not be negative")
    for axis, size in enumerate(x.shape[2:]):
        require.at_least(size, 1, f"spatial axis {axis}: the input must have an element")
    sizes = _transposed_sizes(windows, x.shape[2:], output_padding)
    for axis, size in enumerate(sizes):
        require.at_least(size, 0, f"spatial axis {axis}: pads must not exceed the result")
    return TensorType(x.dtype, (x.shape[0], channels, *sizes))


def _transposed_sizes(windows: Windows, sizes: Shape, output_padding: tuple[int, ...]) -> Shape:
    return tuple(
        (size - 1) * windows.strides[k]
        + (windows.reach(k) - windows.before[k] - windows.after[k] + output_padding[k])
        for k, size in enumerate(sizes)
    )


def _evaluate_transposed(
    x: Array, weight: Array, bias: Array | None,
    *, strides: tuple[int, ...], dilations: tuple[int, ...], pads: tuple[int, ...], group: int,
    output_padding: tuple[int, ...],
) -> Array:  # fmt: skip
    windows = Windows(weight.shape[2:], strides, dilations, pads)
    sizes = integers(_transposed_sizes(windows, x.shape[2:], output_padding))
    batch, per_group = x.shape[0], weight.shape[1]
    full = [
        n + low + high for n, low, high in zip(sizes, windows.before, windows.after, strict=True)
    ]
    result = np.zeros((batch, group, per_group, *full))
    grouped = widened(x).reshape(batch, group, x.shape[1] // group, *x.shape[2:])
    filters = widened(weight).reshape(group, -1, *weight.shape[1:])
    for offset in cartesian(*map(range, weight.shape[2:])) if grouped.size else ():
        taken: Any = (..., *offset)
        part = np.einsum("ngc...,gcm->ngm...", grouped, filters[taken], optimize=False)
        at: list[Any] = [
            slice(k * d, k * d + (n - 1) * s + 1, s)
            for k, d, n, s in zip(offset, dilations, x.shape[2:], strides, strict=True)
        ]
        result[(Ellipsis, *at)] += part
    kept: list[Any] = [slice(low, low + n) for low, n in zip(windows.before, sizes, strict=True)]
    cropped = result[(Ellipsis, *kept)].reshape(batch, group * per_group, *sizes)
    return _biased(cropped, bias).astype(x.dtype)


def _lower_transposed(
    index: Index, x: Read, weight: Read, bias: Read | None,
    *, strides: tuple[int, ...], dilations: tuple[int, ...], pads: tuple[int, ...], group: int,
    output_padding: tuple[int, ...],
) -> Expr:  # fmt: skip
    del output_padding
    batch, output, *place = index
    windows = Windows(weight.shape[2:], strides, dilations, pads)
    channel, *offsets = fold_variables(index, 1 + windows.rank)
    per_group = weight.shape[1]
    first = _first_channel(output, per_group * group, x.shape[1], group)
    conditions: list[Expr] = []
    source: list[Expr] = []
    for axis, (i, k) in enumerate(zip(place, offsets, strict=True)):
        reach = i + windows.before[axis] - k * dilations[axis]
        quotient = reach // Const(strides[axis], INT64)
        size = x.shape[2 + axis]
        conditions += [reach >= 0, quotient < extent(size)]
        if strides[axis] > 1:
            conditions.append(expr.equal(reach % Const(strides[axis], INT64), 0))
        source.append(clamped(quotient, size))
    element = selected(conjunction(conditions), x(batch, first + channel, *source), 0.0)
    column = output if group == 1 else output % extent(per_group)
    body = element * weight(first + channel, column, *offsets)
    sizes = (x.shape[1] // group, *weight.shape[2:])
    total = Reduce("sum", bound_axes([channel, *offsets], sizes), body)
    return total if bias is None else total + bias(output)


CONV_TRANSPOSE = Op(
    name="conv_transpose", kind="contract", inputs=INPUTS,
    attributes=(
        STRIDES, DILATIONS, PADS, GROUP,
        AttributeSpec("output_padding", "ints", doc="added to the result after each spatial axis"),
    ),
    infer_rule=_infer_transposed, evaluate_rule=_evaluate_transposed,
    lower_rule=_lower_transposed, precision=ACCUMULATED,
    doc="The adjoint of conv: every input element adds weight, scaled, around its place.",
    examples=(
        _case((1, 3, 4, 5), (3, 4, 3, 3), (2, 2), (1, 1, 1, 1), bias=4, output_padding=(1, 0)),
        _case((2, 4, 3, 3), (4, 2, 2, 2), (1, 1), (0, 0, 0, 0), output_padding=(0, 0)),
        _case((1, 4, 5, 4), (4, 3, 3, 2), (3, 1), (0, 1, 2, 0), (1, 2), 2, 6,
              output_padding=(0, 0)),
        _case((1, 2, 7), (2, 3, 4), (2,), (1, 1), output_padding=(0,)),
        _case((0, 3, 4, 4), (3, 2, 2, 2), (2, 2), (0, 0, 0, 0), output_padding=(0, 0)),
        _case((BATCH, 2, 3, 3), (2, 2, 3, 3), (2, 2), (1, 1, 1, 1), output_padding=(1, 1)),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (CONV, CONV_TRANSPOSE)
