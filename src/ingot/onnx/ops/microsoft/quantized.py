# SPDX-License-Identifier: Apache-2.0
"""The quantized operators of the com.microsoft domain: real ones between a pair of conversions."""

from __future__ import annotations

from collections.abc import Callable

from ingot.dims import product
from ingot.dtypes import FLOAT32, UINT8
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Read, Result
from ingot.onnx.ops.convolution import padded_input
from ingot.onnx.ops.maxima import lowest
from ingot.onnx.ops.microsoft.attention import attend_projected
from ingot.onnx.ops.microsoft.domain import operator
from ingot.onnx.ops.pooling import averaged, windows_of
from ingot.onnx.ops.quantization import (
    biased,
    convolved,
    dequantize,
    quantize,
    quantized,
    range_of,
    real,
)

Function = Callable[[Call, Value], Value]


def _unary(function: Function) -> Read:
    """Inputs: x with its scale and zero point, then scale and zero point of the result."""

    def read(call: Call) -> Value:
        return quantized(call, function(call, real(call, 0, 1, 2)), 3, 4)

    return read


def _binary(op: str) -> Read:
    """Inputs: a and b with scale and zero point each, then those of the result."""

    def read(call: Call) -> Value:
        made = call.make(op, real(call, 0, 1, 2), real(call, 3, 4, 5))
        return quantized(call, made, 6, 7)

    return read


def _sigmoid(call: Call, x: Value) -> Value:
    return call.make("sigmoid", x)


def _leaky_relu(call: Call, x: Value) -> Value:
    return call.make("leaky_relu", x, alpha=call.float_attribute("alpha", 0.01))


def _softmax(call: Call, x: Value) -> Value:
    """Before opset 13 the axes from `axis` on were one."""
    axis = call.axis(call.int_attribute("axis", -1), x.rank)
    if call.int_attribute("opset") >= 13:
        return call.make("softmax", x, axis=axis)
    flat = (product(x.shape[:axis]), product(x.shape[axis:]))
    rows = call.make("softmax", call.make("reshape", x, shape=flat), axis=1)
    return call.make("reshape", rows, shape=x.shape)


def _reduce_mean(call: Call, x: Value) -> Value:
    axes = call.axes(call.ints_attribute("axes", tuple(range(x.rank))), x.rank)
    return call.make("reduce_mean", x, axes=axes, keep_dims=call.bool_attribute("keepdims", True))


# Channels last.


def _channels_first(call: Call, x: Value) -> Value:
    return call.make("transpose", x, permutation=(0, x.rank - 1, *range(1, x.rank - 1)))


def _channels_last(call: Call, x: Value) -> Value:
    return call.make("transpose", x, permutation=(0, *range(2, x.rank), 1))


def _either_order(function: Function) -> Function:
    """The function over channels first, whichever order the call has."""

    def apply(call: Call, x: Value) -> Value:
        if not call.bool_attribute("channels_last"):
            return function(call, x)
        return _channels_last(call, function(call, _channels_first(call, x)))

    return apply


def _average_pool(call: Call, x: Value) -> Value:
    return averaged(call, x, call.bool_attribute("count_include_pad"), final=False)


def _global_average_pool(call: Call, x: Value) -> Value:
    return call.make("reduce_mean", x, axes=tuple(range(2, x.rank)), keep_dims=True)


def _conv(call: Call) -> Value:
    made = _either_order(convolved)(call, real(call, 0, 1, 2))
    axis = made.rank - 1 if call.bool_attribute("channels_last") else 1
    return quantized(call, made, 6, 7, axis)


def _max_pool(call: Call) -> Value:
    x = _channels_first(call, call[0])
    windows = windows_of(call, x.shape[2:])
    x, pads = padded_input(call, x, windows, lowest(x.dtype))
    pooled = call.make(
        "max_pool",
        x,
        kernel=windows.kernel,
        strides=windows.strides,
        dilations=windows.dilations,
        pads=pads,
        ceil_mode=call.bool_attribute("ceil_mode"),
    )
    return call.result("transpose", pooled, permutation=(0, *range(2, x.rank), 1))


