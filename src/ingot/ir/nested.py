# SPDX-License-Identifier: Apache-2.0
"""A graph and the graphs inside its attributes: weights have one space of names.

A body may hold the very weights that the graph around it has. An engine stores weights by name, so
one name must stand for the same elements everywhere; passes, which see one graph at a time, may
give a new weight a name that another graph uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingot.ir.graph import Graph, Node, Value, Weight, fresh_names, graphs_in


def all_graphs(graph: Graph) -> Iterator[Graph]:
    """`graph`, and the graphs inside it, outer ones first."""
    yield graph
    for node in graph.nodes:
        for inner in graphs_in(node.attributes):
            yield from all_graphs(inner)


def map_graphs(graph: Graph, change: Callable[[Graph], Graph]) -> Graph:
    """`graph` with `change` made to it and to every graph inside it; the same where none is."""
    changed = change(graph)
    nodes = tuple(_with_bodies(node, change) for node in changed.nodes)
    same = all(a is b for a, b in zip(nodes, changed.nodes, strict=True))
    return changed if same else changed.replace(nodes=nodes)


def _with_bodies(node: Node, change: Callable[[Graph], Graph]) -> Node:
    attributes = {
        key: map_graphs(value, change) if isinstance(value, Graph) else value
        for key, value in node.attributes.items()
    }
    same = all(attributes[key] is value for key, value in node.attributes.items())
    return node if same else node.replace(attributes=attributes)


def same_elements(one: Weight, other: Weight) -> bool:
    """Whether two weights hold the same elements."""
    if one is other or one.data is other.data:
        return True
    return one.value.type == other.value.type and one.data.tobytes() == other.data.tobytes()


def distinct_weights(graph: Graph) -> Graph:
    """`graph` with another name for a weight whose name another graph uses for other elements."""
    first: dict[str, Weight] = {}
    fresh = fresh_names(value.name for inner in all_graphs(graph) for value in inner.values())

    def rename(inner: Graph) -> Graph:
        renamed: dict[Value, Value] = {}
        weights: dict[str, Weight] = {}
        for name, weight in inner.weights.items():
            if not same_elements(first.setdefault(name, weight), weight):
                value = renamed[weight.value] = Value(fresh(name), weight.value.type)
                weight = first[value.name] = Weight(value, weight.data, weight.derivation)
            weights[weight.value.name] = weight
        return _reading(inner, renamed).replace(weights=weights) if renamed else inner

    return map_graphs(graph, rename)


def _reading(graph: Graph, renamed: dict[Value, Value]) -> Graph:
    """`graph` with other values in the place of some."""

    def new(value: Value | None) -> Value | None:
        return None if value is None else renamed.get(value, value)

    return graph.replace(
        nodes=tuple(
            node.replace(inputs=tuple(map(new, node.inputs)))
            if any(value in renamed for value in node.inputs)
            else node
            for node in graph.nodes
        ),
        outputs=tuple(renamed.get(value, value) for value in graph.outputs),
    )
