# SPDX-License-Identifier: Apache-2.0
"""The protobuf wire format: tags, varints and lengths, with an error for every damaged byte.

Only what reading needs. `Message.fields` walks one message; nested messages are spans of the same
source, so nothing is copied and a truncated file is found where it ends.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from ingot.errors import ModelError
from ingot.onnx.source import Array, Source, Span

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
LONGEST, CHUNK = 10, 1 << 20  # bytes of a varint, and of packed ones decoded at once
DAMAGED = "the file is truncated, damaged or not an ONNX model; export or download it again"

Field = tuple[int, int, "int | Span"]


def damaged(source: Source, position: int, what: str) -> ModelError:
    """The error for bytes that are no valid message."""
    return ModelError(f"{source.label}: {what} at byte {position}", cure=DAMAGED)


def varint(source: Source, position: int, stop: int) -> tuple[int, int]:
    """The varint at `position` as an unsigned 64-bit int, and the position after it."""
    data = source.data
    value = shift = 0
    while True:
        if position >= stop:
            raise damaged(source, position, "a number runs past the end of its message")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, position
        shift += 7
        if shift > 63:
            raise damaged(source, position, "a number has more than ten bytes")


def fields(span: Span) -> Iterator[Field]:
    """Every field of a message: its number, its wire type, and its int or its span.

    Fixed-width values come as the unsigned int of their bits.
    """
    source, position, stop = span.source, span.start, span.stop
    data = source.data
    while position < stop:
        tag = data[position]
        position += 1
        if tag >= 0x80:
            tag, position = varint(source, position - 1, stop)
        number, wire = tag >> 3, tag & 7
        if wire == LENGTH:
            length, position = varint(source, position, stop)
            if length > stop - position:
                raise damaged(source, position, f"field {number} runs past the end of its message")
            yield number, wire, Span(source, position, position + length)
            position += length
        elif wire == VARINT:
            value, position = varint(source, position, stop)
            yield number, wire, value
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
            if size > stop - position:
                raise damaged(source, position, f"field {number} runs past the end of its message")
            yield number, wire, int.from_bytes(data[position : position + size], "little")
            position += size
        else:
            raise damaged(source, position, f"field {number} has the impossible wire type {wire}")
        if number == 0:
            raise damaged(source, position, "a field has the number 0")


def signed(value: int) -> int:
    """The signed 64-bit reading of an unsigned varint."""
    return value - (1 << 64) if value >= 1 << 63 else value


def float32(bits: int) -> float:
    """The float32 with these bits."""
    return float(struct.unpack("<f", struct.pack("<I", bits))[0])


def text(span: Span) -> str:
    """The span as UTF-8 text."""
    try:
        return bytes(span.source.data[span.start : span.stop]).decode("utf-8")
    except UnicodeDecodeError:
        raise damaged(span.source, span.start, "a name is not UTF-8 text") from None


def packed_varints(span: Span) -> Array:
    """All varints of a packed field as int64, decoded a chunk at a time."""
    data = span.array(np.dtype(np.uint8))
    if data.size and data[-1] >= 0x80:
        raise damaged(span.source, span.stop, "a packed number is cut off")
    count = sum(
        int(np.count_nonzero(data[start : start + CHUNK] < 0x80))
        for start in range(0, data.size, CHUNK)
    )
    span.source.budget.take(8 * count, span.source.label)
    result = np.empty(count, np.int64)
    start = made = 0
    while start < data.size:
        piece = _whole(data[start : start + CHUNK], span)
        numbers = _decoded(piece, span)
        result[made : made + numbers.size] = numbers
        start, made = start + piece.size, made + numbers.size
    return result


def _whole(piece: Array, span: Span) -> Array:
    """The piece without a number at its end that is cut in two."""
    ends = np.flatnonzero(piece[-LONGEST:] < 0x80)
    if not ends.size:
        raise damaged(span.source, span.start, "a number has more than ten bytes")
    return piece[: max(piece.size - LONGEST, 0) + int(ends[-1]) + 1]


def _decoded(data: Array, span: Span) -> Array:
    """The numbers of a piece that ends with a whole one, decoded at once."""
    ends = np.flatnonzero(data < 0x80)
    starts = np.concatenate([[0], ends[:-1] + 1])
    if int((ends - starts).max()) >= LONGEST:
        raise damaged(span.source, span.start, "a number has more than ten bytes")
    place = np.arange(data.size) - np.repeat(starts, ends - starts + 1)
    digits = (data & 0x7F).astype(np.uint64) << (7 * place).astype(np.uint64)
    return np.bitwise_or.reduceat(digits, starts).view(np.int64)


def packed_fixed(span: Span, dtype: np.dtype[Any]) -> Array:
    """All fixed-width values of a packed field."""
    if len(span) % dtype.itemsize:
        raise damaged(span.source, span.start, "a packed field is cut off")
    return span.array(dtype)
