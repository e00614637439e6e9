# SPDX-License-Identifier: Apache-2.0
"""Every record keeps its own promises: types match results, the lowering matches the meaning."""

from __future__ import annotations

import numpy as np
import pytest

from cases import Case, cases, domain
from ingot import dims
from ingot.errors import UsageError
from ingot.ir.graph import Array
from ingot.ir.text import parse_graph, print_graph
from ingot.kernel.compute import Compute
from ingot.kernel.evaluate import run
from ingot.kernel.expr import Var
from ingot.kernel.view import View
from ingot.ops import OPS, evaluate_graph, evaluate_node, loaded, lower_node, verify

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
    assert any(1 in shape or () == shape for shape in shapes), "no example of size 1"
    symbolic = (not isinstance(size, int) for shape in shapes for size in shape)
    assert any(symbolic), "no example with a symbolic size"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_types_match_results(case: Case) -> None:
    graph = case.graph()
    verify(graph)
    assert print_graph(parse_graph(print_graph(graph))) == print_graph(graph)
    for value, array in zip(graph.nodes[0].outputs, reference(case), strict=True):
        assert value.dtype.numpy == array.dtype
        sizes = tuple(dims.evaluate(size, case.example.binding) for size in value.shape)
        assert sizes == array.shape


@pytest.mark.parametrize("case", CASES, ids=str)
def test_graph_evaluates_like_its_node(case: Case) -> None:
    graph = case.graph()
    given = [array for array in case.arrays() if array is not None]
    inputs = {value.name: array for value, array in zip(graph.inputs, given, strict=True)}
    known = frozenset().union(*(dims.symbols(d) for v in graph.inputs for d in v.shape))
    if not graph.used_symbols() <= known:
        with pytest.raises(UsageError):
            evaluate_graph(graph, inputs)
        return
    found = evaluate_graph(graph, inputs)
    np.testing.assert_array_equal(found["y"], reference(case)[0])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_lowering_matches_meaning(case: Case) -> None:
    node, arrays = case.node(), case.arrays()
    present = [k for k, value in enumerate(node.inputs) if value is not None]
    operands = [(k, node.inputs[k]) for k in present]
    reads = {k: loaded(n, v.shape, v.dtype) for n, (k, v) in enumerate(operands) if v is not None}
    output = node.outputs[0]
    axes = tuple((Var(f"i{k}"), size) for k, size in enumerate(output.shape))
    (value,) = lower_node(
        node, tuple(var for var, _ in axes), [reads.get(k) for k in range(len(node.inputs))]
    )
    views = [View.dense(f"x{k}", v.dtype, v.shape) for k, v in operands if v is not None]
    compute = Compute(axes, tuple(views), ((View.dense("y", output.dtype, output.shape), value),))
    given = [array for k in present if (array := arrays[k]) is not None]
    (got,) = run(compute, given, dict(case.example.binding))
    (want,) = reference(case)
    assert case.op.bound(output.dtype).excess(np.asarray(got), want) <= 1.0
