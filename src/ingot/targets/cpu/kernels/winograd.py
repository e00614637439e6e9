# SPDX-License-Identifier: Apache-2.0
"""3x3 convolution by Winograd's minimal filtering: fewer multiplications, slightly less exact.

F(m x m, 3 x 3) cuts the output into m x m pixels. Each one's input patch of (m+2) x (m+2) pixels is
transformed, multiplied point by point by transformed filters (for every point a matrix product over
channels), and transformed back: (m+2)^2 multiplications instead of 9 m^2. Three launches do it:
patches to a temporary, a batch of products, a temporary to pixels. Where all transformed filters
fit the second-level cache, one launch does it block by block, and nothing leaves that cache.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import ceil_div, product
from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Placed, Region, Temporary
from ingot.targets.cpu.builder import Builder, Integer, Module
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.conv import Convolution, channels_last_wish, convolution
from ingot.targets.cpu.kernels.estimate import OVERLAP, sample, traffic
from ingot.targets.cpu.kernels.finish import Operand, plain_epilogue
from ingot.targets.cpu.kernels.microkernel import Depth
from ingot.targets.cpu.kernels.product import Product, ProductKernel
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import COMPUTED, Tile, choose_tile, cover
from ingot.targets.cpu.kernels.tiles import Pointers, TileCaller, Tiled
from ingot.targets.cpu.kernels.walk import Sizes, Walk, decompose
from ingot.targets.cpu.kernels.winograd_filters import filter_key, pack_filters
from ingot.targets.cpu.kernels.winograd_patches import PatchReader
from ingot.targets.cpu.kernels.winograd_pixels import PixelWriter
from ingot.targets.cpu.kernels.winograd_tiling import Tiling, tiling_of

_PATCHES, _PRODUCTS = "winograd patches", "winograd products"
_LEAST_CHANNELS = 16


@dataclass(frozen=True)
class Winograd:
    """The families `winograd4` and `winograd2`: F(m x m, 3 x 3), channels last."""

    m: int
    option: str | None = "winograd"

    @property
    def name(self) -> str:
        """The name says how many pixels are computed at once."""
        return f"winograd{self.m}"

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for an ungrouped, dense 3x3 convolution of enough channels with step 1."""
        found = convolution(region)
        if isinstance(found, str):
            return found
        if found.window != (3, 3) or found.groups > 1:
            return "not an ungrouped 3x3 window"
        if any(axis.stride != 1 or axis.dilation != 1 for axis in found.axes):
            return "the window has steps"
        if min(found.channels, found.filters) < _LEAST_CHANNELS:
            return "few channels"
        return "channels do not fill vectors" if _lanes(found, spec) < 4 else None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """The products, the transforms, and the filters that come from memory."""
        found, points = _found(region), (self.m + 2) ** 2
        tiles = sample(found.source.shape[0], region.ranges)
        for axis in found.axes:
            tiles *= -(-sample(axis.output, region.ranges) // self.m)
        size = COMPUTED[found.source.dtype].itemsize
        peak = spec.peak_flops(COMPUTED[found.source.dtype])
        filters = points * found.channels * found.filters
        # A panel that few rows use waits for its loads.
        rows = min(tiles, choose_tile(spec, found.filters, found.source.dtype).rows)
        multiply = 2 * tiles * filters * (1 + 1 / max(rows, 1)) / peak
        values = tiles * points * (found.channels + found.filters)
        transform = 12 * values / (0.25 * peak)
        moved = size * filters + OVERLAP * traffic(region)
        return multiply + transform + moved / spec.memory_bandwidth

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last for the input and what has the shape of the results."""
        return channels_last_wish(region, value, _found(region).source)

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """The input's channels and pixels, and the results' channels, must be dense."""
        if value is _found(region).source:
            return view.strides[1] == 1 and view.strides[3] == view.shape[1]
        return value not in region.outputs or view.strides[1] == 1

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """Three launches or one, and one that transforms the filters."""
        return _Writer(self.m, placed, spec).emission()


def _found(region: Region) -> Convolution:
    found = convolution(region)
    assert isinstance(found, Convolution), found
    return found


def _lanes(found: Convolution, spec: DeviceSpec) -> int:
    """Lanes of the transforms: a vector must divide the channels on both sides."""
    lanes = spec.lanes(COMPUTED[found.source.dtype])
    while found.channels % lanes or found.filters % lanes:
        lanes //= 2
    return lanes


class _Writer:
    def __init__(self, m: int, placed: Placed, spec: DeviceSpec) -> None:
        self._spec = spec
        self._placed = placed
        self._found = _found(placed.region)
        self._tiling: Tiling = tiling_of(m, self._found, placed.view(self._found.source))
        self._tile = choose_tile(spec, self._found.filters, self._found.source.dtype)
        lanes = _lanes(self._found, spec)
        self._vectors = Tile(m, 1, lanes, self._tile.dtype)
        self._key = filter_key(m, placed.view(self._found.weight), self._tile)
        self._epilogue = self._found.epilogue(placed)
        self._size = self._tile.dtype.itemsize
        self._stored = Stored(self._found.source.dtype)

    def emission(self) -> Emission:
        """The cheaper of the two arrangements."""
        found, tiling = self._found, self._tiling
        view = self._placed.view(found.weight)
        packed = pack_filters(self._key, tiling.m, view, self._tile, self._spec)
        panels = -(-found.filters // self._tile.columns) * self._tile.columns
        filters = tiling.points * found.channels * panels * self._size
        if filters <= self._spec.l2:
            return Emission((self._blocked(),), (packed,))
        launches = (self._read(), self._multiply(), self._write())
        temporaries = (
            Temporary(_PATCHES, tiling.points * tiling.count * found.channels * self._size),
            Temporary(_PRODUCTS, tiling.points * tiling.count * found.filters * self._size),
        )
        return Emission(launches, (packed,), temporaries)

    # Three launches.

    def _read(self) -> Launch:
        """Input patches, transformed, as [point][tile][channel]."""
        found, tiling = self._found, self._tiling
        module = Module(self._spec)
        builder = module.kernel()
        frame = Frame(builder)
        sizes = Sizes({dim: frame.size(dim) for dim in tiling.dims()})
        reader = PatchReader(builder, sizes, tiling, self._vectors, self._stored)
        source = frame.pointer(self._placed.view(found.source))
        spare = frame.scratch(tiling.points * found.channels * self._size)
        patches = frame.packed(_PATCHES, "w")
        point = builder.mul(sizes[tiling.count], found.channels)

        def unit(tile: Integer, _: list[str]) -> None:
            move = builder.mul(tile, found.channels)
            target = builder.offset(patches, move, self._tile.element)
            reader.read(tile, source, spare, target, point)

        builder.loop("%begin", "%end", 1, unit)
        builder.ret()
        moved = tiling.count * tiling.points * found.channels * self._size
        return Launch(
            module.text(), frame.arguments, tiling.count, bytes=2 * moved, label="patches"
        )

    def _multiply(self) -> Launch:
        """For each point, tiles times filters."""
        found, tiling, tile = self._found, self._tiling, self._tile
        rows, columns = found.channels, found.filters
        left = Operand(_PATCHES, Walk((tiling.count * rows,), (rows,)), tile.dtype)
        result = Walk((tiling.count * columns,), (columns,))
        job = Product(
            (tiling.points,),
            (tiling.count,),
            columns,
            Depth(rows),
            tile,
            left,
            self._key,
            plain_epilogue(tile.dtype, _PRODUCTS, result),
        )
        return ProductKernel(job, self._spec).launch("products")

    def _write(self) -> Launch:
        """Products, transformed back, through the epilogue into pixels."""
        found, tiling = self._found, self._tiling
        module = Module(self._spec)
        builder = module.kernel()
        frame = Frame(builder)
        writer = PixelWriter(builder, tiling, self._vectors, self._epilogue)
        sizes = Sizes({dim: frame.size(dim) for dim in (*tiling.dims(), *writer.dims())})
        products = frame.packed(_PRODUCTS)
        operands = self._epilogue.pointers(frame)
        point = builder.mul(sizes[tiling.count], found.filters)

        def unit(tile: Integer, _: list[str]) -> None:
            move = builder.mul(tile, found.filters)
            source = builder.offset(products, move, self._tile.element)
            writer.write(sizes, tile, source, point, operands)

        builder.loop("%begin", "%end", 1, unit)
        builder.ret()
        moved = tiling.count * tiling.points * found.filters * self._size
        return Launch(module.text(), frame.arguments, tiling.count, bytes=2 * moved, label="pixels")

    # One launch.

    def _block(self) -> int:
        """Tiles in a block: patches and products take half of the second-level cache."""
        found, tiling = self._found, self._tiling
        one = tiling.points * (found.channels + found.filters) * self._size
        most = max(self._spec.l2 // 2 // one, 4)
        if not isinstance(tiling.count, int):
            return most
        blocks = max(-(-tiling.count // most), 1)
        return max(-(-tiling.count // blocks), 1)

    def _blocked(self) -> Launch:
        """Blocks of tiles, each from pixels to pixels."""
        found, tiling, element = self._found, self._tiling, self._tile.element
        count = self._block()
        module = Module(self._spec)
        builder = module.kernel()
        frame = Frame(builder)
        reader_sizes = tiling.dims()
        writer = PixelWriter(builder, tiling, self._vectors, self._epilogue)
        sizes = Sizes({dim: frame.size(dim) for dim in (*reader_sizes, *writer.dims())})
        reader = PatchReader(builder, sizes, tiling, self._vectors, self._stored)
        source = frame.pointer(self._placed.view(found.source))
        filters = frame.packed(self._key)
        operands = self._epilogue.pointers(frame)
        spare = frame.scratch(tiling.points * found.channels * self._size)
        patches = frame.scratch(tiling.points * count * found.channels * self._size)
        products = frame.scratch(tiling.points * count * found.filters * self._size)

        def unit(block: Integer, _: list[str]) -> None:
            first = builder.mul(block, count)
            left = builder.minimum(builder.sub(sizes[tiling.count], first), count)

            def read(index: Integer, _: list[str]) -> None:
                target = builder.offset(patches, builder.mul(index, found.channels), element)
                tile = builder.add(first, index)
                reader.read(tile, source, spare, target, count * found.channels)

            def write(index: Integer, _: list[str]) -> None:
                place = builder.offset(products, builder.mul(index, found.filters), element)
                tile = builder.add(first, index)
                writer.write(sizes, tile, place, count * found.filters, operands)

            builder.loop(0, left, 1, read)
            self._products(builder, sizes, count, patches, filters, products)
            builder.loop(0, left, 1, write)

        builder.loop("%begin", "%end", 1, unit)
        builder.ret()
        flops = 2 * tiling.count * tiling.points * found.channels * found.filters
        traffic = product(found.source.shape) + product(found.node.output.shape)
        return Launch(
            module.text(),
            frame.arguments,
            ceil_div(tiling.count, count),
            flops=flops,
            bytes=traffic * self._size,
        )

    def _products(
        self,
        builder: Builder,
        sizes: Sizes,
        count: int,
        patches: str,
        filters: str,
        products: str,
    ) -> None:
        """For each point and panel, the block's tiles; the spare ones of the last block too."""
        found, tile, tiling = self._found, self._tile, self._tiling
        panels = -(-found.filters // tile.columns)
        left = Walk((), (found.channels,))
        epilogue = plain_epilogue(tile.dtype, "", Walk((), (found.filters,)))
        ragged = found.filters % tile.columns != 0
        whole = cover(count, tile.rows)
        tiled = Tiled((count,), Depth(found.channels), tile, left, epilogue, ragged)
        caller = TileCaller(builder, sizes, tiled, whole)
        assert isinstance(whole.tiles, int)
        last = whole.tiles

        def body(number: Integer, _: list[str]) -> None:
            point, panel = decompose(builder, number, [0, panels])
            column = builder.mul(panel, tile.columns)
            source = builder.mul(point, count * found.channels)
            place = builder.mul(number, found.channels * tile.columns)
            target = builder.add(builder.mul(point, count * found.filters), column)
            pointers = Pointers(
                builder.offset(patches, source, tile.element),
                builder.offset(filters, place, tile.element),
                [builder.offset(products, target, tile.element)],
            )
            columns = builder.minimum(builder.sub(found.filters, column), tile.columns)
            caller.tiles(0, last, pointers, columns)

        builder.loop(0, tiling.points * panels, 1, body)
