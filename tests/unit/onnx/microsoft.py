# SPDX-License-Identifier: Apache-2.0
"""Calls of com.microsoft operators, as ONNX Runtime and as this package compute them."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper

import ingot
from ingot.ir.graph import Array


@dataclass(frozen=True)
class Call:
    """One call: inputs (None where absent), attributes, which inputs are weights.

    Outputs called "" are not asked for; `types` has the ONNX types of those that are not float32.
    """

    operator: str
    inputs: Sequence[Array | None]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    outputs: Sequence[str] = ("y",)
    weights: Sequence[int] = ()
    domain: str = "com.microsoft"
    types: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        shapes = (
            "none" if x is None else "x".join(map(str, x.shape)) or "scalar" for x in self.inputs
        )
        settings = (f"{key}={value}" for key, value in self.attributes.items())
        return f"{self.operator}-{','.join(shapes)}-{','.join(settings)}"

    def model(self, free: Container[int] = ()) -> onnx.ModelProto:
        """The call as a model; axes of the sizes in `free` are left open, all else is fixed."""
        names = ["" if x is None else f"x{i}" for i, x in enumerate(self.inputs)]
        node = helper.make_node(
            self.operator, names, list(self.outputs), domain=self.domain, **self.attributes
        )
        graph = onnx.GraphProto(name="call", node=[node])
        for index, array in enumerate(self.inputs):
            if array is None:
                continue
            if index in self.weights:
                graph.initializer.append(onnx.numpy_helper.from_array(array, names[index]))
                continue
            code = helper.np_dtype_to_tensor_dtype(array.dtype)
            shape = [f"n{size}" if size in free else size for size in array.shape]
            graph.input.append(helper.make_tensor_value_info(names[index], code, shape))
        for name in filter(None, self.outputs):
            code = self.types.get(name, helper.np_dtype_to_tensor_dtype(np.dtype(np.float32)))
            graph.output.append(helper.make_tensor_value_info(name, code, None))
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def feeds(self) -> dict[str, Array]:
        """The inputs by name."""
        return {
            f"x{i}": x for i, x in enumerate(self.inputs) if x is not None and i not in self.weights
        }

    def peer(self) -> list[Array]:
        """What ONNX Runtime computes."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(
            self.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        return list(session.run(None, self.feeds()))

    def ours(self, free: Container[int] = ()) -> list[Array]:
        """What this package computes; with open sizes by the generic plan."""
        engine, how = ingot.build(self.model(free)), "none" if free else "eager"
        with ingot.load(engine, device="cpu", threads=1, specialize=how) as session:
            found = session.run(self.feeds())
        return [found[name] for name in self.outputs if name]


def error(found: Array, wanted: Array) -> float:
    """The relative error in norm; infinite where shapes differ or a number is not one."""
    if found.shape != wanted.shape or not np.isfinite(found.astype(np.float64)).all():
        return float("inf")
    a, b = found.astype(np.float64).ravel(), wanted.astype(np.float64).ravel()
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-30)) if a.size else 0.0
