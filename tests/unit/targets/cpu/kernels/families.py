# SPDX-License-Identifier: Apache-2.0
"""Runs what a family emits: compiles its launches and calls them unit range by unit range."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from tests.unit.kernel import native

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import FLOAT32, DType
from ingot.ir.graph import Node, TensorType, Value
from ingot.kernel.view import View
from ingot.plan import ScratchUse, SizeUse
from ingot.spec import DeviceSpec, by_name
from ingot.targets.base import Candidate, Emission, Launch, PackedUse, Placed, Region, ViewUse
from ingot.targets.cpu.code import Code
from ingot.targets.cpu.image import link
from ingot.targets.cpu.worker import Machine, compile_object

AVX2, AVX512 = by_name("avx2"), by_name("avx512")
SPECS = tuple(map(by_name, native.host_specs()))
GUARD = 64  # elements before and after every buffer that must stay as they are
_KERNEL = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)


def machine_of(spec: DeviceSpec) -> Machine:
    """What LLVM is told about `spec`."""
    return Machine(spec.triple, spec.cpu, spec.llvm_features)


@lru_cache(maxsize=256)
def image_of(text: str, machine: Machine) -> bytes:
    """A compiled kernel; one text serves every binding of its sizes."""
    return link("test", compile_object(text, machine))


def value(name: str, *shape: Dim, dtype: DType = FLOAT32) -> Value:
    """A value without a graph."""
    return Value(name, TensorType(dtype, shape))


def region_of(
    nodes: Sequence[Node], anchor: Node, weights: Sequence[Value] = (), **ranges: Any
) -> Region:
    """The region of `nodes` whose last output is read outside."""
    made = {output for node in nodes for output in node.outputs}
    read = dict.fromkeys(
        entry for node in nodes for entry in node.inputs if entry is not None and entry not in made
    )
    return Region(tuple(nodes), tuple(read), nodes[-1].outputs, anchor, frozenset(weights), ranges)


@dataclass
class Buffers:
    """Arrays in guarded memory: `put` stores a logical array as a view lays it out."""

    binding: Mapping[str, int]
    memory: dict[str, np.ndarray] = field(default_factory=dict)

    def room(self, name: str, count: int, dtype: np.dtype[Any]) -> None:
        """Guarded memory full of noise."""
        noise = np.random.default_rng(7).standard_normal(count + 2 * GUARD) * 1e3
        self.memory[name] = noise.astype(dtype)

    def strided(self, view: View) -> np.ndarray:
        """The memory of a view as an array of its logical shape."""
        base = self.memory[view.buffer][GUARD:]
        shape = [dims.evaluate(size, self.binding) for size in view.shape]
        size = base.itemsize
        strides = [dims.evaluate(stride, self.binding) * size for stride in view.strides]
        start = dims.evaluate(view.offset, self.binding)
        return np.lib.stride_tricks.as_strided(base[start:], shape, strides)

    def make(self, view: View) -> None:
        """Memory for a view whose buffer is not there yet."""
        if view.buffer in self.memory:
            return
        extent = dims.evaluate(view.offset, self.binding) + 1
        for size, stride in zip(view.shape, view.strides, strict=True):
            extent += (max(dims.evaluate(size, self.binding), 1) - 1) * dims.evaluate(
                stride, self.binding
            )
        self.room(view.buffer, extent, view.dtype.numpy)


class Runner:
    """Compiles and runs one emission; call `run` as often as you like."""

    def __init__(
        self, emission: Emission, buffers: Buffers, spec: DeviceSpec, pieces: int = 3
    ) -> None:
        self._buffers = buffers
        self._pieces = pieces
        launches = [*(packed.launch for packed in emission.packed), *emission.launches]
        texts = dict.fromkeys(launch.text for launch in launches)
        self.texts = list(texts)
        machine = machine_of(spec)
        images = {text: image_of(text, machine) for text in texts}
        self._code = Code(images)
        memories = [*emission.packed, *emission.temporaries]
        self._packed = {
            memory.key: np.full(self._dim(memory.bytes) + 64, 0xFF, np.uint8) for memory in memories
        }
        for packed in emission.packed:
            self._call(packed.launch)
        self._prepared = [self.prepare(launch) for launch in emission.launches]

    def run(self) -> None:
        """Every launch once, in pieces."""
        for function, frame, extent, context, _ in self._prepared:
            for first, last in _ranges(extent, self._pieces):
                function(frame, first, last, context)

    def run_fast(self) -> None:
        """Every launch in one call."""
        for function, frame, extent, context, _ in self._prepared:
            function(frame, 0, extent, context)

    def _dim(self, dim: Dim) -> int:
        return dims.evaluate(dim, self._buffers.binding)

    def _call(self, launch: Launch) -> None:
        function, frame, extent, context, _ = self.prepare(launch)
        for first, last in _ranges(extent, self._pieces):
            function(frame, first, last, context)

    def prepare(self, launch: Launch) -> tuple[Any, int, int, int, Any]:
        """The function and its arguments; the last entry keeps memory alive."""
        slots, scratch = [0], 64
        for argument in launch.arguments:
            match argument:
                case ViewUse(view=view):
                    start = GUARD + self._dim(view.offset)
                    memory = self._buffers.memory[view.buffer]
                    slots.append(memory.ctypes.data + start * memory.itemsize)
                case PackedUse(key=key):
                    slots.append(_aligned(self._packed[key]))
                case SizeUse(dim=dim):
                    slots.append(self._dim(dim))
                case ScratchUse(bytes=size):
                    scratch = self._dim(size)
        frame = np.array(slots, np.int64)
        room = np.full(scratch + 128, 0xFF, np.uint8)
        status = np.zeros(3, np.int64)
        context = np.array([status.ctypes.data, _aligned(room), 0], np.int64)
        function = _KERNEL(self._code.address(launch.text))
        keep = (frame, room, status, context)
        extent = self._dim(launch.extent)
        return function, frame.ctypes.data, extent, context.ctypes.data, keep


def _aligned(array: np.ndarray) -> int:
    return -(-array.ctypes.data // 64) * 64


def _ranges(extent: int, pieces: int) -> list[tuple[int, int]]:
    """Ranges that cover the extent, last ones first: units must not depend on their order."""
    cuts = sorted({0, extent, *(extent * k // pieces for k in range(pieces))})
    return list(pairwise(cuts))[::-1]


def place(
    region: Region, candidate: Candidate, layouts: Mapping[Value, View] | None = None
) -> Placed:
    """Views as the candidate wishes, but for the ones given."""
    views = dict(layouts or {})
    for entry in (*region.inputs, *region.outputs):
        if entry not in views:
            order = None if entry in region.weights else candidate.order(region, entry)
            views[entry] = View.dense(entry.name, entry.dtype, entry.shape, order)
        assert candidate.accepts(region, entry, views[entry]), entry
    return Placed(region, views)


def execute(
    candidate: Candidate,
    region: Region,
    arrays: Mapping[str, np.ndarray],
    spec: DeviceSpec,
    *,
    binding: Mapping[str, int] | None = None,
    layouts: Mapping[Value, View] | None = None,
) -> list[np.ndarray]:
    """The region's outputs as the candidate computes them; checks that nothing else is written."""
    assert candidate.match(region, spec) is None, candidate.match(region, spec)
    placed = place(region, candidate, layouts)
    buffers = Buffers(binding or {})
    for entry, view in placed.views.items():
        buffers.make(view)
        if entry.name in arrays:
            buffers.strided(view)[...] = arrays[entry.name]
    runner = Runner(candidate.build(placed, spec), buffers, spec)
    before = {name: memory.copy() for name, memory in buffers.memory.items()}
    runner.run()
    results = [buffers.strided(placed.view(output)).copy() for output in region.outputs]
    for output in region.outputs:
        view = placed.view(output)
        name = view.buffer
        after = buffers.memory[name].copy()
        buffers.strided(view)[...] = 0
        Buffers(buffers.binding, before).strided(view)[...] = 0
        assert np.array_equal(buffers.memory[name], before[name]), f"stray write to {name}"
        buffers.memory[name] = after
    return results
