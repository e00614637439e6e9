# SPDX-License-Identifier: Apache-2.0
"""Rows looked up in tables of few bits, made real numbers after they are found.

An index outside of the table finds zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import INT64, UINT8
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.measure import scalar_of
from ingot.onnx.ops.arithmetic import converted
from ingot.onnx.ops.microsoft.blocks import narrowed, unpacked
from ingot.onnx.ops.microsoft.domain import operator

DATA, INDICES, SCALES, ZEROS = range(4)


@dataclass(frozen=True)
class Table:
    """Elements are found along `axis`; `block` of them along `split` share a scale (0: all)."""

    axis: int
    split: int
    block: int
    bits: int


def _gather(call: Call) -> Value:
    """(code - zero) · scale of the elements at the indices."""
    table = _table(call)
    picks, inside = _picks(call, table.axis)
    codes = call.make("gather", call[DATA], picks, axis=table.axis)
    codes = unpacked(call, codes, table.bits)
    target, width = call.dtype(SCALES), codes.shape
    levels, zeros = call.make("cast", codes, to=target), _zeros(call, table)
    if zeros is not None:
        points = _of_each(call, call.make("cast", zeros, to=target), table, picks, width)
        levels = call.make("sub", levels, points)
    elif call.dtype() == UINT8:
        levels = call.make("sub", levels, float(1 << (table.bits - 1)))
    scales = _of_each(call, call[SCALES], table, picks, width)
    if inside is None:
        return call.result("mul", levels, scales)
    shape = (*[1] * table.axis, *inside.shape, *[1] * (call.rank() - table.axis - 1))
    shown = call.make("reshape", inside, shape=shape)
    found = call.make("mul", levels, scales)
    return call.result("where", shown, found, call.constant(0.0, target))


def _table(call: Call) -> Table:
    rank, narrow = call.rank(), call.dtype().is_float
    axis = call.axis(call.int_attribute("gather_axis", 0), rank, "gather_axis")
    split = call.axis(call.int_attribute("quantize_axis", 1), rank, "quantize_axis")
    bits, block = call.int_attribute("bits", 4), call.int_attribute("block_size", 128)
    bits = bits if call.dtype() == UINT8 else 8
    if bits < 8 and axis == split:
        call.fail("it gathers along the axis of packed codes", "make the two axes differ")
    if block < (0 if narrow else 1):
        call.fail(f"attribute 'block_size' is {block}", "it must be positive")
    if narrow and call.has(ZEROS):
        call.fail("narrow floats have zero points", "leave them out")
    return Table(axis, split, block, bits)


def _zeros(call: Call, table: Table) -> Value | None:
    """The zero points of all blocks, unpacked."""
    if not call.has(ZEROS):
        return None
    return narrowed(call, unpacked(call, call[ZEROS], table.bits), call.shape(SCALES)[-1])


def _picks(call: Call, axis: int) -> tuple[Value, Value | None]:
    """The indices from 0 up, and which are within the table; None where all are."""
    size, known = call.shape()[axis], call.tensor(INDICES).elements
    if known is not None and isinstance(size, int):
        numbers = known.astype(np.int64)
        if ((numbers >= -size) & (numbers < size)).all():
            return call.constant(numbers % max(size, 1)), None
    end, zero = scalar_of(call, size), scalar_of(call, 0)
    given = converted(call, call[INDICES], INT64)
    front = call.make("greater_equal", given, zero)
    places = call.make("where", front, given, call.make("add", given, end))
    inside = call.make(
        "logical_and",
        call.make("greater_equal", places, zero),
        call.make("less", places, end),
    )
    return call.make("where", inside, places, zero), inside


def _of_each(call: Call, part: Value, table: Table, picks: Value, shape: tuple[Dim, ...]) -> Value:
    """Scales or zero points for found elements of `shape`, or what broadcasts to them."""
    if part.shape[table.axis] == 1 and call.shape()[table.axis] != 1:
        ones = [1] * picks.rank
        wide = (*part.shape[: table.axis], *ones, *part.shape[table.axis + 1 :])
        part = call.make("reshape", part, shape=wide)
    else:
        blocks = (
            call.make("div", picks, max(table.block, 1)) if table.axis == table.split else picks
        )
        part = call.make("gather", part, blocks, axis=table.axis)
    if table.axis == table.split:
        return part
    place = table.split if table.split < table.axis else table.split + picks.rank - 1
    return part if part.shape[place] == 1 else _spread(call, part, place, table.block, shape[place])


def _spread(call: Call, part: Value, axis: int, block: int, size: Dim) -> Value:
    """Each position of an axis `block` times, as far as `size` goes."""
    shape = part.shape
    apart = call.make("reshape", part, shape=(*shape[: axis + 1], 1, *shape[axis + 1 :]))
    wide = (*shape[: axis + 1], block, *shape[axis + 1 :])
    joined = (*shape[:axis], shape[axis] * block, *shape[axis + 1 :])
    whole = call.make("reshape", call.make("expand", apart, shape=wide), shape=joined)
    ends = (*joined[:axis], size, *joined[axis + 1 :])
    steps: dict[str, Any] = {"starts": (0,) * len(joined), "steps": (1,) * len(joined)}
    return call.make("slice", whole, ends=ends, **steps)


OPERATORS = (operator("GatherBlockQuantized", _gather, "bits"),)
