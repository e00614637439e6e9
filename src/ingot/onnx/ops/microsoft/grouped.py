# SPDX-License-Identifier: Apache-2.0
"""GroupQueryAttention: shared key heads, a cache of fixed or growing size, rotation, windows."""

from __future__ import annotations

import math

from ingot.dims import Dim
from ingot.dtypes import INT8, UINT8
from ingot.ir.graph import Value
from ingot.onnx.axes import larger
from ingot.onnx.call import Call
from ingot.onnx.operator import Result
from ingot.onnx.ops.heads import (
    UNBOUNDED,
    Scoring,
    attend,
    biased,
    capped,
    chances,
    default_scale,
    hidden,
    places,
    raw_scores,
    split_heads,
    window,
    within,
)
from ingot.onnx.ops.microsoft.activations import section
from ingot.onnx.ops.microsoft.caches import (
    PAST_KEY,
    PAST_VALUE,
    by_place,
    check_codes,
    check_window,
    code_type,
    held,
    holds_codes,
    lengths_before,
    real_rows,
    windowed,
)
from ingot.onnx.ops.microsoft.domain import operator
from ingot.onnx.ops.rotary import looked_up, turned

TOTAL, COS, SIN, POSITIONS, BIAS, SINK = range(6, 12)
NORMS = (14, 15)


def _group_query(call: Call) -> Result:
    check_codes(call)
    if holds_codes(call) and code_type(call) not in (INT8, UINT8):
        call.refuse(f"its cache holds codes in {code_type(call)}", "hold them in int8 or uint8")
    if call.has(PAST_KEY) != call.has(PAST_VALUE):
        call.fail("one of past key and value is given", "give both or none")
    q, k, v = _operands(call)
    before = lengths_before(call, q.shape[2])
    if call.bool_attribute("do_rotary"):
        q, k = _rotated(call, q, k, before)
    scoring = Scoring(default_scale(call, q), call.float_attribute("softcap", 0.0))
    if call.bool_attribute("sliding_window_cache"):
        return _in_window(call, q, k, v, before, scoring)
    length = _cache_length(call, q.shape[2])
    keys = _present(call, held(call, k, 0), PAST_KEY, before, length, 1)
    values = _present(call, held(call, v, 1), PAST_VALUE, before, length, 2)
    mask = hidden(call, _bias(call, length), _seen(call, q, length, before))
    seen = real_rows(call, keys, 0)
    y = _attended(call, q, seen, real_rows(call, values, 1), mask, scoring)
    return y, keys, values, _look(call, q, seen, mask, scoring)


def _in_window(call: Call, q: Value, k: Value, v: Value, before: Value, scoring: Scoring) -> Result:
    """A step over a cache of the last rows alone."""
    check_window(call)
    if _looks(call):
        call.refuse("it shows scores, and its cache is a window", "leave out output 3")
    rows = windowed(call, k, v, before)
    keys, values = real_rows(call, rows.keys, 0), real_rows(call, rows.values, 1)
    mask = (
        hidden(call, by_place(call, call[BIAS], rows), rows.seen) if call.has(BIAS) else rows.seen
    )
    y = _attended(call, q, keys, values, mask, scoring)
    return y, *rows.present


def _operands(call: Call) -> tuple[Value, Value, Value]:
    """Queries, keys and values as (batch, heads, length, depth), normalised where asked."""
    heads, kept = call.int_attribute("num_heads"), call.int_attribute("kv_num_heads")
    if call.has(1):
        parts = [call[0], call[1], call[2]]
    else:
        depth = call.shape()[2] // (heads + 2 * kept)
        first, second = heads * depth, (heads + kept) * depth
        ends = (0, first, second, call.shape()[2])
        parts = [section(call, call[0], ends[i], ends[i + 1]) for i in range(3)]
    names = ("the query", "the key", "the value")
    q, k, v = (
        split_heads(call, part, count, name)
        for part, count, name in zip(parts, (heads, kept, kept), names, strict=True)
    )
    return _normalised(call, q, 0), _normalised(call, k, 1), v


def _normalised(call: Call, value: Value, side: int) -> Value:
    if not call.has(NORMS[side]):
        return value
    shared = call.float_attribute("qk_norm_epsilon", 1e-6)
    epsilon = call.float_attribute(("q_norm_epsilon", "k_norm_epsilon")[side], shared)
    return call.make("rms_norm", value, call[NORMS[side]], axis=3, epsilon=epsilon)


def _cache_length(call: Call, length: Dim) -> Dim:
    """The rows of the cache behind this step.

    Where the total is computed from data it is a bound, and a cache of fixed size is meant: a
    token that finds no room in it is a fault.
    """
    past: Dim = call.shape(PAST_KEY)[2] if call.has(PAST_KEY) else 0
    known = call.tensor(TOTAL).elements
    if known is None:
        return past if call.has(PAST_KEY) else length
    return larger(call, call.size(TOTAL, "the total length"), past)


