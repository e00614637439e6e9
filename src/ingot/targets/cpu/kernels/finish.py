# SPDX-License-Identifier: Apache-2.0
"""The end of a tile: its accumulators through the region's expression, into memory.

Where the expression is cheap and the tile is whole, the code is straight and the values stay in
registers. Else the accumulators go to the stack, and a loop over rows does the rest: an expensive
activation is printed once, and rows and columns beyond the edge are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.kernel.expr import Acc, Expr, Load
from ingot.kernel.view import View
from ingot.plan.plan import Mode
from ingot.targets.base import Placed
from ingot.targets.cpu.builder import Builder, Integer
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.elementwise import emit_vectors
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.vectors import gathered, lane_mask, load_vector
from ingot.targets.cpu.kernels.walk import RowCursor, Sizes, Walk
from ingot.targets.cpu.types import from_memory, memory_type
from ingot.targets.fused import Fused, cost_of, strides_of

_LINE = 64  # bytes that memory moves at once
_CHEAP = 8  # scalar operations for one element that are worth printing for each vector


@dataclass(frozen=True)
class Operand:
    """Memory that rows and columns walk: a view, or the key of packed or temporary memory."""

    place: View | str
    walk: Walk
    dtype: DType

    def moved(self, builder: Builder, pointer: str, move: Integer) -> str:
        """`pointer` moved by `move` elements of this operand."""
        return builder.offset(pointer, move, memory_type(self.dtype))

    def pointer(self, frame: Frame, mode: Mode = "r") -> str:
        """The address where the walk begins, `start` not yet added."""
        if isinstance(self.place, str):
            return frame.packed(self.place, mode)
        return frame.pointer(self.place, mode)


@dataclass(frozen=True)
class Epilogue:
    """A region's expressions with the places of everything that they read and write."""

    loads: tuple[tuple[Load, Operand], ...]
    results: tuple[tuple[Expr, Operand], ...]

    @property
    def operands(self) -> tuple[Operand, ...]:
        """Loads, then results."""
        return tuple(operand for _, operand in (*self.loads, *self.results))

    @property
    def cheap(self) -> bool:
        """Whether the code may be printed for each vector of a tile."""
        return cost_of(expr for expr, _ in self.results) <= _CHEAP

    def pointers(self, frame: Frame) -> list[str]:
        """The addresses of all operands."""
        read = [operand.pointer(frame, "r") for _, operand in self.loads]
        return [*read, *(operand.pointer(frame, "w") for _, operand in self.results)]

    def with_rows(self, rows: Sequence[Sequence[Dim]]) -> Epilogue:
        """The same epilogue over other row axes: strides for each operand."""
        moved = [
            replace(operand, walk=operand.walk.with_rows(strides))
            for operand, strides in zip(self.operands, rows, strict=True)
        ]
        loads = zip((load for load, _ in self.loads), moved, strict=False)
        results = zip((expr for expr, _ in self.results), moved[len(self.loads) :], strict=True)
        return Epilogue(tuple(loads), tuple(results))


Move = TypeVar("Move")
Split = Callable[[Sequence[Dim], Dim], Walk]


def place_epilogue(fused: Fused, placed: Placed, split: Split) -> Epilogue:
    """The epilogue of a placed region.

    `split(strides, start)` makes a Walk of an operand's strides along the axes of the result.
    """
    loads = []
    for load in fused.loads():
        view = placed.view(fused.operands[load.operand])
        walk = split(*strides_of(load, view, fused.axes))
        loads.append((load, Operand(view, walk, view.dtype)))
    results = []
    for value, expr in fused.results:
        view = placed.view(value)
        results.append((expr, Operand(view, split(view.strides, 0), view.dtype)))
    return Epilogue(tuple(loads), tuple(results))


