# SPDX-License-Identifier: Apache-2.0
"""Axes and index ranges as ONNX gives them: attributes in old opsets, inputs in new ones.

Ranges come back clamped to the tensor, symbolically where its size is symbolic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingot.dims import Dim, maximum, minimum
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.measure import Piece, pieces_of, window


def axes_of(call: Call, since: int, index: int = 1, name: str = "axes") -> tuple[int, ...] | None:
    """The axes of a call: an attribute before opset `since`, the input at `index` from it on.

    None where they are left out, or empty where that means the same.
    """
    if call.opset < since:
        return call.ints_attribute(name) if call.given(name) else None
    if not call.has(index):
        return None
    return call.integers(index, f"the {name}") or None


def slice_bounds(call: Call) -> Iterator[tuple[int, Dim, Dim, int]]:
    """(axis, start, end, step) of every sliced axis of a Slice, within the tensor's sizes."""
    shape = call.shape()
    starts, ends, given, steps = _slice_inputs(call)
    axes = call.axes(tuple(range(len(starts))) if given is None else given, len(shape))
    steps = steps or (1,) * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps):
        call.fail("starts, ends, axes and steps differ in length", "correct the model")
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        if step == 0:
            call.fail("a step is 0", "correct the model")
        if isinstance(start, Value) or isinstance(end, Value):
            yield (axis, *window(call, shape[axis], start, end, step), step)
        else:
            yield (axis, *clamped_range(call, shape[axis], start, end, step), step)


def _slice_inputs(
    call: Call,
) -> tuple[Sequence[Piece], Sequence[Piece], tuple[int, ...] | None, tuple[int, ...]]:
    if call.opset < 10:
        axes = call.ints_attribute("axes") if call.given("axes") else None
        return call.ints_attribute("starts"), call.ints_attribute("ends"), axes, ()
    axes = call.integers(3, "the axes") if call.has(3) else None
    steps = call.integers(4, "the steps") if call.has(4) else ()
    return pieces_of(call, 1, "the start"), pieces_of(call, 2, "the end"), axes, steps


def clamped_range(call: Call, size: Dim, start: Dim, end: Dim, step: int) -> tuple[Dim, Dim]:
    """`start` and `end` of a slice along an axis of `size`, both within the axis.

    Going down, an end before the first element is -1.
    """
    if step > 0:
        first = _clamped(call, size, start, 0, size)
        last = _clamped(call, size, end, 0, size)
        return first, larger(call, first, last)
    first = _clamped(call, size, start, 0, size - 1)
    last = _clamped(call, size, end, -1, size - 1)
    return first, smaller(call, first, last)


def _clamped(call: Call, size: Dim, index: Dim, least: int, most: Dim) -> Dim:
    """An index into an axis, counted from its end where negative, between `least` and `most`."""
    low, high = call.bounds(index)
    if index == -1 or (index == 1 and most == size):
        call.require_element(size)
        return size - 1 if index == -1 else 1
    if high is not None and high < 0:
        return larger(call, size + index, least)
    if low is None or low < 0:
        call.guard("ge", index, 0, "a symbolic index must not be negative")
    return smaller(call, index, most)


def smaller(call: Call, left: Dim, right: Dim) -> Dim:
    """The minimum of two sizes, settled by their bounds where possible."""
    low, high = call.bounds(left - right)
    if high is not None and high <= 0:
        return left
    return right if low is not None and low >= 0 else minimum(left, right)


def larger(call: Call, left: Dim, right: Dim) -> Dim:
    """The maximum of two sizes, settled by their bounds where possible."""
    low, high = call.bounds(left - right)
    if low is not None and low >= 0:
        return left
    return right if high is not None and high <= 0 else maximum(left, right)
