# SPDX-License-Identifier: Apache-2.0
"""Rotary position embedding, in the forms of ONNX and of the com.microsoft domain."""

from __future__ import annotations

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator
from ingot.onnx.ops.heads import join_heads, sequence, split_heads

MICROSOFT = "com.microsoft"


def turned(call: Call, x: Value, cos: Value, sin: Value, woven: bool, named: bool = True) -> Value:
    """x (batch, heads, length, depth) turned by angles (batch or 1, 1, length, pairs)."""
    emit = call.result if named else call.make
    angles = [part if part.dtype == x.dtype else call.make("cast", part, to=x.dtype)
              for part in (cos, sin)]  # fmt: skip
    return emit("rotary", x, *angles, interleaved=woven)


def looked_up(call: Call, table: Value, positions: Value) -> Value:
    """Rows of a table (positions, pairs) for (batch, length) positions, with an axis for heads."""
    for value, what in ((table, "a table of angles"), (positions, "the positions")):
        if value.rank != 2:
            call.fail(f"{what} has rank {value.rank}", "it must be 2")
    rows = call.make("gather", table, positions, axis=0)
    batch, length, pairs = rows.shape
    return call.make("reshape", rows, shape=(batch, 1, length, pairs))


def _rotary(call: Call) -> Value:
    """ai.onnx: tables by position, or angles for each token."""
    x = _four_axes(call)
    if call.has(3):
        cos, sin = (looked_up(call, call[index], call[3]) for index in (1, 2))
    else:
        cos, sin = (_with_heads(call, call[index]) for index in (1, 2))
    return _finished(call, x, cos, sin)


def _with_heads(call: Call, angles: Value) -> Value:
    if angles.rank != 3:
        call.fail(f"the cache has rank {angles.rank}", "give position_ids, or one row a token")
    batch, length, pairs = angles.shape
    return call.make("reshape", angles, shape=(batch, 1, length, pairs))


def _microsoft_rotary(call: Call) -> Value:
    """com.microsoft: positions are one start, or one for each token, in packed batches too."""
    scale = call.float_attribute("scale", 1.0)
    if scale != 1.0:
        call.refuse(
            f"attribute 'scale' is {scale}", "export it as 1, what it scales is not defined"
        )
    x = _four_axes(call, depth=call.int_attribute("rotary_embedding_dim", 0))
    positions = call[1]
    if positions.rank == 1:
        positions = call.make("add", sequence(call, x.shape[2], (1, x.shape[2])), _whole(call))
    cos, sin = (looked_up(call, call[index], positions) for index in (2, 3))
    return _finished(call, x, cos, sin)


def _whole(call: Call) -> Value:
    return call[1] if call.dtype(1) == INT64 else call.make("cast", call[1], to=INT64)


def _four_axes(call: Call, depth: int = 0) -> Value:
    """The input as (batch, heads, length, depth)."""
    if call.rank() == 4:
        return call[0]
    heads = call.int_attribute("num_heads", 0)
    if not heads:
        width, table = call.shape()[2], call.shape(2)
        pairs: Dim = table[-1]
        heads = call.integer(width // (depth or 2 * pairs), "the number of heads")
    return split_heads(call, call[0], heads, "the input")


def _finished(call: Call, x: Value, cos: Value, sin: Value) -> Value:
    """The rotation, in the layout of the input; angles beyond those asked for are left out."""
    asked = call.int_attribute("rotary_embedding_dim", 0)
    pairs = cos.shape[-1]
    if asked and pairs != asked // 2:
        call.fail(f"the cache turns {pairs} pairs, {asked} elements are to be turned", "correct it")
    woven = call.bool_attribute("interleaved")
    if call.rank() == 4:
        return turned(call, x, cos, sin, woven)
    return join_heads(call, turned(call, x, cos, sin, woven, named=False))


# Each token has its position, so that it says nothing which tokens are of one sequence.
PACKING = ("num_heads", "is_packed_batching")

OPERATORS = (
    Operator("RotaryEmbedding", _rotary, ignores=("num_heads",)),
    Operator("RotaryEmbedding", _microsoft_rotary, domain=MICROSOFT, ignores=PACKING),
)
