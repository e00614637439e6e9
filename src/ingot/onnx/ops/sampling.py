# SPDX-License-Identifier: Apache-2.0
"""Operators that sample images at computed places, and those that take windows apart."""

from __future__ import annotations

from typing import Any

from ingot.dims import Dim, product
from ingot.dtypes import FLOAT32, FLOAT64, INT64, DType
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Read
from ingot.onnx.ops.convolution import Geometry, check_window_rank, geometry

PADDINGS = ("zeros", "border", "reflection")
OLD_MODES = {"bilinear": "linear", "bicubic": "cubic"}


def _grid_sample(modes: tuple[str, ...]) -> Read:
    """The mapping of GridSample whose modes are called `modes`."""

    def read(call: Call) -> Value:
        mode = call.choice_attribute("mode", modes[0], modes)
        mode = OLD_MODES.get(mode, mode)
        x, whole = call[0], not call.dtype().is_float and mode != "nearest"
        rules: dict[str, Any] = {
            "mode": mode,
            "padding": call.choice_attribute("padding_mode", "zeros", PADDINGS),
            "align_corners": call.bool_attribute("align_corners"),
        }
        if not whole:
            return call.result("grid_sample", x, call[1], **rules)
        wide = call.make("cast", x, to=FLOAT32)
        return call.result(
            "cast", call.make("grid_sample", wide, call[1], **rules), to=call.dtype()
        )

    return read


def _affine_grid(call: Call) -> Value:
    """theta times the coordinates of every place, those of the last axis first, and 1."""
    sizes = call.sizes(1, "the size")
    axes = len(sizes) - 2
    if axes < 1 or call.rank() != 3 or call.shape()[1:] != (axes, axes + 1):
        call.fail(
            f"theta of shape {list(call.shape())} does not fit images of {axes} axes",
            f"it must be [N, {axes}, {axes + 1}]",
        )
    call.require_equal(call.shape()[0], sizes[0], "batch sizes of theta and of the size")
    batch, align = call.shape()[0], call.bool_attribute("align_corners")
    theta = call[0] if call.dtype() == FLOAT64 else call.make("cast", call[0], to=FLOAT32)
    total = _column(call, theta, axes, axes, batch)
    for axis, size in enumerate(sizes[2:]):
        places = _coordinates(call, size, align, theta.dtype)
        shape = (*(size if k == axis else 1 for k in range(axes)), 1)
        spread = call.make("reshape", places, shape=shape)
        part = _column(call, theta, axes, axes - 1 - axis, batch)
        total = call.make("add", total, call.make("mul", part, spread))
    if total.dtype == call.dtype():
        return call.result("identity", total)
    return call.result("cast", total, to=call.dtype())


def _column(call: Call, theta: Value, axes: int, number: int, batch: Dim) -> Value:
    """Column `number` of theta, to be multiplied with every place."""
    cut = call.make(
        "slice",
        theta,
        starts=(0, 0, number),
        ends=(batch, axes, number + 1),
        steps=(1, 1, 1),
    )
    return call.make("reshape", cut, shape=(batch, *[1] * axes, axes))


def _coordinates(call: Call, size: Dim, align: bool, dtype: DType) -> Value:
    """-1 … 1 along an axis: at the outermost places, or at the edges behind them."""
    zero, two = call.constant(0, INT64), call.constant(2, INT64)
    twice = call.make("iota", zero, two, length=size)
    last = call.make("sizes", values=(size - 1,))
    centred = call.make("cast", call.make("sub", twice, last), to=dtype)
    length = call.make("maximum", last, 1) if align else call.make("sizes", values=(size,))
    return call.make("div", centred, call.make("cast", length, to=dtype))


