# SPDX-License-Identifier: Apache-2.0
"""Packing: a matrix, wherever it lies, as panels that the microkernel reads front to back.

A panel holds the columns of one tile: for each step along the depth, one row of the tile's width.
Columns beyond the edge repeat or are zero; nobody stores what comes of them. Weights are packed
once after loading by a kernel of their own; other operands by each work unit into scratch memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingot.dims import Dim, ceil_div, product
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch, Packed
from ingot.targets.cpu.builder import Builder, Integer, Module, vector
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.pack_integers import IntegerPacker
from ingot.targets.cpu.kernels.panels import PanelSource
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.vectors import lane_mask
from ingot.targets.cpu.kernels.walk import Sizes, decompose, dot

Body = Callable[[str, str], str]
_BLOCK = 4  # the transposition works on 4 x 4 elements


def print_pack(
    builder: Builder,
    sizes: Sizes,
    source: PanelSource,
    tile: Tile,
    panel: Integer,
    pointer: str,
    target: str,
    zero: str | None = None,
) -> None:
    """Fill the panel at `target` from the matrix whose first element is at `pointer`.

    `zero` is the zero point of a matrix of bytes, as an i32.
    """
    if tile.integer:
        IntegerPacker(builder, sizes, source, tile, zero).panel(panel, pointer, target)
    else:
        _Packer(builder, sizes, source, tile).panel(panel, pointer, target)


def load_zero(builder: Builder, frame: Frame, view: View | None) -> str | None:
    """A zero point as an i32."""
    if view is None:
        return None
    byte = builder.load("i8", frame.pointer(view))
    return builder.convert("sext" if view.dtype.is_signed else "zext", "i8", byte, "i32")


def panel_count(columns: Dim, tile: Tile) -> Dim:
    """How many panels hold `columns` columns."""
    return ceil_div(columns, tile.columns)


def panel_key(source: PanelSource, tile: Tile, batch: Sequence[Dim]) -> str:
    """A name for the packed panels: equal for equal memory and layout."""
    walk = source.walk
    facts = (source.extents, source.strides, source.columns, batch, walk.batch, walk.column)
    layout = ";".join(map(str, (*facts, source.view.offset + walk.start)))
    name = f"{source.view.buffer} as {tile.columns} columns {layout}"
    if not tile.integer:
        return name if tile.narrow is None else f"{name} in {tile.narrow.name}"
    zero = "" if source.zero is None else f" from {source.zero.buffer}+{source.zero.offset}"
    return f"{name} by {tile.group}{zero}"


def pack_weight(
    key: str, source: PanelSource, batch: Sequence[Dim], tile: Tile, spec: DeviceSpec
) -> Packed:
    """Packed memory with the panels of every batch index, and the kernel that fills it."""
    panels = panel_count(source.columns, tile)
    size = tile.stored.itemsize
    rows = source.rows(tile)
    packed = product(batch) * panels * rows * tile.columns
    module = Module(spec)
    builder = module.kernel()
    frame = Frame(builder)
    dims = (*batch, panels, rows, *source.dims())
    sizes = Sizes({dim: frame.size(dim) for dim in dims})
    matrix, memory = frame.pointer(source.view), frame.packed(key, "w")
    zero = load_zero(builder, frame, source.zero)

    def unit(number: Integer, _: list[str]) -> None:
        outer, panel = decompose(builder, number, [0, sizes[panels]])
        index = decompose(builder, outer, [sizes[extent] for extent in batch] or [1])
        move = dot(builder, index, [sizes[stride] for stride in source.walk.batch] or [0])
        start = builder.add(move, sizes[source.walk.start])
        place = builder.mul(number, builder.mul(sizes[rows], tile.columns))
        origin = source.stored.at(builder, matrix, start)
        target = Stored(tile.stored).at(builder, memory, place)
        print_pack(builder, sizes, source, tile, panel, origin, target, zero)

    builder.loop("%begin", "%end", 1, unit)
    builder.ret()
    traffic = packed * size
    launch = Launch(
        module.text(),
        frame.arguments,
        product(batch) * panels,
        bytes=2 * traffic,
        label="pack",
    )
    return Packed(key, packed * size, launch)


class _Packer:
    def __init__(self, builder: Builder, sizes: Sizes, source: PanelSource, tile: Tile) -> None:
        self._builder = builder
        self._sizes = sizes
        self._source = source
        self._tile = tile
        self._memory = Stored(tile.stored)

    def panel(self, panel: Integer, pointer: str, target: str) -> None:
        """Fill one panel."""
        builder, tile = self._builder, self._tile
        columns = self._sizes[self._source.columns]
        column = builder.mul(panel, tile.columns)
        edge = not isinstance(columns, int) or columns % tile.columns != 0
        valid: Integer = tile.columns
        if edge:
            valid = builder.minimum(builder.sub(columns, column), tile.columns)
        stride = self._sizes[self._source.walk.column]
        pointer = self._source.stored.at(builder, pointer, builder.mul(column, stride))
        axes = list(zip(self._source.extents, self._source.strides, strict=True))
        if self._source.walk.column == 1:
            masks = self._masks(valid) if edge else [None] * tile.vectors
            self._axes(axes, pointer, target, lambda at, to: self._copy(at, to, masks))
            return
        lanes = self._lanes(valid, stride)
        run, step = axes[-1]
        if step != 1 or run == 1 or tile.columns % _BLOCK:
            self._axes(axes, pointer, target, lambda at, to: self._single(at, to, lanes))
            return
        count = self._sizes[run]
        self._axes(axes[:-1], pointer, target, lambda at, to: self._transpose(at, to, lanes, count))

    def _masks(self, valid: Integer) -> list[str | None]:
        tile = self._tile
        starts = range(0, tile.columns, tile.lanes)
        return [
            lane_mask(self._builder, tile.lanes, self._builder.sub(valid, start))
            for start in starts
        ]

    def _lanes(self, valid: Integer, stride: Integer) -> list[Integer]:
        """The offset of each column; those beyond the edge repeat the last one."""
        builder, whole = self._builder, valid == self._tile.columns
        last = builder.sub(valid, 1)
        positions = range(self._tile.columns)
        return [
            builder.mul(lane if whole else builder.minimum(lane, last), stride)
            for lane in positions
        ]

    def _axes(self, axes: Sequence[tuple[Dim, Dim]], pointer: str, target: str, body: Body) -> str:
        """Loops over depth axes (extent, stride) around `body`; the target's end."""
        if not axes:
            return body(pointer, target)
        builder, (extent, stride) = self._builder, axes[0]

        def step(index: Integer, carried: list[str]) -> list[str]:
            move = builder.mul(index, self._sizes[stride])
            moved = self._source.stored.at(builder, pointer, move)
            return [self._axes(axes[1:], moved, carried[0], body)]

        return builder.loop(0, self._sizes[extent], 1, step, [("ptr", target)])[0]

    def _copy(self, pointer: str, target: str, masks: Sequence[str | None]) -> str:
        builder, tile, stored = self._builder, self._tile, self._source.stored
        for number, mask in enumerate(masks):
            first = number * tile.lanes
            place = stored.at(builder, pointer, first)
            value = stored.load(builder, place, tile.lanes, mask)
            self._memory.store(builder, value, self._memory.at(builder, target, first), tile.lanes)
        return self._memory.at(builder, target, tile.columns)

    def _single(self, pointer: str, target: str, lanes: Sequence[Integer]) -> str:
        builder, memory, stored = self._builder, self._memory, self._source.stored
        for lane, move in enumerate(lanes):
            value = stored.load(builder, stored.at(builder, pointer, move))
            memory.store(builder, value, memory.at(builder, target, lane), 1)
        return memory.at(builder, target, self._tile.columns)

    def _transpose(self, pointer: str, target: str, lanes: Sequence[Integer], run: Integer) -> str:
        """A run of contiguous depth: 4 x 4 blocks, then the rest step by step."""
        builder, tile, stored = self._builder, self._tile, self._source.stored
        whole = builder.round_down(run, _BLOCK)

        def blocks(index: Integer, carried: list[str]) -> list[str]:
            at = stored.at(builder, pointer, index)
            for first in range(0, tile.columns, _BLOCK):
                self._block(at, carried[0], lanes, first)
            return [self._memory.at(builder, carried[0], _BLOCK * tile.columns)]

        target = builder.loop(0, whole, _BLOCK, blocks, [("ptr", target)])[0]

        def rest(index: Integer, carried: list[str]) -> list[str]:
            return [self._single(stored.at(builder, pointer, index), carried[0], lanes)]

        return builder.loop(whole, run, 1, rest, [("ptr", target)])[0]

    def _block(self, pointer: str, target: str, lanes: Sequence[Integer], first: int) -> None:
        builder, tile, stored = self._builder, self._tile, self._source.stored
        kind = vector(tile.element, _BLOCK)
        rows = [
            stored.load(builder, stored.at(builder, pointer, lanes[first + row]), _BLOCK)
            for row in range(_BLOCK)
        ]
        for step, column in enumerate(transposed(builder, kind, rows)):
            place = self._memory.at(builder, target, step * tile.columns + first)
            self._memory.store(builder, column, place, _BLOCK)


def transposed(builder: Builder, kind: str, rows: Sequence[str]) -> list[str]:
    """The transpose of four vectors of four lanes."""
    a, b, c, d = rows
    low = [builder.shuffle(kind, x, y, (0, 4, 1, 5)) for x, y in ((a, b), (c, d))]
    high = [builder.shuffle(kind, x, y, (2, 6, 3, 7)) for x, y in ((a, b), (c, d))]
    return [
        builder.shuffle(kind, pair[0], pair[1], mask)
        for pair in (low, high)
        for mask in ((0, 1, 4, 5), (2, 3, 6, 7))
    ]
