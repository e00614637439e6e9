# SPDX-License-Identifier: Apache-2.0
"""The arguments of a list of steps: what binding must compute, prepared once for a plan.

Each argument of each step is a 64-bit word: an address or a size. All words lie in one array, so
that binding is one evaluation of all sizes and a few array operations, and the driver is handed
pointers into that array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingot.dims import Dim, compile_dims
from ingot.errors import CompileError
from ingot.plan import BufferUse, Lifetime, Plan, SizeUse, Step, plan_memory

ALIGNMENT = 256
Words = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Every size of a plan's steps: all by number, blocks by step, bytes by buffer."""

    values: Words
    extents: list[int]
    bytes: dict[str, int]


@dataclass(frozen=True, slots=True)
class PortWord:
    """A word that holds the address of a port, `offset` bytes into it; `step` is its step."""

    word: int
    step: int
    offset: int


class Layout:
    """The words of `steps`; sizes and buffers are numbered in order of first use.

    With `ports` the plan's inputs and outputs have a place even where no step touches them.
    """

    def __init__(self, plan: Plan, steps: Sequence[Step], *, ports: bool = True) -> None:
        self.steps = tuple(steps)
        self._plan = plan
        self._sizes: dict[Dim, int] = {}
        self._buffers: dict[str, int] = {}
        self._rows: list[tuple[int, int]] = []  # (size, buffer or -1) of each word
        self.starts: list[int] = []
        for step in self.steps:
            self.starts.append(len(self._rows))
            self._rows += [self._row(step, argument) for argument in step.arguments]
            self._rows.append((self._number(len(self.starts) - 1), -1))
        self._extents = [self._number(step.extent) for step in self.steps]
        outer = (port.buffer for port in (*plan.inputs, *plan.outputs)) if ports else ()
        self.buffers = [plan.buffers[name] for name in dict.fromkeys((*self._buffers, *outer))]
        self._lengths = [self._number(buffer.bytes) for buffer in self.buffers]
        self._evaluate = compile_dims(list(self._sizes))

    def sizes(self, binding: Mapping[str, int]) -> Sizes:
        """Every size; raises InputError where one leaves 64 bits."""
        values = np.array(self._evaluate(binding), np.int64)
        lengths = (int(values[row]) for row in self._lengths)
        names = (buffer.name for buffer in self.buffers)
        return Sizes(
            values,
            [int(values[row]) for row in self._extents],
            dict(zip(names, lengths, strict=True)),
        )

    def words(self, sizes: Sizes, addresses: Mapping[str, int]) -> Words:
        """All words; the last of each step is its number."""
        bases = np.array([*(addresses[name] for name in self._buffers), 0], np.int64)
        rows = np.array(self._rows, np.int64).reshape(-1, 2)
        words: Words = sizes.values[rows[:, 0]] + bases[rows[:, 1]]
        return words

    def port_words(self, sizes: Sizes) -> dict[str, list[PortWord]]:
        """Where inputs and outputs stand among the words."""
        names, ends = list(self._buffers), [*self.starts[1:], len(self._rows)]
        found: dict[str, list[PortWord]] = {}
        for step, (start, end) in enumerate(zip(self.starts, ends, strict=True)):
            for word, (size, buffer) in enumerate(self._rows[start:end], start):
                if buffer >= 0 and self._plan.buffers[names[buffer]].kind in ("input", "output"):
                    use = PortWord(word, step, int(sizes.values[size]))
                    found.setdefault(names[buffer], []).append(use)
        return found

    def place(self, sizes: Sizes) -> tuple[dict[str, int], int]:
        """Offsets of arena and ports in one block of memory, and the size of that block."""
        last = max(len(self.steps) - 1, 0)
        lives = {
            buffer.name: Lifetime(sizes.bytes[buffer.name], buffer.first, buffer.last)
            if buffer.kind == "arena"
            else Lifetime(sizes.bytes[buffer.name], 0, last)
            for buffer in self.buffers
            if buffer.kind in ("arena", "input", "output")
        }
        offsets, total = plan_memory(list(lives.values()), ALIGNMENT)
        return dict(zip(lives, offsets, strict=True)), total

    def _row(self, step: Step, argument: Any) -> tuple[int, int]:
        if isinstance(argument, SizeUse):
            return self._number(argument.dim), -1
        if not isinstance(argument, BufferUse):
            raise CompileError(f"plan step '{step.name}': a GPU has no memory for each worker")
        if argument.buffer not in self._plan.buffers:
            raise CompileError(f"plan step '{step.name}': buffer '{argument.buffer}' is missing")
        buffer = self._buffers.setdefault(argument.buffer, len(self._buffers))
        return self._number(argument.offset), buffer

    def _number(self, size: Dim) -> int:
        return self._sizes.setdefault(size, len(self._sizes))
