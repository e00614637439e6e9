# SPDX-License-Identifier: Apache-2.0
"""What a graph's outputs depend on: the one definition of live for the reader and the optimiser."""

from __future__ import annotations

from ingot.ir.graph import Graph, Node, Value, symbols_of


def without_dead(graph: Graph) -> Graph:
    """`graph` without nodes, weights and measured sizes that no output needs.

    The inputs stay: they are the model's interface. The very same graph where all is live.
    """
    live: set[Value] = set(graph.outputs)
    sizes: set[str] = set()
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if not any(value in live for value in node.outputs):
            continue
        kept.append(node)
        live.update(value for value in node.inputs if value is not None)
        if graph.measured:
            found = symbols_of(node) & graph.measured.keys()
            live.update(graph.measured[name] for name in found)
            sizes |= found
    weights = {name: weight for name, weight in graph.weights.items() if weight.value in live}
    counts = (len(kept), len(weights), len(sizes))
    if counts == (len(graph.nodes), len(graph.weights), len(graph.measured)):
        return graph
    dropped = graph.measured.keys() - sizes
    return graph.replace(
        nodes=tuple(reversed(kept)),
        weights=weights,
        symbols={name: span for name, span in graph.symbols.items() if name not in dropped},
        guards=tuple(guard for guard in graph.guards if not guard.symbols & dropped),
        measured={name: value for name, value in graph.measured.items() if name in sizes},
    )
