# SPDX-License-Identifier: Apache-2.0
"""`ingot.build` and `explain`: options, progress, limits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper, parser

import ingot
from ingot.casting import explain
from ingot.errors import ModelError, ResourceError, UnsupportedError
from ingot.ir.graph import Graph
from ingot.onnx import read
from ingot.ops import evaluate_graph

TEXT = """<ir_version: 9, opset_import: ["" : 18]>
net (float[batch, 3, height, width] x) => (float[batch, 8] y)
{
    c = Conv<pads = [1, 1, 1, 1]>(x, w)
    n = BatchNormalization(c, s, b, m, v)
    r = Relu(n)
    g = GlobalAveragePool(r)
    y = Flatten(g)
}"""


@pytest.fixture
def model(rng: np.random.Generator) -> onnx.ModelProto:
    """A convolution with BatchNorm, as exporters write it."""
    made = parser.parse_model(TEXT)
    shapes = {"w": (8, 3, 3, 3), "s": (8,), "b": (8,), "m": (8,), "v": (8,)}
    for name, shape in shapes.items():
        array = rng.uniform(0.5, 1.5, shape).astype(np.float32)
        made.graph.initializer.append(numpy_helper.from_array(array, name))
    return made


def run(graph: Graph, x: np.ndarray) -> np.ndarray:
    return evaluate_graph(graph, {"x": x})["y"]


def test_a_model_becomes_an_engine(model: onnx.ModelProto, rng: np.random.Generator) -> None:
    engine = ingot.build(model)
    assert engine.graph.stage == "portable"
    assert engine.name == "net"
    assert engine.cast_seconds is not None and engine.cast_seconds > 0
    x = rng.uniform(-1, 1, (2, 3, 5, 4)).astype(np.float32)
    np.testing.assert_allclose(run(engine.graph, x), run(read(model), x), rtol=1e-5, atol=1e-6)


def test_a_graph_can_be_cast_too(model: onnx.ModelProto) -> None:
    assert ingot.build(read(model)).text == ingot.build(model).text


def test_the_same_model_gives_the_same_bytes(model: onnx.ModelProto) -> None:
    assert ingot.build(model).to_bytes() == ingot.build(model).to_bytes()


def test_profiles_are_ranges_of_sizes(model: onnx.ModelProto) -> None:
    engine = ingot.build(model, profiles={"batch": (1, 16)})
    assert (engine.symbols["batch"].lo, engine.symbols["batch"].hi) == (1, 16)


def test_stripped_weights_come_back_by_refit(
    model: onnx.ModelProto, rng: np.random.Generator
) -> None:
    stripped = ingot.build(model, strip_weights=True)
    assert stripped.stripped
    sources = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    engine = stripped.refit({name: sources[name] for name in stripped.refit_sources})
    x = rng.uniform(-1, 1, (1, 3, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(run(engine.graph, x), run(read(model), x), rtol=1e-5, atol=1e-6)


def test_progress_is_told(model: onnx.ModelProto) -> None:
    told: list[tuple[str, int, int]] = []
    ingot.build(model, progress=lambda *step: told.append(step))
    assert [step[1] for step in told] == sorted(step[1] for step in told)
    assert told[0][0] == "read" and told[-1][1] == told[-1][2]


def test_memory_limit(model: onnx.ModelProto) -> None:
    with pytest.raises(ResourceError, match=r"needs 640 bytes more.* the memory limit is 100"):
        ingot.build(model, memory_limit=100)
    ingot.build(model, memory_limit=1_000_000)


def test_memory_limit_counts_weights(tmp_path: Path) -> None:
    weight = numpy_helper.from_array(np.ones((512, 512), np.float32), "w")
    x, y = (helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [512]) for n in "xy")
    nodes = [helper.make_node("MatMul", ["w", "x"], ["y"])]
    made = helper.make_model(helper.make_graph(nodes, "net", [x], [y], [weight]))
    onnx.save(made, tmp_path / "net.onnx")
    with pytest.raises(ResourceError, match=r"1048576 bytes.*the memory limit is 500000"):
        ingot.build(tmp_path / "net.onnx", memory_limit=500_000)


def test_nothing_is_left_by_a_model_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"garbage")
    with pytest.raises(ModelError):
        ingot.build(tmp_path / "bad.onnx").save(tmp_path / "bad.ingot")
    assert [path.name for path in tmp_path.iterdir()] == ["bad.onnx"]


def test_explain_tells_what_is_rewritten(model: onnx.ModelProto) -> None:
    found = explain(model)
    assert not found.obstacles
    assert found.read["batch_norm"] == 1
    assert "batch_norm" not in found.left
    assert found.rewrites


def test_explain_tells_every_obstacle(model: onnx.ModelProto) -> None:
    model.graph.node[2].op_type = "Unknown"
    found = explain(model)
    assert [obstacle.op for obstacle in found.obstacles] == ["Unknown"]
    with pytest.raises(UnsupportedError):
        ingot.build(model)
