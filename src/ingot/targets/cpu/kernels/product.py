# SPDX-License-Identifier: Apache-2.0
"""Products: every contraction as batches of rows times panels, and the kernel that computes one.

A product says what is multiplied; `ProductKernel` cuts rows into tiles and columns into panels,
groups both into work units whose operands stay in the second-level cache, and calls the microkernel.
The panels are a weight that was packed after loading, a temporary, or are packed by each unit into
its worker's scratch memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ingot.dims import Dim, ceil_div, minimum, product
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch
from ingot.targets.cpu.builder import Integer, Module, Parameter
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.finish import Epilogue, Finisher, Operand
from ingot.targets.cpu.kernels.microkernel import Depth, Microkernel
from ingot.targets.cpu.kernels.pack import PanelSource, print_pack
from ingot.targets.cpu.kernels.tile import Cover, Tile, cover
from ingot.targets.cpu.kernels.walk import RowCursor, Sizes, Walk, decompose, dot

Body = Callable[[Integer, list[str]], None]
_UNITS = 32  # work units that keep a few workers evenly busy
_LEAST_WORK = 400_000  # multiply-adds that are worth a claim


@dataclass(frozen=True)
class Source:
    """The left operand: a view, or the key of a temporary, and how it is walked."""

    place: Operand | None
    walk: Walk
    key: str = ""


@dataclass(frozen=True)
class Product:
    """`result[batch, row, column] = epilogue(sum over depth of left[…] * panels[…])`.

    `panels` is the key of packed memory, or the source that each unit packs from.
    """

    batch: tuple[Dim, ...]
    rows: tuple[Dim, ...]
    columns: Dim
    depth: Depth
    tile: Tile
    left: Source
    panels: str | PanelSource
    epilogue: Epilogue

    @property
    def multiplications(self) -> Dim:
        """Scalar multiply-adds."""
        return product((*self.batch, *self.rows, self.columns, self.depth.size))


@dataclass(frozen=True)
class Blocking:
    """Work units: `tiles` tiles by `panels` panels of one batch."""

    cover: Cover
    tiles: Dim
    panels: Dim
    row_blocks: Dim
    column_blocks: Dim


def choose_blocking(job: Product, spec: DeviceSpec) -> Blocking:
    """Units as large as the second-level cache allows and small enough to share."""
    whole = cover(product(job.rows), job.tile.rows)
    panels = ceil_div(job.columns, job.tile.columns)
    room = spec.l2 // (2 * job.tile.dtype.itemsize)
    depth = job.depth.size if isinstance(job.depth.size, int) else 1024
    tiles_in_cache = max(room // (depth * job.tile.rows), 1)
    tile_work = depth * job.tile.rows * job.tile.columns
    batch = product(job.batch)
    batches = batch if isinstance(batch, int) else 4
    wanted = max(_UNITS // max(batches, 1), 1)
    known = whole.tiles if isinstance(whole.tiles, int) else 64
    width = panels if isinstance(panels, int) else 8
    least = max(_LEAST_WORK // tile_work, 1)
    if isinstance(job.panels, str) and width * depth * job.tile.columns <= room:
        # All panels stay in the cache: share rows.
        tiles = max(min(tiles_in_cache, -(-known // wanted)), -(-least // width), 1)
        return _blocking(whole, tiles, panels, panels)
    tiles = min(tiles_in_cache, max(known, 1))
    blocks = -(-known // tiles)
    share = max(width * blocks // wanted, -(-least // tiles), 1)
    return _blocking(whole, tiles, minimum(share, panels), panels)


def _blocking(whole: Cover, tiles: Dim, share: Dim, panels: Dim) -> Blocking:
    return Blocking(whole, tiles, share, ceil_div(whole.tiles, tiles), ceil_div(panels, share))


@dataclass(frozen=True)
class _Variant:
    """One tile function: its rows, and whether some of them may be missing."""

    rows: int
    guarded: bool

    @property
    def name(self) -> str:
        return f"tile{self.rows}" + ("guarded" if self.guarded else "")


class ProductKernel:
    """Prints the kernel of one product."""

    def __init__(self, job: Product, spec: DeviceSpec, *, prefetch: int = 0) -> None:
        self._job = job
        self._spec = spec
        self._prefetch = prefetch
        self._blocking = choose_blocking(job, spec)
        self._module = Module(spec)
        self._builder = self._module.kernel()
        self._frame = Frame(self._builder)
        self._tail = job.columns if not isinstance(job.columns, int) else (
            job.columns % job.tile.columns
        )
        dims = dict.fromkeys(dim for dim in self._dims() if not isinstance(dim, int))
        self._symbolic = tuple(dims)
        self._sizes = Sizes({dim: self._frame.size(dim) for dim in dims})

    def launch(self, label: str = "") -> Launch:
        """The kernel and its arguments."""
        self._print()
        job, blocking = self._job, self._blocking
        extent = product(job.batch) * blocking.row_blocks * blocking.column_blocks
        size = job.tile.dtype.itemsize
        read = product((*job.batch, *job.rows)) * job.depth.size
        written = product((*job.batch, *job.rows)) * job.columns
        weights = product(job.batch) * job.columns * job.depth.size
        return Launch(
            self._module.text(),
            self._frame.arguments,
            extent,
            flops=2 * job.multiplications,
            bytes=(read + written + weights) * size,
            label=label,
        )

    def _dims(self) -> list[Dim]:
        job, blocking = self._job, self._blocking
        walks = [job.left.walk, *(operand.walk for operand in job.epilogue.operands)]
        dims = [dim for walk in walks for dim in walk.dims()]
        dims += [*job.batch, *job.rows, job.columns, *job.depth.dims(), job.depth.size]
        dims += [product(job.rows), blocking.cover.tiles, blocking.row_blocks]
        dims += [blocking.column_blocks, blocking.panels, ceil_div(job.columns, job.tile.columns)]
        if isinstance(job.panels, PanelSource):
            dims += job.panels.dims()
        return dims

    # The kernel.

    def _print(self) -> None:
        builder, job = self._builder, self._job
        source = self._pointer(job.left)
        operands = [
            self._frame.pointer(operand.view, "r" if number < len(job.epilogue.loads) else "w")
            for number, operand in enumerate(job.epilogue.operands)
        ]
        panels = self._frame.packed(job.panels) if isinstance(job.panels, str) else self._scratch()
        zeros = self._zeros() if job.depth.bordered else None

        def unit(number: Integer, _: list[str]) -> None:
            self._unit(number, source, operands, panels, zeros)

        builder.loop("%begin", "%end", 1, unit)
        builder.ret()

    def _pointer(self, left: Source) -> str:
        if left.place is None:
            return self._frame.packed(left.key)
        return self._frame.pointer(left.place.view)

    def _scratch(self) -> str:
        columns = self._blocking.panels * self._job.tile.columns
        return self._frame.scratch(columns * self._job.depth.size * self._job.tile.dtype.itemsize)

    def _zeros(self) -> str:
        """A run of zeros, filled at every call: it is short beside the work of a claim."""
        run, tile = self._job.depth.run, self._job.tile
        zeros = self._frame.scratch(run * tile.dtype.itemsize)

        def body(index: Integer, _: list[str]) -> None:
            place = self._builder.offset(zeros, index, tile.element)
            self._builder.store(tile.element, "0.0", place)

        self._builder.loop(0, self._sizes[run], 1, body)
        return zeros

    def _unit(
        self,
        number: Integer,
        source: str,
        operands: Sequence[str],
        panels: str,
        zeros: str | None,
    ) -> None:
        builder, sizes, job, blocking = self._builder, self._sizes, self._job, self._blocking
        blocks = [sizes[blocking.row_blocks], sizes[blocking.column_blocks]]
        batch, row_block, column_block = decompose(builder, number, [0, *blocks])
        index = decompose(builder, batch, [sizes[extent] for extent in job.batch] or [1])
        source = self._at(source, job.left.walk, index)
        operands = [
            self._at(pointer, operand.walk, index)
            for pointer, operand in zip(operands, job.epilogue.operands, strict=True)
        ]
        count = sizes[ceil_div(job.columns, job.tile.columns)]
        first = builder.mul(column_block, sizes[blocking.panels])
        last = builder.minimum(builder.add(first, sizes[blocking.panels]), count)
        panel_size = builder.mul(sizes[job.depth.size], job.tile.columns)
        if isinstance(job.panels, PanelSource):
            self._pack(job.panels, index, first, last, panels, panel_size)
            origin = first
        else:
            panels = self._moved(panels, builder.mul(builder.mul(batch, count), panel_size))
            origin = 0

        def body(panel: Integer, _: list[str]) -> None:
            place = builder.mul(builder.sub(panel, origin), panel_size)
            column = builder.mul(panel, job.tile.columns)
            here = [
                self._moved(pointer, builder.mul(column, sizes[operand.walk.column]))
                for pointer, operand in zip(operands, job.epilogue.operands, strict=True)
            ]
            columns = builder.minimum(builder.sub(sizes[job.columns], column), job.tile.columns)
            pointers = [source, self._moved(panels, place), *([zeros] if zeros else []), *here]
            self._tiles(row_block, pointers, columns)

        builder.loop(first, last, 1, body)

    def _at(self, pointer: str, walk: Walk, index: Sequence[Integer]) -> str:
        strides = [self._sizes[stride] for stride in walk.batch]
        move = dot(self._builder, index[: len(strides)], strides)
        return self._moved(pointer, self._builder.add(move, self._sizes[walk.start]))

    def _moved(self, pointer: str, move: Integer) -> str:
        return self._builder.offset(pointer, move, self._job.tile.element)

    def _pack(
        self,
        panels: PanelSource,
        index: Sequence[Integer],
        first: Integer,
        last: Integer,
        target: str,
        panel_size: Integer,
    ) -> None:
        """Pack the unit's panels into scratch memory."""
        builder = self._builder
        source = self._at(self._frame.pointer(panels.view), panels.walk, index)

        def body(panel: Integer, _: list[str]) -> None:
            place = self._moved(target, builder.mul(builder.sub(panel, first), panel_size))
            print_pack(builder, self._sizes, panels, self._job.tile, panel, source, place)

        builder.loop(first, last, 1, body)

    # Tiles.

    def _tiles(self, block: Integer, pointers: Sequence[str], columns: Integer) -> None:
        builder, blocking = self._builder, self._blocking
        tiles = self._sizes[blocking.tiles]
        first = builder.mul(block, tiles)
        last = builder.minimum(builder.add(first, tiles), self._sizes[blocking.cover.tiles])
        if not blocking.cover.exact:
            self._unknown_tiles(first, last, pointers, columns)
            return
        size, larger = blocking.cover.size, blocking.cover.larger

        def body_of(rows: int, skipped: int) -> Body:
            variant = _Variant(rows, guarded=False)

            def body(tile: Integer, _: list[str]) -> None:
                row = builder.add(builder.mul(tile, rows), skipped)
                self._call(variant, pointers, row, rows, columns)

            return body

        if larger:
            stop = builder.minimum(last, larger)
            builder.loop(first, stop, 1, body_of(size + 1, 0))
        if larger < self._known(blocking.cover.tiles):
            start = builder.maximum(first, larger)
            builder.loop(start, last, 1, body_of(size, larger))

    def _known(self, dim: Dim) -> int:
        assert isinstance(dim, int)
        return dim

    def _unknown_tiles(
        self, first: Integer, last: Integer, pointers: Sequence[str], columns: Integer
    ) -> None:
        """Tiles of an unknown number of rows: the last one uses the smallest variant that fits."""
        builder, most = self._builder, self._blocking.cover.size
        rows = self._sizes[self._blocking.cover.rows]

        def body(tile: Integer, _: list[str]) -> None:
            row = builder.mul(tile, most)
            valid = builder.minimum(builder.sub(rows, row), most)
            small = [_Variant(count, count > 1) for count in (1, most // 2) if count < most]

            def dispatch(variants: Sequence[_Variant]) -> None:
                if not variants:
                    self._call(_Variant(most, guarded=True), pointers, row, valid, columns)
                    return
                fits = builder.compare("sle", valid, variants[0].rows)
                builder.branch_if(
                    fits,
                    lambda: self._call(variants[0], pointers, row, valid, columns),
                    lambda: dispatch(variants[1:]),
                )

            dispatch(list(dict.fromkeys(small)))

        builder.loop(first, last, 1, body)

    def _call(
        self,
        variant: _Variant,
        pointers: Sequence[str],
        row: Integer,
        valid: Integer,
        columns: Integer,
    ) -> None:
        function = _TileFunction(self, variant, len(pointers))
        if not self._module.has(variant.name):
            function.print(self._module)
        numbers: list[tuple[str, Integer]] = [("i64", row)]
        if variant.guarded:
            numbers.append(("i64", valid))
        if self._tail != 0:
            numbers.append(("i64", columns))
        numbers += [("i64", self._sizes[dim]) for dim in self._symbolic]
        arguments = [("ptr", pointer) for pointer in pointers]
        self._builder.call(variant.name, "void", [*arguments, *numbers])

    @property
    def symbolic(self) -> tuple[Dim, ...]:
        """The sizes that tile functions take as arguments."""
        return self._symbolic

    @property
    def job(self) -> Product:
        """What is computed."""
        return self._job

    @property
    def tail(self) -> bool:
        """Whether the last panel may have columns to spare."""
        return self._tail != 0

    @property
    def prefetch(self) -> int:
        """How many steps ahead panels are asked for."""
        return self._prefetch


@dataclass
class _TileFunction:
    """An internal function that computes one tile: the only user of vector registers."""

    kernel: ProductKernel
    variant: _Variant
    pointers: int
    parameters: list[Parameter] = field(default_factory=list)

    def print(self, module: Module) -> None:
        """Define the function."""
        job, kernel, variant = self.kernel.job, self.kernel, self.variant
        pointers = [self._take("ptr") for _ in range(self.pointers)]
        row = self._take("i64")
        valid = self._take("i64") if variant.guarded else variant.rows
        columns = self._take("i64") if kernel.tail else job.tile.columns
        sizes = Sizes({dim: self._take("i64") for dim in kernel.symbolic})
        builder = module.function(variant.name, self.parameters)
        tile = Tile(variant.rows, job.tile.vectors, job.tile.lanes, job.tile.dtype)
        guard = str(valid) if variant.guarded else None
        rows = RowCursor(builder, sizes, job.rows, row, variant.rows, guard)
        source, panel, *rest = pointers
        zeros = rest.pop(0) if job.depth.bordered else None
        microkernel = Microkernel(builder, sizes, tile, job.depth, prefetch=kernel.prefetch)
        accumulators = microkernel.accumulate(rows, job.left.walk, source, panel, zeros)
        finisher = Finisher(builder, sizes, tile, job.epilogue, rest)
        finisher.finish(rows, valid, columns, accumulators)
        builder.ret()

    def _take(self, kind: str) -> str:
        register = f"%a{len(self.parameters)}"
        self.parameters.append((kind, register))
        return register

