# SPDX-License-Identifier: Apache-2.0
"""Determinants, by elimination with the greatest pivot of each column."""

from __future__ import annotations

import math

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import FLOAT32, FLOAT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel.nodes import Const, Expr, Local, apply, cast, where
from ingot.kernel.routine import Routine
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
    return TensorType(x.dtype, x.shape[:-2])


def _determinant(x: Array) -> Array:
    work = x.astype(np.float64).reshape(math.prod(x.shape[:-2]), *x.shape[-2:])
    with np.errstate(all="ignore"):
        found = [_eliminated(matrix) for matrix in work]
    return np.array(found, np.float64).reshape(x.shape[:-2]).astype(x.dtype)


def _eliminated(matrix: Array) -> float:
    result = 1.0
    for k in range(len(matrix)):
        pivot = k + int(np.argmax(np.abs(matrix[k:, k])))
        if pivot != k:
            matrix[[k, pivot]] = matrix[[pivot, k]]
            result = -result
        result *= float(matrix[k, k])
        if matrix[k, k] == 0:
            return 0.0
        factors = matrix[k + 1 :, k] / matrix[k, k]
        matrix[k + 1 :] -= factors[:, None] * matrix[k]
    return result


def _steps(steps: Steps, x: View, y: View) -> None:
    size, outer = x.shape[-1], x.shape[:-2]
    kind = FLOAT32 if x.dtype.bits < 32 else FLOAT64
    count = dims.product(outer)
    work = steps.scratch(kind, count, size, size)
    with (
        steps.kernel((x,), (y, work)) as routine,
        routine.parallel(count, size * size * size) as unit,
    ):
        (source,), (target, _) = routine.reads, routine.writes
        index = split_index(unit, outer)
        matrix = _Matrix(routine, unit, size)
        with routine.loop(0, size) as row, routine.vector(0, size) as column:
            element = cast(source[(*index, row, column)], kind)
            routine.store(matrix.memory, element, unit, row, column)
        result = matrix.determinant()
        routine.store(target, cast(result, y.dtype), *index)


class _Matrix:
    """Writes the elimination of one matrix in memory."""

    def __init__(self, routine: Routine, unit: Expr, size: Dim) -> None:
        self._routine = routine
        self.memory = routine.writes[1]
        self._unit = unit
        self._size = size

    def determinant(self) -> Local:
        """The product of the pivots; 0 where one is 0."""
        routine, kind = self._routine, self.memory.dtype
        result = routine.let(Const(1.0, kind))
        with routine.loop(0, self._size) as k, routine.when(~apply("equal", result, 0.0)):
            best = routine.fold(
                "argmax", k, self._size, lambda i: apply("abs", self._at(i, k)), "serial"
            )
            pivot = routine.let(self._at(best, k))
            with routine.when(apply("not_equal", best, k)):
                self._swap(best, k)
                routine.set(result, apply("neg", result))
            routine.set(result, result * pivot)
            divisor = where(apply("equal", pivot, 0.0), Const(1.0, kind), pivot)
            with routine.loop(k + 1, self._size) as row:
                factor = routine.let(self._at(row, k) / divisor)
                with routine.vector(k + 1, self._size) as column:
                    less = self._at(row, column) - factor * self._at(k, column)
                    routine.store(self.memory, less, self._unit, row, column)
        return result

    def _at(self, row: Expr, column: Expr) -> Expr:
        return self.memory[self._unit, row, column]

    def _swap(self, a: Expr, b: Expr) -> None:
        routine = self._routine
        with routine.vector(0, self._size) as column:
            first, second = routine.let(self._at(a, column)), routine.let(self._at(b, column))
            routine.store(self.memory, second, self._unit, a, column)
            routine.store(self.memory, first, self._unit, b, column)


DETERMINANT = Op(
    name="determinant", kind="special", inputs=(InputSpec("x", REALS),),
    infer_rule=_infer, evaluate_rule=_determinant, steps_rule=_steps,
    doc="The determinant of each matrix on the last two axes.",
    precision=Bound(relative=16, absolute=16, norm=16),
    examples=tuple(
        Example((Sample(shape, low=-2, high=2),), {}, {"batch": 3})
        for shape in ((3, 3), (2, 3, 5, 5), (1, 1), (4, 1, 1), (0, 2, 2), (2, 0, 0), (BATCH, 4, 4))
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (DETERMINANT,)
