# SPDX-License-Identifier: Apache-2.0
"""The whole pipeline: any stopping point is right, names mean nothing, refit is exact, speed."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
import pytest

from ingot import dtypes, optimize
from ingot.dims import symbol
from ingot.engine.refit import evaluate_derivation
from ingot.ir.graph import Derivation, Graph
from ingot.ir.text import parse_graph, print_graph
from ingot.ops.build import Builder
from ingot.ops.evaluate import evaluate_graph
from ingot.ops.verify import verify

Arrays = dict[str, np.ndarray[Any, Any]]


def sources(rng: np.random.Generator, blocks: int) -> Arrays:
    """The initializers of `network`."""
    made: Arrays = {}
    for block in range(blocks):
        made[f"w{block}"] = rng.normal(0, 0.3, (4, 4, 3, 3)).astype(np.float32)
        made[f"scale{block}"] = rng.uniform(0.5, 1.5, 4).astype(np.float32)
        made[f"bias{block}"] = rng.normal(0, 0.1, 4).astype(np.float32)
        made[f"mean{block}"] = rng.normal(0, 0.1, 4).astype(np.float32)
        made[f"variance{block}"] = rng.uniform(0.5, 1.5, 4).astype(np.float32)
    return made


def network(given: Arrays, blocks: int, prefix: str = "") -> Graph:
    """Convolution, batch norm, a spelled-out gate and GELU, views, a residual; `blocks` times."""
    b = Builder("network")
    n = symbol("n")

    def weight(name: str) -> Any:
        return b.weight(f"{prefix}{name}", given[name], Derivation.source(name))

    def node(op: str, *inputs: Any, **attributes: Any) -> Any:
        origin = (f"{prefix}/{op}_{len(b.nodes)}",)
        return b.node(op, *inputs, origin=origin, names=(f"{prefix}{op}",), **attributes)

    x = b.input("x", dtypes.FLOAT32, (n, 4, 6, 6))
    for block in range(blocks):
        y = node(
            "conv", x, weight(f"w{block}"), strides=(1, 1), dilations=(1, 1), pads=(1, 1, 1, 1)
        )
        parts = [weight(f"{part}{block}") for part in ("scale", "bias", "mean", "variance")]
        y = node("batch_norm", y, *parts, epsilon=1e-3)
        y = node("mul", y, node("sigmoid", y))
        y = node("reshape", node("reshape", y, shape=(n, 4, 36)), shape=(n, 4, 6, 6))
        e = node("add", node("erf", node("div", y, math.sqrt(2))), 1.0)
        x = node("add", x, node("mul", node("mul", y, e), 0.5))
    return b.finish({"y": x})


def numbers(graph: Graph, x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return evaluate_graph(graph, {"x": x})["y"].astype(np.float64)


def distance(found: np.ndarray[Any, Any], expected: np.ndarray[Any, Any]) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


@pytest.fixture
def x(rng: np.random.Generator) -> np.ndarray[Any, Any]:
    return rng.normal(size=(2, 4, 6, 6)).astype(np.float32)


def test_the_portable_form(rng: np.random.Generator, x: np.ndarray[Any, Any]) -> None:
    graph = network(sources(rng, 2), 2)
    report = optimize.Record()
    made = optimize.run(graph, verify=True, report=report)
    assert made.stage == "portable"
    assert [node.op for node in made.nodes] == ["conv", "silu", "gelu", "add"] * 2
    assert distance(numbers(made, x), numbers(graph, x)) < 1e-6
    assert {done.rule for done in report.rewrites} >= {"batch_norm_into_conv", "lift_gelu_erf"}
    assert made.outputs[0].name == "y"
    assert made.inputs == graph.inputs


def test_every_stopping_point_is_right(rng: np.random.Generator, x: np.ndarray[Any, Any]) -> None:
    graph = network(sources(rng, 1), 1)
    expected = numbers(graph, x)
    report = optimize.Record()
    optimize.run(graph, report=report)
    for count in range(len(report.rewrites) + 1):
        part = optimize.Record()
        made = optimize.run(graph, stop_at=count, verify=True, report=part)
        assert part.rewrites == report.rewrites[:count]
        assert distance(numbers(made, x), expected) < 1e-6


@pytest.mark.parametrize("refittable", [False, True])
def test_derivations_give_the_weights_for_any_sources(
    rng: np.random.Generator, x: np.ndarray[Any, Any], refittable: bool
) -> None:
    given, other = sources(rng, 1), sources(rng, 1)
    made = optimize.run(network(given, 1), refittable=refittable)
    expected = optimize.run(network(other, 1), refittable=refittable)
    assert len(made.weights) == 2
    for weight in made.weights.values():
        assert weight.derivation is not None
        np.testing.assert_array_equal(evaluate_derivation(weight.derivation, given), weight.data)
        again = evaluate_derivation(weight.derivation, other)
        np.testing.assert_array_equal(again, expected.weights[weight.value.name].data)


def test_names_mean_nothing(rng: np.random.Generator) -> None:
    given = sources(rng, 2)
    plain = optimize.run(network(given, 2))
    renamed = optimize.run(network(given, 2, prefix="other/"))
    assert [node.op for node in plain.nodes] == [node.op for node in renamed.nodes]
    for one, two in zip(plain.nodes, renamed.nodes, strict=True):
        assert one.attributes == two.attributes


def test_the_same_graph_gives_the_same_text(rng: np.random.Generator) -> None:
    given = sources(rng, 2)
    assert print_graph(optimize.run(network(given, 2))) == print_graph(
        optimize.run(network(given, 2))
    )


def test_optimising_twice_changes_nothing(rng: np.random.Generator) -> None:
    once = optimize.run(network(sources(rng, 2), 2))
    report = optimize.Record()
    assert print_graph(optimize.run(once, report=report)) == print_graph(once)
    assert not report.rewrites


ATTENTION = """
graph attention imported
  input %q: float32[3, 5, 4]
  input %k: float32[3, 4, 6]
  input %v: float32[3, 6, 7]
  input %mask: float32[3, 5, 6]
  weight %zero: float32[] = {0.0}
  %a: float32[3, 5, 6] = matmul(%q, %k)
  %b: float32[3, 5, 6] = add(%a, %mask)
  %p: float32[3, 5, 6] = softmax(%b) {axis=2}
  %c: bool[3, 5, 6] = is_nan(%p)
  %g: float32[3, 5, 6] = where(%c, %zero, %p)
  %y: float32[3, 5, 7] = matmul(%g, %v)
  output %y
