# SPDX-License-Identifier: Apache-2.0
"""Whole networks as exporters write them: read with symbolic sizes, right at other sizes."""

from __future__ import annotations

import math

import numpy as np
import onnx
import onnxruntime
import pytest
from tests.models.materialize import FOLDER, Skeleton, catalog, tensors

from ingot.dims import symbols
from ingot.onnx import read
from ingot.ops import evaluate_graph, verify

FREE = {
    "resnet50": "batch height width",
    "resnet50_fp16": "batch height width",
    "resnet50_legacy": "batch height width",
    "mobilenetv2_legacy": "batch height width",
    "mobilenetv3_large": "batch height width",
    "efficientnet_b0": "batch height width",
    "bert_base": "batch seq",
    "bert_base_legacy": "batch seq",
    "vit_b16": "batch",
    "vit_b16_opset23_fp16": "batch",
    "clip_text_l": "batch",
    "whisper_base_encoder": "batch",
}
# Small enough to evaluate by definition in a second or two.
SMALL = {
    "resnet50_legacy": {"batch": 2, "height": 64, "width": 32},
    "mobilenetv2_legacy": {"batch": 1, "height": 64, "width": 96},
    "mobilenetv3_large": {"batch": 2, "height": 32, "width": 64},
    "efficientnet_b0": {"batch": 1, "height": 64, "width": 64},
    "bert_base": {"batch": 2, "seq": 9},
    "bert_base_legacy": {"batch": 1, "seq": 5},
}
SHAPE_OPS = {"sizes"}


def sketched(name: str) -> onnx.ModelProto:
    """A network whose weights repeat one block of random values: quick to make, enough to read."""
    block = np.random.default_rng(11).uniform(-1, 1, 1 << 14)
    model = onnx.load(FOLDER / f"{name}.onnx", load_external_data=False)
    for tensor in tensors(model.graph):
        if tensor.doc_string:
            dtype = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
            size = math.prod(tensor.dims) * dtype.itemsize
            values = block.astype(dtype).tobytes()
            tensor.raw_data = (values * (size // len(values) + 1))[:size]
            tensor.ClearField("doc_string")
    return model


@pytest.mark.parametrize("name", catalog())
def test_sizes_stay_symbolic(name: str) -> None:
    graph = read(sketched(name).SerializeToString())
    verify(graph)
    assert set(graph.symbols) == set(FREE[name].split())
    assert all(symbols(size) <= graph.symbols.keys() for v in graph.outputs for size in v.shape)
    batches = {value.shape[0] for value in graph.outputs}
    assert {str(size) for size in batches} == {"batch"}
    assert len([node for node in graph.nodes if node.op in SHAPE_OPS]) <= 1
    assert len(graph.guards) <= 4
    assert all(weight.derivation is not None for weight in graph.weights.values())


def check(skeleton: Skeleton, sizes: dict[str, int]) -> None:
    data = skeleton.model().SerializeToString()
    graph = read(data)
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    feeds = skeleton.feeds(3, **sizes)
    found = evaluate_graph(graph, feeds)
    for output, want in zip(session.get_outputs(), session.run(None, feeds), strict=True):
        error = np.linalg.norm((found[output.name] - want).astype(np.float64))
        assert found[output.name].shape == want.shape
        assert error <= 1e-5 * np.linalg.norm(want.astype(np.float64))


@pytest.mark.parametrize("name", SMALL)
def test_small_sizes_agree_with_onnxruntime(name: str) -> None:
    check(catalog()[name], SMALL[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sorted(name for name in set(FREE) - set(SMALL) if "fp16" not in name)
)
def test_default_sizes_agree_with_onnxruntime(name: str) -> None:
    check(catalog()[name], {"batch": 1})
