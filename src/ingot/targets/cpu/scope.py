# SPDX-License-Identifier: Apache-2.0
"""Scopes of the code that is being printed: which values exist, and where to print more.

Every loop body is a scope with a slot at its start. A value that depends only on outer variables is
printed into the slot of the outer scope, once, however deep the code is that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ingot.kernel.index import Indices
from ingot.kernel.nodes import Expr, Load, Local, Var, free_names, walk
from ingot.targets.cpu.builder import Builder, Integer
from ingot.targets.cpu.slot import Slot

BASE = Var("lane_base")


@dataclass(frozen=True, slots=True)
class Value:
    """A register or literal, its lanes (1: the same for all), and the scope where it is known."""

    register: str
    lanes: int
    depth: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The variable that runs in lanes: lane k holds `base + k`; `mask` says which lanes count."""

    var: Var
    base: Integer
    lanes: int
    mask: str | None = None


@dataclass(eq=False, slots=True)
class Scope:
    """One loop body or the code behind a fold."""

    slot: Slot
    indices: Indices
    lane: Lane | None = None
    layers: list[dict[object, Value]] = field(default_factory=lambda: [{}])


class Scopes:
    """The stack of open scopes, the variables bound in them, and what each has computed.

    Where memory is `mutable`, a load belongs to the scope in which it stands, and to no outer one.
    """

    def __init__(self, builder: Builder, *, mutable: bool = False) -> None:
        self.builder = builder
        self._mutable = mutable
        self._stack = [Scope(builder.slot(), Indices({}))]
        self._variables: dict[Expr, Value] = {}

    @property
    def inner(self) -> Scope:
        """The innermost scope."""
        return self._stack[-1]

    @property
    def depth(self) -> int:
        """The depth of the innermost scope; 0 is the function's entry."""
        return len(self._stack) - 1

    @property
    def lane(self) -> Lane | None:
        """The variable that runs in lanes here."""
        return self.inner.lane

    @property
    def indices(self) -> Indices:
        """The index algebra with the ranges of all open loops."""
        return self.inner.indices

    def push(self, indices: Indices | None = None, lane: Lane | None = None) -> None:
        """Open a scope at the place that is being printed; `lane` binds its variable too."""
        outer = self.inner
        slot = self.builder.slot()
        self._stack.append(Scope(slot, indices or outer.indices, lane or outer.lane))
        if lane is not None:
            self.bind(lane.var, lane.base, lane.lanes)
            self.bind(BASE, lane.base)

    def pop(self) -> None:
        """Close the innermost scope."""
        depth = self.depth
        self._stack.pop()
        for name in [name for name, value in self._variables.items() if value.depth == depth]:
            del self._variables[name]

    def bind(self, name: Var | Local, register: Integer, lanes: int = 1) -> None:
        """Let `name` have a value from the innermost scope on."""
        self._variables[name] = Value(str(register), lanes, self.depth)

    def bound(self, name: Expr) -> Value:
        """The value of a variable or Local."""
        return self._variables[name]

    def depth_of(self, expr: Expr) -> int:
        """The outermost scope where everything that `expr` depends on is known."""
        if self._mutable and any(isinstance(part, Load) for part in walk((expr,))):
            return self.depth
        return max((self._variables[name].depth for name in free_names(expr)), default=0)

    def spreads(self, expr: Expr) -> bool:
        """Whether `expr` contains a Local that differs between lanes, or is not known yet."""
        names = [name for name in free_names(expr) if isinstance(name, Local)]
        known = [self._variables.get(name) for name in names]
        return any(value is None or value.lanes > 1 for value in known)

    def find(self, key: object) -> Value | None:
        """What an open scope has computed for `key`."""
        for scope in reversed(self._stack):
            for layer in reversed(scope.layers):
                if key in layer:
                    return layer[key]
        return None

    def keep(self, key: object, value: Value) -> Value:
        """Remember `value` in its scope."""
        self._stack[value.depth].layers[-1][key] = value
        return value

    @contextmanager
    def at(self, depth: int) -> Iterator[None]:
        """Print into the scope at `depth` for a while."""
        with self.builder.at(self._stack[depth].slot):
            yield

    @contextmanager
    def arm(self, depth: int) -> Iterator[None]:
        """What is computed at `depth` meanwhile is forgotten afterwards: it lies in a branch."""
        layers = self._stack[depth].layers
        layers.append({})
        try:
            yield
        finally:
            layers.pop()
