# SPDX-License-Identifier: Apache-2.0
"""Operators on images with random attributes and sizes, against onnx.reference or onnxruntime."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper
from tests.unit.onnx.cases import Case, Tensor, assert_close, known

from ingot.errors import UnsupportedError
from ingot.onnx import read
from ingot.ops import evaluate_graph

Random = np.random.Generator
SPATIAL = (2, 3, 4)
EACH = 6


def sizes(rng: Random, rank: int, least: int = 1, most: int = 7) -> list[int]:
    return rng.integers(least, most, rank, endpoint=True).tolist()


def pick(rng: Random, *choices: Any) -> Any:
    return choices[int(rng.integers(len(choices)))]


def image(rng: Random, rank: int, least: int = 1) -> Tensor:
    shape = (*sizes(rng, 2, 1, 3), *sizes(rng, rank, least))
    return Tensor(shape, fixed=tuple(range(1, rank + 2)))


def resize(rng: Random) -> Case:
    x = image(rng, pick(rng, 1, 2))
    rank = len(x.shape)
    mode = pick(rng, "nearest", "linear", "linear", "cubic")
    attributes: dict[str, Any] = {
        "mode": mode,
        "nearest_mode": pick(rng, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
        "coordinate_transformation_mode": pick(rng, "half_pixel", "align_corners", "asymmetric"),
        "exclude_outside": int(mode == "cubic" and rng.random() < 0.5),
        "antialias": int(mode != "nearest" and rng.random() < 0.4),
    }
    if rng.random() < 0.5:
        wanted = [*x.shape[:2], *sizes(rng, rank - 2, 2, 9)]
        return Case("Resize", [x, None, None, known(wanted)], attributes)
    factors = [1.0, 1.0, *(pick(rng, 0.5, 1.0, 1.5, 2.0, 2.625) for _ in range(rank - 2))]
    if any(int(n * f) < 1 for n, f in zip(x.shape, factors, strict=True)):
        factors = [1.0] * rank
    return Case("Resize", [x, None, known(factors, "float32")], attributes)


def grid_sample(rng: Random) -> Case:
    rank = pick(rng, 2, 2, 3)
    mode = pick(rng, "linear", "nearest", "linear", "cubic") if rank == 2 else "linear"
    x = image(rng, rank, 2)
    grid = Tensor(
        (x.shape[0], *sizes(rng, rank, 1, 4), rank), low=-1.7, high=1.7, fixed=(rank + 1,)
    )
    attributes = {
        "mode": mode,
        "padding_mode": pick(rng, "zeros", "border", "reflection"),
        "align_corners": pick(rng, 0, 1),
    }
    return Case("GridSample", [x, grid], attributes)


def roi_align(rng: Random) -> Case:
    x = image(rng, 2, 2)
    count = int(rng.integers(0, 4))
    regions = Tensor((count, 4), low=-4, high=14, fixed=(1,))
    batches = Tensor((count,), "int64", 0, x.shape[0] - 1)
    attributes = {
        "output_height": int(rng.integers(1, 4)),
        "output_width": int(rng.integers(1, 4)),
        "sampling_ratio": int(rng.integers(0, 4)),
        "spatial_scale": pick(rng, 1.0, 0.5, 0.3),
        "mode": pick(rng, "avg", "max"),
        "coordinate_transformation_mode": pick(rng, "half_pixel", "output_half_pixel"),
    }
    return Case("RoiAlign", [x, regions, batches], attributes)


def windows(rng: Random, rank: int) -> tuple[Tensor, dict[str, Any], list[int]]:
    """An image that holds at least a window, the window's attributes, and its reach."""
    kernel = sizes(rng, rank, 1, 3)
    dilations = sizes(rng, rank, 1, 2)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    shape = (*sizes(rng, 2, 1, 3), *(r + int(rng.integers(0, 5)) for r in reach))
    x = Tensor(shape, fixed=tuple(range(1, rank + 2)))
    pads = [int(rng.integers(0, k)) for k in kernel] + [int(rng.integers(0, k)) for k in kernel]
    attributes = {
        "kernel_shape": kernel,
        "strides": sizes(rng, rank, 1, 3),
        "dilations": dilations,
        "pads": pads,
    }
    return x, attributes, reach


