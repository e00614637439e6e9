# SPDX-License-Identifier: Apache-2.0
"""What is known at a place in a kernel: values by expression, ranges of variables, the lane.

A thread that works on several neighbouring elements at once holds a value for each in an array: the
lane variable counts them, and a value that depends on it is `wide`. The compiler unrolls the loops
over such arrays and keeps them in registers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ingot.dims import Dim
from ingot.kernel.index import Indices
from ingot.kernel.nodes import Expr, Local, Var

Range = tuple[Dim, Dim]
ELEMENT: Final = "k"  # counts the lanes in loops over wide values
BASE: Final = Var("lane_base")  # the lane variable in lane 0


@dataclass(frozen=True, slots=True)
class Value:
    """A C++ expression and its type; `wide` ones are given for lane `k`."""

    text: str
    kind: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """The variable that runs in lanes: lane k holds `base + k`; `base` is a multiple of `width`."""

    var: Var
    base: Value
    width: int


class Scopes:
    """The stack of open scopes; a name printed in an outer one is known in those inside."""

    def __init__(self) -> None:
        self._values: list[dict[Expr, Value]] = [{}]
        self._indices: list[Indices] = [Indices({})]
        self._lanes: list[Lane | None] = [None]

    @property
    def indices(self) -> Indices:
        """The index algebra with the ranges of all variables that are bound here."""
        return self._indices[-1]

    @property
    def lane(self) -> Lane | None:
        """What runs in lanes here."""
        return self._lanes[-1]

    @contextmanager
    def inside(
        self, ranges: Mapping[Var, Range] | None = None, lane: Lane | None = None
    ) -> Iterator[None]:
        """A scope in which variables have `ranges`; `lane` is kept where it is None."""
        known = dict(ranges or {})
        if lane is not None:
            known[BASE] = known[lane.var]
        self._values.append({})
        self._indices.append(self.indices.within(known) if known else self.indices)
        self._lanes.append(lane or self.lane)
        if lane is not None:
            self.bind(BASE, lane.base)
            self.bind(lane.var, Value(f"({lane.base.text} + {ELEMENT})", lane.base.kind, True))
        yield
        for stack in (self._values, self._indices, self._lanes):
            stack.pop()

    def bind(self, expr: Expr, value: Value) -> Value:
        """Let `value` stand for `expr` until the scope ends."""
        self._values[-1][expr] = value
        return value

    def find(self, expr: Expr) -> Value | None:
        """The value of `expr` where it is known."""
        for values in reversed(self._values):
            if expr in values:
                return values[expr]
        return None

    def is_wide(self, names: frozenset[Var | Local]) -> bool:
        """Whether a value that depends on these names differs between lanes."""
        return any(value is not None and value.wide for value in map(self.find, names))
