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
from ingot.errors import RunError
from ingot.ir.graph import Array, Graph, ListType, Node, SymbolRange, TensorType, Value
from ingot.ops.build import infer, record
from ingot.ops.decompose import body_graph
from ingot.ops.script import RunBody
from ingot.ops.table import SCRIPT_OPS

NO_BINDING: Mapping[str, int] = {}


def evaluate_node(
    node: Node, arrays: Sequence[Array | None], binding: Mapping[str, int] = NO_BINDING
) -> tuple[Array, ...]:
    """The outputs of `node` for `arrays` (None where an input is absent).

    Symbols in attributes take their sizes from `binding`. Raises RunError on a fault in the data
    (index out of range, integer division by zero).
    """
    if node.op in SCRIPT_OPS:
        scripted = SCRIPT_OPS[node.op]
        bound = scripted.bound(node.attributes, binding)
        return tuple(scripted.run(arrays, bound, _body_runner(binding)))
    attributes = bound_attributes(node.attributes, binding)
    op = record(node.op)
    if op.kind != "composite":
        return op.evaluate(arrays, attributes)
    return _evaluate_composite(node, arrays, attributes)


def _body_runner(binding: Mapping[str, int]) -> RunBody:
    """Runs bodies with NumPy; the sizes around them have these values."""

    def run(body: Graph, items: Sequence[Any]) -> list[Any]:
        inputs = {value.name: item for value, item in zip(body.inputs, items, strict=True)}
        found = evaluate_graph(body, inputs, None, binding)
        return [found[value.name] for value in body.outputs]

    return run


def input_sizes(
    graph: Graph, inputs: Sequence[Any], known: Mapping[str, int] | None = None
) -> dict[str, int]:
    """The symbols in the inputs' types, from the arrays; raises InputError. Lists tell none."""
    pairs = zip(graph.inputs, inputs, strict=True)
    return solve(
        [(v.name, v.shape, array.shape) for v, array in pairs if not isinstance(v.type, ListType)],
        known,
    )


def evaluate_graph(
    graph: Graph,
    inputs: Mapping[str, Array],
    outputs: Sequence[Value] | None = None,
    binding: Mapping[str, int] | None = None,
) -> dict[str, Array]:
    """The graph's outputs by name (or those of the values `outputs`) for inputs by name.

    `binding` are sizes of a graph around this one, which the inputs need not tell.

    Raises InputError where sizes contradict the graph's symbols or guards, RunError where a
    measured size is out of its range.
    """
    found = input_sizes(graph, [inputs[value.name] for value in graph.inputs], binding)
    wanted = graph.outputs if outputs is None else outputs
    known = {value: inputs[value.name] for value in graph.inputs}
    known |= {weight.value: weight.data for weight in graph.weights.values()}
    sizes = MeasuredSizes(graph, found)
    sizes.learn(known)
    last = _last_uses(graph, wanted)
    for node in graph.nodes:
        arrays = [None if value is None else known[value] for value in node.inputs]
        made = dict(zip(node.outputs, evaluate_node(node, arrays, sizes.binding), strict=True))
        known |= made
        sizes.learn(made)
        for value in last.get(node, ()):
            del known[value]
    return {value.name: known[value] for value in wanted}


class MeasuredSizes:
    """The sizes of a graph as they become known: first its inputs', then those it measures.

    A guard is checked as soon as all of its sizes are known.
    """

    def __init__(self, graph: Graph, binding: Mapping[str, int]) -> None:
        """`binding` are the sizes of the inputs; raises InputError where they break a guard."""
        self.binding = dict(binding)
        self._symbols: dict[Value, list[str]] = {}
        self._ranges = graph.symbols
        self._waiting = list(graph.guards)
        for name, value in graph.measured.items():
            self._symbols.setdefault(value, []).append(name)
        self._check_guards()

    def learn(self, values: Mapping[Value, Array]) -> None:
        """Bind the symbols that are the content of these values; raises RunError, InputError."""
        found = values.keys() & self._symbols.keys() if self._symbols else ()
        for value in found:
            for name in self._symbols[value]:
                self.binding[name] = measured_size(name, int(values[value]), self._ranges[name])
        if found:
            self._check_guards()

    def _check_guards(self) -> None:
        ready = [guard for guard in self._waiting if guard.symbols <= self.binding.keys()]
        self._waiting = [guard for guard in self._waiting if guard not in ready]
        for guard in ready:
            guard.check(self.binding)


def measured_size(name: str, size: int, span: SymbolRange) -> int:
    """`size`, the content of the scalar that tells the size `name`; RunError out of its range."""
    if size < span.lo or (span.hi is not None and size > span.hi):
        most = "" if span.hi is None else span.hi
        raise RunError(
            f"size {name}: is computed as {size}, it must be within {span.lo}..{most}",
            cure="check the input that it is computed from",
        )
    return size


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
    types = [None if a is None else TensorType(from_numpy(a.dtype), tuple(a.shape)) for a in arrays]
    _, results, _ = infer(node.op, types, attributes, f"{node.op} '{node.name}'", {})
    graph = body_graph(node.op, types, attributes, FLOAT64)
    given = [array for array in arrays if array is not None]
    inputs = {value.name: array for value, array in zip(graph.inputs, given, strict=True)}
    found = evaluate_graph(graph, inputs)
    return tuple(
        found[value.name].astype(result.dtype.numpy)
        for value, result in zip(graph.outputs, results, strict=True)
    )
