# SPDX-License-Identifier: Apache-2.0
"""Choices to launches: where every value lies in memory, and what each candidate makes of that.

A sweep in running order gives each value a View. Inputs, outputs and weights are row-major; what a
kernel writes lies as its candidate wishes, or as its main input lies. View operators become other
strides over the same buffer and cost nothing; where strides cannot express one, or a candidate does
not accept a layout, a copy is made, once for each layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ingot import dims
from ingot.dims import Dim
from ingot.ir.graph import Graph, Node, Value, fresh_names
from ingot.jit.emit import Emitter
from ingot.jit.partition import ranges_of
from ingot.jit.select import Choice
from ingot.jit.settled import settled
from ingot.kernel.view import View
from ingot.ops.table import OPS
from ingot.plan.plan import BufferKind
from ingot.targets.base import Candidate, Emission, Order, Region

SAMPLE_SIZE = 64


@dataclass(frozen=True, eq=False)
class Storage:
    """A buffer before lifetimes are known."""

    name: str
    kind: BufferKind
    view: View


@dataclass
class Placement:
    """The result of the sweep: buffers, and emissions in running order."""

    storages: dict[str, Storage] = field(default_factory=dict)
    emissions: list[tuple[Region, Candidate, Emission]] = field(default_factory=list)

    def sets_up(self, region: Region) -> bool:
        """Whether a region writes what later setup steps and all runs read."""
        storages = (self.storages.get(value.name) for value in region.outputs)
        return all(storage is not None and storage.kind == "packed" for storage in storages)


class Placer:
    """Places one graph's choices."""

    def __init__(self, graph: Graph, generic: Candidate, emitter: Emitter) -> None:
        self._graph = graph
        self._generic = generic
        self._emitter = emitter
        self._fresh = fresh_names(value.name for value in graph.values())
        self._outputs = frozenset(graph.outputs)
        self._ranges = ranges_of(graph)
        self._settled = settled(graph)
        self._sample = {
            name: max(low, SAMPLE_SIZE if high is None else min(high, SAMPLE_SIZE))
            for name, (low, high) in self._ranges.items()
        }
        self._views: dict[Value, View] = {}
        self._copies: dict[tuple[Value, Order], View] = {}
        self.placement = Placement()
        for value in graph.inputs:
            self._store(value, "input", None)
        for weight in graph.weights.values():
            self._store(weight.value, "weight", None)

    def place(self, choices: Iterable[Choice]) -> Placement:
        """Views and emissions for all choices, in order."""
        for choice in choices:
            if choice.candidate is None:
                self._place_view(choice.region)
            else:
                self._place_region(choice.region, choice.candidate)
        return self.placement

    def output_buffers(self) -> list[str]:
        """The buffer of each graph output; one that has none of its own gets a copy."""
        buffers: list[str] = []
        for value in self._graph.outputs:
            view = self._views[value]
            storage = self.placement.storages[view.buffer]
            owned = storage.kind == "output" and storage.view == view
            buffers.append(
                view.buffer if owned and view.buffer not in buffers else self._copy_out(value)
            )
        return buffers

    def _copy_out(self, value: Value) -> str:
        copy = Value(self._fresh(f"{value.name}.output"), value.type)
        self._run_copy(value, self._store(copy, "output", None), copy)
        return copy.name

    def _place_view(self, region: Region) -> None:
        (node,) = region.nodes
        source, output = node.inputs[0], node.output
        assert source is not None
        view = OPS[node.op].view(self._views[source], node.attributes)
        if view is None or output in self._outputs:
            self._place_region(region, self._generic)
        else:
            self._views[output] = replace(view, shape=output.shape)

    def _place_region(self, region: Region, candidate: Candidate) -> None:
        views = {value: self._readable(region, candidate, value) for value in region.inputs}
        for output in region.outputs:
            order = self._output_order(region, candidate, output, views)
            if output in self._outputs:
                views[output] = self._store_output(region, candidate, output, order)
            else:
                kind: BufferKind = "packed" if output in self._settled else "arena"
                views[output] = self._store(output, kind, order)
        self._emit(region, candidate, views)

    def _store_output(
        self, region: Region, candidate: Candidate, output: Value, order: Order | None
    ) -> View:
        """A graph output is row-major; a candidate that cannot write that writes a temporary."""
        if candidate.accepts(region, output, View.dense("", output.dtype, output.shape)):
            return self._store(output, "output", None)
        return self._store(output, "arena", order)

    def _store(self, value: Value, kind: BufferKind, order: Order | None) -> View:
        view = View.dense(value.name, value.dtype, value.shape, order)
        self.placement.storages[value.name] = Storage(value.name, kind, view)
        self._views[value] = view
        return view

    def _emit(self, region: Region, candidate: Candidate, views: Mapping[Value, View]) -> None:
        emission = self._emitter.emit(region, candidate, views)
        self.placement.emissions.append((region, candidate, emission))

    def _readable(self, region: Region, candidate: Candidate, value: Value) -> View:
        """The value's view, or a copy of it in the layout that the candidate reads."""
        view = self._views[value]
        if candidate.accepts(region, value, view):
            return view
        order = candidate.order(region, value) or tuple(range(value.rank))
        if (value, order) not in self._copies:
            copy = Value(self._fresh(f"{value.name}.copy"), value.type)
            self._copies[value, order] = self._store(copy, "arena", order)
            self._run_copy(value, self._copies[value, order], copy)
        return self._copies[value, order]

    def _run_copy(self, source: Value, target: View, copy: Value) -> None:
        node = Node("identity", (source,), (copy,), made_by="place")
        region = Region((node,), (source,), (copy,), None, frozenset(), self._ranges)
        self._emit(region, self._generic, {source: self._views[source], copy: target})

    def _output_order(
        self, region: Region, candidate: Candidate, output: Value, views: Mapping[Value, View]
    ) -> Order | None:
        wish = candidate.order(region, output)
        if wish is not None:
            return wish
        for value in region.inputs:
            if value.shape == output.shape and value not in region.weights:
                return self._order_of(views[value])
        return None

    def _order_of(self, view: View) -> Order | None:
        """The axis order of a view, None where it is row-major or has broadcast axes."""
        strides = [self._size(stride) for stride in view.strides]
        if 0 in strides:
            return None
        order = tuple(sorted(range(view.rank), key=lambda axis: (-strides[axis], axis)))
        return None if order == tuple(range(view.rank)) else order

    def _size(self, dim: Dim) -> int:
        return dims.evaluate(dim, self._sample)
