# SPDX-License-Identifier: Apache-2.0
"""Products with packed weights of few bits: `block_matmul`.

A code that is widened serves all rows of a tile at once; so few rows run at the speed at which
codes come from memory. Where there are many rows each work unit widens its panels into scratch
memory, and the product is an ordinary one.
"""

from __future__ import annotations

from ingot.dims import ceil_div, minimum, product
from ingot.dtypes import BFLOAT16, FLOAT16, FLOAT32
from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Placed, Region
from ingot.targets.cpu.builder import Integer, Module, literal, vector
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.block_panels import WORD, BlockPanels, codes_of, form_of, known
from ingot.targets.cpu.kernels.estimate import sample
from ingot.targets.cpu.kernels.finish import Operand, plain_epilogue
from ingot.targets.cpu.kernels.microkernel import Depth
from ingot.targets.cpu.kernels.product import Product, ProductKernel, part_of
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile, choose_tile
from ingot.targets.cpu.kernels.vectors import lane_mask
from ingot.targets.cpu.kernels.walk import Sizes, Walk, decompose

_TYPES = (FLOAT32, FLOAT16, BFLOAT16)
_CHAINS = 4  # sums that run side by side where one row alone would wait for itself
_PANELS = 4  # panels in a work unit, at least: each unit widens its rows anew
_SHARES = 8  # work units for each core, at least, where there are panels enough
_MANY = 8  # rows for which a panel is widened before it is multiplied


class BlockMatMul:
    """The family `blocks`."""

    name = "blocks"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for known weights whose blocks fill whole words and vectors."""
        node = region.anchor
        if node is None or node.op != "block_matmul":
            return "not a product with packed weights"
        if len(region.nodes) > 1:
            return "something follows the product"
        x, *weights = (value for value in node.inputs if value is not None)
        if x.dtype not in _TYPES:
            return f"x is {x.dtype.name}"
        if any(value not in region.weights for value in weights):
            return "the weights are computed"
        bits, block = form_of(node)
        if block * bits % WORD or block % spec.lanes(FLOAT32):
            return f"blocks of {block} times {bits} bits fill no whole words or vectors"
        sizes = (x.shape[-1], *weights[0].shape)
        return None if all(isinstance(size, int) for size in sizes) else "a size is not known"

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Multiply-adds, or the codes where there are few rows."""
        assert region.anchor is not None
        x, codes = region.anchor.inputs[:2]
        assert x is not None and codes is not None
        adds = sample(product(region.anchor.output.shape) * x.shape[-1], region.ranges)
        memory = sample(product(codes.shape), region.ranges) / spec.memory_bandwidth
        return memory + 4 * adds / spec.peak_flops(FLOAT32)

    def order(self, region: Region, value: Value) -> Order | None:
        """Row-major."""
        return tuple(range(value.rank))

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Rows one after the other, without gaps."""
        dense = View.dense("", view.dtype, view.shape).strides
        steps = zip(view.shape, view.strides, dense, strict=True)
        return all(size == 1 or step == whole for size, step, whole in steps)

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch, and one that packs the weights."""
        panels = BlockPanels.of(placed, spec)
        return Emission(_launches(placed, panels, spec), (panels.packed(spec),))


