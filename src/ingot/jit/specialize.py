# SPDX-License-Identifier: Apache-2.0
"""Bind some of a graph's sizes to constants before code is generated.

The result is an ordinary graph with fewer symbols: every type and every attribute that mentions a
bound symbol is computed, guards that become certain go away. Kernels made from it have their sizes
baked in.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingot import dims
from ingot.dims import Dim, Expression
from ingot.ir.graph import Attribute, Graph, Node, TensorType, Value, Weight


def bind_sizes(graph: Graph, binding: Mapping[str, int]) -> Graph:
    """The graph with the symbols of `binding` replaced by sizes; raises InputError on a guard."""
    if not binding:
        return graph
    return _Binder(binding).graph(graph)


class _Binder:
    def __init__(self, binding: Mapping[str, int]) -> None:
        self._binding = binding
        self._values: dict[Value, Value] = {}

    def graph(self, graph: Graph) -> Graph:
        return graph.replace(
            inputs=tuple(map(self._value, graph.inputs)),
            weights={
                name: Weight(self._value(weight.value), weight.data, weight.derivation)
                for name, weight in graph.weights.items()
            },
            nodes=tuple(map(self._node, graph.nodes)),
            outputs=tuple(map(self._value, graph.outputs)),
            symbols={
                name: bound for name, bound in graph.symbols.items() if name not in self._binding
            },
            guards=tuple(guard for guard in graph.guards if not self._certain(guard)),
        )

    def _certain(self, guard: dims.Guard) -> bool:
        free = dims.symbols(guard.left) | dims.symbols(guard.right)
        if free <= self._binding.keys():
            guard.check(self._binding)
            return True
        return False

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
            self._values[value] = (
                value if same else Value(value.name, TensorType(value.dtype, shape))
            )
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
        return dim if isinstance(dim, int) else dims.substitute(dim, self._binding)
