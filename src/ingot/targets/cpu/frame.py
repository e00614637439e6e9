# SPDX-License-Identifier: Apache-2.0
"""A kernel's frame: the argument slots that its code reads and the list that fills them.

Code asks for a pointer or a size; the frame prints the load in the entry block, numbers the slot
and records the argument. So the code and the argument list cannot disagree. Slot 0 is the step's
index, for fault reports.
"""

from __future__ import annotations

from collections.abc import Callable

from ingot.dims import Dim
from ingot.kernel.view import View
from ingot.plan import ScratchUse, SizeUse
from ingot.plan.plan import Mode
from ingot.targets.base import LaunchArgument, PackedUse, ViewUse
from ingot.targets.cpu.builder import Builder, Integer, Module, literal

INDEX_FAULT = 1
DIVISION_FAULT = 2


class Frame:
    """Arguments of the kernel that `builder` prints, in the order of their first use."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._slots: list[ViewUse | PackedUse | SizeUse] = []
        self._registers: dict[tuple[object, ...], str] = {}
        self._scratch: Dim = 0

    @property
    def arguments(self) -> tuple[LaunchArgument, ...]:
        """What the plan must pass: one argument for each slot from 1 on, then scratch memory."""
        scratch = (ScratchUse(self._scratch),) if self._scratch != 0 else ()
        return (*self._slots, *scratch)

    def pointer(self, view: View, mode: Mode = "r") -> str:
        """The address of the first element of `view`."""
        return self._argument(("view", view, mode), ViewUse(view, mode), "ptr")

    def packed(self, key: str, mode: Mode = "r") -> str:
        """The address of packed memory or a temporary."""
        return self._argument(("packed", key, mode), PackedUse(key, mode), "ptr")

    def size(self, dim: Dim) -> Integer:
        """The size as an int where it is known, else a register."""
        if isinstance(dim, int):
            return dim
        return self._argument(("size", dim), SizeUse(dim), "i64")

    def scratch(self, size: Dim) -> str:
        """The address of `size` more bytes of this worker's memory, aligned to 64."""
        base = self._cached(("scratch",), lambda: self._context(1, "ptr"))
        start = self.size(self._scratch)
        self._scratch = self._scratch + (size + 63) // 64 * 64
        with self._builder.hoisted():
            return self._builder.offset(base, start, "i8")

    def worker(self) -> str:
        """The number of the worker that runs the call."""
        return self._cached(("worker",), lambda: self._context(2, "i64"))

    def fault(self, code: int, value: Integer) -> None:
        """Print the report of a fault; the first one in a run is kept."""
        builder = self._builder
        status = self._cached(("status",), lambda: self._context(0, "ptr"))
        step = self._cached(("step",), lambda: builder.load("i64", "%frame"))
        _define_fault(builder.module)
        arguments: list[tuple[str, Integer]] = [("ptr", status), ("i64", code)]
        builder.call("fault", "void", [*arguments, ("i64", step), ("i64", value)])

    def _argument(
        self, key: tuple[object, ...], argument: ViewUse | PackedUse | SizeUse, kind: str
    ) -> str:
        if key not in self._registers:
            self._slots.append(argument)
            slot = len(self._slots)
            with self._builder.hoisted():
                address = self._builder.offset("%frame", slot, "i64")
                self._registers[key] = self._builder.load(kind, address, 8)
        return self._registers[key]

    def _context(self, slot: int, kind: str) -> str:
        address = self._builder.offset("%context", slot, "i64")
        return self._builder.load(kind, address, 8)

    def _cached(self, key: tuple[object, ...], make: Callable[[], str]) -> str:
        if key not in self._registers:
            with self._builder.hoisted():
                self._registers[key] = make()
        return self._registers[key]


def _define_fault(module: Module) -> None:
    """Let `@fault(status, code, step, value)` fill {code, step, value} if code is still 0."""
    if module.has("fault"):
        return
    parameters = [("ptr", "%status"), ("i64", "%code"), ("i64", "%step"), ("i64", "%value")]
    builder = module.function("fault", parameters)
    pair = builder.value(
        f"cmpxchg ptr %status, i64 {literal('i64', 0)}, i64 %code acq_rel monotonic, align 8"
    )
    first = builder.value(f"extractvalue {{ i64, i1 }} {pair}, 1")

    def report() -> None:
        builder.store("i64", "%step", builder.offset("%status", 1, "i64"))
        builder.store("i64", "%value", builder.offset("%status", 2, "i64"))

    builder.branch_if(first, report)
    builder.ret()
