# SPDX-License-Identifier: Apache-2.0
"""Packed weights of few bits as panels: how they lie in memory, what fills them, what widens them.

The lanes of a vector are columns of the result. A panel holds, for each block of the depth, a
vector of scales, one of zero points where there are any, and the codes as words: one word of each
column has as many neighbours along the depth as fit. Two shifts and a conversion turn one code of
every column into a vector.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, UINT8
from ingot.ir.graph import Node
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch, Packed, Placed
from ingot.targets.cpu.builder import Builder, Integer, Module, literal, vector
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile

WORD = 32


def form_of(node: Node) -> tuple[int, int]:
    """Bits of a code, and codes of a block."""
    bits, block = node.attributes["bits"], node.attributes["block"]
    assert isinstance(bits, int) and isinstance(block, int)
    return bits, block


def known(size: Dim) -> int:
    """A size that `match` has seen to be known."""
    assert isinstance(size, int)
    return size


@dataclass(frozen=True)
class BlockPanels:
    """The packed weights: `lanes` columns a panel, codes of `bits`."""

    codes: View
    scales: View
    zeros: View | None
    bits: int
    lanes: int

    @staticmethod
    def of(placed: Placed, spec: DeviceSpec) -> BlockPanels:
        """Those of a placed region."""
        node = placed.region.anchor
        assert node is not None
        views = [placed.view(value) for value in node.inputs[1:] if value is not None]
        codes, scales, zeros = (*views, None)[:3]
        assert codes is not None and scales is not None
        return BlockPanels(codes, scales, zeros, form_of(node)[0], spec.lanes(FLOAT32))

    @property
    def columns(self) -> int:
        """Columns of the product."""
        return known(self.codes.shape[0])

    @property
    def blocks(self) -> int:
        """Blocks of a column."""
        return known(self.codes.shape[1])

    @property
    def words(self) -> int:
        """Words of a block of one column."""
        return known(self.codes.shape[2]) * 8 // WORD

    @property
    def each(self) -> int:
        """Codes in a word."""
        return WORD // self.bits

    @property
    def heads(self) -> int:
        """Vectors in front of a block's words."""
        return 1 if self.zeros is None else 2

    @property
    def size(self) -> int:
        """Words of a panel."""
        return self.blocks * (self.heads + self.words) * self.lanes

    @property
    def count(self) -> int:
        """Panels in all."""
        return -(-self.columns // self.lanes)

    @property
    def key(self) -> str:
        """A name for the packed memory: equal for equal weights and layout."""
        parts = (self.codes, self.scales, *(() if self.zeros is None else (self.zeros,)))
        named = ", ".join(f"{view.buffer}+{view.offset}" for view in parts)
        return f"{named} as {self.lanes} columns of {self.bits} bits by {self.words} words"

    @property
    def rows(self) -> int:
        """Codes of a column, those behind the end of the depth included."""
        return self.blocks * self.words * self.each

    def widen(self, builder: Builder, memory: str, panel: Integer, tile: Tile, target: str) -> None:
        """Fill `target` with a panel of `tile`, whose vectors are as wide as ours."""
        Widener(self, builder, tile).panel(memory, panel, target)

    def packed(self, spec: DeviceSpec) -> Packed:
        """The memory and the kernel that fills it, a panel a work unit."""
        module = Module(spec)
        builder = module.kernel()
        frame = Frame(builder)
        packer = _Packer(self, builder, frame)
        builder.loop("%begin", "%end", 1, lambda panel, _: packer.panel(panel))
        builder.ret()
        size = self.count * self.size * 4
        launch = Launch(module.text(), frame.arguments, self.count, bytes=2 * size, label="pack")
        return Packed(self.key, size, launch)


def codes_of(builder: Builder, word: str, bits: int, lanes: int) -> Iterator[str]:
    """The codes of a word of each column as floats around zero, the first of the depth first."""
    integers, kind = vector("i32", lanes), vector("float", lanes)
    for number in range(WORD // bits):
        code, left = word, WORD - bits * (number + 1)
        if left:
            code = builder.binary("shl", integers, code, literal(integers, left))
        code = builder.binary("ashr", integers, code, literal(integers, WORD - bits))
        yield builder.convert("sitofp", integers, code, kind)


class Widener:
    """Prints how panels become one of float32, as wide as a tile."""

    def __init__(self, panels: BlockPanels, builder: Builder, tile: Tile) -> None:
        self._panels, self._builder, self._tile = panels, builder, tile
        self._kind, self._integers = (vector(name, panels.lanes) for name in ("float", "i32"))

    def panel(self, memory: str, number: Integer, target: str) -> None:
        """Fill `target` with panel `number`; columns beyond the last panel repeat it."""
        builder, panels, vectors = self._builder, self._panels, self._tile.vectors
        first = builder.mul(number, vectors)
        parts = [
            builder.minimum(builder.add(first, place), panels.count - 1) for place in range(vectors)
        ]
        starts = [builder.offset(memory, builder.mul(part, panels.size), "float") for part in parts]
        step = (panels.heads + panels.words) * panels.lanes

        def block(index: Integer, carried: list[str]) -> list[str]:
            moved = builder.mul(index, step)
            for place, start in enumerate(starts):
                line = builder.offset(carried[0], place * panels.lanes, "float")
                self._block(builder.offset(start, moved, "float"), line)
            rows = panels.words * panels.each
            return [builder.offset(carried[0], rows * self._tile.columns, "float")]

        builder.loop(0, panels.blocks, 1, block, [("ptr", target)])

    def _block(self, place: str, target: str) -> None:
        """One block of one vector of columns."""
        builder, panels, columns = self._builder, self._panels, self._tile.columns
        scale, shift = builder.load(self._kind, place), None
        if panels.zeros is not None:
            shift = builder.load(self._kind, builder.offset(place, panels.lanes, "float"))
        words = builder.offset(place, panels.heads * panels.lanes, "i32")

        def word(index: Integer, _: list[str]) -> None:
            at = builder.offset(words, builder.mul(index, panels.lanes), "i32")
            row = builder.mul(index, panels.each * columns)
            line = builder.offset(target, row, "float")
            codes = codes_of(builder, builder.load(self._integers, at), panels.bits, panels.lanes)
            for number, code in enumerate(codes):
                level = code if shift is None else builder.fadd(self._kind, code, shift)
                value = builder.fmul(self._kind, level, scale)
                builder.store(self._kind, value, builder.offset(line, number * columns, "float"))

        builder.loop(0, panels.words, 1, word)


class _Packer:
    """Prints how one panel is filled, word by word."""

    def __init__(self, panels: BlockPanels, builder: Builder, frame: Frame) -> None:
        self._panels, self._builder = panels, builder
        self._codes, self._scales = frame.pointer(panels.codes), frame.pointer(panels.scales)
        self._zeros = None if panels.zeros is None else frame.pointer(panels.zeros)
        self._target = frame.packed(panels.key, "w")

    def panel(self, panel: Integer) -> None:
        """All blocks of the panel; columns beyond the last repeat it."""
        builder, panels = self._builder, self._panels
        first = builder.mul(panel, panels.lanes)
        start = builder.offset(self._target, builder.mul(panel, panels.size), "float")

        def lane(number: Integer, _: list[str]) -> None:
            column = builder.minimum(builder.add(first, number), panels.columns - 1)
            row = builder.mul(column, panels.blocks)

            def block(place: Integer, carried: list[str]) -> list[str]:
                return [self._block(builder.add(row, place), carried[0])]

            target = builder.offset(start, number, "float")
            builder.loop(0, panels.blocks, 1, block, [("ptr", target)])

        builder.loop(0, panels.lanes, 1, lane)

    def _block(self, number: Integer, target: str) -> str:
        """One column of a block; where the next block begins."""
        builder, panels = self._builder, self._panels
        scale = self._number(panels.scales, self._scales, number)
        builder.store("float", scale, target)
        if panels.zeros is not None and self._zeros is not None:
            zero = self._number(panels.zeros, self._zeros, number)
            middle = literal("float", float(1 << (panels.bits - 1)))
            place = builder.offset(target, panels.lanes, "float")
            builder.store("float", builder.fsub("float", middle, zero), place)
        target = builder.offset(target, panels.heads * panels.lanes, "float")
        source = builder.offset(self._codes, builder.mul(number, panels.words), "i32")
        signs = sum(1 << (panels.bits * place - 1) for place in range(1, panels.each + 1))
        flip = signs - (1 << WORD) if signs >> (WORD - 1) else signs

        def word(place: Integer, _: list[str]) -> None:
            raw = builder.load("i32", builder.offset(source, place, "i32"), 1)
            moved = builder.offset(target, builder.mul(place, panels.lanes), "i32")
            builder.store("i32", builder.binary("xor", "i32", raw, flip), moved)

        builder.loop(0, panels.words, 1, word)
        return builder.offset(target, panels.words * panels.lanes, "float")

    def _number(self, view: View, pointer: str, place: Integer) -> str:
        """An element as a float."""
        if view.dtype == UINT8:
            raw = self._builder.load("i8", self._builder.offset(pointer, place, "i8"))
            return self._builder.convert("uitofp", "i8", raw, "float")
        stored = Stored(view.dtype)
        return stored.load(self._builder, stored.at(self._builder, pointer, place))
