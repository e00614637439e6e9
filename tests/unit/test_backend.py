# SPDX-License-Identifier: Apache-2.0
"""The standard backend interface: prepare, run, and inputs that only carry sizes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, parser

from ingot import backend
from ingot.errors import UnsupportedError, UsageError
from ingot.onnx import read
from ingot.targets import choose_target

HEADER = '<ir_version: 9, opset_import: ["" : 18]>'
RESHAPE = f"{HEADER} g (float[n] x, int64[r] shape) => (float[a, b] y) {{ y = Reshape(x, shape) }}"


@pytest.fixture
def add() -> onnx.ModelProto:
    return parser.parse_model(
        f"{HEADER} g (float[n] x, float[n] w) => (float[n] y) {{ y = Sub(x, w) }}"
    )


def test_inputs_in_order_and_by_name(add: onnx.ModelProto, rng: np.random.Generator) -> None:
    x, w = rng.uniform(-1, 1, (2, 5)).astype(np.float32)
    prepared = backend.prepare(add, "REFERENCE")
    for inputs in ([x, w], {"w": w, "x": x}):
        (y,) = prepared.run(inputs)
        np.testing.assert_array_equal(y, x - w)


def test_an_input_of_sizes_is_cast_for(rng: np.random.Generator) -> None:
    prepared = backend.prepare(parser.parse_model(RESHAPE), "REFERENCE")
    x = rng.uniform(-1, 1, 12).astype(np.float32)
    x = np.concatenate([x] * 6)  # more elements than an input of sizes has
    for shape in ([8, 9], [-1, 6], [8, 9]):
        (y,) = prepared.run([x, np.array(shape)])
        np.testing.assert_array_equal(y, x.reshape(shape))


def test_one_node(rng: np.random.Generator) -> None:
    x = rng.uniform(-1, 1, (3, 4)).astype(np.float32)
    node = helper.make_node("Softmax", ["x"], ["y"], axis=0)
    (y,) = backend.run_node(node, [x], "REFERENCE")
    powers = np.exp(x.astype(np.float64))
    np.testing.assert_allclose(y, powers / powers.sum(0), rtol=1e-6)


def test_what_it_can_do(add: onnx.ModelProto) -> None:
    assert backend.supports_device("CPU") and backend.supports_device("CPU:0")
    assert backend.supports_device("REFERENCE") and not backend.supports_device("TPU")
    assert backend.supports_device("CUDA") == (choose_target() == "cuda")
    assert not backend.supports_device("CUDA:99") and not backend.supports_device("CUDA:x")
    assert backend.is_compatible(add)
    add.graph.node[0].op_type = "Unknown"
    assert not backend.is_compatible(add)
    with pytest.raises(UnsupportedError):
        backend.prepare(add)


def test_fixed_inputs_are_inputs_no_more() -> None:
    graph = read(parser.parse_model(RESHAPE), constants={"shape": np.array([2, -1])})
    assert [value.name for value in graph.inputs] == ["x"]
    assert str(graph.outputs[0].shape[0]) == "2"


def test_fixed_inputs_must_fit() -> None:
    model = parser.parse_model(RESHAPE)
    for wrong in (np.array([2.0, 1.0]), np.array(3), np.array([2, 1], np.int32)):
        with pytest.raises(UsageError, match="constant for input 'shape': is"):
            read(model, constants={"shape": wrong})
