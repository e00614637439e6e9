# SPDX-License-Identifier: Apache-2.0
"""ai.onnx Attention: caches, masks, windows, soft caps, lengths, and a look at the scores."""

from __future__ import annotations

from ingot.dims import Dim
from ingot.dtypes import BOOL, FLOAT32, FLOAT64, INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Result
from ingot.onnx.ops.heads import (
    UNBOUNDED,
    Scoring,
    attend,
    biased,
    both,
    capped,
    chances,
    default_scale,
    hidden,
    places,
    raw_scores,
    shared_heads,
    split_heads,
    uncausal,
    window,
    within,
)

ONNX_CODES = {FLOAT32: 1, FLOAT64: 11}
MASK, PAST_KEY, PAST_VALUE, LENGTHS = 3, 4, 5, 6
SCORES_OUTPUT = 3
NAMES = ("the query", "the key", "the value")


def _attention(call: Call) -> Result:
    if call.has(PAST_KEY) != call.has(PAST_VALUE):
        call.fail("one of past key and value is given", "give both or none")
    counts = "q_num_heads", "kv_num_heads", "kv_num_heads"
    q, k, v = (_heads(call, index, name) for index, name in enumerate(counts))
    k, v = _joined(call, k, PAST_KEY, 1), _joined(call, v, PAST_VALUE, 2)
    scoring = Scoring(
        default_scale(call, q), call.float_attribute("softcap", 0.0),
        call.bool_attribute("is_causal"), call.shape(PAST_KEY)[2] if call.has(PAST_KEY) else 0,
    )  # fmt: skip
    mask = _mask(call, q, k.shape[2])
    seen, scoring = _seen(call, q, k, scoring)
    mask = hidden(call, mask, seen)
    values = v if v.dtype == q.dtype else call.make("cast", v, to=q.dtype)
    result = attend(call, q, k, values, mask, scoring, joined=call.rank() == 3)
    outputs = call.node.outputs
    if len(outputs) <= SCORES_OUTPUT or not outputs[SCORES_OUTPUT]:
        return result, k, v
    return result, k, v, _look(call, raw_scores(call, q, k, scoring), mask, scoring)


def _heads(call: Call, index: int, name: str) -> Value:
    """An input as (batch, heads, length, depth)."""
    if call.rank(index) == 4:
        return call[index]
    return split_heads(call, call[index], call.int_attribute(name), NAMES[index])


def _joined(call: Call, value: Value, past: int, output: int) -> Value:
    """Keys or values after those of the past, where there are any."""
    if not call.has(past):
        return value
    return call.result("concat", call[past], value, output=output, axis=2)


def _mask(call: Call, q: Value, keys: Dim) -> Value | None:
    """The mask as bools or as numbers of the queries' type, as long as the keys."""
    mask = call.get(MASK)
    if mask is None:
        return None
    if mask.dtype not in (BOOL, q.dtype):
        mask = call.make("cast", mask, to=q.dtype)
    missing = keys - mask.shape[-1]
    if missing == 0:
        return mask
    call.guard("ge", keys, mask.shape[-1], "the mask must not be longer than the keys")
    fill = call.constant(False if mask.dtype == BOOL else float("-inf"), mask.dtype)
    none = (0,) * mask.rank
    return call.make("pad", mask, fill, before=none, after=(*none[1:], missing), mode="constant")


def _seen(call: Call, q: Value, k: Value, scoring: Scoring) -> tuple[Value | None, Scoring]:
    """Which keys windows and lengths show, and what is left to the causal frontier."""
    left = call.int_attribute("left_window_size", UNBOUNDED)
    right = call.int_attribute("right_window_size", UNBOUNDED)
    lengths = call.get(LENGTHS)
    if lengths is None:
        if left == right == UNBOUNDED:
            return None, scoring
        rows = places(call, q.shape[2], scoring.offset)
        return window(call, rows, k.shape[2], left, right, False), scoring
    seen: Value | None = within(call, lengths, k.shape[2])
    if scoring.causal or (left, right) != (UNBOUNDED, UNBOUNDED):
        rows = places(call, q.shape[2], _before(call, lengths, q.shape[2]))
        frame = window(call, rows, k.shape[2], left, right, scoring.causal)
        seen = both(call, seen, frame)
    return seen, uncausal(scoring)


def _before(call: Call, lengths: Value, queries: Dim) -> Value:
    """How many keys of each batch entry stand before its queries."""
    wide = lengths if lengths.dtype == INT64 else call.make("cast", lengths, to=INT64)
    return call.make("sub", wide, call.make("sizes", values=(queries,)))


def _look(call: Call, scores: Value, mask: Value | None, scoring: Scoring) -> Value:
    """The optional output: scores as they are at one of four points."""
    mode = call.int_attribute("qk_matmul_output_mode", 0)
    if not 0 <= mode <= 3:
        call.fail(f"attribute 'qk_matmul_output_mode' is {mode}", "it must be 0, 1, 2 or 3")
    shown = scores
    if mode >= 1:
        shown = capped(call, shown, scoring)
    if mode >= 2:
        shown = biased(call, shown, mask, scoring)
    if mode == 3:
        shown = chances(call, shown)
    return call.result("identity", shown, output=SCORES_OUTPUT)


def _flex_attention(call: Call) -> Value:
    """ai.onnx.preview: subgraphs between scores, softmax and values."""
    q, k, v = call[0], call[1], call[2]
    kind = FLOAT64 if q.dtype == FLOAT64 else FLOAT32
    wide = call.type_attribute("softmax_precision", ONNX_CODES[kind])
    scoring = Scoring(default_scale(call, q))
    if not call.given("score_mod") and not call.given("prob_mod"):
        return attend(call, q, k, v, None, scoring, joined=False)
    q, k, v = (x if x.dtype == wide else call.make("cast", x, to=wide) for x in (q, k, v))
    scores = raw_scores(call, q, k, scoring)
    if call.given("score_mod"):
        (scores,) = call.subgraph("score_mod", scores)
    shares = chances(call, scores)
    if call.given("prob_mod"):
        (shares,) = call.subgraph("prob_mod", shares)
    mixed = call.make("matmul", shares, shared_heads(call, v, shares.shape[1]))
    return call.result("cast", mixed, to=call.dtype())


# Softmax is computed in float32 at least; the other attributes matter for some forms only.
IGNORED = ("softmax_precision", "qk_matmul_output_mode", "q_num_heads", "kv_num_heads")

OPERATORS = (
    Operator("Attention", _attention, ignores=IGNORED),
    Operator(
        "FlexAttention", _flex_attention, domain="ai.onnx.preview", ignores=("softmax_precision",)
    ),
)
