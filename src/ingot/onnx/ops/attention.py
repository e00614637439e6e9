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
    depth = _checked_depth(call, q, k)
    k, v = _joined(call, k, PAST_KEY, 1), _joined(call, v, PAST_VALUE, 2)
    scale = call.float_attribute("scale", 1.0 / math.sqrt(max(depth, 1)))
    causal = call.bool_attribute("is_causal")
    make = call.make if call.rank() == 3 else call.result
    result = make("attention", q, k, v, _mask(call), scale=scale, causal=causal)
    if call.rank() == 3:
        batch, count, length, width = result.shape
        rows = call.make("transpose", result, permutation=(0, 2, 1, 3))
        result = call.result("reshape", rows, shape=(batch, length, count * width))
    return result, k, v


def _check_form(call: Call) -> None:
    """Defer what the core op does not say: soft caps, windows, lengths, a look at the scores."""
    outputs = call.node.outputs
    looks = len(outputs) > SCORES_OUTPUT and outputs[SCORES_OUTPUT]
    windows = [call.int_attribute(name, -1) for name in WINDOWS]
    causal_past = call.bool_attribute("is_causal") and call.has(PAST_KEY)
    half_past = call.has(PAST_KEY) != call.has(PAST_VALUE)
    unsaid = max(windows) >= 0 or call.float_attribute("softcap", 0.0) or call.has(LENGTHS)
    if unsaid or looks or causal_past or half_past:
        call.defer()


def _checked_depth(call: Call, q: Value, k: Value) -> int:
    """The depth of a head; defers symbolic heads and depths, and masks shorter than the keys."""
    fixed = all(isinstance(size, int) for size in (q.shape[1], k.shape[1]))
    depth = q.shape[-1]
    if not isinstance(depth, int) or not (fixed or q.shape[1] == k.shape[1]):
        call.defer()
    past = call.shape(PAST_KEY)[2:3] if call.has(PAST_KEY) else ()
    length = sum(past, start=k.shape[2])
    if call.has(MASK) and call.shape(MASK)[-1:] not in ((length,), (1,)):
        call.defer()
    return depth


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


def _mask(call: Call) -> Value | None:
    mask = call.get(MASK)
    if mask is None or mask.dtype in (BOOL, call.dtype()):
        return mask
    return call.make("cast", mask, to=call.dtype())


IGNORED = ("softmax_precision", "qk_matmul_output_mode", "q_num_heads", "kv_num_heads")

OPERATORS = (Operator("Attention", _attention, ignores=IGNORED),)
