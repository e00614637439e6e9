# SPDX-License-Identifier: Apache-2.0
"""This machine's CPU as a Device: code, memory and a thread team.

Binding a plan evaluates its sizes, gives every buffer an address and fills frames and step table.
The executables of one device share one arena: a device serves one run at a time, its clones serve
others.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ingot import knobs
from ingot.errors import DeviceError, UsageError
from ingot.plan import Lifetime, Plan, plan_memory
from ingot.spec import DeviceSpec
from ingot.targets.cpu.block import Block, Words, address
from ingot.targets.cpu.code import Code
from ingot.targets.cpu.constants import Arrays, Constants, Packing
from ingot.targets.cpu.executable import CpuExecutable, run_table
from ingot.targets.cpu.layout import Layout, Sizes
from ingot.targets.cpu.probe import probe
from ingot.targets.cpu.split import chunk_size, work_seconds
from ingot.targets.cpu.team import Launch, Table, Team


class CpuDevice:
    """`threads` threads of this CPU; `walk` is the key of the walk's image."""

    def __init__(self, spec: DeviceSpec, walk: str, threads: int | None = None) -> None:
        _check(spec)
        self.spec = spec
        self.threads = knobs.THREADS.get() if threads is None else threads
        self._walk = walk
        self._team: Team | None = None
        self._arena: weakref.ref[Block] | None = None
        self._packing = Packing()

    def load(self, images: Mapping[str, bytes]) -> Code:
        """Make compiled images callable; the walk's is among them."""
        return Code(images)

    def setup(
        self,
        plan: Plan,
        module: Code,
        weights: Arrays,
        release: Callable[[], None] = lambda: None,
    ) -> Constants:
        """Pack the weights that no other plan of this device has packed."""
        constants = Constants(plan, weights, self._packing)
        for steps in constants.setup():
            self._run_once(module, Layout(plan, steps), plan.bound, constants.addresses)
            release()
        return constants

    def bind(
        self, plan: Plan, module: Code, binding: Mapping[str, int], constants: Constants
    ) -> CpuExecutable:
        """Fix every size; raises InputError where one overflows, ResourceError without memory."""
        layout = constants.layout
        sizes = layout.sizes({**plan.bound, **binding})
        offsets, total = _place_arena(layout, sizes)
        arena = self._share_arena(total)
        spots = {name: arena.address + offset for name, offset in offsets.items()}
        frames = layout.frames(sizes, _bases(layout, {**constants.addresses, **spots}))
        table = self._table(module, layout, sizes, frames)
        keep = (arena, constants, module)
        team = self._workers(module)
        return CpuExecutable(plan, team, table, frames, layout.patches(sizes), total, keep)

    def adopt(self, value: object) -> None:
        """No array lies in a memory of this device's own."""

    def copy(self, target: Any, source: Any) -> None:
        """Within the host's memory."""
        np.copyto(target, source)

    def use_stream(self, stream: int | None) -> None:
        """There are none; raises UsageError where one is given."""
        if stream is not None:
            raise UsageError("device 'cpu': it has no streams", cure="leave `stream` out")

    def clone(self) -> CpuDevice:
        """Another device with its own threads and arena; packed weights are shared."""
        other = CpuDevice(self.spec, self._walk, self.threads)
        other._packing = self._packing
        return other

    def close(self) -> None:
        """Stop the threads."""
        if self._team is not None:
            self._team.stop()

    def _run_once(
        self,
        module: Code,
        layout: Layout,
        binding: Mapping[str, int],
        addresses: Mapping[str, int],
    ) -> None:
        sizes = layout.sizes(binding)
        frames = layout.frames(sizes, _bases(layout, addresses))
        table = self._table(module, layout, sizes, frames)
        try:
            run_table(self._workers(module), table, layout.steps)
        finally:
            self._workers(module).release(table)

    def _workers(self, module: Code) -> Team:
        if self._team is None:
            self._team = Team(module, self._walk, self.threads)
        return self._team

    def _table(self, module: Code, layout: Layout, sizes: Sizes, frames: Words) -> Table:
        base = address(frames)
        launches = []
        for step, start, work in zip(layout.steps, layout.starts, sizes.work, strict=True):
            extent, grain, flops, size = work
            seconds = work_seconds(flops, size, self.spec)
            chunk = chunk_size(extent, grain, self.threads, seconds)
            kernel = module.address(step.kernel)
            launches.append(Launch(kernel, base + 8 * start, extent, chunk))
        return self._workers(module).table(launches, sizes.scratch)

    def _share_arena(self, size: int) -> Block:
        """The arena that is there if it is large enough, else a new one."""
        arena = None if self._arena is None else self._arena()
        if arena is None or arena.size < size:
            arena = Block(size)
            self._arena = weakref.ref(arena)
        return arena


def _check(spec: DeviceSpec) -> None:
    """Refuse code that this CPU cannot run."""
    own = probe()
    if spec.architecture != own.architecture or not spec.features <= own.features:
        lacking = ", ".join(sorted(spec.features - own.features)) or spec.architecture
        raise DeviceError(
            f"device '{spec.name}': this CPU lacks {lacking}", cure="use device='cpu'"
        )


def _place_arena(layout: Layout, sizes: Sizes) -> tuple[dict[str, int], int]:
    """Offsets of the arena buffers, and the size of the arena."""
    lives = {
        buffer.name: Lifetime(size, buffer.first, buffer.last)
        for buffer, size in zip(layout.arena, sizes.arena, strict=True)
    }
    offsets, total = plan_memory(list(lives.values()))
    return dict(zip(lives, offsets, strict=True)), total


def _bases(layout: Layout, addresses: Mapping[str, int]) -> Words:
    """The address of each buffer; the callers' arrays and what is not used here have none."""
    return np.array([addresses.get(buffer.name, 0) for buffer in layout.buffers], np.int64)
