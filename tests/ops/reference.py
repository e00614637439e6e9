# SPDX-License-Identifier: Apache-2.0
"""One operator run by `onnx.reference`: the independent side of many oracles."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

OPSET = 23


def run_onnx(op: str, inputs: list[Any], opset: int = OPSET, **attributes: Any) -> Any:
    """The first output of one ONNX operator; absent inputs are None."""
    names = ["" if array is None else f"x{k}" for k, array in enumerate(inputs)]
    while names and not names[-1]:
        names.pop()
    node = helper.make_node(op, names, ["y"], **attributes)
    given = {name: array for name, array in zip(names, inputs, strict=False) if name}
    types = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), list(array.shape)
        )
        for name, array in given.items()
    ]
    output = helper.make_tensor_value_info("y", onnx.TensorProto.UNDEFINED, None)
    graph = helper.make_graph([node], "oracle", types, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    return ReferenceEvaluator(model).run(None, given)[0]


def ints(*values: int) -> Any:
    return np.array(values, np.int64)
