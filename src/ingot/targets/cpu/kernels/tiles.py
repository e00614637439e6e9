# SPDX-License-Identifier: Apache-2.0
"""The tiles of a product: internal functions that compute one, and the loops that call them.

A tile function is the only user of vector registers, so nothing else in a kernel competes for them.
There are one or two functions where the number of rows is known, and up to three otherwise: the
last tile then takes the smallest that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.targets.cpu.builder import Builder, Integer, Parameter
from ingot.targets.cpu.kernels.finish import Epilogue, Finisher
from ingot.targets.cpu.kernels.integer_microkernel import IntegerMicrokernel
from ingot.targets.cpu.kernels.microkernel import Depth, Microkernel
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Cover, Tile
from ingot.targets.cpu.kernels.walk import RowCursor, Sizes, Walk

Body = Callable[[Integer, list[str]], None]


@dataclass(frozen=True)
class Tiled:
    """What a tile computes: rows of the left operand, its depth, and where the result goes.

    `ragged` says that the last panel has columns to spare; `stored` is the left operand's type
    where it is not the tile's; `name` sets the functions of one product apart from another's in the
    same kernel.
    """

    rows: tuple[Dim, ...]
    depth: Depth
    tile: Tile
    left: Walk
    epilogue: Epilogue
    ragged: bool
    stored: DType | None = None
    name: str = "tile"

    def dims(self) -> tuple[Dim, ...]:
        """Every size that tile functions need."""
        walks = [self.left, *(operand.walk for operand in self.epilogue.operands)]
        return (
            *self.rows,
            *self.depth.dims(),
            *(dim for walk in walks for dim in (*walk.rows, walk.column)),
        )


@dataclass(frozen=True)
class Pointers:
    """Addresses that a tile starts from: rows from 0 on, columns from the panel's first.

    `shift` is what an integer tile takes off each element of its rows.
    """

    source: str
    panel: str
    operands: Sequence[str]
    zeros: str | None = None
    shift: Integer = 0

    @property
    def all(self) -> list[str]:
        """In the order of a tile function's parameters."""
        zeros = [] if self.zeros is None else [self.zeros]
        return [self.source, self.panel, *zeros, *self.operands]


@dataclass(frozen=True)
class _Variant:
    """A tile function: its rows, and whether some of them may be missing."""

    family: str
    rows: int
    guarded: bool

    @property
    def name(self) -> str:
        return f"{self.family}{self.rows}" + ("guarded" if self.guarded else "")


@dataclass(frozen=True)
class TileRows:
    """The rows of one tile: the function, the first row, and how many rows there are."""

    variant: _Variant
    row: Integer
    valid: Integer


