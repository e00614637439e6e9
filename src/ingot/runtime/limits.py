# SPDX-License-Identifier: Apache-2.0
"""What a run may take at most, and the watch over one run of a script.

What a plan needs is known before it starts. A script may go on for ever and hold ever more, so it
is looked at while it runs: the clock between the turns of loops and scans and between segments,
the bytes of what a loop carries on and stacks after each turn. A segment is not interrupted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic
from typing import Any, Final

from ingot.errors import ResourceError
from ingot.ir.graph import Graph, Node
from ingot.ops.control import first_stacked
from ingot.ops.script import RunBody

# Bytes that Python takes for an array beside its elements.
ARRAY: Final = 128


@dataclass(frozen=True, slots=True)
class Limits:
    """Most bytes of activations and most seconds of a run; None where there is no limit."""

    memory: int | None = None
    seconds: float | None = None


NO_LIMITS: Final = Limits()


@dataclass(eq=False, slots=True)
class _Loop:
    """A loop or scan at work: the turn it is at, and the bytes of what it has to stack."""

    node: Node
    first_stacked: int
    turn: int = 0
    stacked: int = 0

    def __str__(self) -> str:
        return f"{self.node.op} '{self.node.name}'"


class Watch:
    """One run of a script under limits."""

    def __init__(self, name: str, limits: Limits, runs: int = 1) -> None:
        """`name` is the session's; every step of the script is to run `runs` times."""
        self._name = name
        self._limits = limits
        self._seconds = inf if limits.seconds is None else limits.seconds
        self._end = monotonic() + runs * self._seconds
        self._loops: list[_Loop] = []

    def check_time(self, node: Node) -> None:
        """Let `node` begin; raises ResourceError where the time is over."""
        if monotonic() > self._end:
            raise self._too_late(node)

    @contextmanager
    def repeating(self, node: Node, run: RunBody) -> Iterator[RunBody]:
        """What runs the bodies of `node` in place of `run`: turns of loops and scans are watched.

        It raises ResourceError where the time is over, or where loops hold too many bytes.
        """
        first = first_stacked(node)
        if first is None:
            yield run
            return
        loop = _Loop(node, first)
        self._loops.append(loop)
        try:
            yield partial(self._turn, loop, run)
        finally:
            self._loops.pop()

    def _turn(self, loop: _Loop, run: RunBody, body: Graph, items: Sequence[Any]) -> Sequence[Any]:
        self.check_time(loop.node)
        results = run(body, items)
        if self._limits.memory is not None:
            self._check_memory(loop, results, self._limits.memory)
        loop.turn += 1
        return results

    def _check_memory(self, loop: _Loop, results: Sequence[Any], limit: int) -> None:
        """Count what the turn gave to stack, and what it carries on, beside all other stacks."""
        loop.stacked += _bytes(results[loop.first_stacked :])
        carried = _bytes(results[: loop.first_stacked])
        needed = carried + sum(outer.stacked for outer in self._loops)
        if needed > limit:
            raise ResourceError(
                f"{loop}: needs at least {needed} bytes at {self._place()}, "
                f"memory_limit is {limit}",
                cure=f"{self._cure()}raise memory_limit or run smaller inputs",
            )

    def _too_late(self, node: Node) -> ResourceError:
        loop = self._loops[-1] if self._loops else f"session '{self._name}'"
        place = f"at {self._place()}" if self._loops else f"before '{node.name}' is computed"
        return ResourceError(
            f"{loop}: the run takes longer than its time_limit of {self._seconds:g} s, {place}",
            cure=f"{self._cure()}raise time_limit or run smaller inputs",
        )

    def _place(self) -> str:
        """The turn at hand, and those of the loops around it; turns count from 0."""
        inner, *around = reversed(self._loops)
        return f"turn {inner.turn}" + "".join(f" within turn {o.turn} of {o}" for o in around)

    def _cure(self) -> str:
        """A scan ends by itself; a loop ends where its condition says so."""
        wrong = any(loop.node.op == "loop" for loop in self._loops)
        return "correct the loop's condition, " if wrong else ""


def _bytes(items: Sequence[Any]) -> int:
    """Bytes of tensors, those in lists too."""
    return sum(_bytes(item) if isinstance(item, list) else item.nbytes + ARRAY for item in items)
