# SPDX-License-Identifier: Apache-2.0
"""Graph to regions: which nodes run together in one kernel.

Elementwise nodes join the group that makes their input, so an activation becomes the epilogue of
its convolution and a chain becomes one loop. A reduction or row operator takes cheap elementwise
producers in as its prologue. View operators stand alone: they cost no kernel where strides can
express them. Groups are numbered as they begin, and a group only ever reads groups of lower rank,
so no join can make two groups wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingot.dims import Dim
from ingot.ir.graph import Graph, Node, Value
from ingot.jit.settled import settled
from ingot.ops.table import OPS
from ingot.targets.base import Ranges, Region, Target

MAX_OPERANDS = 12
CHEAP = frozenset(
    {
        "abs", "add", "cast", "clip", "equal", "greater", "greater_equal", "identity", "less",
        "less_equal", "logical_and", "logical_not", "logical_or", "maximum", "minimum", "mul",
        "neg", "relu", "sub", "where",
    }
)  # fmt: skip


@dataclass(eq=False)
class Group:
    """A region in the making: nodes in graph order, of the output shape `shape`."""

    kind: str
    shape: tuple[Dim, ...]
    rank: int
    anchor: Node | None = None
    nodes: dict[Node, int] = field(default_factory=dict)


# Composites that read an element many times: computing it anew each time is not cheap.
REREADING = ("attention", "block_matmul")


class Partition:
    """The grouping of one graph's nodes."""

    def __init__(self, graph: Graph, target: Target) -> None:
        self._graph = graph
        self._fuses = target.fuses
        self._users = graph.users()
        self._outputs = frozenset(graph.outputs)
        self._settled = settled(graph)
        self._group: dict[Node, Group] = {}
        for position, node in enumerate(graph.nodes):
            self._add(node, position)

    def groups(self) -> list[Group]:
        """All groups, in an order in which they can run."""
        return sorted(dict.fromkeys(self._group.values()), key=lambda group: group.rank)

    def _add(self, node: Node, position: int) -> None:
        kind = kind_of(node)
        if kind == "elementwise" and self._fuses and self._extend(node, position):
            return
        anchor = node if kind == "anchor" else None
        group = Group(kind, node.outputs[0].shape, len(self._group), anchor, {node: position})
        self._group[node] = group
        if kind == "anchor" and self._fuses:
            self._take_prologue(node, group)

    def _extend(self, node: Node, position: int) -> bool:
        """Join the elementwise node to the best group that makes one of its inputs."""
        shape = node.outputs[0].shape
        makers = self._makers((node,))
        fitting = [
            group
            for group in makers
            if group.shape == shape and group.kind != "view" and self._together(node, group)
        ]
        for group in sorted(fitting, key=lambda group: (group.anchor is None, -group.rank)):
            if self._joins(node, group, makers):
                group.nodes[node] = position
                self._group[node] = group
                self._merge_pointwise(group, fitting)
                return True
        return False

    def _together(self, node: Node, group: Group) -> bool:
        """Whether both run with every run: what sets up weights stands alone."""
        members = (node, next(iter(group.nodes)))
        return not any(member.outputs[0] in self._settled for member in members)

    def _joins(self, node: Node, group: Group, makers: Iterable[Group]) -> bool:
        earlier = all(other is group or other.rank < group.rank for other in makers)
        return earlier and self._operands(group, (node,)) <= MAX_OPERANDS

    def _merge_pointwise(self, group: Group, others: Iterable[Group]) -> None:
        """Take in groups without an anchor whose results only `group` reads."""
        for other in others:
            plain = other.kind == "elementwise" or (other.kind == "index" and group.anchor is None)
            if other is group or not plain or self._feeds_anchor(other, group):
                continue
            if self._absorbable(other, group):
                self._absorb(other, group)

    def _feeds_anchor(self, other: Group, group: Group) -> bool:
        """Whether the anchor reads what `other` makes, and so needs it in memory."""
        if group.anchor is None or _recomputes(group.anchor):
            return False
        made = {value for node in other.nodes for value in node.outputs}
        return any(value in made for value in group.anchor.inputs)

    def _take_prologue(self, node: Node, group: Group) -> None:
        """Cheap elementwise producers are recomputed where a reduction reads them."""
        if not _recomputes(node):
            return
        for other in self._makers((node,)):
            cheap = all(
                kind_of(member) == "elementwise" and member.op in CHEAP for member in other.nodes
            )
            if cheap and self._absorbable(other, group):
                self._absorb(other, group)

    def _absorb(self, other: Group, group: Group) -> None:
        merged = group.nodes | other.nodes
        group.nodes = dict(sorted(merged.items(), key=lambda item: item[1]))
        for member in other.nodes:
            self._group[member] = group

    def _absorbable(self, other: Group, group: Group) -> bool:
        return (
            other.anchor is None
            and self._together(next(iter(other.nodes)), group)
            and self._only_feeds(other, group)
            and all(
                maker.rank < group.rank for maker in self._makers(other.nodes) if maker is not other
            )
            and self._operands(group, other.nodes) <= MAX_OPERANDS
        )

    def _only_feeds(self, other: Group, group: Group) -> bool:
        values = [value for node in other.nodes for value in node.outputs]
        return not any(value in self._outputs for value in values) and all(
            user in other.nodes or user in group.nodes
            for value in values
            for user in self._users.get(value, ())
        )

    def _operands(self, group: Group, extra: Iterable[Node]) -> int:
        """How many tensors of more than one number the group reads."""
        nodes = dict.fromkeys((*group.nodes, *extra))
        made = {value for node in nodes for value in node.outputs}
        read = {value for node in nodes for value in node.inputs if value is not None}
        return sum(1 for value in read - made if any(size != 1 for size in value.shape))

    def _makers(self, nodes: Iterable[Node]) -> list[Group]:
        """The groups that make inputs of `nodes`."""
        producers = (
            self._graph.producer(value)
            for node in nodes
            for value in node.inputs
            if value is not None
        )
        return list(dict.fromkeys(self._group[maker] for maker in producers if maker is not None))


def _recomputes(anchor: Node) -> bool:
    """Whether what an anchor reads may be recomputed for it, element by element."""
    return OPS[anchor.op].kind in ("reduce", "composite") and anchor.op not in REREADING


def kind_of(node: Node) -> str:
    """What the partition makes of a node: elementwise, view, index or anchor."""
    kind = OPS[node.op].kind
    return kind if kind in ("elementwise", "view", "index") else "anchor"


def region_of(
    nodes: Sequence[Node],
    anchor: Node | None,
    graph: Graph,
    ranges: Ranges,
    known: frozenset[Value] | None = None,
) -> Region:
    """The region of `nodes`, with its inputs and the outputs that anything else reads.

    `known` are the values that are there once the plan is set up; the weights if not given.
    """
    members = frozenset(nodes)
    made = dict.fromkeys(value for node in nodes for value in node.outputs)
    read = dict.fromkeys(
        value for node in nodes for value in node.inputs if value is not None and value not in made
    )
    users, final = graph.users(), frozenset(graph.outputs)
    outputs = tuple(
        value
        for value in made
        if value in final or any(user not in members for user in users.get(value, ()))
    )
    weights = frozenset(
        value
        for value in read
        if (graph.constant(value) is not None if known is None else value in known)
    )
    return Region(tuple(nodes), tuple(read), outputs, anchor, weights, ranges)


def ranges_of(graph: Graph) -> Ranges:
    """The bounds of a graph's free sizes."""
    return {name: (bound.lo, bound.hi) for name, bound in graph.symbols.items()}
