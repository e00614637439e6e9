# SPDX-License-Identifier: Apache-2.0
"""Products: every contraction as batches of rows times panels, and the kernel that computes one.

A product says what is multiplied; `ProductKernel` cuts rows into tiles and columns into panels,
groups both into work units whose operands stay in the second-level cache, and calls the
microkernel. The panels are a weight that was packed after loading, or are packed by each unit into
its worker's scratch memory. A weight of narrow floats is widened there too, where enough tiles
share what comes of it, and so are codes of few bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ingot.dims import Dim, ceil_div, minimum, product
from ingot.dtypes import BFLOAT16
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch
from ingot.targets.cpu.builder import Integer, Module
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.dot import Dot
from ingot.targets.cpu.kernels.finish import Epilogue, Operand
from ingot.targets.cpu.kernels.microkernel import Depth
from ingot.targets.cpu.kernels.pack import load_zero, print_pack
from ingot.targets.cpu.kernels.panels import CodedPanels, PanelSource
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Cover, Tile, cover
from ingot.targets.cpu.kernels.tiles import Pointers, TileCaller, Tiled, TileRows
from ingot.targets.cpu.kernels.vectors import fill_run
from ingot.targets.cpu.kernels.walk import Sizes, decompose, dot

_UNITS = 32  # work units that keep a few workers evenly busy
_LEAST_WORK = 400_000  # multiply-adds that are worth a claim
_LEAST_TILES = 3  # tiles of a work unit that are worth widening a panel for


@dataclass(frozen=True)
class Product:
    """`result[batch, row, column] = epilogue(sum over depth of left[…] * panels[…])`.

    `panels` is the key of packed memory, or what each unit packs or widens panels from. `zero` is
    where the zero point of a left operand of bytes lies.
    """

    batch: tuple[Dim, ...]
    rows: tuple[Dim, ...]
    columns: Dim
    depth: Depth
    tile: Tile
    left: Operand
    panels: str | PanelSource | CodedPanels
    epilogue: Epilogue
    zero: View | None = None

    @property
    def multiplications(self) -> Dim:
        """Scalar multiply-adds."""
        return product((*self.batch, *self.rows, self.columns, self.depth.size))

    @property
    def panel_rows(self) -> Dim:
        """The rows of a panel: what is widened may reach beyond the depth."""
        if isinstance(self.panels, str | PanelSource):
            return self.depth.rows
        return self.panels.rows


@dataclass(frozen=True)
class Blocking:
    """Work units: `tiles` tiles by `panels` panels of one batch.

    `across` says that a tile runs over all panels before the next one begins: where the unit's
    panels stay in the second-level cache, results are so written line by line.
    """

    cover: Cover
    tiles: Dim
    panels: Dim
    row_blocks: Dim
    column_blocks: Dim
    across: bool = False


def choose_blocking(job: Product, spec: DeviceSpec) -> Blocking:
    """Units as large as the second-level cache allows and small enough to share."""
    whole = cover(product(job.rows), job.tile.rows)
    panels = ceil_div(job.columns, job.tile.columns)
    room = spec.l2 // (2 * job.tile.dtype.itemsize)
    lines = room * (1 if job.tile.integer else job.tile.dtype.itemsize // job.left.dtype.itemsize)
    depth = max(job.depth.rows, 1) if isinstance(job.depth.rows, int) else 1024
    tiles_in_cache = max(lines // (depth * job.tile.rows), 1)
    tile_work = depth * job.tile.rows * job.tile.columns
    batch = product(job.batch)
    batches = batch if isinstance(batch, int) else 4
    wanted = max(max(_UNITS, 4 * spec.cores) // max(batches, 1), 1)
    known = whole.tiles if isinstance(whole.tiles, int) else 64
    width = max(panels, 1) if isinstance(panels, int) else 8
    least = max(_LEAST_WORK // tile_work, 1)
    if not isinstance(job.panels, PanelSource) and width * depth * job.tile.columns <= room:
        # All panels stay in the cache: share rows.
        tiles = max(min(tiles_in_cache, -(-known // wanted)), -(-least // width), 1)
        if job.tile.narrow is not None or not isinstance(job.panels, str):
            tiles = max(tiles, min(2 * _LEAST_TILES, -(-known // (2 * spec.cores))))
        return replace(_blocking(whole, tiles, panels, panels), across=True)
    tiles = min(tiles_in_cache, max(known, 1))
    blocks = -(-known // tiles)
    share = max(width * blocks // wanted, -(-least // tiles), 1)
    return _blocking(whole, tiles, min(share, width), panels)


def _blocking(whole: Cover, tiles: Dim, share: Dim, panels: Dim) -> Blocking:
    return Blocking(whole, tiles, share, ceil_div(whole.tiles, tiles), ceil_div(panels, share))


class ProductKernel:
    """Prints the kernel of one product."""

    def __init__(self, job: Product, spec: DeviceSpec, widens: bool | None = None) -> None:
        self._job = job
        self._blocking = choose_blocking(job, spec)
        self._module = Module(spec)
        self._builder = self._module.kernel()
        self._frame = Frame(self._builder)
        ragged = not isinstance(job.columns, int) or job.columns % job.tile.columns != 0
        self._widens = _widens(job, self._blocking) if widens is None else widens
        tile = replace(job.tile, narrow=None) if self._widens else job.tile
        tiled = Tiled(
            job.rows, job.depth, tile, job.left.walk, job.epilogue, ragged, job.left.dtype
        )
        self._panel_count = ceil_div(job.columns, job.tile.columns)
        dims = (*tiled.dims(), *self._dims())
        self._sizes = Sizes({dim: self._frame.size(dim) for dim in dims})
        self._caller = TileCaller(self._builder, self._sizes, tiled, self._blocking.cover)

    def launch(self, label: str = "") -> Launch:
        """The kernel and its arguments."""
        self._print()
        job, blocking = self._job, self._blocking
        rows = product((*job.batch, *job.rows))
        weights = product(job.batch) * job.columns * job.depth.size
        traffic = rows * (job.depth.size + job.columns) + weights
        return Launch(
            self._module.text(),
            self._frame.arguments,
            product(job.batch) * blocking.row_blocks * blocking.column_blocks,
            flops=2 * job.multiplications,
            bytes=traffic * job.tile.dtype.itemsize,
            label=label,
        )

    def _dims(self) -> list[Dim]:
        job, blocking = self._job, self._blocking
        walks = [job.left.walk, *(operand.walk for operand in job.epilogue.operands)]
        dims: list[Dim] = [dim for walk in walks for dim in walk.dims()]
        dims += [*job.batch, job.columns, job.panel_rows, self._panel_count]
        dims += [blocking.cover.rows, blocking.cover.tiles, blocking.tiles, blocking.panels]
        dims += [blocking.row_blocks, blocking.column_blocks]
        if isinstance(job.panels, PanelSource):
            dims += job.panels.dims()
        return dims

    def _print(self) -> None:
        builder, job, frame = self._builder, self._job, self._frame
        panels = self._panels()
        zeros = self._zeros() if job.depth.bordered else None
        operands = job.epilogue.pointers(frame)
        shift = self._shift() if job.tile.integer else 0
        pointers = Pointers(job.left.pointer(frame), panels, operands, zeros, shift)
        self._wide = self._scratch() if self._widens else ""
        builder.loop("%begin", "%end", 1, lambda number, _: self._unit(number, pointers))
        builder.ret()

    def _panels(self) -> str:
        """The packed memory, or room for what a unit packs."""
        panels = self._job.panels
        if isinstance(panels, PanelSource):
            return self._scratch()
        return self._frame.packed(panels if isinstance(panels, str) else panels.key)

    def _scratch(self) -> str:
        """Room for the panels of a work unit, or for one at a time."""
        panels = 1 if self._widens and not self._blocking.across else self._blocking.panels
        size = self._job.panel_rows * self._job.tile.columns
        return self._frame.scratch(panels * size * self._job.tile.dtype.itemsize)

    def _zeros(self) -> str:
        """A run of zeros, filled at every call: it is short beside the work of a claim."""
        run, stored = self._job.depth.run, Stored(self._job.left.dtype)
        zeros = self._frame.scratch(run * stored.dtype.itemsize)
        zero = None
        if self._job.zero is not None:
            zero = self._builder.load("i8", self._frame.pointer(self._job.zero))
        fill_run(self._builder, stored.element, zeros, self._sizes[run], zero)
        return zeros

    def _shift(self) -> Integer:
        """What is in each element of a left operand of bytes beside the number meant."""
        builder, job = self._builder, self._job
        offset = Dot(job.left.dtype, job.tile.group).offset
        zero = load_zero(builder, self._frame, job.zero)
        if zero is None:
            return offset
        return builder.add(builder.convert("sext", "i32", zero, "i64"), offset)

    def _unit(self, number: Integer, pointers: Pointers) -> None:
        """One block of rows times one block of panels."""
        builder, sizes, job, blocking = self._builder, self._sizes, self._job, self._blocking
        blocks = [sizes[blocking.row_blocks], sizes[blocking.column_blocks]]
        batch, row_block, column_block = decompose(builder, number, [0, *blocks])
        index = decompose(builder, batch, [sizes[extent] for extent in job.batch] or [1])
        pointers = self._at_batch(pointers, index)
        first = builder.mul(column_block, sizes[blocking.panels])
        count = sizes[self._panel_count]
        last = builder.minimum(builder.add(first, sizes[blocking.panels]), count)
        size = builder.mul(sizes[job.panel_rows], job.tile.columns)
        if isinstance(job.panels, PanelSource):
            self._pack(job.panels, index, first, last, pointers.panel, size)
            origin = first
        else:
            move = builder.mul(builder.mul(batch, count), size)
            pointers = replace(pointers, panel=self._moved(pointers.panel, move))
            origin = 0

        def place_of(panel: Integer) -> str:
            number = builder.sub(panel, origin)
            if not self._widens:
                return self._moved(pointers.panel, builder.mul(number, size))
            move = builder.mul(builder.sub(panel, first), size) if blocking.across else 0
            return Stored(job.tile.dtype).at(builder, self._wide, move)

        def widen(panel: Integer) -> None:
            self._widen(pointers.panel, panel, place_of(panel), size)

        def panel_at(panel: Integer) -> tuple[Pointers, Integer]:
            if self._widens and not blocking.across:
                widen(panel)
            return self._panel(panel, replace(pointers, panel=place_of(panel)))

        if self._widens and blocking.across:
            builder.loop(first, last, 1, lambda panel, _: widen(panel))
        self._tiles(row_block, first, last, panel_at)

    def _widen(self, memory: str, panel: Integer, target: str, size: Integer) -> None:
        """Write panel `panel` of the packed `memory` as the tile computes it."""
        builder, panels, tile = self._builder, self._job.panels, self._job.tile
        if not isinstance(panels, str | PanelSource):
            panels.widen(builder, memory, panel, tile, target)
            return
        narrow, wide = Stored(tile.stored), Stored(tile.dtype)
        source = narrow.at(builder, memory, builder.mul(panel, size))

        def line(index: Integer, _: list[str]) -> None:
            for lane in range(0, tile.columns, tile.lanes):
                place = builder.add(index, lane)
                value = narrow.load(builder, narrow.at(builder, source, place), tile.lanes)
                wide.store(builder, value, wide.at(builder, target, place), tile.lanes)

        builder.loop(0, size, tile.columns, line)

    def _tiles(
        self,
        row_block: Integer,
        first: Integer,
        last: Integer,
        panel_at: Callable[[Integer], tuple[Pointers, Integer]],
    ) -> None:
        """The block's tiles, for panels `first` to `last`."""
        builder, blocking, caller = self._builder, self._blocking, self._caller
        tiles = self._sizes[blocking.tiles]
        start = builder.mul(row_block, tiles)
        stop = builder.minimum(builder.add(start, tiles), self._sizes[blocking.cover.tiles])

        def across(rows: TileRows) -> None:
            builder.loop(first, last, 1, lambda panel, _: caller.call(rows, *panel_at(panel)))

        def down(panel: Integer, _: list[str]) -> None:
            pointers, columns = panel_at(panel)
            caller.tiles(start, stop, pointers, columns)

        if blocking.across:
            caller.each(start, stop, across)
        else:
            builder.loop(first, last, 1, down)

    def _at_batch(self, pointers: Pointers, index: Sequence[Integer]) -> Pointers:
        job = self._job
        operands = [
            self._at(pointer, operand, index)
            for pointer, operand in zip(pointers.operands, job.epilogue.operands, strict=True)
        ]
        source = self._at(pointers.source, job.left, index)
        return replace(pointers, source=source, operands=operands)

    def _at(self, pointer: str, operand: Operand, index: Sequence[Integer]) -> str:
        strides = [self._sizes[stride] for stride in operand.walk.batch]
        move = dot(self._builder, index[: len(strides)], strides)
        move = self._builder.add(move, self._sizes[operand.walk.start])
        return operand.moved(self._builder, pointer, move)

    def _moved(self, pointer: str, move: Integer) -> str:
        return Stored(self._job.tile.stored).at(self._builder, pointer, move)

    def _panel(self, panel: Integer, pointers: Pointers) -> tuple[Pointers, Integer]:
        """Operands at the panel's first column, and how many columns it has."""
        builder, sizes, job = self._builder, self._sizes, self._job
        column = builder.mul(panel, job.tile.columns)
        operands = [
            operand.moved(builder, pointer, builder.mul(column, sizes[operand.walk.column]))
            for pointer, operand in zip(pointers.operands, job.epilogue.operands, strict=True)
        ]
        columns = builder.minimum(builder.sub(sizes[job.columns], column), job.tile.columns)
        return replace(pointers, operands=operands), columns

    def _pack(
        self,
        panels: PanelSource,
        index: Sequence[Integer],
        first: Integer,
        last: Integer,
        target: str,
        size: Integer,
    ) -> None:
        """Pack the unit's panels into scratch memory."""
        builder = self._builder
        source = self._at(self._frame.pointer(panels.view), panels.operand, index)
        zero = load_zero(builder, self._frame, panels.zero)

        def body(panel: Integer, _: list[str]) -> None:
            place = self._moved(target, builder.mul(builder.sub(panel, first), size))
            print_pack(builder, self._sizes, panels, self._job.tile, panel, source, place, zero)

        builder.loop(first, last, 1, body)


