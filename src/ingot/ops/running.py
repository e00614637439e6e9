# SPDX-License-Identifier: Apache-2.0
"""Running sums and products along an axis.

A worker walks an axis once, with one accumulator for each of the neighbouring lines that it takes:
the elements of the last axis side by side in a vector where another axis is walked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import FLOAT32, FLOAT64, DType
from ingot.ir.graph import Array, TensorType
from ingot.kernel.nodes import Const, Expr, Size, apply, cast
from ingot.kernel.routine import Bound, as_index
from ingot.kernel.view import View
from ingot.ops.axes import AXIS, check_axis
from ingot.ops.domains import BATCH, NUMBERS
from ingot.ops.example import Bound as Precision
from ingot.ops.example import Example, Sample
from ingot.ops.lines import line_index, lines, split_index
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.require import Require
from ingot.ops.steps import Steps

_BLOCK = 512
_ATTRIBUTES = (
    AXIS,
    AttributeSpec("exclusive", "bool", False, doc="leave the element itself out"),
    AttributeSpec("reverse", "bool", False, doc="begin at the end"),
)
_NUMPY: Mapping[str, Callable[..., Array]] = {"add": np.cumsum, "mul": np.cumprod}


def _infer(
    require: Require, x: TensorType, *, axis: int, exclusive: bool, reverse: bool
) -> TensorType:
    check_axis(require, axis, x.rank)
    return x


def _evaluation(op: str) -> Callable[..., Array]:
    def evaluate(x: Array, *, axis: int, exclusive: bool, reverse: bool) -> Array:
        wide = x.astype(np.float64) if x.dtype.kind not in "iu" else x
        flipped = np.flip(wide, axis) if reverse else wide
        with np.errstate(all="ignore"):
            total = _NUMPY[op](flipped, axis, dtype=wide.dtype)
        if exclusive and x.shape[axis]:
            neutral = np.full_like(np.take(total, [0], axis), 0 if op == "add" else 1)
            total = np.concatenate([neutral, np.take(total, range(x.shape[axis] - 1), axis)], axis)
        with np.errstate(all="ignore"):
            return (np.flip(total, axis) if reverse else total).astype(x.dtype)

    return evaluate


def _accumulator(dtype: DType) -> DType:
    """Float sums are long: float32 is summed in float64."""
    if not dtype.is_float:
        return dtype
    return FLOAT32 if dtype.bits < 32 else FLOAT64


def _rule(op: str) -> Callable[..., None]:
    def write(steps: Steps, x: View, y: View, *, axis: int, exclusive: bool, reverse: bool) -> None:
        walk = _Walk(op, axis, exclusive=exclusive, reverse=reverse)
        if axis == len(x.shape) - 1 or x.shape[-1] == 1:
            walk.along(steps, x, y)
        else:
            walk.across(steps, x, y)

    return write


class _Walk:
    """Writes the kernel of one running fold."""

    def __init__(self, op: str, axis: int, *, exclusive: bool, reverse: bool) -> None:
        self._op = op
        self._axis = axis
        self._exclusive = exclusive
        self._reverse = reverse

    def along(self, steps: Steps, x: View, y: View) -> None:
        """One line after the other, the accumulator in a variable."""
        length, kind = x.shape[self._axis], _accumulator(x.dtype)
        with (
            steps.kernel((x,), (y,)) as routine,
            routine.parallel(lines(x.shape, self._axis), length * 4) as line,
        ):
            (source,), (target,) = routine.reads, routine.writes
            place = line_index(line, x.shape, self._axis)
            total = routine.let(self._neutral(kind))
            with routine.loop(0, length) as i:
                at = place(self._position(i, length))
                value = routine.let(cast(source[at], kind))
                after = routine.let(apply(self._op, total, value))
                routine.store(target, cast(total if self._exclusive else after, y.dtype), *at)
                routine.set(total, after)

    def across(self, steps: Steps, x: View, y: View) -> None:
        """Blocks of the last axis side by side, their accumulators in memory."""
        length, width, kind = x.shape[self._axis], x.shape[-1], _accumulator(x.dtype)
        outer = [size for k, size in enumerate(x.shape[:-1]) if k != self._axis]
        blocks = dims.ceil_div(width, _BLOCK)
        units = dims.product(outer) * blocks
        totals = steps.scratch(kind, units, _BLOCK)
        with (
            steps.kernel((x,), (y, totals)) as routine,
            routine.parallel(units, length * dims.minimum(width, _BLOCK)) as unit,
        ):
            (source,), (target, total) = routine.reads, routine.writes
            *others, block = split_index(unit, [*outer, blocks])
            start = routine.let(block * _BLOCK)
            count = routine.let(apply("minimum", Size(width) - start, _BLOCK))

            def at(position: Bound, column: Expr) -> Index:
                return (*others[: self._axis], as_index(position), *others[self._axis :],
                        start + column)  # fmt: skip

            with routine.vector(0, count) as column:
                routine.store(total, self._neutral(kind), unit, column)
            with routine.loop(0, length) as i, routine.vector(0, count) as column:
                place = at(self._position(i, length), column)
                old = routine.let(total[unit, column])
                new = routine.let(apply(self._op, old, cast(source[place], kind)))
                routine.store(total, new, unit, column)
                routine.store(target, cast(old if self._exclusive else new, y.dtype), *place)

    def _position(self, i: Expr, length: Dim) -> Expr:
        return Size(length) - 1 - i if self._reverse else i

    def _neutral(self, kind: DType) -> Expr:
        return Const(0 if self._op == "add" else 1, kind)


def _examples(low: float, high: float) -> tuple[Example, ...]:
    cases: tuple[tuple[tuple[Dim, ...], int, bool, bool], ...] = (
        ((3, 7), 1, False, False), ((5, 3), 0, True, False), ((4, 6), 1, False, True),
        ((2, 5), 1, True, True), ((2, 0), 1, True, False), ((1,), 0, False, False),
        ((BATCH, 4), 0, False, True), ((2, 5, 3, 600), 1, False, False),
        ((2, 3, 40), 1, True, True), ((3, 1), 0, False, False), ((2, 3, BATCH), 1, True, False),
    )  # fmt: skip
    return tuple(
        Example((Sample(shape, low=low, high=high),),
                {"axis": axis, "exclusive": exclusive, "reverse": reverse}, {"batch": 3})
        for shape, axis, exclusive, reverse in cases
    )  # fmt: skip


def _record(name: str, op: str, doc: str, examples: tuple[Example, ...]) -> Op:
    return Op(
        name=name, kind="special", inputs=(InputSpec("x", NUMBERS),), attributes=_ATTRIBUTES,
        infer_rule=_infer, evaluate_rule=_evaluation(op), steps_rule=_rule(op), doc=doc,
        precision=Precision(relative=4, norm=2), examples=examples,
    )  # fmt: skip


CUMSUM = _record("cumsum", "add", "The running sum along an axis.", _examples(-4, 4))
CUMPROD = _record("cumprod", "mul", "The running product along an axis.", _examples(-1.5, 1.5))

OPS: tuple[Op, ...] = (CUMSUM, CUMPROD)
