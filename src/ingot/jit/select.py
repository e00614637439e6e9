# SPDX-License-Identifier: Apache-2.0
"""Region x catalogue to choice.

A choice is a region and the candidate that runs it: of those that match, the one with the lowest
estimated cost. Where no hand-shaped family takes an anchored region whole, its epilogue is
shortened until one does; what is cut off becomes a pointwise region behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingot import trace
from ingot.errors import CompileError
from ingot.ir.graph import Graph, Node
from ingot.jit.partition import Group, kind_of, ranges_of, region_of
from ingot.jit.settled import settled
from ingot.jit.twins import twins_of
from ingot.spec import DeviceSpec
from ingot.targets.base import Candidate, Region


@dataclass(frozen=True, eq=False)
class Choice:
    """A region and what runs it; `candidate` is None for a lone view operator."""

    region: Region
    candidate: Candidate | None


class Selection:
    """Chooses for every group of one graph; the catalogue's last candidate is the generic one."""

    def __init__(self, graph: Graph, candidates: Sequence[Candidate], spec: DeviceSpec) -> None:
        self._graph = graph
        self._spec = spec
        self._families, self._generic = tuple(candidates[:-1]), candidates[-1]
        self._ranges = ranges_of(graph)
        self._settled = settled(graph)

    def choices(self, groups: Sequence[Group]) -> Iterator[Choice]:
        """The choices of all groups, in running order; a group that nothing reads is left out."""
        for group in groups:
            if not self._region(list(group.nodes), group.anchor).outputs:
                continue
            if group.kind == "view":
                yield Choice(self._region(list(group.nodes), None), None)
            else:
                yield from self._choose(list(group.nodes), group.anchor)

    def _choose(self, nodes: list[Node], anchor: Node | None) -> Iterator[Choice]:
        for end in range(len(nodes), 0, -1) if anchor is not None else ():
            head = self._region(nodes[:end], anchor)
            family = self._best(head, self._families) if anchor in nodes[:end] else None
            if family is not None and (len(head.outputs) == 1 or end == 1):
                yield Choice(head, family)
                yield from self._rest(nodes[end:])
                return
        yield from self._fall_back(nodes, anchor)

    def _fall_back(self, nodes: list[Node], anchor: Node | None) -> Iterator[Choice]:
        """The generic candidate: the longest part with outputs of one shape, then the rest."""
        for end in range(len(nodes), 0, -1):
            region = self._region(nodes[:end], anchor)
            uniform = len({output.shape for output in region.outputs}) == 1
            if end == 1 or (uniform and self._generic.match(region, self._spec) is None):
                yield self._checked(region)
                yield from self._rest(nodes[end:])
                return

    def _rest(self, nodes: list[Node]) -> Iterator[Choice]:
        if nodes:
            anchors = [node for node in nodes if kind_of(node) == "anchor"]
            yield from self._choose(nodes, anchors[0] if anchors else None)

    def _checked(self, region: Region) -> Choice:
        reason = self._generic.match(region, self._spec)
        if reason is not None:
            raise CompileError(
                f"{region.nodes[0].op} '{region.name}': no kernel on {self._spec.name}: {reason}",
                cure="run it on another device, or report the model",
            )
        return Choice(region, self._generic)

    def _best(self, region: Region, candidates: Sequence[Candidate]) -> Candidate | None:
        fitting = []
        for candidate in candidates:
            reason = candidate.match(region, self._spec)
            if reason is None:
                fitting.append(candidate)
            else:
                trace.detail("select", f"{region.name}: {candidate.name} refused: {reason}")
        return min(fitting, key=lambda candidate: candidate.cost(region, self._spec), default=None)

    def _region(self, nodes: Sequence[Node], anchor: Node | None) -> Region:
        region = region_of(nodes, anchor, self._graph, self._ranges, self._settled)
        return region if anchor is None else replace(region, twins=twins_of(anchor, self._graph))
