# SPDX-License-Identifier: Apache-2.0
"""Index ops: each result element is one input element (or a fill), found by index arithmetic.

Where an index may leave its tensor the lowering clamps it before the read: see `read.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr
from ingot.ops.axes import AXIS, check_axis, replaced
from ingot.ops.domains import ANY, BATCH, ELEMENTS
from ingot.ops.example import Example, Sample
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require

# --- concat


def _infer_concat(require: Require, *types: TensorType, axis: int) -> TensorType:
    first = types[0]
    check_axis(require, axis, first.rank)
    shape = list(first.shape)
    for other in types[1:]:
        require.that(other.rank == first.rank, f"inputs have ranks {first.rank} and {other.rank}")
        for k, size in enumerate(other.shape):
            if k == axis:
                shape[k] = shape[k] + size
            else:
                shape[k] = require.equal(shape[k], size, f"sizes of the inputs on axis {k}")
    return TensorType(first.dtype, tuple(shape))


def _concat(*arrays: Array, axis: int) -> Array:
    return np.concatenate(arrays, axis)


def _lower_concat(index: Index, *reads: Read, axis: int) -> Expr:
    """Nested choices from the last input to the first, each read at a clamped index."""
    parts: list[tuple[Expr, Dim]] = []
    start: Dim = 0
    for read in reads:
        size = read.shape[axis]
        if size != 0:
            local = clamped(index[axis] - extent(start), size)
            parts.append((read(*replaced(index, axis, local)), start))
        start = start + size
    value, start = parts.pop() if parts else (reads[0](*index), 0)
    while parts:
        previous, previous_start = parts.pop()
        value = expr.where(index[axis] < extent(start), previous, value)
        start = previous_start
    return value


CONCAT = Op(
    name="concat", kind="index", inputs=(InputSpec("x", ANY, variadic=True),), attributes=(AXIS,),
    infer_rule=_infer_concat, evaluate_rule=_concat, lower_rule=_lower_concat,
    doc="The inputs one after the other along an axis.",
    examples=tuple(
        Example(tuple(map(Sample, shapes)), {"axis": axis}, {"batch": 3}, ELEMENTS)
        for axis, shapes in (
            (0, ((2, 5), (3, 5))), (1, ((4, 7), (4, 1), (4, 9))), (0, ((3,),)),
            (1, ((2, 0), (2, 3), (2, 0))), (0, ((0, 2), (0, 2))), (0, ((BATCH, 4), (2, 4))),
            (1, ((BATCH, 4), (BATCH, 3))),
        )
    ),
)  # fmt: skip


# --- pad


def _infer_pad(
    require: Require, x: TensorType, value: TensorType | None,
    *, before: tuple[Dim, ...], after: tuple[Dim, ...], mode: str,
) -> TensorType:  # fmt: skip
    require.that(len(before) == len(after) == x.rank, f"pads must name each of the {x.rank} axes")
    require.that(value is None or value.rank == 0, "the fill value must be a scalar")
    for axis, (size, low, high) in enumerate(zip(x.shape, before, after, strict=True)):
        if mode in ("reflect", "edge", "wrap") and (low != 0 or high != 0):
            require.at_least(size, 1, f"axis {axis} must not be empty to be padded by {mode}")
    shape = tuple(s + low + high for s, low, high in zip(x.shape, before, after, strict=True))
    return TensorType(x.dtype, shape)


def _pad(
    x: Array, value: Array | None,
    *, before: tuple[int, ...], after: tuple[int, ...], mode: str,
) -> Array:  # fmt: skip
    for axis, (low, high) in enumerate(zip(before, after, strict=True)):
        x = _pad_axis(x, axis, low, high, mode, 0 if value is None else value)
    return x


def _pad_axis(x: Array, axis: int, low: int, high: int, mode: str, value: Any) -> Array:
    size = x.shape[axis]
    position = np.arange(-low, size + high)
    if mode == "edge":
        source = np.clip(position, 0, size - 1)
    elif mode == "wrap":
        source = position % max(size, 1)
    elif mode == "reflect":
        period = max(2 * (size - 1), 1)
        source = np.abs((position + size - 1) % period - (size - 1)) if size > 1 else position * 0
    else:
        return _pad_constant(x, axis, position, value)
    return np.take(x, source, axis)


def _pad_constant(x: Array, axis: int, position: Array, value: Any) -> Array:
    inside = (position >= 0) & (position < x.shape[axis])
    shape = (*x.shape[:axis], len(position), *x.shape[axis + 1 :])
    result = np.full(shape, value, x.dtype)
    at: list[Any] = [slice(None)] * x.ndim
    at[axis] = inside
    result[tuple(at)] = np.take(x, position[inside], axis)
    return result


def _lower_pad(
    index: Index, x: Read, value: Read | None,
    *, before: tuple[Dim, ...], after: tuple[Dim, ...], mode: str,
) -> Expr:  # fmt: skip
    source: list[Expr] = []
    inside: list[Expr] = []
    for i, size, low, high in zip(index, x.shape, before, after, strict=True):
        position = i - extent(low)
        if low == 0 and high == 0:
            source.append(i)
        elif mode == "constant":
            inside += _within(position, size, low, high)
            source.append(clamped(position, size))
        else:
            source.append(_folded(position, size, mode))
    if not inside:
        return x(*source)
    condition = inside[0]
    for other in inside[1:]:
        condition = expr.logical_and(condition, other)
    fill = Const(0, x.dtype) if value is None else value()
    return expr.where(condition, x(*source), fill)


def _within(position: Expr, size: Dim, low: Dim, high: Dim) -> list[Expr]:
    checks = [position >= 0] if low != 0 else []
    return [*checks, position < extent(size)] if high != 0 else checks


def _folded(position: Expr, size: Dim, mode: str) -> Expr:
    if mode == "edge" or size == 1:
        return clamped(position, size)
    if mode == "wrap":
        return position % extent(size)
    last = extent(size) - 1
    period = expr.maximum(last * 2, 1)
    return expr.abs((position + last) % period - last)


def _pad_example(
    shape: tuple[Dim, ...], before: tuple[Dim, ...], after: tuple[Dim, ...], mode: str,
    value: Sample | None = None,
) -> Example:  # fmt: skip
    attributes = {"before": before, "after": after, "mode": mode}
    inputs = (Sample(shape),) if value is None else (Sample(shape), value)
    return Example(inputs, attributes, {"batch": 3}, ELEMENTS)


PAD = Op(
    name="pad", kind="index",
    inputs=(InputSpec("x", ANY), InputSpec("value", ANY, optional=True)),
    attributes=(
        AttributeSpec("before", "dims", doc="elements added before each axis; below 0 crops"),
        AttributeSpec("after", "dims", doc="elements added after each axis; below 0 crops"),
        AttributeSpec("mode", "str", "constant", ("constant", "edge", "reflect", "wrap"),
                      "where added elements come from"),
    ),
    infer_rule=_infer_pad, evaluate_rule=_pad, lower_rule=_lower_pad,
    doc="x with elements added at the ends of its axes: the fill value, or elements of x.",
    examples=(
        _pad_example((3, 5), (1, 2), (0, 3), "constant", Sample((), low=1, high=3)),
        _pad_example((3, 5), (0, 2), (2, 1), "constant"),
        _pad_example((4, 6), (-1, 2), (1, -2), "constant", Sample((), low=1, high=3)),
        _pad_example((3, 5), (2, 4), (3, 0), "edge"),
        _pad_example((4, 5), (3, 2), (1, 4), "reflect"),
        _pad_example((3, 5), (2, 5), (3, 1), "wrap"),
        _pad_example((0, 2), (1, 0), (1, 1), "constant"),
        _pad_example((1, 3), (2, 0), (1, 2), "reflect"),
        _pad_example((BATCH, 5), (1, 1), (0, 1), "constant"),
        _pad_example((BATCH, 5), (2, 0), (1, 1), "reflect"),
    ),
)  # fmt: skip


# --- tile


def _infer_tile(require: Require, x: TensorType, *, repeats: tuple[Dim, ...]) -> TensorType:
    require.that(len(repeats) == x.rank, f"repeats must name each of the {x.rank} axes")
    return TensorType(x.dtype, tuple(s * n for s, n in zip(x.shape, repeats, strict=True)))


def _tile(x: Array, *, repeats: tuple[int, ...]) -> Array:
    return np.tile(x, repeats)


def _lower_tile(index: Index, x: Read, *, repeats: tuple[Dim, ...]) -> Expr:
    pairs = zip(index, x.shape, repeats, strict=True)
    return x(*(i if n == 1 else i % extent(size) for i, size, n in pairs))


TILE = Op(
    name="tile", kind="index", inputs=(InputSpec("x", ANY),),
    attributes=(AttributeSpec("repeats", "dims", doc="how often each axis is repeated"),),
    infer_rule=_infer_tile, evaluate_rule=_tile, lower_rule=_lower_tile,
    doc="x repeated along its axes.",
    examples=tuple(
        Example((Sample(shape),), {"repeats": repeats}, {"batch": 3}, ELEMENTS)
        for shape, repeats in (
            ((2, 3), (2, 1)), ((3, 1, 4), (1, 5, 2)), ((), ()), ((2, 3), (0, 2)),
            ((BATCH, 2), (1, 3)), ((1, 2), (BATCH, 1)),
        )
    ),
)  # fmt: skip


OPS: tuple[Op, ...] = (CONCAT, PAD, TILE)
