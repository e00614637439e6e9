# SPDX-License-Identifier: Apache-2.0
"""A small network between QuantizeLinear and DequantizeLinear gives what exact arithmetic gives.

The meaning is the imported graph with every real number in float64. No element may be off, for an
element that is off by a step is seen far behind it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import ingot
from ingot.dtypes import FLOAT32, FLOAT64, DType
from ingot.ir.graph import Array, Graph, Value
from ingot.onnx import read
from ingot.ops import Builder, evaluate_graph

STEP = 0.2  # of the result


class Network:
    """An ONNX model in the making: a chain of layers, each between pairs."""

    def __init__(self, rng: np.random.Generator, signed: bool) -> None:
        self.rng = rng
        self.code = np.int8 if signed else np.uint8
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, array: Any) -> str:
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name, **attributes))
        return name

    def pair(self, x: str, scale: float, zero: int = 0) -> str:
        """Quantized and taken back."""
        point = zero if self.code == np.int8 else zero + 128
        facts = self.weight(np.float32(scale)), self.weight(np.array(point, self.code))
        return self.node("DequantizeLinear", self.node("QuantizeLinear", x, *facts), *facts)

    def parameter(self, *shape: int, axis: int = 0) -> str:
        codes = self.weight(self.rng.integers(-127, 128, shape).astype(np.int8))
        scale = self.weight(self.rng.uniform(0.002, 0.01, shape[axis]).astype(np.float32))
        zero = self.weight(np.zeros(shape[axis], np.int8))
        return self.node("DequantizeLinear", codes, scale, zero, axis=axis)

    def conv(self, x: str, outputs: int, inputs: int, size: int, step: float) -> str:
        bias = self.weight(self.rng.integers(-4000, 4000, outputs).astype(np.int32))
        scale = self.weight(self.rng.uniform(1e-4, 3e-4, outputs).astype(np.float32))
        real = self.node("DequantizeLinear", bias, scale, axis=0)
        filters, pad = self.parameter(outputs, inputs, size, size), size // 2
        return self.pair(self.node("Conv", x, filters, real, pads=[pad] * 4), step)

    def model(self, output: str) -> onnx.ModelProto:
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])
        y = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        graph = helper.make_graph(self.nodes, "quantized", [x], [y], self.weights)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)


def network(rng: np.random.Generator, signed: bool) -> onnx.ModelProto:
    net = Network(rng, signed)
    stem = net.conv(net.pair("x", 0.03, 3), 10, 3, 3, 0.06)
    active = net.pair(net.node("Relu", stem), 0.06)
    inner = net.conv(net.conv(active, 22, 10, 1, 0.15), 10, 22, 3, 0.7)
    total = net.pair(net.node("Add", inner, active), 0.7, -4)
    pooled = net.node("MaxPool", total, kernel_shape=[2, 2], strides=[2, 2])
    mean = net.pair(net.node("GlobalAveragePool", net.pair(pooled, 0.7, -4)), 0.3)
    flat = net.node("Flatten", mean)
    bias = net.weight(rng.standard_normal(40).astype(np.float32))
    made = net.node("Gemm", flat, net.parameter(40, 10), bias, transB=1)
    return net.model(net.pair(made, STEP))


def in_double(graph: Graph) -> Graph:
    """The graph with float64 wherever it has float32."""
    builder = Builder(graph.name, symbols=graph.symbols)
    made: dict[Value | None, Value | None] = {None: None}
    for value in graph.inputs:
        made[value] = builder.input(value.name, widened(value.dtype), value.shape)
    for weight in graph.weights.values():
        made[weight.value] = builder.weight(weight.value.name, wide(weight.data))
    for node in graph.nodes:
        attributes = {
            name: widened(entry) if isinstance(entry, DType) else entry
            for name, entry in node.attributes.items()
        }
        outputs = builder.outputs(node.op, *(made[value] for value in node.inputs), **attributes)
        made |= dict(zip(node.outputs, outputs, strict=True))
    results = {value.name: made[value] for value in graph.outputs}
    return builder.finish({name: value for name, value in results.items() if value is not None})


def widened(dtype: DType) -> DType:
    return FLOAT64 if dtype == FLOAT32 else dtype


def wide(array: Array) -> Array:
    return np.asarray(array.astype(np.float64) if array.dtype == np.float32 else array)


@pytest.mark.parametrize("signed", [True, False], ids=["int8", "uint8"])
def test_every_step_is_the_right_one(signed: bool, rng: np.random.Generator, target: str) -> None:
    model = network(rng, signed)
    engine, exact = ingot.build(model), in_double(read(model))
    kinds = {node.op for node in engine.graph.nodes}
    assert {"conv_integer", "matmul_integer"} <= kinds
    assert not {"conv", "matmul"} & kinds
    for shape in ((1, 3, 16, 20), (3, 3, 9, 14)):
        x = rng.standard_normal(shape).astype(np.float32)
        (want,) = evaluate_graph(exact, {"x": x.astype(np.float64)}).values()
        with ingot.load(engine, device=target, threads=1, specialize="eager") as session:
            (got,) = session.run({"x": x}).values()
        assert np.unique(np.rint(want / STEP)).size > 12
        assert np.abs(got - want).max() < 1e-3 * STEP