def _widens(job: Product, blocking: Blocking) -> bool:
    """Whether a unit widens its panels: codes, and floats where tiles are sure to share them."""
    if not isinstance(job.panels, str | PanelSource):
        return True
    if job.tile.narrow is None or not blocking.cover.exact:
        return False
    return isinstance(blocking.tiles, int) and blocking.tiles >= _LEAST_TILES


def launches(job: Product, spec: DeviceSpec) -> tuple[Launch, ...]:
    """The product's launch; one for few rows and one for many where only a size tells.

    Only where widening takes more than an instruction is it worth a second kernel.
    """
    rows = product(job.rows)
    if job.tile.narrow != BFLOAT16 or isinstance(rows, int):
        return (ProductKernel(job, spec).launch(),)
    many = minimum(rows // (_LEAST_TILES * job.tile.rows), 1)
    few = ProductKernel(job, spec, widens=False).launch()
    return (
        part_of(few, 1 - many, "few rows"),
        part_of(ProductKernel(job, spec, widens=True).launch(), many, "many rows"),
    )


def part_of(launch: Launch, share: Dim, label: str) -> Launch:
    """The launch with `share` of its work, which is all or nothing."""
    if share == 1:
        return launch
    work = (launch.extent * share, launch.flops * share, launch.bytes * share)
    return replace(launch, extent=work[0], flops=work[1], bytes=work[2], label=label)
