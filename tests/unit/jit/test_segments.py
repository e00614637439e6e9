# SPDX-License-Identifier: Apache-2.0
"""Cutting: what lies in which segment, and the script that is left."""

from __future__ import annotations

import numpy as np

from ingot.dims import symbol
from ingot.dtypes import BOOL, FLOAT32, INT64
from ingot.ir.graph import Graph
from ingot.ir.text import parse_graph, print_graph
from ingot.jit.segments import cut, needs_script
from ingot.ops.build import Builder

WEIGHT = np.random.default_rng(5).standard_normal((4, 4)).astype(np.float32)


def two_seams() -> Graph:
    """A count, rows by that count, a branch over them, and a product that waits for nothing."""
    builder = Builder("seams")
    x = builder.input("x", FLOAT32, (symbol("batch"), 4))
    go = builder.input("go", BOOL, ())
    product = builder.node("matmul", x, builder.weight("w", WEIGHT))
    flags = builder.node("cast", builder.node("greater", x, 0.0), to=INT64)
    total = builder.node("reduce_sum", flags, axes=(0, 1), keep_dims=False)
    count = builder.measure(total)
    turned = builder.node("transpose", x, permutation=(1, 0))
    grown = builder.node("expand", builder.node("reduce_sum", turned, axes=(0, 1)),
                         shape=(count, 1))  # fmt: skip
    bodies = []
    for op in ("neg", "exp"):
        body = Builder(op, symbols=builder.symbols)
        inner = body.input(f"{op}_in", FLOAT32, (count, 1))
        bodies.append(body.finish((body.node(op, inner),)))
    (chosen,) = builder.script(
        "if", go, grown, shapes=((count, 1),), then_body=bodies[0], else_body=bodies[1]
    )
    return builder.finish((product, builder.node("abs", chosen)), "portable")


def test_nodes_go_where_they_can_run() -> None:
    parts = cut(two_seams())
    ops = [[node.op for node in segment.nodes] for segment in parts.segments]
    assert [node.op for node in parts.script.nodes] == ["segment", "segment", "if", "segment"]
    by_first = {segment[0]: segment for segment in ops}
    assert set(by_first["matmul"]) == {
        "matmul", "greater", "cast", "reduce_sum", "transpose",
    }  # fmt: skip
    assert by_first["expand"] == ["expand"]
    assert by_first["abs"] == ["abs"]
    assert by_first["neg"] == ["neg"] and by_first["exp"] == ["exp"]


def test_segments_are_plain_graphs_with_the_weights_they_read() -> None:
    for segment in cut(two_seams()).segments:
        assert not needs_script(segment)
        reads = {value for node in segment.nodes for value in node.inputs}
        assert {weight.value for weight in segment.weights.values()} <= reads
        made = {value for node in segment.nodes for value in node.outputs}
        assert set(segment.outputs) <= made


def test_views_go_behind_the_seam_that_reads_them() -> None:
    builder = Builder("views")
    x = builder.input("x", FLOAT32, (6,))
    count = builder.measure(builder.input("count", INT64, ()))
    flat = builder.node("exp", x)
    turned = builder.node("reshape", flat, shape=(6, 1))
    wide = builder.node("expand", turned, shape=(6, count))
    size = builder.measure(
        builder.node("cast", builder.node("reduce_sum", wide, axes=(0, 1), keep_dims=False),
                     to=INT64)
    )  # fmt: skip
    again = builder.node("expand", builder.node("reshape", flat, shape=(1, 6)), shape=(size, 6))
    parts = cut(builder.finish((again,), "portable"))
    assert [node.op for node in parts.segments[1].nodes] == ["reshape", "expand"]


def test_the_script_prints_and_parses() -> None:
    script = cut(two_seams()).script
    text = print_graph(script)
    assert print_graph(parse_graph(text)) == text
    assert "measure n_reduce_sum %reduce_sum" in text


def test_a_plain_graph_has_no_script() -> None:
    builder = Builder("plain")
    x = builder.input("x", FLOAT32, (3,))
    assert not needs_script(builder.finish({"y": builder.node("neg", x)}))
