# SPDX-License-Identifier: Apache-2.0
"""Every record keeps its own promises: types match results, the lowering matches the meaning."""

from __future__ import annotations

import numpy as np
import pytest
from tests.ops.cases import Case, cases, domain

from ingot import dims
from ingot.dims import Expression
from ingot.dtypes import FLOAT64
from ingot.errors import UsageError
from ingot.ir.graph import Array, Graph
from ingot.ir.text import parse_graph, print_graph
from ingot.kernel.compute import Compute
from ingot.kernel.evaluate import run
from ingot.kernel.expr import Var
from ingot.kernel.view import View
from ingot.ops import OPS, Bound, evaluate_graph, evaluate_node, loaded, lower_node, verify

CASES = cases()


def reference(case: Case) -> tuple[Array, ...]:
    return evaluate_node(case.node(), case.arrays(), case.example.binding)


@pytest.mark.parametrize("name", OPS)
def test_record_is_complete(name: str) -> None:
    op = OPS[name]
    assert op.name == name and op.doc.endswith(".") and op.examples
    assert (op.body is not None) if op.kind == "composite" else (op.evaluate_rule is not None)
    assert op.kind in ("composite", "special") or op.lower_rule is not None
    assert op.kind != "elementwise" or op.scalar is not None
    assert all(spec.doc for spec in op.attributes)


@pytest.mark.parametrize("name", OPS)
def test_examples_meet_edge_sizes(name: str) -> None:
    op = OPS[name]
    if not op.inputs:
        return
    shapes = [
        value.shape
        for number, example in enumerate(op.examples)
        for node in [Case(op, (example.only or domain(op))[0], example, number).node()]
        for value in (*node.inputs, *node.outputs)
        if value is not None
    ]
    assert any(0 in shape for shape in shapes), "no example of size 0"
    assert any(1 in shape or shape == () for shape in shapes), "no example of size 1"
    symbolic = (not isinstance(size, int) for shape in shapes for size in shape)
    assert any(symbolic), "no example with a symbolic size"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    """Types, meaning, graph and lowering of one example tell the same."""
    graph, results = case.graph(), reference(case)
    verify(graph)
    assert print_graph(parse_graph(print_graph(graph))) == print_graph(graph)
    for value, array in zip(graph.nodes[0].outputs, results, strict=True):
        assert value.dtype.numpy == array.dtype
        sizes = tuple(dims.evaluate(size, case.example.binding) for size in value.shape)
        assert sizes == array.shape
        assert array.flags.c_contiguous
    check_graph(case, graph, results)
    if case.op.kind == "special":
        return
    # In float64 both sides round at every step, so the meaning is no more exact than the lowering.
    limit = 8.0 if graph.outputs[0].dtype == FLOAT64 else 1.0
    assert case.op.bound(graph.outputs[0].dtype).excess(lowered(case), results[0]) <= limit


def check_graph(case: Case, graph: Graph, results: tuple[Array, ...]) -> None:
    """The graph gives what its node gives, or says which size does not follow from the inputs."""
    given = [array for array in case.arrays() if array is not None]
    inputs = {value.name: array for value, array in zip(graph.inputs, given, strict=True)}
    known = frozenset[str]().union(*(dims.symbols(d) for v in graph.inputs for d in v.shape))
    if known >= case.example.binding.keys():
        found = evaluate_graph(graph, inputs)
        assert Bound().excess(found["y"], results[0]) == 0
    elif case.example.binding.keys() & symbols_of(graph):
        with pytest.raises(UsageError):
            evaluate_graph(graph, inputs)


def symbols_of(graph: Graph) -> frozenset[str]:
    sizes = [d for value in graph.values() for d in value.shape]
    for attribute in graph.nodes[0].attributes.values():
        parts = attribute if isinstance(attribute, tuple) else (attribute,)
        sizes += [part for part in parts if isinstance(part, int | Expression)]
    return frozenset[str]().union(*map(dims.symbols, sizes))


def lowered(case: Case) -> Array:
    """The result of the lowering, run by the plain interpreter of computes."""
    node, arrays = case.node(), case.arrays()
    values = [value for value in node.inputs if value is not None]
    order = {value: number for number, value in enumerate(values)}
    reads = [None if v is None else loaded(order[v], v.shape, v.dtype) for v in node.inputs]
    output = node.outputs[0]
    axes = tuple((Var(f"i{k}"), size) for k, size in enumerate(output.shape))
    (value,) = lower_node(node, tuple(var for var, _ in axes), reads)
    views = tuple(View.dense(f"x{k}", v.dtype, v.shape) for k, v in enumerate(values))
    compute = Compute(axes, views, ((View.dense("y", output.dtype, output.shape), value),))
    given = [array for array in arrays if array is not None]
    return np.asarray(run(compute, given, dict(case.example.binding))[0])