def pool(rng: Random) -> Case:
    op = pick(rng, "MaxPool", "AveragePool", "LpPool")
    x, attributes, _ = windows(rng, pick(rng, 1, 2, 3))
    attributes["ceil_mode"] = pick(rng, 0, 1)
    if op == "AveragePool":
        attributes["count_include_pad"] = pick(rng, 0, 1)
    if op == "LpPool":
        attributes["p"] = pick(rng, 1, 2, 3)
        return Case(op, [x], attributes, opset=22, runtime=True)
    return Case(op, [x], attributes, opset=22, runtime=True)


def max_pool_indices(rng: Random) -> Case:
    x, attributes, _ = windows(rng, pick(rng, 1, 2, 3))
    attributes["storage_order"] = pick(rng, 0, 1) if len(x.shape) > 3 else 0
    return Case("MaxPool", [x], attributes, opset=12, outputs=2, runtime=True)


def conv_transpose(rng: Random) -> Case:
    rank, group = pick(rng, 1, 2, 3), pick(rng, 1, 1, 2)
    x, attributes, _ = windows(rng, rank)
    channels = group * int(rng.integers(1, 3))
    x = Tensor((x.shape[0], channels, *x.shape[2:]), fixed=tuple(range(1, rank + 2)))
    weight = Tensor(
        (channels, int(rng.integers(1, 3)), *attributes["kernel_shape"]), known=rng.random() < 0.5,
        fixed=tuple(range(rank + 2)),
    )  # fmt: skip
    attributes["group"] = group
    attributes["output_padding"] = [int(rng.integers(0, s)) for s in attributes["strides"]]
    return Case("ConvTranspose", [x, weight], attributes, runtime=True)


def col2im(rng: Random) -> Case:
    rank = pick(rng, 1, 2)
    x, attributes, reach = windows(rng, rank)
    kernel, pads = attributes["kernel_shape"], attributes["pads"]
    counts = [
        (n + pads[k] + pads[rank + k] - reach[k]) // attributes["strides"][k] + 1
        for k, n in enumerate(x.shape[2:])
    ]
    columns = Tensor((x.shape[0], x.shape[1] * int(np.prod(kernel)), int(np.prod(counts))))
    given = {name: attributes[name] for name in ("strides", "dilations", "pads")}
    return Case("Col2Im", [columns, known(x.shape[2:]), known(kernel)], given)


MAKERS: tuple[Callable[[Random], Case], ...] = (
    resize, grid_sample, roi_align, pool, max_pool_indices, conv_transpose, col2im,
)  # fmt: skip


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_random_attributes(make: Callable[[Random], Case], rng: Random) -> None:
    for _ in range(EACH):
        case = make(rng)
        try:
            case.check(rng, symbolic=bool(rng.random() < 0.5))
        except BaseException as error:
            error.add_note(f"in {case}")
            raise


def test_image_files_are_not_decoded() -> None:
    case = Case("ImageDecoder", [Tensor((9,), "uint8", 0, 255)], {}, 20)
    with pytest.raises(UnsupportedError, match="decodes an image file"):
        read(case.model([np.zeros(9, np.uint8)], symbolic=False))


@pytest.mark.parametrize("mode", ("bilinear", "nearest", "bicubic"))
def test_grid_sample_of_onnxruntime(mode: str, rng: Random) -> None:
    x = rng.standard_normal((2, 3, 5, 6)).astype(np.float32)
    grid = rng.uniform(-1.2, 1.2, (2, 4, 3, 2)).astype(np.float32)
    node = helper.make_node("GridSample", ["x", "g"], ["y"], domain="com.microsoft", mode=mode)
    inputs = [
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, array.shape)
        for name, array in (("x", x), ("g", grid))
    ]
    output = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "case", inputs, [output])
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    (wanted,) = session.run(None, {"x": x, "g": grid})
    assert_close(evaluate_graph(read(model), {"x": x, "g": grid})["y"], wanted)
