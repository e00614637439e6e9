# SPDX-License-Identifier: Apache-2.0
"""Normalisations with a residual in front, over groups, and of embeddings."""

from __future__ import annotations

from ingot.dtypes import FLOAT32, INT32, INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Result
from ingot.onnx.ops.heads import sequence
from ingot.onnx.ops.microsoft.domain import operator

SUM_OUTPUT = 3


def _wanted(call: Call, output: int) -> bool:
    outputs = call.node.outputs
    return output < len(outputs) and bool(outputs[output])


def _residual(call: Call, bias: int) -> Value:
    """Input + skip + bias; the sum has a name where it is asked for."""
    x = call[0]
    skip = _skip(call, x)
    last = call.result if _wanted(call, SUM_OUTPUT) else call.make
    if not call.has(bias):
        return _sum(call, last is call.result, x, skip)
    return _sum(call, last is call.result, call.make("add", x, skip), call[bias])


def _sum(call: Call, named: bool, a: Value, b: Value) -> Value:
    return call.result("add", a, b, output=SUM_OUTPUT) if named else call.make("add", a, b)


def _skip(call: Call, x: Value) -> Value:
    return call[1]


def _skip_layer_norm(call: Call) -> Result:
    epsilon = call.float_attribute("epsilon", 1e-12)
    total = _residual(call, 4)
    axis = total.rank - 1
    y = call.result("layer_norm", total, call[2], call.get(3), axis=axis, epsilon=epsilon)
    return y, None, None, total


def _skip_rms_norm(call: Call) -> Result:
    epsilon = call.float_attribute("epsilon", 1e-12)
    total = _residual(call, 3)
    y = call.result("rms_norm", total, call[2], axis=total.rank - 1, epsilon=epsilon)
    return y, None, None, total


def _rms_norm(call: Call) -> Result:
    """x over its root mean square · scale; the optional output is the reciprocal of the root."""
    axis = call.axis(call.int_attribute("axis", -1), call.rank())
    epsilon = call.float_attribute("epsilon", 1e-5)
    x, scale = call[0], call[1]
    if scale.dtype != x.dtype:
        x = call.make("cast", x, to=scale.dtype)
    y = call.result("rms_norm", x, scale, axis=axis, epsilon=epsilon)
    if not _wanted(call, 1):
        return y
    wide = x if x.dtype == FLOAT32 else call.make("cast", x, to=FLOAT32)
    axes = tuple(range(axis, call.rank()))
    mean = call.make("reduce_mean", call.make("mul", wide, wide), axes=axes, keep_dims=True)
    return y, call.result("rsqrt", call.make("add", mean, epsilon), output=1)


def _group_norm(call: Call) -> Value:
    return _grouped(call, call[0], call[1], call[2])


def _skip_group_norm(call: Call) -> Result:
    """Group norm of x + skip + bias; the sum is an optional output."""
    x, skip = call[0], call[3]
    last = call.bool_attribute("channels_last", True)
    if skip.rank == 2:
        batch, channels = skip.shape
        ones = (1,) * (x.rank - 2)
        shape = (batch, *ones, channels) if last else (batch, channels, *ones)
        skip = call.make("reshape", skip, shape=shape)
    total = call.make("add", x, skip)
    if call.has(4):
        bias = (
            call[4]
            if last
            else call.make("reshape", call[4], shape=(*call.shape(4), *[1] * (x.rank - 2)))
        )
        total = call.make("add", total, bias)
    y = _grouped(call, total, call[1], call[2])
    return y, call.result("identity", total, output=1) if _wanted(call, 1) else None


def _grouped(call: Call, x: Value, scale: Value, bias: Value) -> Value:
    """Group norm in the layout of the call, with its activation."""
    groups, epsilon = call.int_attribute("groups"), call.float_attribute("epsilon", 1e-5)
    activation = call.int_attribute("activation")
    last = call.bool_attribute("channels_last", True)
    rank = x.rank
    image = call.make("transpose", x, permutation=(0, rank - 1, *range(1, rank - 1))) if last else x
    parts = [part if part.dtype == x.dtype else call.make("cast", part, to=x.dtype)
             for part in (scale, bias)]  # fmt: skip
    y = call.make("group_norm", image, *parts, epsilon=epsilon, groups=groups)
    y = call.make("silu", y) if activation else y
    if not last:
        return call.result("identity", y)
    return call.result("transpose", y, permutation=(0, *range(2, rank), 1))


def _embed(call: Call) -> Result:
    """Words + positions + segments, normalised; the length of each row of the mask."""
    ids = call[0]
    batch, length = ids.shape
    words = call.make("gather", call[2], ids, axis=0)
    places = call[8] if call.has(8) else sequence(call, length, (1, length))
    total = call.make("add", words, call.make("gather", call[3], places, axis=0))
    if call.has(1):
        total = call.make("add", total, call.make("gather", call[4], call[1], axis=0))
    epsilon = call.float_attribute("epsilon", 1e-12)
    y = call.result("layer_norm", total, call[5], call[6], axis=2, epsilon=epsilon)
    shown = call.result("identity", total, output=2) if _wanted(call, 2) else None
    return y, _mask_index(call, batch) if _wanted(call, 1) else None, shown


def _mask_index(call: Call, batch: object) -> Value:
    """How many words of each row the mask shows: the place of its first 0."""
    if not call.has(7):
        zero = call.constant(0, INT32)
        return call.result("expand", call.make("reshape", zero, shape=(1,)), output=1,
                           shape=call.shape()[:1])  # fmt: skip
    mask = call[7] if call.dtype(7) == INT64 else call.make("cast", call[7], to=INT64)
    hidden = call.make("equal", mask, call.constant(0, INT64))
    length = mask.shape[1]
    places = sequence(call, length, (1, length))
    end = call.make("sizes", values=(length,))
    first = call.make("reduce_min", call.make("where", hidden, places, end), axes=(1,),
                      keep_dims=False)  # fmt: skip
    return call.result("cast", first, output=1, to=INT32)


STATISTICS = ("mask_index_type",)

OPERATORS = (
    operator("SkipLayerNormalization", _skip_layer_norm),
    operator("SkipSimplifiedLayerNormalization", _skip_rms_norm),
    operator("SimplifiedLayerNormalization", _rms_norm, "stash_type"),
    Operator("SimplifiedLayerNormalization", _rms_norm, ignores=("stash_type",)),
    operator("GroupNorm", _group_norm),
    operator("SkipGroupNorm", _skip_group_norm),
    operator("EmbedLayerNormalization", _embed, *STATISTICS),
)
