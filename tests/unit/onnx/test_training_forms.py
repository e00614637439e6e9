# SPDX-License-Identifier: Apache-2.0
"""Batch normalisation and dropout in training, in the forms of every opset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from tests.unit.onnx.cases import assert_close, loaded, run_on

from ingot.errors import ModelError, UnsupportedError
from ingot.ir.graph import Array
from ingot.onnx import read

SHAPES = ((2, 3, 4, 5), (1, 1, 1, 1), (4, 2, 1, 3))


def normalized(
    opset: int, rank: int, outputs: int = 1, each: bool = False, kind: int = TensorProto.FLOAT,
    **settings: Any,
) -> onnx.ModelProto:  # fmt: skip
    """A batch normalisation over open sizes; `each` element of a batch entry has its own parts."""
    sizes = [f"n{axis}" for axis in range(rank)]
    parts = sizes[1:] if each else sizes[1:2] or [1]
    names = ["x", "scale", "bias", "mean", "var"]
    infos = [
        helper.make_tensor_value_info(name, kind, parts if position else sizes)
        for position, name in enumerate(names)
    ]
    ends = [f"y{number}" for number in range(outputs)]
    node = helper.make_node("BatchNormalization", names, ends, **settings)
    graph = helper.make_graph([node], "norm", infos, [onnx.ValueInfoProto(name=n) for n in ends])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def drawn(rng: np.random.Generator, shape: Sequence[int], each: bool = False) -> dict[str, Array]:
    parts = tuple(shape[1:]) if each else tuple(shape[1:2]) or (1,)
    feeds = {name: rng.standard_normal(parts) for name in ("scale", "bias", "mean")}
    feeds |= {"x": rng.standard_normal(shape), "var": rng.uniform(0.2, 2, parts)}
    return {name: array.astype(np.float32) for name, array in feeds.items()}


def trained(feeds: dict[str, Array], each: bool, momentum: float) -> list[Array]:
    """The result, the running mean and variance, and those of the batch."""
    x = feeds["x"].astype(np.float64)
    axes = (0,) if each else tuple(axis for axis in range(x.ndim) if axis != 1)
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    shape = mean.shape[1:]
    scale, bias = (feeds[name].reshape(shape) for name in ("scale", "bias"))
    y = (x - mean) / np.sqrt(var + 1e-5) * scale + bias
    flat = [part.reshape(feeds["mean"].shape) for part in (mean, var)]
    moved = [
        feeds[name] * momentum + new * (1 - momentum)
        for name, new in zip(("mean", "var"), flat, strict=True)
    ]
    return [array.astype(np.float32) for array in (y, *moved, *flat)]


@pytest.mark.parametrize(
    ("opset", "outputs", "each", "settings"),
    [
        (6, 1, False, {}), (6, 5, False, {"momentum": 0.7}), (6, 5, True, {"spatial": 0}),
        (7, 5, False, {"momentum": 0.7}), (8, 3, True, {"spatial": 0}), (9, 5, False, {}),
        (13, 4, False, {}), (15, 3, False, {"training_mode": 1}),
    ],
)  # fmt: skip
def test_statistics_of_the_batch(
    opset: int, outputs: int, each: bool, settings: dict[str, Any], target: str,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    model = normalized(opset, 4, outputs, each, **settings)
    with loaded(target, model) as session:
        for shape in SHAPES:
            feeds = drawn(rng, shape, each)
            found = session.run(feeds)
            wanted = trained(feeds, each, settings.get("momentum", 0.9))
            for number in range(outputs):
                assert_close(found[f"y{number}"], wanted[number])


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (1, 1, 1, 1), (0, 3, 2, 2)])
def test_every_pixel_has_its_statistics(
    shape: tuple[int, ...], target: str, rng: np.random.Generator
) -> None:
    feeds = drawn(rng, shape, each=True)
    for opset, settings in ((6, {"is_test": 1, "spatial": 0}), (7, {"spatial": 0})):
        found = run_on(target, normalized(opset, 4, 1, True, **settings), feeds)["y0"]
        deviation = np.sqrt(feeds["var"] + 1e-5)
        wanted = (feeds["x"] - feeds["mean"]) / deviation * feeds["scale"] + feeds["bias"]
        assert_close(found, wanted.astype(np.float32))
    if 0 not in shape:
        model = normalized(7, 4, 1, True, spatial=0)
        peer = onnxruntime.InferenceSession(model.SerializeToString())
        assert_close(found, peer.run(None, feeds)[0])


def test_a_vector_is_one_channel(target: str, rng: np.random.Generator) -> None:
    feeds = drawn(rng, (6,))
    found = run_on(target, normalized(9, 1), feeds)["y0"]
    deviation = np.sqrt(feeds["var"] + 1e-5)
    wanted = (feeds["x"] - feeds["mean"]) / deviation * feeds["scale"] + feeds["bias"]
    assert_close(found, wanted)


@pytest.mark.parametrize(("opset", "settings"), [(6, {"is_test": 1}), (14, {"training_mode": 0})])
def test_outputs_of_training_outside_of_it_are_an_error(
    opset: int, settings: dict[str, int]
) -> None:
    with pytest.raises(ModelError, match="outputs of training mode") as caught:
        read(normalized(opset, 4, 3, **settings))
    assert "BatchNormalization" in str(caught.value)


def dropout(opset: int, kind: int = TensorProto.FLOAT, **settings: Any) -> onnx.ModelProto:
    node = helper.make_node("Dropout", ["x"], ["y", "mask"], **settings)
    info = helper.make_tensor_value_info("x", kind, ["a", "b"])
    ends = [onnx.ValueInfoProto(name=name) for name in ("y", "mask")]
    graph = helper.make_graph([node], "drop", [info], ends)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64"])
def test_dropout_before_opset_7_trains_unless_told(dtype: str, target: str) -> None:
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    x = np.full((120, 100), 3, dtype)
    found = run_on(target, dropout(6, kind, ratio=0.25), {"x": x})
    y, mask = found["y"], found["mask"]
    assert y.dtype == mask.dtype == x.dtype
    assert set(np.unique(mask)) == {0.0, 1.0}
    assert abs(mask.astype(np.float64).mean() - 0.75) < 0.03
    np.testing.assert_allclose(y, mask * np.asarray(4, dtype), rtol=2e-3)
    halves = run_on(target, dropout(6, kind), {"x": x})["mask"]
    assert abs(halves.astype(np.float64).mean() - 0.5) < 0.03


@pytest.mark.parametrize(("opset", "settings"), [(6, {"is_test": 1}), (7, {}), (10, {})])
def test_dropout_of_inference_keeps_everything(
    opset: int, settings: dict[str, int], target: str
) -> None:
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    for shape in ((2, 3), (1, 1), (0, 3)):
        part = x[: shape[0], : shape[1]]
        found = run_on(target, dropout(opset, **settings), {"x": part})
        np.testing.assert_array_equal(found["y"], part)
        assert found["mask"].dtype == (np.bool_ if opset >= 10 else np.float32)
        assert found["mask"].shape == shape
        assert found["mask"].all()


@pytest.mark.parametrize("code", [TensorProto.FLOAT16, TensorProto.DOUBLE, TensorProto.BFLOAT16])
@pytest.mark.parametrize("op", ["RandomUniform", "RandomNormal"])
def test_random_numbers_of_every_float_type(op: str, code: int, target: str) -> None:
    wanted = helper.tensor_dtype_to_np_dtype(code)
    for like in (False, True):
        node = (
            helper.make_node(f"{op}Like", ["x"], ["y"], dtype=code)
            if like
            else helper.make_node(op, [], ["y"], dtype=code, shape=[40, 50])
        )
        info = helper.make_tensor_value_info("x", TensorProto.INT8, ["a", "b"])
        ends = [onnx.ValueInfoProto(name="y")]
        graph = helper.make_graph([node], "random", [info] if like else [], ends)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
        feeds = {"x": np.zeros((40, 50), np.int8)} if like else {}
        y = run_on(target, model, feeds)["y"]
        assert (y.dtype, y.shape) == (wanted, (40, 50))
        mean = 0.5 if op == "RandomUniform" else 0.0
        assert abs(y.astype(np.float64).mean() - mean) < 0.1


def test_random_numbers_are_floats() -> None:
    node = helper.make_node("RandomNormalLike", ["x"], ["y"])
    info = helper.make_tensor_value_info("x", TensorProto.INT8, ["a"])
    graph = helper.make_graph([node], "random", [info], [onnx.ValueInfoProto(name="y")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    with pytest.raises(ModelError, match=r"asked for in int8.*one of float32") as caught:
        read(model)
    assert "RandomNormalLike" in str(caught.value)
    assert not isinstance(caught.value, UnsupportedError)