"""


def test_a_wholly_masked_row_is_zero_before_and_after(rng: np.random.Generator) -> None:
    graph = parse_graph(ATTENTION)
    inputs = {
        value.name: rng.normal(size=value.shape).astype(np.float32)  # type: ignore[call-overload]
        for value in graph.inputs
    }
    inputs["mask"] = np.where(rng.random((3, 5, 6)) < 0.5, 0, -np.inf).astype(np.float32)
    inputs["mask"][1, 2] = -np.inf
    made = optimize.run(graph)
    assert [node.op for node in made.nodes] == ["transpose", "attention"]
    expected, found = (evaluate_graph(one, inputs)["y"] for one in (graph, made))
    assert not expected[1, 2].any()
    assert not found[1, 2].any()
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=2e-6)


def test_strict_nans_keep_what_only_numbers_allow() -> None:
    made = optimize.run(parse_graph(ATTENTION), strict_nans=True)
    assert "attention" not in {node.op for node in made.nodes}
    assert "is_nan" in {node.op for node in made.nodes}


def test_a_failure_names_the_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(graph: Graph, record: optimize.Record) -> Graph:
        return graph.replace(outputs=(*graph.outputs, *graph.outputs))

    steps = (optimize.pipeline.Pass("broken", broken),)
    monkeypatch.setattr(optimize.pipeline, "PIPELINE", steps)
    with pytest.raises(optimize.pipeline.IngotError) as caught:
        optimize.run(parse_graph(ATTENTION), verify=True)
    assert caught.value.__notes__ == ["after pass 'broken', last rewrite none"]


def test_a_large_graph_is_quick(rng: np.random.Generator) -> None:
    blocks = 250
    graph = network(sources(rng, blocks), blocks)
    assert len(graph.nodes) >= 2500
    start = time.process_time()
    made = optimize.run(graph)
    seconds = time.process_time() - start
    verify(made)
    assert len(made.nodes) == 4 * blocks
    assert seconds < 6  # about 0.7 on an idle core


def test_places_whose_differences_wrap_are_no_steps() -> None:
    least, most = -(1 << 63), (1 << 63) - 1
    for places in ([least, most, 5], [0, most, -2], [most, least]):
        b = Builder("far")
        x = b.input("x", dtypes.FLOAT32, (9,))
        y = b.node("gather", x, b.constant(np.array(places, np.int64)), axis=0)
        assert [node.op for node in optimize.run(b.finish({"y": y})).nodes] == ["gather"]


def test_twins_of_which_an_output_is_read_by_nobody() -> None:
    b = Builder("twins")
    q, k, v = (b.input(name, dtypes.FLOAT32, (1, 2, 5, 4)) for name in "qkv")
    facts = {"rule": "linear", "scale": 1.0}
    first, state = b.outputs("linear_attention", q, k, v, None, None, None, **facts)
    second, _ = b.outputs("linear_attention", q, k, v, None, None, None, **facts)
    graph = b.finish({"y": b.node("add", b.node("neg", first), b.node("exp", second)), "s": state})
    made = optimize.run(graph)
    assert sum(node.op == "linear_attention" for node in made.nodes) == 1


def test_every_weight_of_few_bits_is_packed(rng: np.random.Generator) -> None:
    """However much there is: packing codes folds many steps, each as large as the codes."""
    b = Builder("packed")
    x = b.input("x", dtypes.FLOAT32, (1, 256))
    results = {}
    for number in range(4):
        codes = rng.integers(-8, 8, (8, 32, 8192)).astype(dtypes.INT4.numpy)
        scales = rng.uniform(0.1, 1, (8, 1, 8192)).astype(np.float32)
        parts = (b.weight(f"codes{number}", codes), b.weight(f"scales{number}", scales))
        made = b.node("dequantize", *parts, to=dtypes.FLOAT32)
        weight = b.node("reshape", made, shape=(256, 8192))
        results[f"y{number}"] = b.node("matmul", x, weight)
    portable = optimize.run(b.finish(results))
    assert [node.op for node in portable.nodes] == ["block_matmul"] * 4
    sizes = [weight.data.nbytes for weight in portable.weights.values()]
    assert sum(sizes) == 4 * 8 * 8192 * (16 + 4)
