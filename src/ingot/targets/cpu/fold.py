# SPDX-License-Identifier: Apache-2.0
"""Accumulators: how each kind of reduction starts, takes a value, and joins two partial results.

A partial result is one register, or two for arg kinds (the best value and its position).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dtypes import BOOL, INT64, DType
from ingot.kernel.nodes import ReduceKind
from ingot.targets.cpu.builder import Builder, element_of, literal, vector
from ingot.targets.cpu.floats import emit_float
from ingot.targets.cpu.integers import emit_integer
from ingot.targets.cpu.types import register_type

_OPERATORS = {"sum": "add", "prod": "mul", "max": "maximum", "min": "minimum"}


@dataclass(frozen=True, slots=True)
class Accumulator:
    """Partial results of reduction `kind` over values of `dtype`."""

    builder: Builder
    kind: ReduceKind
    dtype: DType

    @property
    def arg(self) -> bool:
        """Whether the result is a position."""
        return self.kind.startswith("arg")

    def types(self, lanes: int) -> list[str]:
        """The LLVM types of a partial result."""
        kinds = [register_type(self.dtype, lanes)]
        return [*kinds, vector("i64", lanes)] if self.arg else kinds

    def start(self, lanes: int) -> list[str]:
        """The result of folding nothing."""
        first = literal(self.types(lanes)[0], self._neutral())
        return [first, literal(vector("i64", lanes), 0)] if self.arg else [first]

    def _neutral(self) -> float:
        if self.kind in ("sum", "any"):
            return 0
        if self.kind in ("prod", "all"):
            return 1
        lowest = "max" in self.kind
        if self.dtype == BOOL:
            return 0 if lowest else 1
        if self.dtype.is_float:
            return float("-inf") if lowest else float("inf")
        if not self.dtype.is_signed:
            return 0 if lowest else (1 << self.dtype.bits) - 1
        return -(1 << (self.dtype.bits - 1)) if lowest else (1 << (self.dtype.bits - 1)) - 1

    def masked(self, mask: str | None, value: list[str], lanes: int) -> list[str]:
        """`value` in the lanes of `mask`, what folds to nothing in the others."""
        if mask is None:
            return value
        pairs = zip(self.types(lanes), value, self.start(lanes), strict=True)
        return [self.builder.choose(kind, mask, one, none) for kind, one, none in pairs]

    def join(self, a: Sequence[str], b: Sequence[str], lanes: int) -> list[str]:
        """The fold of two partial results, `a` being the earlier one."""
        kind = register_type(self.dtype, lanes)
        if self.arg:
            return self._better(a, b, kind, lanes)
        if self.dtype == BOOL:
            either = self.kind in ("any", "max", "sum")
            return [self.builder.binary("or" if either else "and", kind, a[0], b[0])]
        op = _OPERATORS[self.kind]
        if self.dtype.is_float:
            return [emit_float(self.builder, op, kind, (a[0], b[0]))]
        return [emit_integer(self.builder, op, self.dtype, kind, (a[0], b[0]))]

    def _better(self, a: Sequence[str], b: Sequence[str], kind: str, lanes: int) -> list[str]:
        """The larger (smaller) value; of equal values the one whose position is preferred."""
        builder, flags = self.builder, vector("i1", lanes)
        places = vector("i64", lanes)
        wins, ties = self._order(a[0], b[0], kind, flags)
        before = "sgt" if self.kind.endswith("_last") else "slt"
        preferred = builder.test(f"icmp {before}", places, b[1], a[1])
        tie = builder.binary("and", flags, ties, preferred)
        taken = builder.binary("or", flags, wins, tie)
        return [
            builder.choose(kind, taken, b[0], a[0]),
            builder.choose(places, taken, b[1], a[1]),
        ]

    def _order(self, a: str, b: str, kind: str, flags: str) -> tuple[str, str]:
        """Whether b beats a, and whether they are equal (or both NaN); NaN beats all."""
        builder = self.builder
        larger = "max" in self.kind
        if not self.dtype.is_float:
            sign = "s" if self.dtype.is_signed and self.dtype != BOOL else "u"
            wins = builder.test(f"icmp {sign}{'gt' if larger else 'lt'}", kind, b, a)
            return wins, builder.test("icmp eq", kind, b, a)
        beats = builder.test(f"fcmp u{'gt' if larger else 'lt'}", kind, b, a)
        number = builder.test("fcmp ord", kind, a, a)
        differ = builder.test("fcmp one", kind, b, a)
        mixed = builder.binary("xor", flags, number, builder.test("fcmp ord", kind, b, b))
        either = builder.binary("or", flags, differ, mixed)
        same = builder.binary("xor", flags, either, literal(flags, 1))
        return builder.binary("and", flags, beats, number), same

    def across(self, value: Sequence[str], lanes: int) -> list[str]:
        """The fold of all lanes of a partial result, as scalars."""
        parts = list(value)
        while lanes > 1:
            half = lanes // 2
            kinds = self.types(lanes)
            low, high = (
                [
                    self.builder.shuffle(kind, part, "poison", range(start, start + half))
                    for kind, part in zip(kinds, parts, strict=True)
                ]
                for start in (0, half)
            )
            if half == 1:
                low = [self._scalar(kind, part) for kind, part in zip(kinds, low, strict=True)]
                high = [self._scalar(kind, part) for kind, part in zip(kinds, high, strict=True)]
            parts, lanes = self.join(low, high, half), half
        return parts

    def _scalar(self, kind: str, part: str) -> str:
        return self.builder.value(f"extractelement <1 x {element_of(kind)}> {part}, i64 0")

    def result(self, value: Sequence[str]) -> tuple[str, DType]:
        """The register of the finished reduction and its type."""
        return (value[1], INT64) if self.arg else (value[0], self.dtype)
