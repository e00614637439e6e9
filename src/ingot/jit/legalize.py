# SPDX-License-Identifier: Apache-2.0
"""Portable graph to a graph that the target has kernels for.

A composite operator stays whole where a candidate of the target runs it, else its body takes its
place, until nothing is left that no candidate runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingot.errors import CompileError
from ingot.ir.graph import Graph, Node, Value
from ingot.jit.partition import kind_of, ranges_of, region_of
from ingot.ops.build import Builder
from ingot.ops.decompose import decompose
from ingot.ops.table import OPS
from ingot.spec import DeviceSpec
from ingot.targets.base import Candidate

MAX_DEPTH = 8


def legalize(graph: Graph, candidates: Sequence[Candidate], spec: DeviceSpec) -> Graph:
    """Replace composites without a kernel by their bodies; raises CompileError if one has none."""
    for _ in range(MAX_DEPTH):
        refused = [node for node in graph.nodes if not _runs(node, graph, candidates, spec)]
        if not refused:
            return graph.replace(stage="legal")
        graph = _expand(graph, frozenset(refused))
    names = ", ".join(f"{node.op} '{node.name}'" for node in refused)
    raise CompileError(
        f"no kernel on {spec.name} and no decomposition for: {names}",
        cure="run the model on another device",
    )


def _runs(node: Node, graph: Graph, candidates: Sequence[Candidate], spec: DeviceSpec) -> bool:
    if kind_of(node) != "anchor" or OPS[node.op].body is None:
        return True
    region = region_of((node,), node, graph, ranges_of(graph))
    return any(candidate.match(region, spec) is None for candidate in candidates)


def _expand(graph: Graph, refused: frozenset[Node]) -> Graph:
    """The graph with each refused node's body in its place."""
    builder = Builder(
        graph.name, symbols=graph.symbols, taken=[value.name for value in graph.values()]
    )
    replaced: dict[Value, Value] = {}
    for node in graph.nodes:
        inputs = tuple(
            replaced.get(value, value) if value is not None else None for value in node.inputs
        )
        current = node if inputs == node.inputs else node.replace(inputs=inputs)
        if node not in refused:
            builder.add(current)
            continue
        for output, result in zip(node.outputs, decompose(current, builder), strict=True):
            if output in graph.outputs:
                builder.add(Node("identity", (result,), (output,), {}, node.origin, node.op))
            replaced[output] = result
    return graph.replace(
        nodes=tuple(builder.nodes),
        weights={**graph.weights, **builder.weights},
        guards=(*graph.guards, *builder.guards),
        measured={name: replaced.get(value, value) for name, value in graph.measured.items()},
    )
