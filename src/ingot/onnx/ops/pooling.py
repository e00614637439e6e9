# SPDX-License-Identifier: Apache-2.0
"""Pools over windows, and over whole images."""

from __future__ import annotations

import math
from typing import Any

from ingot.dims import product
from ingot.dtypes import DType
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Read, Result
from ingot.onnx.ops.convolution import Geometry, check_window_rank, geometry, padded_input
from ingot.ops.require import Require
from ingot.ops.window import Windows


def windows_of(call: Call) -> Geometry:
    """The windows of a pool."""
    kernel = call.ints_attribute("kernel_shape")
    check_window_rank(call, len(kernel))
    return geometry(call, kernel)


def _max_pool(call: Call) -> Result:
    windows = windows_of(call)
    asked = len(call.node.outputs) > 1 and bool(call.node.outputs[1])
    column_major = call.bool_attribute("storage_order")
    if asked and windows.fixed() is None:
        call.refuse("its pads depend on input sizes, so its indices do", "use explicit pads")
    lowest = _lowest(call.dtype())
    x, pads = padded_input(call, call[0], windows, lowest)
    facts: dict[str, Any] = {
        "kernel": windows.kernel,
        "strides": windows.strides,
        "dilations": windows.dilations,
        "pads": pads,
        "ceil_mode": call.bool_attribute("ceil_mode"),
    }
    result = call.result("max_pool", x, **facts)
    if not asked:
        return result
    return result, call.result("max_pool_places", x, output=1, column_major=column_major, **facts)


def _lowest(dtype: DType) -> float:
    if dtype.is_float:
        return -math.inf
    return -(1 << (dtype.bits - 1)) if dtype.is_signed else 0


def _max_unpool(call: Call) -> Value:
    """Each element where its index says; what an output shape adds lies behind each axis."""
    x, kernel = call[0], call.ints_attribute("kernel_shape")
    check_window_rank(call, len(kernel))
    windows = geometry(call, kernel)
    pads = windows.fixed()
    if pads is None:
        call.refuse("its pads depend on input sizes", "use explicit pads")
    rank = len(kernel)
    sizes = [
        (size - 1) * windows.strides[k] + (kernel[k] - pads[k] - pads[rank + k])
        for k, size in enumerate(x.shape[2:])
    ]
    shape = (*x.shape[:2], *sizes)
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


def _average_pool(call: Call) -> Value:
    return averaged(call, call[0], call.bool_attribute("count_include_pad"), final=True)


def averaged(call: Call, x: Value, include: bool, final: bool) -> Value:
    """The mean of each window over `x`; `include` counts pads, `final` says it is the result."""
    windows = windows_of(call)
    pads = windows.fixed()
    if pads is None:
        if not include:
            call.refuse("its pads depend on input sizes, so its divisors do", "use explicit pads")
        x, pads = padded_input(call, x, windows, 0.0)
    make = call.result if final else call.make
    return make(
        "average_pool",
        x,
        kernel=windows.kernel,
        strides=windows.strides,
        dilations=windows.dilations,
        pads=pads,
        ceil_mode=call.bool_attribute("ceil_mode"),
        count_include_pad=include,
    )


def _lp_pool(call: Call) -> Value:
    """The p-norm of each window: the root of the mean of powers times the window's size."""
    order = _order(call)
    powers = call.make("pow", call.make("abs", call[0]), float(order))
    mean = _mean_of_whole_windows(call, powers)
    total = call.make("mul", mean, float(math.prod(call.ints_attribute("kernel_shape"))))
    return call.result("pow", total, 1.0 / order)


def _mean_of_whole_windows(call: Call, x: Value) -> Value:
    """The mean over each window and its pads; a last window that is not whole is filled up."""
    pads = windows_of(call).fixed()
    if pads is None or not call.bool_attribute("ceil_mode"):
        return averaged(call, x, True, final=False)
    windows = windows_of(call)
    rank = len(windows.kernel)
    more = (high + step - 1 for high, step in zip(pads[rank:], windows.strides, strict=True))
    facts = (windows.kernel, windows.strides, windows.dilations)
    made = call.make(
        "average_pool",
        x,
        kernel=windows.kernel,
        strides=windows.strides,
        dilations=windows.dilations,
        pads=(*pads[:rank], *more),
        ceil_mode=False,
        count_include_pad=True,
    )
    counts = Windows(*facts, pads, ceil_mode=True).counts(Require(call.label), x.shape[2:])
    if counts == made.shape[2:]:
        return made
    ends = (*x.shape[:2], *counts)
    return call.make("slice", made, starts=(0,) * x.rank, ends=ends, steps=(1,) * x.rank)


def _order(call: Call) -> int:
    order = call.int_attribute("p", 2)
    if order < 1:
        call.fail(f"attribute 'p' is {order}", "it must be at least 1")
    return order


def over_image(op: str) -> Read:
    """The mapping of a global pool to a reduction over all spatial axes."""

    def read(call: Call) -> Value:
        axes = tuple(range(2, call.rank()))
        return call.result(op, call[0], axes=axes, keep_dims=True)

    return read


def _global_lp_pool(call: Call) -> Value:
    order = _order(call)
    powers = call.make("pow", call.make("abs", call[0]), float(order))
    axes = tuple(range(2, call.rank()))
    total = call.make("reduce_sum", powers, axes=axes, keep_dims=True)
    return call.result("pow", total, 1.0 / order)


OPERATORS = (
    Operator("MaxPool", _max_pool),
    Operator("MaxUnpool", _max_unpool),
    Operator("AveragePool", _average_pool),
    Operator("LpPool", _lp_pool),
    Operator("GlobalAveragePool", over_image("reduce_mean")),
    Operator("GlobalMaxPool", over_image("reduce_max")),
    Operator("GlobalLpPool", _global_lp_pool),
)