def plain_epilogue(dtype: DType, place: View | str, walk: Walk) -> Epilogue:
    """Nothing but a store."""
    return Epilogue((), ((Acc(dtype), Operand(place, walk, dtype)),))


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

    def ask_ahead(self, rows: RowCursor) -> None:
        """Prefetch what the end of the tile reads; to be printed before the tile's work."""
        for pointer, (_, operand) in zip(self._pointers, self._epilogue.loads, strict=False):
            if not operand.walk.moves or operand.walk.column != 1:
                continue
            for offset in rows.offsets(operand.walk.rows):
                line = operand.moved(self._builder, pointer, offset)
                for first in range(0, self._tile.columns, _LINE // operand.dtype.itemsize):
                    self._builder.prefetch(operand.moved(self._builder, line, first))

    def finish(
        self, rows: RowCursor, valid: Integer, columns: Integer, accumulators: Sequence[str]
    ) -> None:
        """Store `valid` rows and `columns` columns of the tile."""
        offsets = [
            rows.offsets(operand.walk.rows) if operand.walk.moves else None
            for operand in self._epilogue.operands
        ]
        builder = self._builder
        whole_rows = builder.compare("eq", valid, self._tile.rows)
        whole_columns = builder.compare("eq", columns, self._tile.columns)
        limit = None if whole_columns is True else columns
        builder.branch_if(
            builder.both(whole_rows, whole_columns) if self._epilogue.cheap else False,
            lambda: self._straight(offsets, accumulators),
            lambda: self._looped(offsets, valid, limit, accumulators),
        )

    def _straight(
        self, offsets: Sequence[Sequence[Integer] | None], accumulators: Sequence[str]
    ) -> None:
        still: dict[tuple[int, int], str] = {}
        for row in range(self._tile.rows):
            pointers = [
                pointer if moves is None else operand.moved(self._builder, pointer, moves[row])
                for pointer, operand, moves in self._rows(offsets)
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
            builder.store(
                tile.kind, value, builder.offset(values, number * tile.lanes, tile.element)
            )
        tables = [None if moves is None else self._table(moves) for moves in offsets]

        def body(row: Integer, _: list[str]) -> None:
            pointers = [
                pointer
                if table is None
                else operand.moved(builder, pointer, self._entry(table, row))
                for pointer, operand, table in self._rows(tables)
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

    def _rows(self, moves: Sequence[Move]) -> Iterator[tuple[str, Operand, Move]]:
        return zip(self._pointers, self._epilogue.operands, moves, strict=True)

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
            operand = self._epilogue.loads[slot][1]
            key = (slot, number if operand.walk.column != 0 else 0)
            if key in still:
                return still[key]
            loaded = self._load(operand, pointers[slot], number, columns, mask)
            if not operand.walk.moves:
                still[key] = loaded
            return loaded

        roots = [expr for expr, _ in self._epilogue.results]
        finals = emit_vectors(self._builder, roots, self._tile.lanes, leaf)
        results = (operand for _, operand in self._epilogue.results)
        ends = zip(results, pointers[len(slots) :], finals, strict=True)
        for operand, pointer, final in ends:
            place = operand.moved(self._builder, pointer, number * self._tile.lanes)
            Stored(operand.dtype).store(self._builder, final, place, self._tile.lanes, mask)

    def _mask(self, number: int, columns: Integer) -> str:
        left = self._builder.sub(columns, number * self._tile.lanes)
        return lane_mask(self._builder, self._tile.lanes, left)

    def _load(
        self,
        operand: Operand,
        pointer: str,
        number: int,
        columns: Integer | None,
        mask: str | None,
    ) -> str:
        builder, lanes, dtype = self._builder, self._tile.lanes, operand.dtype
        column, first = operand.walk.column, number * self._tile.lanes
        element, kind = memory_type(dtype), memory_type(dtype, lanes)
        if column == 0:
            stored = builder.splat(kind, builder.load(element, pointer))
        elif column == 1:
            stored = load_vector(builder, kind, operand.moved(builder, pointer, first), mask)
        else:
            stored = self._gather(operand, pointer, first, columns)
        return from_memory(builder, dtype, stored, lanes)

    def _gather(self, operand: Operand, pointer: str, first: int, columns: Integer | None) -> str:
        """Columns that do not lie side by side; those beyond the edge repeat the last one."""
        builder, stride = self._builder, self._sizes[operand.walk.column]
        element = memory_type(operand.dtype)
        kind = memory_type(operand.dtype, self._tile.lanes)
        scalars = []
        for lane in range(self._tile.lanes):
            position: Integer = first + lane
            if columns is not None:
                position = builder.minimum(position, builder.sub(columns, 1))
            place = operand.moved(builder, pointer, builder.mul(position, stride))
            scalars.append(builder.load(element, place))
        return gathered(builder, kind, scalars)
