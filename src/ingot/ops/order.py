# SPDX-License-Identifier: Apache-2.0
"""Order: sorting, and the greatest or least elements of a row.

Elements compare by a key, an unsigned number that is the smaller the earlier an element comes. All
NaNs are equal and greater than every number, -0.0 equals +0.0, and of equal elements the one of
the lower index comes first, whichever way the order runs.
"""

from __future__ import annotations

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel.nodes import Const, Expr, Local, apply, cast, where
from ingot.kernel.routine import Routine, Tensor, as_index
from ingot.kernel.view import View
from ingot.ops.axes import AXIS, check_axis
from ingot.ops.domains import BATCH, ELEMENTS
from ingot.ops.example import Example, Sample
from ingot.ops.lines import line_index, lines
from ingot.ops.op import AttributeSpec, InputSpec, Op
from ingot.ops.require import Require
from ingot.ops.sorting import Sorter, key_bits, sort_key, sorter
from ingot.ops.steps import Steps

DESCENDING = AttributeSpec("descending", "bool", False, doc="greatest first")
_SELECT = 128  # rows up to this length are sorted whole
_BUCKET_BITS = 11


def ranked(x: Array, *, descending: bool) -> Array:
    """Integers that are ordered as the elements are, equal where they are equal."""
    wide = x if x.dtype.kind in "iub" else x.astype(np.float64)
    _, ranks = np.unique(wide.reshape(-1), return_inverse=True)
    ranks = np.asarray(ranks, np.int64).reshape(x.shape)
    return -ranks if descending else ranks


# --- argsort


def _infer_argsort(require: Require, x: TensorType, *, axis: int, descending: bool) -> TensorType:
    check_axis(require, axis, x.rank)
    return TensorType(INT64, x.shape)


def _argsort(x: Array, *, axis: int, descending: bool) -> Array:
    return np.argsort(ranked(x, descending=descending), axis, kind="stable")


def _argsort_steps(steps: Steps, x: View, y: View, *, axis: int, descending: bool) -> None:
    length = x.shape[axis]
    memory = sorter(steps, x.dtype, lines(x.shape, axis), length)
    with (
        steps.kernel((x,), (y, *memory.views)) as routine,
        routine.parallel(lines(x.shape, axis), length * 40) as line,
    ):
        (source,), (target, *scratch) = routine.reads, routine.writes
        place = line_index(line, x.shape, axis)
        order = Sorter(routine, memory, scratch, line)
        with routine.vector(0, length) as i:
            order.put(i, sort_key(source[place(i)], descending=descending), i)
        order.sort(length)
        with routine.vector(0, length) as i:
            routine.store(target, order.index(i), *place(i))


ARGSORT = Op(
    name="argsort", kind="special", inputs=(InputSpec("x", ELEMENTS),),
    attributes=(AXIS, DESCENDING),
    infer_rule=_infer_argsort, evaluate_rule=_argsort, steps_rule=_argsort_steps,
    doc="The positions along an axis at which the elements stand in order, equal ones as they "
    "stood.",
    examples=tuple(
        Example((Sample(shape, low=-9, high=9),), {"axis": axis, "descending": descending},
                {"batch": 3})
        for shape, axis, descending in (
            ((3, 37), 1, False), ((300,), 0, True), ((2, 70, 3), 1, False), ((4, 1), 1, True),
            ((0, 5), 1, False), ((5, 0), 1, True), ((BATCH, 90), 1, True), ((40, BATCH), 0, False),
        )
    ),
)  # fmt: skip


# --- top_k


def _infer_top_k(
    require: Require, x: TensorType, *, k: Dim, axis: int, descending: bool
) -> TensorType:
    check_axis(require, axis, x.rank)
    require.at_least(x.shape[axis], k, f"axis {axis} must hold the k elements")
    return TensorType(INT64, (*x.shape[:axis], k, *x.shape[axis + 1 :]))


def _top_k(x: Array, *, k: int, axis: int, descending: bool) -> Array:
    order = np.argsort(ranked(x, descending=descending), axis, kind="stable")
    return np.take(order, np.arange(k), axis)


def _top_k_steps(steps: Steps, x: View, y: View, *, k: Dim, axis: int, descending: bool) -> None:
    """The keys of a row are counted by their leading bits; only those that can win are sorted."""
    length, count = x.shape[axis], lines(x.shape, axis)
    memory = sorter(steps, x.dtype, count, length)
    buckets = steps.temporary(INT64, count, 1 << _BUCKET_BITS)
    with (
        steps.kernel((x,), (y, buckets, *memory.views)) as routine,
        routine.parallel(count, length * 6) as line,
    ):
        (source,), (target, counts, *scratch) = routine.reads, routine.writes
        place = line_index(line, x.shape, axis)
        order = Sorter(routine, memory, scratch, line)
        with routine.vector(0, length) as i:
            order.put(i, sort_key(source[place(i)], descending=descending), i)
        found = routine.let(length)
        if not (isinstance(length, int) and length <= _SELECT):
            with routine.when(found > _SELECT):
                routine.set(found, _keep_first(routine, order, counts, length, k))
        order.sort(found)
        with routine.vector(0, k) as i:
            routine.store(target, order.index(i), *place(i))


def _keep_first(routine: Routine, order: Sorter, counts: Tensor, length: Dim, k: Dim) -> Local:
    """Move the elements in the buckets of the first `k` to the front; how many they are."""
    line = order.line
    shift = max(key_bits(order.dtype) - _BUCKET_BITS, 0)

    def bucket(i: Expr) -> Expr:
        return cast(apply("shift_right", order.key(i), shift), INT64)

    zero = Const(0, INT64)
    with routine.vector(0, 1 << _BUCKET_BITS) as value:
        routine.store(counts, zero, line, value)
    with routine.loop(0, length) as i:
        b = routine.let(bucket(i))
        routine.store(counts, counts[line, b] + 1, line, b)
    last, below = routine.let(-1), routine.let(0)
    with routine.repeat(below < as_index(k)):
        routine.set(last, last + 1)
        routine.set(below, below + counts[line, last])
    kept = routine.let(0)
    with routine.loop(0, length) as i:
        key = routine.let(order.key(i))
        order.put(kept, key, i)
        taken = cast(apply("shift_right", key, shift), INT64) <= last
        routine.set(kept, kept + where(taken, Const(1, INT64), zero))
    return kept


TOP_K = Op(
    name="top_k", kind="special", inputs=(InputSpec("x", ELEMENTS),),
    attributes=(AttributeSpec("k", "dim", doc="how many"), AXIS, DESCENDING),
    infer_rule=_infer_top_k, evaluate_rule=_top_k, steps_rule=_top_k_steps,
    doc="The positions along an axis of the k least (or greatest) elements, in order; of equal "
    "elements the first ones.",
    examples=tuple(
        Example((Sample(shape, low=-40, high=40),),
                {"k": k, "axis": axis, "descending": descending}, {"batch": 3})
        for shape, k, axis, descending in (
            ((3, 37), 5, 1, True), ((400,), 9, 0, True), ((2, 200, 3), 200, 1, False),
            ((4, 1), 1, 1, True), ((0, 5), 2, 1, False), ((5, 7), 0, 1, True),
            ((BATCH, 300), 4, 1, True), ((2, BATCH), BATCH, 1, False),
        )
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (ARGSORT, TOP_K)
