# SPDX-License-Identifier: Apache-2.0
"""How memory is walked by the rows of a product.

A product has batch axes (each index has its own panels), row axes, and columns. The rows of a tile
may cross row axes (the pixels of a convolution run over lines and images), so each operand's
address of row r is found from r: by one stride where the operand's row axes lie in memory as one,
else by stepping index by index.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingot.dims import Dim, product
from ingot.targets.cpu.builder import Builder, Flag, Integer


@dataclass(frozen=True)
class Walk:
    """Strides in elements of one operand along batch axes, row axes and columns; its first element.

    `start` is counted from the pointer that the operand's buffer view gives.
    """

    batch: tuple[Dim, ...]
    rows: tuple[Dim, ...]
    column: Dim = 1
    start: Dim = 0

    @property
    def moves(self) -> bool:
        """Whether the address depends on the row."""
        return any(stride != 0 for stride in self.rows)

    def with_rows(self, rows: Sequence[Dim]) -> Walk:
        """The same walk over other row axes."""
        return Walk(self.batch, tuple(rows), self.column, self.start)

    def dims(self) -> tuple[Dim, ...]:
        """Every size that the walk's code needs."""
        return (*self.batch, *self.rows, self.column, self.start)


def collapse(
    extents: Sequence[Dim], strides: Sequence[Sequence[Dim]]
) -> tuple[tuple[Dim, ...], list[tuple[Dim, ...]]]:
    """Join neighbouring axes that every operand walks as one axis; drop axes of size 1.

    `strides` has one sequence for each operand, with one stride for each axis.
    """
    kept: list[Dim] = []
    rows: list[list[Dim]] = [[] for _ in strides]
    for axis, extent in enumerate(extents):
        if extent == 1:
            continue
        steps = [walk[axis] for walk in strides]
        if kept and all(row[-1] == extent * step for row, step in zip(rows, steps, strict=True)):
            kept[-1] = kept[-1] * extent
            for row, step in zip(rows, steps, strict=True):
                row[-1] = step
        else:
            kept.append(extent)
            for row, step in zip(rows, steps, strict=True):
                row.append(step)
    if not kept:
        return (1,), [(0,) for _ in strides]
    return tuple(kept), [tuple(row) for row in rows]


class Sizes:
    """Known sizes as ints, others as registers of the function that is printed."""

    def __init__(self, registers: Mapping[Dim, Integer]) -> None:
        self._registers = registers

    def __getitem__(self, dim: Dim) -> Integer:
        return dim if isinstance(dim, int) else self._registers[dim]


def linear_stride(extents: Sequence[Dim], strides: Sequence[Dim]) -> Dim | None:
    """The stride of a row number where the axes lie in memory as one, else None."""
    for axis in range(len(extents) - 1):
        if strides[axis] != extents[axis + 1] * strides[axis + 1]:
            return None
    return strides[-1]


def decompose(builder: Builder, number: Integer, extents: Sequence[Integer]) -> list[Integer]:
    """The index along each axis of position `number` in row-major order."""
    index: list[Integer] = []
    for extent in reversed(extents[1:]):
        index.append(builder.urem(number, extent))
        number = builder.udiv(number, extent)
    return [number, *reversed(index)]


def dot(builder: Builder, index: Sequence[Integer], strides: Sequence[Integer]) -> Integer:
    """The sum of index x stride."""
    total: Integer = 0
    for position, stride in zip(index, strides, strict=True):
        total = builder.add(total, builder.mul(position, stride))
    return total


