# SPDX-License-Identifier: Apache-2.0
"""A GPU as a Device: code, constants, memory and a stream.

Binding a plan evaluates its sizes, gives every buffer an address and makes every launch ready. The
executables of one device share one block of memory: a device serves one run at a time, its clones
serve others.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingot import knobs
from ingot.errors import DeviceError
from ingot.plan import Plan, Step
from ingot.spec import DeviceSpec
from ingot.targets.base import DeviceArray
from ingot.targets.cuda.arrays import Adopter, copy_array
from ingot.targets.cuda.code import Code
from ingot.targets.cuda.constants import (
    Arrays,
    Constants,
    Residents,
    Uploader,
    constant_bytes,
    offsets_of,
)
from ingot.targets.cuda.context import Block, Context, Stream, context
from ingot.targets.cuda.driver import USE_CPU
from ingot.targets.cuda.executable import CudaExecutable, Queue
from ingot.targets.cuda.launches import Launches
from ingot.targets.cuda.layout import Layout
from ingot.targets.cuda.probe import probe
from ingot.targets.cuda.status import Status


class CudaDevice:
    """GPU `index` with a stream of its own."""

    def __init__(self, spec: DeviceSpec, index: int = 0) -> None:
        _check(spec, index)
        self.spec = spec
        self._index = index
        self._context: Context = context(index)
        self._stream = Stream(self._context)
        self._queue = Queue(self._stream.handle)
        self._adopter = Adopter(self._context)
        self._memory: weakref.ref[Block] | None = None
        self._residents = Residents()

    def load(self, images: Mapping[str, bytes]) -> Code:
        """Make compiled images callable."""
        return Code(self._context, images)

    def setup(
        self,
        plan: Plan,
        module: Code,
        weights: Arrays,
        release: Callable[[], None] = lambda: None,
    ) -> Constants:
        """Upload and pack the weights that no other plan of this device has brought here."""
        self._context.enter()
        constants = Constants(self._context, plan, weights, self._residents)
        if constants.uploads or constants.setup:
            uploader = Uploader(self._context, self._stream)
            for buffer in constants.uploads:
                uploader.upload(constants.array(buffer), constants.addresses[buffer.name])
            release()
            for steps in constants.setup:
                self._pack(plan, module, steps, constants, uploader)
                release()
            self._stream.wait()
        constants.forget_host()
        return constants

    def bind(
        self, plan: Plan, module: Code, binding: Mapping[str, int], constants: Constants
    ) -> CudaExecutable:
        """Fix every size; raises InputError where one overflows, ResourceError without memory."""
        layout = constants.layout
        sizes = layout.sizes({**plan.bound, **binding})
        offsets, total = layout.place(sizes)
        memory = self._share_memory(total)
        spots = {name: memory.address + offset for name, offset in offsets.items()}
        words = layout.words(sizes, {**constants.addresses, **spots})
        status = Status(self._context)
        launches = Launches(
            self._context, layout, sizes, words, module, status.address, dependent=self._dependent
        )
        keep = (memory, constants, module)
        return CudaExecutable(
            self._context, self._stream, self._queue, plan, launches, status, spots, sizes, total,
            keep,
        )  # fmt: skip

    def adopt(self, value: object) -> DeviceArray | None:
        """An array of another library in this GPU's memory; None where it is not one."""
        return self._adopter.adopt(value, self._queue.handle)

    def copy(self, target: Any, source: Any) -> None:
        """Fill an array of the host or of this GPU with another, in the queue of the runs."""
        self._context.enter()
        copy_array(self._context, target, source, self._queue.handle)

    def use_stream(self, stream: int | None) -> None:
        """Queue the runs that follow in a stream of the caller's, in its own where None."""
        self._adopter.begin()
        self._queue.handle = self._stream.handle if stream is None else stream

    def clone(self) -> CudaDevice:
        """Another handle with its own stream and memory; constants are shared."""
        other = CudaDevice(self.spec, self._index)
        other._residents = self._residents
        return other

    def close(self) -> None:
        """Wait for what is queued; memory goes with the last executable."""
        self._context.enter()
        self._stream.wait()

    @property
    def _dependent(self) -> bool:
        return "dependent_launch" in self.spec.features and knobs.CUDA_DEPENDENT_LAUNCH.get()

    def _pack(
        self, plan: Plan, module: Code, steps: Sequence[Step], constants: Constants,
        uploader: Uploader,
    ) -> None:  # fmt: skip
        """Run setup steps, with the weights that only they read on the device for that time."""
        borrowed = constants.borrowed(steps)
        offsets, total = offsets_of([constant_bytes(buffer) for buffer in borrowed.values()])
        block = Block(self._context, total)
        addresses = dict(constants.addresses)
        for (name, buffer), offset in zip(borrowed.items(), offsets, strict=True):
            addresses[name] = block.address + offset
            uploader.upload(constants.array(buffer), addresses[name])
        layout = Layout(plan, steps, ports=False)
        sizes = layout.sizes(plan.bound)
        status = Status(self._context)
        words = layout.words(sizes, addresses)
        launches = Launches(
            self._context, layout, sizes, words, module, status.address, dependent=False
        )
        launches.run(self._stream.handle)
        self._stream.wait()

    def _share_memory(self, size: int) -> Block:
        """The block that is there if it is large enough, else a new one."""
        memory = None if self._memory is None else self._memory()
        if memory is None or memory.size < size:
            memory = Block(self._context, size)
            self._memory = weakref.ref(memory)
        return memory


def _check(spec: DeviceSpec, index: int) -> None:
    """Refuse code that this GPU cannot run: machine code is made for one generation."""
    own = probe(index)
    needed, there = (int(one.cpu.removeprefix("sm_")) for one in (spec, own))
    if needed // 10 != there // 10 or needed > there:
        raise DeviceError(
            f"device '{spec.name}': this GPU is {own.cpu}, the code is for {spec.cpu}", cure=USE_CPU
        )
