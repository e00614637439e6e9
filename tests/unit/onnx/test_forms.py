# SPDX-License-Identifier: Apache-2.0
"""Forms of operators that few models use, from the model to the result of each target."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from tests.unit.onnx.cases import Case, Tensor, known, run_on

EIGHT_BITS = (
    TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E4M3FNUZ,
    TensorProto.FLOAT8E5M2, TensorProto.FLOAT8E5M2FNUZ,
)  # fmt: skip


def one_node(
    node: onnx.NodeProto, opset: int, **inputs: tuple[int, list[int | str]]
) -> onnx.ModelProto:
    """A model of one node; `inputs` have an element type and sizes."""
    infos = [helper.make_tensor_value_info(name, *what) for name, what in inputs.items()]
    ends = [onnx.ValueInfoProto(name=name) for name in node.output]
    graph = helper.make_graph([node], "form", infos, ends)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


@pytest.mark.parametrize("code", EIGHT_BITS)
def test_infinities_and_nans_of_eight_bits(code: int, target: str) -> None:
    x = np.arange(256, dtype=np.uint8).view(helper.tensor_dtype_to_np_dtype(code))
    wide = x.astype(np.float32)
    for op, settings, wanted in (
        ("IsNaN", {}, np.isnan(wide)),
        ("IsInf", {}, np.isinf(wide)),
        ("IsInf", {"detect_negative": 0}, np.isposinf(wide)),
        ("IsInf", {"detect_positive": 0}, np.isneginf(wide)),
    ):
        node = helper.make_node(op, ["x"], ["y"], **settings)
        for sizes in (["n"], [256]):
            model = one_node(node, 20, x=(code, sizes))
            np.testing.assert_array_equal(run_on(target, model, {"x": x})["y"], wanted)


def norms_of_integers() -> list[Case]:
    return [
        *(
            Case("ReduceL2", [Tensor(shape, dtype, low, 40000), known([1])], {"keepdims": keep})
            for dtype, low in (("int32", -40000), ("int64", -9), ("uint32", 0), ("uint64", 0))
            for shape, keep in (((3, 5), 1), ((2, 4, 3), 0), ((1, 1), 0), ((2, 0), 1))
        ),
        Case("ReduceL2", [Tensor((1,), "uint32", 0, 9)], {"axes": [0]}, opset=13),
    ]


CASES = [*norms_of_integers()]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fixed_sizes(case: Case, target: str, rng: np.random.Generator) -> None:
    case.check_on(target, rng, symbolic=False)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_symbolic_sizes(case: Case, target: str, rng: np.random.Generator) -> None:
    case.check_on(target, rng, symbolic=True)
