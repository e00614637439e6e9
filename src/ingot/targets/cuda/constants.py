# SPDX-License-Identifier: Apache-2.0
"""Weights on the device: uploaded once, packed by a plan's setup steps, shared between plans.

What only setup steps read is uploaded for their time only. Uploads go through two blocks of host
memory that the device reads at full speed, in turn.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ingot.errors import CompileError
from ingot.plan import Buffer, BufferUse, Plan, Step
from ingot.targets.cuda.context import Block, Context, Event, HostBlock, Stream
from ingot.targets.cuda.layout import ALIGNMENT, Layout

Arrays = Mapping[str, NDArray[Any]]
_Key = tuple[object, ...]
_CHUNK: Final = 16 << 20
BATCH: Final = 256 << 20


class Resident:
    """One constant at an address in a block that it keeps alive."""

    def __init__(self, block: Block, offset: int) -> None:
        self._block = block
        self.address = block.address + offset


class Residents:
    """The constants of a device that are alive, by what they hold."""

    def __init__(self) -> None:
        self._alive: weakref.WeakValueDictionary[_Key, Resident] = weakref.WeakValueDictionary()

    def find(self, key: _Key) -> Resident | None:
        """What was put on the device before, None where there is nothing or it is gone."""
        return self._alive.get(key)

    def keep(self, key: _Key, resident: Resident) -> None:
        """Let later plans find it."""
        self._alive[key] = resident


class Uploader:
    """Copies arrays of the host to the device in chunks."""

    def __init__(self, owner: Context, stream: Stream) -> None:
        self._driver, self._stream = owner.driver, stream
        self._chunks = [(HostBlock(owner, _CHUNK), Event(owner)) for _ in range(2)]
        self._turn = 0

    def upload(self, array: NDArray[Any], address: int) -> None:
        """Queue the copy of `array` to `address`; the array may go once this returns."""
        content = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        for start in range(0, content.size, _CHUNK):
            block, done = self._chunks[self._turn]
            self._turn = 1 - self._turn
            self._driver.call("cuEventSynchronize", done.handle)
            part = content[start : start + _CHUNK]
            block.bytes[: part.size] = part
            self._driver.call(
                "cuMemcpyHtoDAsync_v2",
                address + start, block.address, part.size, self._stream.handle,
            )  # fmt: skip
            done.record(self._stream.handle)


class Constants:
    """Addresses of a plan's weights and packed weights, and what keeps them valid.

    `layout` is that of the plan's steps; `setup` holds the steps that must run first, in batches.
    """

    def __init__(self, owner: Context, plan: Plan, weights: Arrays, residents: Residents) -> None:
        self._owner = owner
        self._plan = plan
        self._weights = weights
        self._held: dict[str, Resident] = {}
        self.addresses: dict[str, int] = {}
        self.layout = Layout(plan, plan.steps)
        used = {use.buffer for step in plan.steps for use in _uses(step)}
        for step in reversed(plan.setup):
            if _written(step) in used:
                used |= {u.buffer for u in _uses(step) if plan.buffers[u.buffer].kind == "packed"}
        self._makers = {_written(step): step for step in plan.setup}
        wanted = [buffer for buffer in plan.buffers.values() if buffer.name in used]
        new = self._place([b for b in wanted if b.kind in ("weight", "packed")], residents)
        self.uploads = [buffer for buffer in new if buffer.kind == "weight"]
        fresh = {buffer.name for buffer in new}
        self.setup = list(_batches(plan, [s for s in plan.setup if _written(s) in fresh]))

    def array(self, buffer: Buffer) -> NDArray[Any]:
        """The host's content of a weight."""
        if buffer.name not in self._weights:
            raise CompileError(f"plan buffer '{buffer.name}': the engine has no such weight")
        return self._weights[buffer.name]

    def borrowed(self, steps: Sequence[Step]) -> dict[str, Buffer]:
        """Weights that these setup steps read and that are not on the device."""
        names = dict.fromkeys(use.buffer for step in steps for use in _uses(step))
        return {name: self._plan.buffers[name] for name in names if name not in self.addresses}

    def forget_host(self) -> None:
        """Everything is on the device: let go of the host's arrays."""
        self._weights = {}

    def _place(self, buffers: Iterable[Buffer], residents: Residents) -> list[Buffer]:
        """Give each buffer an address; those that are new on the device."""
        missing: dict[_Key, Buffer] = {}
        for buffer in buffers:
            key = self._key(buffer)
            found = residents.find(key)
            if found is None:
                missing[key] = buffer
            else:
                self._hold(buffer, found)
        sizes = [constant_bytes(buffer) for buffer in missing.values()]
        offsets, total = offsets_of(sizes)
        block = Block(self._owner, total)
        for (key, buffer), offset in zip(missing.items(), offsets, strict=True):
            resident = Resident(block, offset)
            residents.keep(key, resident)
            self._hold(buffer, resident)
        return list(missing.values())

    def _hold(self, buffer: Buffer, resident: Resident) -> None:
        self._held[buffer.name] = resident
        self.addresses[buffer.name] = resident.address

    def _key(self, buffer: Buffer) -> _Key:
        """Name, size, and where the host has what it is made from."""
        sources = [buffer.name]
        if buffer.kind == "packed":
            if buffer.name not in self._makers:
                raise CompileError(f"plan buffer '{buffer.name}': no setup step packs it")
            sources = self._sources(buffer.name)
        places = [int(self._weights[name].ctypes.data) for name in sources if name in self._weights]
        return buffer.name, constant_bytes(buffer), *places

    def _sources(self, name: str) -> list[str]:
        """The weights that a packed buffer is made from."""
        if name not in self._makers:
            return [name] if name in self._weights else []
        uses = (use.buffer for use in _uses(self._makers[name]) if use.buffer != name)
        return [source for use in uses for source in self._sources(use)]


def offsets_of(sizes: Sequence[int]) -> tuple[list[int], int]:
    """Aligned offsets of blocks one behind the other, and their end."""
    ends = np.cumsum([0, *(-(-size // ALIGNMENT) * ALIGNMENT for size in sizes)]).tolist()
    return ends[:-1], ends[-1]


def constant_bytes(buffer: Buffer) -> int:
    """The size of a weight, which must be fixed."""
    if not isinstance(buffer.bytes, int):
        raise CompileError(f"plan buffer '{buffer.name}': the size of a weight must be fixed")
    return buffer.bytes


def _batches(plan: Plan, steps: Sequence[Step]) -> Iterator[list[Step]]:
    """The steps in batches that fill about as much memory as is worth giving back in between."""
    batch: list[Step] = []
    size = 0
    for step in steps:
        batch.append(step)
        size += constant_bytes(plan.buffers[_written(step)])
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _uses(step: Step) -> list[BufferUse]:
    return [use for use in step.arguments if isinstance(use, BufferUse)]


def _written(step: Step) -> str:
    """The buffer that a setup step fills."""
    for use in _uses(step):
        if use.mode == "w":
            return use.buffer
    raise CompileError(f"plan setup step '{step.name}': it writes no buffer")
