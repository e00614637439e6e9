# SPDX-License-Identifier: Apache-2.0
"""Launches to a Plan: steps, kernel keys, buffers with lifetimes.

Equal kernel texts get one key, so layers that do the same work share code. A buffer lives from the
first step that touches it to the last; packed weights live for ever and are made by setup steps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from ingot.dims import Dim, product
from ingot.dtypes import UINT8
from ingot.ir.graph import Graph, Value
from ingot.jit.partition import ranges_of
from ingot.jit.place import Placement, Storage
from ingot.jit.twins import Call, join_twins
from ingot.kernel.view import View
from ingot.plan import Argument, Buffer, BufferUse, Plan, Port, Step
from ingot.targets.base import Candidate, Launch, LaunchArgument, PackedUse, Region, Target, ViewUse

Emit = Callable[[str, str], None]


class Linker:
    """Collects steps, buffers and sources of one plan; `emit` gets each kernel's key and text."""

    def __init__(self, target: Target, emit: Emit) -> None:
        self._target = target
        self._generator = target.generator()
        self._emit = emit
        self.sources: dict[str, str] = {}
        self.steps: list[Step] = []
        self.setup: list[Step] = []
        self._packed: dict[str, Dim] = {}
        self._temporaries: dict[str, Dim] = {}

    def add(self, placement: Placement) -> None:
        """All emissions of a placement, in order."""
        calls: list[Call] = []
        for number, (region, candidate, emission) in enumerate(placement.emissions):
            rename = {item.key: f"{item.key}.{number}" for item in emission.temporaries}
            for temporary in emission.temporaries:
                self._temporaries[rename[temporary.key]] = temporary.bytes
            for packed in emission.packed:
                if packed.key not in self._packed:
                    self._packed[packed.key] = packed.bytes
                    self.setup.append(self._step((region,), candidate, packed.launch))
            if placement.sets_up(region):
                self.setup += [self._step((region,), candidate, one) for one in emission.launches]
                continue
            for launch in emission.launches:
                calls.append(Call((region,), candidate, _renamed(launch, rename)))
        for call in join_twins(calls, self._target.join):
            self.steps.append(self._step(call.regions, call.candidate, call.launch))

    def plan(
        self,
        graph: Graph,
        bound: Mapping[str, int],
        placement: Placement,
        outputs: Sequence[str],
        own: Collection[str],
    ) -> Plan:
        """The plan of what was added; `own` are the weights that the engine does not have."""
        buffers = self._buffers(placement)
        return Plan(
            name=graph.name,
            target=self._target.name,
            spec=self._target.spec,
            inputs=tuple(_port(value, value.name) for value in graph.inputs),
            outputs=tuple(map(_port, graph.outputs, outputs)),
            symbols=ranges_of(graph),
            bound=dict(bound),
            guards=graph.guards,
            buffers=buffers,
            setup=tuple(self.setup),
            steps=tuple(self.steps),
            constants={name: graph.weights[name].data.tobytes() for name in own if name in buffers},
            sources=self.sources,
        )

    def _step(self, regions: Sequence[Region], candidate: Candidate, launch: Launch) -> Step:
        nodes = (node for region in regions for node in region.nodes)
        return Step(
            name=f"{' & '.join(region.name for region in regions)} {launch.label}".strip(),
            kernel=self.kernel(launch.text),
            arguments=tuple(map(_argument, launch.arguments)),
            extent=launch.extent,
            grain=launch.grain,
            nodes=tuple(dict.fromkeys(name for node in nodes for name in node.origin)),
            candidate=candidate.name,
            flops=launch.flops,
            bytes=launch.bytes,
        )

    def kernel(self, text: str) -> str:
        """The key of a kernel."""
        digest = hashlib.sha256(f"{self._generator}\n{text}".encode()).hexdigest()[:32]
        if digest not in self.sources:
            self.sources[digest] = text
            self._emit(digest, text)
        return digest

    def _buffers(self, placement: Placement) -> dict[str, Buffer]:
        lives = self._lifetimes()
        used = lives.keys() | {
            argument.buffer
            for step in self.setup
            for argument in step.arguments
            if isinstance(argument, BufferUse)
        }
        buffers = {
            name: _buffer(storage, *lives.get(name, (0, 0)))
            for name, storage in placement.storages.items()
            if name in used or storage.kind in ("input", "output")
        }
        for name, size in self._packed.items():
            buffers[name] = Buffer(name, "packed", UINT8, (size,), size)
        for name, size in self._temporaries.items():
            buffers[name] = Buffer(name, "arena", UINT8, (size,), size, *lives.get(name, (0, 0)))
        return buffers

    def _lifetimes(self) -> dict[str, tuple[int, int]]:
        lives: dict[str, tuple[int, int]] = {}
        for number, step in enumerate(self.steps):
            for argument in step.arguments:
                if isinstance(argument, BufferUse):
                    first, _ = lives.get(argument.buffer, (number, number))
                    lives[argument.buffer] = (first, number)
        return lives


def _renamed(launch: Launch, names: Mapping[str, str]) -> Launch:
    """The launch with its temporaries called as the plan calls them."""
    arguments = tuple(
        PackedUse(names.get(argument.key, argument.key), argument.mode)
        if isinstance(argument, PackedUse)
        else argument
        for argument in launch.arguments
    )
    return replace(launch, arguments=arguments)


def _argument(argument: LaunchArgument) -> Argument:
    match argument:
        case ViewUse(view, mode):
            return BufferUse(view.buffer, _byte_offset(view), mode)
        case PackedUse(key, mode):
            return BufferUse(key, 0, mode)
        case _:
            return argument


def _byte_offset(view: View) -> Dim:
    return view.offset * view.dtype.itemsize


def _buffer(storage: Storage, first: int, last: int) -> Buffer:
    view = storage.view
    size = product(view.shape) * view.dtype.itemsize
    return Buffer(storage.name, storage.kind, view.dtype, view.shape, size, first, last)


def _port(value: Value, buffer: str) -> Port:
    return Port(value.name, value.dtype, value.shape, buffer)
