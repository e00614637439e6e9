# SPDX-License-Identifier: Apache-2.0
"""Products with weights of few bits, in blocks that share a scale."""

from __future__ import annotations

import numpy as np

from ingot.dims import Dim, ceil_div, product
from ingot.dtypes import UINT8, DType
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.ops.microsoft.domain import operator

WIDTHS = (2, 4, 8)


def _matmul(call: Call) -> Value:
    """A · B', B being codes with a scale and a zero point a block."""
    bits, block = call.int_attribute("bits", 4), call.int_attribute("block_size")
    columns, depth = call.int_attribute("N"), call.int_attribute("K")
    _check_form(call, bits)
    call.require_equal(call.shape()[-1], depth, "the depth of A and attribute 'K'")
    if 0 in call.shape(1):
        return _left_out(call, columns)
    blocks = -(-depth // block)
    codes = call.make("reshape", call[1], shape=(columns, blocks, block * bits // 8))
    scales = call.make("reshape", _as(call, call[2], call.dtype()), shape=(columns, blocks))
    zeros = _zeros(call, columns, blocks, bits)
    emit = call.make if call.has(5) else call.result
    if call.has(4):
        result = emit("matmul", call[0], _reordered(call, codes, scales, zeros, bits))
    else:
        result = emit("block_matmul", call[0], codes, scales, zeros, bits=bits, block=block)
    return call.result("add", result, call[5]) if call.has(5) else result


def _check_form(call: Call, bits: int) -> None:
    if bits not in WIDTHS:
        call.refuse(f"weights of {bits} bits are not supported", "use 2, 4 or 8 bits")
    if call.int_attribute("weight_prepacked", 0):
        call.refuse("its weights are packed for one device", "export with weight_prepacked 0")


def _left_out(call: Call, columns: int) -> Value:
    """An empty B stands for a product that is not there: zeros, or the bias."""
    row = call[5] if call.has(5) else call.constant(np.zeros(columns), call.dtype())
    return call.result("expand", row, shape=(*call.shape()[:-1], columns))


def _reordered(call: Call, codes: Value, scales: Value, zeros: Value | None, bits: int) -> Value:
    """The weights as real numbers, where an input says to which block each row belongs."""
    columns, depth = codes.shape[0], call.int_attribute("K")
    levels = unpacked(call, codes, bits)
    count = product(levels.shape[1:])
    levels = narrowed(call, call.make("reshape", levels, shape=(columns, count)), depth)
    levels = call.make("cast", levels, to=scales.dtype)
    if zeros is None:
        shifted = call.make("sub", levels, float(1 << (bits - 1)))
    else:
        points = call.make("gather", _as(call, zeros, scales.dtype), call[4], axis=1)
        shifted = call.make("sub", levels, points)
    weights = call.make("mul", shifted, call.make("gather", scales, call[4], axis=1))
    return call.make("transpose", weights, permutation=(1, 0))


def _as(call: Call, value: Value, dtype: DType) -> Value:
    return value if value.dtype == dtype else call.make("cast", value, to=dtype)


def _zeros(call: Call, columns: int, blocks: int, bits: int) -> Value | None:
    """One zero point a block, unpacked where the model packs them."""
    if not call.has(3):
        return None
    zeros = call[3]
    if zeros.dtype != UINT8:
        return call.make("reshape", zeros, shape=(columns, blocks))
    width = ceil_div(blocks * bits, 8)
    rows = call.make("reshape", zeros, shape=(columns, width))
    return narrowed(call, unpacked(call, rows, bits), blocks)


def unpacked(call: Call, packed: Value, bits: int) -> Value:
    """The codes of each byte along the last axis, lowest bits first, a byte each."""
    if bits == 8:
        return packed
    each = 8 // bits
    steps = call.constant(np.array(range(0, 8, bits), np.uint8))
    wide = call.make("reshape", packed, shape=(*packed.shape, 1))
    parts = call.make("bitwise_and", call.make("shift_right", wide, steps), (1 << bits) - 1)
    return call.make("reshape", parts, shape=(*packed.shape[:-1], packed.shape[-1] * each))


def narrowed(call: Call, value: Value, width: Dim) -> Value:
    """The first `width` elements of the last axis."""
    if value.shape[-1] == width:
        return value
    ends = (*value.shape[:-1], width)
    return call.make("slice", value, starts=(0,) * value.rank, ends=ends, steps=(1,) * value.rank)


OPERATORS = (operator("MatMulNBits", _matmul, "accuracy_level"),)
