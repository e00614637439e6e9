# SPDX-License-Identifier: Apache-2.0
"""Attention over whole heads. Forms beyond the core op are left to ONNX's own function body."""

from __future__ import annotations

import math

from ingot.dtypes import BOOL
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Result

MASK, PAST_KEY, PAST_VALUE, LENGTHS = 3, 4, 5, 6
SCORES_OUTPUT = 3
WINDOWS = ("left_window_size", "right_window_size")


def _attention(call: Call) -> Result:
    _check_form(call)
    heads = "q_num_heads", "kv_num_heads", "kv_num_heads"
    q, k, v = (_heads(call, index, name) for index, name in enumerate(heads))
    k, v = _joined(call, k, PAST_KEY, 1), _joined(call, v, PAST_VALUE, 2)
    depth = q.shape[-1]
    if not isinstance(depth, int) or not _fixed_heads(q, k):
        call.defer()
    scale = call.float_attribute("scale", 1.0 / math.sqrt(max(depth, 1)))
    causal = call.bool_attribute("is_causal")
    mask = _mask(call, k)
    flat = call.rank() == 3
    make = call.make if flat else call.result
    result = make("attention", q, k, v, mask, scale=scale, causal=causal)
    if flat:
        batch, count, length, width = result.shape
        rows = call.make("transpose", result, permutation=(0, 2, 1, 3))
        result = call.result("reshape", rows, shape=(batch, length, count * width))
    return result, k, v


def _check_form(call: Call) -> None:
    """Defer what the core op does not say: soft caps, lengths, a look at the scores."""
    outputs = call.node.outputs
    looks = len(outputs) > SCORES_OUTPUT and outputs[SCORES_OUTPUT]
    causal_past = call.bool_attribute("is_causal") and call.has(PAST_KEY)
    windows = [call.int_attribute(name, -1) for name in WINDOWS]
    if (
        max(windows) >= 0
        or call.float_attribute("softcap", 0.0)
        or looks
        or call.has(LENGTHS)
        or causal_past
    ):
        call.defer()


def _heads(call: Call, index: int, name: str) -> Value:
    """An input as (batch, heads, length, depth)."""
    if call.rank(index) == 4:
        return call[index]
    if call.rank(index) != 3:
        call.fail(f"input {index} has rank {call.rank(index)}", "it must be 3 or 4")
    batch, length, width = call.shape(index)
    count = call.int_attribute(name)
    if count < 1 or (isinstance(width, int) and width % count):
        call.fail(f"attribute '{name}' is {count}, input {index} is {width} wide", "correct it")
    shape = (batch, length, count, width // count)
    apart = call.make("reshape", call[index], shape=shape)
    return call.make("transpose", apart, permutation=(0, 2, 1, 3))


def _joined(call: Call, value: Value, past: int, output: int) -> Value:
    """Keys or values after those of the past, where there are any."""
    if not call.has(past):
        return value
    return call.result("concat", call[past], value, output=output, axis=2)


def _fixed_heads(q: Value, k: Value) -> bool:
    return q.shape[1] == k.shape[1] or (isinstance(q.shape[1], int) and isinstance(k.shape[1], int))


def _mask(call: Call, k: Value) -> Value | None:
    mask = call.get(MASK)
    if mask is None:
        return None
    if mask.shape[-1:] not in (k.shape[2:3], (1,)):
        call.defer()
    if mask.dtype != BOOL and mask.dtype != call.dtype():
        return call.make("cast", mask, to=call.dtype())
    return mask


IGNORED = ("softmax_precision", "qk_matmul_output_mode", "q_num_heads", "kv_num_heads")

OPERATORS = (Operator("Attention", _attention, ignores=IGNORED),)
