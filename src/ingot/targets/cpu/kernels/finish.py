# SPDX-License-Identifier: Apache-2.0
"""The end of a tile: its accumulators through the region's expression, into memory.

Where the expression is cheap and the tile is whole, the code is straight and the values stay in
registers. Else the accumulators go to the stack, and a loop over rows does the rest: an expensive
activation is printed once, and rows and columns beyond the edge are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.kernel.expr import Acc, Expr, Load
from ingot.kernel.view import View
from ingot.targets.base import Placed
from ingot.targets.cpu.builder import Builder, Integer
from ingot.targets.cpu.emit import emit
from ingot.targets.cpu.kernels.fused import Fused, strides_of
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.vectors import lane_mask, load_vector, store_vector
from ingot.targets.cpu.kernels.walk import RowCursor, Sizes, Walk

_CHEAP = 8  # scalar operations for one element that are worth printing for each vector


@dataclass(frozen=True)
class Operand:
    """A load of the epilogue, or a result: the memory and how rows and columns walk it."""

    view: View
    walk: Walk


@dataclass(frozen=True)
class Epilogue:
    """A region's expressions with the places of everything that they read and write."""

    fused: Fused
    loads: tuple[tuple[Load, Operand], ...]
    results: tuple[Operand, ...]

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Loads, then results."""
        return (*(operand for _, operand in self.loads), *self.results)

    @property
    def cheap(self) -> bool:
        """Whether the code may be printed for each vector of a tile."""
        return self.fused.cost <= _CHEAP


    def with_rows(self, rows: Sequence[Sequence[Dim]]) -> Epilogue:
        """The same epilogue over other row axes: strides for each operand."""
        moved = [
            Operand(operand.view, operand.walk.with_rows(strides))
            for operand, strides in zip(self.operands, rows, strict=True)
        ]
        count = len(self.loads)
        loads = [(load, operand) for (load, _), operand in zip(self.loads, moved, strict=False)]
        return Epilogue(self.fused, tuple(loads), tuple(moved[count:]))


Split = Callable[[Sequence[Dim], Dim], Walk]


def place_epilogue(fused: Fused, placed: Placed, split: Split) -> Epilogue:
    """The epilogue of a placed region.

    `split(strides, start)` makes a Walk of an operand's strides along the axes of the result.
    """
    loads = []
    for load in fused.loads():
        view = placed.view(fused.operands[load.operand])
        loads.append((load, Operand(view, split(*strides_of(load, view, fused.axes)))))
    views = [placed.view(value) for value, _ in fused.results]
    results = tuple(Operand(view, split(view.strides, 0)) for view in views)
    return Epilogue(fused, tuple(loads), results)


class Finisher:
    """Prints the end of a tile; `pointers` has the address of each operand at row 0, column 0."""

    def __init__(
        self,
        builder: Builder,
        sizes: Sizes,
        tile: Tile,
        epilogue: Epilogue,
        pointers: Sequence[str],
    ) -> None:
        self._builder = builder
        self._sizes = sizes
        self._tile = tile
        self._epilogue = epilogue
        self._pointers = pointers

    def finish(
        self, rows: RowCursor, valid: Integer, columns: Integer, accumulators: Sequence[str]
    ) -> None:
        """Store `valid` rows and `columns` columns of the tile."""
        offsets = [
            rows.offsets(operand.walk.rows) if operand.walk.moves else None
            for operand in self._epilogue.operands
        ]
        whole = self._builder.compare("eq", columns, self._tile.columns)
        if valid != self._tile.rows or not self._epilogue.cheap:
            self._looped(offsets, valid, None if whole is True else columns, accumulators)
            return
        self._builder.branch_if(
            whole,
            lambda: self._straight(offsets, accumulators),
            lambda: self._looped(offsets, valid, columns, accumulators),
        )

    def _straight(
        self, offsets: Sequence[Sequence[Integer] | None], accumulators: Sequence[str]
    ) -> None:
        still: dict[tuple[int, int], str] = {}
        for row in range(self._tile.rows):
            pointers = [
                self._moved(pointer, None if moves is None else moves[row])
                for pointer, moves in zip(self._pointers, offsets, strict=True)
            ]
            for number in range(self._tile.vectors):
                value = accumulators[row * self._tile.vectors + number]
                self._vector(value, number, pointers, None, still)

    def _looped(
        self,
        offsets: Sequence[Sequence[Integer] | None],
        valid: Integer,
        columns: Integer | None,
        accumulators: Sequence[str],
    ) -> None:
        builder, tile = self._builder, self._tile
        values = builder.stack(tile.element, tile.rows * tile.columns)
        for number, value in enumerate(accumulators):
            builder.store(tile.kind, value, builder.offset(values, number * tile.lanes, tile.element))
        tables = [None if moves is None else self._table(moves) for moves in offsets]

        def body(row: Integer, _: list[str]) -> None:
            pointers = [
                self._moved(pointer, None if table is None else self._entry(table, row))
                for pointer, table in zip(self._pointers, tables, strict=True)
            ]
            line = builder.offset(values, builder.mul(row, tile.columns), tile.element)
            for number in range(tile.vectors):
                place = builder.offset(line, number * tile.lanes, tile.element)
                value = builder.load(tile.kind, place)
                self._vector(value, number, pointers, columns, {})

        builder.loop(0, valid, 1, body, nonempty=True)

    def _table(self, moves: Sequence[Integer]) -> str:
        table = self._builder.stack("i64", len(moves))
        for row, move in enumerate(moves):
            self._builder.store("i64", move, self._builder.offset(table, row, "i64"))
        return table

    def _entry(self, table: str, row: Integer) -> str:
        return self._builder.load("i64", self._builder.offset(table, row, "i64"))

    def _moved(self, pointer: str, move: Integer | None) -> str:
        return pointer if move is None else self._builder.offset(pointer, move, self._tile.element)

    def _vector(
        self,
        value: str,
        number: int,
        pointers: Sequence[str],
        columns: Integer | None,
        still: dict[tuple[int, int], str],
    ) -> None:
        """One vector of results; `still` keeps loads that are the same for every row."""
        mask = None if columns is None else self._mask(number, columns)
        slots = {load: slot for slot, (load, _) in enumerate(self._epilogue.loads)}

        def leaf(expr: Expr) -> str | None:
            if isinstance(expr, Acc):
                return value
            if not isinstance(expr, Load):
                return None
            slot = slots[expr]
            walk = self._epilogue.loads[slot][1].walk
            key = (slot, number if walk.column != 0 else 0)
            if key in still:
                return still[key]
            loaded = self._load(pointers[slot], walk.column, number, columns, mask)
            if not walk.moves:
                still[key] = loaded
            return loaded

        roots = [expr for _, expr in self._epilogue.fused.results]
        finals = emit(self._builder, roots, self._tile.lanes, leaf)
        for pointer, final in zip(pointers[len(slots) :], finals, strict=True):
            place = self._builder.offset(pointer, number * self._tile.lanes, self._tile.element)
            store_vector(self._builder, self._tile.kind, final, place, mask)

    def _mask(self, number: int, columns: Integer) -> str:
        left = self._builder.sub(columns, number * self._tile.lanes)
        return lane_mask(self._builder, self._tile.lanes, left)

    def _load(
        self, pointer: str, column: Dim, number: int, columns: Integer | None, mask: str | None
    ) -> str:
        builder, tile = self._builder, self._tile
        if column == 0:
            return builder.splat(tile.kind, builder.load(tile.element, pointer))
        first = number * tile.lanes
        if column == 1:
            place = builder.offset(pointer, first, tile.element)
            return load_vector(builder, tile.kind, place, mask)
        gathered = "poison"
        for lane in range(tile.lanes):
            position: Integer = first + lane
            if columns is not None:
                position = builder.minimum(position, builder.sub(columns, 1))
            place = builder.offset(
                pointer, builder.mul(position, self._sizes[column]), tile.element
            )
            gathered = builder.insert(tile.kind, gathered, builder.load(tile.element, place), lane)
        return gathered
