# SPDX-License-Identifier: Apache-2.0
"""The editor: how a pass changes a Graph without copying it for each change.

A pass opens one Editor, makes any number of changes to a linked list of nodes with live user sets,
and gets one new Graph from `finish`. Every change asks the Record for a number first, so that a run
can be stopped at the n-th rewrite and a miscompile found by bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ingot.dims import Guard
from ingot.dtypes import DType
from ingot.ir.graph import (
    NO_ATTRIBUTES,
    Array,
    Attributes,
    Derivation,
    Graph,
    Node,
    TensorType,
    Value,
    Weight,
    fresh_names,
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What an op makes of its inputs: complete attributes, output types, and new guards."""

    attributes: Attributes
    types: tuple[TensorType, ...]
    guards: tuple[Guard, ...] = ()


Typing: TypeAlias = Callable[[str, Sequence[Value | None], Attributes], Typed]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One rewrite that was done: its number, the rule, and the node that it replaced."""

    number: int
    rule: str
    node: str

    def __str__(self) -> str:
        return f"#{self.number} {self.rule} at '{self.node}'"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that matched `matched` of its `total` ops at a node and then failed for `reason`."""

    rule: str
    node: str
    matched: int
    total: int
    reason: str

    def __str__(self) -> str:
        return f"{self.rule} at '{self.node}': {self.matched} of {self.total} ops, {self.reason}"


@dataclass
class Record:
    """Numbers the rewrites of a whole run, refuses those past `stop_at`, collects near misses.

    `explain` turns the collection of near misses on. `refittable` forbids looking at the values of
    weights that come from the source model. `precision` is the float type to compute in where that
    is safe, None for the types that the model has. `room` is how many bytes folding may still
    make, None before it has begun.
    """

    stop_at: int | None = None
    explain: bool = False
    refittable: bool = False
    strict_nans: bool = False
    precision: DType | None = None
    room: int | None = None
    rewrites: list[Rewrite] = field(default_factory=list)
    misses: dict[tuple[str, str], NearMiss] = field(default_factory=dict)

    @property
    def stopped(self) -> bool:
        """Whether no further rewrite is allowed."""
        return self.stop_at is not None and len(self.rewrites) >= self.stop_at

    def take(self, rule: str, node: Node) -> bool:
        """Number one more rewrite; False where the run stops before it."""
        if self.stopped:
            return False
        self.rewrites.append(Rewrite(len(self.rewrites) + 1, rule, node.name))
        return True

    def forget(self, rule: str, nodes: Sequence[Node]) -> None:
        """Drop what `rule` nearly did at nodes that it has now replaced."""
        for node in nodes if self.misses else ():
            self.misses.pop((rule, node.name), None)

    def miss(self, found: NearMiss) -> None:
        """Keep the best partial match of each rule at each node."""
        best = self.misses.get((found.rule, found.node))
        if best is None or best.matched <= found.matched:
            self.misses[found.rule, found.node] = found


