# SPDX-License-Identifier: Apache-2.0
"""Operators that are written as kernels, over tensors that do not lie in rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import ingot
from ingot.dtypes import FLOAT32, INT64
from ingot.ops import Builder, evaluate_graph

CASES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("argsort", {"axis": 2}), ("argsort", {"axis": 1, "descending": True}),
    ("top_k", {"k": 3, "axis": 1}), ("top_k", {"k": 1, "axis": 2, "descending": True}),
    ("cumsum", {"axis": 1}), ("cumprod", {"axis": 2, "reverse": True}), ("determinant", {}),
    ("nonzero", {"size": 2 * 30 * 30}),
)  # fmt: skip


@pytest.mark.parametrize(("op", "attributes"), CASES, ids=[f"{op}-{a}" for op, a in CASES])
def test_strided_operands(op: str, attributes: dict[str, Any]) -> None:
    builder = Builder("strided")
    x = builder.input("x", FLOAT32, (30, 2, 30))
    turned = builder.node("transpose", x, permutation=(1, 2, 0))
    graph = builder.finish({"y": builder.node(op, turned, **attributes)}, stage="portable")
    data = {"x": np.random.default_rng(3).normal(0.0, 0.3, (30, 2, 30)).astype(np.float32)}
    with ingot.load(graph, device="cpu", threads=2) as session:
        got = session.run(data)["y"]
    np.testing.assert_allclose(got, evaluate_graph(graph, data)["y"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_strided_scatter(axis: int) -> None:
    builder = Builder("scatter")
    x = builder.input("x", FLOAT32, (9, 2, 700))
    indices, updates = (builder.input(n, t, (9, 2, 700)) for n, t in (("i", INT64), ("u", FLOAT32)))
    turned = [builder.node("transpose", v, permutation=(2, 0, 1)) for v in (x, indices, updates)]
    y = builder.node("scatter_elements", *turned, axis=axis, reduction="add")
    graph = builder.finish({"y": y}, stage="portable")
    rng = np.random.default_rng(4)
    data = {
        "x": rng.normal(size=(9, 2, 700)).astype(np.float32),
        "i": rng.integers(0, (700, 9, 2)[axis], (9, 2, 700)),
        "u": rng.normal(size=(9, 2, 700)).astype(np.float32),
    }
    with ingot.load(graph, device="cpu", threads=2) as session:
        got = session.run(data)["y"]
    np.testing.assert_allclose(got, evaluate_graph(graph, data)["y"], rtol=1e-4, atol=1e-4)
