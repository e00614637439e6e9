# SPDX-License-Identifier: Apache-2.0
"""Sizes that meet in a broadcast and may be 1: only the run tells which operand stretches."""

from __future__ import annotations

import numpy as np
import pytest

import ingot
from ingot.dims import maximum, minimum, symbol
from ingot.dtypes import FLOAT32
from ingot.errors import InputError
from ingot.ir.graph import Graph, SymbolRange
from ingot.ops import Builder

SIZES = ((5, 5, 7, 7), (5, 1, 7, 7), (1, 5, 7, 1), (1, 5, 1, 7), (1, 1, 7, 7), (3, 1, 1, 1))


def sums() -> Graph:
    """x + y with open rows, times z with open columns and five rows or one."""
    builder = Builder("sums")
    x = builder.input("x", FLOAT32, (symbol("n"), symbol("m")))
    y = builder.input("y", FLOAT32, (symbol("k"), symbol("m")))
    z = builder.input("z", FLOAT32, (1, symbol("q")))
    weight = np.random.default_rng(1).standard_normal((6, 8)).astype(np.float32)
    w = builder.weight("w", weight)
    total = builder.node("relu", builder.node("add", x, y, origin=("total",)))
    p, o = (builder.input(name, FLOAT32, (symbol(f"rows_{name}"), 6)) for name in "po")
    product = builder.node("matmul", builder.node("add", p, o), w)
    outputs = {"total": total, "scaled": builder.node("mul", total, z), "product": product}
    return builder.finish(outputs, stage="portable")


def feeds(n: int, k: int, m: int, q: int) -> dict[str, np.ndarray]:
    shapes = {"x": (n, m), "y": (k, m), "z": (1, q), "p": (n, 6), "o": (k, 6)}
    rng = np.random.default_rng(n + 10 * k)
    return {name: rng.standard_normal(shape, dtype=np.float32) for name, shape in shapes.items()}


@pytest.mark.parametrize("specialize", ["none", "eager"])
@pytest.mark.parametrize("device", ["reference", "cpu"])
def test_either_operand_stretches(device: str, specialize: str) -> None:
    graph = sums()
    with ingot.load(graph, device=device, specialize=specialize) as session:
        for sizes in SIZES:
            given = feeds(*sizes)
            found = session.run(given)
            total = np.maximum(given["x"] + given["y"], 0)
            np.testing.assert_allclose(found["total"], total, rtol=1e-6)
            np.testing.assert_allclose(found["scaled"], total * given["z"], rtol=1e-6)
            product = (given["p"] + given["o"]) @ graph.weights["w"].data
            np.testing.assert_allclose(found["product"], product, rtol=1e-4, atol=1e-5)


def test_sizes_that_do_not_meet_are_an_error_that_names_the_node() -> None:
    with ingot.load(sums(), device="cpu", specialize="none") as session:
        with pytest.raises(InputError, match=r"'total'.*has 3 and 5"):
            session.run(feeds(3, 5, 7, 7))
        given = feeds(5, 1, 7, 7)
        np.testing.assert_allclose(
            session.run(given)["total"], np.maximum(given["x"] + given["y"], 0), rtol=1e-6
        )


def test_related_sizes_and_sizes_above_one_are_taken_as_equal() -> None:
    builder = Builder("same", symbols={"a": SymbolRange(2, None), "b": SymbolRange(2, None)})
    n = symbol("n")
    x, y = builder.input("x", FLOAT32, (n,)), builder.input("y", FLOAT32, (minimum(n, 512),))
    builder.node("add", x, y)
    p, q = (builder.input(name, FLOAT32, (symbol(name),)) for name in "ab")
    builder.node("add", p, q)
    assert [node.op for node in builder.nodes] == ["add", "add"]
    assert {guard.kind for guard in builder.guards} == {"eq"}


def test_the_common_size_is_the_larger() -> None:
    builder = Builder("larger")
    x, y = (builder.input(name, FLOAT32, (symbol(name), 4)) for name in "ab")
    value = builder.node("add", x, y)
    assert value.shape == (maximum(symbol("a"), symbol("b")), 4)
    again = builder.node("mul", value, x)
    assert again.shape == value.shape
