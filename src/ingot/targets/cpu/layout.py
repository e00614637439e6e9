# SPDX-License-Identifier: Apache-2.0
"""Argument frames of a list of steps: what binding must compute, prepared once for a plan.

Each step has a frame of 64-bit words: its index, then one word an argument. The frames of all steps
lie in one array. A Layout knows for each word which size and which buffer fill it, so that binding
is one evaluation of all sizes and a few array operations. Words that point into the caller's arrays
are patches: they are written at every run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from ingot.dims import Dim, compile_dims
from ingot.errors import CompileError
from ingot.plan import BufferUse, Plan, ScratchUse, SizeUse, Step
from ingot.targets.cpu.block import Words, words

_FRAME_WORDS: Final = 8  # a frame begins on a line of its own
_PORTS: Final = ("input", "output")


class Patch(NamedTuple):
    """A word that points `offset` bytes into a caller's array."""

    place: int
    offset: int


class Layout:
    """The frames of `steps`; sizes and buffers are numbered in order of first use."""

    def __init__(self, plan: Plan, steps: Sequence[Step]) -> None:
        self.steps = tuple(steps)
        self.buffers = tuple(plan.buffers.values())
        self._numbers = {buffer.name: index for index, buffer in enumerate(self.buffers)}
        self._sizes: dict[Dim, int] = {}
        self._scalars: list[tuple[int, int]] = []  # (place, size)
        self._pointers: list[tuple[int, int, int]] = []  # (place, offset, buffer)
        self._patches: list[tuple[str, int, int]] = []  # (buffer, place, offset)
        self._scratch: list[int] = []
        self.starts: list[int] = []
        end = 0
        for step in self.steps:
            self.starts.append(end)
            end += self._add(step, end)
        self._words = end
        self._work = [self._numbered(s.extent, s.grain, s.flops, s.bytes) for s in self.steps]
        touched = {buffer for _, _, buffer in self._pointers}
        self.arena = [b for i, b in enumerate(self.buffers) if b.kind == "arena" and i in touched]
        self._lengths = self._numbered(*(buffer.bytes for buffer in self.arena))
        self._evaluate = compile_dims(list(self._sizes))

    def sizes(self, binding: Mapping[str, int]) -> Sizes:
        """Every size of the steps; raises InputError where one leaves 64 bits."""
        values = np.array(self._evaluate(binding), np.int64)
        return Sizes(
            values,
            values[np.array(self._lengths, np.int64)].tolist(),
            values[np.array(self._work, np.int64).reshape(-1, 4)].tolist(),
            max((int(values[row]) for row in self._scratch), default=0),
        )

    def frames(self, sizes: Sizes, bases: Words) -> Words:
        """All frames filled, but for the patches; `bases` are the buffers' addresses."""
        frames = words(max(self._words, 1))
        frames[np.array(self.starts, np.int64)] = np.arange(len(self.starts))
        if self._scalars:
            places, rows = np.array(self._scalars).T
            frames[places] = sizes.values[rows]
        if self._pointers:
            places, rows, buffers = np.array(self._pointers).T
            frames[places] = sizes.values[rows] + bases[buffers]
        return frames

    def patches(self, sizes: Sizes) -> dict[str, list[Patch]]:
        """The words to write at every run, by buffer."""
        patches: dict[str, list[Patch]] = {}
        for name, place, row in self._patches:
            patches.setdefault(name, []).append(Patch(place, int(sizes.values[row])))
        return patches

    def _add(self, step: Step, start: int) -> int:
        """Note how a frame's words are filled; how many words it takes."""
        place = start
        for argument in step.arguments:
            if isinstance(argument, ScratchUse):
                self._scratch += self._numbered(argument.bytes)
                continue
            place += 1
            if isinstance(argument, SizeUse):
                self._scalars.append((place, self._numbered(argument.dim)[0]))
            else:
                self._add_pointer(step, argument, place)
        return -(-(place + 1 - start) // _FRAME_WORDS) * _FRAME_WORDS

    def _add_pointer(self, step: Step, use: BufferUse, place: int) -> None:
        number = self._numbers.get(use.buffer)
        if number is None:
            raise CompileError(f"plan step '{step.name}': its buffer '{use.buffer}' is missing")
        (offset,) = self._numbered(use.offset)
        if self.buffers[number].kind in _PORTS:
            self._patches.append((use.buffer, place, offset))
        else:
            self._pointers.append((place, offset, number))

    def _numbered(self, *sizes: Dim) -> list[int]:
        return [self._sizes.setdefault(size, len(self._sizes)) for size in sizes]


class Sizes(NamedTuple):
    """Sizes: all by number, bytes by arena buffer, (extent, grain, flops, bytes) by step."""

    values: Words
    arena: list[int]
    work: list[list[int]]
    scratch: int
