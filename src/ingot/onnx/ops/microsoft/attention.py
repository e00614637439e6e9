# SPDX-License-Identifier: Apache-2.0
"""Attention over heads of their own keys: MultiHeadAttention, and Attention with its projection.

Masks hide by adding a large negative number, as the domain defines it, not by minus infinity.
"""

from __future__ import annotations

from ingot.dims import Dim
from ingot.dtypes import BOOL, INT64
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
    sequence,
    split_heads,
    within,
)
from ingot.onnx.ops.microsoft.activations import section
from ingot.onnx.ops.microsoft.domain import operator

FILTER = -10000.0


def _wanted(call: Call, output: int) -> bool:
    outputs = call.node.outputs
    return output < len(outputs) and bool(outputs[output])


# --- MultiHeadAttention


def _multi_head(call: Call) -> Result:
    for index, what in ((8, "a shared past buffer"), (9, "a beam search's indirection")):
        if call.has(index):
            call.refuse(f"it has {what}", REPORT)
    heads = call.int_attribute("num_heads")
    q, k, v = _operands(call, heads)
    k, v = _joined(call, k, 6, 1), _joined(call, v, 7, 2)
    past = call.shape(6)[2] if call.has(6) else 0
    causal = call.bool_attribute("unidirectional")
    scoring = Scoring(default_scale(call, q), causal=causal, offset=past)
    mask = _added(call, _padding(call, 4, k.shape[2], q), call.get(5))
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


def _padding(call: Call, index: int, keys: Dim, q: Value) -> Value | None:
    """The padding mask as numbers to add: lengths, starts and ends, or 0 and 1 for each key."""
    if not call.has(index):
        return None
    mask = call[index]
    batch = q.shape[0]
    if mask.rank == 1:
        seen = _by_length(call, mask, keys, batch)
    else:
        seen = mask if mask.dtype == BOOL else call.make("cast", mask, to=BOOL)
        seen = _spread_mask(call, seen, keys, q.shape[2])
    low = call.float_attribute("mask_filter_value", FILTER)
    zero, hides = (call.constant(number, q.dtype) for number in (0.0, low))
    return call.make("where", seen, zero, hides)


def _spread_mask(call: Call, seen: Value, keys: Dim, queries: Dim) -> Value:
    if seen.rank == 2:
        return call.make("reshape", seen, shape=(seen.shape[0], 1, 1, seen.shape[1]))
    if seen.rank == 3:
        batch, rows, columns = seen.shape
        return call.make("reshape", seen, shape=(batch, 1, rows, columns))
    if seen.rank != 4:
        call.fail(f"the mask has rank {seen.rank}", "it must be 1, 2, 3 or 4")
    batch, _, rows, columns = seen.shape
    return call.make(
        "slice", seen, starts=(0, 0, keys - queries, 0), ends=(batch, 1, keys, keys),
        steps=(1,) * 4,
    )  # fmt: skip


def _by_length(call: Call, mask: Value, keys: Dim, batch: Dim) -> Value:
    """Keys before each entry's end, and from its start on where starts follow the ends.

    Where cumulated lengths of queries and keys follow the ends, they say the same once more.
    """
    (count,) = mask.shape
    if count == batch:
        return within(call, mask, keys)
    if count not in (2 * batch, 3 * batch + 2):
        cure = "give it B, 2 B or 3 B + 2 entries for a batch of B, or one for each key"
        if isinstance(count, int) and isinstance(batch, int):
            call.fail(f"its mask has {count} entries for a batch of {batch}", cure)
        call.refuse(f"the size {count} of its mask does not follow from the batch {batch}", cure)
    ends, starts = (
        call.make("slice", mask, starts=(part * batch,), ends=((part + 1) * batch,), steps=(1,))
        for part in (0, 1)
    )
    if count != 2 * batch:
        return within(call, ends, keys)
    wide = call.make("cast", starts, to=INT64)
    column = call.make("reshape", wide, shape=(batch, 1, 1, 1))
    after = call.make("less_equal", column, sequence(call, keys, (keys,)))
    return call.make("logical_and", within(call, ends, keys), after)


def _added(call: Call, first: Value | None, second: Value | None) -> Value | None:
    if first is None or second is None:
        return first if second is None else second
    return call.make("add", first, second)


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
    hidden = _added(call, _padding(call, mask, k.shape[2], q), call.get(added))
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
