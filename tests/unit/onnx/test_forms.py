# SPDX-License-Identifier: Apache-2.0
"""Forms of operators that few models use, from the model to the result of each target."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from tests.unit.onnx.cases import Case, Tensor, assert_close, known, loaded, run_on

from ingot.errors import InputError

EIGHT_BITS = (
    TensorProto.FLOAT8E4M3FN, TensorProto.FLOAT8E4M3FNUZ,
    TensorProto.FLOAT8E5M2, TensorProto.FLOAT8E5M2FNUZ,
)  # fmt: skip


def one_node(
    node: onnx.NodeProto, opset: int, **inputs: tuple[int, list[int | str]]
) -> onnx.ModelProto:
    """A model of one node; `inputs` have an element type and sizes."""
    infos = [helper.make_tensor_value_info(name, *what) for name, what in inputs.items()]
    ends = [onnx.ValueInfoProto(name=name) for name in node.output]
    graph = helper.make_graph([node], "form", infos, ends)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)


@pytest.mark.parametrize("code", EIGHT_BITS)
def test_infinities_and_nans_of_eight_bits(code: int, target: str) -> None:
    x = np.arange(256, dtype=np.uint8).view(helper.tensor_dtype_to_np_dtype(code))
    wide = x.astype(np.float32)
    for op, settings, wanted in (
        ("IsNaN", {}, np.isnan(wide)),
        ("IsInf", {}, np.isinf(wide)),
        ("IsInf", {"detect_negative": 0}, np.isposinf(wide)),
        ("IsInf", {"detect_positive": 0}, np.isneginf(wide)),
    ):
        node = helper.make_node(op, ["x"], ["y"], **settings)
        for sizes in (["n"], [256]):
            model = one_node(node, 20, x=(code, sizes))
            np.testing.assert_array_equal(run_on(target, model, {"x": x})["y"], wanted)


def norms_of_integers() -> list[Case]:
    return [
        *(
            Case("ReduceL2", [Tensor(shape, dtype, low, 40000), known([1])], {"keepdims": keep})
            for dtype, low in (("int32", -40000), ("int64", -9), ("uint32", 0), ("uint64", 0))
            for shape, keep in (((3, 5), 1), ((2, 4, 3), 0), ((1, 1), 0), ((2, 0), 1))
        ),
        Case("ReduceL2", [Tensor((1,), "uint32", 0, 9)], {"axes": [0]}, opset=13),
    ]


CASES = [*norms_of_integers()]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fixed_sizes(case: Case, target: str, rng: np.random.Generator) -> None:
    case.check_on(target, rng, symbolic=False)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_symbolic_sizes(case: Case, target: str, rng: np.random.Generator) -> None:
    case.check_on(target, rng, symbolic=True)


# Strides that leave less, as much as, and more than half a window to pads.
WINDOWS = (([3, 3], [2, 2]), ([2, 5], [3, 2]), ([1, 4], [2, 1]))
POOLS = (
    ("AveragePool", {}, 1), ("AveragePool", {"count_include_pad": 1}, 1), ("LpPool", {"p": 2}, 1),
    ("AveragePool", {"ceil_mode": 1}, 1), ("MaxPool", {}, 2), ("MaxPool", {"storage_order": 1}, 2),
)  # fmt: skip
IMAGES = ((2, 3, 7, 8), (1, 1, 1, 1), (0, 2, 5, 4), (1, 2, 2, 9))


@pytest.mark.parametrize("windows", WINDOWS, ids=str)
@pytest.mark.parametrize("auto", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize(("op", "more", "outputs"), POOLS)
def test_pads_that_depend_on_sizes(
    op: str, more: dict[str, int], outputs: int, auto: str, windows: tuple[list[int], list[int]],
    target: str, rng: np.random.Generator,
) -> None:  # fmt: skip
    ends = ["y", "places"][:outputs]
    settings = {"kernel_shape": windows[0], "strides": windows[1], "auto_pad": auto, **more}
    node = helper.make_node(op, ["x"], ends, **settings)
    model = one_node(node, 12 if outputs > 1 else 22, x=(TensorProto.FLOAT, [*"nchw"]))
    peer = onnxruntime.InferenceSession(model.SerializeToString())
    with loaded(target, model) as session:
        for shape in IMAGES:
            x = rng.standard_normal(shape).astype(np.float32)
            found = session.run({"x": x})
            for name, wanted in zip(ends, peer.run(None, {"x": x}), strict=True):
                assert_close(found[name], wanted)


@pytest.mark.parametrize("auto", ["SAME_UPPER", "SAME_LOWER"])
def test_places_of_the_least_values_are_inside(auto: str, target: str) -> None:
    """Written pads tie with what is least, and are never the winner."""
    settings = {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": auto}
    node = helper.make_node("MaxPool", ["x"], ["y", "places"], **settings)
    model = one_node(node, 12, x=(TensorProto.INT8, [*"nchw"]))
    x = np.full((2, 1, 6, 5), -128, np.int8)
    places = run_on(target, model, {"x": x})["places"]
    fixed = one_node(node, 12, x=(TensorProto.INT8, [2, 1, 6, 5]))
    np.testing.assert_array_equal(places, run_on(target, fixed, {"x": x}, symbolic=False)["places"])
    assert places.min() == 0
    assert places.max() < x.size


def test_a_window_of_pads_alone_has_the_mean_zero(target: str) -> None:
    settings = {
        "kernel_shape": [2],
        "strides": [2],
        "dilations": [2],
        "auto_pad": "SAME_UPPER",
    }
    model = one_node(
        helper.make_node("AveragePool", ["x"], ["y"], **settings),
        22,
        x=(TensorProto.FLOAT, [*"nch"]),
    )
    for size, wanted in ((1, [0.0]), (2, [1.0]), (4, [2.0, 3.0])):
        x = np.arange(1, size + 1, dtype=np.float32).reshape(1, 1, size)
        assert run_on(target, model, {"x": x})["y"].reshape(-1).tolist() == wanted


def test_means_beside_written_pads_are_rounded_once(target: str, rng: np.random.Generator) -> None:
    settings = {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}
    node = helper.make_node("AveragePool", ["x"], ["y"], **settings)
    x = rng.standard_normal((1, 2, 7, 6)).astype(np.float16)
    model = one_node(node, 22, x=(TensorProto.FLOAT16, [*"nchw"]))
    exact = one_node(node, 22, x=(TensorProto.DOUBLE, [1, 2, 7, 6]))
    wanted = run_on("reference", exact, {"x": x.astype(np.float64)}, symbolic=False)["y"]
    found = run_on(target, model, {"x": x})["y"]
    np.testing.assert_array_max_ulp(found, wanted.astype(np.float16), 1)


def test_pads_that_crop(target: str, rng: np.random.Generator) -> None:
    """Numbers below 0 take elements away; those above stay pads, which are not counted."""
    x = rng.standard_normal((1, 2, 9, 8)).astype(np.float32)
    settings = {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1}
    for op in ("AveragePool", "LpPool", "MaxPool"):
        cropping = helper.make_node(op, ["x"], ["y"], pads=[-1, 1, 0, 0], **settings)
        plain = helper.make_node(op, ["x"], ["y"], pads=[0, 1, 0, 0], **settings)
        sizes = (TensorProto.FLOAT, [*"nchw"])
        found = run_on(target, one_node(cropping, 22, x=sizes), {"x": x})["y"]
        wanted = run_on(target, one_node(plain, 22, x=sizes), {"x": x[:, :, 1:]})["y"]
        assert_close(found, wanted)


@pytest.mark.parametrize(
    ("mode", "rounding"),
    [
        ("nearest", "floor"), ("nearest", "ceil"), ("nearest", "round_prefer_floor"),
        ("nearest", "round_prefer_ceil"), ("linear", "floor"), ("cubic", "floor"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("factor", [2.0, 0.5, 1.625, 0.65])
def test_half_pixels_that_are_not_shifted_back(
    mode: str, rounding: str, factor: float, target: str, rng: np.random.Generator
) -> None:
    settings = {"mode": mode, "nearest_mode": rounding}
    grid = {"coordinate_transformation_mode": "tf_half_pixel_for_nn"}
    for shape, symbolic in (((1, 2, 6, 7), True), ((2, 1, 4, 5), False)):
        scales = known([1, 1, factor, factor], "float32")
        inputs = [Tensor(shape), Tensor(values=[], dtype="float32", known=True), scales]
        Case("Resize", inputs, {**settings, **grid}, 11, runtime=True).check_on(
            target, rng, symbolic
        )


@pytest.mark.parametrize(("op", "opset"), [("Resize", 19), ("Resize", 10), ("Upsample", 9)])
@pytest.mark.parametrize("factor", [1.2345678, 1.7390851, 3.0000002, 2.7182817])
def test_factors_that_are_no_simple_fraction(
    op: str, opset: int, factor: float, target: str, rng: np.random.Generator
) -> None:
    """Sizes are rounded as ONNX Runtime rounds them, whatever size comes."""
    names = ["x", "", "scales"] if opset > 10 else ["x", "scales"]
    node = helper.make_node(op, names, ["y"], mode="linear" if opset > 10 else "nearest")
    model = one_node(node, opset, x=(TensorProto.FLOAT, [*"nchw"]))
    scales = np.array([1, 1, factor, 1], np.float32)
    model.graph.initializer.append(numpy_helper.from_array(scales, "scales"))
    peer = onnxruntime.InferenceSession(model.SerializeToString())
    with loaded(target, model) as session:
        for shape in ((1, 2, 7, 3), (1, 1, 5, 1), (2, 1, 81, 1), (1, 1, 1000, 1)):
            x = rng.standard_normal(shape).astype(np.float32)
            (wanted,) = peer.run(None, {"x": x})
            found = session.run({"x": x})["y"]
            assert found.shape == wanted.shape
            if opset > 10:
                assert_close(found, wanted, 1e-4)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("block", [1, 3, 4])
@pytest.mark.parametrize("op", ["QuantizeLinear", "DequantizeLinear"])
def test_blocks_along_open_axes(
    op: str, block: int, axis: int, target: str, rng: np.random.Generator
) -> None:
    """Whole blocks, a last one that is not whole, one position, and none."""
    codes, floats = TensorProto.INT8, TensorProto.FLOAT
    node = helper.make_node(op, ["x", "scale", "zero"], ["y"], axis=axis, block_size=block)
    kind = floats if op == "QuantizeLinear" else codes
    model = one_node(node, 23, x=(kind, [*"abc"]), scale=(floats, [*"def"]), zero=(codes, [*"def"]))
    peer = onnxruntime.InferenceSession(model.SerializeToString())
    with loaded(target, model) as session:
        for shape in ((6, 4, 12), (5, 7, 2), (1, 1, 1), (2, 0, 3)):
            blocks = list(shape)
            blocks[axis] = -(-blocks[axis] // block)
            x = rng.integers(-60, 60, shape)
            feeds = {
                "x": x.astype(np.float32 if kind == floats else np.int8),
                "scale": rng.uniform(0.2, 2, blocks).astype(np.float32),
                "zero": rng.integers(-9, 9, blocks).astype(np.int8),
            }
            np.testing.assert_array_equal(session.run(feeds)["y"], peer.run(None, feeds)[0])


def test_blocks_and_scales_must_fit(target: str) -> None:
    node = helper.make_node("DequantizeLinear", ["x", "scale"], ["y"], axis=0, block_size=2)
    sizes = {"x": (TensorProto.INT8, ["a"]), "scale": (TensorProto.FLOAT, ["b"])}
    with loaded(target, one_node(node, 23, **sizes)) as session:
        feeds = {"x": np.zeros(5, np.int8), "scale": np.ones(2, np.float32)}
        with pytest.raises(InputError, match="blocks of the axis and the scales must be equal"):
            session.run(feeds)
