# SPDX-License-Identifier: Apache-2.0
"""Index ops whose elements depend on where they stand: triangles, one-hot rows, sequences, and
sizes as a tensor.
"""

from __future__ import annotations

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr
from ingot.ops.axes import AXIS, check_axis
from ingot.ops.domains import BATCH, ELEMENTS, INDICES, NUMBERS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, extent
from ingot.ops.require import Require

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

OPS: tuple[Op, ...] = (TRIANGLE, ONE_HOT, IOTA, SIZES)
