# SPDX-License-Identifier: Apache-2.0
"""A plan bound to sizes and memory on a GPU.

A run copies the inputs to the device, replays the plan's launches and copies the outputs back.
Arrays that lie on the device are not copied: the launches that touch them are pointed to them. All
launches of a plan are captured once into a CUDA graph, so a run costs the host a few calls however
many kernels there are; `INGOT_CUDA_GRAPHS=off` launches them one by one.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from numpy.typing import NDArray

from ingot import knobs
from ingot.plan import Plan, Port
from ingot.targets.base import DeviceArray
from ingot.targets.cuda.context import Context, Event, Stream
from ingot.targets.cuda.graph import Graph
from ingot.targets.cuda.launches import Launches
from ingot.targets.cuda.layout import Sizes
from ingot.targets.cuda.status import Status

_ALIGNED: Final = 16  # bytes of the widest access
Arrays = Mapping[str, NDArray[Any] | DeviceArray]


@dataclass(slots=True)
class Queue:
    """The stream that a device's runs are queued in, its own or the caller's."""

    handle: int


class CudaExecutable:
    """Runs a plan; `memory` is what its buffers need, in bytes."""

    def __init__(
        self,
        owner: Context,
        stream: Stream,
        queue: Queue,
        plan: Plan,
        launches: Launches,
        status: Status,
        addresses: Mapping[str, int],
        sizes: Sizes,
        memory: int,
        keep: Sequence[object],
    ) -> None:
        self.memory = memory
        self._context, self._driver = owner, owner.driver
        self._stream, self._queue = stream, queue
        self._plan = plan
        self._launches = launches
        self._status = status
        self._places = {name: (addresses[name], sizes.bytes[name]) for name in addresses}
        self._inputs = _distinct(plan.inputs)
        movable = _single(plan) if owner.driver.updates_graphs else ()
        self._pointed = {name: addresses[name] for name in movable}
        self._graph: Graph | None = None
        self._written: set[str] = set()
        self._keep = keep

    def run(self, inputs: Arrays, outputs: Arrays) -> None:
        """Compute outputs in place; raises RunError on a fault.

        All arrays are C-contiguous and have the bound shapes and types. In a stream of the caller's
        the run is queued only, where nothing has to come back to the host.
        """
        self._context.enter()
        queue = self._queue.handle
        self._upload(inputs, queue)
        self._point(outputs)
        self._launch(queue)
        self._download(outputs, queue)
        arrays = (*inputs.values(), *outputs.values())
        away = all(isinstance(array, DeviceArray) for array in arrays)
        if queue != self._stream.handle and away and not self._launches.faults:
            return
        self._driver.call("cuStreamSynchronize", queue)
        if self._launches.faults and self._status.faulty:
            raise self._status.take_fault(self._plan.steps)

    def profile(self, inputs: Arrays, outputs: Arrays, repeats: int) -> list[float]:
        """Median seconds of each step of the plan over `repeats` runs, after one that warms up."""
        self.run(inputs, outputs)
        runs = [self._timed_steps() for _ in range(repeats)]
        return [statistics.median(step) for step in zip(*runs, strict=True)]

    def close(self) -> None:
        """Give the memory back."""
        self._graph = None
        self._keep = ()

    def _launch(self, queue: int) -> None:
        """All launches: one by one, or as the graph that the first run captures."""
        if knobs.CUDA_GRAPHS.get() == "off":
            self._launches.run(queue)
            return
        if self._graph is None:
            self._graph = Graph(self._context, self._stream, self._launches)
        self._graph.launch(queue)

    def _aims(self, name: str, array: NDArray[Any] | DeviceArray) -> bool:
        """Whether launches can use the array where it lies; they are pointed to the port if not."""
        own, size = self._places[name]
        if name not in self._pointed:
            return False
        there = isinstance(array, DeviceArray) and size > 0 and array.address % _ALIGNED == 0
        address = array.address if there and isinstance(array, DeviceArray) else own
        if address != self._pointed[name]:
            self._pointed[name] = address
            for step in self._launches.point(name, address):
                if self._graph is not None:
                    self._graph.update(step)
        return there

    def _point(self, outputs: Arrays) -> None:
        self._written = {
            port.name for port in self._plan.outputs if self._aims(port.buffer, outputs[port.name])
        }

    def _timed_steps(self) -> list[float]:
        marks = [Event(self._context) for _ in range(self._launches.count + 1)]
        marks[0].record(self._stream.handle)
        for number, mark in enumerate(marks[1:]):
            self._launches.run(self._stream.handle, only=number)
            mark.record(self._stream.handle)
        self._stream.wait()
        return [after.seconds_since(before) for before, after in pairwise(marks)]

    def _upload(self, inputs: Arrays, queue: int) -> None:
        for port in self._inputs:
            address, size = self._places[port.buffer]
            source = inputs[port.name]
            if self._aims(port.buffer, source):
                continue
            if size and isinstance(source, DeviceArray):
                self._driver.call("cuMemcpyDtoDAsync_v2", address, source.address, size, queue)
            elif size and not isinstance(source, DeviceArray):
                self._driver.call("cuMemcpyHtoDAsync_v2", address, source.ctypes.data, size, queue)

    def _download(self, outputs: Arrays, queue: int) -> None:
        for port in self._plan.outputs:
            if port.name in self._written:
                continue
            address, size = self._places[port.buffer]
            target = outputs[port.name]
            if size and isinstance(target, DeviceArray):
                self._driver.call("cuMemcpyDtoDAsync_v2", target.address, address, size, queue)
            elif size and not isinstance(target, DeviceArray):
                self._driver.call("cuMemcpyDtoHAsync_v2", target.ctypes.data, address, size, queue)


def _single(plan: Plan) -> list[str]:
    """The buffers that are one port and no more, so that the port's array can stand for them."""
    counts = Counter(port.buffer for port in (*plan.inputs, *plan.outputs))
    return [name for name, count in counts.items() if count == 1]


def _distinct(ports: Sequence[Port]) -> list[Port]:
    """Of ports that share a buffer, the first."""
    first: dict[str, Port] = {}
    for port in ports:
        first.setdefault(port.buffer, port)
    return list(first.values())
