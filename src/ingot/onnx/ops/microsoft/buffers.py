# SPDX-License-Identifier: Apache-2.0
"""MultiHeadAttention over caches of fixed size, which past and present share.

New rows are written where the past ends; what lies behind them is nobody's.
"""

from __future__ import annotations

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.measure import measure, scalar_of
from ingot.onnx.operator import Result
from ingot.onnx.ops.arithmetic import converted
from ingot.onnx.ops.heads import (
    UNBOUNDED,
    Scoring,
    attend,
    biased,
    default_scale,
    hidden,
    places,
    raw_scores,
    sequence,
    window,
    within,
)
from ingot.onnx.ops.microsoft.masks import padding, summed

MASK, BIAS, PAST_KEY, PAST_VALUE, PAST_LENGTH, INDIRECTION = range(4, 10)


def in_buffer(call: Call, q: Value, k: Value, v: Value) -> Result:
    """Attention of new rows over the past and themselves."""
    start = _start(call, q.shape[0])
    sides = ((PAST_KEY, k, 1), (PAST_VALUE, v, 2))
    present = [_written(call, call[past], new, start, output) for past, new, output in sides]
    read = present
    if call.has(INDIRECTION):
        read = [_written(call, _by_beam(call, call[past]), new, start) for past, new, _ in sides]
    mask = _mask(call, q, present[0].shape[2], start)
    scoring = Scoring(default_scale(call, q))
    y = attend(call, q, read[0], read[1], mask, scoring, joined=True)
    if len(call.node.outputs) < 4 or not call.node.outputs[3]:
        return y, *present
    scores = biased(call, raw_scores(call, q, read[0], scoring), mask, scoring)
    return y, *present, _written_part(call, scores)


def _written_part(call: Call, scores: Value) -> Value:
    """Output 3: the scores of the rows that are written."""
    *front, length, keys = scores.shape
    past = call.make("reshape", converted(call, call[PAST_LENGTH], INT64), shape=())
    end = measure(call, call.make("add", past, scalar_of(call, length)), high=keys)
    ends, zeros, ones = (*front, length, end), (0,) * 4, (1,) * 4
    return call.result("slice", scores, output=3, starts=zeros, ends=ends, steps=ones)


def _start(call: Call, batch: Dim) -> Value:
    """Where each batch entry's new rows begin."""
    given = converted(call, call[PAST_LENGTH], INT64)
    return call.make("expand", call.make("reshape", given, shape=(1,)), shape=(batch,))


def _written(
    call: Call, cache: Value, rows: Value, start: Value, output: int | None = None
) -> Value:
    length = cache.shape[2]
    if output is None:
        return call.make("cache_update", cache, rows, start, length=length)
    return call.result("cache_update", cache, rows, start, output=output, length=length)


def _mask(call: Call, q: Value, keys: Dim, start: Value) -> Value | None:
    """What the call adds to the scores, with the rows hidden that are not written yet."""
    length = q.shape[2]
    end = call.make("add", start, scalar_of(call, length))
    seen: Value | None = within(call, end, keys)
    if call.bool_attribute("unidirectional"):
        rows = places(call, length, start)
        seen = window(call, rows, keys, UNBOUNDED, UNBOUNDED, True)
    masks = (padding(call, MASK, keys, q), call.get(BIAS))
    wide = [None if mask is None else _as_wide(call, mask, keys) for mask in masks]
    return hidden(call, summed(call, *wide), seen)


def _as_wide(call: Call, mask: Value, keys: Dim) -> Value:
    """A mask over the rows that are written, as wide as the cache."""
    if mask.shape[3] == keys:
        return mask
    call.guard("ge", keys, mask.shape[3], "a mask must not be wider than the cache")
    zero, after = call.constant(0.0, mask.dtype), (0, 0, 0, keys - mask.shape[3])
    return call.make("pad", mask, zero, before=(0,) * 4, after=after, mode="constant")


def _by_beam(call: Call, cache: Value) -> Value:
    """The past of each beam: row by row from the beam that it came from.

    Entries behind the past are nobody's, so they are kept within the batch.
    """
    batch, heads, length, depth = cache.shape
    _, beams, width = call.shape(INDIRECTION)
    call.require_equal(width, length, "the indirection's rows and those of the cache")
    given = converted(call, call[INDIRECTION], INT64)
    chosen = call.make("reshape", given, shape=(batch, length))
    count = scalar_of(call, beams)
    first = call.make("mul", call.make("div", sequence(call, batch, (batch, 1)), count), count)
    rows = call.make("add", first, chosen)
    last = scalar_of(call, batch - 1)
    rows = call.make("minimum", call.make("maximum", rows, scalar_of(call, 0)), last)
    index = call.make("reshape", rows, shape=(batch, 1, length, 1))
    index = call.make("expand", index, shape=(batch, heads, length, depth))
    return call.make("gather_elements", cache, index, axis=0)
