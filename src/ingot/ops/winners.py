# SPDX-License-Identifier: Apache-2.0
"""The first few of a row, in order, as a tournament: blocks know their best, and lose it in turn.

An element is its key and its index in one number, so no two are equal and the index comes with the
winner. For rows of up to 2^32 elements of up to 32 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import INT64, UINT64, DType
from ingot.kernel.nodes import Const, Expr, apply, bits, cast
from ingot.kernel.routine import Routine, Tensor
from ingot.kernel.view import View
from ingot.ops.sorting import key_bits
from ingot.ops.steps import Steps

_BLOCK: Final = 64
FEW: Final = 256  # winners up to which a tournament is the way to find them
_GONE: Final = Const((1 << 64) - 1, UINT64)
Element = Callable[[Expr], Expr]


def has_tournament(dtype: DType) -> bool:
    """Whether keys of `dtype` are short enough."""
    return key_bits(dtype) <= 32


def winners_memory(steps: Steps, lines: Dim, length: Dim) -> tuple[View, View]:
    """What the tournament of a line needs: its elements in whole blocks, and the best of each."""
    blocks = dims.ceil_div(length, _BLOCK)
    return (
        steps.scratch(UINT64, lines, blocks * _BLOCK),
        steps.scratch(UINT64, lines, blocks),
    )


class Tournament:
    """Writes the tournament of one line of `length` elements."""

    def __init__(
        self, routine: Routine, memory: tuple[Tensor, Tensor], line: Expr, length: Dim
    ) -> None:
        self._routine = routine
        self._elements, self._best = memory
        self._line = line
        self._length = length
        self._blocks = self._best.shape[1]

    def winners(self, k: Dim, key: Element, take: Callable[[Expr, Expr], None]) -> None:
        """`take(place, index)` for the first `k`; `key` gives the key of an element."""
        routine = self._routine
        self._fill(key)
        with routine.loop(0, self._blocks) as block:
            self._judge(block)
        with routine.loop(0, k) as place:
            best = routine.fold("min", 0, self._blocks, lambda b: self._best[self._line, b])
            index = routine.let(_index_of(best))
            take(place, index)
            routine.store(self._elements, _GONE, self._line, index)
            self._judge(index // _BLOCK)

    def _fill(self, key: Element) -> None:
        """Every element in its place; behind the last one nothing can win."""
        routine, length = self._routine, self._length
        with routine.vector(0, length) as i:
            routine.store(self._elements, _joined(key(i), i), self._line, i)
        with routine.vector(length, self._elements.shape[1]) as i:
            routine.store(self._elements, _GONE, self._line, i)

    def _judge(self, block: Expr) -> None:
        """Find the best of a block."""
        routine = self._routine
        start = routine.let(block * _BLOCK)
        best = routine.fold("min", 0, _BLOCK, lambda j: self._elements[self._line, start + j])
        routine.store(self._best, best, self._line, block)


def _index_of(element: Expr) -> Expr:
    return bits(apply("bitwise_and", element, Const((1 << 32) - 1, UINT64)), INT64)


def sole_winner(routine: Routine, length: Dim, key: Element) -> Expr:
    """The index of the first of a line: one fold, without memory."""
    return _index_of(routine.fold("min", 0, length, lambda i: _joined(key(i), i)))


def _joined(key: Expr, index: Expr) -> Expr:
    """Key and index in one number."""
    return apply("bitwise_or", apply("shift_left", cast(key, UINT64), 32), bits(index, UINT64))
