# SPDX-License-Identifier: Apache-2.0
"""Sorting inside a kernel: keys, and a stable sort of (key, index) pairs in a worker's memory.

Long rows are sorted digit by digit from the lowest (radix sort): this is linear and never compares.
Digits that all keys share are skipped. Short rows are sorted by insertion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import (
    BFLOAT16,
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT32,
    INT64,
    UINT32,
    UINT64,
    DType,
)
from ingot.kernel.nodes import Const, Expr, Local, apply, bits, cast, where
from ingot.kernel.routine import Bound, Routine, Tensor, as_index
from ingot.kernel.view import View
from ingot.ops.steps import Steps

_DIGIT: Final = 8
_RADIX: Final = 1 << _DIGIT
_SHORT: Final = 40
_UNUSED: Final = {FLOAT16: 13, BFLOAT16: 16}  # low bits of a float32 that are always 0


def key_bits(dtype: DType) -> int:
    """How many low bits of a key may differ."""
    if dtype.is_float and dtype.bits <= 32:
        return 32 - _unused(dtype)
    return 1 if dtype == BOOL else dtype.bits


def _unused(dtype: DType) -> int:
    return 0 if dtype == FLOAT32 else _UNUSED.get(dtype, 20)


def key_dtype(dtype: DType) -> DType:
    """The type of the keys of elements of `dtype`."""
    return UINT64 if dtype.bits > 32 else UINT32


def sort_key(value: Expr, *, descending: bool) -> Expr:
    """The unsigned number by which `value` is sorted: it grows as the value grows, or falls."""
    key = _float_key(value) if value.dtype.is_float else _integer_key(value)
    if not descending:
        return key
    return apply("bitwise_xor", key, Const((1 << key_bits(value.dtype)) - 1, key.dtype))


def _integer_key(value: Expr) -> Expr:
    old, new = value.dtype, key_dtype(value.dtype)
    wide = cast(value, new)
    if not old.is_signed:
        return wide
    moved = wide + Const(1 << (old.bits - 1), new)
    return apply("bitwise_and", moved, Const((1 << old.bits) - 1, new))


def _float_key(value: Expr) -> Expr:
    """Bits with the sign flipped, all of them where it is set; NaN is above every number."""
    dtype = value.dtype
    wide = value if dtype == FLOAT64 else cast(value, FLOAT32)
    signed, unsigned = (INT64, UINT64) if dtype == FLOAT64 else (INT32, UINT32)
    wide = where(apply("equal", wide, 0.0), Const(0.0, wide.dtype), wide)
    raw = bits(wide, signed)
    sign = apply("shift_right", raw, signed.bits - 1)
    flip = apply("bitwise_or", sign, Const(-(1 << (signed.bits - 1)), signed))
    key = bits(apply("bitwise_xor", raw, flip), unsigned)
    key = where(apply("is_nan", wide), Const((1 << unsigned.bits) - 1, unsigned), key)
    unused = 0 if dtype == FLOAT64 else _unused(dtype)
    return apply("shift_right", key, unused) if unused else key


@dataclass(frozen=True)
class SortMemory:
    """What sorting needs: keys and indices twice, [lines, 2, length], and counts of digits."""

    dtype: DType
    views: tuple[View, View, View]


def sorter(steps: Steps, dtype: DType, count: Dim, length: Dim) -> SortMemory:
    """Memory to sort `count` lines of up to `length` elements of `dtype`."""
    small = isinstance(length, int) and length < 1 << 31
    digits = dims.ceil_div(key_bits(dtype), _DIGIT)
    keys = steps.scratch(key_dtype(dtype), count, 2, length)
    indices = steps.scratch(INT32 if small else INT64, count, 2, length)
    counts = steps.scratch(INT64, count, digits, _RADIX)
    return SortMemory(dtype, (keys, indices, counts))


class Sorter:
    """Sorts the pairs of one line: `put` them, `sort`, and read where each came from."""

    def __init__(
        self, routine: Routine, memory: SortMemory, scratch: Sequence[Tensor], line: Expr
    ) -> None:
        self._routine = routine
        self.dtype = memory.dtype
        self.line = line
        self._keys, self._indices, self._counts = scratch
        self._side: Local = routine.let(0)  # which of the two halves holds the pairs

    def put(self, position: Bound, key: Expr, index: Expr) -> None:
        """Let pair number `position` be (key, index)."""
        routine, kind = self._routine, self._indices.dtype
        routine.store(self._keys, key, self.line, self._side, position)
        routine.store(self._indices, cast(index, kind), self.line, self._side, position)

    def key(self, position: Bound) -> Expr:
        """The key of a pair."""
        return self._keys[self.line, self._side, position]

    def index(self, position: Bound) -> Expr:
        """The index of a pair, as INT64."""
        return cast(self._indices[self.line, self._side, position], INT64)

    def sort(self, count: Bound) -> None:
        """Order the first `count` pairs by key; equal keys stay as they are."""
        count = as_index(count)
        if isinstance(count, Const):
            self._insertion(count) if count.value <= _SHORT else self._radix(count)
            return
        with self._routine.when(count <= _SHORT):
            self._insertion(count)
        with self._routine.otherwise():
            self._radix(count)

    def _insertion(self, count: Expr) -> None:
        routine, one = self._routine, Const(1, INT64)
        with routine.loop(1, count) as i:
            key, index = routine.let(self.key(i)), routine.let(self.index(i))
            place = routine.let(i)
            before = apply("maximum", place - one, 0)
            with routine.repeat((place > 0) & (self.key(before) > key)):
                self.put(place, self.key(place - one), self.index(place - one))
                routine.set(place, place - one)
            self.put(place, key, index)

    def _radix(self, count: Expr) -> None:
        routine, line = self._routine, self.line
        digits = self._counts.shape[1]
        with routine.loop(0, digits) as digit, routine.vector(0, _RADIX) as empty:
            routine.store(self._counts, Const(0, INT64), line, digit, empty)
        with routine.loop(0, count) as i:
            key = routine.let(self.key(i))
            assert isinstance(digits, int)
            for number in range(digits):
                value = routine.let(self._digit(key, Const(number, INT64)))
                more = self._counts[line, number, value] + 1
                routine.store(self._counts, more, line, number, value)
        with routine.loop(0, digits) as digit:
            first = self._digit(self.key(0), digit)
            with routine.when(self._counts[line, digit, first] < count):
                self._pass(digit, count)

    def _pass(self, digit: Expr, count: Expr) -> None:
        """Deal the pairs out by one digit, into the other half."""
        routine, line, counts = self._routine, self.line, self._counts
        total = routine.let(0)
        with routine.loop(0, _RADIX) as each:
            own = routine.let(counts[line, digit, each])
            routine.store(counts, total, line, digit, each)
            routine.set(total, total + own)
        other = routine.let(Const(1, INT64) - self._side)
        with routine.loop(0, count) as i:
            key, index = routine.let(self.key(i)), routine.let(self.index(i))
            value = routine.let(self._digit(key, digit))
            place = routine.let(counts[line, digit, value])
            routine.store(counts, place + 1, line, digit, value)
            routine.store(self._keys, key, line, other, place)
            kind = self._indices.dtype
            routine.store(self._indices, cast(index, kind), line, other, place)
        routine.set(self._side, other)

    def _digit(self, key: Expr, digit: Expr) -> Expr:
        amount = cast(digit * _DIGIT, key.dtype)
        low = apply("bitwise_and", apply("shift_right", key, amount), _RADIX - 1)
        return cast(low, INT64)
