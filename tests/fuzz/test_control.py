# SPDX-License-Identifier: Apache-2.0
"""Random models of nested If, Loop and Scan against ONNX Runtime; the seed is the test's name."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import ingot

ort = pytest.importorskip("onnxruntime")
QUICK, ALL = 4, 40
UNARY = ("Neg", "Tanh", "Exp", "Relu", "Abs", "Sigmoid")
BINARY = ("Add", "Mul", "Sub", "Max")


def value(name: str, *shape: Any, dtype: int = TensorProto.FLOAT) -> Any:
    return helper.make_tensor_value_info(name, dtype, list(shape))


class Writer:
    """Writes random nodes; tensors outside of scans are [n, 4], inside [4]."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.numbers = count()

    def name(self, letter: str) -> str:
        return f"{letter}{next(self.numbers)}"

    def choose(self, names: Any) -> str:
        return str(self.rng.choice(names))

    def block(self, known: list[str], depth: int, length: int) -> tuple[list[Any], list[str]]:
        """Some nodes over the tensors `known`, and the tensors known behind them."""
        nodes: list[Any] = []
        known = list(known)
        for _ in range(length):
            kind = int(self.rng.integers(0, 7 if depth < 3 else 4))
            made = self.name("t")
            if kind < 2:
                nodes.append(helper.make_node(self.choose(UNARY), [self.choose(known)], [made]))
            elif kind < 4:
                pair = [self.choose(known), self.choose(known)]
                nodes.append(helper.make_node(self.choose(BINARY), pair, [made]))
            else:
                writers = (self.branch, self.loop, self.scan)
                nodes += writers[kind - 4](known, depth, made)
            known.append(made)
        return nodes, known

    def some(self) -> int:
        return int(self.rng.integers(1, 4))

    def branch(self, known: list[str], depth: int, made: str) -> list[Any]:
        bodies = []
        for _ in range(2):
            nodes, inside = self.block(known, depth + 1, self.some())
            result = value(inside[-1], "n", 4)
            bodies.append(helper.make_graph(nodes, self.name("g"), [], [result]))
        condition = self.choose(("yes", "maybe"))
        return [
            helper.make_node(
                "If", [condition], [made], then_branch=bodies[0], else_branch=bodies[1]
            )
        ]

    def loop(self, known: list[str], depth: int, made: str) -> list[Any]:
        turn, going, carried, goes, out, item = (self.name(letter) for letter in "igcwoa")
        nodes, inside = self.block([*known, carried], depth + 1, self.some())
        nodes += [
            helper.make_node("Tanh", [inside[-1]], [out]),
            helper.make_node("Identity", [going], [goes]),
            helper.make_node("Neg", [self.choose(inside)], [item]),
        ]
        flag = {"dtype": TensorProto.BOOL}
        body = helper.make_graph(
            nodes, self.name("g"),
            [value(turn, dtype=TensorProto.INT64), value(going, **flag), value(carried, "n", 4)],
            [value(goes, **flag), value(out, "n", 4), value(item, "n", 4)],
        )  # fmt: skip
        last, stacked, total = (self.name(letter) for letter in "lsr")
        condition = self.choose(("", "yes"))
        return [
            helper.make_node(
                "Loop", ["turns", condition, self.choose(known)], [last, stacked], body=body
            ),
            helper.make_node("ReduceSum", [stacked, "axis"], [total], keepdims=0),
            helper.make_node("Sub", [last, total], [made]),
        ]

    def scan(self, known: list[str], depth: int, made: str) -> list[Any]:
        state, part, after, item = (self.name(letter) for letter in "span")
        nodes, inside = self.block([state, part], 3, self.some())
        nodes += [
            helper.make_node("Tanh", [inside[-1]], [after]),
            helper.make_node("Add", [state, part], [item]),
        ]
        body = helper.make_graph(
            nodes, self.name("g"), [value(state, 4), value(part, 4)],
            [value(after, 4), value(item, 4)],
        )  # fmt: skip
        directions = [[int(self.rng.integers(2))] for _ in range(2)]
        return [
            helper.make_node(
                "Scan", ["start", self.choose(known)], [self.name("l"), made], body=body,
                num_scan_inputs=1, scan_input_directions=directions[0],
                scan_output_directions=directions[1],
            )
        ]  # fmt: skip


def model(seed: int) -> onnx.ModelProto:
    writer = Writer(seed)
    nodes, known = writer.block(["x", "y"], 0, 6)
    inputs = [value("x", "n", 4), value("y", "n", 4), value("start", 4)]
    inputs += [value(name, dtype=TensorProto.BOOL) for name in ("yes", "maybe")]
    inputs.append(value("turns", dtype=TensorProto.INT64))
    outputs = [f"{name}_out" for name in known[-3:]]
    nodes += [helper.make_node("Identity", [out[:-4]], [out]) for out in outputs]
    axis = numpy_helper.from_array(np.array([0]), "axis")
    results = [helper.make_tensor_value_info(out, TensorProto.FLOAT, None) for out in outputs]
    graph = helper.make_graph(nodes, f"seed {seed}", inputs, results, [axis])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)


@pytest.mark.parametrize(
    "seed",
    [pytest.param(n, marks=() if n < QUICK else pytest.mark.slow) for n in range(ALL)],
)
def test_as_onnx_runtime(seed: int) -> None:
    made = model(seed)
    peer = ort.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    session = ingot.load(ingot.build(made, verify=True), device="cpu", specialize="none")
    rng = np.random.default_rng(seed)
    for length in (3, 1):
        x, y = rng.normal(0, 0.5, (2, length, 4)).astype(np.float32)
        feeds = {
            "x": x, "y": y, "start": rng.standard_normal(4).astype(np.float32),
            "yes": np.array(True), "maybe": np.array(bool(rng.integers(2))),
            "turns": np.array(int(rng.integers(1, 4))),
        }  # fmt: skip
        wanted = peer.run(None, feeds)
        found = session.run(feeds)
        for name, array in zip(found, wanted, strict=True):
            np.testing.assert_allclose(found[name], array, rtol=3e-4, atol=1e-5, err_msg=name)
