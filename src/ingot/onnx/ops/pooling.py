# SPDX-License-Identifier: Apache-2.0
"""Means and norms of windows, and pools over whole images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, FLOAT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Read
from ingot.onnx.ops.arithmetic import converted
from ingot.onnx.ops.convolution import Geometry, check_window_rank, geometry, padded_input
from ingot.ops.require import Require
from ingot.ops.window import Windows


def windows_of(call: Call, spatial: Sequence[Dim] | None = None) -> Geometry:
    """The windows of a pool over `spatial` sizes, or those of the call's first input."""
    kernel = call.ints_attribute("kernel_shape")
    check_window_rank(call, len(kernel))
    return geometry(call, kernel, spatial)


def facts_of(call: Call, windows: Geometry, pads: Sequence[int]) -> dict[str, Any]:
    """The attributes of a pool's record."""
    return {
        "kernel": windows.kernel,
        "strides": windows.strides,
        "dilations": windows.dilations,
        "pads": pads,
        "ceil_mode": call.bool_attribute("ceil_mode"),
    }


def _average_pool(call: Call) -> Value:
    return averaged(call, call[0], call.bool_attribute("count_include_pad"), final=True)


def averaged(call: Call, x: Value, include: bool, final: bool) -> Value:
    """The mean of each window over `x`; `include` counts pads, `final` says it is the result."""
    windows = windows_of(call, x.shape[2:])
    padded, pads = padded_input(call, x, windows, 0.0)
    facts = facts_of(call, windows, pads)
    make = call.result if final else call.make
    if include or all(isinstance(pad, int) for pad in windows.pads):
        return make("average_pool", padded, count_include_pad=include, **facts)
    return _without_pads(call, x, padded, windows, facts, final)


def _without_pads(
    call: Call, x: Value, padded: Value, windows: Geometry, facts: dict[str, Any], final: bool
) -> Value:
    """The mean that counts written pads, over the part of each window that holds no pads."""
    wide = x.dtype if x.dtype in (FLOAT32, FLOAT64) else FLOAT32
    ones = call.make("expand", call.constant(1.0, wide), shape=(1, 1, *x.shape[2:]))
    mask, _ = padded_input(call, ones, windows, 0.0)
    total, part = (
        call.make("average_pool", converted(call, value, wide), count_include_pad=True, **facts)
        for value in (padded, mask)
    )
    # A window of nothing but pads has the mean 0: what is least is below every other part.
    part = call.make("maximum", part, 0.5 / math.prod(windows.kernel))
    if wide == x.dtype:
        return (call.result if final else call.make)("div", total, part)
    return (call.result if final else call.make)("cast", call.make("div", total, part), to=x.dtype)


def _lp_pool(call: Call) -> Value:
    """The p-norm of each window: the root of the mean of powers times the window's size."""
    order = _order(call)
    powers = call.make("pow", call.make("abs", call[0]), float(order))
    mean = _mean_of_whole_windows(call, powers)
    total = call.make("mul", mean, float(math.prod(call.ints_attribute("kernel_shape"))))
    return call.result("pow", total, 1.0 / order)


def _mean_of_whole_windows(call: Call, x: Value) -> Value:
    """The mean over each window and its pads; a last window that is not whole is filled up."""
    windows = windows_of(call)
    if not call.bool_attribute("ceil_mode"):
        return averaged(call, x, True, final=False)
    x, pads = padded_input(call, x, windows, 0.0)
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
    Operator("AveragePool", _average_pool),
    Operator("LpPool", _lp_pool),
    Operator("GlobalAveragePool", over_image("reduce_mean")),
    Operator("GlobalMaxPool", over_image("reduce_max")),
    Operator("GlobalLpPool", _global_lp_pool),
)