class Editor:
    """The nodes of a graph as a list that can be edited; `finish` gives the edited Graph."""

    def __init__(self, graph: Graph, typing: Typing, record: Record | None = None) -> None:
        self.graph = graph
        self.typing = typing
        self.record = record or Record()
        self.weights = dict(graph.weights)
        self.guards = dict.fromkeys(graph.guards)
        self.measured = dict(graph.measured)
        self.changed = False
        self._outputs = list(graph.outputs)
        self._output_set = set(graph.outputs)
        self._measured_set = set(graph.measured.values())
        self._producers: dict[Value, Node] = {}
        self._users: dict[Value, dict[Node, None]] = {}
        self._next: dict[Node | None, Node | None] = {}
        self._previous: dict[Node | None, Node | None] = {None: None}
        self._skip: dict[Node, Node | None] = {}
        self._fresh: Callable[[str], str] | None = None
        self._constants: dict[tuple[object, ...], Value] = {}
        last: Node | None = None
        for node in graph.nodes:
            self._next[last], self._previous[node], last = node, last, node
            self._register(node)
        self._next[last], self._previous[None] = None, last

    # what there is

    def nodes(self) -> Iterator[Node]:
        """The nodes in order, live: a change behind or ahead of the current one is seen."""
        node = self._next[None]
        while node is not None:
            yield node
            node = self.after(node)

    def after(self, node: Node | None) -> Node | None:
        """The node that follows `node`, or for a node that is gone its successor; None: the first.

        The successor of a replaced node is the first node that replaced it.
        """
        while node is not None and node not in self._next:
            node = self._skip[node]
            if node is None or node in self._next:
                return node
        return self._next[node]

    def __contains__(self, node: Node) -> bool:
        return node in self._next

    def producer(self, value: Value | None) -> Node | None:
        """The node that makes `value`; None for inputs, weights and absent values."""
        return None if value is None else self._producers.get(value)

    def users(self, value: Value) -> tuple[Node, ...]:
        """The nodes that read `value`."""
        return tuple(self._users.get(value, ()))

    def use_count(self, value: Value) -> int:
        """How many nodes read `value`; to be a graph output or a measured size counts one more."""
        readers = len(self._users.get(value, ())) + (value in self._output_set)
        return readers + (value in self._measured_set)

    def is_output(self, value: Value) -> bool:
        """Whether `value` is a graph output."""
        return value in self._output_set

    def weight(self, value: Value | None) -> Weight | None:
        """The weight that `value` is, if it is one."""
        if value is None:
            return None
        found = self.weights.get(value.name)
        return found if found is not None and found.value is value else None

    def constant(self, value: Value | None) -> Array | None:
        """The elements of `value` where rules may look at them, else None.

        In a refittable build the values of weights of the source model are out of sight.
        """
        found = self.weight(value)
        if found is None or (self.record.refittable and is_refittable(found)):
            return None
        return found.data

    # what can be changed

    def new_value(self, wish: str, type: TensorType) -> Value:
        """A value with a name not in use, as close to `wish` as possible."""
        if self._fresh is None:
            self._fresh = fresh_names(value.name for value in self.graph.values())
        return Value(self._fresh(wish), type)

    def new_weight(
        self, wish: str, type: TensorType, data: Array, derivation: Derivation | None
    ) -> Value:
        """A new constant tensor. Equal small constants are shared."""
        key = (type, data.tobytes(), derivation) if data.size <= 16 else ()
        if key and key in self._constants:
            value = self._constants[key]
            if value.name in self.weights:
                return value
        value = self.new_value(wish, type)
        self.weights[value.name] = Weight(value, data, derivation)
        if key:
            self._constants[key] = value
        return value

    def replace_by_weights(
        self, node: Node, arrays: Sequence[Array], derivations: Sequence[Derivation | None]
    ) -> None:
        """Let the outputs of `node`, none a graph output, be weights with these elements."""
        self._unlink(node)
        self._sweep_feeders(node)
        for value, array, derivation in zip(node.outputs, arrays, derivations, strict=True):
            self.weights[value.name] = Weight(value, array, derivation)

    def replace(self, node: Node, nodes: Sequence[Node]) -> None:
        """Put `nodes`, which define the used outputs of `node`, in its place."""
        self.insert(node, nodes)
        self._unlink(node)
        self._skip[node] = nodes[0]
        self._sweep_feeders(node)

    def insert(self, before: Node | None, nodes: Sequence[Node]) -> None:
        """Insert `nodes` ahead of `before`; None appends."""
        self.changed = True
        for node in nodes:
            previous = self._previous[before]
            self._next[previous], self._previous[node] = node, previous
            self._next[node], self._previous[before] = before, node
            self._register(node)

    def forward(self, old: Value, new: Value) -> bool:
        """Let all who read `old` read `new` instead; its node goes where nothing else needs it.

        A graph output keeps its name: the producer of `new` takes it over, or where that cannot be
        an identity stays. False, and no change, where there is no way.
        """
        node = self._producers[old]
        if old not in self._output_set:
            self.redirect(old, new)
            self.remove_dead(node)
            return True
        if len(node.outputs) > 1 or old.type != new.type:
            return False
        producer = self._producers.get(new)
        if producer is not None and new not in self._output_set:
            self.redirect(old, new)
            self._unlink(node)
            outputs = tuple(old if made is new else made for made in producer.outputs)
            self._swap(producer, producer.replace(outputs=outputs))
            self.redirect(new, old)
            return True
        if node.op == "identity":
            return False
        self.redirect(old, new)
        self.replace(node, [Node("identity", (new,), (old,), NO_ATTRIBUTES, node.origin)])
        return True

    def remove_dead(self, node: Node) -> bool:
        """Remove `node` if nobody reads it, and then those that fed only it."""
        if any(map(self.use_count, node.outputs)):
            return False
        self._unlink(node)
        self._sweep_feeders(node)
        return True

    def set_inputs(self, node: Node, inputs: tuple[Value | None, ...]) -> Node:
        """The node that stands for `node` from now on, with other inputs."""
        new = node.replace(inputs=inputs)
        self._swap(node, new)
        self._sweep_feeders(node)
        return new

    def redirect(self, old: Value, new: Value) -> None:
        """Let all nodes that read `old` read `new` instead; both have the same type."""
        if old in self._measured_set:
            self._measure_instead(old, new)
        for user in self.users(old):
            inputs = tuple(new if value is old else value for value in user.inputs)
            self._swap(user, user.replace(inputs=inputs))

    def _measure_instead(self, old: Value, new: Value) -> None:
        """The sizes that are the content of `old` are the content of `new`."""
        self.changed = True
        self.measured |= {name: new for name, value in self.measured.items() if value is old}
        self._measured_set = set(self.measured.values())

    def _swap(self, old: Node, new: Node) -> None:
        following = self._next[old]
        self._unlink(old)
        self.insert(following, [new])
        self._skip[old] = new

    def _register(self, node: Node) -> None:
        for value in node.outputs:
            self._producers[value] = node
        for operand in node.inputs:
            if operand is not None:
                self._users.setdefault(operand, {})[node] = None

    def _unlink(self, node: Node) -> None:
        self.changed = True
        previous, following = self._previous.pop(node), self._next.pop(node)
        self._next[previous], self._previous[following] = following, previous
        self._skip[node] = following
        for value in node.outputs:
            if self._producers.get(value) is node:
                del self._producers[value]
        for operand in node.inputs:
            if operand is not None:
                self._users[operand].pop(node, None)

    def _sweep_feeders(self, node: Node) -> None:
        pending = [node]
        while pending:
            for value in pending.pop().inputs:
                producer = self.producer(value)
                if producer is not None and not any(map(self.use_count, producer.outputs)):
                    self._unlink(producer)
                    pending.append(producer)

    def finish(self) -> Graph:
        """The edited graph; the very same graph where nothing was changed."""
        if not self.changed:
            return self.graph
        used = {value for value, users in self._users.items() if users} | self._output_set
        used |= self._measured_set
        return self.graph.replace(
            nodes=tuple(self.nodes()),
            weights={name: w for name, w in self.weights.items() if w.value in used},
            guards=tuple(self.guards),
            measured=self.measured,
        )


def is_refittable(weight: Weight) -> bool:
    """Whether the weight depends on an initializer of the source model."""
    return weight.derivation is not None and bool(weight.derivation.sources())
