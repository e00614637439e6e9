# SPDX-License-Identifier: Apache-2.0
"""Index ops whose places come from data: sequences turned around, rows put into a cache."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingot.dtypes import INT64
from ingot.errors import RunError
from ingot.ir.graph import Array, TensorType
from ingot.kernel.expr import Expr, cast, checked_index, where
from ingot.ops.axes import AXIS, check_axis, replaced
from ingot.ops.domains import ANY, BATCH, ELEMENTS, INDICES
from ingot.ops.example import Example, Sample
from ingot.ops.gather import normalised
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require

# --- reverse_sequence


def _infer_reverse(
    require: Require, x: TensorType, lengths: TensorType, *, batch_axis: int, time_axis: int
) -> TensorType:
    check_axis(require, batch_axis, x.rank)
    check_axis(require, time_axis, x.rank)
    require.that(batch_axis != time_axis, "batch and time must be two axes")
    require.that(lengths.rank == 1, "there is one length for each sequence")
    require.equal(lengths.shape[0], x.shape[batch_axis], "lengths and sequences")
    return x


def _reverse(x: Array, lengths: Array, *, batch_axis: int, time_axis: int) -> Array:
    limit = x.shape[time_axis]
    bad = lengths[(lengths < 0) | (lengths > limit)]
    if bad.size:
        raise RunError(
            f"length {bad[0]}: out of range for sequences of {limit}",
            cure="check the input that holds the lengths",
        )
    moved = np.moveaxis(x, (batch_axis, time_axis), (0, 1)).copy()
    for entry, length in enumerate(lengths.tolist()):
        moved[entry, :length] = moved[entry, :length][::-1]
    return np.moveaxis(moved, (0, 1), (batch_axis, time_axis))


def _lower_reverse(
    index: Index, x: Read, lengths: Read, *, batch_axis: int, time_axis: int
) -> Expr:
    limit, time = x.shape[time_axis], index[time_axis]
    length = checked_index(lengths(index[batch_axis]), extent(limit) + 1, wrap=False)
    place = clamped(where(time < length, length - 1 - time, time), limit)
    return x(*replaced(index, time_axis, place))


def _lengths(count: int, *values: float) -> Sample:
    return Sample((count,), INT64, values=values)


REVERSE_SEQUENCE = Op(
    name="reverse_sequence", kind="index", can_fault=True,
    inputs=(InputSpec("x", ELEMENTS), InputSpec("lengths", INDICES, "I")),
    attributes=(
        AttributeSpec("batch_axis", "int", doc="the axis of the sequences"),
        AttributeSpec("time_axis", "int", doc="the axis along which they run"),
    ),
    infer_rule=_infer_reverse, evaluate_rule=_reverse, lower_rule=_lower_reverse,
    doc="Each sequence with its first `lengths` elements in reverse order.",
    examples=(
        Example((Sample((4, 3)), _lengths(3, 4, 1, 0)), {"batch_axis": 1, "time_axis": 0}),
        Example((Sample((2, 5, 3)), _lengths(2, 3, 5)), {"batch_axis": 0, "time_axis": 1}),
        Example((Sample((1, 1)), _lengths(1, 1)), {"batch_axis": 0, "time_axis": 1}),
        Example((Sample((2, 0)), _lengths(2, 0, 0)), {"batch_axis": 0, "time_axis": 1}),
        Example((Sample((0, 4)), _lengths(0)), {"batch_axis": 0, "time_axis": 1}),
        Example((Sample((BATCH, 6)), _lengths(3, 2, 6, 4)), {"batch_axis": 0, "time_axis": 1},
                {"batch": 3}),
    ),
)  # fmt: skip


# --- tensor_scatter


def _infer_tensor_scatter(
    require: Require, x: TensorType, update: TensorType, start: TensorType,
    *, axis: int, circular: bool,
) -> TensorType:  # fmt: skip
    check_axis(require, axis, x.rank)
    require.that(axis > 0, "axis 0 is the batch")
    require.that(x.rank == update.rank, f"x has rank {x.rank}, the update has {update.rank}")
    for k, (size, other) in enumerate(zip(x.shape, update.shape, strict=True)):
        if k != axis:
            require.equal(size, other, f"sizes of x and the update on axis {k}")
    require.at_least(x.shape[axis], update.shape[axis], "the update must fit")
    require.that(start.rank == 1, "there is one start for each batch entry")
    require.equal(start.shape[0], x.shape[0], "starts and batch entries")
    return x


def _tensor_scatter(x: Array, update: Array, start: Array, *, axis: int, circular: bool) -> Array:
    result, length, count = x.copy(), x.shape[axis], update.shape[axis]
    places = normalised(start, length) if not circular else start.astype(np.int64)
    for entry, first in enumerate(places.tolist() if count else ()):
        at = np.arange(first, first + count)
        at = at % length if circular else normalised(at, length)
        np.moveaxis(result[entry], axis - 1, 0)[at] = np.moveaxis(update[entry], axis - 1, 0)
    return result


def _lower_tensor_scatter(
    index: Index, x: Read, update: Read, start: Read, *, axis: int, circular: bool
) -> Expr:
    length, count = extent(x.shape[axis]), extent(update.shape[axis])
    place = index[axis]
    first = cast(start(index[0]), INT64)
    if circular:
        step = (place - first) % length
    else:
        begin = checked_index(first, length)
        last = clamped(count - 1, x.shape[axis])
        step = place - (checked_index(begin + last, length, wrap=False) - last)
    inside = (step >= 0) & (step < count)
    new = update(*replaced(index, axis, clamped(step, update.shape[axis])))
    return where(inside, new, x(*index))


def _cache_case(x: tuple[int, ...], count: int, axis: int, circular: bool,
                *starts: float) -> Example:  # fmt: skip
    update = (*x[:axis], count, *x[axis + 1 :])
    return Example((Sample(x), Sample(update), _lengths(x[0], *starts)),
                   {"axis": axis, "circular": circular})  # fmt: skip


TENSOR_SCATTER = Op(
    name="tensor_scatter", kind="index", can_fault=True,
    inputs=(InputSpec("x", ANY), InputSpec("update", ANY), InputSpec("start", INDICES, "I")),
    attributes=(AXIS, AttributeSpec("circular", "bool", False, doc="go on at 0 behind the end")),
    infer_rule=_infer_tensor_scatter, evaluate_rule=_tensor_scatter,
    lower_rule=_lower_tensor_scatter,
    doc="x with the update written over an axis from each batch entry's start on.",
    examples=tuple(
        replace(example, only=ELEMENTS)
        for example in (
            _cache_case((2, 3, 6, 5), 2, 2, False, 1, 4),
            _cache_case((3, 4, 2), 3, 1, True, 0, 2, 3),
            _cache_case((1, 1), 1, 1, False, 0), _cache_case((2, 4), 0, 1, False, 1, 3),
            _cache_case((0, 4), 1, 1, True),
            Example((Sample((BATCH, 5)), Sample((BATCH, 2)), _lengths(3, 0, 3, 1)),
                    {"axis": 1}, {"batch": 3}),
        )
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (REVERSE_SEQUENCE, TENSOR_SCATTER)
