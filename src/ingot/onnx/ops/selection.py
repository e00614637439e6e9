# SPDX-License-Identifier: Apache-2.0
"""Operators that choose by what the data says: order, nonzero elements, distinct ones, boxes.

Where the size of a result depends on data it is counted with ordinary ops and measured; then comes
the op that has the size as an attribute.
"""

from __future__ import annotations

import numpy as np

from ingot.dims import Dim, minimum, product
from ingot.dtypes import BOOL, INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Result


def scalar(call: Call, value: Value) -> Value:
    """A tensor of one element as a scalar."""
    return value if value.rank == 0 else call.make("reshape", value, shape=())


def measured(call: Call, index: int, what: str, high: Dim | None = None) -> Dim:
    """An input that is one size: known now, or measured when the graph runs."""
    if call.tensor(index).elements is not None:
        return call.size(index, what)
    return call.builder.measure(scalar(call, call[index]), high=high)


def counted(call: Call, flags: Value) -> Dim:
    """How many elements of a bool tensor are true, as a measured size."""
    numbers = call.make("cast", flags, to=INT64)
    axes = tuple(range(flags.rank))
    total = call.make("reduce_sum", numbers, axes=axes, keep_dims=False)
    return call.builder.measure(total, high=product(flags.shape))


def places(call: Call, flags: Value) -> Value:
    """The indices of the true elements of a bool tensor, [rank, count]."""
    return call.make("nonzero", flags, size=counted(call, flags))


def line(call: Call, flags: Value) -> Value:
    """The positions of the true elements of a bool vector."""
    found = places(call, flags)
    return call.make("reshape", found, shape=(found.shape[1],))


def flags_of(call: Call, value: Value) -> Value:
    """Whether each element is other than zero."""
    return value if value.dtype == BOOL else call.make("cast", value, to=BOOL)


# --- order


def _top_k(call: Call) -> Result:
    axis = call.axis(call.int_attribute("axis", -1), call.rank())
    if call.opset < 10:
        k: Dim = call.int_attribute("k", 0)
    else:
        k = measured(call, 1, "k", call.shape()[axis])
    greatest = call.opset < 11 or call.bool_attribute("largest", True)
    if isinstance(k, int) and k < 0:
        call.fail(f"k is {k}", "it must not be negative")
    indices = call.result("top_k", call[0], output=1, k=k, axis=axis, descending=greatest)
    return call.result("gather_elements", call[0], indices, axis=axis), indices


# --- nonzero, compress


def _nonzero(call: Call) -> Value:
    flags = flags_of(call, call[0])
    return call.result("nonzero", flags, size=counted(call, flags))


def _compress(call: Call) -> Value:
    data, condition = call[0], flags_of(call, call[1])
    if condition.rank != 1:
        call.fail(f"the condition has rank {condition.rank}", "it must have one axis")
    if call.given("axis"):
        axis = call.axis(call.int_attribute("axis", 0), data.rank)
    else:
        axis, data = 0, call.make("reshape", data, shape=(product(data.shape),))
    return call.result("gather", data, line(call, condition), axis=axis)


# --- unique


def _unique(call: Call) -> Result:
    """Sorted runs of equal slices: where each begins tells everything."""
    sort = call.bool_attribute("sorted", True)
    data, axis = call[0], None
    if call.given("axis"):
        axis = call.axis(call.int_attribute("axis", 0), data.rank)
        rows = _as_rows(call, data, axis)
        order = call.make("argsort_rows", rows)
    else:
        data = rows = call.make("reshape", data, shape=(product(data.shape),))
        order = call.make("argsort", data, axis=0, descending=False)
    count = rows.shape[0]
    ordered = call.make("gather", rows, order, axis=0)
    begins = call.make("run_starts", ordered)
    starts = line(call, begins)
    number = call.make("cumsum", call.make("cast", begins, to=INT64), axis=0)
    group = call.make("sub", number, 1)
    first = call.make("gather", order, starts, axis=0)
    ends = call.make(
        "concat",
        call.make("slice", starts, starts=(1,), ends=(starts.shape[0],), steps=(1,)),
        call.make("sizes", values=(count,)),
        axis=0,
    )
    counts = call.make("sub", ends, starts)
    if not sort:
        turn = call.make("argsort", first, axis=0, descending=False)
        first = call.make("gather", first, turn, axis=0)
        counts = call.make("gather", counts, turn, axis=0)
        group = call.make("gather", call.make("argsort", turn, axis=0), group, axis=0)
    inverse = call.make("scatter_elements", group, order, group, axis=0)
    values = call.result("gather", data, first, axis=axis or 0)
    named = [
        call.result("identity", value, output=number)
        for number, value in ((1, first), (2, inverse), (3, counts))
    ]
    return values, *named


def _as_rows(call: Call, data: Value, axis: int) -> Value:
    """The slices along an axis as the rows of a matrix."""
    others = [k for k in range(data.rank) if k != axis]
    if axis:
        data = call.make("transpose", data, permutation=(axis, *others))
    return call.make("reshape", data, shape=(data.shape[0], product(data.shape[1:])))


# --- boxes


def _suppress(call: Call) -> Value:
    boxes, scores = call[0], call[1]
    if boxes.rank != 3 or scores.rank != 3:
        call.fail(f"boxes and scores have ranks {boxes.rank} and {scores.rank}", "both must be 3")
    center = call.int_attribute("center_point_box", 0)
    if center not in (0, 1):
        call.fail(f"attribute 'center_point_box' is {center}", "it must be 0 or 1")
    overlap = scalar(call, call[3]) if call.has(3) else call.constant(np.float32(0))
    least = scalar(call, call[4]) if call.has(4) else None
    limit = _box_limit(call, boxes.shape[1])
    kept = call.make(
        "suppress_boxes", boxes, scores, overlap, least, limit=limit, center_point=center == 1
    )
    found = places(call, call.make("greater_equal", kept, call.constant(0, INT64)))
    chosen = call.make("transpose", found, permutation=(1, 0))
    box = call.make("gather_nd", kept, chosen)
    size = box.shape[0]
    pair = call.make("slice", chosen, starts=(0, 0), ends=(size, 2), steps=(1, 1))
    return call.result("concat", pair, call.make("reshape", box, shape=(size, 1)), axis=1)


def _box_limit(call: Call, count: Dim) -> Dim:
    """The most boxes of one class: those that the call allows, and no more than there are."""
    if not call.has(2):
        return 0
    if call.tensor(2).elements is None:
        most = call.make("maximum", scalar(call, call[2]), call.constant(0, INT64))
        number = call.make("sizes", values=(count,))
        least = call.make("minimum", most, scalar(call, number))
        return call.builder.measure(least, high=count)
    allowed = max(call.integer(call.size(2, "the number of boxes"), "the number of boxes"), 0)
    return minimum(allowed, count)


OPERATORS = (
    Operator("TopK", _top_k, ignores=("sorted",)),
    Operator("NonZero", _nonzero),
    Operator("Compress", _compress),
    Operator("Unique", _unique),
    Operator("NonMaxSuppression", _suppress),
)
