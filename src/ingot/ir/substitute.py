# SPDX-License-Identifier: Apache-2.0
"""Put sizes in the place of symbols, everywhere in a graph: types, attributes, guards, bodies.

Specialising binds symbols to numbers; a measured size that turns out to follow from other sizes is
replaced by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ingot import dims
from ingot.dims import Dim, Expression, Guard
from ingot.ir.graph import Attribute, Graph, Node, Value, Weight


def substitute_sizes(graph: Graph, sizes: Mapping[str, Dim]) -> Graph:
    """`graph` with the symbols named in `sizes` replaced; InputError where a guard cannot hold."""
    return _Substitution(sizes).graph(graph) if sizes else graph


class _Substitution:
    def __init__(self, sizes: Mapping[str, Dim]) -> None:
        self._sizes = sizes
        self._values: dict[Value, Value] = {}

    def graph(self, graph: Graph) -> Graph:
        guards = map(self._guard, graph.guards)
        return graph.replace(
            inputs=tuple(map(self._value, graph.inputs)),
            weights={
                name: Weight(self._value(weight.value), weight.data, weight.derivation)
                for name, weight in graph.weights.items()
            },
            nodes=tuple(map(self._node, graph.nodes)),
            outputs=tuple(map(self._value, graph.outputs)),
            symbols={name: span for name, span in graph.symbols.items() if name not in self._sizes},
            guards=tuple(guard for guard in guards if guard is not None),
            measured={
                name: self._value(value)
                for name, value in graph.measured.items()
                if name not in self._sizes
            },
        )

    def _guard(self, guard: Guard) -> Guard | None:
        """The condition on what is left open; None where it holds."""
        if not guard.symbols & self._sizes.keys():
            return guard
        numbers = {name: size for name, size in self._sizes.items() if isinstance(size, int)}
        made = Guard(guard.kind, self._dim(guard.left), self._dim(guard.right), guard.reason)
        if made.symbols:
            return made
        (guard if guard.symbols <= numbers.keys() else made).check(numbers)
        return None

    def _node(self, node: Node) -> Node:
        return node.replace(
            inputs=tuple(None if value is None else self._value(value) for value in node.inputs),
            outputs=tuple(map(self._value, node.outputs)),
            attributes={key: self._attribute(value) for key, value in node.attributes.items()},
        )

    def _value(self, value: Value) -> Value:
        if value not in self._values:
            shape = tuple(map(self._dim, value.shape))
            same = shape == value.shape
            made = value if same else Value(value.name, replace(value.type, shape=shape))
            self._values[value] = made
        return self._values[value]

    def _attribute(self, attribute: Attribute) -> Attribute:
        if isinstance(attribute, Expression):
            return self._dim(attribute)
        if isinstance(attribute, tuple):
            return tuple(map(self._attribute, attribute))
        if isinstance(attribute, Graph):
            return self.graph(attribute)
        return attribute

    def _dim(self, dim: Dim) -> Dim:
        return dim if isinstance(dim, int) else dims.substitute(dim, self._sizes)
