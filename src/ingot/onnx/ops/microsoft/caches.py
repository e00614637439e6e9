# SPDX-License-Identifier: Apache-2.0
"""The caches of GroupQueryAttention: how they hold keys and values, and which rows they keep.

A cache may hold codes with a scale for the whole or for each channel: of eight bits, or of four,
two to a byte. It grows, has room for all rows to come, or holds the last rows alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import INT4, INT8, INT64, UINT8, DType
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.measure import scalar_of
from ingot.onnx.ops.arithmetic import converted
from ingot.onnx.ops.heads import places, sequence
from ingot.onnx.ops.microsoft.blocks import unpacked

PAST_KEY, PAST_VALUE, LENGTHS = 3, 4, 5
SCALES, QUERY_LENGTHS = (12, 13), 16
KINDS = ("NONE", "PER_TENSOR", "PER_CHANNEL")
HOLDING = {8: INT8, 4: UINT8}
MIDDLE = 8


def lengths_behind(call: Call) -> Value:
    """How many tokens each batch entry has behind this step."""
    given = converted(call, call[LENGTHS], INT64)
    flat = given if given.rank == 1 else call.make("reshape", given, shape=(call.shape()[0],))
    return call.make("add", flat, scalar_of(call, 1))


def lengths_before(call: Call, length: Dim) -> Value:
    """How many tokens of each batch entry stand in the cache already.

    A step may be padded behind its end: a first prompt is where the count would be negative, others
    say how many of their tokens count.
    """
    behind = lengths_behind(call)
    if call.has(QUERY_LENGTHS):
        return call.make("sub", behind, converted(call, call[QUERY_LENGTHS], INT64))
    return call.make(
        "maximum", call.make("sub", behind, scalar_of(call, length)), scalar_of(call, 0)
    )


# --- codes


def check_codes(call: Call) -> None:
    """Demand that both sides are held in one way, with scales where they are codes."""
    kinds = [call.choice_attribute(f"{side}_quant_type", "NONE", KINDS) for side in "kv"]
    coded = [kind != "NONE" for kind in kinds]
    if coded[0] != coded[1]:
        call.fail(
            f"keys are held as {kinds[0]}, values as {kinds[1]}", "hold both as codes or none"
        )
    if coded[0] and not all(map(call.has, SCALES)):
        call.fail("its cache holds codes, their scales are missing", "give inputs 12 and 13")
    dtype, bits = code_type(call), call.int_attribute("kv_cache_bit_width", 8)
    if coded[0] and dtype.is_integer and dtype != HOLDING.get(bits):
        call.fail(
            f"its cache holds codes of {bits} bits in {dtype}",
            "hold 8 bits in int8, 4 bits in uint8",
        )


def holds_codes(call: Call) -> bool:
    """Whether the cache holds codes with scales."""
    return call.text_attribute("k_quant_type", "NONE") != "NONE"


def code_type(call: Call) -> DType:
    """The element type of the cache; where there is none, that for its number of bits."""
    if call.has(PAST_KEY):
        return call.dtype(PAST_KEY)
    return HOLDING.get(call.int_attribute("kv_cache_bit_width", 8), INT8)


def held(call: Call, rows: Value, side: int) -> Value:
    """Rows as the cache holds them."""
    if not holds_codes(call):
        return rows
    scale = call[SCALES[side]]
    if code_type(call) == INT8:
        return call.make("quantize", rows, scale, None, to=INT8)
    codes = call.make("cast", call.make("quantize", rows, scale, None, to=INT4), to=INT8)
    codes = call.make("cast", call.make("add", codes, MIDDLE), to=UINT8)
    *front, depth = codes.shape
    pairs = call.make("reshape", codes, shape=(*front, depth // 2, 2))
    steps = call.constant(np.array([1, 16], np.uint8))
    shifted = call.make("mul", pairs, steps)
    return call.make("reduce_sum", shifted, axes=(pairs.rank - 1,), keep_dims=False)


def real_rows(call: Call, cache: Value, side: int) -> Value:
    """What the cache holds as numbers of the queries' type."""
    if not holds_codes(call):
        return cache
    scale, target = call[SCALES[side]], call.dtype()
    if code_type(call) == INT8:
        return call.make("dequantize", cache, scale, None, to=target)
    middle = call.constant(np.uint8(MIDDLE))
    return call.make("dequantize", unpacked(call, cache, 4), scale, middle, to=target)


# --- windows


@dataclass(frozen=True)
class Rows:
    """Keys and values of the cache and of this step, which of them a query sees, what is kept."""

    keys: Value
    values: Value
    places: Value
    seen: Value
    present: tuple[Value, Value]


