# SPDX-License-Identifier: Apache-2.0
"""Half precision: what becomes narrow, what stays wide, and that results stay near."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx as onnx_package
import pytest
from onnx import helper, numpy_helper

import ingot
from ingot import onnx
from ingot.cli.__main__ import main
from ingot.dtypes import BFLOAT16, FLOAT16, FLOAT32
from ingot.errors import UsageError
from ingot.ir.edit import Record
from ingot.ir.graph import Graph
from ingot.ir.text import parse_graph
from ingot.ops.evaluate import evaluate_graph
from ingot.ops.verify import verify
from ingot.optimize import run

DIGITS = Path(__file__).parents[3] / "examples" / "digits" / "digits.onnx"
BLOCK = """
graph block imported
  symbol n 1..64
  input %x: float32[n, 6, 16]
  input %shown: bool[n, 1, 6]
  weight %scale: float32[16] = @scale
  weight %bias: float32[16] = @bias
  weight %first: float32[16, 32] = @first
  weight %second: float32[32, 16] = @second
  weight %open: float32[] = {0.0}
  weight %hidden: float32[] = {-3.4028235e+38}
  weight %tiny: float32[] = {1e-12}
  %t: float32[n, 6, 16] = layer_norm(%x, %scale, %bias) {axis=2, epsilon=1e-5}
  %a: float32[n, 6, 32] = matmul(%t, %first)
  %b: float32[n, 6, 32] = gelu(%a) {approximate="none"}
  %c: float32[n, 6, 16] = matmul(%b, %second)
  %k: float32[n, 16, 6] = transpose(%c) {permutation=(0, 2, 1)}
  %s: float32[n, 6, 6] = matmul(%c, %k)
  %mask: float32[n, 1, 6] = where(%shown, %open, %hidden)
  %m: float32[n, 6, 6] = add(%s, %mask)
  %p: float32[n, 6, 6] = softmax(%m) {axis=2}
  %v: float32[n, 6, 16] = matmul(%p, %c)
  %squares: float32[n, 6, 16] = mul(%v, %v)
  %mean: float32[n, 6, 1] = reduce_sum(%squares) {axes=(2,), keep_dims=true}
  %safe: float32[n, 6, 1] = add(%mean, %tiny)
  %root: float32[n, 6, 1] = sqrt(%safe)
  %y: float32[n, 6, 16] = div(%v, %root)
  output %y
  output %c
