# SPDX-License-Identifier: Apache-2.0
"""Index ops: each result element is one input element (or a fill), found by index arithmetic.

Where an index may leave its tensor the lowering clamps it before the read: see `read.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, Reduce
from ingot.ops.axes import AXIS, check_axis, fold_variables, replaced
from ingot.ops.domains import ANY, BATCH, ELEMENTS, INDICES, NUMBERS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require

# --- concat


def _infer_concat(require: Require, *types: TensorType, axis: int) -> TensorType:
    first = types[0]
    check_axis(require, axis, first.rank)
    shape = list(first.shape)
    for other in types[1:]:
        require.that(
            other.rank == first.rank, f"inputs have ranks {first.rank} and {other.rank}"
        )
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
    require.that(
        len(before) == len(after) == x.rank, f"pads must name each of the {x.rank} axes"
    )
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


# --- triangle


def _infer_triangle(
    require: Require, x: TensorType, k: TensorType | None, *, upper: bool
) -> TensorType:
    require.that(x.rank >= 2, f"x has rank {x.rank}, a matrix has at least 2")
    require.that(k is None or k.rank == 0, "the diagonal must be a scalar")
    return x


def _triangle(x: Array, k: Array | None, *, upper: bool) -> Array:
    rows, columns = np.indices(x.shape[-2:])
    diagonal = 0 if k is None else int(k)
    kept = columns - rows >= diagonal if upper else columns - rows <= diagonal
    return np.where(kept, x, np.zeros((), x.dtype))


def _lower_triangle(index: Index, x: Read, k: Read | None, *, upper: bool) -> Expr:
    distance = index[-1] - index[-2]
    diagonal: Expr | int = 0 if k is None else k()
    kept = expr.greater_equal(distance, diagonal) if upper else expr.less_equal(distance, diagonal)
    return expr.where(kept, x(*index), Const(0, x.dtype))


TRIANGLE = Op(
    name="trilu", kind="index",
    inputs=(InputSpec("x", ELEMENTS), InputSpec("k", (INT64,), "K", optional=True)),
    attributes=(AttributeSpec("upper", "bool", True, doc="keep above the diagonal, else below"),),
    infer_rule=_infer_triangle, evaluate_rule=_triangle, lower_rule=_lower_triangle,
    doc="The last two axes with 0 below (or above) diagonal k.",
    examples=(
        Example((Sample((4, 5)),), {"upper": True}),
        Example((Sample((2, 5, 4)), Sample((), INT64, values=(1,))), {"upper": False}),
        Example((Sample((3, 3)), Sample((), INT64, values=(-1,))), {"upper": True}),
        Example((Sample((0, 3)),), {"upper": False}),
        Example((Sample((BATCH, 3)),), {"upper": True}, {"batch": 3}),
    ),
)  # fmt: skip


# --- one_hot


def _infer_one_hot(
    require: Require, indices: TensorType, values: TensorType, *, depth: Dim, axis: int
) -> TensorType:
    check_axis(require, axis, indices.rank + 1)
    require.that(values.shape == (2,), "values must be the pair (off, on)")
    shape = (*indices.shape[:axis], depth, *indices.shape[axis:])
    return TensorType(values.dtype, shape)


def _one_hot(indices: Array, values: Array, *, depth: int, axis: int) -> Array:
    wanted = np.expand_dims(np.where(indices < 0, indices + depth, indices), axis)
    shape = [1] * wanted.ndim
    shape[axis] = depth
    hits = (np.arange(depth).reshape(shape) == wanted).astype(np.int64)
    return np.asarray(values[hits])


def _lower_one_hot(index: Index, indices: Read, values: Read, *, depth: Dim, axis: int) -> Expr:
    raw = expr.cast(indices(*index[:axis], *index[axis + 1 :]), INT64)
    wanted = expr.where(raw < 0, raw + extent(depth), raw)
    hit = expr.equal(index[axis], wanted)
    return expr.where(hit, values(Const(1, INT64)), values(Const(0, INT64)))


ONE_HOT = Op(
    name="one_hot", kind="index",
    inputs=(InputSpec("indices", INDICES, "I"), InputSpec("values", ELEMENTS)),
    attributes=(AttributeSpec("depth", "dim", doc="size of the new axis"), AXIS),
    infer_rule=_infer_one_hot, evaluate_rule=_one_hot, lower_rule=_lower_one_hot,
    doc="values[1] where the position on the new axis is the index, else values[0].",
    examples=tuple(
        Example((Sample(shape, INT64, low=-5, high=6), Sample((2,))),
                {"depth": 5, "axis": axis}, {"batch": 3})
        for shape, axis in (((4,), 1), ((2, 3), 0), ((), 0), ((0, 2), 2), ((BATCH, 2), 1))
    ),
)  # fmt: skip


# --- cumulative sum


def _infer_cumsum(
    require: Require, x: TensorType, *, axis: int, exclusive: bool, reverse: bool
) -> TensorType:
    check_axis(require, axis, x.rank)
    return x


def _cumsum(x: Array, *, axis: int, exclusive: bool, reverse: bool) -> Array:
    wide = x.astype(np.float64) if x.dtype.kind not in "iu" else x
    flipped = np.flip(wide, axis) if reverse else wide
    total = np.cumsum(flipped, axis, dtype=wide.dtype)
    total = total - flipped if exclusive else total
    return (np.flip(total, axis) if reverse else total).astype(x.dtype)


def _lower_cumsum(
    index: Index, x: Read, *, axis: int, exclusive: bool, reverse: bool
) -> Expr:
    (k,) = fold_variables(index, 1)
    body = x(*replaced(index, axis, k))
    i = index[axis]
    counted = (k > i if exclusive else k >= i) if reverse else (k < i if exclusive else k <= i)
    return Reduce("sum", ((k, x.shape[axis]),), expr.where(counted, body, Const(0, x.dtype)))


CUMSUM = Op(
    name="cumsum", kind="index", inputs=(InputSpec("x", NUMBERS),),
    attributes=(
        AXIS,
        AttributeSpec("exclusive", "bool", False, doc="leave the element itself out"),
        AttributeSpec("reverse", "bool", False, doc="sum from the end"),
    ),
    infer_rule=_infer_cumsum, evaluate_rule=_cumsum, lower_rule=_lower_cumsum,
    doc="The running sum along an axis.", precision=Bound(norm=4),
    examples=(
        Example((Sample((3, 7)),), {"axis": 1}),
        Example((Sample((5, 3)),), {"axis": 0, "exclusive": True}),
        Example((Sample((4, 6)),), {"axis": 1, "reverse": True}),
        Example((Sample((2, 5)),), {"axis": 1, "reverse": True, "exclusive": True}),
        Example((Sample((2, 0)),), {"axis": 1}),
        Example((Sample((1,)),), {"axis": 0}),
        Example((Sample((BATCH, 4)),), {"axis": 0}, {"batch": 3}),
    ),
)  # fmt: skip


# --- sequences and sizes


def _infer_iota(
    require: Require, start: TensorType, step: TensorType, *, length: Dim
) -> TensorType:
    require.that(start.rank == step.rank == 0, "start and step must be scalars")
    return TensorType(start.dtype, (length,))


def _iota(start: Array, step: Array, *, length: int) -> Array:
    if start.dtype.kind in "iu":
        return np.asarray(start + step * np.arange(length).astype(start.dtype))
    wide = start.astype(np.float64) + step.astype(np.float64) * np.arange(length)
    return np.asarray(wide).astype(start.dtype)


def _lower_iota(index: Index, start: Read, step: Read, *, length: Dim) -> Expr:
    del length
    return start() + step() * expr.cast(index[0], start.dtype)


IOTA = Op(
    name="iota", kind="index", inputs=(InputSpec("start", NUMBERS), InputSpec("step", NUMBERS)),
    attributes=(AttributeSpec("length", "dim", doc="how many elements"),),
    infer_rule=_infer_iota, evaluate_rule=_iota, lower_rule=_lower_iota,
    doc="start, start + step, start + 2 step, and so on.", precision=Bound(relative=1, norm=1),
    examples=tuple(
        Example((Sample((), low=-9, high=9), Sample((), low=1, high=3)), {"length": length},
                {"batch": 3})
        for length in (11, 1, 0, BATCH)
    ),
)  # fmt: skip


def _infer_sizes(require: Require, *, values: tuple[Dim, ...]) -> TensorType:
    del require
    return TensorType(INT64, (len(values),))


def _sizes(*, values: tuple[int, ...]) -> Array:
    return np.array(values, np.int64).reshape(len(values))


def _lower_sizes(index: Index, *, values: tuple[Dim, ...]) -> Expr:
    value = extent(values[-1]) if values else Const(0, INT64)
    for position in reversed(range(len(values) - 1)):
        value = expr.where(index[0] <= position, extent(values[position]), value)
    return value


SIZES = Op(
    name="sizes", kind="index", inputs=(),
    attributes=(AttributeSpec("values", "dims", doc="the sizes"),),
    infer_rule=_infer_sizes, evaluate_rule=_sizes, lower_rule=_lower_sizes,
    doc="Symbolic sizes as an int64 tensor.",
    examples=tuple(
        Example((), {"values": values}, {"batch": 3})
        for values in ((1, 3, 224), (), (BATCH, BATCH * 4 + 1, 7))
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (CONCAT, PAD, TILE, TRIANGLE, ONE_HOT, CUMSUM, IOTA, SIZES)
