# SPDX-License-Identifier: Apache-2.0
"""LSTM, GRU and RNN with their options, against ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import ingot

ort = pytest.importorskip("onnxruntime")

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
STEPS, BATCH, INPUT, HIDDEN = 5, 6, 7, 18
CASES: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("LSTM", {"direction": "bidirectional"}, ("B", "lengths", "h", "c", "P")),
    ("LSTM", {"clip": 0.4, "input_forget": 1}, ("B",)),
    ("LSTM", {"activations": ["HardSigmoid", "Relu", "Softsign"]}, ("B", "h")),
    ("GRU", {"direction": "bidirectional", "linear_before_reset": 1}, ("B", "lengths", "h")),
    ("GRU", {"direction": "reverse", "activations": ["Sigmoid", "Softplus"]}, ("B",)),
    ("GRU", {"linear_before_reset": 1, "clip": 0.8}, ()),
    ("RNN", {"direction": "reverse", "activations": ["LeakyRelu"], "activation_alpha": [0.3]},
     ("B", "lengths")),
    ("RNN", {"activations": ["Affine"], "activation_alpha": [0.5], "activation_beta": [0.1]},
     ("h",)),
]  # fmt: skip


def model(op: str, attributes: dict[str, Any], given: tuple[str, ...]) -> onnx.ModelProto:
    random = np.random.default_rng(len(given))
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    rows = GATES[op] * HIDDEN
    weights = {
        "W": (directions, rows, INPUT), "R": (directions, rows, HIDDEN),
        "B": (directions, 2 * rows), "P": (directions, 3 * HIDDEN),
    }  # fmt: skip
    stored = [
        numpy_helper.from_array(random.normal(0, 0.3, shape).astype(np.float32), name)
        for name, shape in weights.items()
        if name in given or name in "WR"
    ]
    state = [directions, "batch", HIDDEN]
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["steps", "batch", INPUT])]
    if "lengths" in given:
        inputs.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"]))
    for name in ("h", "c"):
        if name in given:
            inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, state))
    names = ["x", "W", "R", *(n if n in given else "" for n in ("B", "lengths", "h", "c", "P"))]
    outputs = ["y", "last", "cells"][: 3 if op == "LSTM" else 2]
    if op != "LSTM":
        names = names[:6]
    node = helper.make_node(op, names, outputs, hidden_size=HIDDEN, **attributes)
    results = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
    graph = helper.make_graph([node], op, inputs, results, stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.mark.parametrize(("op", "attributes", "given"), CASES)
def test_as_onnx_runtime(op: str, attributes: dict[str, Any], given: tuple[str, ...]) -> None:
    made = model(op, attributes, given)
    peer = ort.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    session = ingot.load(ingot.build(made), device="cpu", specialize="none")
    random = np.random.default_rng(3)
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    for steps, batch in ((STEPS, BATCH), (1, 1)):
        feeds: dict[str, Any] = {
            "x": random.standard_normal((steps, batch, INPUT)).astype(np.float32)
        }
        if "lengths" in given:
            feeds["lengths"] = random.integers(1, steps + 1, batch).astype(np.int32)
        for name in ("h", "c"):
            if name in given:
                state = random.standard_normal((directions, batch, HIDDEN))
                feeds[name] = state.astype(np.float32)
        wanted = peer.run(None, feeds)
        found = session.run(feeds)
        for name, array in zip(found, wanted, strict=True):
            np.testing.assert_allclose(found[name], array, rtol=2e-5, atol=2e-6, err_msg=name)
