# SPDX-License-Identifier: Apache-2.0
"""Transposes a square block: vectors along one axis are loaded, shuffled, and stored to a tile.

Log2(size) rounds exchange ever larger sub-blocks between pairs of rows. A block at an edge loads
with masks where the CPU can, else it is copied element by element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingot.targets.cpu.builder import Builder, Integer, literal, vector
from ingot.targets.cpu.memory import masked_load


@dataclass(frozen=True, slots=True)
class Block:
    """A block of `rows` by `columns` elements; a column is contiguous at `start + k * stride`."""

    builder: Builder
    element: str
    size: int
    start: str
    stride: Integer
    rows: Integer
    columns: Integer
    tile: str

    @property
    def kind(self) -> str:
        """The type of a full column."""
        return vector(self.element, self.size)

    def turn(self, mask: Callable[[Integer], str] | None) -> None:
        """Fill the tile; `mask` gives the flags of the first lanes, None where there are none."""
        builder = self.builder
        full = builder.both(
            builder.compare("eq", self.rows, self.size),
            builder.compare("eq", self.columns, self.size),
        )
        if mask is None:
            builder.branch_if(full, lambda: self._store(self._whole()), self._elementwise)
            return
        kinds = [self.kind] * self.size
        self._store(builder.branch_if(full, self._whole, lambda: self._partial(mask), kinds))

    def _column(self, k: Integer) -> str:
        return self.builder.offset(self.start, self.builder.mul(self.stride, k), self.element)

    def _whole(self) -> list[str]:
        return [self.builder.load(self.kind, self._column(k)) for k in range(self.size)]

    def _partial(self, mask: Callable[[Integer], str]) -> list[str]:
        """Only the elements that exist; columns beyond the block are not touched."""
        flags = vector("i1", self.size)
        rows = mask(self.rows)
        none = literal(flags, 0)
        loaded = []
        for k in range(self.size):
            inside = self.builder.compare("slt", k, self.columns)
            if isinstance(inside, bool):
                live = rows if inside else none
            else:
                live = self.builder.value(f"select i1 {inside}, {flags} {rows}, {flags} {none}")
            loaded.append(masked_load(self.builder, self.kind, self._column(k), live))
        return loaded

    def _store(self, columns: Sequence[str]) -> None:
        for number, row in enumerate(transposed(self.builder, self.kind, columns)):
            place = self.builder.offset(self.tile, number * self.size, self.element)
            self.builder.store(self.kind, row, place)

    def _elementwise(self) -> None:
        builder = self.builder

        def column(k: Integer, _: list[str]) -> None:
            source = self._column(k)

            def row(r: Integer, _: list[str]) -> None:
                value = builder.load(self.element, builder.offset(source, r, self.element))
                place = builder.add(builder.mul(r, self.size), k)
                builder.store(self.element, value, builder.offset(self.tile, place, self.element))

            builder.loop(0, self.rows, 1, row)

        builder.loop(0, self.columns, 1, column)


def transposed(builder: Builder, kind: str, rows: Sequence[str]) -> list[str]:
    """The columns of a square matrix given by rows; the size is a power of two."""
    size, result = len(rows), list(rows)
    step = 1
    while step < size:
        first = [j if not j & step else size + j - step for j in range(size)]
        second = [j + step if not j & step else size + j for j in range(size)]
        for i in range(size):
            if not i & step:
                pair = result[i], result[i + step]
                result[i] = builder.shuffle(kind, *pair, first)
                result[i + step] = builder.shuffle(kind, *pair, second)
        step *= 2
    return result