def _launches(placed: Placed, panels: BlockPanels, spec: DeviceSpec) -> tuple[Launch, ...]:
    """For few rows, for many, or both where a size tells which of them has work."""
    assert placed.region.anchor is not None
    rows = product(placed.region.anchor.output.shape[:-1])
    tile = choose_tile(spec, panels.columns)
    many = minimum(rows // _MANY, 1) if tile.lanes == panels.lanes else 0
    launches = []
    if many != 1:
        launches.append(part_of(_Kernel(placed, panels, spec).launch(), 1 - many, "few rows"))
    if many != 0:
        launch = _many_rows(placed, panels, tile, spec).launch()
        launches.append(part_of(launch, many, "many rows"))
    return tuple(launches)


def _many_rows(placed: Placed, panels: BlockPanels, tile: Tile, spec: DeviceSpec) -> ProductKernel:
    """The product over widened panels."""
    node = placed.region.anchor
    assert node is not None and node.inputs[0] is not None
    source, result = placed.view(node.inputs[0]), placed.view(node.output)
    rows, depth = product(source.shape[:-1]), known(source.shape[-1])
    left = Operand(source, Walk((), (depth,)), source.dtype)
    ends = plain_epilogue(result.dtype, result, Walk((), (panels.columns,)))
    job = Product((), (rows,), panels.columns, Depth(depth), tile, left, panels, ends)
    return ProductKernel(job, spec)


class _Kernel:
    """Prints the kernel of one placed product."""

    def __init__(self, placed: Placed, panels: BlockPanels, spec: DeviceSpec) -> None:
        node = placed.region.anchor
        assert node is not None and node.inputs[0] is not None
        self._panels = panels
        self._source, self._result = placed.view(node.inputs[0]), placed.view(node.output)
        self._rows = product(self._source.shape[:-1])
        self._depth = known(self._source.shape[-1])
        self._block = form_of(node)[1]
        self._padded = panels.blocks * self._block
        most = 8 if spec.vector_registers >= 32 else 4
        self._tile = min(self._rows, most) if isinstance(self._rows, int) else most
        self._tile = max(self._tile, 1)
        self._shared = min(max(_PANELS, panels.count // (_SHARES * spec.cores)), panels.count)
        self._row_blocks = ceil_div(self._rows, self._tile)
        self._column_blocks = -(-panels.count // self._shared)
        self._module = Module(spec)
        self._builder = self._module.kernel()
        self._frame = Frame(self._builder)
        self._lanes = panels.lanes
        self._kind, self._integers = (vector(name, self._lanes) for name in ("float", "i32"))

    def launch(self) -> Launch:
        """The kernel and its arguments."""
        builder, frame = self._builder, self._frame
        dims = [dim for dim in (self._rows, self._row_blocks) if not isinstance(dim, int)]
        self._sizes = Sizes({dim: frame.size(dim) for dim in dims})
        self._pointers = frame.pointer(self._source), frame.pointer(self._result, "w")
        self._memory = frame.packed(self._panels.key)
        self._staged = frame.scratch(self._tile * self._padded * 4)
        self._totals = frame.scratch(self._tile * self._panels.blocks * 4)
        builder.loop("%begin", "%end", 1, lambda number, _: self._unit(number))
        builder.ret()
        weights = self._panels.count * self._panels.size * 4
        traffic = self._rows * (self._depth + self._panels.columns)
        return Launch(
            self._module.text(),
            frame.arguments,
            self._row_blocks * self._column_blocks,
            flops=2 * self._rows * self._depth * self._panels.columns,
            bytes=traffic * self._source.dtype.itemsize + weights,
        )

    def _unit(self, number: Integer) -> None:
        """Some rows times some panels."""
        builder, panels = self._builder, self._panels
        row_block, column_block = decompose(builder, number, [0, self._column_blocks])
        first = builder.mul(row_block, self._tile)
        valid = builder.minimum(builder.sub(self._sizes[self._rows], first), self._tile)
        begin = builder.mul(column_block, self._shared)
        end = builder.minimum(builder.add(begin, self._shared), panels.count)

        def rows(count: int) -> None:
            for row in range(count):
                self._stage(first, row, valid)

            def panel(place: Integer, _: list[str]) -> None:
                self._panel(place, first, valid, count)

            builder.loop(begin, end, 1, panel)

        if self._tile == 1 or isinstance(self._rows, int):
            rows(self._tile)
            return
        alone = builder.compare("eq", valid, 1)
        builder.branch_if(alone, lambda: rows(1), lambda: rows(self._tile))

    def _stage(self, first: Integer, row: int, valid: Integer) -> None:
        """One row as float32, zeros behind its end; the sum of each block if it is asked for.

        A row beyond the last repeats it.
        """
        builder, stored = self._builder, Stored(self._source.dtype)
        number = builder.add(first, builder.minimum(builder.sub(valid, 1), row))
        source = stored.at(builder, self._pointers[0], builder.mul(number, self._depth))
        target = builder.offset(self._staged, row * self._padded, "float")
        whole = self._depth - self._depth % self._lanes

        def copy(place: Integer, _: list[str]) -> None:
            value = stored.load(builder, stored.at(builder, source, place), self._lanes)
            builder.store(self._kind, value, builder.offset(target, place, "float"))

        builder.loop(0, whole, self._lanes, copy)
        if whole < self._depth:
            mask = lane_mask(builder, self._lanes, self._depth - whole)
            value = stored.load(builder, stored.at(builder, source, whole), self._lanes, mask)
            builder.store(self._kind, value, builder.offset(target, whole, "float"))
            whole += self._lanes
        zeros = literal(self._kind, 0)
        for place in range(whole, self._padded, self._lanes):
            builder.store(self._kind, zeros, builder.offset(target, place, "float"))
        if self._panels.zeros is not None:
            self._sum_blocks(target, row)

    def _sum_blocks(self, line: str, row: int) -> None:
        builder = self._builder
        totals = builder.offset(self._totals, row * self._panels.blocks, "float")

        def block(number: Integer, _: list[str]) -> None:
            start = builder.offset(line, builder.mul(number, self._block), "float")

            def add(place: Integer, carried: list[str]) -> list[str]:
                part = builder.load(self._kind, builder.offset(start, place, "float"))
                return [builder.fadd(self._kind, carried[0], part)]

            zero = literal(self._kind, 0)
            (lanes,) = builder.loop(0, self._block, self._lanes, add, [(self._kind, zero)])
            total = self._folded(lanes)
            builder.store("float", total, builder.offset(totals, number, "float"))

        builder.loop(0, self._panels.blocks, 1, block)

    def _folded(self, value: str) -> str:
        """The sum of all lanes."""
        builder, width = self._builder, self._lanes
        while width > 1:
            width //= 2
            order = [(lane + width) % self._lanes for lane in range(self._lanes)]
            moved = builder.shuffle(self._kind, value, value, order)
            value = builder.fadd(self._kind, value, moved)
        return builder.extract(self._kind, value, 0)

    def _panel(self, panel: Integer, first: Integer, valid: Integer, count: int) -> None:
        """`count` rows times one panel, stored where they are valid."""
        builder, panels = self._builder, self._panels
        start = builder.offset(self._memory, builder.mul(panel, panels.size), "float")
        zero = [(self._kind, literal(self._kind, 0))] * count
        step = (panels.heads + panels.words) * self._lanes

        def block(number: Integer, carried: list[str]) -> list[str]:
            place = builder.offset(start, builder.mul(number, step), "float")
            return self._one_block(number, place, carried)

        totals = builder.loop(0, panels.blocks, 1, block, zero)
        self._store(panel, first, valid, totals)

    def _one_block(self, number: Integer, place: str, totals: list[str]) -> list[str]:
        """The rows' sums with one more block."""
        builder, panels, kind = self._builder, self._panels, self._kind
        words = builder.offset(place, panels.heads * self._lanes, "i32")
        line = builder.mul(number, self._block)
        chains = _CHAINS if len(totals) == 1 else 1
        empty = [(kind, literal(kind, 0))] * (len(totals) * chains)

        def word(index: Integer, sums: list[str]) -> list[str]:
            at = builder.offset(words, builder.mul(index, self._lanes), "i32")
            value = builder.load(self._integers, at)
            inner = builder.add(line, builder.mul(index, panels.each))
            return self._one_word(value, inner, sums, chains)

        sums = builder.loop(0, panels.words, 1, word, empty)
        parts = [
            self._joined(sums[row * chains : (row + 1) * chains]) for row in range(len(totals))
        ]
        if panels.zeros is not None:
            shift = builder.load(kind, builder.offset(place, self._lanes, "float"))
            parts = [
                builder.fma(kind, shift, self._element(self._totals, row, number), part)
                for row, part in enumerate(parts)
            ]
        scale = builder.load(kind, place)
        return [
            builder.fma(kind, scale, part, total) for part, total in zip(parts, totals, strict=True)
        ]

    def _joined(self, chains: list[str]) -> str:
        total = chains[0]
        for chain in chains[1:]:
            total = self._builder.fadd(self._kind, total, chain)
        return total

    def _element(self, memory: str, row: int, place: Integer) -> str:
        """Element `place` of a row of staged memory, in every lane."""
        builder = self._builder
        width = self._padded if memory is self._staged else self._panels.blocks
        line = builder.offset(memory, row * width, "float")
        return builder.splat(
            self._kind, builder.load("float", builder.offset(line, place, "float"))
        )

    def _one_word(self, value: str, place: Integer, sums: list[str], chains: int) -> list[str]:
        """Every code of a word of each column times its element of each row."""
        builder, kind = self._builder, self._kind
        sums = list(sums)
        codes = codes_of(builder, value, self._panels.bits, self._lanes)
        for number, weight in enumerate(codes):
            position = builder.add(place, number)
            for row in range(len(sums) // chains):
                chain = row * chains + number % chains
                element = self._element(self._staged, row, position)
                sums[chain] = builder.fma(kind, element, weight, sums[chain])
        return sums

    def _store(self, panel: Integer, first: Integer, valid: Integer, totals: list[str]) -> None:
        builder, panels, stored = self._builder, self._panels, Stored(self._result.dtype)
        column = builder.mul(panel, self._lanes)
        mask = None
        if panels.columns % self._lanes:
            mask = lane_mask(builder, self._lanes, builder.sub(panels.columns, column))
        for row, total in enumerate(totals):
            start = builder.mul(builder.add(first, row), panels.columns)
            place = stored.at(builder, self._pointers[1], builder.add(start, column))

            def write(value: str = total, place: str = place) -> None:
                stored.store(builder, value, place, self._lanes, mask)

            builder.branch_if(builder.compare("sgt", valid, row), write)
