# SPDX-License-Identifier: Apache-2.0
"""Run nodes and graphs by their records, with NumPy: the definition of right.

Constant folding, refit and the reference target all come here. Floats are computed in fp64 and
rounded once to the output's type, a composite too: its body runs wide from end to end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingot.dims import Expression, evaluate, solve
from ingot.dtypes import FLOAT64, from_numpy
from ingot.ir.graph import Array, Graph, Node, TensorType, Value
from ingot.ops.build import infer, record
from ingot.ops.decompose import body_graph

NO_BINDING: Mapping[str, int] = {}


def evaluate_node(
    node: Node, arrays: Sequence[Array | None], binding: Mapping[str, int] = NO_BINDING
) -> tuple[Array, ...]:
    """The outputs of `node` for `arrays` (None where an input is absent).

    Symbols in attributes take their sizes from `binding`. Raises RunError on a fault in the data
    (index out of range, integer division by zero).
    """
    attributes = bound_attributes(node.attributes, binding)
    op = record(node.op)
    if op.kind != "composite":
        return op.evaluate(arrays, attributes)
    return _evaluate_composite(node, arrays, attributes)


def evaluate_graph(
    graph: Graph, inputs: Mapping[str, Array], outputs: Sequence[Value] | None = None
) -> dict[str, Array]:
    """The graph's outputs by name (or those of the values `outputs`) for inputs by name.

    Raises InputError where sizes contradict the graph's symbols or guards.
    """
    binding = solve([(v.name, v.shape, inputs[v.name].shape) for v in graph.inputs])
    for guard in graph.guards:
        guard.check(binding)
    wanted = graph.outputs if outputs is None else outputs
    known = {value: inputs[value.name] for value in graph.inputs}
    known |= {weight.value: weight.data for weight in graph.weights.values()}
    last = _last_uses(graph, wanted)
    for node in graph.nodes:
        arrays = [None if value is None else known[value] for value in node.inputs]
        known.update(zip(node.outputs, evaluate_node(node, arrays, binding), strict=True))
        for value in last.get(node, ()):
            del known[value]
    return {value.name: known[value] for value in wanted}


def bound_attributes(attributes: Mapping[str, Any], binding: Mapping[str, int]) -> dict[str, Any]:
    """The attributes with every symbolic size replaced by its value."""
    return {name: _bind(value, binding) for name, value in attributes.items()}


def _bind(value: Any, binding: Mapping[str, int]) -> Any:
    if isinstance(value, Expression):
        return evaluate(value, binding)
    if isinstance(value, tuple):
        return tuple(_bind(item, binding) for item in value)
    return value


def _last_uses(graph: Graph, wanted: Sequence[Value]) -> dict[Node, list[Value]]:
    last: dict[Value, Node] = {}
    for node in graph.nodes:
        last |= {value: node for value in (*node.inputs, *node.outputs) if value is not None}
    dying: dict[Node, list[Value]] = {}
    for value, node in last.items():
        if value not in wanted:
            dying.setdefault(node, []).append(value)
    return dying


def _evaluate_composite(
    node: Node, arrays: Sequence[Array | None], attributes: Mapping[str, Any]
) -> tuple[Array, ...]:
    types = [
        None if a is None else TensorType(from_numpy(a.dtype), tuple(a.shape)) for a in arrays
    ]
    _, results, _ = infer(node.op, types, attributes, f"{node.op} '{node.name}'", {})
    graph = body_graph(node.op, types, attributes, FLOAT64)
    given = [array for array in arrays if array is not None]
    inputs = {value.name: array for value, array in zip(graph.inputs, given, strict=True)}
    found = evaluate_graph(graph, inputs)
    return tuple(
        found[value.name].astype(result.dtype.numpy)
        for value, result in zip(graph.outputs, results, strict=True)
    )