def _present(call: Call, rows: Value, past: int, before: Value, length: Dim, output: int) -> Value:
    batch, heads, _, depth = rows.shape
    if call.has(past):
        cache = call[past]
    elif length == rows.shape[2]:
        return call.result("identity", rows, output=output)
    else:
        empty = call.make("reshape", call.constant(0, rows.dtype), shape=(1, 1, 1, 1))
        cache = call.make("expand", empty, shape=(batch, heads, 1, depth))
    return call.result("cache_update", cache, rows, before, output=output, length=length)


def _rotated(call: Call, q: Value, k: Value, before: Value) -> tuple[Value, Value]:
    woven = call.bool_attribute("rotary_interleaved")
    batch, _, length, _ = q.shape
    if call.has(POSITIONS):
        positions = call[POSITIONS]
    else:
        rows = places(call, length, before)
        positions = call.make("reshape", rows, shape=(batch, length))
    cos, sin = (looked_up(call, call[index], positions) for index in (COS, SIN))
    return tuple(turned(call, part, cos, sin, woven, named=False) for part in (q, k))  # type: ignore[return-value]


def _seen(call: Call, q: Value, keys: Dim, before: Value) -> Value | None:
    left = call.int_attribute("local_window_size", UNBOUNDED)
    if not call.bool_attribute("causal", True):
        new = call.make("sizes", values=(q.shape[2],))
        return within(call, call.make("add", before, new), keys)
    rows = places(call, q.shape[2], before)
    others = left if left == UNBOUNDED else left - 1  # the window holds the token itself
    return window(call, rows, keys, others, UNBOUNDED, True)


def _bias(call: Call, keys: Dim) -> Value | None:
    """The bias, as long as the cache."""
    bias = call.get(BIAS)
    if bias is None or bias.shape[3] == keys:
        return bias
    call.guard("ge", keys, bias.shape[3], "the bias must not be longer than the cache")
    return call.make(
        "pad", bias, call.constant(-math.inf, bias.dtype), before=(0,) * 4,
        after=(0, 0, 0, keys - bias.shape[3]), mode="constant",
    )  # fmt: skip


def _attended(
    call: Call, q: Value, k: Value, v: Value, mask: Value | None, scoring: Scoring
) -> Value:
    """Attention; a sink is one more key, whose score is given and whose value is 0."""
    if not call.has(SINK) and not call.bool_attribute("smooth_softmax"):
        return attend(call, q, k, v, mask, scoring, joined=True)
    batch, heads, length, _ = q.shape
    k, v = (_with_zero_row(call, part) for part in (k, v))
    sink = call[SINK] if call.has(SINK) else call.constant([0.0] * int(str(heads)), q.dtype)
    column = call.make("reshape", sink, shape=(1, heads, 1, 1))
    column = call.make("expand", column, shape=(batch, heads, length, 1))
    zero = call.constant(0.0, q.dtype)
    if mask is None:
        mask = call.make(
            "expand", call.make("reshape", zero, shape=(1, 1)), shape=(length, k.shape[2] - 1)
        )
    if mask.dtype != q.dtype:
        mask = call.make("where", mask, zero, call.constant(-math.inf, q.dtype))
    whole = call.make("expand", mask, shape=(batch, heads, length, k.shape[2] - 1))
    return attend(call, q, k, v, call.make("concat", whole, column, axis=3), scoring, joined=True)


def _with_zero_row(call: Call, value: Value) -> Value:
    return call.make(
        "pad", value, call.constant(0.0, value.dtype), before=(0,) * 4, after=(0, 0, 1, 0),
        mode="constant",
    )  # fmt: skip


def _looks(call: Call) -> bool:
    asked = len(call.node.outputs) > 3 and bool(call.node.outputs[3])
    return asked and call.int_attribute("qk_output", 0) != 0


def _look(call: Call, q: Value, k: Value, mask: Value | None, scoring: Scoring) -> Value | None:
    """The optional output: scores before (1) or after (2) softmax."""
    if not _looks(call):
        return None
    mode = call.int_attribute("qk_output", 0)
    scores = biased(call, capped(call, raw_scores(call, q, k, scoring), scoring), mask, scoring)
    return call.result("identity", chances(call, scores) if mode == 2 else scores, output=3)


IGNORED = ("kv_cache_bit_width", "qk_output", "rotary_interleaved", "q_norm_epsilon",
           "k_norm_epsilon", "qk_norm_epsilon")  # fmt: skip

OPERATORS = (operator("GroupQueryAttention", _group_query, *IGNORED),)
