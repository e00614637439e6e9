# SPDX-License-Identifier: Apache-2.0
"""Attention over heads of their own keys: MultiHeadAttention, and Attention with its projection."""

from __future__ import annotations

from ingot.dims import Dim
from ingot.ir.graph import Value
from ingot.onnx.attributes import REPORT
from ingot.onnx.call import Call
from ingot.onnx.operator import Result
from ingot.onnx.ops.heads import (
    Scoring,
    attend,
    biased,
    default_scale,
    raw_scores,
    split_heads,
)
from ingot.onnx.ops.microsoft.activations import section
from ingot.onnx.ops.microsoft.buffers import INDIRECTION, PAST_LENGTH, in_buffer
from ingot.onnx.ops.microsoft.domain import operator
from ingot.onnx.ops.microsoft.masks import padding, summed


def _wanted(call: Call, output: int) -> bool:
    outputs = call.node.outputs
    return output < len(outputs) and bool(outputs[output])


# --- MultiHeadAttention


def _multi_head(call: Call) -> Result:
    heads = call.int_attribute("num_heads")
    q, k, v = _operands(call, heads)
    if call.has(PAST_LENGTH):
        return in_buffer(call, q, k, v)
    if call.has(INDIRECTION):
        call.fail("it chooses beams without a shared past buffer", "give the length of the past")
    k, v = _joined(call, k, 6, 1), _joined(call, v, 7, 2)
    past = call.shape(6)[2] if call.has(6) else 0
    causal = call.bool_attribute("unidirectional")
    scoring = Scoring(default_scale(call, q), causal=causal, offset=past)
    mask = summed(call, padding(call, 4, k.shape[2], q), call.get(5))
    y = attend(call, q, k, v, mask, scoring, joined=True)
    if not _wanted(call, 3):
        return y, k, v
    scores = biased(call, raw_scores(call, q, k, scoring), mask, scoring)
    return y, k, v, call.result("identity", scores, output=3)


def _operands(call: Call, heads: int) -> tuple[Value, Value, Value]:
    """Queries, keys and values as (batch, heads, length, depth), with their biases."""
    q = call[0]
    if q.rank == 5:
        parts = [_slot(call, q, slot) for slot in range(3)]
        return parts[0], parts[1], parts[2]
    if q.rank != 3:
        call.fail(f"the query has rank {q.rank}", "it must be 3, or 5 with keys and values packed")
    width = q.shape[2]
    queries = split_heads(call, _with_bias(call, q, 0, width), heads, "the query")
    key = call[1]
    if key.rank == 5:
        return queries, _slot(call, key, 0), _slot(call, key, 1)
    if key.rank == 4:
        return queries, key, call[2]
    keys = split_heads(call, _with_bias(call, key, width, 2 * width), heads, "the key")
    end = 2 * width + call[2].shape[2]
    values = split_heads(call, _with_bias(call, call[2], 2 * width, end), heads, "the value")
    return queries, keys, values


def _slot(call: Call, packed: Value, slot: int) -> Value:
    """One tensor of (batch, length, heads, slots, depth) as (batch, heads, length, depth)."""
    batch, length, heads, _, depth = packed.shape
    part = call.make(
        "slice", packed, starts=(0, 0, 0, slot, 0), ends=(batch, length, heads, slot + 1, depth),
        steps=(1,) * 5,
    )  # fmt: skip
    apart = call.make("reshape", part, shape=(batch, length, heads, depth))
    return call.make("transpose", apart, permutation=(0, 2, 1, 3))


def _with_bias(call: Call, value: Value, start: Dim, end: Dim) -> Value:
    if not call.has(3):
        return value
    return call.make("add", value, section(call, call[3], start, end))


def _joined(call: Call, value: Value, past: int, output: int) -> Value:
    if call.has(past):
        return call.result("concat", call[past], value, output=output, axis=2)
    return call.result("identity", value, output=output) if _wanted(call, output) else value


# --- Attention with its projection


def _attention(call: Call) -> Result:
    product = call.make("matmul", call[0], call[1])
    total = call.make("add", product, call[2]) if call.has(2) else product
    return attend_projected(call, total, mask=3, past=4, added=5)


def attend_projected(call: Call, total: Value, mask: int, past: int, added: int) -> Result:
    """Attention over a projection that holds queries, keys and values side by side.

    `mask`, `past` and `added` are the inputs of those meanings.
    """
    for name in ("do_rotary", "past_present_share_buffer"):
        if call.bool_attribute(name):
            call.refuse(f"attribute '{name}' is set", REPORT)
    heads = call.int_attribute("num_heads")
    q, k, v = (
        split_heads(call, section(call, total, start, end), heads, "the projection")
        for start, end in _sections(call)
    )
    k, v, present, length = _with_past(call, k, v, past)
    causal = call.bool_attribute("unidirectional")
    scoring = Scoring(default_scale(call, q), causal=causal, offset=length)
    hidden = summed(call, padding(call, mask, k.shape[2], q), call.get(added))
    return attend(call, q, k, v, hidden, scoring, joined=True), present


def _sections(call: Call) -> list[tuple[Dim, Dim]]:
    """Where queries, keys and values lie in the projection."""
    width = call.shape(1)[1]
    sizes = call.ints_attribute("qkv_hidden_sizes", ())
    parts: tuple[Dim, ...] = tuple(sizes) or (width // 3,) * 3
    ends = (parts[0], parts[0] + parts[1], parts[0] + parts[1] + parts[2])
    return list(zip((0, *ends[:2]), ends, strict=True))


def _with_past(
    call: Call, k: Value, v: Value, index: int
) -> tuple[Value, Value, Value | None, Dim]:
    """Keys and values after those of the past, both as one output, and the past's length."""
    past: Dim = 0
    if call.has(index):
        _, batch, heads, past, depth = call.shape(index)
        old = [
            call.make(
                "reshape",
                call.make(
                    "slice", call[index], starts=(part, 0, 0, 0, 0),
                    ends=(part + 1, batch, heads, past, depth), steps=(1,) * 5,
                ),
                shape=(batch, heads, past, depth),
            )
            for part in (0, 1)
        ]  # fmt: skip
        k, v = (call.make("concat", *pair, axis=2) for pair in ((old[0], k), (old[1], v)))
    if not _wanted(call, 1):
        return k, v, None, past
    both = [call.make("reshape", part, shape=(1, *part.shape)) for part in (k, v)]
    return k, v, call.result("concat", *both, output=1, axis=0), past


OPERATORS = (
    operator("MultiHeadAttention", _multi_head, "mask_filter_value"),
    operator("Attention", _attention, "mask_filter_value", "rotary_embedding_dim"),
)
