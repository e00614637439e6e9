# SPDX-License-Identifier: Apache-2.0
"""The reference and null targets through the public API."""

from __future__ import annotations

import numpy as np
import pytest

import ingot
from ingot.dims import symbol
from ingot.dtypes import FLOAT32, INT64
from ingot.errors import RunError
from ingot.ir.graph import Graph
from ingot.ops import Builder, evaluate_graph

N = symbol("n")


def example() -> Graph:
    builder = Builder("example")
    x = builder.input("x", FLOAT32, (N, 4, 6))
    weight = builder.weight("w", np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32))
    transposed = builder.node("transpose", x, permutation=(0, 2, 1))
    sliced = builder.node("slice", x, starts=(0, 1, 5), ends=(N, 4, -1), steps=(1, 2, -1))
    flat = builder.node("reshape", transposed, shape=(N * 6, 4))
    outputs = {
        "softmax": builder.node("softmax", flat, axis=1),
        "product": builder.node("relu", builder.node("matmul", x, weight)),
        "transposed": transposed,
        "sliced": builder.node("mul", sliced, 2.0),
        "weight": weight,
        "again": x,
        "sizes": builder.node("sizes", values=(N, 4, N * 6)),
    }
    return builder.finish(outputs, stage="portable")


@pytest.mark.parametrize("specialize", ["none", "eager"])
@pytest.mark.parametrize("batch", [3, 1, 0])
def test_session_gives_what_the_graph_means(specialize: str, batch: int) -> None:
    graph = example()
    x = np.random.default_rng(1).normal(size=(batch, 4, 6)).astype(np.float32)
    with ingot.load(graph, device="reference", specialize=specialize) as session:
        got = session.run({"x": x})
        want = evaluate_graph(graph, {"x": x})
        assert got.keys() == want.keys()
        for name, array in want.items():
            np.testing.assert_array_equal(got[name], array)


def test_fault_names_the_node() -> None:
    builder = Builder("lookup")
    table = builder.input("table", FLOAT32, (4, 2))
    index = builder.input("index", INT64, (N,))
    value = builder.node("gather", table, index, axis=0, origin=("/embed/Gather",))
    graph = builder.finish({"y": value}, stage="portable")
    rows = np.arange(8, dtype=np.float32).reshape(4, 2)
    with ingot.load(graph, device="reference") as session:
        with pytest.raises(RunError, match=r"/embed/Gather: index 4.*axis of size 4"):
            session.run({"table": rows, "index": np.array([1, 4])})
        good = session.run({"table": rows, "index": np.array([-1, 2])})
        np.testing.assert_array_equal(good["y"], rows[[3, 2]])


def test_null_target_plans_and_runs_nothing() -> None:
    graph = example()
    x = np.zeros((2, 4, 6), np.float32)
    with ingot.load(graph, device="null") as session:
        shapes = {name: array.shape for name, array in session.run({"x": x}).items()}
    assert shapes == {name: array.shape for name, array in evaluate_graph(graph, {"x": x}).items()}
