# SPDX-License-Identifier: Apache-2.0
"""Resize by scales that come from sizes or from data, against ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.unit.onnx.cases import assert_close, loaded

from ingot.errors import UnsupportedError
from ingot.onnx import read

FLOAT = TensorProto.FLOAT


def by_sizes(opset: int, kind: int = FLOAT, **settings: Any) -> onnx.ModelProto:
    """`x` resized to the size of `like`, as quotients of sizes behind two ones."""
    node = helper.make_node
    ones = numpy_helper.from_array(np.ones(2, np.float32), "ones")
    ends = [numpy_helper.from_array(np.array([n]), name) for n, name in ((2, "two"), (4, "four"))]
    nodes = [
        node("Shape", ["x"], ["xs"]), node("Shape", ["like"], ["ls"]),
        node("Slice", ["xs", "two", "four"], ["from"]),
        node("Slice", ["ls", "two", "four"], ["to"]),
        node("Cast", ["from"], ["before"], to=FLOAT), node("Cast", ["to"], ["after"], to=FLOAT),
        node("Div", ["after", "before"], ["two_scales"]),
        node("Concat", ["ones", "two_scales"], ["scales"], axis=0),
        node("Resize", ["x", "scales"] if opset == 10 else ["x", "", "scales"], ["y"], **settings),
    ]  # fmt: skip
    inputs = [
        helper.make_tensor_value_info("x", kind, [*"nchw"]),
        helper.make_tensor_value_info("like", FLOAT, ["a", "b", "k", "l"]),
    ]
    graph = helper.make_graph(
        nodes, "sizes", inputs, [onnx.ValueInfoProto(name="y")], [ones, *ends]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def by_data(rank: int, opset: int = 19, **settings: Any) -> onnx.ModelProto:
    node = helper.make_node("Resize", ["x", "", "scales"], ["y"], **settings)
    inputs = [
        helper.make_tensor_value_info("x", FLOAT, [f"n{axis}" for axis in range(rank)]),
        helper.make_tensor_value_info("scales", FLOAT, [len(settings.get("axes", range(rank)))]),
    ]
    graph = helper.make_graph([node], "data", inputs, [onnx.ValueInfoProto(name="y")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def agrees(model: onnx.ModelProto, target: str, *feeds: dict[str, Any]) -> None:
    peer = onnxruntime.InferenceSession(model.SerializeToString())
    with loaded(target, model) as session:
        for feed in feeds:
            assert_close(session.run(feed)["y"], peer.run(None, feed)[0], 3e-5)


NEAREST = [
    {"nearest_mode": r} for r in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
]
LINEAR = [
    {"mode": "linear", "coordinate_transformation_mode": grid}
    for grid in ("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")
]
CUBIC = [{"mode": "cubic", "exclude_outside": out, "cubic_coeff_a": -0.5} for out in (0, 1)]


@pytest.mark.parametrize(
    ("opset", "settings"),
    [
        (10, {"mode": "nearest"}), (10, {"mode": "linear"}),
        *((13, settings) for settings in (*NEAREST, *LINEAR, *CUBIC)),
        (13, {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}),
    ],
)  # fmt: skip
def test_quotients_of_sizes(
    opset: int, settings: dict[str, Any], target: str, rng: np.random.Generator
) -> None:
    pairs = (((1, 2, 5, 6), (8, 13)), ((2, 1, 3, 4), (6, 4)), ((1, 1, 1, 2), (3, 5)))
    feeds = [
        {"x": rng.standard_normal(shape), "like": np.zeros((1, 1, *to))} for shape, to in pairs
    ]
    agrees(
        by_sizes(opset, **settings), target,
        *({name: array.astype(np.float32) for name, array in feed.items()} for feed in feeds),
    )  # fmt: skip


def test_factors_that_come_with_a_run(target: str, rng: np.random.Generator) -> None:
    x = rng.standard_normal((1, 2, 5, 6)).astype(np.float32)
    scales = [[1, 1, 1.7, 0.6], [1, 1, 2, 3], [1, 1, 0.5, 1]]
    feeds = [{"x": x, "scales": np.array(each, np.float32)} for each in scales]
    agrees(by_data(4), target, *feeds)
    agrees(by_data(4, mode="linear"), target, *feeds)
    tall = [{"x": x, "scales": np.array(each[2:], np.float32)} for each in scales]
    symmetric = {"coordinate_transformation_mode": "half_pixel_symmetric"}
    agrees(by_data(4, mode="linear", axes=[2, 3], **symmetric), target, *tall)


def test_integers_are_rounded(target: str, rng: np.random.Generator) -> None:
    x = rng.integers(0, 256, (1, 1, 4, 5)).astype(np.uint8)
    with loaded(target, by_sizes(13, TensorProto.UINT8, mode="linear")) as session:
        found = session.run({"x": x, "like": np.zeros((1, 1, 7, 5), np.float32)})["y"]
    with loaded(target, by_sizes(13, mode="linear")) as session:
        feeds = {"x": x.astype(np.float32), "like": np.zeros((1, 1, 7, 5), np.float32)}
        wanted = session.run(feeds)["y"]
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.rint(wanted))


@pytest.mark.parametrize("policy", ["not_larger", "not_smaller"])
@pytest.mark.parametrize("mode", ["nearest", "linear"])
def test_one_factor_for_all_axes(
    policy: str, mode: str, target: str, rng: np.random.Generator
) -> None:
    settings = {"mode": mode, "axes": [2, 3], "keep_aspect_ratio_policy": policy}
    node = helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], **settings)
    inputs = [
        helper.make_tensor_value_info("x", FLOAT, [*"nchw"]),
        helper.make_tensor_value_info("sizes", TensorProto.INT64, [2]),
    ]
    graph = helper.make_graph([node], "ratio", inputs, [onnx.ValueInfoProto(name="y")])
    fed = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=8)
    stated = onnx.ModelProto.FromString(fed.SerializeToString())
    del stated.graph.input[1]
    stated.graph.initializer.append(numpy_helper.from_array(np.array([7, 8]), "sizes"))
    images = [rng.standard_normal(s).astype(np.float32) for s in ((1, 2, 4, 6), (1, 1, 9, 5))]
    agrees(stated, target, *({"x": x} for x in images))
    sizes = [np.array(pair) for pair in ((7, 8), (3, 20))]
    agrees(fed, target, *({"x": x, "sizes": size} for x in images for size in sizes))


def test_filters_need_factors_that_are_known() -> None:
    with pytest.raises(UnsupportedError, match="antialiased or crops"):
        read(by_data(4, mode="linear", antialias=1))
