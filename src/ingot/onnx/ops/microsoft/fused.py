# SPDX-License-Identifier: Apache-2.0
"""Convolutions with what follows them, in both layouts, and small forms of standard operators."""

from __future__ import annotations

from ingot.dtypes import BOOL, UINT8
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.ops.convolution import conv
from ingot.onnx.ops.microsoft.activations import activated
from ingot.onnx.ops.microsoft.domain import operator
from ingot.onnx.ops.shape import trilu


def _fused_conv(call: Call) -> Value:
    """Conv, plus the optional residual, through the activation."""
    total = conv(call, finish=False)
    if call.has(3):
        total = call.make("add", total, call[3])
    name = call.text_attribute("activation", "")
    return activated(call, total, name, call.floats_attribute("activation_params", ()))


def _nhwc_conv(call: Call) -> Value:
    """Conv of an image whose channels are last."""
    rank = call.rank()
    turned = call.make("transpose", call[0], permutation=(0, rank - 1, *range(1, rank - 1)))
    total = conv(call.with_input(0, turned), finish=False)
    found = call.make("transpose", total, permutation=(0, *range(2, rank), 1))
    if call.has(3):
        found = call.make("add", found, call[3])
    name = call.text_attribute("activation", "")
    return activated(call, found, name, call.floats_attribute("activation_params", ()))


def _expand_dims(call: Call) -> Value:
    """A new axis of size 1."""
    shape = call.shape()
    axis = call.axis(call.integers(1, "the axis")[0], len(shape) + 1)
    return call.result("reshape", call[0], shape=(*shape[:axis], 1, *shape[axis:]))


def _is_all_finite(call: Call) -> Value:
    """Whether no element of any input is infinite or NaN (or only one of these)."""
    only_nan, only_infinite = (call.bool_attribute(name) for name in ("isnan_only", "isinf_only"))
    if only_nan and only_infinite:
        call.fail("both isnan_only and isinf_only are set", "set one of them at most")
    found: Value | None = None
    for index in range(len(call)):
        bad = _wrong(call, call[index], only_nan, only_infinite)
        found = bad if found is None else call.make("logical_or", found, bad)
    assert found is not None
    return call.result("logical_not", found)


def _wrong(call: Call, value: Value, only_nan: bool, only_infinite: bool) -> Value:
    infinite = call.make("is_inf", value)
    missing = call.make("is_nan", value)
    bad = missing if only_nan else infinite if only_infinite else None
    both = bad if bad is not None else call.make("logical_or", infinite, missing)
    marks = call.make("cast", both, to=UINT8)
    most = call.make("reduce_max", marks, axes=tuple(range(value.rank)), keep_dims=False)
    return call.make("cast", most, to=BOOL)


OPERATORS = (
    operator("FusedConv", _fused_conv),
    operator("NhwcConv", _nhwc_conv),
    operator("NhwcFusedConv", _nhwc_conv),
    operator("ExpandDims", _expand_dims),
    operator("IsAllFinite", _is_all_finite),
    operator("Trilu", trilu),
)