def check_window(call: Call) -> None:
    """Demand what a cache of the last rows needs."""
    reach = call.int_attribute("local_window_size", -1)
    if reach < 1 or not call.has(PAST_KEY):
        call.fail("its cache is a window", "give local_window_size and past key and value")
    capacity = call.shape(PAST_KEY)[2]
    if isinstance(capacity, int) and capacity < reach:
        call.fail(
            f"its cache of {capacity} rows is smaller than the window of {reach}", "enlarge it"
        )
    call.guard("ge", capacity, reach, "the cache must hold the window")


def windowed(call: Call, k: Value, v: Value, before: Value) -> Rows:
    """The last rows of each batch entry behind those of the cache.

    Rows have the place of their token in the sequence. Those that the cache does not hold, and the
    padding of this step, are seen by nobody.
    """
    capacity, length = call.shape(PAST_KEY)[2], k.shape[2]
    behind = lengths_behind(call)
    keys, values = (
        call.make("concat", call[past], held(call, rows, side), axis=2)
        for side, (past, rows) in enumerate(((PAST_KEY, k), (PAST_VALUE, v)))
    )
    kept = _resident(call, before, capacity)
    first = call.make("sub", before, kept)
    column = sequence(call, capacity + length, (1, capacity + length))
    old = call.make("less", column, scalar_of(call, capacity))
    step = call.make("sub", column, scalar_of(call, capacity))
    place = call.make("where", old, _plus(call, first, column), _plus(call, before, step))
    new = call.make("sub", behind, before)
    there = call.make("where", old, _below(call, column, kept), _below(call, step, new))
    seen = _seen(call, place, there, places(call, length, before))
    return Rows(keys, values, place, seen, _kept(call, (keys, values), before, behind, first))


def by_place(call: Call, bias: Value, rows: Rows) -> Value:
    """A bias by the places of the sequence as one by rows; rows that are not seen have any."""
    batch, width = rows.places.shape
    _, heads, length, total = bias.shape
    last = scalar_of(call, total - 1)
    held_in = call.make("minimum", call.make("maximum", rows.places, scalar_of(call, 0)), last)
    index = call.make("reshape", held_in, shape=(batch, 1, 1, width))
    index = call.make("expand", index, shape=(batch, heads, length, width))
    each = call.make("expand", bias, shape=(batch, heads, length, total))
    return call.make("gather_elements", each, index, axis=3)


def _resident(call: Call, count: Value, capacity: Dim) -> Value:
    """How many of `count` rows the cache keeps: it drops as many at once as it has to spare."""
    spare = capacity - call.int_attribute("local_window_size") + 1
    over = call.make("sub", count, scalar_of(call, capacity))
    rounds = call.make(
        "div", call.make("add", over, scalar_of(call, spare - 1)), scalar_of(call, spare)
    )
    dropped = call.make("maximum", rounds, scalar_of(call, 0))
    return call.make("sub", count, call.make("mul", dropped, scalar_of(call, spare)))


def _plus(call: Call, entries: Value, row: Value) -> Value:
    """A number for each batch entry, added to a row."""
    return call.make("add", call.make("reshape", entries, shape=(*entries.shape, 1)), row)


def _below(call: Call, row: Value, entries: Value) -> Value:
    return call.make("less", row, call.make("reshape", entries, shape=(*entries.shape, 1)))


def _seen(call: Call, place: Value, there: Value, rows: Value) -> Value:
    """Which rows each query sees: those that are there, up to its own place, in its window."""
    batch, width = place.shape
    columns, shown = (call.make("reshape", x, shape=(batch, 1, 1, width)) for x in (place, there))
    reach = scalar_of(call, call.int_attribute("local_window_size"))
    near = call.make("less", call.make("sub", rows, reach), columns)
    seen = call.make("logical_and", call.make("less_equal", columns, rows), near)
    return call.make("logical_and", seen, shown)


def _kept(
    call: Call, sides: tuple[Value, Value], before: Value, behind: Value, first: Value
) -> tuple[Value, Value]:
    """Outputs 1 and 2: the rows that the cache holds from now on, the oldest one in front."""
    capacity = call.shape(PAST_KEY)[2]
    row = sequence(call, capacity, (1, capacity))
    start = call.make("sub", behind, _resident(call, behind, capacity))
    place = _plus(call, start, row)
    back = call.make("neg", first)
    ahead = call.make("sub", scalar_of(call, capacity), before)
    source = call.make("where", _below(call, place, before), _plus(call, back, place),
                       _plus(call, ahead, place))  # fmt: skip
    last = scalar_of(call, sides[0].shape[2] - 1)
    source = call.make("minimum", call.make("maximum", source, scalar_of(call, 0)), last)
    found = []
    for output, side in enumerate(sides, 1):
        batch, heads, _, depth = side.shape
        index = call.make("reshape", source, shape=(batch, 1, capacity, 1))
        index = call.make("expand", index, shape=(batch, heads, capacity, depth))
        found.append(call.result("gather_elements", side, index, output=output, axis=2))
    return found[0], found[1]
