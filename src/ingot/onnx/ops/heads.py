# SPDX-License-Identifier: Apache-2.0
"""What every reading of an attention operator shares: heads, visible keys, masks, scores.

Attention operators differ in how they pack heads, where their keys come from and how they say
which key a query sees. Here each of these becomes values of the Graph around one core `attention`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from ingot.dims import Dim
from ingot.dtypes import BOOL, INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call

UNBOUNDED = -1


@dataclass(frozen=True)
class Scoring:
    """How queries and keys become scores: factor, soft cap, causal frontier and its shift."""

    scale: float
    softcap: float = 0.0
    causal: bool = False
    offset: Dim = 0


def split_heads(call: Call, value: Value, count: int, what: str) -> Value:
    """(batch, length, heads · depth) as (batch, heads, length, depth)."""
    if value.rank != 3:
        call.fail(f"{what} has rank {value.rank}", "it must be 3")
    batch, length, width = value.shape
    if count < 1 or (isinstance(width, int) and width % count):
        call.fail(f"{what} is {width} wide, it has {count} heads", "correct the number of heads")
    apart = call.make("reshape", value, shape=(batch, length, count, width // count))
    return call.make("transpose", apart, permutation=(0, 2, 1, 3))


def join_heads(call: Call, value: Value, output: int = 0) -> Value:
    """(batch, heads, length, depth) as output (batch, length, heads · depth)."""
    batch, count, length, width = value.shape
    rows = call.make("transpose", value, permutation=(0, 2, 1, 3))
    return call.result("reshape", rows, output=output, shape=(batch, length, count * width))


def default_scale(call: Call, q: Value, name: str = "scale") -> float:
    """The attribute `scale`, or one over the root of the depth where it is absent or 0."""
    given = call.float_attribute(name, 0.0)
    depth = call.integer(q.shape[-1], "the depth of a head")
    return given or 1.0 / math.sqrt(max(depth, 1))


def sequence(call: Call, length: Dim, shape: tuple[Dim, ...]) -> Value:
    """0, 1, 2, … as int64 of the given shape."""
    zero, one = call.constant(0, INT64), call.constant(1, INT64)
    return call.make("reshape", call.make("iota", zero, one, length=length), shape=shape)


def places(call: Call, length: Dim, start: Dim | Value) -> Value:
    """The position of each query as (…, length, 1); `start` is a size, or one a batch entry."""
    rows = sequence(call, length, (length, 1))
    if isinstance(start, Value):
        wide = start if start.dtype == INT64 else call.make("cast", start, to=INT64)
        column = call.make("reshape", wide, shape=(*start.shape, 1, 1, 1))
        return call.make("add", rows, column)
    if start == 0:
        return rows
    return call.make("add", rows, call.make("sizes", values=(start,)))


def window(call: Call, rows: Value, keys: Dim, left: int, right: int, causal: bool) -> Value | None:
    """Which keys lie within the bounds of each query position; None where all do."""
    columns = sequence(call, keys, (keys,))
    seen: Value | None = None
    if causal:
        seen = call.make("less_equal", columns, rows)
    if left != UNBOUNDED:
        first = call.make("sub", rows, left)
        seen = both(call, seen, call.make("less_equal", first, columns))
    if right != UNBOUNDED:
        last = call.make("add", rows, right)
        seen = both(call, seen, call.make("less_equal", columns, last))
    return seen


def within(call: Call, lengths: Value, keys: Dim) -> Value:
    """Which keys stand before the length of their batch entry, as (batch, 1, 1, keys)."""
    wide = lengths if lengths.dtype == INT64 else call.make("cast", lengths, to=INT64)
    limit = call.make("reshape", wide, shape=(*wide.shape, 1, 1, 1))
    return call.make("less", sequence(call, keys, (keys,)), limit)


def both(call: Call, first: Value | None, second: Value | None) -> Value | None:
    """Two bool masks as one; None stands for a mask that shows everything."""
    if first is None or second is None:
        return first if second is None else second
    return call.make("logical_and", first, second)


def hidden(call: Call, mask: Value | None, seen: Value | None) -> Value | None:
    """A mask (bool, or numbers that are added) with what is not `seen` hidden."""
    if mask is None or seen is None:
        return mask if seen is None else seen
    if mask.dtype == BOOL:
        return call.make("logical_and", mask, seen)
    return call.make("where", seen, mask, call.constant(-math.inf, mask.dtype))


def attend(
    call: Call, q: Value, k: Value, v: Value, mask: Value | None, scoring: Scoring,
    joined: bool,
) -> Value:  # fmt: skip
    """Output 0: attention, with the heads of a row joined or as (batch, heads, length, depth)."""
    emit = call.make if joined else call.result
    result = emit(
        "attention", q, k, v, mask, scale=scoring.scale, causal=scoring.causal,
        offset=scoring.offset, softcap=scoring.softcap,
    )  # fmt: skip
    return join_heads(call, result) if joined else result


def shared_heads(call: Call, value: Value, heads: Dim) -> Value:
    """Key or value heads repeated so that there is one for each query head."""
    if value.rank != 4:
        call.fail(f"a tensor of heads has rank {value.rank}", "it must be 4")
    batch, kept, length, depth = value.shape
    if kept == heads:
        return value
    times = heads // kept
    apart = call.make("reshape", value, shape=(batch, kept, 1, length, depth))
    spread = call.make("expand", apart, shape=(batch, kept, times, length, depth))
    return call.make("reshape", spread, shape=(batch, heads, length, depth))


def raw_scores(call: Call, q: Value, k: Value, scoring: Scoring) -> Value:
    """The scores as (batch, heads, queries, keys), without cap and mask."""
    keys = shared_heads(call, k, q.shape[1])
    turned = call.make("transpose", keys, permutation=(0, 1, 3, 2))
    return call.make("mul", call.make("matmul", q, turned), scoring.scale)


def capped(call: Call, scores: Value, scoring: Scoring) -> Value:
    """The scores under their soft cap."""
    if not scoring.softcap:
        return scores
    bent = call.make("tanh", call.make("div", scores, scoring.softcap))
    return call.make("mul", bent, scoring.softcap)


def biased(call: Call, scores: Value, mask: Value | None, scoring: Scoring) -> Value:
    """The scores with mask and causal frontier."""
    if scoring.causal:
        rows = places(call, scores.shape[-2], scoring.offset)
        seen = window(call, rows, scores.shape[-1], UNBOUNDED, UNBOUNDED, True)
        mask = hidden(call, mask, seen)
    if mask is None:
        return scores
    if mask.dtype == BOOL:
        return call.make("where", mask, scores, call.constant(-math.inf, scores.dtype))
    return call.make("add", scores, mask)


def chances(call: Call, scores: Value) -> Value:
    """Softmax over the keys; a query that sees none has 0 everywhere."""
    found = call.make("softmax", scores, axis=scores.rank - 1)
    top = call.make("reduce_max", scores, axes=(scores.rank - 1,), keep_dims=True)
    blind = call.make("equal", top, call.constant(-math.inf, scores.dtype))
    return call.make("where", blind, call.constant(0.0, scores.dtype), found)


def uncausal(scoring: Scoring) -> Scoring:
    """The scoring without its frontier, where a mask already says it."""
    return replace(scoring, causal=False, offset=0)