class TileCaller:
    """Prints calls of tile functions into `builder`, and the functions when first called."""

    def __init__(self, builder: Builder, sizes: Sizes, tiled: Tiled, cover: Cover) -> None:
        self._builder = builder
        self._sizes = sizes
        self._tiled = tiled
        self._cover = cover
        dims = dict.fromkeys(dim for dim in tiled.dims() if not isinstance(dim, int))
        self._symbolic = tuple(dims)

    def tiles(self, first: Integer, last: Integer, pointers: Pointers, columns: Integer) -> None:
        """Tiles `first` to `last`, for `columns` columns of one panel."""
        self.each(first, last, lambda rows: self.call(rows, pointers, columns))

    def each(self, first: Integer, last: Integer, body: Callable[[TileRows], None]) -> None:
        """Loops over tiles `first` to `last`; `body` is printed for each variant."""
        if not self._cover.exact:
            self._unknown(first, last, body)
            return
        builder, size, larger = self._builder, self._cover.size, self._cover.larger
        if larger:
            stop = builder.minimum(last, larger)
            builder.loop(first, stop, 1, self._known(size + 1, 0, body))
        if larger != self._cover.tiles:
            start = builder.maximum(first, larger)
            builder.loop(start, last, 1, self._known(size, larger, body))

    def _known(self, count: int, skipped: int, body: Callable[[TileRows], None]) -> Body:
        variant = _Variant(self._tiled.name, count, guarded=False)

        def tile(number: Integer, _: list[str]) -> None:
            row = self._builder.add(self._builder.mul(number, count), skipped)
            body(TileRows(variant, row, count))

        return tile

    def _unknown(self, first: Integer, last: Integer, body: Callable[[TileRows], None]) -> None:
        builder, most = self._builder, self._cover.size
        rows = self._sizes[self._cover.rows]
        counts = sorted({1, -(-most // 2), most})
        variants = [_Variant(self._tiled.name, count, count > 1) for count in counts]

        def tile(number: Integer, _: list[str]) -> None:
            row = builder.mul(number, most)
            valid = builder.minimum(builder.sub(rows, row), most)
            self._smallest(variants, row, valid, body)

        builder.loop(first, last, 1, tile)

    def _smallest(
        self,
        variants: Sequence[_Variant],
        row: Integer,
        valid: Integer,
        body: Callable[[TileRows], None],
    ) -> None:
        """`body` for the first variant that has `valid` rows."""
        fits = self._builder.compare("sle", valid, variants[0].rows) if variants[1:] else True
        self._builder.branch_if(
            fits,
            lambda: body(TileRows(variants[0], row, valid)),
            lambda: self._smallest(variants[1:], row, valid, body),
        )

    def call(self, rows: TileRows, pointers: Pointers, columns: Integer) -> None:
        """Compute one tile for `columns` columns of one panel."""
        variant = rows.variant
        if not self._builder.module.has(variant.name):
            self._print(variant, pointers)
        numbers = [rows.row]
        if variant.guarded:
            numbers.append(rows.valid)
        if self._tiled.ragged:
            numbers.append(columns)
        if isinstance(pointers.shift, str):
            numbers.append(pointers.shift)
        numbers += [self._sizes[dim] for dim in self._symbolic]
        arguments: list[tuple[str, Integer]] = [("ptr", pointer) for pointer in pointers.all]
        arguments += [("i64", number) for number in numbers]
        self._builder.call(variant.name, "void", arguments)

    def _print(self, variant: _Variant, given: Pointers) -> None:
        """Define the function of `variant`."""
        tiled, taken = self._tiled, Parameters()
        source, panel = taken.next("ptr"), taken.next("ptr")
        zeros = None if given.zeros is None else taken.next("ptr")
        operands = [taken.next("ptr") for _ in given.operands]
        row = taken.next("i64")
        valid = taken.next("i64") if variant.guarded else None
        columns: Integer = taken.next("i64") if tiled.ragged else tiled.tile.columns
        shift = taken.next("i64") if isinstance(given.shift, str) else given.shift
        sizes = Sizes({dim: taken.next("i64") for dim in self._symbolic})
        builder = self._builder.module.function(variant.name, taken.parameters)
        tile = replace(tiled.tile, rows=variant.rows)
        rows = RowCursor(builder, sizes, tiled.rows, row, variant.rows, valid)
        stored = Stored(tiled.stored or tile.dtype)
        microkernel = (
            IntegerMicrokernel(builder, sizes, tile, tiled.depth, stored, shift)
            if tile.integer
            else Microkernel(builder, sizes, tile, tiled.depth, stored)
        )
        finisher = Finisher(builder, sizes, tile, tiled.epilogue, operands)
        finisher.ask_ahead(rows)
        accumulators = microkernel.accumulate(rows, tiled.left, source, panel, zeros)
        finisher.finish(rows, variant.rows if valid is None else valid, columns, accumulators)
        builder.ret()


class Parameters:
    """Numbered parameters of a function."""

    def __init__(self) -> None:
        self.parameters: list[Parameter] = []

    def next(self, kind: str) -> str:
        """One more parameter."""
        register = f"%a{len(self.parameters)}"
        self.parameters.append((kind, register))
        return register