# Joined, chosen.


def _concat(call: Call) -> Value:
    """Inputs: scale and zero point of the result, then a triple for each part."""
    parts = [real(call, at, at + 1, at + 2) for at in range(2, len(call), 3)]
    axis = call.axis(call.int_attribute("axis"), parts[0].rank)
    made = call.make("concat", *parts, axis=axis)
    return call.result("quantize", made, call[0], call[1], to=call.dtype(1))


def _where(call: Call) -> Value:
    chosen = call.make("where", call[0], real(call, 1, 2, 3), real(call, 4, 5, 6))
    return quantized(call, chosen, 7, 8)


# Products.


def _gemm(call: Call) -> Value:
    """alpha · A' · B' + C, as real numbers where no scale of the result is given."""
    turned = call.bool_attribute("transA"), call.bool_attribute("transB")
    factors = real(call, 0, 1, 2), real(call, 3, 4, 5, axis=0 if turned[1] else 1)
    left, right = (
        call.make("transpose", factor, permutation=(1, 0)) if turn else factor
        for factor, turn in zip(factors, turned, strict=True)
    )
    total = call.make("matmul", left, right)
    if call.has(6):
        total = call.make("add", total, biased(call, 6, 1, 4))
    alpha = call.float_attribute("alpha", 1.0)
    if not call.has(7):
        return call.result("mul", total, alpha)
    return quantized(call, total if alpha == 1.0 else call.make("mul", total, alpha), 7, 8)


def _to_float(call: Call) -> Value:
    """MatMulIntegerToFloat."""
    made = real(call, 0, 2, 4, axis=-2), real(call, 1, 3, 5, axis=-1)
    return _summed(call, *made, bias=6)


def _dynamic_matmul(call: Call) -> Value:
    """The left operand is quantized by its own range."""
    scale, zero = range_of(call, call[0])
    codes = call.make("quantize", call[0], scale, zero, to=UINT8)
    left = call.make("dequantize", codes, scale, zero, to=FLOAT32)
    return _summed(call, left, real(call, 1, 2, 3, axis=-1), bias=4)


def _attention(call: Call) -> Result:
    """QAttention: the projection is a product of bytes, attention over it is real."""
    product = call.make("matmul", real(call, 0, 3, 6), real(call, 1, 4, 7, axis=-1))
    total = call.make("add", product, call[2])
    return attend_projected(call, total, mask=5, past=8, added=9)


def _summed(call: Call, left: Value, right: Value, bias: int) -> Value:
    if not call.has(bias):
        return call.result("matmul", left, right)
    return call.result("add", call.make("matmul", left, right), call[bias])


_READS = {
    "QuantizeLinear": quantize,
    "DequantizeLinear": dequantize,
    "QLinearSigmoid": _unary(_sigmoid),
    "QLinearLeakyRelu": _unary(_leaky_relu),
    "QLinearSoftmax": _unary(_softmax),
    "QLinearReduceMean": _unary(_reduce_mean),
    "QLinearAveragePool": _unary(_either_order(_average_pool)),
    "QLinearGlobalAveragePool": _unary(_either_order(_global_average_pool)),
    "QLinearAdd": _binary("add"),
    "QLinearMul": _binary("mul"),
    "QLinearConcat": _concat,
    "QLinearWhere": _where,
    "QLinearConv": _conv,
    "NhwcMaxPool": _max_pool,
    "QGemm": _gemm,
    "MatMulIntegerToFloat": _to_float,
    "DynamicQuantizeMatMul": _dynamic_matmul,
}
OPERATORS = (
    *(operator(name, read) for name, read in _READS.items()),
    operator("QAttention", _attention, "mask_filter_value"),
)