"""


def weights(name: str, *shape: int) -> np.ndarray:
    return np.random.default_rng(len(name)).standard_normal(shape).astype(np.float32) / 3


def block(*, text: str = BLOCK, first: float = 1.0) -> Graph:
    arrays = {
        "scale": weights("scale", 16), "bias": weights("bias", 16),
        "first": weights("first", 16, 32) * first, "second": weights("second", 32, 16),
    }  # fmt: skip
    return parse_graph(text, arrays)


def sample() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    shown = rng.integers(0, 2, (4, 1, 6)) > 0
    shown[..., 0] = True
    return {"x": rng.standard_normal((4, 6, 16)).astype(np.float32), "shown": shown}


def error(found: np.ndarray, wanted: np.ndarray) -> float:
    assert found.dtype == wanted.dtype and np.isfinite(found).all()
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


@pytest.mark.parametrize(("dtype", "bound"), [(FLOAT16, 4e-3), (BFLOAT16, 4e-2)])
def test_results_stay_near_and_ports_keep_their_types(dtype, bound: float) -> None:
    narrow, inputs = run(block(), precision=dtype, verify=True), sample()
    verify(narrow)
    assert [value.dtype for value in (*narrow.inputs, *narrow.outputs)][::2] == [FLOAT32, FLOAT32]
    wanted = evaluate_graph(run(block()), inputs)
    for name, found in evaluate_graph(narrow, inputs).items():
        assert 1e-6 < error(found, wanted[name]) < bound, name


def types(graph: Graph, op: str) -> set[str]:
    return {node.outputs[0].dtype.name for node in graph.nodes if node.op == op}


def test_products_are_narrow_and_what_overflows_or_is_lost_is_wide() -> None:
    graph = run(block(), precision=FLOAT16)
    for op in ("matmul", "layer_norm", "gelu", "attention"):
        assert types(graph, op) == {"float16"}, op
    for op in ("where", "sqrt", "reduce_sum", "reduce_sum_square", "clip"):
        assert types(graph, op) <= {"float32"}, op
    assert types(graph, "where") == types(graph, "clip") == {"float32"}
    dtypes = {weight.value.dtype.name for weight in graph.weights.values() if weight.data.size > 1}
    assert dtypes == {"float16"}


def test_a_mask_that_is_in_range_is_not_clipped() -> None:
    text = BLOCK.replace("-3.4028235e+38", "-10000.0")
    assert not types(run(block(text=text), precision=FLOAT16), "clip")


def test_a_row_of_which_all_is_hidden_stays_finite() -> None:
    inputs = sample()
    inputs["shown"][:] = False
    for found in evaluate_graph(run(block(), precision=FLOAT16), inputs).values():
        assert np.isfinite(found).all()


def test_weights_beyond_the_range_keep_their_product_wide() -> None:
    graph = run(block(first=np.float32(1e6)), precision=FLOAT16)
    assert types(graph, "matmul") == {"float16", "float32"}


def test_it_can_be_stopped_anywhere() -> None:
    whole = len(run_record(None))
    wanted = evaluate_graph(block(), sample())
    for stop in range(0, whole, 3):
        graph = run(block(), precision=FLOAT16, stop_at=stop)
        verify(graph)
        for name, found in evaluate_graph(graph, sample()).items():
            assert error(found, wanted[name]) < 4e-3


def run_record(stop: int | None) -> list[object]:
    record = Record()
    run(block(), precision=FLOAT16, stop_at=stop, report=record)
    return list(record.rewrites)


@pytest.mark.parametrize("device", ["reference", "cpu"])
def test_a_network_keeps_its_answers(device: str, tmp_path: Path) -> None:
    plain, narrow = ingot.build(DIGITS), ingot.build(DIGITS, precision="float16")
    narrow.save(tmp_path / "narrow.ingot")
    plain.save(tmp_path / "plain.ingot")
    sizes = [(tmp_path / f"{name}.ingot").stat().st_size for name in ("narrow", "plain")]
    assert sizes[0] < 0.75 * sizes[1]
    images = np.random.default_rng(0).random((32, 1, 8, 8), np.float32)
    results = []
    for engine in (plain, ingot.Engine.open(tmp_path / "narrow.ingot")):
        with ingot.load(engine, device=device, threads=1) as session:
            results.append(session.run({"image": images})["logits"])
    assert results[0].dtype == results[1].dtype == np.float32
    assert error(results[1], results[0]) < 4e-3
    assert (results[0].argmax(1) == results[1].argmax(1)).mean() > 0.9


def test_refit_gives_narrow_weights_too() -> None:
    engine = ingot.build(DIGITS, precision="float16", refittable=True)
    stripped = engine.strip()
    graph = onnx.read(DIGITS)
    sources = {name: graph.weights[name].data for name in engine.refit_sources}
    again = stripped.refit(sources)
    for name, array in engine.weights.items():
        np.testing.assert_array_equal(again.weights[name], array)


def test_any_other_precision_is_refused() -> None:
    with pytest.raises(UsageError, match="precision='int8': must be 'float16' or 'bfloat16'"):
        ingot.build(block(), precision="int8")


@pytest.mark.parametrize(("flag", "dtype"), [("--fp16", "float16"), ("--bf16", "bfloat16")])
def test_the_command_line_asks_for_it(flag: str, dtype: str, tmp_path: Path) -> None:
    output = tmp_path / "narrow.ingot"
    assert main(["build", str(DIGITS), "-o", str(output), flag]) == 0
    engine = ingot.Engine.open(output)
    assert engine.info.options["precision"] == dtype
    assert types(engine.graph, "matmul") | types(engine.graph, "conv") == {dtype}


def test_what_stays_wide_is_told_with_the_reason() -> None:
    record = Record(explain=True)
    run(block(), precision=FLOAT16, report=record)
    told = {miss.node: miss.reason for miss in record.misses.values() if "narrow" in miss.rule}
    assert told["mask"] == "float16 cannot hold the constant 'hidden'"
    assert told["safe"] == "float16 cannot hold the constant 'tiny'"
    assert "may overflow or cancel" in " ".join(told.values())
    assert "which are float32" in told["y"]


def test_bodies_of_control_flow_keep_their_types() -> None:
    x = np.random.default_rng(1).standard_normal((4, 8)).astype(np.float32)
    value = helper.make_tensor_value_info
    branches = {
        name: helper.make_graph(
            [helper.make_node("MatMul", [source, "w"], [f"out_{name}"])], name, [],
            [value(f"out_{name}", onnx_package.TensorProto.FLOAT, None)],
        )
        for name, source in (("then_branch", "h"), ("else_branch", "x"))
    }  # fmt: skip
    nodes = [
        helper.make_node("Relu", ["x"], ["h"]),
        helper.make_node("If", ["flag"], ["y"], **branches),
    ]
    weight = numpy_helper.from_array(weights("w", 8, 3), "w")
    graph = helper.make_graph(
        nodes, "choice",
        [value("x", 1, ["n", 8]), value("flag", onnx_package.TensorProto.BOOL, [])],
        [value("y", 1, ["n", 3])], [weight],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    engine = ingot.build(model, precision="float16")
    with ingot.load(engine, device="reference") as session:
        for flag in (True, False):
            found = session.run({"x": x, "flag": np.array(flag)})["y"]
            wanted = (np.maximum(x, 0) if flag else x) @ weights("w", 8, 3)
            assert error(found, wanted) < 2e-3
