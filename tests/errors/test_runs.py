# SPDX-License-Identifier: Apache-2.0
"""Bad inputs from end to end, model to run: one error with the exact words, and life goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import ingot
from ingot.errors import InputError, RunError

F32, I64, I32 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.INT32
STRATEGIES = ("none", "eager", "lazy")


@dataclass(frozen=True)
class Net:
    """A model of one node called "the node", with relus before and after so that regions fuse."""

    op: str
    inputs: tuple[tuple[str, int, tuple[Any, ...]], ...]
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def model(self) -> onnx.ModelProto:
        names = [name for name, *_ in self.inputs]
        first, *_ = names
        weights = [numpy_helper.from_array(array, name) for name, array in self.weights.items()]
        nodes = [
            helper.make_node("Neg", [first], ["h"], "before"),
            helper.make_node(
                self.op, ["h", *names[1:], *self.weights], ["g"], "the node", **self.attributes
            ),
            helper.make_node("Abs", ["g"], ["y"], "after"),
        ]
        graph = helper.make_graph(
            nodes,
            "net",
            [helper.make_tensor_value_info(*entry) for entry in self.inputs],
            [helper.make_empty_tensor_value_info("y")],
            weights,
        )
        opsets = [helper.make_opsetid("", 18)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=9)


X = ("x", F32, ("n", 6))
GATHER = Net("Gather", (X, ("i", I64, ("k",))), attributes={"axis": 1})
ROWS = Net("Gather", (X, ("i", I32, ("k", 2))), attributes={"axis": 0})
ELEMENTS = Net("GatherElements", (X, ("i", I64, ("n", "k"))), attributes={"axis": 1})
GATHER_ND = Net("GatherND", (X, ("i", I64, ("k", 2))))
SCATTER_ND = Net("ScatterND", (X, ("i", I64, ("k", 1)), ("u", F32, ("k", 6))))
SCATTER = Net(
    "ScatterElements", (X, ("i", I64, ("n", 2)), ("u", F32, ("n", 2))), attributes={"axis": 1}
)
DIV = Net("Div", (("x", I64, ("n",)), ("d", I64, ("n",))))
DIV32 = Net("Div", (("x", I32, ("n", 5)), ("d", I32, (1,))))
MOD = Net("Mod", (("x", I64, ("n",)), ("d", I64, ("n",))))

LARGE = 2**40
FAULTS: tuple[tuple[str, Net, str, Any, str], ...] = (
    ("gather above", GATHER, "i", [0, 6], "index 6"),
    ("gather below", GATHER, "i", [-7, 0], "index -7"),
    ("gather far", GATHER, "i", [0, 3, LARGE], f"index {LARGE}"),
    ("gather farther", GATHER, "i", [-(2**63)], f"index -{2**63}"),
    ("gather rows", ROWS, "i", [[0, 1], [2, 3]], "index 3"),
    ("gather elements", ELEMENTS, "i", [[0], [1], [6]], "index 6"),
    ("gather nd", GATHER_ND, "i", [[2, 5], [2, -7]], "index -7"),
    ("gather nd rows", GATHER_ND, "i", [[3, 5]], "index 3"),
    ("scatter nd", SCATTER_ND, "i", [[0], [3]], "index 3"),
    ("scatter elements", SCATTER, "i", [[0, 1], [-7, 2], [3, 4]], "index -7"),
    ("div", DIV, "d", [2, 0, 1], "division"),
    ("div by one zero", DIV32, "d", [0], "division"),
    ("mod", MOD, "d", [2, 1, 0], "division"),
)


def sound(net: Net, count: int = 3) -> dict[str, np.ndarray]:
    """Inputs without a fault."""
    rng = np.random.default_rng(5)
    made = {}
    for name, kind, shape in net.inputs:
        sizes = [size if isinstance(size, int) else {"n": count, "k": 2}[size] for size in shape]
        dtype = helper.tensor_dtype_to_np_dtype(kind)
        low, high = (1, 2) if name == "d" else (0, 3) if name == "i" else (1, 90)
        made[name] = rng.integers(low, high, sizes).astype(dtype)
    if name == "u" and net is SCATTER_ND:
        made["i"] = np.array([[0], [2]])
    if net is SCATTER:
        made["i"] = np.array([[0, 1], [5, 2], [3, 4]])
    return made


def faulty(net: Net, name: str, values: Any) -> dict[str, np.ndarray]:
    made = sound(net)
    made[name] = np.array(values, made[name].dtype)
    return made


@pytest.mark.parametrize("specialize", STRATEGIES)
@pytest.mark.parametrize(("net", "name", "values", "words"), [f[1:] for f in FAULTS],
                         ids=[f[0] for f in FAULTS])  # fmt: skip
def test_a_fault_in_the_data(
    net: Net, name: str, values: Any, words: str, specialize: str, target: str
) -> None:
    good, bad = sound(net), faulty(net, name, values)
    engine = ingot.build(net.model())
    with ingot.load(engine, device=target, specialize=specialize, threads=2) as session:
        expected = session.run(good)["y"]
        for _ in range(2):
            with pytest.raises(RunError) as caught:
                session.run(bad)
            assert "the node" in str(caught.value) and words in str(caught.value)
            assert caught.value.cure
            np.testing.assert_array_equal(session.run(good)["y"], expected)


@pytest.fixture
def session(target: str) -> Iterator[ingot.Session]:
    weight = np.random.default_rng(1).standard_normal((4, 5)).astype(np.float32)
    net = Net("MatMul", (("x", F32, ("n", 3, "m")),), {"w": weight})
    with ingot.load(ingot.build(net.model()), device=target) as session:
        session.run({"x": np.ones((2, 3, 4), np.float32)})
        yield session


def zeros(*shape: int, dtype: Any = np.float32) -> dict[str, np.ndarray]:
    return {"x": np.zeros(shape, dtype)}


WRONG: tuple[tuple[Any, str], ...] = (
    ({}, "input 'x': missing; the model's inputs are 'x'"),
    ({"y": 1}, "input 'y': the model has no such input; its inputs are 'x'"),
    (zeros(2, 3, 4) | {"z": 1}, "input 'z': the model has no such input; its inputs are 'x'"),
    (zeros(2, 3, 4, dtype=np.float64), "input 'x': expects float32, got float64; "),
    (zeros(2, 3, 4, dtype=np.int32), "input 'x': expects float32, got int32; "),
    (zeros(2, 3, 4, dtype="datetime64[s]"), "input 'x': expects float32, got datetime64[s]; "),
    ({"x": "text"}, "input 'x': expects float32, got <U4; "),
    ({"x": None}, "input 'x': expects float32, got object; "),
    (zeros(3, 4), "input 'x': "),
    (zeros(2, 3, 4, 1), "input 'x': "),
    (zeros(), "input 'x': "),
    (zeros(2, 2, 4), "input 'x': "),
    (zeros(2, 3, 5), ""),
    ([np.zeros((2, 3, 4), np.float32)], "inputs: expects a mapping of names to arrays, got list; "),
)


@pytest.mark.parametrize(("inputs", "words"), WRONG)
def test_inputs_that_do_not_fit(inputs: Any, words: str, session: ingot.Session) -> None:
    with pytest.raises(InputError, match="^" + re.escape(words)) as caught:
        session.run(inputs)
    assert caught.value.cure
    assert session.run(zeros(1, 3, 4))["y"].shape == (1, 3, 5)


def test_outputs_that_do_not_fit(session: ingot.Session) -> None:
    good = zeros(2, 3, 4)
    readonly = np.zeros((2, 3, 5), np.float32)
    readonly.flags.writeable = False
    for bound in (
        {"z": np.zeros((2, 3, 5), np.float32)},
        {"y": np.zeros((2, 3, 4), np.float32)},
        {"y": np.zeros((2, 3, 5))},
        {"y": np.zeros((5, 3, 2), np.float32).T},
        {"y": readonly},
        {"y": None},
    ):
        with pytest.raises(InputError, match=r"^output '[yz]': ") as caught:
            session.run(good, bound)
        assert caught.value.cure


def test_more_memory_than_there_is(session: ingot.Session) -> None:
    """Sizes whose buffers overflow an address, or the machine, are refused and not tried."""
    row = np.lib.stride_tricks.as_strided(np.zeros(1, np.float32), (2**40, 3, 4), (0, 0, 0))
    with pytest.raises((ingot.ResourceError, InputError, MemoryError)):
        session.prepare({"x": row.shape})
        session.run({"x": row})
    assert session.run(zeros(1, 3, 4))["y"].shape == (1, 3, 5)
