# SPDX-License-Identifier: Apache-2.0
"""Weights as kernels read them: in the engine's memory, or packed by a plan's setup steps.

Packed weights are shared: plans of one engine that ask for the same packing of the same weights get
the same memory, which lives as long as one of them.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
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

    `layout` is that of the plan's steps; `setup` holds the steps that must run first, in batches.
    """

    def __init__(self, plan: Plan, weights: Arrays, packing: Packing) -> None:
        self._weights = {
            buffer.name: _weight(buffer, weights)
            for buffer in plan.buffers.values()
            if buffer.kind == "weight"
        }
        self.addresses = {name: int(array.ctypes.data) for name, array in self._weights.items()}
        self._packed: dict[str, Packed] = {}
        self.layout = Layout(plan, plan.steps)
        self.setup = list(_batches(plan, self._place(plan, packing)))

    def _place(self, plan: Plan, packing: Packing) -> list[Step]:
        """Give each packed buffer an address; the steps that must run to fill the new ones."""
        makers = {_written(step): step for step in plan.setup}
        missing: dict[_Key, Buffer] = {}
        for buffer in plan.buffers.values():
            if buffer.kind == "packed":
                key = self._key(buffer, makers)
                found = packing.find(key)
                if found is None:
                    missing[key] = buffer
                else:
                    self._add(buffer, found)
        self._allocate(missing, packing)
        new = {buffer.name for buffer in missing.values()}
        return [step for step in plan.setup if _written(step) in new]

    def _key(self, buffer: Buffer, makers: Mapping[str, Step]) -> _Key:
        if buffer.name not in makers:
            raise CompileError(f"plan buffer '{buffer.name}': no setup step packs it")
        uses = (use for use in makers[buffer.name].arguments if isinstance(use, BufferUse))
        sources = tuple(self.addresses[use.buffer] for use in uses if use.buffer in self.addresses)
        return buffer.name, _constant(buffer), sources

    def _allocate(self, missing: Mapping[_Key, Buffer], packing: Packing) -> None:
        sizes = [-(-_constant(buffer) // _LINE) * _LINE for buffer in missing.values()]
        offsets = np.cumsum([0, *sizes]).tolist()
        block = Block(offsets[-1])
        for (key, buffer), offset in zip(missing.items(), offsets, strict=False):
            packed = Packed(block, offset)
            packing.keep(key, packed)
            self._add(buffer, packed)

    def _add(self, buffer: Buffer, packed: Packed) -> None:
        self._packed[buffer.name] = packed
        self.addresses[buffer.name] = packed.address


def _batches(plan: Plan, steps: list[Step]) -> Iterator[list[Step]]:
    """The steps in batches that fill about as much memory as is worth giving back in between."""
    batch: list[Step] = []
    size = 0
    for step in steps:
        batch.append(step)
        size += _constant(plan.buffers[_written(step)])
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _weight(buffer: Buffer, weights: Arrays) -> NDArray[Any]:
    if buffer.name not in weights:
        raise CompileError(f"plan buffer '{buffer.name}': the engine has no such weight")
    array = weights[buffer.name]
    return array if array.flags.c_contiguous else np.ascontiguousarray(array)


def _written(step: Step) -> str:
    """The buffer that a setup step fills."""
    for use in step.arguments:
        if isinstance(use, BufferUse) and use.mode == "w":
            return use.buffer
    raise CompileError(f"plan setup step '{step.name}': it writes no buffer")


def _constant(buffer: Buffer) -> int:
    if not isinstance(buffer.bytes, int):
        raise CompileError(
            f"plan buffer '{buffer.name}': the size of a packed weight must be fixed"
        )
    return buffer.bytes
