# SPDX-License-Identifier: Apache-2.0
"""Accumulators: how each kind of reduction starts, takes a value, and joins what threads have.

A partial result is one variable, or two for arg kinds (the best value and its position); a wide one
has an element for each lane.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ingot.dtypes import BOOL, INT64, DType
from ingot.kernel.nodes import ReduceKind
from ingot.targets.cuda.operators import operator_text
from ingot.targets.cuda.scope import ELEMENT, Value
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import LONG, literal, register_type

WARP: Final = 32
_OPERATORS = {"sum": "add", "prod": "mul", "max": "maximum", "min": "minimum"}


@dataclass(frozen=True, slots=True)
class Accumulator:
    """Partial results of a reduction `kind` over values of `dtype`; `width` 0 for one scalar."""

    source: Source
    kind: ReduceKind
    dtype: DType
    width: int
    best: str
    place: str

    @classmethod
    def start(cls, source: Source, kind: ReduceKind, dtype: DType, width: int) -> Accumulator:
        """Declare the result of folding nothing."""
        made = cls(source, kind, dtype, width, source.fresh("a"), source.fresh("a"))
        made._declare(register_type(dtype), made.best, literal(_neutral(kind, dtype), dtype))
        if made.arg:
            made._declare(LONG, made.place, "0")
        return made

    @property
    def arg(self) -> bool:
        """Whether the result is a position."""
        return self.kind.startswith("arg")

    def result(self) -> Value:
        """The finished reduction."""
        name = self.place if self.arg else self.best
        kind = register_type(INT64 if self.arg else self.dtype)
        return Value(self._at(name), kind, self.width > 0)

    def take(self, value: str, position: str | None) -> str:
        """The statement that folds in a value; for lane `k` where it or the accumulator is wide."""
        best = self._at(self.best)
        if position is None:
            return f"{best} = {self._join(best, value)};"
        place = self._at(self.place)
        better = self._better(best, place, value, position)
        return f"if ({better}) {{ {best} = {value}; {place} = {position}; }}"

    def across(self, threads: int) -> None:
        """Join the partial results of neighbouring threads; each of them gets the whole."""
        source = self.source
        shuffle = source.helper("shuffle")
        source.line("#pragma unroll")
        with source.block(f"for (int d = {WARP // 2}; d > 0; d >>= 1)"):
            value = source.fresh()
            source.line(f"const {register_type(self.dtype)} {value} = {shuffle}({self.best}, d);")
            position = None
            if self.arg:
                position = source.fresh()
                source.line(f"const {LONG} {position} = {shuffle}({self.place}, d);")
            source.line(self.take(value, position))
        if threads > WARP:
            self._across_warps(threads // WARP)

    def _across_warps(self, warps: int) -> None:
        source = self.source
        values = self._shared(register_type(self.dtype), warps)
        places = self._shared(LONG, warps) if self.arg else ""
        with source.block(f"if (threadIdx.x % {WARP} == 0)"):
            source.line(f"{values}[threadIdx.x / {WARP}] = {self.best};")
            if self.arg:
                source.line(f"{places}[threadIdx.x / {WARP}] = {self.place};")
        source.line("__syncthreads();")
        source.line(f"{self.best} = {values}[0];")
        if self.arg:
            source.line(f"{self.place} = {places}[0];")
        source.line("#pragma unroll")
        with source.block(f"for (int w = 1; w < {warps}; ++w)"):
            source.line(self.take(f"{values}[w]", f"{places}[w]" if self.arg else None))

    def _shared(self, kind: str, count: int) -> str:
        name = self.source.fresh("shared")
        self.source.line(f"__shared__ {kind} {name}[{count}];")
        return name

    def _declare(self, kind: str, name: str, value: str) -> None:
        if not self.width:
            self.source.line(f"{kind} {name} = {value};")
            return
        self.source.line(f"{kind} {name}[{self.width}];")
        self.source.line("#pragma unroll")
        head = f"for (int {ELEMENT} = 0; {ELEMENT} < {self.width}; ++{ELEMENT})"
        self.source.line(f"{head} {name}[{ELEMENT}] = {value};")

    def _at(self, name: str) -> str:
        return f"{name}[{ELEMENT}]" if self.width else name

    def _join(self, a: str, b: str) -> str:
        if self.dtype == BOOL:
            return f"{a} {'||' if self.kind in ('any', 'max', 'sum') else '&&'} {b}"
        return operator_text(self.source, _OPERATORS[self.kind], self.dtype, (a, b))

    def _better(self, best: str, place: str, value: str, position: str) -> str:
        """Whether a value beats the best: NaN beats all, of equals the preferred position."""
        larger = ">" if "max" in self.kind else "<"
        before = ">" if self.kind.endswith("_last") else "<"
        preferred = f"{position} {before} {place}"
        if not self.dtype.is_float:
            return f"{value} {larger} {best} || ({value} == {best} && {preferred})"
        nan, known = f"{value} != {value}", f"{best} == {best}"
        return (
            f"({nan}) ? ({known} || {preferred})"
            f" : ({known} && ({value} {larger} {best} || ({value} == {best} && {preferred})))"
        )


def _neutral(kind: ReduceKind, dtype: DType) -> float:
    if kind in ("sum", "any"):
        return 0
    if kind in ("prod", "all"):
        return 1
    lowest = "max" in kind
    if dtype == BOOL:
        return 0 if lowest else 1
    if dtype.is_float:
        return float("-inf") if lowest else float("inf")
    if not dtype.is_signed:
        return 0 if lowest else (1 << dtype.bits) - 1
    return -(1 << (dtype.bits - 1)) if lowest else (1 << (dtype.bits - 1)) - 1
