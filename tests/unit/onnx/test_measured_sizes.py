# SPDX-License-Identifier: Apache-2.0
"""Operators whose sizes are computed from data: against ONNX's own reference, on the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import ingot
from ingot.errors import IngotError

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64


def model(nodes: list[Any], x: list[Any], **integers: list[Any]) -> onnx.ModelProto:
    """A model of a float input `x` and integer inputs of the given shapes; its output is `y`."""
    inputs = [helper.make_tensor_value_info("x", FLOAT, x)]
    inputs += [helper.make_tensor_value_info(n, INT, shape) for n, shape in integers.items()]
    outputs = [helper.make_tensor_value_info("y", FLOAT, None)]
    graph = helper.make_graph(nodes, "sizes", inputs, outputs)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)])


def agrees(made: onnx.ModelProto, *feeds: dict[str, Any], target: str = "cpu") -> None:
    session = ingot.load(ingot.build(made), device=target, specialize="none")
    reference = ReferenceEvaluator(made)
    for feed in feeds:
        arrays = {name: np.asarray(value) for name, value in feed.items()}
        (wanted,) = reference.run(None, arrays)
        np.testing.assert_array_equal(session.run(arrays)["y"], wanted)


def floats(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(np.float32)


def test_reshape_with_zero_and_minus_one() -> None:
    made = model([helper.make_node("Reshape", ["x", "s"], ["y"])], ["a", "b", "c"], s=[3])
    x = floats(2, 3, 4)
    agrees(made, *({"x": x, "s": s} for s in ([0, -1, 2], [6, 4, 1], [-1, 3, 0], [4, 3, 2])))


def test_reshape_of_known_and_computed_parts() -> None:
    nodes = [
        helper.make_node("Constant", [], ["last"], value_ints=[4]),
        helper.make_node("Concat", ["n", "last"], ["s"], axis=0),
        helper.make_node("Reshape", ["x", "s"], ["y"]),
    ]
    made = model(nodes, ["a", 8], n=[1])
    assert ingot.build(made).graph.outputs[0].shape[1] == 4
    agrees(made, {"x": floats(3, 8), "n": [6]})


def test_expand_and_tile() -> None:
    made = model([helper.make_node("Expand", ["x", "s"], ["y"])], ["a", 1], s=[3])
    agrees(made, {"x": floats(3, 1), "s": [2, 3, 5]}, {"x": floats(3, 1), "s": [1, 3, 1]})
    made = model([helper.make_node("Tile", ["x", "s"], ["y"])], ["a", 2], s=[2])
    agrees(made, {"x": floats(3, 2), "s": [2, 1]}, {"x": floats(1, 2), "s": [0, 4]})


@pytest.mark.parametrize("step", [1, 3, -1, -2])
def test_slice(step: int) -> None:
    nodes = [
        helper.make_node("Constant", [], ["axes"], value_ints=[1]),
        helper.make_node("Constant", [], ["step"], value_ints=[step]),
        helper.make_node("Slice", ["x", "from", "to", "axes", "step"], ["y"]),
    ]
    made = model(nodes, ["a", "b"], **{"from": [1], "to": [1]})
    bounds = [(0, 7), (2, -1), (-3, 99), (5, 2), (-1, -99), (6, 0), (9, 1), (3, 3)]
    agrees(made, *({"x": floats(2, 7), "from": [a], "to": [b]} for a, b in bounds))


def test_pad_split_and_constant_of_shape() -> None:
    made = model([helper.make_node("Pad", ["x", "p"], ["y"])], ["a", 3], p=[4])
    agrees(made, {"x": floats(2, 3), "p": [1, 0, 0, 2]}, {"x": floats(2, 3), "p": [0, 0, 0, 0]})
    nodes = [
        helper.make_node("Split", ["x", "s"], ["y", "rest"], axis=0),
    ]
    agrees(model(nodes, ["a", 3], s=[2]), {"x": floats(5, 3), "s": [4, 1]})
    nodes = [
        helper.make_node("ConstantOfShape", ["s"], ["zeros"]),
        helper.make_node("Add", ["zeros", "x"], ["y"]),
    ]
    agrees(model(nodes, [1, 3], s=[2]), {"x": floats(1, 3), "s": [4, 3]})


@pytest.mark.parametrize("to", [TensorProto.INT32, INT, FLOAT, TensorProto.DOUBLE])
def test_range(to: int) -> None:
    nodes = [helper.make_node("Cast", [name], [f"{name}_"], to=to) for name in ("a", "b", "c")]
    nodes.append(helper.make_node("Range", ["a_", "b_", "c_"], ["r"]))
    nodes.append(helper.make_node("Cast", ["r"], ["f"], to=FLOAT))
    nodes.append(helper.make_node("Add", ["f", "x"], ["y"]))
    made = model(nodes, [1], a=[], b=[], c=[])
    ranges = [(0, 10, 3), (5, -6, -2), (3, 3, 1), (4, 0, 1), (0, 9, 3), (-7, 8, 5)]
    agrees(made, *({"x": floats(1), "a": a, "b": b, "c": c} for a, b, c in ranges))


@pytest.mark.parametrize(
    ("to", "start", "times", "step"),
    [
        (FLOAT, 0.0, 0.5, 1.0), (FLOAT, 1.0, 1.0, 0.75), (FLOAT, 9.0, 0.3, -1.5),
        (TensorProto.DOUBLE, -1.0, 0.7, 0.125), (FLOAT, 0.25, 2.0, 0.0), (INT, 20, 1, 0),
        (TensorProto.INT32, 0, 3, 0),
    ],
)  # fmt: skip
def test_range_by_input_sizes(
    to: int, start: float, times: float, step: float, target: str
) -> None:
    """From a number to a part of a size; a step of 0 stands for the size itself."""
    dtype = helper.tensor_dtype_to_np_dtype(to)
    numbers = {"start": start, "times": times, "fixed": step}
    nodes = [
        *(
            helper.make_node(
                "Constant", [], [name], value=numpy_helper.from_array(np.array(value, dtype))
            )
            for name, value in numbers.items()
        ),
        helper.make_node("Shape", ["x"], ["s"], start=0, end=1),
        helper.make_node("Squeeze", ["s"], ["n"]),
        helper.make_node("Cast", ["n"], ["size"], to=to),
        helper.make_node("Mul", ["size", "times"], ["limit"]),
        helper.make_node("Range", ["start", "limit", "fixed" if step else "size"], ["r"]),
        helper.make_node("Cast", ["r"], ["y"], to=FLOAT),
    ]
    made = model(nodes, ["n", "m"])
    agrees(made, *({"x": floats(size, 1)} for size in (1, 2, 7, 10)), target=target)


def test_a_size_that_cannot_be_is_an_error_of_the_run() -> None:
    made = model([helper.make_node("Tile", ["x", "s"], ["y"])], ["a", 2], s=[2])
    session = ingot.load(ingot.build(made), device="cpu", specialize="none")
    with pytest.raises(IngotError, match="must be within 0"):
        session.run({"x": floats(3, 2), "s": np.array([-1, 1])})
    reshape = model([helper.make_node("Reshape", ["x", "s"], ["y"])], ["a", 2], s=[2])
    session = ingot.load(ingot.build(reshape), device="cpu", specialize="none")
    with pytest.raises(IngotError, match="Reshape"):
        session.run({"x": floats(3, 2), "s": np.array([4, 2])})


def test_a_computed_size_of_one_is_repeated() -> None:
    """A size that is known at run time only may be 1 where it meets another."""
    nodes = [
        helper.make_node("Reshape", ["x", "s"], ["a"]),
        helper.make_node("Reshape", ["x", "t"], ["b"]),
        helper.make_node("Mul", ["a", "b"], ["y"]),
    ]
    made = model(nodes, ["n"], s=[2], t=[2])
    shapes = [([4, 1], [1, 4]), ([1, 4], [4, 1]), ([2, 2], [2, 2]), ([1, 4], [1, 4])]
    agrees(made, *({"x": floats(4), "s": s, "t": t} for s, t in shapes))
    session = ingot.load(ingot.build(made), device="cpu", specialize="none")
    with pytest.raises(IngotError, match=r"Mul_2.*a size that is not 1"):
        session.run({"x": floats(4), "s": np.array([4, 1]), "t": np.array([2, 2])})


def test_a_computed_size_meets_a_known_one() -> None:
    nodes = [
        helper.make_node("Reshape", ["x", "s"], ["a"]),
        helper.make_node("Constant", [], ["w"], value_floats=[1.0, 2.0, 4.0]),
        helper.make_node("Add", ["a", "w"], ["y"]),
    ]
    made = model(nodes, ["n"], s=[2])
    assert ingot.build(made).graph.outputs[0].shape[1] == 3
    agrees(made, *({"x": floats(6), "s": s} for s in ([2, 3], [6, 1])))


def test_expand_of_a_computed_size() -> None:
    nodes = [
        helper.make_node("Reshape", ["x", "s"], ["a"]),
        helper.make_node("Expand", ["a", "t"], ["y"]),
    ]
    made = model(nodes, ["n"], s=[2], t=[2])
    shapes = [([3, 1], [3, 2]), ([1, 3], [4, 1]), ([3, 1], [1, 1])]
    agrees(made, *({"x": floats(3), "s": s, "t": t} for s, t in shapes))
