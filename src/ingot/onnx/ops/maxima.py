# SPDX-License-Identifier: Apache-2.0
"""The greatest element of each window, where it stands, and the way back."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ingot.dims import Dim, product
from ingot.dtypes import DType
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.measure import scalar_of
from ingot.onnx.operator import Operator, Result
from ingot.onnx.ops.convolution import Geometry, check_window_rank, entries, padded_input
from ingot.onnx.ops.pooling import facts_of, windows_of


def _max_pool(call: Call) -> Result:
    windows = windows_of(call)
    asked = len(call.node.outputs) > 1 and bool(call.node.outputs[1])
    column_major = call.bool_attribute("storage_order")
    x, pads = padded_input(call, call[0], windows, lowest(call.dtype()))
    facts = facts_of(call, windows, pads)
    result = call.result("max_pool", x, **facts)
    if not asked:
        return result
    if x is call[0]:
        places = call.result("max_pool_places", x, output=1, column_major=column_major, **facts)
        return result, places
    places = call.make("max_pool_places", x, column_major=column_major, **facts)
    return result, _unpadded(call, places, x.shape, windows, column_major)


def lowest(dtype: DType) -> float:
    """What no element of the type is below."""
    if dtype.is_float:
        return -math.inf
    return -(1 << (dtype.bits - 1)) if dtype.is_signed else 0


def _unpadded(
    call: Call, places: Value, padded: Sequence[Dim], windows: Geometry, column_major: bool
) -> Value:
    """Places in a tensor with written pads as places in the call's input."""
    spatial, area = call.shape()[2:], scalar_of(call, product(padded[2:]))
    rest, steps = call.make("mod", places, area), scalar_of(call, 1)
    plane = call.make("mul", call.make("div", places, area), scalar_of(call, product(spatial)))
    order = range(len(spatial))
    for axis in order if column_major else reversed(order):
        size = scalar_of(call, padded[2 + axis])
        inside = _inside(call, call.make("mod", rest, size), axis, windows)
        rest = call.make("div", rest, size)
        plane = call.make("add", plane, call.make("mul", inside, steps))
        steps = call.make("mul", steps, scalar_of(call, spatial[axis]))
    return call.result("identity", plane, output=1)


def _inside(call: Call, position: Value, axis: int, windows: Geometry) -> Value:
    """A position less the pads before it.

    Where all that a window holds is the least value, the pads tie with it and come first: the first
    element of the window stands for them.
    """
    position = call.make("sub", position, scalar_of(call, windows.pads[axis]))
    step = scalar_of(call, windows.dilations[axis])
    before = call.make("less", position, scalar_of(call, 0))
    return call.make("where", before, call.make("mod", position, step), position)


def _max_unpool(call: Call) -> Value:
    """Each element where its index says; what an output shape adds lies behind each axis."""
    x = call[0]
    shape = _unpooled_shape(call)
    count = product(x.shape)
    zeros = call.make("expand", call.constant(0, x.dtype), shape=(product(shape),))
    placed = call.make(
        "scatter_elements",
        zeros,
        call.make("reshape", call[1], shape=(count,)),
        call.make("reshape", x, shape=(count,)),
        axis=0,
        reduction="none",
    )
    asked = call.sizes(2, "the output's shape") if call.has(2) else shape
    if asked == shape:
        return call.result("reshape", placed, shape=shape)
    if len(asked) != len(shape):
        call.fail(f"the output's shape {list(asked)} has another rank", "correct the model")
    after = tuple(wanted - size for wanted, size in zip(asked, shape, strict=True))
    inferred = call.make("reshape", placed, shape=shape)
    return call.result("pad", inferred, before=(0,) * len(shape), after=after, mode="constant")


def _unpooled_shape(call: Call) -> tuple[Dim, ...]:
    """The shape whose windows the input has an element for each of."""
    kernel = call.ints_attribute("kernel_shape")
    check_window_rank(call, len(kernel))
    rank = len(kernel)
    strides = entries(call, "strides", rank, 1, 1)
    pads = entries(call, "pads", 2 * rank, 0, -(1 << 31))
    sizes = [
        (size - 1) * strides[k] + (kernel[k] - pads[k] - pads[rank + k])
        for k, size in enumerate(call.shape()[2:])
    ]
    return (*call.shape()[:2], *sizes)


OPERATORS = (
    Operator("MaxPool", _max_pool),
    Operator("MaxUnpool", _max_unpool),
)
