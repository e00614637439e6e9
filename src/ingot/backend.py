# SPDX-License-Identifier: Apache-2.0
"""The standard interface of ONNX backends, `onnx.backend`, over `ingot.build` and `ingot.load`.

`ingot.backend.prepare(model).run(inputs)`. Inputs that only carry sizes or axes are constants to
us: where a model has such an input, it is cast for the values of each run, and kept for the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx as onnx_package
from onnx import helper

from ingot.casting import build
from ingot.errors import IngotError, UnsupportedError
from ingot.ir.graph import Array
from ingot.onnx import read
from ingot.runtime import Session, load
from ingot.targets import open_target

__all__ = ["BackendRep", "is_compatible", "prepare", "run_model", "run_node", "supports_device"]

MOST_FIXED = 64
# What stands in the way no more where the values of inputs are known: open sizes, and branches that
# differ in type.
SETTLED = ("is computed from data", "a result is ")


class BackendRep:
    """A model that is ready to run, as `onnx.backend` calls it."""

    def __init__(self, model: onnx_package.ModelProto, options: Mapping[str, Any]) -> None:
        self._model = model
        self._options = options
        initialized = {tensor.name for tensor in model.graph.initializer}
        self._inputs = [v.name for v in model.graph.input if v.name not in initialized]
        self._outputs = [value.name for value in model.graph.output]
        self._sessions: dict[tuple[Any, ...], Session] = {}
        self._depends = False
        try:
            self._session({})
        except UnsupportedError as error:
            reasons = [obstacle.reason for obstacle in error.obstacles]
            self._depends = any(part in reason for part in SETTLED for reason in reasons)
            if not self._depends:
                raise

    def run(self, inputs: Sequence[Any] | Mapping[str, Any], **_: Any) -> tuple[Array, ...]:
        """The outputs in the model's order, for inputs by name or in the model's order."""
        named = (
            inputs if isinstance(inputs, Mapping) else dict(zip(self._inputs, inputs, strict=True))
        )
        feeds = {name: _item(value) for name, value in named.items()}
        fixed = {name: a for name, a in feeds.items() if self._depends and _carries_sizes(a)}
        session = self._session(fixed)
        wanted = {port.name for port in session.inputs}
        found = session.run({name: array for name, array in feeds.items() if name in wanted})
        return tuple(_item(found[name]) for name in self._outputs)

    def _session(self, fixed: Mapping[str, Array]) -> Session:
        key = tuple((name, a.dtype.str, a.shape, a.tobytes()) for name, a in fixed.items())
        if key not in self._sessions:
            engine = build(read(self._model, constants=fixed))
            self._sessions[key] = load(engine, **self._options)
        return self._sessions[key]


def _item(value: Any) -> Any:
    """An array; a sequence as a list of them; None where an optional is empty."""
    if isinstance(value, list | tuple):
        return [np.asarray(item) for item in value]
    return None if value is None else np.asarray(value)


def _carries_sizes(array: Any) -> bool:
    if not isinstance(array, np.ndarray):
        return False
    return array.ndim <= 1 and array.size <= MOST_FIXED and array.dtype.kind in "iubf"


def prepare(model: onnx_package.ModelProto, device: str = "CPU", **options: Any) -> BackendRep:
    """Cast and forge a model; `options` go to `ingot.load`."""
    return BackendRep(model, {"device": _device(device), "specialize": "none", **options})


def run_model(
    model: onnx_package.ModelProto, inputs: Sequence[Any], device: str = "CPU", **options: Any
) -> tuple[Array, ...]:
    """Prepare a model and run it once."""
    return prepare(model, device, **options).run(inputs)


def run_node(
    node: onnx_package.NodeProto, inputs: Sequence[Any], device: str = "CPU", **options: Any
) -> tuple[Array, ...]:
    """Run one node, with the newest opset's meaning."""
    names = [name for name in node.input if name]
    arrays = [np.asarray(value) for value in inputs]
    values = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )
        for name, array in zip(names, arrays, strict=True)
    ]
    outputs = [onnx_package.ValueInfoProto(name=name) for name in node.output if name]
    graph = helper.make_graph([node], node.op_type, values, outputs)
    return run_model(helper.make_model(graph), arrays, device, **options)


def supports_device(device: str) -> bool:
    """Whether there is such a device: "CPU", "CUDA:1", or "REFERENCE" for the interpreter."""
    name = _device(device)
    if name.partition(":")[0] not in ("cpu", "cuda", "reference"):
        return False
    try:
        return bool(open_target(name).name)
    except IngotError:
        return False


def _device(name: str) -> str:
    """What `ingot.load` calls a device of the standard: "CPU:0" is "cpu", "CUDA:1" is "cuda:1"."""
    kind, _, number = name.lower().partition(":")
    return f"{kind}:{number}" if number and kind != "cpu" else kind


def is_compatible(model: onnx_package.ModelProto, device: str = "CPU", **_: Any) -> bool:
    """Whether every node of the model can be read."""
    try:
        read(model)
    except UnsupportedError:
        return False
    return supports_device(device)
