# SPDX-License-Identifier: Apache-2.0
"""Small files that ask for much: each ends quickly in ResourceError, or stays small."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper, parser

import ingot
from ingot.errors import IngotError, ResourceError

F = TensorProto.FLOAT
LIMIT = 64 << 20


@pytest.fixture(autouse=True)
def within_limits() -> Iterator[None]:
    """Ten seconds, and half a gigabyte beside what the process had."""
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.monotonic() - start < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 512 << 10


def net(nodes: list[onnx.NodeProto], *stored: TensorProto, **more: object) -> onnx.ModelProto:
    values = [helper.make_tensor_value_info(name, F, ["n"]) for name in ("x", "y")]
    graph = helper.make_graph(nodes, "net", values[:1], values[1:], list(stored))
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, **more)


def test_a_million_empty_nodes() -> None:
    graph = b"\x0a\x00" * 1_000_000
    size, digits = len(graph), bytearray()
    while size >= 0x80:
        digits.append(size & 0x7F | 0x80)
        size >>= 7
    digits.append(size)
    with pytest.raises(ResourceError, match="the memory limit is 67108864"):
        ingot.build(b"\x08\x09\x3a" + bytes(digits) + graph, memory_limit=LIMIT)


def test_a_sparse_tensor_of_impossible_size() -> None:
    values = numpy_helper.from_array(np.array([1.0], np.float32), "w")
    places = numpy_helper.from_array(np.array([5]), "places")
    sparse = helper.make_sparse_tensor(values, places, [1 << 32])
    model = net([helper.make_node("Add", ["x", "w"], ["y"])])
    model.graph.sparse_initializer.append(sparse)
    with pytest.raises(ResourceError, match="sparse tensor 'w': needs 17179869184 bytes more"):
        ingot.build(model, memory_limit=LIMIT)


def test_functions_that_multiply() -> None:
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("own", 1)]
    functions = []
    for level in range(30):
        callee = {"op_type": f"f{level + 1}", "domain": "own"}
        callee = callee if level < 29 else {"op_type": "Neg", "domain": ""}
        calls = [
            helper.make_node(callee["op_type"], [i], [o], domain=callee["domain"])
            for i, o in (("v", "t"), ("t", "w"))
        ]
        functions.append(helper.make_function("own", f"f{level}", ["v"], ["w"], calls, opsets))
    model = net([helper.make_node("f0", ["x"], ["y"], domain="own")], functions=functions)
    with pytest.raises(ResourceError, match="functions and bodies stand for more than"):
        ingot.build(model)


def test_loops_within_loops() -> None:
    """Bodies are read until their sizes settle; within each other that multiplies."""
    body = "{ k = Identity(c) w = Concat<axis = 0>(v, v) }"
    for depth in range(9):
        body = (
            f"{{ k = Identity(c) w = Loop(m, c, v) <body = b{depth} "
            f"(int64 i, bool c, float[n] v) => (bool k, float[k] w) {body}> }}"
        )
    text = f"""<ir_version: 9, opset_import: ["" : 18]> g (float[n] v, bool c, int64 m)
        => (float[k] w, bool k) {body}"""
    with pytest.raises(IngotError):
        engine = ingot.build(parser.parse_model(text), memory_limit=LIMIT)
        ingot.load(engine, device="reference", memory_limit=LIMIT)
        raise ResourceError("or it is read after all, within its limits")


def test_constants_that_double() -> None:
    nodes = [helper.make_node("Concat", ["w", "w"], ["t0"], axis=0)]
    for turn in range(34):
        nodes.append(helper.make_node("Concat", [f"t{turn}"] * 2, [f"t{turn + 1}"], axis=0))
    nodes += [
        helper.make_node("ReduceSum", ["t34"], ["s"], keepdims=0),
        helper.make_node("Add", ["x", "s"], ["y"]),
    ]
    model = net(nodes, numpy_helper.from_array(np.ones(4096, np.float32), "w"))
    engine = ingot.build(model, memory_limit=LIMIT)
    with (
        pytest.raises(ResourceError),
        ingot.load(engine, device="reference", memory_limit=LIMIT) as session,
    ):
        session.run({"x": np.zeros(3, np.float32)})


@pytest.mark.parametrize("op", ["ConstantOfShape", "Expand", "Tile"])
def test_sizes_without_end(op: str) -> None:
    many = numpy_helper.from_array(np.array([1 << 35]), "many")
    one = numpy_helper.from_array(np.ones(1, np.float32), "one")
    inputs = ["many"] if op == "ConstantOfShape" else ["one", "many"]
    nodes = [helper.make_node(op, inputs, ["t"]), helper.make_node("ReduceMax", ["t"], ["m"])]
    model = net([*nodes, helper.make_node("Add", ["x", "m"], ["y"])], many, one)
    with pytest.raises(ResourceError):
        engine = ingot.build(model, memory_limit=LIMIT)
        with ingot.load(engine, device="cpu", memory_limit=LIMIT) as session:
            session.run({"x": np.zeros(1, np.float32)})
            raise ResourceError("the maximum of a constant needs no memory")
