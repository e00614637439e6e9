# SPDX-License-Identifier: Apache-2.0
"""Masks of keys. They hide by adding a large negative number, as the domain defines it, not by
minus infinity.
"""

from __future__ import annotations

from ingot.dims import Dim
from ingot.dtypes import BOOL, INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.ops.heads import sequence, within

FILTER = -10000.0


def padding(call: Call, index: int, keys: Dim, q: Value) -> Value | None:
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

    Where cumulated lengths of queries and keys follow the ends, they say the same once more. A mask
    of a size of its own is taken to hold the ends alone.
    """
    (count,) = mask.shape
    forms = (batch, 2 * batch, 3 * batch + 2)
    if count not in forms and isinstance(count, int) and isinstance(batch, int):
        call.fail(
            f"its mask has {count} entries for a batch of {batch}",
            f"give it {forms[0]}, {forms[1]} or {forms[2]}, or one for each key",
        )
    if count not in forms[1:]:
        call.require_equal(count, batch, "entries of the mask and of the batch")
        return within(call, mask, keys)
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


def summed(call: Call, first: Value | None, second: Value | None) -> Value | None:
    """The sum of two masks of numbers; None stands for nothing to add."""
    if first is None or second is None:
        return first if second is None else second
    return call.make("add", first, second)
