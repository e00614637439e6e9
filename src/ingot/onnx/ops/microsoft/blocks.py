# SPDX-License-Identifier: Apache-2.0
"""Weights of few bits in blocks: products with them, and rows looked up in them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ingot.dims import Dim, ceil_div
from ingot.dtypes import UINT8, DType
from ingot.ir.graph import Value
from ingot.onnx.attributes import REPORT
from ingot.onnx.call import Call
from ingot.onnx.ops.microsoft.domain import operator

WIDTHS = (2, 4, 8)


def _matmul(call: Call) -> Value:
    """A · B', B being codes with a scale and a zero point a block."""
    bits, block = call.int_attribute("bits", 4), call.int_attribute("block_size")
    columns, depth = call.int_attribute("N"), call.int_attribute("K")
    _check_form(call, bits)
    blocks = -(-depth // block)
    codes = call.make("reshape", call[1], shape=(columns, blocks, block * bits // 8))
    scales = call.make("reshape", _as(call, call[2], call.dtype()), shape=(columns, blocks))
    call.require_equal(call.shape()[-1], depth, "the depth of A and attribute 'K'")
    emit = call.make if call.has(5) else call.result
    result = emit(
        "block_matmul", call[0], codes, scales, _zeros(call, columns, blocks, bits),
        bits=bits, block=block,
    )  # fmt: skip
    return call.result("add", result, call[5]) if call.has(5) else result


def _check_form(call: Call, bits: int) -> None:
    if bits not in WIDTHS:
        call.refuse(f"weights of {bits} bits are not supported", "use 2, 4 or 8 bits")
    if call.int_attribute("weight_prepacked", 0) or call.has(4):
        call.refuse("its weights are packed for one device, or reordered", REPORT)
    if 0 in call.shape(1):
        call.refuse("its weights are left out", REPORT)


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
    return _narrowed(call, unpacked(call, rows, bits), blocks)


def unpacked(call: Call, packed: Value, bits: int) -> Value:
    """The codes of each byte along the last axis, lowest bits first, a byte each."""
    if bits == 8:
        return packed
    each = 8 // bits
    steps = call.constant(np.array(range(0, 8, bits), np.uint8))
    wide = call.make("reshape", packed, shape=(*packed.shape, 1))
    parts = call.make("bitwise_and", call.make("shift_right", wide, steps), (1 << bits) - 1)
    return call.make("reshape", parts, shape=(*packed.shape[:-1], packed.shape[-1] * each))


def _narrowed(call: Call, value: Value, width: Dim) -> Value:
    """The first `width` elements of the last axis."""
    if value.shape[-1] == width:
        return value
    ends = (*value.shape[:-1], width)
    return call.make("slice", value, starts=(0,) * value.rank, ends=ends, steps=(1,) * value.rank)


def _gather(call: Call) -> Value:
    """Rows chosen by indices, made real numbers after they are found."""
    data, scales = call[0], call[2]
    if data.dtype.is_float:
        call.refuse("its data are narrow floats", REPORT)
    rank = data.rank
    axis = call.axis(call.int_attribute("gather_axis", 0), rank, "gather_axis")
    split = call.axis(call.int_attribute("quantize_axis", 1), rank, "quantize_axis")
    block = call.int_attribute("block_size", 128)
    if axis == split:
        call.refuse("it gathers along the axis of its blocks", REPORT)
    indices = call[1]
    codes = call.make("gather", data, indices, axis=axis)
    chosen = call.make("gather", scales, indices, axis=axis)
    zeros = call.make("gather", call[3], indices, axis=axis) if call.has(3) else None
    middle = 0
    if data.dtype == UINT8:
        bits = call.int_attribute("bits", 4)
        codes = unpacked(call, codes, bits)
        middle = 1 << (bits - 1)
        if zeros is not None:
            zeros = _narrowed(call, unpacked(call, zeros, bits), chosen.shape[-1])
    place = split if split < axis else split + indices.rank - 1
    return _real(call, codes, chosen, zeros, middle, place, block)


def _real(
    call: Call, codes: Value, scales: Value, zeros: Value | None, middle: int, axis: int, block: int
) -> Value:
    """(code - zero) · scale, with scales spread over the blocks of an axis."""
    target = scales.dtype
    size = codes.shape[axis]

    def spread(value: Value) -> Value:
        shape = value.shape
        apart = call.make("reshape", value, shape=(*shape[: axis + 1], 1, *shape[axis + 1 :]))
        wide = (*shape[: axis + 1], block, *shape[axis + 1 :])
        joined = (*shape[:axis], shape[axis] * block, *shape[axis + 1 :])
        whole = call.make("reshape", call.make("expand", apart, shape=wide), shape=joined)
        ends = (*joined[:axis], size, *joined[axis + 1 :])
        steps: dict[str, Any] = {"starts": (0,) * len(joined), "steps": (1,) * len(joined)}
        return call.make("slice", whole, ends=ends, **steps)

    levels = call.make("cast", codes, to=target)
    if zeros is not None:
        levels = call.make("sub", levels, spread(call.make("cast", zeros, to=target)))
    elif middle:
        levels = call.make("sub", levels, float(middle))
    return call.result("mul", levels, spread(scales))


OPERATORS = (
    operator("MatMulNBits", _matmul, "accuracy_level"),
    operator("GatherBlockQuantized", _gather),
)
