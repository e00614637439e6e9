# SPDX-License-Identifier: Apache-2.0
"""One-operator models with random data, and onnx.reference's answer to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import ingot
from ingot.ir.graph import Array
from ingot.onnx import read
from ingot.ops import evaluate_graph, verify

NEWEST = 23


@dataclass(frozen=True)
class Tensor:
    """An input: random values of a shape, or given ones.

    `known` makes it an initializer; `fixed` axes keep numbers for sizes where others are symbolic.
    """

    shape: tuple[int, ...] = ()
    dtype: str = "float32"
    low: float = -3.0
    high: float = 3.0
    values: Any = None
    known: bool = False
    fixed: tuple[int, ...] = ()

    def array(self, rng: np.random.Generator) -> Array:
        if self.values is not None:
            return np.array(self.values, self.dtype)
        if self.dtype == "bool":
            return rng.integers(0, 2, self.shape).astype(bool)
        if np.dtype(self.dtype).kind in "iu":
            return rng.integers(int(self.low), int(self.high) + 1, self.shape).astype(self.dtype)
        return np.asarray(rng.uniform(self.low, self.high, self.shape)).astype(self.dtype)


def known(values: Any, dtype: str = "int64") -> Tensor:
    """A tensor that the model states."""
    return Tensor(values=values, dtype=dtype, known=True)


@dataclass(frozen=True)
class Case:
    """An operator with inputs (None: left out), attributes, opset, and number of outputs.

    The oracle is onnx.reference, or onnxruntime (`runtime`) where the reference is known wrong.
    """

    op: str
    inputs: Sequence[Tensor | None]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    opset: int = NEWEST
    outputs: int = 1
    runtime: bool = False

    def __str__(self) -> str:
        shapes = ",".join("-" if t is None else "x".join(map(str, t.shape)) for t in self.inputs)
        values = ",".join(f"{k}={v}" for k, v in self.attributes.items())
        return f"{self.op}@{self.opset}-{shapes}-{values}"

    def model(self, arrays: Sequence[Array | None], symbolic: bool) -> onnx.ModelProto:
        """The model; symbolic sizes are named by their value, 1 stays 1."""
        names = ["" if a is None else f"in{i}" for i, a in enumerate(arrays)]
        node = helper.make_node(
            self.op, names, [f"out{i}" for i in range(self.outputs)], "the node", **self.attributes
        )
        inputs, initializers = [], []
        for name, tensor, array in zip(names, self.inputs, arrays, strict=True):
            if tensor is None or array is None:
                continue
            if tensor.known:
                initializers.append(numpy_helper.from_array(array, name))
                continue
            code = helper.np_dtype_to_tensor_dtype(array.dtype)
            sizes = [
                f"n{n}" if symbolic and n != 1 and axis not in tensor.fixed else n
                for axis, n in enumerate(array.shape)
            ]
            inputs.append(helper.make_tensor_value_info(name, code, sizes))
        outputs = [onnx.ValueInfoProto(name=name) for name in node.output]
        graph = helper.make_graph([node], "case", inputs, outputs, initializers)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=10
        )

    def oracle(self, model: onnx.ModelProto, feeds: dict[str, Array]) -> list[Array]:
        """What the model computes according to somebody else."""
        if not self.runtime:
            return [np.asarray(value) for value in ReferenceEvaluator(model).run(None, feeds)]
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        return list(session.run(None, feeds))

    def drawn(
        self, rng: np.random.Generator, symbolic: bool
    ) -> tuple[onnx.ModelProto, dict[str, Array]]:
        """The model, and random inputs of it."""
        arrays = [None if tensor is None else tensor.array(rng) for tensor in self.inputs]
        feeds = {
            f"in{i}": array
            for i, (tensor, array) in enumerate(zip(self.inputs, arrays, strict=True))
            if tensor is not None and array is not None and not tensor.known
        }
        return self.model(arrays, symbolic), feeds

    def check(self, rng: np.random.Generator, symbolic: bool) -> None:
        """Read, verify, evaluate; demand what onnx.reference computes."""
        model, feeds = self.drawn(rng, symbolic)
        graph = read(model)
        verify(graph)
        wanted = self.oracle(model, feeds)
        found = evaluate_graph(graph, {v.name: feeds[v.name] for v in graph.inputs})
        for index, want in enumerate(wanted):
            assert_close(found[f"out{index}"], want)

    def check_on(self, target: str, rng: np.random.Generator, symbolic: bool) -> None:
        """Cast, forge for `target`, run; demand what the oracle computes."""
        model, feeds = self.drawn(rng, symbolic)
        forged = run_on(target, model, feeds, symbolic)
        for index, want in enumerate(self.oracle(model, feeds)):
            assert_close(forged[f"out{index}"], want)


def run_on(
    target: str, model: onnx.ModelProto, feeds: Mapping[str, Array], symbolic: bool = True
) -> Mapping[str, Array]:
    """What a model computes on a target; where `symbolic`, by the plan for every size."""
    with loaded(target, model, symbolic) as session:
        found: Mapping[str, Array] = session.run(dict(feeds))
    return found


def loaded(target: str, model: onnx.ModelProto, symbolic: bool = True) -> ingot.Session:
    """A session of the model on a target."""
    how = "none" if symbolic else "eager"
    return ingot.load(ingot.build(model), device=target, threads=1, specialize=how)


def assert_close(found: Array, wanted: Array, bound: float = 1e-5) -> None:
    """Demand the same type and shape, and values within `bound` of the largest one."""
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    if wanted.dtype.kind in "biu":
        np.testing.assert_array_equal(found, wanted)
        return
    wide = wanted.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    loose = {2: 2e-3}.get(wanted.dtype.itemsize, bound)
    scale = float(np.abs(finite).max()) if finite.size else 0.0
    np.testing.assert_allclose(found.astype(np.float64), wide, rtol=loose, atol=loose * scale)
