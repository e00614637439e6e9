# SPDX-License-Identifier: Apache-2.0
"""Sizes that are computed from data: their scalars are measured when the graph runs.

An input that carries sizes is known element by element where it can be: a concatenation of known
and computed parts has computed sizes only where the computed parts are. What ONNX lets an element
say beside a size (0 and -1 of Reshape, counting from the end in Slice) is settled by nodes first,
so that what is measured is a size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from ingot.dims import Dim, product
from ingot.dtypes import FLOAT64, INT64
from ingot.ir.graph import Node, Value
from ingot.onnx.attributes import REPORT
from ingot.onnx.call import DATA_DEPENDENT, Call
from ingot.onnx.tensor import is_size

# A size that is known, or the scalar that holds it.
Piece: TypeAlias = Dim | Value
DEPTH = 8
MOST = 64


def sizes_of(call: Call, index: int, what: str) -> tuple[Dim, ...]:
    """The elements of an integer input as sizes; what is computed from data is measured."""
    return tuple(measure(call, piece) for piece in pieces_of(call, index, what))


def measure(call: Call, piece: Piece, high: Dim | None = None) -> Dim:
    """A piece as a size, at least 0."""
    return call.builder.measure(piece, high=high) if isinstance(piece, Value) else piece


def pieces_of(call: Call, index: int, what: str) -> list[Piece]:
    """The elements of an integer input, known ones as sizes, others as int64 scalars."""
    tensor = call.tensor(index)
    if tensor.elements is not None:
        return list(call.sizes(index, what))
    count = product(tensor.shape)
    fits = isinstance(count, int) and count <= MOST and len(tensor.shape) < 2
    if not fits or not tensor.type.dtype.is_integer:
        call.refuse(
            f"{what} (input '{tensor.name}') is computed from data, "
            "it must be a vector of integers of known length",
            DATA_DEPENDENT,
        )
    return _pieces(call, tensor.value, DEPTH)


def _pieces(call: Call, value: Value, depth: int) -> list[Piece]:
    """The elements of a vector or scalar, seen through what put them together."""
    weight = call.builder.weights.get(value.name)
    if weight is not None and weight.value is value:
        return [int(item) for item in weight.data.reshape(-1).tolist()]
    node = producer(call, value) if depth else None
    operands = [] if node is None else [one for one in node.inputs if one is not None]
    match node.op if node is not None else "":
        case "sizes":
            assert node is not None
            values = node.attributes["values"]
            assert isinstance(values, tuple)
            return [item for item in values if is_size(item)]  # type: ignore[misc]
        case "concat":
            return [piece for part in operands for piece in _pieces(call, part, depth - 1)]
        case "reshape" | "identity":
            return _pieces(call, operands[0], depth - 1)
        case "cast" if operands[0].dtype.is_integer:
            return _pieces(call, operands[0], depth - 1)
    return [_element(call, value, position) for position in range(_count(value))]


def _count(value: Value) -> int:
    count = product(value.shape)
    assert isinstance(count, int)
    return count


def producer(call: Call, value: Value) -> Node | None:
    """The node that makes a value; None for what no node makes."""
    nodes = reversed(call.builder.nodes)
    return next((node for node in nodes if value in node.outputs), None)


def _element(call: Call, value: Value, position: int) -> Value:
    if value.dtype != INT64:
        value = call.make("cast", value, to=INT64)
    if _count(value) > 1:
        ends = (position + 1,)
        value = call.make("slice", value, starts=(position,), ends=ends, steps=(1,))
    return value if value.rank == 0 else call.make("reshape", value, shape=())


def scalar_of(call: Call, piece: Piece) -> Value:
    """A piece as an int64 scalar."""
    if isinstance(piece, Value):
        return piece
    if isinstance(piece, int):
        return call.constant(np.int64(piece))
    return call.make("reshape", call.make("sizes", values=(piece,)), shape=())


def target_shape(
    call: Call, index: int, before: Sequence[Dim], copies: bool
) -> tuple[Dim, ...] | None:
    """The target of a Reshape that is computed from data; None where it is known.

    0 copies a size of `before` where `copies`; -1 is what is left.
    """
    pieces = pieces_of(call, index, "the target shape")
    unknown = [position for position, piece in enumerate(pieces) if isinstance(piece, Value)]
    if not unknown:
        return None
    for position, piece in enumerate(pieces):
        if copies and isinstance(piece, int) and piece == 0 and position < len(before):
            pieces[position] = before[position]
    known = [piece for piece in pieces if not isinstance(piece, Value)]
    if len(unknown) == 1 and all(isinstance(size, int) and size > 0 for size in known):
        pieces[unknown[0]] = product(before) // product(known)
        return tuple(measure(call, piece) for piece in pieces)
    for position in unknown:
        if copies and position < len(before):
            pieces[position] = _where_zero(call, pieces[position], before[position])
    left = _left(call, product(before), pieces)
    return tuple(measure(call, _or_left(call, piece, left)) for piece in pieces)


def _where_zero(call: Call, piece: Piece, size: Dim) -> Value:
    value = scalar_of(call, piece)
    zero = call.make("equal", value, scalar_of(call, 0))
    return call.make("where", zero, scalar_of(call, size), value)


def _left(call: Call, total: Dim, pieces: Sequence[Piece]) -> Value:
    """The size that -1 stands for: `total` over the others, which are not negative."""
    each = scalar_of(call, 1)
    for piece in pieces:
        value = scalar_of(call, piece)
        counts = call.make("greater_equal", value, scalar_of(call, 0))
        each = call.make("mul", each, call.make("where", counts, value, scalar_of(call, 1)))
    divisor = call.make("maximum", each, scalar_of(call, 1))
    return call.make("div", scalar_of(call, total), divisor)


def _or_left(call: Call, piece: Piece, left: Value) -> Piece:
    if not isinstance(piece, Value):
        return left if isinstance(piece, int) and piece == -1 else piece
    here = call.make("greater_equal", piece, scalar_of(call, 0))
    return call.make("where", here, piece, left)


def window(call: Call, size: Dim, start: Piece, end: Piece, step: int) -> tuple[Dim, Dim]:
    """`start` and `end` of a slice along an axis of `size`, at least one computed from data.

    Both count from the end where negative, and are clamped to the axis. The length is measured, not
    the end, so that the shape is one plain size.
    """
    if step > 0:
        first = _clamped(call, start, size, 0, size)
        last = call.make("maximum", _clamped(call, end, size, 0, size), first)
        length = measure(call, call.make("sub", last, first), high=size)
        begin = measure(call, first, high=size)
        return begin, begin + length
    first = _clamped(call, start, size, 0, size - 1)
    last = call.make("minimum", _clamped(call, end, size, -1, size - 1), first)
    length = measure(call, call.make("sub", first, last), high=size)
    begin = measure(call, call.make("maximum", first, scalar_of(call, 0)), high=size)
    return begin, begin - length


def _clamped(call: Call, piece: Piece, size: Dim, least: Dim, most: Dim) -> Value:
    value = scalar_of(call, piece)
    inside = call.make("greater_equal", value, scalar_of(call, 0))
    front = call.make("where", inside, value, call.make("add", value, scalar_of(call, size)))
    above = call.make("maximum", front, scalar_of(call, least))
    return call.make("minimum", above, scalar_of(call, most))


def range_length(call: Call) -> Dim:
    """The number of elements of a Range whose bounds are computed: ceil((limit - start) / step)."""
    start, limit, step = (_scalar_input(call, index) for index in range(3))
    span = call.make("sub", limit, start)
    if span.dtype.is_float:
        exact = [call.make("cast", value, to=FLOAT64) for value in (span, step)]
        count = call.make("cast", call.make("ceil", call.make("div", *exact)), to=INT64)
    else:
        wide = [call.make("cast", value, to=INT64) for value in (span, step)]
        sign = call.make("sign", wide[1])
        span, step = (call.make("mul", value, sign) for value in wide)
        count = call.make("sub", call.make("add", span, step), scalar_of(call, 1))
        count = call.make("div", count, step)
    return measure(call, call.make("maximum", count, scalar_of(call, 0)))


def _scalar_input(call: Call, index: int) -> Value:
    value = call[index]
    if product(value.shape) != 1:
        call.refuse(f"input {index} is no scalar", REPORT)
    return value if value.rank == 0 else call.make("reshape", value, shape=())
