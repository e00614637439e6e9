# SPDX-License-Identifier: Apache-2.0
"""A graph that no single plan can run, cut into segments and a script.

A plan knows all its sizes before it starts. Where the graph computes a size itself, or chooses or
repeats a body, it is cut: what lies between two seams is a segment, an ordinary graph with a plan
of its own, and the script is a graph whose nodes are segments, control flow and lists. Bodies are
cut in the same way. The script prints and parses as any graph, so a cache can keep it.

Nodes run as early as they can: segment k holds the nodes of level 2k, the script's own nodes stand
at the seams, which are the odd levels. A view that is only read behind a seam goes behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingot.dims import symbols
from ingot.ir.graph import Attribute, Graph, ListType, Node, Value, graphs_in, symbols_of
from ingot.ops.table import OPS, SCRIPT_OPS

SEGMENT = "segment"


@dataclass(frozen=True)
class Cut:
    """The script, and the segments that its `segment` nodes name by `number`."""

    script: Graph
    segments: tuple[Graph, ...]


def needs_script(graph: Graph) -> bool:
    """Whether the graph has to be cut."""
    lists = any(isinstance(value.type, ListType) for value in (*graph.inputs, *graph.outputs))
    return lists or bool(graph.measured) or any(node.op in SCRIPT_OPS for node in graph.nodes)


def cut(graph: Graph) -> Cut:
    """The segments and the script of `graph`."""
    segments: list[Graph] = []
    script = _Cutter(graph, segments).script()
    return Cut(script, tuple(segments))


class _Cutter:
    """Cuts one graph; segments of its bodies come first."""

    def __init__(self, graph: Graph, segments: list[Graph]) -> None:
        self._graph = graph
        self._segments = segments
        self._level: dict[Node, int] = {}
        self._told: dict[str, int] = {}
        for node in graph.nodes:
            self._level[node] = self._earliest(node)
        self._sink()

    def script(self) -> Graph:
        """The graph of segments and script nodes."""
        by_level: dict[int, list[Node]] = {}
        for node in self._graph.nodes:
            by_level.setdefault(self._level[node], []).append(node)
        nodes: list[Node] = []
        for level in sorted(by_level):
            if level % 2:
                nodes += map(self._with_cut_bodies, by_level[level])
            else:
                nodes.append(self._segment(by_level[level]))
        needed = {value for node in nodes for value in node.inputs} | set(self._graph.outputs)
        needed |= set(self._graph.measured.values())
        weights = self._graph.weights.items()
        return self._graph.replace(
            nodes=tuple(nodes),
            weights={name: weight for name, weight in weights if weight.value in needed},
            stage="legal",
        )

    def _earliest(self, node: Node) -> int:
        """The first level at which everything that the node needs is there."""
        levels = [self._available(value) for value in node.inputs if value is not None]
        for name in symbols_of(node) & self._graph.measured.keys():
            value = self._graph.measured[name]
            if value not in node.outputs:
                levels.append(self._available(value) | 1 if self._made(value) else 0)
        return _next(max(levels, default=0), node.op in SCRIPT_OPS)

    def _made(self, value: Value) -> bool:
        return self._graph.producer(value) is not None

    def _available(self, value: Value) -> int:
        producer = self._graph.producer(value)
        return 0 if producer is None else self._level[producer]

    def _sink(self) -> None:
        """Let views, and what reads constants only, go to the first level that reads them."""
        outputs = {*self._graph.outputs, *self._graph.measured.values()}
        users = self._graph.users()
        for node in reversed(self._graph.nodes):
            if not self._floats(node) or not outputs.isdisjoint(node.outputs):
                continue
            levels = [self._level[user] for v in node.outputs for user in users.get(v, ())]
            if levels and all(level % 2 == 0 for level in levels):
                self._level[node] = max(self._level[node], min(levels))

    def _floats(self, node: Node) -> bool:
        if node.op in SCRIPT_OPS:
            return False
        constant = all(v is None or self._graph.constant(v) is not None for v in node.inputs)
        return OPS[node.op].kind == "view" or constant

    def _with_cut_bodies(self, node: Node) -> Node:
        if not any(graphs_in(node.attributes)):
            return node
        attributes = {key: self._cut_body(value) for key, value in node.attributes.items()}
        return node.replace(attributes=attributes)

    def _cut_body(self, attribute: Attribute) -> Attribute:
        if isinstance(attribute, Graph):
            return _Cutter(attribute, self._segments).script()
        return attribute

    def _segment(self, nodes: list[Node]) -> Node:
        """The nodes as a graph of their own, and the script's node for it."""
        members = frozenset(nodes)
        made = [value for node in nodes for value in node.outputs]
        local = frozenset(made)
        read = dict.fromkeys(v for node in nodes for v in node.inputs if v is not None)
        weights = {v.name: self._graph.weights[v.name] for v in read if self._is_weight(v)}
        inputs = tuple(v for v in read if v not in local and v.name not in weights)
        outputs = tuple(value for value in made if self._leaves(value, members))
        names = self._symbols(nodes, inputs)
        number = len(self._segments)
        self._segments.append(
            Graph(
                name=self._graph.name,
                inputs=inputs,
                outputs=outputs,
                nodes=tuple(nodes),
                weights=weights,
                symbols={n: span for n, span in self._graph.symbols.items() if n in names},
                stage=self._graph.stage,
            )
        )
        return Node(SEGMENT, inputs, outputs, {"number": number})

    def _is_weight(self, value: Value) -> bool:
        return self._graph.constant(value) is not None

    def _leaves(self, value: Value, members: frozenset[Node]) -> bool:
        if value in self._graph.outputs or value in self._graph.measured.values():
            return True
        return any(user not in members for user in self._graph.users().get(value, ()))

    @staticmethod
    def _symbols(nodes: Iterable[Node], inputs: Iterable[Value]) -> frozenset[str]:
        found = frozenset[str]().union(*map(symbols_of, nodes))
        return found.union(*(symbols(size) for value in inputs for size in value.shape))


def _next(level: int, odd: bool) -> int:
    """The first level from `level` on that is odd, or even."""
    return level + (level % 2 != odd)


def segment_number(attributes: Mapping[str, Attribute]) -> int:
    """The number that a `segment` node has."""
    number = attributes["number"]
    assert isinstance(number, int)
    return number
