# SPDX-License-Identifier: Apache-2.0
"""Other runtimes that Ingot is checked and measured against. Imported only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from ingot.errors import UsageError
from ingot.ir.graph import Array

Peer = Callable[[Mapping[str, Array]], dict[str, Array]]


def onnxruntime(model: Path | bytes, threads: int) -> Peer:
    """ONNX Runtime on CPU with default optimisations."""
    library = _library("onnxruntime")
    options = library.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    source = str(model) if isinstance(model, Path) else model
    session = library.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]

    def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
        return dict(zip(names, session.run(None, dict(inputs)), strict=True))

    return run


def openvino(model: Path | bytes, threads: int) -> Peer:
    """OpenVINO on CPU, tuned for latency, in the model's own precision."""
    core = _library("openvino").Core()
    settings = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    }
    read = core.read_model(str(model)) if isinstance(model, Path) else core.read_model(model)
    compiled = core.compile_model(read, "CPU", settings)
    request = compiled.create_infer_request()
    names = [output.get_any_name() for output in compiled.outputs]

    def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
        found = request.infer(dict(inputs), share_inputs=True, share_outputs=True)
        return {name: found[index] for index, name in enumerate(names)}

    return run


PEERS: Final[Mapping[str, Callable[[Path | bytes, int], Peer]]] = MappingProxyType(
    {"onnxruntime": onnxruntime, "openvino": openvino}
)


def open_peer(name: str, model: Path | bytes, threads: int) -> Peer:
    """The peer called `name`, with `model` loaded; raises UsageError where it is not installed."""
    if name not in PEERS:
        raise UsageError(f"peer '{name}': unknown", cure=f"use one of {', '.join(PEERS)}")
    return PEERS[name](model, threads)


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        raise UsageError(
            f"peer '{name}': not installed", cure=f"install it with pip install {name}"
        ) from error
