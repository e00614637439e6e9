# SPDX-License-Identifier: Apache-2.0
"""Gather and scatter: elements found, or placed, by indices that come from a tensor.

Negative indices count from the end. An index out of range is a fault, never a stray access.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.errors import RunError
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, Reduce, Var, checked_index
from ingot.ops.axes import AXIS, bound_axes, check_axis, fold_variables, replaced
from ingot.ops.domains import ANY, BATCH, ELEMENTS, INDICES, NUMBERS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.matmul import widened
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require, Shape
from ingot.ops.views import unflatten
from ingot.ops.window import conjunction

INDEX = InputSpec("indices", INDICES, "I")
BATCH_DIMS = AttributeSpec("batch_dims", "int", 0, doc="leading axes that both tensors share")
REDUCTION = AttributeSpec(
    "reduction", "str", "none", ("none", "add", "mul", "max", "min"), "how updates combine"
)


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


def _infer_gather(
    require: Require, x: TensorType, indices: TensorType, *, axis: int
) -> TensorType:
    check_axis(require, axis, x.rank)
    return TensorType(x.dtype, (*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]))


def _gather(x: Array, indices: Array, *, axis: int) -> Array:
    return np.asarray(np.take(x, normalised(indices, x.shape[axis]), axis))


def _lower_gather(index: Index, x: Read, indices: Read, *, axis: int) -> Expr:
    end = axis + indices.rank
    chosen = checked_index(indices(*index[axis:end]), x.shape[axis])
    return x(*index[:axis], chosen, *index[end:])


def _indices(shape: Shape, size: int) -> Sample:
    return Sample(shape, low=-size, high=size - 1, dtype=INT64)


GATHER = Op(
    name="gather", kind="index", inputs=(InputSpec("x", ANY), INDEX), attributes=(AXIS,),
    infer_rule=_infer_gather, evaluate_rule=_gather, lower_rule=_lower_gather, can_fault=True,
    doc="Slices of x along an axis, chosen by indices.",
    examples=tuple(
        Example((Sample(x), _indices(at, 5)), {"axis": axis}, {"batch": 3}, ELEMENTS)
        for x, at, axis in (
            ((5, 7), (4,), 0), ((3, 5), (2, 3), 1), ((2, 5, 4), (), 1), ((5,), (1,), 0),
            ((5, 3), (0,), 0), ((5, 6), (BATCH, 2), 0), ((BATCH, 5), (2,), 1),
        )
    ),
)  # fmt: skip


# --- gather_elements


def _infer_gather_elements(
    require: Require, x: TensorType, indices: TensorType, *, axis: int
) -> TensorType:
    check_axis(require, axis, x.rank)
    require.that(x.rank == indices.rank, f"x has rank {x.rank}, indices have rank {indices.rank}")
    for k, (size, count) in enumerate(zip(x.shape, indices.shape, strict=True)):
        if k != axis:
            require.at_least(size, count, f"axis {k} of x must hold that of indices")
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
        Example((Sample(x), _indices(at, 5)), {"axis": axis}, {"batch": 3}, ELEMENTS)
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
    depth = _tuple_depth(require, x, indices, batch_dims)
    for axis in range(batch_dims):
        require.equal(x.shape[axis], indices.shape[axis], f"sizes of batch axis {axis}")
    return TensorType(x.dtype, (*indices.shape[:-1], *x.shape[batch_dims + depth :]))


def _tuple_depth(require: Require, x: TensorType, indices: TensorType, batch_dims: int) -> int:
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
    at: list[Any] = [
        np.broadcast_to(i, lead) for i in np.indices(lead, sparse=True)[:batch_dims]
    ]
    for k in range(indices.shape[-1]):
        at.append(normalised(indices[..., k], x.shape[batch_dims + k]))
    shape = (*lead, *x.shape[batch_dims + indices.shape[-1] :])
    return np.array(x[tuple(at)]).reshape(shape)


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
        Example((Sample(x), _indices(at, 4)), {"batch_dims": batch}, {"batch": 3}, ELEMENTS)
        for x, at, batch in (
            ((5, 7), (3, 2), 0), ((5, 7), (2, 4, 1), 0), ((2, 5, 4), (2, 3, 1), 1),
            ((2, 4, 5, 6), (2, 3, 2), 1), ((5,), (1,), 0), ((4, 4), (0, 2), 0),
            ((BATCH, 5), (BATCH, 1), 1), ((4, 5), (BATCH, 2), 0),
        )
    ),
)  # fmt: skip


# --- scatter: how updates combine


_NUMPY_COMBINE: Mapping[str, Callable[[Array, Any, Array], None]] = {
    "add": np.add.at,
    "mul": np.multiply.at,
    "max": np.maximum.at,
    "min": np.minimum.at,
}
_FOLDS: Mapping[str, tuple[Any, Callable[[Expr, Expr], Expr]]] = {
    "add": ("sum", expr.add),
    "mul": ("prod", expr.mul),
    "max": ("max", expr.maximum),
    "min": ("min", expr.minimum),
}


def _placed(x: Array, at: Any, updates: Array, reduction: str) -> Array:
    """A copy of x with updates placed in order, so that of equal places the last one wins."""
    result = np.array(x) if reduction == "none" else np.array(widened(x))
    with np.errstate(all="ignore"):
        if reduction == "none":
            _assign_in_order(result, at, updates)
        else:
            _NUMPY_COMBINE[reduction](result, at, widened(updates))
        return result.astype(x.dtype)


def _assign_in_order(result: Array, at: Any, updates: Array) -> None:
    index = [np.broadcast_to(part, updates.shape).reshape(-1) for part in at]
    for position, value in enumerate(updates.reshape(-1)):
        result[tuple(part[position] for part in index)] = value


def _combined(
    original: Expr, match: Expr, update: Expr, axes: Sequence[tuple[Var, Dim]],
    pick: Callable[[Expr], Expr], reduction: str,
) -> Expr:  # fmt: skip
    """The element after all updates that match it; `pick` reads the update at a flat position."""
    if reduction == "none":
        found = Reduce("any", axes, match)
        ranks = expr.where(match, Const(1, INT64), Const(0, INT64))
        return expr.where(found, pick(Reduce("argmax_last", axes, ranks)), original)
    kind, combine = _FOLDS[reduction]
    neutral = _neutral(reduction, update)
    return combine(original, Reduce(kind, axes, expr.where(match, update, neutral)))


def _neutral(reduction: str, like: Expr) -> Expr:
    if reduction in ("add", "mul"):
        return Const(0 if reduction == "add" else 1, like.dtype)
    if like.dtype.is_float:
        return Const(float("-inf" if reduction == "max" else "inf"), like.dtype)
    bits = like.dtype.bits - (1 if like.dtype.is_signed else 0)
    low = -(1 << bits) if like.dtype.is_signed else 0
    return Const(low if reduction == "max" else (1 << bits) - 1, like.dtype)


# --- scatter_elements


def _infer_scatter_elements(
    require: Require, x: TensorType, indices: TensorType, updates: TensorType,
    *, axis: int, reduction: str,
) -> TensorType:  # fmt: skip
    _infer_gather_elements(require, x, indices, axis=axis)
    require.that(indices.rank == updates.rank, "indices and updates must have one rank")
    for k, (left, right) in enumerate(zip(indices.shape, updates.shape, strict=True)):
        require.equal(left, right, f"sizes of indices and updates on axis {k}")
    _check_combines(require, x, reduction)
    return x


def _check_combines(require: Require, x: TensorType, reduction: str) -> None:
    require.that(
        reduction == "none" or x.dtype in NUMBERS, f"{x.dtype} elements do not {reduction}"
    )


def _scatter_elements(
    x: Array, indices: Array, updates: Array, *, axis: int, reduction: str
) -> Array:
    grid: tuple[Array, ...] = np.indices(indices.shape, sparse=True)
    at = [np.broadcast_to(place, indices.shape) for place in grid]
    at[axis] = normalised(indices, x.shape[axis])
    return _placed(x, tuple(at), updates, reduction)


def _lower_scatter_elements(
    index: Index, x: Read, indices: Read, updates: Read, *, axis: int, reduction: str
) -> Expr:
    (k,) = fold_variables(index, 1)
    place: list[Expr] = []
    inside: list[Expr] = []
    for j, (i, size, count) in enumerate(zip(index, x.shape, indices.shape, strict=True)):
        if j == axis:
            place.append(k)
        elif size == count:
            place.append(i)
        else:
            place.append(clamped(i, count))
            inside.append(i < extent(count))
    target = checked_index(indices(*place), x.shape[axis])
    match = conjunction([*inside, expr.equal(target, index[axis])])
    assert match is not None

    def pick(position: Expr) -> Expr:
        return updates(*replaced(tuple(place), axis, clamped(position, indices.shape[axis])))

    axes = ((k, indices.shape[axis]),)
    return _combined(x(*index), match, updates(*place), axes, pick, reduction)


def _scatter_cases(cases: Sequence[tuple[Shape, Shape, Shape, int | None]]) -> tuple[Example, ...]:
    key = "axis"
    return tuple(
        Example(
            (Sample(x), _indices(at, 4), Sample(updates)),
            {"reduction": reduction, **({} if axis is None else {key: axis})},
            {"batch": 3}, ELEMENTS if reduction == "none" else NUMBERS,
        )
        for x, at, updates, axis in cases
        for reduction in ("none", "add", "mul", "max", "min")
    )  # fmt: skip


SCATTER_ELEMENTS = Op(
    name="scatter_elements", kind="index",
    inputs=(InputSpec("x", ELEMENTS), INDEX, InputSpec("updates", ELEMENTS)),
    attributes=(AXIS, REDUCTION), infer_rule=_infer_scatter_elements,
    evaluate_rule=_scatter_elements, lower_rule=_lower_scatter_elements, can_fault=True,
    precision=Bound(relative=4, norm=4),
    doc="x with each update placed where it stands but for its index on the axis; of updates at "
    "one place the last one wins, or all combine.",
    examples=_scatter_cases(
        (((4, 6), (3, 6), (3, 6), 0), ((3, 5), (2, 4), (2, 4), 1), ((5,), (0,), (0,), 0),
         ((4, 1), (1, 1), (1, 1), 0),         ((BATCH, 5), (BATCH, 2), (BATCH, 2), 1))
    ),
)  # fmt: skip


# --- scatter_nd


def _infer_scatter_nd(
    require: Require, x: TensorType, indices: TensorType, updates: TensorType, *, reduction: str
) -> TensorType:
    depth = _tuple_depth(require, x, indices, 0)
    shape = (*indices.shape[:-1], *x.shape[depth:])
    require.that(
        updates.rank == len(shape), f"updates have rank {updates.rank}, indices ask {len(shape)}"
    )
    for axis, (left, right) in enumerate(zip(updates.shape, shape, strict=True)):
        require.equal(left, right, f"sizes of updates and of what indices name, on axis {axis}")
    _check_combines(require, x, reduction)
    return x


def _scatter_nd(x: Array, indices: Array, updates: Array, *, reduction: str) -> Array:
    depth, lead = indices.shape[-1], indices.shape[:-1]
    rest = updates.shape[len(lead) :]
    spread = (*lead, *[1] * len(rest))
    at = [normalised(indices[..., k], x.shape[k]).reshape(spread) for k in range(depth)]
    at += list(np.indices(updates.shape, sparse=True)[len(lead) :])
    whole = tuple(np.broadcast_to(part, updates.shape) for part in at)
    return _placed(x, whole, updates, reduction)


def _lower_scatter_nd(
    index: Index, x: Read, indices: Read, updates: Read, *, reduction: str
) -> Expr:
    lead = indices.shape[:-1]
    depth = indices.shape[-1]
    assert isinstance(depth, int)
    variables = fold_variables(index, len(lead))
    equal = [
        expr.equal(checked_index(indices(*variables, Const(k, INT64)), x.shape[k]), index[k])
        for k in range(depth)
    ]
    match = conjunction(equal) or Const(True, expr.equal(index[0], 0).dtype)
    rest = index[depth:]

    def pick(position: Expr) -> Expr:
        place = unflatten(position, lead)
        return updates(*(clamped(i, n) for i, n in zip(place, lead, strict=True)), *rest)

    axes = bound_axes(variables, lead)
    return _combined(x(*index), match, updates(*variables, *rest), axes, pick, reduction)


SCATTER_ND = Op(
    name="scatter_nd", kind="index",
    inputs=(InputSpec("x", ELEMENTS), INDEX, InputSpec("updates", ELEMENTS)),
    attributes=(REDUCTION,), infer_rule=_infer_scatter_nd, evaluate_rule=_scatter_nd,
    lower_rule=_lower_scatter_nd, can_fault=True, precision=Bound(relative=4, norm=4),
    doc="x with updates placed at index tuples that lie along the last axis; of updates at one "
    "place the last one wins, or all combine.",
    examples=_scatter_cases(
        (((4, 6), (3, 1), (3, 6), None), ((4, 5), (2, 3, 2), (2, 3), None),
         ((5,), (0, 1), (0,), None), ((4, 3), (BATCH, 1), (BATCH, 3), None))
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (GATHER, GATHER_ELEMENTS, GATHER_ND, SCATTER_ELEMENTS, SCATTER_ND)
