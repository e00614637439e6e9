# SPDX-License-Identifier: Apache-2.0
"""Weights as kernels read them: in the engine's memory, or packed by a plan's setup steps.

Packed weights are shared: plans of one engine that ask for the same packing of the same weights get
the same memory, which lives as long as one of them.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingot.errors import CompileError
from ingot.plan import Buffer, BufferUse, Plan, Step
from ingot.targets.cpu.block import Block
from ingot.targets.cpu.layout import Layout

Arrays = Mapping[str, NDArray[Any]]
_Key = tuple[str, int, tuple[int, ...]]
_LINE = 64
_BATCH_BYTES = 64 << 20


class Packed:
    """One packed weight at an address in a block that it keeps alive."""

    def __init__(self, block: Block, offset: int) -> None:
        self._block = block
        self.address = block.address + offset


class Packing:
    """The packed weights of a device that are alive, by name, size and addresses of the sources."""

    def __init__(self) -> None:
        self._alive: weakref.WeakValueDictionary[_Key, Packed] = weakref.WeakValueDictionary()

    def find(self, key: _Key) -> Packed | None:
        """What was packed before, None where there is nothing or it is gone."""
        return self._alive.get(key)

    def keep(self, key: _Key, packed: Packed) -> None:
        """Let later plans find it."""
        self._alive[key] = packed


class Constants:
    """Addresses of a plan's weights and packed weights, and what keeps them valid.

    `layout` is that of the plan's steps.
    """

    def __init__(self, plan: Plan, weights: Arrays, packing: Packing) -> None:
        self._plan = plan
        self._weights = {
            buffer.name: _weight(buffer, weights)
            for buffer in plan.buffers.values()
            if buffer.kind == "weight"
        }
        self.addresses = {name: int(array.ctypes.data) for name, array in self._weights.items()}
        self._packed: dict[str, Packed] = {}
        self._makers = {_written(step): step for step in plan.setup}
        self.layout = Layout(plan, plan.steps)
        self._new = self._place(packing)

    def setup(self) -> Iterator[list[Step]]:
        """The steps that must run first, in batches.

        What only other setup steps read has memory for as long as its batch is the current one.
        """
        for steps in _batches(self._plan, map(self._chain, self._new)):
            passing = [
                self._plan.buffers[name]
                for name in dict.fromkeys(map(_written, steps))
                if name not in self.addresses
            ]
            block, offsets = _allocated(passing)
            for buffer, offset in zip(passing, offsets, strict=True):
                self.addresses[buffer.name] = block.address + offset
            yield steps
            for buffer in passing:
                del self.addresses[buffer.name]

    def _place(self, packing: Packing) -> list[str]:
        """Give each packed buffer that runs read an address; the names of the new ones."""
        used = {use.buffer for step in self._plan.steps for use in _uses(step)}
        missing: dict[_Key, Buffer] = {}
        for buffer in self._plan.buffers.values():
            if buffer.kind != "packed" or buffer.name not in used:
                continue
            key = self._key(buffer)
            found = packing.find(key)
            if found is None:
                missing[key] = buffer
            else:
                self._add(buffer, found)
        block, offsets = _allocated(list(missing.values()))
        for (key, buffer), offset in zip(missing.items(), offsets, strict=True):
            packed = Packed(block, offset)
            packing.keep(key, packed)
            self._add(buffer, packed)
        return [buffer.name for buffer in missing.values()]

    def _key(self, buffer: Buffer) -> _Key:
        steps = self._chain(buffer.name, every=True)
        uses = (use.buffer for step in steps for use in _uses(step))
        sources = tuple(self.addresses[name] for name in uses if name in self._weights)
        return buffer.name, _constant(buffer), sources

    def _chain(self, name: str, every: bool = False) -> list[Step]:
        """The setup steps that lead to a packed buffer, in order; those done before only if so."""
        if name not in self._makers:
            raise CompileError(f"plan buffer '{name}': no setup step packs it")
        step, steps = self._makers[name], list[Step]()
        for use in _uses(step):
            inner = use.buffer != name and self._plan.buffers[use.buffer].kind == "packed"
            if inner and (every or use.buffer not in self._packed):
                steps += self._chain(use.buffer, every)
        return list({_written(one): one for one in (*steps, step)}.values())

    def _add(self, buffer: Buffer, packed: Packed) -> None:
        self._packed[buffer.name] = packed
        self.addresses[buffer.name] = packed.address


def _allocated(buffers: Sequence[Buffer]) -> tuple[Block, list[int]]:
    """Memory for all of some buffers, and where each begins in it."""
    sizes = [-(-_constant(buffer) // _LINE) * _LINE for buffer in buffers]
    ends = np.cumsum([0, *sizes]).tolist()
    return Block(ends[-1]), ends[:-1]


def _batches(plan: Plan, chains: Iterable[list[Step]]) -> Iterator[list[Step]]:
    """Chains in batches that fill about as much memory as is worth giving back in between."""
    batch: dict[str, Step] = {}
    size = 0
    for chain in chains:
        fresh = {_written(step): step for step in chain if _written(step) not in batch}
        batch |= fresh
        size += sum(_constant(plan.buffers[name]) for name in fresh)
        if size >= _BATCH_BYTES:
            yield list(batch.values())
            batch, size = {}, 0
    if batch:
        yield list(batch.values())


def _weight(buffer: Buffer, weights: Arrays) -> NDArray[Any]:
    if buffer.name not in weights:
        raise CompileError(f"plan buffer '{buffer.name}': the engine has no such weight")
    array = weights[buffer.name]
    return array if array.flags.c_contiguous else np.ascontiguousarray(array)


def _uses(step: Step) -> list[BufferUse]:
    return [use for use in step.arguments if isinstance(use, BufferUse)]


def _written(step: Step) -> str:
    """The buffer that a setup step fills."""
    for use in _uses(step):
        if use.mode == "w":
            return use.buffer
    raise CompileError(f"plan setup step '{step.name}': it writes no buffer")


def _constant(buffer: Buffer) -> int:
    if not isinstance(buffer.bytes, int):
        raise CompileError(
            f"plan buffer '{buffer.name}': the size of a packed weight must be fixed"
        )
    return buffer.bytes
