# SPDX-License-Identifier: Apache-2.0
"""Inverse matrices, by Gauss-Jordan elimination with the greatest pivot of each column."""

from __future__ import annotations

import math

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import FLOAT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel.nodes import Const, Expr, Size, apply, cast, where
from ingot.kernel.routine import Routine, Tensor
from ingot.kernel.view import View
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.lines import split_index
from ingot.ops.op import InputSpec, Op
from ingot.ops.require import Require
from ingot.ops.steps import Steps


def _infer(require: Require, x: TensorType) -> TensorType:
    require.that(x.rank >= 2, f"x has rank {x.rank}, a matrix has 2")
    require.equal(x.shape[-2], x.shape[-1], "a matrix must be square")
    return x


def _inverse(x: Array) -> Array:
    size = x.shape[-1]
    work = x.astype(np.float64).reshape(math.prod(x.shape[:-2]), size, size)
    with np.errstate(all="ignore"):
        found = [_eliminated(np.hstack([matrix, np.eye(size)])) for matrix in work]
    return np.array(found, np.float64).reshape(x.shape).astype(x.dtype)


def _eliminated(rows: Array) -> Array:
    """The right half of [matrix, 1] when its left half has become 1."""
    size = len(rows)
    for k in range(size):
        pivot = k + int(np.argmax(np.abs(rows[k:, k])))
        rows[[k, pivot]] = rows[[pivot, k]]
        rows[k] = rows[k] / rows[k, k]
        factors = rows[:, k].copy()
        factors[k] = 0.0
        rows -= factors[:, None] * rows[k]
    return rows[:, size:]


def _steps(steps: Steps, x: View, y: View) -> None:
    """One matrix a unit of work, beside the unit matrix in memory of its own."""
    size, outer = x.shape[-1], x.shape[:-2]
    count = dims.product(outer)
    work = steps.scratch(FLOAT64, count, size, 2 * size)
    with (
        steps.kernel((x,), (y, work)) as routine,
        routine.parallel(count, 2 * size * size * size) as unit,
    ):
        (source,), (target, memory) = routine.reads, routine.writes
        index = split_index(unit, outer)
        rows = _Rows(routine, memory, unit, size)
        with routine.loop(0, size) as row, routine.vector(0, size) as column:
            rows.put(row, column, cast(source[(*index, row, column)], FLOAT64))
            one = where(apply("equal", row, column), Const(1.0, FLOAT64), 0.0)
            rows.put(row, column + Size(size), one)
        with routine.loop(0, size) as k:
            rows.eliminate(k)
        with routine.loop(0, size) as row, routine.vector(0, size) as column:
            element = rows.at(row, column + Size(size))
            routine.store(target, cast(element, y.dtype), *index, row, column)


class _Rows:
    """Writes the elimination of one matrix with the unit matrix at its right."""

    def __init__(self, routine: Routine, memory: Tensor, unit: Expr, size: Dim) -> None:
        self._routine, self._memory, self._unit, self._size = routine, memory, unit, size

    def at(self, row: Expr, column: Expr) -> Expr:
        """An element as it is now."""
        return self._memory[self._unit, row, column]

    def put(self, row: Expr, column: Expr, value: Expr) -> None:
        """Let an element be another."""
        self._routine.store(self._memory, value, self._unit, row, column)

    def eliminate(self, k: Expr) -> None:
        """Column k to that of the unit matrix."""
        routine = self._routine
        best = routine.fold(
            "argmax", k, self._size, lambda i: apply("abs", self.at(i, k)), "serial"
        )
        with routine.when(apply("not_equal", best, k)):
            self._swap(best, k)
        pivot = routine.let(self.at(k, k))
        with routine.vector(0, 2 * self._size) as column:
            self.put(k, column, self.at(k, column) / pivot)
        with routine.loop(0, self._size) as row, routine.when(apply("not_equal", row, k)):
            factor = routine.let(self.at(row, k))
            with routine.vector(0, 2 * self._size) as column:
                self.put(row, column, self.at(row, column) - factor * self.at(k, column))

    def _swap(self, a: Expr, b: Expr) -> None:
        routine = self._routine
        with routine.vector(0, 2 * self._size) as column:
            first, second = routine.let(self.at(a, column)), routine.let(self.at(b, column))
            self.put(a, column, second)
            self.put(b, column, first)


INVERSE = Op(
    name="inverse", kind="special", inputs=(InputSpec("x", REALS),),
    infer_rule=_infer, evaluate_rule=_inverse, steps_rule=_steps,
    doc="The inverse of each matrix on the last two axes; of a singular one it has no meaning.",
    precision=Bound(norm=64),
    examples=tuple(
        Example((Sample(shape, low=-2, high=2),), {}, {"batch": 3})
        for shape in ((3, 3), (2, 3, 5, 5), (4, 1, 1), (0, 2, 2), (2, 0, 0), (BATCH, 4, 4))
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (INVERSE,)
