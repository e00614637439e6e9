# SPDX-License-Identifier: Apache-2.0
"""Pools: the greatest or the mean element of each window. A global pool is a reduction."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ingot.dims import product
from ingot.dtypes import FLOAT32, INT8, INT64, UINT8, DType
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, Reduce
from ingot.ops.axes import bound_axes, fold_variables
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.indexed import meaning
from ingot.ops.matmul import widened
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, extent
from ingot.ops.require import Require, Shape
from ingot.ops.window import CEIL, DILATIONS, PADS, STRIDES, Windows, integers, selected

KERNEL = AttributeSpec("kernel", "ints", doc="size of the window on each spatial axis")


def _infer(require: Require, x: TensorType, **geometry: Any) -> TensorType:
    geometry.pop("count_include_pad", None)
    windows = Windows(**geometry)
    require.that(
        x.rank == windows.rank + 2,
        f"x has rank {x.rank}, a kernel of {windows.rank} axes expects {windows.rank + 2}",
    )
    windows.check(require)
    return TensorType(x.dtype, (*x.shape[:2], *windows.counts(require, x.shape[2:])))


def _counts(windows: Windows, x: Array) -> list[int]:
    return integers(windows.counts(Require("pool"), x.shape[2:]))


def _fold(windows: Windows, index: Index, x: Read, kind: Any, fill: float | int) -> Expr:
    offsets = fold_variables(index, windows.rank)
    safe, inside = windows.guarded(windows.positions(index[2:], offsets), x.shape[2:])
    body = selected(inside, x(*index[:2], *safe), fill)
    return Reduce(kind, bound_axes(offsets, windows.kernel), body)


def _lowest(dtype: DType) -> float | int:
    if dtype.is_float:
        return float("-inf")
    return -(1 << (dtype.bits - 1)) if dtype.is_signed else 0


def _evaluate_max(x: Array, **geometry: Any) -> Array:
    windows = Windows(**geometry)
    fill = np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -np.inf
    patches = windows.patches(widened(x), _counts(windows, x), fill)
    return np.asarray(patches.max(tuple(range(-windows.rank, 0)))).astype(x.dtype)


def _lower_max(index: Index, x: Read, **geometry: Any) -> Expr:
    return _fold(Windows(**geometry), index, x, "max", _lowest(x.dtype))


def _evaluate_average(x: Array, *, count_include_pad: bool, **geometry: Any) -> Array:
    windows = Windows(**geometry)
    counts, axes = _counts(windows, x), tuple(range(-windows.rank, 0))
    total = windows.patches(widened(x), counts, 0.0).sum(axes)
    sizes: Any = windows.padded_sizes(x) if count_include_pad else x.shape[2:]
    flat = Windows(windows.kernel, windows.strides, windows.dilations,
                   (0,) * len(windows.pads) if count_include_pad else windows.pads,
                   windows.ceil_mode)  # fmt: skip
    divisor = flat.patches(np.ones((1, 1, *sizes)), counts, 0.0).sum(axes)
    return np.asarray(total / np.maximum(divisor, 1.0)).astype(x.dtype)


def _lower_average(index: Index, x: Read, *, count_include_pad: bool, **geometry: Any) -> Expr:
    windows = Windows(**geometry)
    total = _fold(windows, index, x, "sum", 0.0)
    divisor: Expr = Const(1, index[0].dtype)
    for axis, (place, size) in enumerate(zip(index[2:], x.shape[2:], strict=True)):
        divisor = divisor * _counted(windows, axis, place, size, count_include_pad)
    return total / expr.cast(expr.maximum(divisor, 1), x.dtype)


def _counted(windows: Windows, axis: int, place: Expr, size: Any, padded: bool) -> Expr:
    """How many of a window's positions on `axis` lie inside the input (or its padding)."""
    kernel, low, high = extent(windows.kernel[axis]), windows.before[axis], windows.after[axis]
    dilation = Const(windows.dilations[axis], place.dtype)
    start = place * windows.strides[axis] - low
    end = extent(size) + (high if padded else 0)
    if (padded or not low) and not windows.ceil_mode and (padded or not high):
        return kernel
    last = expr.minimum(kernel, (end - start + (dilation - 1)) // dilation)
    if padded or not low:
        return last
    first = expr.maximum((dilation - 1 - start) // dilation, 0)
    return last - first


def _case(
    x: Shape, kernel: tuple[int, ...], strides: tuple[int, ...], pads: tuple[int, ...],
    dilations: tuple[int, ...] = (), **more: bool,
) -> Example:  # fmt: skip
    attributes = {
        "kernel": kernel, "strides": strides, "pads": pads,
        "dilations": dilations or (1,) * len(kernel), **more,
    }  # fmt: skip
    return Example((Sample(x),), attributes, {"batch": 3})


CASES = (
    _case((1, 3, 9, 9), (3, 3), (2, 2), (1, 1, 1, 1)),
    _case((2, 4, 8, 7), (2, 2), (2, 2), (0, 0, 0, 0)),
    _case((1, 2, 8, 8), (3, 3), (2, 2), (0, 0, 0, 0), ceil_mode=True),
    _case((1, 2, 7, 7), (3, 2), (3, 2), (1, 0, 1, 1), ceil_mode=True),
    _case((1, 2, 11, 10), (3, 3), (1, 2), (2, 1, 2, 1), (2, 2)),
    _case((1, 5, 13), (4,), (3,), (1, 2)),
    _case((1, 2, 4, 5, 6), (2, 3, 2), (1, 2, 2), (0, 1, 0, 1, 1, 0)),
    _case((1, 1, 1, 1), (1, 1), (1, 1), (0, 0, 0, 0)),
    _case((0, 2, 4, 4), (2, 2), (2, 2), (0, 0, 0, 0)),
    _case((BATCH, 3, 6, 6), (3, 3), (1, 1), (1, 1, 1, 1)),
)
INCLUDING = (
    _case((1, 3, 9, 9), (3, 3), (2, 2), (1, 1, 1, 1), count_include_pad=True),
    _case((1, 2, 8, 8), (3, 3), (2, 2), (1, 1, 1, 1), ceil_mode=True, count_include_pad=True),
)

MAX_POOL = Op(
    name="max_pool", kind="contract", inputs=(InputSpec("x", (*REALS, INT8, UINT8)),),
    attributes=(KERNEL, STRIDES, DILATIONS, PADS, CEIL), infer_rule=_infer,
    evaluate_rule=_evaluate_max, lower_rule=_lower_max, examples=CASES,
    doc="The greatest element of each window; NaN if one is NaN; padding never wins.",
)  # fmt: skip
AVERAGE_POOL = Op(
    name="average_pool", kind="contract", inputs=(InputSpec("x", REALS),),
    attributes=(
        KERNEL, STRIDES, DILATIONS, PADS, CEIL,
        AttributeSpec("count_include_pad", "bool", False, doc="count padding in the divisor"),
    ),
    infer_rule=_infer, evaluate_rule=_evaluate_average, lower_rule=_lower_average,
    examples=(*CASES, *INCLUDING), precision=Bound(norm=2),
    doc="The mean element of each window, over the elements inside the input or, if padding "
    "counts, inside the padded input.",
)  # fmt: skip


def _infer_places(require: Require, x: TensorType, *, column_major: bool, **geometry: Any) -> Any:
    del column_major
    return TensorType(INT64, _infer(require, x, **geometry).shape)


def _lower_places(index: Index, x: Read, *, column_major: bool, **geometry: Any) -> Expr:
    windows = Windows(**geometry)
    best = _fold(windows, index, x, "argmax", _lowest(x.dtype))
    offsets: list[Expr] = []
    for size in reversed(windows.kernel):
        offsets.insert(0, best % extent(size))
        best = best // extent(size)
    place = windows.positions(index[2:], offsets)
    sizes = x.shape[2:]
    # Where all that a window holds is the least value, padding ties with it and comes first.
    steps = (Const(step, INT64) for step in windows.dilations)
    place = [expr.where(at < 0, at % step, at) for at, step in zip(place, steps, strict=True)]
    plane: Expr = Const(0, INT64)
    order = range(windows.rank)
    for axis in reversed(order) if column_major else order:
        plane = plane * extent(sizes[axis]) + place[axis]
    channel = index[0] * extent(x.shape[1]) + index[1]
    return channel * extent(product(sizes)) + plane


MAX_POOL_PLACES = Op(
    name="max_pool_places", kind="contract", inputs=(InputSpec("x", (*REALS, INT8, UINT8)),),
    attributes=(
        KERNEL, STRIDES, DILATIONS, PADS, CEIL,
        AttributeSpec("column_major", "bool", False, doc="count down the first spatial axis"),
    ),
    infer_rule=_infer_places, lower_rule=_lower_places,
    evaluate_rule=meaning("max_pool_places", _infer_places, _lower_places),
    examples=(*CASES[:1], *CASES[3:],
              *(replace(case, attributes={**case.attributes, "column_major": True}, only=(FLOAT32,))
                for case in CASES[3:7])),
    doc="Where the greatest element of each window stands in x, as one number that counts all its "
    "elements; the first of several, and NaN is greatest.",
)  # fmt: skip

OPS: tuple[Op, ...] = (MAX_POOL, AVERAGE_POOL, MAX_POOL_PLACES)
