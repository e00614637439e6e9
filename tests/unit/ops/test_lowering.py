# SPDX-License-Identifier: Apache-2.0
"""Regions pulled into one expression: nested folds, shared values, bodies in line."""

from __future__ import annotations

import numpy as np
import pytest

from ingot.dims import symbol
from ingot.dtypes import FLOAT32, INT64
from ingot.ir.graph import Graph
from ingot.kernel.compute import Compute
from ingot.kernel.evaluate import run
from ingot.kernel.expr import Load, Reduce, Var, walk
from ingot.kernel.view import View
from ingot.ops import Builder, decompose, evaluate_graph, loaded, pull, verify

N = symbol("n")


def computed(graph: Graph, inputs: dict[str, np.ndarray], sizes: dict[str, int]) -> np.ndarray:
    """The graph's first output as one expression, run by the interpreter of computes."""
    leaves = {v: loaded(k, v.shape, v.dtype) for k, v in enumerate(graph.inputs)}
    for weight in graph.weights.values():
        leaves[weight.value] = loaded(len(leaves), weight.value.shape, weight.value.dtype)
    output = graph.outputs[0]
    axes = tuple((Var(f"i{k}"), size) for k, size in enumerate(output.shape))
    value = pull(graph.nodes, leaves)[output](*(var for var, _ in axes))
    views = tuple(View.dense(v.name, v.dtype, v.shape) for v in leaves)
    compute = Compute(axes, views, ((View.dense("y", output.dtype, output.shape), value),))
    arrays = [*inputs.values(), *(weight.data for weight in graph.weights.values())]
    return run(compute, arrays, sizes)[0]


def test_folds_of_folds_do_not_capture() -> None:
    """Each op folds over the axis that the one before it folded over."""
    builder = Builder()
    x = builder.input("x", FLOAT32, (N, 5))
    running = builder.node("log_softmax", x, axis=1)
    spread = builder.node("softmax", running, axis=1)
    again = builder.node("log_softmax", spread, axis=1)
    total = builder.node("reduce_sum", builder.node("mul", again, running), axes=(1,))
    product = builder.node("matmul", builder.node("transpose", x, permutation=(1, 0)), again)
    result = builder.node("add", builder.node("reduce_max", product, axes=(0, 1)), total)
    graph = builder.finish([result])
    data = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    want = evaluate_graph(graph, {"x": data})[result.name]
    np.testing.assert_allclose(computed(graph, {"x": data}, {"n": 3}), want, rtol=1e-5)


def test_shared_values_are_one_expression() -> None:
    builder = Builder()
    x = builder.input("x", FLOAT32, (4, 8))
    y = builder.node("softmax", x, axis=1)
    graph = builder.finish([y])
    read = pull(graph.nodes, {x: loaded(0, x.shape, x.dtype)})[y]
    value = read(Var("i"), Var("j"))
    folds = [expr for expr in walk((value,)) if isinstance(expr, Reduce)]
    assert len(folds) == 2, "the maximum and the sum, each once"
    assert value is read(Var("i"), Var("j"))


def test_repeated_residuals_stay_small() -> None:
    """x = x + relu(x), many times: shared reads keep the expression linear, not exponential."""
    builder = Builder()
    x = value = builder.input("x", FLOAT32, (4,))
    for _ in range(60):
        value = builder.node("add", value, builder.node("relu", value))
    graph = builder.finish([value])
    expr = pull(graph.nodes, {x: loaded(0, x.shape, x.dtype)})[value](Var("i"))
    assert sum(1 for _ in walk((expr,))) < 300


def test_concat_reads_stay_within_their_tensors() -> None:
    builder = Builder()
    parts = [builder.input(f"x{k}", INT64, (size, 2)) for k, size in enumerate((3, 0, 1, 4))]
    y = builder.node("concat", *parts, axis=0)
    graph = builder.finish([y])
    data = {v.name: np.arange(v.shape[0] * 2).reshape(v.shape) + 10 * k
            for k, v in enumerate(parts)}  # fmt: skip
    np.testing.assert_array_equal(computed(graph, data, {}), np.concatenate(list(data.values())))
    leaves = {v: loaded(k, v.shape, v.dtype) for k, v in enumerate(parts)}
    expr = pull(graph.nodes, leaves)[y](Var("i"), Var("j"))
    assert 1 not in {load.operand for load in walk((expr,)) if isinstance(load, Load)}


@pytest.mark.parametrize("op", ["softmax", "layer_norm", "attention"])
def test_decompose_gives_nodes_with_provenance(op: str) -> None:
    builder = Builder()
    x = builder.input("x", FLOAT32, (2, 4, 4))
    if op == "attention":
        builder.node(op, x, x, x, scale=0.5, causal=True, origin=("/block/attention",))
    else:
        builder.node(op, x, axis=2, origin=("/block/norm",))
    node = builder.nodes[0]
    body = Builder("body", taken=["x"])
    inputs = {"x": np.random.default_rng(1).normal(size=(2, 4, 4)).astype(np.float32)}
    values = decompose(node, body)
    made = body.finish(values).replace(inputs=(x,))
    assert all(part.origin == node.origin and part.made_by == op for part in made.nodes)
    verify(made)
    whole = builder.finish([node.output])
    np.testing.assert_allclose(
        evaluate_graph(made, inputs)[values[0].name],
        evaluate_graph(whole, inputs)[node.output.name], rtol=1e-5,
    )  # fmt: skip
