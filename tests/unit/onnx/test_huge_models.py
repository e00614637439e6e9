# SPDX-License-Identifier: Apache-2.0
"""Models beyond the two gigabytes of a protobuf message: weights beside the model, never copied."""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

import ingot

ROWS, COLUMNS, PARTS = 1 << 14, 1 << 12, 9
BYTES = ROWS * COLUMNS * 4
SPARE = 3 * BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if shutil.disk_usage(tmp_path).free < 3 * PARTS * BYTES:
        pytest.skip("too little room on this disk")
    return tmp_path


def write(folder: Path) -> Path:
    """Nine weights of 256 MB in one data file, most of it holes; a few elements are not zero."""
    path = folder / "huge.data"
    with open(path, "wb") as file:
        os.truncate(file.fileno(), PARTS * BYTES)
        for part in range(PARTS):
            file.seek(part * BYTES + 4 * COLUMNS * part)
            file.write(np.arange(1, COLUMNS + 1, dtype=np.float32).tobytes())
    stored, nodes = [], []
    for part in range(PARTS):
        weight = TensorProto(name=f"w{part}", data_type=TensorProto.FLOAT, dims=(ROWS, COLUMNS))
        weight.data_location = TensorProto.EXTERNAL
        for key, value in (("location", path.name), ("offset", part * BYTES), ("length", BYTES)):
            weight.external_data.add(key=key, value=str(value))
        stored.append(weight)
        nodes.append(helper.make_node("Gather", [f"w{part}", "rows"], [f"g{part}"]))
    nodes.append(helper.make_node("Sum", [f"g{part}" for part in range(PARTS)], ["y"]))
    rows = helper.make_tensor_value_info("rows", TensorProto.INT64, ["n"])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", COLUMNS])
    graph = helper.make_graph(nodes, "huge", [rows], [y], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    (folder / "huge.onnx").write_bytes(model.SerializeToString())
    return folder / "huge.onnx"


@pytest.mark.slow
def test_cast_saved_loaded_and_run(folder: Path) -> None:
    path = write(folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    engine = ingot.build(path, memory_limit=PARTS * BYTES + (64 << 20))
    engine.save(folder / "huge.ingot")
    try:
        size = (folder / "huge.ingot").stat().st_size
        assert size > 2 << 30
        with ingot.load(folder / "huge.ingot", device="cpu", specialize="none") as session:
            found = session.run({"rows": np.array([0, 3, PARTS - 1, PARTS])})["y"]
        wanted = np.zeros((4, COLUMNS), np.float32)
        wanted[:3] = np.arange(1, COLUMNS + 1)
        np.testing.assert_array_equal(found, wanted)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert (after - before) * 1024 < PARTS * BYTES + SPARE, "mapped pages once, and little else"
    finally:
        for file in folder.iterdir():
            file.unlink()
