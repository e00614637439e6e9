# SPDX-License-Identifier: Apache-2.0
"""Reductions: fold the elements along some axes into one.

Each is a fold kind, a map of the element before it, and a map of the total after it; NumPy meaning
and lowering are both made from these three. Half-precision sums accumulate in fp32 at least.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingot.dims import product
from ingot.dtypes import INT64, DType
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, Reduce, ReduceKind
from ingot.ops.axes import AXIS, bound_axes, check_axes, check_axis, fold_variables, replaced
from ingot.ops.domains import BATCH, NUMBERS, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, extent
from ingot.ops.require import Require, Shape

AXES = AttributeSpec("axes", "ints", doc="the axes to fold, counted from 0")
KEEP_DIMS = AttributeSpec("keep_dims", "bool", True, doc="leave folded axes with size 1")
ROUNDED = Bound(norm=2, absolute=4)

CASES: tuple[tuple[Shape, tuple[int, ...], bool], ...] = (
    ((3, 37), (1,), True), ((4, 5, 6), (0, 2), False), ((2, 3, 4, 5), (2, 3), True),
    ((5, 7), (0,), False), ((1, 4), (0,), True), ((6,), (0,), False), ((3, 2), (), True),
    ((0, 3), (1,), False), ((BATCH, 5), (1,), True), ((2, BATCH), (1,), False),
)  # fmt: skip


@dataclass(frozen=True)
class Fold:
    """What a reduction does to each element, how it folds, and what it does to the total."""

    kind: ReduceKind
    numpy: Callable[[Array, tuple[int, ...]], Array]
    before: Callable[[Expr], Expr] = lambda x: x
    after: Callable[[Expr, Expr], Expr] = lambda total, count: total


def reduced_shape(shape: Shape, axes: tuple[int, ...], keep_dims: bool) -> Shape:
    """`shape` with `axes` folded away, or left with size 1."""
    if keep_dims:
        return tuple(1 if axis in axes else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in axes)


def _infer(
    require: Require, x: TensorType, *, axes: tuple[int, ...], keep_dims: bool
) -> TensorType:
    check_axes(require, axes, x.rank)
    return TensorType(x.dtype, reduced_shape(x.shape, axes, keep_dims))


def _wide(x: Array) -> Array:
    return x if x.dtype.kind in "iub" else x.astype(np.float64)


def full_index(index: Index, axes: tuple[int, ...], keep_dims: bool, rank: int) -> list[Expr]:
    """The index of the result with a place for every axis of the input."""
    kept = list(index) if not keep_dims else [i for k, i in enumerate(index) if k not in axes]
    return [Const(0, INT64) if axis in axes else kept.pop(0) for axis in range(rank)]


def _lower(fold: Fold, index: Index, x: Read, axes: tuple[int, ...], keep_dims: bool) -> Expr:
    source = full_index(index, axes, keep_dims, x.rank)
    sizes = [x.shape[axis] for axis in axes]
    variables = fold_variables(index, len(axes))
    for axis, variable in zip(axes, variables, strict=True):
        source[axis] = variable
    total = fold.before(x(*source))
    # One axis inside the other: partial sums of rows round less than one long sum.
    for bound in reversed(bound_axes(variables, sizes)):
        total = expr.reduce(fold.kind, (bound,), total)
    return fold.after(total, expr.cast(extent(product(sizes)), total.dtype))


def reduction(
    name: str, fold: Fold, *, doc: str, domain: tuple[DType, ...] = NUMBERS,
    precision: Bound = ROUNDED, filled: bool = False, **values: Any,
) -> Op:  # fmt: skip
    """The record of a reduction; `filled` leaves out the examples that fold nothing."""

    def numpy(x: Array, *, axes: tuple[int, ...], keep_dims: bool) -> Array:
        with np.errstate(all="ignore"):
            result = fold.numpy(_wide(x), axes)
            shape: Any = reduced_shape(x.shape, axes, keep_dims)
            return np.asarray(result).astype(x.dtype).reshape(shape)

    def lower(index: Index, x: Read, *, axes: tuple[int, ...], keep_dims: bool) -> Expr:
        return _lower(fold, index, x, axes, keep_dims)

    cases = CASES if filled else (*CASES, ((3, 0), (1,), True))
    return Op(
        name=name, kind="reduce", inputs=(InputSpec("x", domain),), attributes=(AXES, KEEP_DIMS),
        infer_rule=_infer, evaluate_rule=numpy, lower_rule=lower, doc=doc, precision=precision,
        examples=tuple(
            Example((Sample(shape, **values),), {"axes": axes, "keep_dims": keep}, {"batch": 3})
            for shape, axes, keep in cases
        ),
    )  # fmt: skip


def _sum(x: Array, axes: tuple[int, ...]) -> Any:
    return x.sum(axes, dtype=x.dtype)


def _count(x: Array, axes: tuple[int, ...]) -> int:
    return int(np.prod([x.shape[axis] for axis in axes], dtype=np.int64))


def _mean(x: Array, axes: tuple[int, ...]) -> Array:
    if x.dtype.kind == "f":
        return np.asarray(np.divide(_sum(x, axes), float(_count(x, axes))))
    total, count = np.asarray(_sum(x, axes)), _count(x, axes)
    return np.asarray(np.sign(total) * (np.abs(total) // max(count, 1))).astype(x.dtype)


def _extreme(x: Array, axes: tuple[int, ...], largest: bool) -> Any:
    if x.dtype.kind == "f":
        limit: Any = -np.inf if largest else np.inf
    else:
        limit = np.iinfo(x.dtype).min if largest else np.iinfo(x.dtype).max
    return x.max(axes, initial=limit) if largest else x.min(axes, initial=limit)


def _integer_free(total: Expr, count: Expr) -> Expr:
    return total / (count if count.dtype.is_float else expr.maximum(count, 1))


SUM = reduction("reduce_sum", Fold("sum", _sum), doc="The sum; 0 of nothing; integers wrap.")
MEAN = reduction(
    "reduce_mean", Fold("sum", _mean, after=_integer_free),
    doc="The sum over the count; NaN of nothing; integers truncate toward zero, 0 of nothing.",
)  # fmt: skip
MAX = reduction(
    "reduce_max", Fold("max", lambda x, axes: _extreme(x, axes, True)), precision=Bound(),
    doc="The greatest element; NaN if one is NaN; the least value of the type, of nothing.",
)  # fmt: skip
MIN = reduction(
    "reduce_min", Fold("min", lambda x, axes: _extreme(x, axes, False)), precision=Bound(),
    doc="The least element; NaN if one is NaN; the greatest value of the type, of nothing.",
)  # fmt: skip
PROD = reduction(
    "reduce_prod", Fold("prod", lambda x, axes: x.prod(axes, dtype=x.dtype)), low=-1.5, high=1.5,
    precision=Bound(relative=10), doc="The product; 1 of nothing; integers wrap.",
)  # fmt: skip
L1 = reduction(
    "reduce_l1", Fold("sum", lambda x, axes: _sum(np.abs(x), axes), before=expr.abs),
    doc="The sum of magnitudes.",
)  # fmt: skip
SUM_SQUARE = reduction(
    "reduce_sum_square", Fold("sum", lambda x, axes: _sum(x * x, axes), before=lambda x: x * x),
    doc="The sum of squares.",
)  # fmt: skip
L2 = reduction(
    "reduce_l2",
    Fold("sum", lambda x, axes: np.sqrt(_sum(x * x, axes)), before=lambda x: x * x,
         after=lambda total, count: expr.sqrt(total)),
    domain=REALS, doc="The square root of the sum of squares.",
)  # fmt: skip
LOG_SUM = reduction(
    "reduce_log_sum",
    Fold("sum", lambda x, axes: np.log(_sum(x, axes)), after=lambda total, count: expr.log(total)),
    domain=REALS, low=0.1, high=4.0, doc="The logarithm of the sum.",
)  # fmt: skip


def _log_sum_exp(x: Array, axes: tuple[int, ...]) -> Array:
    top = np.max(x, axes, keepdims=True, initial=-np.inf)
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.log(np.exp(x - top).sum(axes, keepdims=True)) + top
    return np.asarray(total)


def _lower_log_sum_exp(index: Index, x: Read, *, axes: tuple[int, ...], keep_dims: bool) -> Expr:
    """Shifted by the greatest element where that is finite, so that no exponential overflows."""
    top = _lower(Fold("max", _sum), index, x, axes, keep_dims)
    shift = expr.where(expr.abs(top) < float("inf"), top, 0.0)
    fold = Fold("sum", _sum, before=lambda element: expr.exp(element - shift))
    return expr.log(_lower(fold, index, x, axes, keep_dims)) + shift


LOG_SUM_EXP = Op(
    name="reduce_log_sum_exp", kind="reduce", inputs=(InputSpec("x", REALS),),
    attributes=(AXES, KEEP_DIMS), infer_rule=_infer,
    evaluate_rule=reduction("", Fold("sum", _log_sum_exp), doc="").evaluate_rule,
    lower_rule=_lower_log_sum_exp, examples=MEAN.examples, precision=Bound(norm=1, absolute=2),
    doc="log(Σ e^x), without overflow.",
)  # fmt: skip


# --- index of the winner


def _infer_arg(
    require: Require, x: TensorType, *, axis: int, keep_dims: bool, select_last: bool
) -> TensorType:
    check_axis(require, axis, x.rank)
    require.at_least(x.shape[axis], 1, "the axis must not be empty")
    return TensorType(INT64, reduced_shape(x.shape, (axis,), keep_dims))


def _arg(x: Array, axis: int, keep_dims: bool, select_last: bool, largest: bool) -> Array:
    wide = _wide(x)
    pick = np.argmax if largest else np.argmin
    if select_last:
        winner = x.shape[axis] - 1 - pick(np.flip(wide, axis), axis)
    else:
        winner = pick(wide, axis)
    return np.asarray(np.expand_dims(winner, axis) if keep_dims else winner).astype(np.int64)


def _winner(name: str, kind: ReduceKind, last: ReduceKind, largest: bool) -> Op:
    def numpy(x: Array, *, axis: int, keep_dims: bool, select_last: bool) -> Array:
        return _arg(x, axis, keep_dims, select_last, largest)

    def lower(index: Index, x: Read, *, axis: int, keep_dims: bool, select_last: bool) -> Expr:
        source = tuple(full_index(index, (axis,), keep_dims, x.rank))
        (variable,) = fold_variables(index, 1)
        body = x(*replaced(source, axis, variable))
        return Reduce(last if select_last else kind, ((variable, x.shape[axis]),), body)

    return Op(
        name=name, kind="reduce", inputs=(InputSpec("x", NUMBERS),),
        attributes=(
            AXIS, KEEP_DIMS,
            AttributeSpec("select_last", "bool", False, doc="the last of equal winners"),
        ),
        infer_rule=_infer_arg, evaluate_rule=numpy, lower_rule=lower,
        doc=f"The index of the {'greatest' if largest else 'least'} element, the first of equals; "
        "NaN wins, and NaNs are equals.",
        examples=tuple(
            Example((Sample(shape, low=-2, high=2),),
                    {"axis": axis, "keep_dims": keep, "select_last": final}, {"batch": 3})
            for shape, axis, keep, final in (
                ((3, 37), 1, True, False), ((4, 5), 0, False, True), ((7,), 0, False, False),
                ((2, 1), 1, True, False), ((0, 3), 1, False, False), ((BATCH, 9), 1, False, True),
                ((2, 6, 3), 1, False, False), ((4, BATCH), 1, False, False),
            )
        ),
    )  # fmt: skip


ARGMAX = _winner("argmax", "argmax", "argmax_last", largest=True)
ARGMIN = _winner("argmin", "argmin", "argmin_last", largest=False)

OPS: tuple[Op, ...] = (
    SUM, MEAN, MAX, MIN, PROD, L1, L2, SUM_SQUARE, LOG_SUM, LOG_SUM_EXP, ARGMAX, ARGMIN,
)  # fmt: skip