def _roi_align(default: str) -> Read:
    """The mapping of RoiAlign; `default` names where coordinates count from."""

    def read(call: Call) -> Value:
        modes = ("half_pixel", "output_half_pixel")
        chosen = call.choice_attribute("coordinate_transformation_mode", default, modes)
        x, regions = call[0], call[1]
        if regions.dtype != x.dtype:
            regions = call.make("cast", regions, to=x.dtype)
        mode = call.choice_attribute("mode", "avg", ("avg", "max"))
        return call.result(
            "roi_align",
            x,
            regions,
            call[2],
            height=_positive(call, "output_height"),
            width=_positive(call, "output_width"),
            mode="mean" if mode == "avg" else "max",
            samples=call.int_attribute("sampling_ratio", 0),
            scale=call.float_attribute("spatial_scale", 1.0),
            half_pixel=chosen == "half_pixel",
        )

    return read


def _positive(call: Call, name: str) -> int:
    found = call.int_attribute(name, 1)
    if found < 1:
        call.fail(f"attribute '{name}' is {found}", "it must be at least 1")
    return found


def _deform_conv(call: Call) -> Value:
    """Patches under offsets, then one matrix product a group."""
    x, weight = call[0], call[1]
    windows = _deformed_windows(call)
    groups = call.int_attribute("group", 1)
    patches = call.make(
        "deform_patches",
        x,
        call[2],
        call.get(4),
        kernel=windows.kernel,
        strides=windows.strides,
        dilations=windows.dilations,
        pads=windows.pads,
        groups=call.int_attribute("offset_group", 1),
    )
    batch, channels = x.shape[:2]
    counts = patches.shape[2 + len(windows.kernel) :]
    filters, depth = weight.shape[0], product(weight.shape[1:])
    call.require_equal(channels, weight.shape[1] * groups, "channels of x and of the weight")
    if groups < 1 or (isinstance(filters, int) and filters % groups):
        call.fail(f"{filters} filters do not fall into {groups} groups", "correct the model")
    columns = call.make("reshape", patches, shape=(batch, groups, depth, product(counts)))
    rows = call.make("reshape", weight, shape=(groups, filters // groups, depth))
    total = call.make("matmul", rows, columns)
    shape: tuple[Dim, ...] = (batch, filters, *counts)
    if not call.has(3):
        return call.result("reshape", total, shape=shape)
    bias = call.make("reshape", call[3], shape=(filters, *[1] * len(counts)))
    return call.result("add", call.make("reshape", total, shape=shape), bias)


def _deformed_windows(call: Call) -> Geometry:
    kernel = tuple(call.integer(size, "a kernel size") for size in call.shape(1)[2:])
    if call.ints_attribute("kernel_shape", kernel) != kernel:
        call.fail("attribute 'kernel_shape' is not the weight's", "correct the model")
    check_window_rank(call, len(kernel))
    windows = geometry(call, kernel)
    if windows.fixed() is None:
        call.fail(f"its pads {windows.pads} must be 0 or more", "correct the model")
    return windows


def _col2im(call: Call) -> Value:
    image = call.sizes(1, "the image's shape")
    kernel = call.integers(2, "the block's shape")
    rank = len(kernel)
    return call.result(
        "columns_to_image",
        call[0],
        image=image,
        kernel=kernel,
        strides=call.ints_attribute("strides", (1,) * rank),
        dilations=call.ints_attribute("dilations", (1,) * rank),
        pads=call.ints_attribute("pads", (0,) * (2 * rank)),
    )


OPERATORS = (
    Operator("GridSample", _grid_sample(("bilinear", "nearest", "bicubic")), since=16),
    Operator("GridSample", _grid_sample(("linear", "nearest", "cubic")), since=20),
    Operator(
        "GridSample", _grid_sample(("bilinear", "nearest", "bicubic")), domain="com.microsoft"
    ),
    Operator("AffineGrid", _affine_grid, since=20),
    Operator("RoiAlign", _roi_align("output_half_pixel")),
    Operator("RoiAlign", _roi_align("half_pixel"), since=16),
    Operator("DeformConv", _deform_conv),
    Operator("Col2Im", _col2im),
)
