# SPDX-License-Identifier: Apache-2.0
"""The Builder: types, names, constants, guards, and the errors that name the node and the cure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ingot.dims import symbol
from ingot.dtypes import FLOAT16, FLOAT32, INT64
from ingot.errors import GraphError, InputError, ShapeError
from ingot.ir.graph import SymbolRange, TensorType
from ingot.ops import Builder, evaluate_graph, verify

N, M = symbol("n"), symbol("m")


def test_names_are_kept_where_free() -> None:
    builder = Builder()
    x = builder.input("x", FLOAT32, (2,))
    first = builder.node("neg", x, names=("y",))
    second = builder.node("neg", first, names=("y",))
    assert (first.name, second.name) == ("y", "y.1")
    graph = builder.finish({"out": second, "y": first})
    assert [value.name for value in graph.outputs] == ["out", "y"]
    verify(graph)


def test_numbers_become_constants_of_the_tensors_type() -> None:
    builder = Builder()
    x = builder.input("x", FLOAT16, (2,))
    builder.node("add", builder.node("mul", x, 0.5), 0.5)
    (weight,) = builder.weights.values()
    assert weight.value.type == TensorType(FLOAT16, ())
    assert not weight.data.flags.writeable


def test_attributes_are_complete() -> None:
    builder = Builder()
    x = builder.input("x", FLOAT32, (2, 3))
    node = builder.node("reduce_sum", x, axes=(1,))
    assert dict(builder.nodes[0].attributes) == {"axes": (1,), "keep_dims": True}
    assert node.shape == (2, 1)


def test_unequal_symbols_leave_a_guard_that_a_run_checks() -> None:
    many = SymbolRange(2, None)
    builder = Builder(symbols={"n": many, "m": many})
    x = builder.input("x", FLOAT32, (N, 3))
    y = builder.input("y", FLOAT32, (M, 3))
    graph = builder.finish([builder.node("add", x, y)])
    (guard,) = graph.guards
    assert {guard.left, guard.right} == {N, M}
    three, two = np.ones((3, 3), np.float32), np.ones((2, 3), np.float32)
    assert evaluate_graph(graph, {"x": three, "y": three})["add"].shape == (3, 3)
    with pytest.raises(InputError, match="add"):
        evaluate_graph(graph, {"x": three, "y": two})


def test_ranges_refute() -> None:
    builder = Builder(symbols={"n": SymbolRange(5, 8)})
    x = builder.input("x", FLOAT32, (N,))
    with pytest.raises(ShapeError, match="must be equal, they are n and 4"):
        builder.node("add", x, builder.input("y", FLOAT32, (4,)))


def conv(b: Builder) -> Any:
    x, w = b.input("x", FLOAT32, (1, 4, 8, 8)), b.input("w", FLOAT32, (8, 3, 3, 3))
    attributes = {"strides": (1, 1), "dilations": (1, 1), "pads": (0, 0, 0, 0)}
    return b.node("conv", x, w, origin=("stem",), **attributes)


def small(b: Builder) -> Any:
    x, w = b.input("x", FLOAT32, (1, 3, 2, 8)), b.input("w", FLOAT32, (8, 3, 3, 3))
    attributes = {"strides": (1, 1), "dilations": (1, 1), "pads": (0, 0, 0, 0)}
    return b.node("conv", x, w, origin=("stem",), **attributes)


def unary(op: str, **attributes: Any) -> Callable[[Builder], Any]:
    def build(b: Builder) -> Any:
        return b.node(op, b.input("x", FLOAT32, (2, 3)), origin=("here",), **attributes)

    return build


def binary(op: str, left: Any, right: Any, **attributes: Any) -> Callable[[Builder], Any]:
    def build(b: Builder) -> Any:
        x, y = b.input("x", *left), b.input("y", *right)
        return b.node(op, x, y, origin=("here",), **attributes)

    return build


ERRORS: tuple[tuple[Callable[[Builder], Any], type[Exception], str], ...] = (
    (conv, ShapeError, "conv 'stem': weight expects 3 input channels, input has 4; "
     "check the model's input layout"),
    (small, ShapeError, "conv 'stem': spatial axis 0: the padded size must hold a window, "
     "they are 2 and 3; enlarge the input"),
    (binary("add", (FLOAT32, (2, 3)), (FLOAT32, (4,))), ShapeError,
     "add 'here': sizes that meet in the broadcast of [2, 3] and [4] must be equal, "
     "they are 3 and 4"),
    (binary("add", (FLOAT32, (2,)), (INT64, (2,))), ShapeError,
     "add 'here': inputs 'a' and 'b' must have one element type, they have float32 and int64; "
     "cast one of them"),
    (binary("matmul", (FLOAT32, (2, 3)), (FLOAT32, (4, 5))), ShapeError,
     "matmul 'here': columns of a and rows of b must be equal, they are 3 and 4; "
     "transpose one of them"),
    (binary("gather", (FLOAT32, (2,)), (FLOAT32, (2,)), axis=0), ShapeError,
     "gather 'here': input 'indices' takes int64, int32, not float32; cast it first"),
    (unary("softmax", axis=-1), ShapeError,
     "softmax 'here': axis -1 is outside rank 2; count axes from 0 up"),
    (unary("softmax"), GraphError, "softmax 'here': attribute 'axis' must be given"),
    (unary("softmax", axis=0, temperature=2.0), GraphError,
     "softmax 'here': attribute 'temperature' is unknown to softmax; it takes axis"),
    (unary("softmax", axis=1.5), GraphError,
     "softmax 'here': attribute 'axis' must be int, it is 1.5"),
    (unary("gelu", approximate="fast"), GraphError,
     "gelu 'here': attribute 'approximate' must be one of none, tanh, it is 'fast'"),
    (binary("quantize", (FLOAT32, (2,)), (FLOAT32, ()), to=FLOAT32), GraphError,
     "quantize 'here': attribute 'to' must be one of int8, uint8, int16, uint16, int4, uint4, "
     "int2, uint2, float8_e4m3fn, float8_e4m3fnuz, float8_e5m2, float8_e5m2fnuz, float4_e2m1fn, "
     "it is 'float32'"),
    (unary("reshape", shape=(5,)), ShapeError,
     "reshape 'here': element counts before and after must be equal, they are 6 and 5; "
     "check the target shape"),
    (unary("transpose", permutation=(0, 0)), ShapeError,
     "transpose 'here': permutation (0, 0) must name each of the 2 axes once"),
    (unary("add"), ShapeError, "add 'here': add takes inputs (a, b), 1 given"),
    (
        unary("frobnicate"),
        GraphError,
        "op 'frobnicate': no record has this name; see `ingot ops --core`",
    ),
    (unary("slice", starts=(0, 1), ends=(2, 9), steps=(1, 1)), ShapeError,
     "slice 'here': a slice must end within the axis, they are 3 and 9; clamp it to the size"),
)  # fmt: skip


@pytest.mark.parametrize(("build", "kind", "message"), ERRORS, ids=[row[2] for row in ERRORS])
def test_errors_name_the_node_the_rule_and_the_cure(
    build: Callable[[Builder], Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        build(Builder())