class RowCursor:
    """The rows of one tile: `count` rows from row `first` on.

    Rows at or beyond `valid` (a register, None for none) stand on the last valid row, so that
    their loads are safe.
    """

    def __init__(
        self,
        builder: Builder,
        sizes: Sizes,
        extents: Sequence[Dim],
        first: Integer,
        count: int,
        valid: Integer | None = None,
    ) -> None:
        self._builder = builder
        self._sizes = sizes
        self._dims = tuple(extents)
        self._first = first
        self._count = count
        self._valid = valid
        self._indices: list[list[Integer]] | None = None
        self._wraps: list[list[Flag]] = []

    def offsets(self, strides: Sequence[Dim]) -> list[Integer]:
        """Element offset of every row of an operand with these row strides."""
        stride = linear_stride(self._dims, strides)
        if stride is not None:
            return self._linear(stride)
        return self._stepped(strides)

    def indices(self) -> list[list[Integer]]:
        """The index of every row along every row axis."""
        if self._indices is None:
            self._indices = self._walk_indices()
        return self._indices

    def _linear(self, stride: Dim) -> list[Integer]:
        builder, step = self._builder, self._sizes[stride]
        start = builder.mul(self._first, step)
        if self._valid is None:
            return [builder.add(start, builder.mul(row, step)) for row in range(self._count)]
        offsets = [start]
        for row in range(1, self._count):
            move = builder.select(self._inside(row), step, 0)
            offsets.append(builder.add(offsets[-1], move))
        return offsets

    def _stepped(self, strides: Sequence[Dim]) -> list[Integer]:
        builder = self._builder
        indices = self.indices()
        steps = [self._sizes[stride] for stride in strides]
        jumps = self._jumps(strides)
        offsets = [dot(builder, indices[0], steps)]
        for row in range(1, self._count):
            move = jumps[-1]
            for wrap, jump in zip(self._wraps[row], reversed(jumps[:-1]), strict=True):
                move = builder.select(wrap, jump, move)
            if self._valid is not None:
                move = builder.select(self._inside(row), move, 0)
            offsets.append(builder.add(offsets[-1], move))
        return offsets

    def _jumps(self, strides: Sequence[Dim]) -> list[Integer]:
        """For each axis, the move when it advances and every axis inside it starts again."""
        builder = self._builder
        jumps: list[Integer] = []
        back: Integer = 0
        for extent, stride in zip(reversed(self._dims), reversed(strides), strict=True):
            step = self._sizes[stride]
            jumps.append(builder.sub(step, back))
            back = builder.add(back, builder.mul(builder.sub(self._sizes[extent], 1), step))
        return jumps[::-1]

    def _walk_indices(self) -> list[list[Integer]]:
        builder = self._builder
        extents = [self._sizes[extent] for extent in self._dims]
        indices = [decompose(builder, self._first, extents)]
        self._wraps = [[]]
        for row in range(1, self._count):
            index, wraps = _advance(builder, indices[-1], extents)
            if self._valid is not None:
                inside = self._inside(row)
                index = [
                    builder.select(inside, new, old)
                    for new, old in zip(index, indices[-1], strict=True)
                ]
            indices.append(index)
            self._wraps.append(wraps)
        return indices

    def _inside(self, row: int) -> Flag:
        assert self._valid is not None
        return self._builder.compare("sgt", self._valid, row)


def _advance(
    builder: Builder, index: Sequence[Integer], extents: Sequence[Integer]
) -> tuple[list[Integer], list[Flag]]:
    """The next index in row-major order, and for each axis but the outermost, innermost first,
    whether it and all axes inside it started again."""
    result: list[Integer] = []
    wraps: list[Flag] = []
    carry: Flag = True
    for position, extent in zip(reversed(index[1:]), reversed(extents[1:]), strict=True):
        after = builder.add(position, 1)
        wrap = builder.both(carry, builder.compare("eq", after, extent))
        moved = builder.select(carry, after, position)
        result.append(builder.select(wrap, 0, moved))
        wraps.append(wrap)
        carry = wrap
    outermost = builder.select(carry, builder.add(index[0], 1), index[0])
    return [outermost, *reversed(result)], wraps


def total(extents: Sequence[Dim]) -> Dim:
    """The number of rows."""
    return product(extents)
