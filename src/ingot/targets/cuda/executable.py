# SPDX-License-Identifier: Apache-2.0
"""A plan bound to sizes and memory on a GPU.

A run copies the inputs to the device, replays the plan's launches and copies the outputs back. All
launches of a plan are captured once into a CUDA graph, so a run costs the host a few calls however
many kernels there are; `INGOT_CUDA_GRAPHS=off` launches them one by one.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from ingot import knobs
from ingot.plan import Plan, Port
from ingot.targets.cuda.context import Context, Event, Stream
from ingot.targets.cuda.graph import Graph
from ingot.targets.cuda.launches import Launches
from ingot.targets.cuda.layout import Sizes
from ingot.targets.cuda.status import Status

Arrays = Mapping[str, NDArray[Any]]


class CudaExecutable:
    """Runs a plan; `memory` is what its buffers need, in bytes."""

    def __init__(
        self,
        owner: Context,
        stream: Stream,
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
        self._stream = stream
        self._plan = plan
        self._launches = launches
        self._status = status
        self._places = {name: (addresses[name], sizes.bytes[name]) for name in addresses}
        self._graph: Graph | None = None
        self._keep = keep

    def run(self, inputs: Arrays, outputs: Arrays) -> None:
        """Compute outputs in place; raises RunError on a fault.

        All arrays are C-contiguous and have the bound shapes and types.
        """
        self._context.enter()
        self._upload(inputs)
        self._launch()
        if self._launches.faults:
            self._status.fetch(self._stream.handle)
        self._download(outputs)
        self._stream.wait()
        if self._launches.faults and self._status.faulty:
            self._status.clear(self._stream.handle)
            raise self._status.fault(self._plan.steps)

    def profile(self, inputs: Arrays, outputs: Arrays, repeats: int) -> list[float]:
        """Median seconds of each step of the plan over `repeats` runs, after one that warms up."""
        self.run(inputs, outputs)
        runs = [self._timed_steps() for _ in range(repeats)]
        return [statistics.median(step) for step in zip(*runs, strict=True)]

    def close(self) -> None:
        """Give the memory back."""
        self._graph = None
        self._keep = ()

    def _launch(self) -> None:
        """All launches: one by one, or as the graph that the first run captures."""
        if knobs.CUDA_GRAPHS.get() == "off":
            self._launches.run(self._stream.handle)
            return
        if self._graph is None:
            self._graph = Graph(self._context, self._stream, self._launches.run)
        self._graph.launch(self._stream.handle)

    def _timed_steps(self) -> list[float]:
        marks = [Event(self._context) for _ in range(self._launches.count + 1)]
        marks[0].record(self._stream.handle)
        for number, mark in enumerate(marks[1:]):
            self._launches.run(self._stream.handle, only=number)
            mark.record(self._stream.handle)
        self._stream.wait()
        return [after.seconds_since(before) for before, after in pairwise(marks)]

    def _upload(self, inputs: Arrays) -> None:
        for port in _distinct(self._plan.inputs):
            address, size = self._places[port.buffer]
            if size:
                source = inputs[port.name].ctypes.data
                self._driver.call(
                    "cuMemcpyHtoDAsync_v2", address, source, size, self._stream.handle
                )

    def _download(self, outputs: Arrays) -> None:
        for port in self._plan.outputs:
            address, size = self._places[port.buffer]
            if size:
                target = outputs[port.name].ctypes.data
                self._driver.call(
                    "cuMemcpyDtoHAsync_v2", target, address, size, self._stream.handle
                )


def _distinct(ports: Sequence[Port]) -> list[Port]:
    """Of ports that share a buffer, the first."""
    first: dict[str, Port] = {}
    for port in ports:
        first.setdefault(port.buffer, port)
    return list(first.values())
