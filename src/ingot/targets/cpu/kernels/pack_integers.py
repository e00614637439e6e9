# SPDX-License-Identifier: Apache-2.0
"""Packing of bytes: panels whose rows hold groups of neighbours along the depth, behind one row of
sums of the columns.

A zero point comes off each element on the way, so that what is packed are the numbers meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingot.dims import Dim
from ingot.targets.cpu.builder import Builder, Integer, literal, vector
from ingot.targets.cpu.kernels.dot import Dot, joined
from ingot.targets.cpu.kernels.integer_microkernel import guarded_byte
from ingot.targets.cpu.kernels.panels import PanelSource
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.vectors import lane_mask, load_vector
from ingot.targets.cpu.kernels.walk import Sizes


class IntegerPacker:
    """Fills panels; `zero` is the zero point as an i32, None where there is none."""

    def __init__(
        self, builder: Builder, sizes: Sizes, source: PanelSource, tile: Tile, zero: str | None
    ) -> None:
        self._builder = builder
        self._sizes = sizes
        self._source = source
        self._tile = tile
        self._zero = zero
        self._dot = Dot(source.view.dtype, tile.group)

    def panel(self, panel: Integer, pointer: str, target: str) -> None:
        """Fill one panel."""
        builder, tile = self._builder, self._tile
        columns = self._sizes[self._source.columns]
        column = builder.mul(panel, tile.columns)
        valid = builder.minimum(builder.sub(columns, column), tile.columns)
        stride = self._sizes[self._source.walk.column]
        pointer = builder.offset(pointer, builder.mul(column, stride), "i8")
        lines = _Lines(builder, tile, stride, valid)
        axes = list(zip(self._source.extents, self._source.strides, strict=True))
        first = builder.offset(target, tile.columns, tile.element)
        zeros = [literal(tile.kind, 0)] * tile.vectors
        _, *sums = self._axes(axes, pointer, [first, *zeros], lines)
        for number, total in enumerate(sums):
            self._store(target, number, total)

    def _axes(
        self, axes: Sequence[tuple[Dim, Dim]], pointer: str, carried: list[str], lines: _Lines
    ) -> list[str]:
        """Loops over depth axes (extent, stride); the innermost one goes by groups."""
        builder, (extent, stride) = self._builder, axes[0]
        step, count = self._sizes[stride], self._sizes[extent]
        kinds = ["ptr", *[self._tile.kind] * self._tile.vectors]
        if len(axes) == 1:
            return self._run(pointer, count, step, carried, lines)

        def body(index: Integer, carried: list[str]) -> list[str]:
            moved = builder.offset(pointer, builder.mul(index, step), "i8")
            return self._axes(axes[1:], moved, carried, lines)

        return builder.loop(0, count, 1, body, list(zip(kinds, carried, strict=True)))

    def _run(
        self, pointer: str, count: Integer, step: Integer, carried: list[str], lines: _Lines
    ) -> list[str]:
        builder, group = self._builder, self._tile.group
        whole = builder.round_down(count, group)
        kinds = ["ptr", *[self._tile.kind] * self._tile.vectors]

        def groups(index: Integer, carried: list[str]) -> list[str]:
            return self._row(pointer, index, group, None, step, carried, lines)

        carried = builder.loop(0, whole, group, groups, list(zip(kinds, carried, strict=True)))
        if isinstance(count, int) and isinstance(whole, int):
            left = count - whole
            if not left:
                return carried
            return self._row(pointer, whole, left, None, step, carried, lines)
        if group == 1:
            return carried
        return builder.branch_if(
            builder.compare("sgt", count, whole),
            lambda: self._row(pointer, whole, group - 1, count, step, carried, lines),
            lambda: carried,
            kinds,
        )

    def _row(
        self,
        pointer: str,
        start: Integer,
        count: int,
        stop: Integer | None,
        step: Integer,
        carried: list[str],
        lines: _Lines,
    ) -> list[str]:
        """One row of the panel: `count` elements of each column from `start` on, below `stop`."""
        builder, tile = self._builder, self._tile
        target, totals = carried[0], list(carried[1:])
        for number in range(tile.vectors):
            if lines.contiguous:
                packed = self._contiguous(pointer, start, count, stop, step, lines, number)
            else:
                packed = self._gathered(pointer, start, count, stop, step, lines, number)
            self._store(target, number, packed)
            ones = literal(tile.kind, self._dot.ones)
            totals[number] = self._dot.step(builder, tile.kind, totals[number], ones, packed)
        return [builder.offset(target, tile.columns, tile.element), *totals]

    def _store(self, target: str, number: int, value: str) -> None:
        tile = self._tile
        place = self._builder.offset(target, number * tile.lanes, tile.element)
        self._builder.store(tile.kind, value, place)

    def _contiguous(
        self, pointer: str, start: Integer, count: int, stop: Integer | None, step: Integer,
        lines: _Lines, number: int,
    ) -> str:  # fmt: skip
        """Columns side by side: a vector of bytes for each element of the group."""
        builder, tile = self._builder, self._tile
        narrow = vector("i8", tile.lanes)
        parts = []
        for element in range(count):
            place = builder.add(start, element)
            inside = True if stop is None else builder.compare("slt", place, stop)
            safe = builder.select(inside, place, start)
            line = builder.offset(pointer, builder.mul(safe, step), "i8")
            at = builder.offset(line, number * tile.lanes, "i8")
            wide = self._meant(tile.kind, load_vector(builder, narrow, at, lines.masks[number]))
            if inside is not True:
                text = f"select i1 {inside}, {tile.kind} {wide}, {tile.kind} zeroinitializer"
                wide = builder.value(text)
            parts.append(wide)
        return joined(builder, tile.kind, parts, tile.group)

    def _gathered(
        self, pointer: str, start: Integer, count: int, stop: Integer | None, step: Integer,
        lines: _Lines, number: int,
    ) -> str:  # fmt: skip
        """Columns apart: a word for each."""
        builder, tile = self._builder, self._tile
        value = "poison"
        for lane in range(tile.lanes):
            column = lines.offsets[number * tile.lanes + lane]
            line = builder.offset(pointer, column, "i8")
            word = self._word(line, start, count, stop, step)
            value = word if tile.lanes == 1 else builder.insert(tile.kind, value, word, lane)
        return value

    def _word(
        self, line: str, start: Integer, count: int, stop: Integer | None, step: Integer
    ) -> str:
        builder, group = self._builder, self._tile.group
        if step == 1 and count == group == 4 and self._zero is None:
            return builder.load("i32", builder.offset(line, start, "i8"), 1)
        parts = []
        for element in range(count):
            place = builder.add(start, element)
            if stop is None:
                at = builder.offset(line, builder.mul(place, step), "i8")
                parts.append(self._meant("i32", builder.load("i8", at)))
                continue
            byte = guarded_byte(builder, line, place, stop, start, step)
            number = self._meant("i32", byte)
            inside = builder.compare("slt", place, stop)
            parts.append(str(builder.select(inside, number, 0, "i32")))
        return joined(builder, "i32", parts, group)

    def _meant(self, kind: str, value: str) -> str:
        """Bytes as the numbers that they stand for, in i32."""
        builder, signed = self._builder, self._source.view.dtype.is_signed
        narrow = "i8" if kind == "i32" else vector("i8", self._tile.lanes)
        wide = builder.convert("sext" if signed else "zext", narrow, value, kind)
        if self._zero is None:
            return wide
        return builder.binary("sub", kind, wide, builder.splat(kind, self._zero))


class _Lines:
    """Where the columns of a panel begin: side by side behind masks, or at offsets.

    Columns beyond the edge are zero, or repeat the last one: nobody stores what comes of them.
    """

    def __init__(self, builder: Builder, tile: Tile, stride: Integer, valid: Integer) -> None:
        self.contiguous = stride == 1
        whole = valid == tile.columns
        self.masks: list[str | None] = []
        self.offsets: list[Integer] = []
        if self.contiguous:
            starts = range(0, tile.columns, tile.lanes)
            self.masks = [
                None if whole else lane_mask(builder, tile.lanes, builder.sub(valid, start))
                for start in starts
            ]
            return
        last = builder.sub(valid, 1)
        self.offsets = [
            builder.mul(lane if whole else builder.minimum(lane, last), stride)
            for lane in range(tile.columns)
        ]
