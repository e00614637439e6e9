# SPDX-License-Identifier: Apache-2.0
"""A plan bound to sizes and memory on this CPU.

A run writes the addresses of the caller's arrays into the frames, lets the team walk the step
table, and reads the status word. Nothing is copied and nothing else happens in Python.
"""

from __future__ import annotations

import ctypes
import statistics
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingot.errors import RunError
from ingot.plan import Plan, Port, Step
from ingot.targets.cpu.block import Words
from ingot.targets.cpu.frame import DIVISION_FAULT, INDEX_FAULT
from ingot.targets.cpu.layout import Patch
from ingot.targets.cpu.team import Table, Team

Array = NDArray[Any]
Arrays = Mapping[str, Array]

_FAULTS: Final = {
    INDEX_FAULT: ("index {} is out of range", "check the input that holds the indices"),
    DIVISION_FAULT: ("division of an integer by zero", "check the input that divides"),
}


class _Pointed(NamedTuple):
    """A port and the words that point into its array."""

    name: str
    patches: list[Patch]


class CpuExecutable:
    """Runs a plan; `memory` is the arena that it needs, in bytes."""

    def __init__(
        self,
        plan: Plan,
        team: Team,
        table: Table,
        frames: Words,
        patches: Mapping[str, list[Patch]],
        memory: int,
        keep: Sequence[object],
    ) -> None:
        self.memory = memory
        self._steps = plan.steps
        self._team = team
        self._table = table
        self._frames = frames.data
        self._inputs = _pointed(plan.inputs, patches)
        self._outputs = _pointed(plan.outputs, patches)
        self._copies = _copies(plan.outputs)
        self._places: dict[str, int] = {}
        self._keep = keep
        self._release = weakref.finalize(self, team.release, table)
        self._release.atexit = False

    def run(self, inputs: Arrays, outputs: Arrays) -> None:
        """Compute outputs in place; raises RunError on a fault.

        All arrays are C-contiguous and have the bound shapes and types.
        """
        for port in self._inputs:
            self._point(port, inputs[port.name])
        for port in self._outputs:
            self._point(port, outputs[port.name])
        if self._team.run(self._table):
            raise fault(self._table, self._steps)
        for name, source in self._copies:
            np.copyto(outputs[name], outputs[source])

    def profile(self, inputs: Arrays, outputs: Arrays, repeats: int) -> list[float]:
        """Median seconds of each step of the plan over `repeats` runs, after one that warms up."""
        self.run(inputs, outputs)
        self._table.time(True)
        try:
            runs = []
            for _ in range(repeats):
                self.run(inputs, outputs)
                runs.append(self._table.seconds())
        finally:
            self._table.time(False)
        return [statistics.median(step) for step in zip(*runs, strict=True)]

    def close(self) -> None:
        """Give the memory back."""
        self._release()
        self._keep = ()

    def _point(self, port: _Pointed, array: Array) -> None:
        """Let the frames point into `array`, unless they do already."""
        base = _address(array)
        if self._places.get(port.name) == base:
            return
        for place, offset in port.patches:
            self._frames[place] = base + offset
        self._places[port.name] = base


def run_table(team: Team, table: Table, steps: Sequence[Step]) -> None:
    """Run a table once; raises RunError on a fault."""
    if team.run(table):
        raise fault(table, steps)


def fault(table: Table, steps: Sequence[Step]) -> RunError:
    """The error for the fault that the status words hold; clears them."""
    code, index, value = (int(word) for word in table.status)
    table.status[:] = 0
    step = steps[index]
    text, cure = _FAULTS.get(code, (f"fault {code} with value {{}}", ""))
    return RunError(f"{' + '.join(step.nodes) or step.name}: {text.format(value)}", cure=cure)


def _pointed(ports: Iterable[Port], patches: Mapping[str, list[Patch]]) -> tuple[_Pointed, ...]:
    """Ports with words to write; of ports that share a buffer, the first."""
    first = {port.buffer: port.name for port in reversed(tuple(ports))}
    return tuple(
        _Pointed(name, patches[buffer]) for buffer, name in first.items() if buffer in patches
    )


def _copies(ports: Iterable[Port]) -> tuple[tuple[str, str], ...]:
    """Outputs that share another's buffer, and that other."""
    first: dict[str, str] = {}
    return tuple(
        (port.name, first[port.buffer])
        for port in ports
        if first.setdefault(port.buffer, port.name) != port.name
    )


def _address(array: Any) -> int:
    """Where the data begins: fast for writable arrays, by the long way for the others."""
    try:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))
    except (TypeError, ValueError, BufferError):
        return int(array.ctypes.data)
