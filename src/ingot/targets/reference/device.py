# SPDX-License-Identifier: Apache-2.0
"""The reference device: a Plan walked step by step, each kernel a node that NumPy evaluates."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ingot import dims
from ingot.dims import Dim
from ingot.errors import RunError, UsageError
from ingot.ir.graph import Array, Graph, Value
from ingot.ir.text import parse_graph
from ingot.ops.evaluate import evaluate_node
from ingot.plan import Buffer, BufferUse, Plan, SizeUse, Step


@dataclass(frozen=True, eq=False)
class Kernel:
    """A one-node graph, and the strides of its inputs and outputs in elements."""

    graph: Graph
    strides: tuple[tuple[Dim, ...], ...]

    @staticmethod
    def parse(text: str) -> Kernel:
        """The kernel of a text: a line of strides for each tensor, then the graph."""
        lines = text.split("\n")
        first = next(number for number, line in enumerate(lines) if line.startswith("graph "))
        strides = [line.split("; ") if line else [] for line in lines[:first]]
        graph = parse_graph("\n".join(lines[first:]))
        return Kernel(graph, tuple(tuple(map(dims.parse, line)) for line in strides))


Kernels = Mapping[str, Kernel]
Sizes = Mapping[str, int]
Shape = Sequence[Dim]
Arrays = Mapping[str, Array]


class ReferenceDevice:
    """Runs anywhere NumPy does."""

    def load(self, images: Mapping[str, bytes]) -> Kernels:
        """The one-node graph of each kernel."""
        return {key: Kernel.parse(image.decode()) for key, image in images.items()}

    def setup(
        self,
        plan: Plan,
        module: Kernels,
        weights: Arrays,
        release: Callable[[], None] = lambda: None,
    ) -> Arrays:
        """The weights, and what the plan's setup computes of them once."""
        return ReferenceExecutable(plan, module, plan.bound, weights).settled()

    def bind(
        self, plan: Plan, module: Kernels, binding: Mapping[str, int], constants: Arrays
    ) -> ReferenceExecutable:
        """The plan with every size known."""
        return ReferenceExecutable(plan, module, {**plan.bound, **binding}, constants)

    def adopt(self, value: object) -> None:
        """No array lies in a memory of this device's own."""

    def copy(self, target: Any, source: Any) -> None:
        """Within the host's memory."""
        np.copyto(target, source)

    def use_stream(self, stream: int | None) -> None:
        """There are none; raises UsageError where one is given."""
        if stream is not None:
            raise UsageError("device 'reference': it has no streams", cure="leave `stream` out")

    def clone(self) -> ReferenceDevice:
        """Another device; there is nothing to share."""
        return ReferenceDevice()

    def close(self) -> None:
        """Nothing is held."""


class ReferenceExecutable:
    """A plan with known sizes. Arena buffers live from their first step to their last."""

    def __init__(
        self, plan: Plan, kernels: Kernels, binding: Mapping[str, int], constants: Arrays
    ) -> None:
        self._plan = plan
        self._kernels = kernels
        self._binding = binding
        self._constants = constants
        self._arena = [buffer for buffer in plan.buffers.values() if buffer.kind == "arena"]

    @property
    def memory(self) -> int:
        """Bytes of the largest set of arena buffers that live at once."""
        steps = range(len(self._plan.steps))
        return max((sum(self._sizes_at(step)) for step in steps), default=0)

    def run(self, inputs: Arrays, outputs: Arrays) -> None:
        """Compute outputs in place; raises RunError on a fault in the data."""
        self._walk(inputs, outputs)

    def profile(self, inputs: Arrays, outputs: Arrays, repeats: int) -> Sequence[float]:
        """Median seconds of each step."""
        runs = [self._walk(inputs, outputs) for _ in range(repeats)]
        return [statistics.median(step) for step in zip(*runs, strict=True)]

    def close(self) -> None:
        """Nothing is held between runs."""

    def settled(self) -> Arrays:
        """The constants, with those that the steps of the setup make."""
        memory = dict(self._constants)
        for buffer in self._plan.buffers.values():
            if buffer.kind == "packed":
                memory[buffer.name] = np.empty(self._shape(buffer.shape), buffer.dtype.numpy)
        for step in self._plan.setup:
            self._launch(step, memory)
        return memory

    def _walk(self, inputs: Arrays, outputs: Arrays) -> list[float]:
        """Run every step; the seconds that each took."""
        memory = dict(self._constants)
        memory |= {port.buffer: inputs[port.name] for port in self._plan.inputs}
        memory |= {port.buffer: outputs[port.name] for port in self._plan.outputs}
        seconds: list[float] = []
        for number, step in enumerate(self._plan.steps):
            for buffer in self._arena:
                if buffer.first == number:
                    memory[buffer.name] = np.empty(self._shape(buffer.shape), buffer.dtype.numpy)
            start = time.perf_counter()
            self._launch(step, memory)
            seconds.append(time.perf_counter() - start)
            for buffer in self._arena:
                if buffer.last == number:
                    memory.pop(buffer.name, None)
        for port in self._plan.outputs:
            if memory[port.buffer] is not outputs[port.name]:
                np.copyto(outputs[port.name], memory[port.buffer])
        return seconds

    def _launch(self, step: Step, memory: dict[str, Array]) -> None:
        kernel = self._kernels[step.kernel]
        graph = kernel.graph
        (node,) = graph.nodes
        sizes = [self._size(use.dim) for use in step.arguments if isinstance(use, SizeUse)]
        binding = dict(zip(graph.symbols, sizes, strict=True))
        uses = [use for use in step.arguments if isinstance(use, BufferUse)]
        values = (*graph.inputs, *graph.outputs)
        arrays = {
            value: self._array(use, value, strides, memory, binding)
            for value, use, strides in zip(values, uses, kernel.strides, strict=True)
        }
        given = [None if value is None else arrays[value] for value in node.inputs]
        try:
            results = evaluate_node(node, given, binding)
        except RunError as error:
            where = " + ".join(step.nodes) or step.name
            raise RunError(f"{where}: {error.message}", cure=error.cure) from None
        for value, result in zip(node.outputs, results, strict=True):
            if value in arrays:
                np.copyto(arrays[value], result)

    def _array(
        self, use: BufferUse, value: Value, strides: Shape, memory: Arrays, sizes: Sizes
    ) -> Array:
        """The tensor of `value` as a view of its buffer."""
        buffer = self._plan.buffers[use.buffer]
        shape = [dims.evaluate(size, sizes) for size in value.shape]
        flat = memory[use.buffer].reshape(-1)[self._size(use.offset) * 8 // buffer.dtype.bits :]
        steps = [dims.evaluate(stride, sizes) * flat.itemsize for stride in strides]
        plain = flat.view(f"u{flat.itemsize}")  # NumPy strides not every element type of ml_dtypes
        return as_strided(plain, shape, steps).view(flat.dtype)

    def _size(self, size: Dim) -> int:
        return dims.evaluate(size, self._binding)

    def _shape(self, shape: Sequence[Dim]) -> list[int]:
        return [self._size(size) for size in shape]

    def _sizes_at(self, step: int) -> list[int]:
        return [self._bytes(b) for b in self._arena if b.first <= step <= b.last]

    def _bytes(self, buffer: Buffer) -> int:
        return int(np.prod(self._shape(buffer.shape), dtype=np.int64)) * buffer.dtype.itemsize
