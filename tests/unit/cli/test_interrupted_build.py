# SPDX-License-Identifier: Apache-2.0
"""A build that is stopped leaves a whole engine or none, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest

import ingot

SIZE = 4096


def large_model(path: Path) -> None:
    weight = np.random.default_rng(0).standard_normal((SIZE, SIZE), np.float32)
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMul", ["x", "w"], ["y"])],
        "large",
        [onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["n", SIZE])],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n", SIZE])],
        [onnx.numpy_helper.from_array(weight, "w")],
    )
    opsets = [onnx.helper.make_opsetid("", 17)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opsets, ir_version=9), path)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_partial_is_left(number: signal.Signals, tmp_path: Path) -> None:
    model, folder = tmp_path / "large.onnx", tmp_path / "out"
    folder.mkdir()
    large_model(model)
    output = folder / "large.ingot"
    command = [sys.executable, "-m", "ingot", "build", str(model), "-o", str(output)]
    environment = os.environ | {"PYTHONPATH": str(Path(ingot.__file__).parents[1])}
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    whole = time.perf_counter() - start
    output.unlink()
    for part in (0.3, 0.5, 0.7, 0.8, 0.9, 0.95):
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
        time.sleep(whole * part)
        process.send_signal(number)
        process.wait()
        assert list(folder.iterdir()) in ([], [output])
        if output.exists():
            ingot.Engine.open(output, verify="full")
            output.unlink()
