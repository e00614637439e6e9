# SPDX-License-Identifier: Apache-2.0
"""Sizes that a graph measures itself: built, printed, verified, evaluated, kept by passes."""

from __future__ import annotations

import numpy as np
import pytest

from ingot import optimize
from ingot.dims import symbol
from ingot.dtypes import FLOAT32, INT64
from ingot.errors import GraphError, InputError, RunError
from ingot.ir.graph import Graph
from ingot.ir.text import parse_graph, print_graph
from ingot.ops import verify
from ingot.ops.build import Builder
from ingot.ops.evaluate import evaluate_graph


def counted(high: int | None = None) -> Graph:
    """The positions 0, 1, ... below the number of positive elements, times two."""
    builder = Builder("counted")
    x = builder.input("x", FLOAT32, (symbol("batch"), 4))
    positive = builder.node("cast", builder.node("greater", x, 0.0), to=INT64)
    count = builder.node("reduce_sum", positive, axes=(0, 1), keep_dims=False)
    size = builder.measure(count, high=high)
    line = builder.node("iota", *map(builder.constant, map(np.int64, (0, 1))), length=size)
    return builder.finish({"y": builder.node("mul", line, 2)})


def test_text_keeps_it() -> None:
    graph = counted(high=9)
    text = print_graph(graph)
    assert "measure n_reduce_sum %reduce_sum" in text
    again = parse_graph(text)
    assert print_graph(again) == text
    assert again.measured.keys() == graph.measured.keys()
    verify(again)


def test_evaluation_binds_it() -> None:
    x = np.random.default_rng(1).standard_normal((5, 4)).astype(np.float32)
    made = evaluate_graph(counted(), {"x": x})["y"]
    assert np.array_equal(made, 2 * np.arange((x > 0).sum()))
    none = evaluate_graph(counted(), {"x": -np.abs(x)})["y"]
    assert none.shape == (0,)


def test_a_size_out_of_range_is_an_error() -> None:
    x = np.ones((3, 4), np.float32)
    with pytest.raises(RunError, match=r"size n_reduce_sum: is computed as 12, .* 0\.\.9"):
        evaluate_graph(counted(high=9), {"x": x})


def test_a_symbolic_limit_is_a_guard() -> None:
    builder = Builder("limited")
    x = builder.input("x", FLOAT32, (symbol("batch"),))
    count = builder.input("count", INT64, ())
    size = builder.measure(count, high=symbol("batch"))
    part = builder.node("slice", x, starts=(0,), ends=(size,), steps=(1,))
    graph = builder.finish({"y": part})
    x_array = np.arange(6, dtype=np.float32)
    verify(graph)
    made = evaluate_graph(graph, {"x": x_array, "count": np.array(4)})
    assert np.array_equal(made["y"], x_array[:4])
    with pytest.raises(InputError, match="the size in %count"):
        evaluate_graph(graph, {"x": x_array, "count": np.array(7)})


def test_measured_twice_is_one_symbol_and_constants_are_numbers() -> None:
    builder = Builder("same")
    count = builder.input("count", INT64, (1,))
    assert builder.measure(count) == builder.measure(count)
    assert builder.measure(builder.constant(np.array([7]))) == 7


def test_passes_keep_it() -> None:
    graph = optimize.run(counted(), verify=True)
    verify(graph)
    assert list(graph.measured) == ["n_reduce_sum"]
    x = np.random.default_rng(2).standard_normal((3, 4)).astype(np.float32)
    expected = evaluate_graph(counted(), {"x": x})["y"]
    assert np.array_equal(evaluate_graph(graph, {"x": x})["y"], expected)


def test_what_follows_from_sizes_is_no_measure() -> None:
    builder = Builder("known")
    x = builder.input("x", FLOAT32, (symbol("batch"), 4))
    total = builder.node("mul", builder.node("sizes", values=(symbol("batch"),)), 4)
    size = builder.measure(total)
    graph = builder.finish({"y": builder.node("reshape", x, shape=(size,))})
    made = optimize.run(graph, verify=True)
    assert not made.measured
    assert made.outputs[0].shape == (4 * symbol("batch"),)


def test_a_size_nobody_has_is_dropped() -> None:
    builder = Builder("unused")
    x = builder.input("x", FLOAT32, (3,))
    builder.measure(
        builder.node("cast", builder.node("reduce_sum", x, axes=(0,), keep_dims=False), to=INT64)
    )
    graph = optimize.run(builder.finish({"y": builder.node("neg", x)}))
    assert not graph.measured
    assert [node.op for node in graph.nodes] == ["neg"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("symbol n 0..\n input %c: int64[2]\n measure n %c\n output %c", "is no int64 scalar"),
        ("input %c: int64[]\n measure n %c\n output %c", "is not declared"),
        (
            "symbol n 0..\n input %a: int64[]\n"
            "%i: int64[n] = iota(%a, %a) {length=n}\n"
            "%s: int64[] = reduce_sum(%i) {axes=(0,), keep_dims=false}\n"
            "measure n %s\n output %i",
            "used before",
        ),
    ],
)
def test_verifier_refuses(text: str, rule: str) -> None:
    with pytest.raises(GraphError, match=rule):
        verify(parse_graph(f"graph bad imported\n{text}\n"))
