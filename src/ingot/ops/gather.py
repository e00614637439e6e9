# SPDX-License-Identifier: Apache-2.0
"""Gather: elements found by indices that come from a tensor.

Negative indices count from the end. An index out of range is a fault, never a stray access.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ingot.dtypes import INT64
from ingot.errors import RunError
from ingot.ir.graph import Array, TensorType
from ingot.kernel.expr import Const, Expr, checked_index
from ingot.ops.axes import AXIS, check_axis, replaced
from ingot.ops.domains import ANY, BATCH, ELEMENTS, INDICES
from ingot.ops.example import Example, Sample
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read
from ingot.ops.require import Require, Shape

INDEX = InputSpec("indices", INDICES, "I")
BATCH_DIMS = AttributeSpec("batch_dims", "int", 0, doc="leading axes that both tensors share")


def normalised(indices: Array, size: int) -> Array:
    """Indices counted from the start; raises RunError where one is out of range."""
    wide = indices.astype(np.int64)
    bad = (wide < -size) | (wide >= size)
    if bad.any():
        raise RunError(
            f"index {wide[bad].flat[0]}: out of range for an axis of size {size}",
            cure="check the input that holds the indices",
        )
    return np.where(wide < 0, wide + size, wide)


# --- gather


def _infer_gather(require: Require, x: TensorType, indices: TensorType, *, axis: int) -> TensorType:
    check_axis(require, axis, x.rank)
    return TensorType(x.dtype, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


def _gather(x: Array, indices: Array, *, axis: int) -> Array:
    return np.asarray(np.take(x, normalised(indices, x.shape[axis]), axis))


def _lower_gather(index: Index, x: Read, indices: Read, *, axis: int) -> Expr:
    end = axis + indices.rank
    chosen = checked_index(indices(*index[axis:end]), x.shape[axis])
    return x(*index[:axis], chosen, *index[end:])


def index_sample(shape: Shape, size: int) -> Sample:
    """Indices into an axis of `size`, negative ones among them."""
    return Sample(shape, low=-size, high=size - 1, dtype=INT64)


GATHER = Op(
    name="gather", kind="index", inputs=(InputSpec("x", ANY), INDEX), attributes=(AXIS,),
    infer_rule=_infer_gather, evaluate_rule=_gather, lower_rule=_lower_gather, can_fault=True,
    doc="Slices of x along an axis, chosen by indices.",
    examples=tuple(
        Example((Sample(x), index_sample(at, 5)), {"axis": axis}, {"batch": 3}, ELEMENTS)
        for x, at, axis in (
            ((5, 7), (4,), 0), ((3, 5), (2, 3), 1), ((2, 5, 4), (), 1), ((5,), (1,), 0),
            ((5, 3), (0,), 0), ((5, 6), (BATCH, 2), 0), ((BATCH, 5), (2,), 1),
        )
    ),
)  # fmt: skip


# --- gather_elements


def check_within(require: Require, x: TensorType, indices: TensorType, axis: int) -> None:
    """Demand that indices fit into x on every other axis than `axis`."""
    check_axis(require, axis, x.rank)
    require.that(x.rank == indices.rank, f"x has rank {x.rank}, indices have rank {indices.rank}")
    for k, (size, count) in enumerate(zip(x.shape, indices.shape, strict=True)):
        if k != axis:
            require.at_least(size, count, f"axis {k} of x must hold that of indices")


def _infer_gather_elements(
    require: Require, x: TensorType, indices: TensorType, *, axis: int
) -> TensorType:
    check_within(require, x, indices, axis)
    return TensorType(x.dtype, indices.shape)


def _gather_elements(x: Array, indices: Array, *, axis: int) -> Array:
    at: list[Array] = list(np.indices(indices.shape, sparse=True))
    at[axis] = normalised(indices, x.shape[axis])
    return np.asarray(x[tuple(at)]).reshape(indices.shape)


def _lower_gather_elements(index: Index, x: Read, indices: Read, *, axis: int) -> Expr:
    return x(*replaced(index, axis, checked_index(indices(*index), x.shape[axis])))


GATHER_ELEMENTS = Op(
    name="gather_elements", kind="index", inputs=(InputSpec("x", ANY), INDEX), attributes=(AXIS,),
    infer_rule=_infer_gather_elements, evaluate_rule=_gather_elements, can_fault=True,
    lower_rule=_lower_gather_elements,
    doc="For each index, the element of x at the same place but with that index on the axis.",
    examples=tuple(
        Example((Sample(x), index_sample(at, 5)), {"axis": axis}, {"batch": 3}, ELEMENTS)
        for x, at, axis in (
            ((5, 7), (3, 7), 0), ((3, 5), (2, 9), 1), ((2, 5, 4), (2, 1, 4), 1), ((5,), (1,), 0),
            ((5, 3), (0, 3), 0), ((BATCH, 5), (BATCH, 4), 1),
        )
    ),
)  # fmt: skip


# --- gather_nd


def _infer_gather_nd(
    require: Require, x: TensorType, indices: TensorType, *, batch_dims: int
) -> TensorType:
    depth = tuple_depth(require, x, indices, batch_dims)
    for axis in range(batch_dims):
        require.equal(x.shape[axis], indices.shape[axis], f"sizes of batch axis {axis}")
    return TensorType(x.dtype, (*indices.shape[:-1], *x.shape[batch_dims + depth :]))


def tuple_depth(require: Require, x: TensorType, indices: TensorType, batch_dims: int) -> int:
    """The length of the index tuples that lie along the last axis of indices."""
    require.that(indices.rank >= 1, "indices need a last axis that holds index tuples")
    depth = indices.shape[-1]
    if not isinstance(depth, int):
        require.that(False, f"the last axis of indices has the unknown size {depth}")
        raise AssertionError
    require.that(
        0 <= batch_dims < max(indices.rank, 1) and batch_dims + depth <= x.rank,
        f"index tuples of length {depth} after {batch_dims} batch axes do not fit rank {x.rank}",
    )
    return depth


def _gather_nd(x: Array, indices: Array, *, batch_dims: int) -> Array:
    lead = indices.shape[:-1]
    at: list[Any] = [np.broadcast_to(i, lead) for i in np.indices(lead, sparse=True)[:batch_dims]]
    for k in range(indices.shape[-1]):
        at.append(normalised(indices[..., k], x.shape[batch_dims + k]))
    shape = (*lead, *x.shape[batch_dims + indices.shape[-1] :])
    return np.array(np.broadcast_to(x[tuple(at)], shape))


def _lower_gather_nd(index: Index, x: Read, indices: Read, *, batch_dims: int) -> Expr:
    lead = index[: indices.rank - 1]
    depth = indices.shape[-1]
    assert isinstance(depth, int)
    chosen = [
        checked_index(indices(*lead, Const(k, INT64)), x.shape[batch_dims + k])
        for k in range(depth)
    ]
    return x(*index[:batch_dims], *chosen, *index[len(lead) :])


GATHER_ND = Op(
    name="gather_nd", kind="index", inputs=(InputSpec("x", ANY), INDEX), attributes=(BATCH_DIMS,),
    infer_rule=_infer_gather_nd, evaluate_rule=_gather_nd, lower_rule=_lower_gather_nd,
    can_fault=True, doc="Slices of x chosen by index tuples that lie along the last axis.",
    examples=tuple(
        Example((Sample(x), index_sample(at, 4)), {"batch_dims": batch}, {"batch": 3}, ELEMENTS)
        for x, at, batch in (
            ((5, 7), (3, 2), 0), ((5, 7), (2, 4, 1), 0), ((2, 5, 4), (2, 3, 1), 1),
            ((2, 4, 5, 6), (2, 3, 2), 1), ((5,), (1,), 0), ((4, 4), (0, 2), 0),
            ((BATCH, 5), (BATCH, 1), 1), ((4, 5), (BATCH, 2), 0),
        )
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (GATHER, GATHER_ELEMENTS, GATHER_ND)
