# SPDX-License-Identifier: Apache-2.0
"""Scatter: a copy of a tensor with updates placed by indices that come from another.

Of updates that name one place the last one wins, or all combine. As a lowering pulls, each element
of the result searches the indices for those that name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import BOOL, INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, Reduce, Var, checked_index
from ingot.ops.axes import AXIS, bound_axes, fold_variables, replaced
from ingot.ops.domains import BATCH, ELEMENTS, NUMBERS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.gather import INDEX, check_within, index_sample, normalised, tuple_depth
from ingot.ops.matmul import widened
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require, Shape
from ingot.ops.views import unflatten
from ingot.ops.window import conjunction

REDUCTION = AttributeSpec(
    "reduction", "str", "none", ("none", "add", "mul", "max", "min"), "how updates combine"
)


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
    check_within(require, x, indices, axis)
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
            (Sample(x), index_sample(at, 4), Sample(updates)),
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
    precision=Bound(relative=1, norm=1),
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
    depth = tuple_depth(require, x, indices, 0)
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
    match = conjunction(equal) or Const(True, BOOL)
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
    lower_rule=_lower_scatter_nd, can_fault=True, precision=Bound(relative=1, norm=1),
    doc="x with updates placed at index tuples that lie along the last axis; of updates at one "
    "place the last one wins, or all combine.",
    examples=_scatter_cases(
        (((4, 6), (3, 1), (3, 6), None), ((4, 5), (2, 3, 2), (2, 3), None),
         ((5,), (0, 1), (0,), None), ((4, 3), (BATCH, 1), (BATCH, 3), None))
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (SCATTER_ELEMENTS, SCATTER_ND)
