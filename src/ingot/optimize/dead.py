# SPDX-License-Identifier: Apache-2.0
"""Dead code: nodes and weights that no graph output depends on are removed."""

from __future__ import annotations

from ingot.ir.edit import Record
from ingot.ir.graph import Graph


def remove_dead(graph: Graph, record: Record) -> Graph:
    """`graph` without what no output needs. The inputs stay: they are the model's interface."""
    del record  # nothing observable changes, so there is nothing to number
    live = set(graph.outputs)
    nodes = []
    for node in reversed(graph.nodes):
        if any(value in live for value in node.outputs):
            nodes.append(node)
            live.update(value for value in node.inputs if value is not None)
    weights = {name: weight for name, weight in graph.weights.items() if weight.value in live}
    if len(nodes) == len(graph.nodes) and len(weights) == len(graph.weights):
        return graph
    return graph.replace(nodes=tuple(reversed(nodes)), weights=weights)
