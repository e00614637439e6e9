# SPDX-License-Identifier: Apache-2.0
"""QuantizeLinear, DequantizeLinear, and the operators that stand for real ones between them.

A QLinear operator means: take the inputs to real numbers, compute, and quantize the result. That is
how it is read; finding products of integers in it is the optimiser's work, as it is for models that
spell the pairs out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ingot.dims import Dim, ceil_div, product
from ingot.dtypes import FLOAT32, INT64, UINT8, DType
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Result
from ingot.onnx.ops.convolution import conv_geometry, padded_input
from ingot.ops.quantize import LEVELS

# Scales and zero points.


def _parameter(call: Call, index: int, shape: Sequence[Dim], axis: int) -> Value:
    """A scale or zero point: one number, one for each position of `axis`, or a shape that fits."""
    value = call[index]
    if value.rank == 0:
        return value
    if value.shape == (1,):
        return call.make("reshape", value, shape=())
    if value.rank == len(shape) > 1:
        return value
    if value.rank != 1:
        call.fail(f"input {index} has rank {value.rank}", "give one number, or one a channel")
    axis = call.axis(axis, len(shape))
    call.require_equal(value.shape[0], shape[axis], "the scales and the axis")
    return call.make("reshape", value, shape=(*value.shape, *[1] * (len(shape) - axis - 1)))


def _point(call: Call, index: int, shape: Sequence[Dim], axis: int) -> Value | None:
    """A zero point; None where there is none, or nothing but zeros."""
    if not call.has(index):
        return None
    known = call.tensor(index).elements
    if known is not None and not any(item != 0 for item in known.reshape(-1).tolist()):
        return None
    return _parameter(call, index, shape, axis)


def quantized(call: Call, x: Value, scale: int, zero: int, axis: int = 1) -> Value:
    """The call's result: `x` quantized by the inputs `scale` and `zero`.

    Without a zero point the result has the type of the call's first input.
    """
    return call.result(
        "quantize",
        x,
        _parameter(call, scale, x.shape, axis),
        _point(call, zero, x.shape, axis),
        to=_level(call, call.dtype(zero if call.has(zero) else 0)),
    )


def real(call: Call, x: int, scale: int, zero: int, axis: int = 1) -> Value:
    """Input `x` as real numbers in float32, by the inputs `scale` and `zero`."""
    value = call[x]
    return call.make(
        "dequantize",
        value,
        _parameter(call, scale, value.shape, axis),
        _point(call, zero, value.shape, axis),
        to=FLOAT32,
    )


# The pairs themselves.


def quantize(call: Call) -> Value:
    """QuantizeLinear, of any opset."""
    return _converted(
        call, "quantize", _at_precision(call), to=_levels(call),
        saturate=call.bool_attribute("saturate", True),
    )  # fmt: skip


def dequantize(call: Call) -> Value:
    """DequantizeLinear, of any opset."""
    code = call.int_attribute("output_dtype", 0)
    to = call.known_type(code, "attribute 'output_dtype'") if code else call.dtype(1)
    return _converted(call, "dequantize", call[0], to=to)


def _converted(call: Call, op: str, x: Value, **attributes: Any) -> Value:
    axis, block = call.int_attribute("axis", 1), call.int_attribute("block_size", 0)
    if block:
        return _in_blocks(call, op, x, call.axis(axis, x.rank), block, attributes)
    scale, zero = _parameter(call, 1, x.shape, axis), _point(call, 2, x.shape, axis)
    return call.result(op, x, scale, zero, **attributes)


def _at_precision(call: Call) -> Value:
    """The input, rounded to the type that is asked for where that is narrower."""
    code = call.int_attribute("precision", 0)
    x = call[0]
    if not code:
        return x
    wanted = call.known_type(code, "attribute 'precision'")
    return call.make("cast", x, to=wanted) if wanted.bits < x.dtype.bits else x


def _levels(call: Call) -> DType:
    """The type of the result: that of the zero point, else as the attribute says."""
    code = call.int_attribute("output_dtype", 0)
    stated = call.known_type(code, "attribute 'output_dtype'") if code else None
    if not call.has(2):
        return _level(call, stated or UINT8)
    if stated not in (None, call.dtype(2)):
        call.fail(f"output_dtype is {stated}, the zero point is {call.dtype(2)}", "make them agree")
    return _level(call, call.dtype(2))


def _level(call: Call, dtype: DType) -> DType:
    """The type of a quantized result, checked."""
    if dtype not in LEVELS:
        call.fail(
            f"it quantizes to {dtype}",
            "quantize to an integer of at most 16 bits or a float of at most 8",
        )
    return dtype


def _in_blocks(
    call: Call, op: str, x: Value, axis: int, block: int, attributes: Mapping[str, Any]
) -> Value:
    """One scale for `block` elements along `axis`: blocks become an axis where they are whole."""
    given = [call[index] for index in (1, 2) if call.has(index)]
    if block < 0:
        call.fail(f"attribute 'block_size' is {block}", "it must be positive")
    for value in given:
        if value.rank != x.rank:
            call.fail(f"the scales of blocks have rank {value.rank}", f"it must be {x.rank}")
    extent, blocks = x.shape[axis], given[0].shape[axis]
    call.require_equal(ceil_div(extent, block), blocks, "the blocks of the axis and the scales")
    if extent == blocks * block:
        split = (*x.shape[:axis], blocks, block, *x.shape[axis + 1 :])
        lines = [_line(call, value, axis) for value in given]
        made = call.make(op, call.make("reshape", x, shape=split), *lines, **attributes)
        return call.result("reshape", made, shape=x.shape)
    places = _blocks_of(call, extent, block)
    rows = [call.make("gather", value, places, axis=axis) for value in given]
    return call.result(op, x, *rows, **attributes)


def _blocks_of(call: Call, extent: Dim, block: int) -> Value:
    """The number of the block of each position along an axis."""
    if isinstance(extent, int):
        return call.constant(np.arange(extent) // block, INT64)
    first, step = call.constant(0, INT64), call.constant(1, INT64)
    return call.make("div", call.make("iota", first, step, length=extent), block)


def _line(call: Call, value: Value, axis: int) -> Value:
    """A scale of each block with an axis of size 1 for the elements of the block."""
    shape = (*value.shape[: axis + 1], 1, *value.shape[axis + 1 :])
    return call.make("reshape", value, shape=shape)


def _dynamic(call: Call) -> Result:
    x = call[0]
    scale, zero = range_of(call, x)
    scale = call.result("identity", scale, output=1)
    zero = call.result("identity", zero, output=2)
    return call.result("quantize", x, scale, zero, to=UINT8), scale, zero


def range_of(call: Call, x: Value) -> tuple[Value, Value]:
    """Scale and zero point of uint8 from the least and greatest element, 0 among them."""
    axes = tuple(range(x.rank))
    low = call.make("minimum", call.make("reduce_min", x, axes=axes, keep_dims=False), 0.0)
    high = call.make("maximum", call.make("reduce_max", x, axes=axes, keep_dims=False), 0.0)
    span = call.make("sub", high, low)
    scale = call.make("div", span, 255.0)
    steps = call.make("round", call.make("div", call.make("neg", low), scale))
    return scale, call.make("cast", call.make("clip", steps, lo=0, hi=255), to=UINT8)


# Products.


def _matmul(call: Call) -> Value:
    """Rows of the left operand and columns of the right one may have scales of their own."""
    left, right = real(call, 0, 1, 2, axis=-2), real(call, 3, 4, 5, axis=-1)
    return quantized(call, call.make("matmul", left, right), 6, 7, axis=-2)


def _conv(call: Call) -> Value:
    return quantized(call, convolved(call, real(call, 0, 1, 2)), 6, 7)


def convolved(call: Call, x: Value) -> Value:
    """The convolution of a QLinearConv over its real input; its bias is in steps of both scales."""
    windows = conv_geometry(call, 3)
    x, pads = padded_input(call, x, windows, 0.0)
    return call.make(
        "conv",
        x,
        real(call, 3, 4, 5, axis=0),
        biased(call, 8, 1, 4) if call.has(8) else None,
        strides=windows.strides,
        dilations=windows.dilations,
        pads=pads,
        group=call.int_attribute("group", 1),
    )


def biased(call: Call, bias: int, *scales: int) -> Value:
    """An int32 bias as real numbers: its step is the product of the `scales`."""
    values = (call[index] for index in scales)
    steps = [call.make("reshape", value, shape=(product(value.shape),)) for value in values]
    return call.make("dequantize", call[bias], call.make("mul", *steps), to=FLOAT32)


OPERATORS = (
    Operator("QuantizeLinear", quantize),
    Operator("DequantizeLinear", dequantize),
    Operator("DynamicQuantizeLinear", _dynamic),
    Operator("QLinearMatMul", _matmul),
    Operator("QLinearConv", _conv),
)
