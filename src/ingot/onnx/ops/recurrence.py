# SPDX-License-Identifier: Apache-2.0
"""Operators that carry a state from token to token: linear attention, causal convolutions."""

from __future__ import annotations

from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Result
from ingot.onnx.ops.heads import join_heads, split_heads

RULES = ("linear", "gated", "delta", "gated_delta")


def _linear_attention(call: Call) -> Result:
    heads, kept = call.int_attribute("q_num_heads"), call.int_attribute("kv_num_heads")
    rule = call.choice_attribute("update_rule", "gated_delta", RULES)
    q, k, v = (
        split_heads(call, call[index], count, what)
        for index, count, what in ((0, heads, "the query"), (1, kept, "the key"),
                                   (2, kept, "the value"))
    )  # fmt: skip
    depth = call.integer(q.shape[-1], "the depth of a head")
    scale = call.float_attribute("scale", 0.0) or max(depth, 1) ** -0.5
    decay = _rates(call, 4, kept, depth) if "gated" in rule else None
    beta = _rates(call, 5, kept, 1) if "delta" in rule else None
    y, present = call.results(
        "linear_attention", q, k, v, call.get(3), decay, beta,
        outputs=(None, 1), rule=rule, scale=scale,
    )  # fmt: skip
    return join_heads(call, y), present


def _rates(call: Call, index: int, heads: int, depth: int) -> Value:
    """Rates (batch, length, n) as (batch, heads or 1, length, 1 or depth)."""
    rates = call[index]
    if rates.rank != 3:
        call.fail(f"input {index} has rank {rates.rank}", "it must be 3")
    width = rates.shape[-1]
    if width in (1, heads):
        count = 1 if width == 1 else heads
    elif width == heads * depth:
        count = heads
    else:
        call.fail(f"input {index} is {width} wide", f"it must be {heads} or {heads * depth}")
    return split_heads(call, rates, count, f"input {index}")


def _causal_conv(call: Call) -> Result:
    """A depthwise convolution over what was and what comes, and the end of it as the new past."""
    x, weight = call[0], call[1]
    for value, what in ((x, "the input"), (weight, "the weight"), (call.get(3), "the past")):
        if value is not None and value.rank != 3:
            call.fail(f"{what} has rank {value.rank}", "it must be 3")
    batch, channels, length = x.shape
    reach = weight.shape[-1] - 1
    past = call.get(3)
    if past is not None:
        call.require_equal(past.shape[-1], reach, "the past's length and what the weight reaches")
    if past is None:
        zero = call.make("reshape", call.constant(0.0, x.dtype), shape=(1, 1, 1))
        past = call.make("expand", zero, shape=(batch, channels, reach))
    whole = call.make("concat", past, x, axis=2)
    count = call.integer(channels, "the number of channels")
    name = call.choice_attribute("activation", "none", ("none", "silu", "swish"))
    emit = call.result if name == "none" else call.make
    y = emit(
        "conv", whole, weight, call.get(2), strides=(1,), dilations=(1,), pads=(0, 0), group=count
    )
    if name != "none":
        y = call.result("silu", y)
    present = call.result(
        "slice", whole, output=1, starts=(0, 0, length), ends=(batch, channels, length + reach),
        steps=(1, 1, 1),
    )  # fmt: skip
    return y, present


OPERATORS = (
    Operator("LinearAttention", _linear_attention, ignores=("chunk_size",)),
    Operator("CausalConvWithState", _causal_conv),
)
