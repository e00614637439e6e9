# SPDX-License-Identifier: Apache-2.0
"""Order: sorting, and the greatest or least elements of a row.

Elements compare by a key, an unsigned number that is the smaller the earlier an element comes. All
NaNs are equal and greater than every number, -0.0 equals +0.0, and of equal elements the one of
the lower index comes first, whichever way the order runs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import BOOL, INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel.expr import maximum, minimum
from ingot.kernel.nodes import Const, Expr, Local, apply, cast, reduce, where
from ingot.kernel.routine import Routine, Tensor, as_index
from ingot.kernel.view import View
from ingot.ops.axes import AXIS, bound_axes, check_axis, fold_variables
from ingot.ops.domains import BATCH, ELEMENTS
from ingot.ops.example import Example, Sample
from ingot.ops.lines import line_index, lines
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read
from ingot.ops.require import Require
from ingot.ops.sorting import Sorter, key_bits, key_dtype, sort_key, sorter
from ingot.ops.steps import Steps
from ingot.ops.winners import FEW, Tournament, has_tournament, sole_winner, winners_memory

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
    """A few by a tournament, more by sorting those whose leading bits can win."""
    length, count = x.shape[axis], lines(x.shape, axis)
    short = has_tournament(x.dtype)
    alone = winners_memory(steps, count, length) if short and k != 1 else ()
    sorting = not (short and isinstance(k, int) and k <= FEW)
    memory = sorter(steps, x.dtype, count, length) if sorting else None
    buckets = steps.scratch(INT64, count, 1 << _BUCKET_BITS)
    views = (y, *alone, *((buckets, *memory.views) if memory else ()))
    with steps.kernel((x,), views) as routine, routine.parallel(count, length * 6) as line:
        chooser = _Chooser(routine, line, k, axis, descending=descending)
        tournament = routine.writes[1 : 1 + len(alone)]
        if memory is None:
            chooser.by_tournament(tournament)
            return
        order = Sorter(routine, memory, routine.writes[2 + len(alone) :], line)
        if not alone:
            chooser.by_sorting(order, routine.writes[1])
            return
        with routine.when(as_index(k) <= FEW):
            chooser.by_tournament(tournament)
        with routine.otherwise():
            chooser.by_sorting(order, routine.writes[1 + len(alone)])


class _Chooser:
    """Writes the choice of the first `k` of one line."""

    def __init__(
        self, routine: Routine, line: Expr, k: Dim, axis: int, *, descending: bool
    ) -> None:
        self._routine = routine
        self._line = line
        self._k = k
        (self._source,), self._target = routine.reads, routine.writes[0]
        self._length = self._source.shape[axis]
        self._place = line_index(line, self._source.shape, axis)
        self._descending = descending

    def by_tournament(self, memory: Sequence[Tensor]) -> None:
        """One winner after the other."""
        if not memory:
            self._take(as_index(0), sole_winner(self._routine, self._length, self._key))
            return
        elements, best = memory
        tournament = Tournament(self._routine, (elements, best), self._line, self._length)
        tournament.winners(self._k, self._key, self._take)

    def by_sorting(self, order: Sorter, counts: Tensor) -> None:
        """Those that can win, sorted: keys are counted by their leading bits."""
        routine, length = self._routine, self._length
        with routine.vector(0, length) as i:
            order.put(i, self._key(i), i)
        found = routine.let(length)
        if not (isinstance(length, int) and length <= _SELECT):
            with routine.when(found > _SELECT):
                routine.set(found, _keep_first(routine, order, counts, length, self._k))
        order.sort(found)
        with routine.vector(0, self._k) as i:
            self._take(i, order.index(i))

    def _key(self, i: Expr) -> Expr:
        return sort_key(self._source[self._place(i)], descending=self._descending)

    def _take(self, position: Expr, index: Expr) -> None:
        self._routine.store(self._target, index, *self._place(position))


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
            ((BATCH, 300), 4, 1, True), ((2, BATCH), BATCH, 1, False), ((2, 700), 300, 1, False),
            ((3, BATCH), 2, 1, True),
        )
    ),
)  # fmt: skip

# --- argsort_rows


def _infer_argsort_rows(require: Require, x: TensorType) -> TensorType:
    require.that(x.rank == 2, f"x has rank {x.rank}, rows are those of a matrix")
    return TensorType(INT64, x.shape[:1])


def _argsort_rows(x: Array) -> Array:
    ranks = ranked(x, descending=False)
    if not x.shape[1]:
        return np.arange(x.shape[0])
    return np.lexsort(ranks.T[::-1])


def _argsort_rows_steps(steps: Steps, x: View, y: View) -> None:
    """Keys first, then a merge sort of row numbers that compares as far as rows are equal."""
    count, width = x.shape
    keys = steps.temporary(key_dtype(x.dtype), count, dims.maximum(width, 1))
    numbers = steps.temporary(INT64, 2, count)
    with (
        steps.kernel((x,), (keys,)) as routine,
        routine.parallel(count, width * 4) as row,
        routine.vector(0, width) as column,
    ):
        (source,), (target,) = routine.reads, routine.writes
        routine.store(target, sort_key(source[row, column], descending=False), row, column)
    with steps.kernel((keys,), (y, numbers)) as routine, routine.parallel(1):
        Merger(routine, width).sort()


class Merger:
    """Writes a merge sort of the rows of a matrix of keys."""

    def __init__(self, routine: Routine, width: Dim) -> None:
        self._routine = routine
        (self._keys,) = routine.reads
        self._target, self._numbers = routine.writes
        self._count = as_index(self._numbers.shape[1])
        self._width = as_index(width)
        self._side = routine.let(0)

    def sort(self) -> None:
        """Runs of sorted rows are merged in pairs until there is one."""
        routine = self._routine
        with routine.vector(0, self._count) as i:
            routine.store(self._numbers, i, 0, i)
        run = routine.let(1)
        with routine.repeat(run < self._count):
            start = routine.let(0)
            with routine.repeat(start < self._count):
                self._merge(start, run)
                routine.set(start, start + run * 2)
            routine.set(self._side, Const(1, INT64) - self._side)
            routine.set(run, run * 2)
        with routine.vector(0, self._count) as i:
            routine.store(self._target, self._numbers[self._side, i], i)

    def _merge(self, start: Local, run: Local) -> None:
        routine, one, last = self._routine, Const(1, INT64), self._count - 1
        middle = routine.let(minimum(start + run, self._count))
        end = routine.let(minimum(middle + run, self._count))
        left, right = routine.let(start), routine.let(middle)
        with routine.loop(start, end) as place:
            a = routine.let(self._numbers[self._side, minimum(left, last)])
            b = routine.let(self._numbers[self._side, minimum(right, last)])
            second = routine.let((right < end) & (left >= middle))
            with routine.when((right < end) & (left < middle)):
                routine.set(second, self._precedes(b, a))
            chosen = where(second, b, a)
            routine.store(self._numbers, chosen, one - self._side, place)
            routine.set(left, left + where(second, 0, one))
            routine.set(right, right + where(second, one, 0))

    def _precedes(self, a: Expr, b: Expr) -> Expr:
        """Whether row `a` comes before row `b`."""
        routine, keys = self._routine, self._keys
        last = maximum(self._width - 1, 0)
        column = routine.let(0)
        at = minimum(column, last)
        same = apply("equal", keys[a, at], keys[b, at])
        with routine.repeat((column < self._width) & same):
            routine.set(column, column + 1)
        return (column < self._width) & (keys[a, at] < keys[b, at])


ARGSORT_ROWS = Op(
    name="argsort_rows", kind="special", inputs=(InputSpec("x", ELEMENTS),),
    infer_rule=_infer_argsort_rows, evaluate_rule=_argsort_rows, steps_rule=_argsort_rows_steps,
    doc="The numbers of the rows of a matrix in order: by the first column, then the second, …; "
    "equal rows as they stood.",
    examples=tuple(
        Example((Sample(shape, low=0, high=2.5),), {}, {"batch": 3})
        for shape in ((40, 3), (7, 1), (1, 4), (0, 2), (5, 0), (BATCH, 2), (33, BATCH))
    ),
)  # fmt: skip


# --- run_starts


def _infer_run_starts(require: Require, x: TensorType) -> TensorType:
    require.that(x.rank >= 1, "a scalar has no first axis")
    return TensorType(BOOL, x.shape[:1])


def _run_starts(x: Array) -> Array:
    ranks = ranked(x, descending=False)
    differ = (ranks[1:] != ranks[:-1]).any(axis=tuple(range(1, x.ndim)))
    return np.concatenate([np.ones(min(x.shape[0], 1), np.bool_), differ])


def _lower_run_starts(index: Index, x: Read) -> Expr:
    variables = fold_variables(index, x.rank - 1)
    here = x(index[0], *variables)
    above = x(maximum(index[0] - 1, 0), *variables)
    differ = apply("not_equal", here, above)
    if x.dtype.is_float:
        differ = differ & ~(apply("is_nan", here) & apply("is_nan", above))
    any_differs = reduce("any", bound_axes(variables, x.shape[1:]), differ)
    return apply("equal", index[0], 0) | any_differs


RUN_STARTS = Op(
    name="run_starts", kind="index", inputs=(InputSpec("x", ELEMENTS),),
    infer_rule=_infer_run_starts, evaluate_rule=_run_starts, lower_rule=_lower_run_starts,
    doc="Whether each slice along the first axis is another than the one before it.",
    examples=tuple(
        Example((Sample(shape, low=0, high=1.9),), {}, {"batch": 3})
        for shape in ((40,), (7, 1), (1, 4), (30, 2, 2), (0, 2), (5, 0), (BATCH, 2))
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (ARGSORT, TOP_K, ARGSORT_ROWS, RUN_STARTS)
