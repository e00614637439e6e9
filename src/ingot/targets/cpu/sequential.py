# SPDX-License-Identifier: Apache-2.0
"""Prints sequential statements as LLVM IR: what is assigned anew becomes a phi.

Each statement is a scope of its own, so that what it needs is printed behind the statement before
it, and what it loads is forgotten after it. A Local has a new name after each assignment, so no
value that was computed from an older one is taken for the present one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ingot.kernel.loops import (
    Assign,
    Axis,
    Branch,
    Loop,
    Statement,
    While,
    assigned,
    mapped,
)
from ingot.kernel.nodes import Expr, Local, replaced
from ingot.targets.cpu.builder import Builder, Carried, Integer
from ingot.targets.cpu.emit import Emitter
from ingot.targets.cpu.scope import Scopes
from ingot.targets.cpu.types import register_type

Carry = tuple[Local, int]  # what a loop or branch carries, and in how many lanes


class Serial(Protocol):
    """Prints a serial loop that carries values around."""

    def __call__(
        self,
        axis: Axis,
        body: Callable[[list[str]], Sequence[str] | None],
        carried: Sequence[tuple[str, Integer]] = (),
    ) -> list[str]:
        """The final values."""


class Sequential:
    """Statements of one kernel that run in order; `plain` prints those that carry nothing."""

    def __init__(
        self,
        builder: Builder,
        scopes: Scopes,
        emitter: Emitter,
        plain: Callable[[Statement], None],
        serial: Serial,
    ) -> None:
        self._builder = builder
        self._scopes = scopes
        self._emitter = emitter
        self._plain = plain
        self._serial = serial
        self._current: dict[Expr, Local] = {}  # each Local by its name since its last assignment
        self._names = 0

    def block(self, statements: Sequence[Statement]) -> None:
        """Statements that assign nothing that is known outside."""
        before = dict(self._current)
        self._run(statements, ())
        self._current = before

    def _run(self, statements: Sequence[Statement], wanted: Sequence[Carry]) -> list[str]:
        """Statements in order; the values of `wanted` behind them."""
        outer = self._scopes.depth
        for statement in statements:
            self._scopes.push()
            with self._scopes.arm(self._scopes.depth):
                self._print(statement)
        values = [str(register) for _, register in self._registers(wanted)]
        while self._scopes.depth > outer:
            self._scopes.pop()
        return values

    def _print(self, statement: Statement) -> None:
        if isinstance(statement, While):
            self._while(statement)
            return
        statement = mapped(statement, self._now)
        match statement:
            case Assign(target=target, value=value):
                found = self._emitter.value(value)
                self._set(target, found.register, found.lanes)
            case Branch():
                self._branch(statement)
            case Loop(axis=axis) if axis.kind != "vector":
                self._loop(statement)
            case _:
                self._plain(statement)

    def _now(self, expr: Expr) -> Expr:
        return replaced(expr, self._current)

    def _set(self, target: Local, register: str, lanes: int = 1) -> None:
        self._names += 1
        name = Local(f"{target.name}.{self._names}", target.dtype)
        self._scopes.bind(name, register, lanes)
        self._current[target] = name

    # What is carried around.

    def _carried(self, *blocks: Sequence[Statement]) -> tuple[Carry, ...]:
        """What is known here and assigned in `blocks`."""
        found = dict.fromkeys(local for block in blocks for local in assigned(block))
        return tuple((local, self._lanes(local)) for local in found if local in self._current)

    def _lanes(self, local: Local) -> int:
        """In how many lanes a Local is carried: a float in a vector loop is a sum for each lane."""
        lane = self._scopes.lane
        known = self._scopes.bound(self._current[local]).lanes
        return lane.lanes if lane is not None and local.dtype.is_float else known

    def _registers(self, carried: Sequence[Carry]) -> list[Carried]:
        return [
            (
                register_type(local.dtype, lanes),
                self._emitter.spread(self._current[local], lanes),
            )
            for local, lanes in carried
        ]

    def _turn(
        self, body: Sequence[Statement], carried: Sequence[Carry], registers: Sequence[Integer]
    ) -> list[str]:
        """One pass through `body`, from the values of what is carried to the next ones."""
        before = dict(self._current)
        self._scopes.push()
        for (local, lanes), register in zip(carried, registers, strict=True):
            self._set(local, str(register), lanes)
        values = self._run(body, carried)
        self._scopes.pop()
        self._current = before
        return values

    def _leave(self, carried: Sequence[Carry], registers: Sequence[str]) -> None:
        """Behind a loop or branch, what it carried has other values: a scope of its own."""
        self._scopes.push()
        for (local, lanes), register in zip(carried, registers, strict=True):
            self._set(local, register, lanes)

    # Statements.

    def _loop(self, loop: Loop) -> None:
        carried = self._carried(loop.body)

        def turn(values: list[str]) -> list[str]:
            return self._turn(loop.body, carried, values)

        self._leave(carried, self._serial(loop.axis, turn, self._registers(carried)))

    def _branch(self, statement: Branch) -> None:
        carried = self._carried(statement.then, statement.otherwise)
        before = self._registers(carried)
        values = [value for _, value in before]
        results = self._builder.branch_if(
            self._emitter.value(statement.condition).register,
            lambda: self._turn(statement.then, carried, values),
            lambda: self._turn(statement.otherwise, carried, values),
            [kind for kind, _ in before],
        )
        self._leave(carried, results)

    def _while(self, statement: While) -> None:
        carried = self._carried(statement.body)

        def test(values: list[str]) -> str:
            before = dict(self._current)
            self._leave(carried, values)
            condition = self._emitter.value(self._now(statement.condition)).register
            self._scopes.pop()
            self._current = before
            return condition

        def turn(values: list[str]) -> list[str]:
            return self._turn(statement.body, carried, values)

        results = self._builder.loop_while(test, turn, self._registers(carried))
        self._leave(carried, results)
