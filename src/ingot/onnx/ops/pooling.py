# SPDX-License-Identifier: Apache-2.0
"""Pools over windows, and over whole images."""

from __future__ import annotations

import math

from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Read
from ingot.onnx.ops.convolution import Geometry, check_window_rank, geometry, padded_input


def _windows(call: Call) -> Geometry:
    kernel = call.ints_attribute("kernel_shape")
    check_window_rank(call, len(kernel))
    return geometry(call, kernel)


def _max_pool(call: Call) -> Value:
    if len(call.node.outputs) > 1 and call.node.outputs[1]:
        call.refuse("the indices of the winners are asked for", "use its first output only")
    windows = _windows(call)
    lowest = -math.inf if call.dtype().is_float else 0.0
    if not call.dtype().is_float and windows.fixed() is None:
        call.refuse("an integer pool has pads that depend on input sizes")
    x, pads = padded_input(call, call[0], windows, lowest)
    return call.result(
        "max_pool",
        x,
        kernel=windows.kernel,
        strides=windows.strides,
        dilations=windows.dilations,
        pads=pads,
        ceil_mode=call.bool_attribute("ceil_mode"),
    )


def _average_pool(call: Call) -> Value:
    return _averaged(call, call[0], call.bool_attribute("count_include_pad"), final=True)


def _averaged(call: Call, x: Value, include: bool, final: bool) -> Value:
    windows = _windows(call)
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
    mean = _averaged(call, powers, True, final=False)
    total = call.make("mul", mean, float(math.prod(call.ints_attribute("kernel_shape"))))
    return call.result("pow", total, 1.0 / order)


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
    Operator("MaxPool", _max_pool, ignores=("storage_order",)),
    Operator("AveragePool", _average_pool),
    Operator("LpPool", _lp_pool),
    Operator("GlobalAveragePool", over_image("reduce_mean")),
    Operator("GlobalMaxPool", over_image("reduce_max")),
    Operator("GlobalLpPool", _global_lp_pool),
)
