# SPDX-License-Identifier: Apache-2.0
"""Winograd's two ends: input patches in, output pixels out, one tile at a time, by vectors of
channels.

A patch that crosses the image's edge is first copied with zeros around it, so that one transform
serves every tile and the input needs no halo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingot.dims import Dim, ceil_div, product
from ingot.kernel.view import View
from ingot.targets.cpu.builder import Builder, Integer, Parameter, literal
from ingot.targets.cpu.kernels.conv import Convolution
from ingot.targets.cpu.kernels.finish import Epilogue, Finisher, Operand
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.vectors import copy_run, fill_run
from ingot.targets.cpu.kernels.walk import RowCursor, Sizes, decompose, dot

Transform = Callable[[Builder, str, Sequence[str]], list[str]]


@dataclass(frozen=True)
class Tiling:
    """How images are cut into tiles of m x m output pixels."""

    m: int
    images: Dim
    channels: int
    filters: int
    input: tuple[Dim, Dim]
    output: tuple[Dim, Dim]
    before: tuple[int, int]
    strides: tuple[Dim, Dim, Dim]  # of the input: image, line, pixel

    @property
    def side(self) -> int:
        """Pixels along a side of an input patch."""
        return self.m + 2

    @property
    def points(self) -> int:
        """Products for each tile, channel and filter."""
        return self.side**2

    @property
    def grid(self) -> tuple[Dim, Dim]:
        """Tiles along each axis of one image."""
        return ceil_div(self.output[0], self.m), ceil_div(self.output[1], self.m)

    @property
    def count(self) -> Dim:
        """Tiles of all images."""
        return product((self.images, *self.grid))

    def dims(self) -> tuple[Dim, ...]:
        """Every size that the code needs."""
        return (*self.input, *self.output, *self.grid, *self.strides, self.count)


def tiling_of(m: int, found: Convolution, view: View) -> Tiling:
    """The tiling of a two-dimensional convolution whose input lies at `view`."""
    rows, columns = found.axes
    return Tiling(
        m,
        found.source.shape[0],
        found.channels,
        found.filters,
        (rows.size, columns.size),
        (rows.output, columns.output),
        (rows.before, columns.before),
        (view.strides[0], view.strides[2], view.strides[3]),
    )


def _corner(
    builder: Builder, sizes: Sizes, tiling: Tiling, tile: Integer
) -> tuple[Integer, Integer, Integer]:
    """Image, and first output line and pixel of a tile."""
    grid = [sizes[extent] for extent in tiling.grid]
    image, row, column = decompose(builder, tile, [0, *grid])
    return image, builder.mul(row, tiling.m), builder.mul(column, tiling.m)


class PatchReader:
    """Prints the input side into `builder`; the transform is a function of its own."""

    def __init__(self, builder: Builder, sizes: Sizes, tiling: Tiling, vectors: Tile) -> None:
        self._builder = builder
        self._sizes = sizes
        self._tiling = tiling
        self._vectors = vectors

    def read(self, tile: Integer, source: str, spare: str, target: str, point: Integer) -> None:
        """Transform the patch of `tile` of the input at `source`.

        Value p of channel c goes to `target + p * point + c`; `spare` holds a patch.
        """
        builder, sizes, tiling = self._builder, self._sizes, self._tiling
        image, row, column = _corner(builder, sizes, tiling, tile)
        top = builder.sub(row, tiling.before[0])
        left = builder.sub(column, tiling.before[1])
        strides = [sizes[stride] for stride in tiling.strides]
        inside = builder.both(self._within(top, 0), self._within(left, 1))
        element = self._vectors.element

        def dense() -> None:
            place = builder.offset(source, dot(builder, (image, top, left), strides), element)
            self._transform(place, strides[1], target, point)

        def crossing() -> None:
            base = builder.offset(source, builder.mul(image, strides[0]), element)
            self._copy(base, top, left, spare)
            self._transform(spare, tiling.side * tiling.channels, target, point)

        builder.branch_if(inside, dense, crossing)

    def _within(self, start: Integer, axis: int) -> bool | str:
        """Whether the patch lies inside the image along one axis."""
        builder, size = self._builder, self._sizes[self._tiling.input[axis]]
        reach = builder.sub(size, self._tiling.side)
        below = builder.compare("sle", start, reach)
        return builder.both(builder.compare("sge", start, 0), below)

    def _copy(self, base: str, top: Integer, left: Integer, spare: str) -> None:
        """The patch with zeros where it leaves the image."""
        builder, sizes, tiling = self._builder, self._sizes, self._tiling
        element, channels = self._vectors.element, tiling.channels
        lines, pixels = (sizes[size] for size in tiling.input)

        def body(number: Integer, _: list[str]) -> None:
            i, j = decompose(builder, number, [0, tiling.side])
            line, pixel = builder.add(top, i), builder.add(left, j)
            inside = builder.both(
                builder.compare("ult", line, lines), builder.compare("ult", pixel, pixels)
            )
            target = builder.offset(spare, builder.mul(number, channels), element)

            def copy() -> None:
                strides = [sizes[stride] for stride in tiling.strides[1:]]
                at = builder.offset(base, dot(builder, (line, pixel), strides), element)
                copy_run(builder, element, at, 1, target, channels)

            builder.branch_if(inside, copy, lambda: fill_run(builder, element, target, channels))

        builder.loop(0, tiling.points, 1, body)

    def _transform(self, place: str, line: Integer, target: str, point: Integer) -> None:
        module = self._builder.module
        if not module.has("patch"):
            self._print()
        arguments = [("ptr", place), ("i64", line), ("ptr", target), ("i64", point)]
        self._builder.call("patch", "void", arguments)

    def _print(self) -> None:
        """`@patch(source, line, target, point)`: both one-dimensional transforms."""
        parameters: list[Parameter] = [
            ("ptr", "%source"), ("i64", "%line"), ("ptr", "%target"), ("i64", "%point"),
        ]  # fmt: skip
        builder = self._builder.module.function("patch", parameters)
        side, kind, element = self._tiling.side, self._vectors.kind, self._vectors.element
        room = builder.stack(kind, side * side)
        transform = INPUTS[self._tiling.m]
        lines = [
            builder.offset("%source", builder.mul("%line", line), element) for line in range(side)
        ]

        def body(channel: Integer, _: list[str]) -> None:
            moved = [builder.offset(line, channel, element) for line in lines]
            target = builder.offset("%target", channel, element)
            for j in range(side):
                step = j * self._tiling.channels
                column = [builder.load(kind, builder.offset(line, step, element)) for line in moved]
                for i, value in enumerate(transform(builder, kind, column)):
                    builder.store(kind, value, builder.offset(room, i * side + j, kind))
            for i in range(side):
                row = [
                    builder.load(kind, builder.offset(room, i * side + j, kind))
                    for j in range(side)
                ]
                for j, value in enumerate(transform(builder, kind, row)):
                    move = builder.mul("%point", i * side + j)
                    builder.store(kind, value, builder.offset(target, move, element))

        builder.loop(0, self._tiling.channels, self._vectors.lanes, body)
        builder.ret()


class PixelWriter:
    """Prints the output side into `builder`; the transform is a function of its own."""

    def __init__(self, builder: Builder, tiling: Tiling, vectors: Tile, epilogue: Epilogue) -> None:
        self._builder = builder
        self._tiling = tiling
        self._vectors = vectors
        self._epilogue = epilogue
        walks = [operand.walk for operand in epilogue.operands]
        inner = [dim for walk in walks for dim in (*walk.rows[1:], walk.column)]
        self._inner = tuple(dict.fromkeys(dim for dim in inner if not isinstance(dim, int)))

    def dims(self) -> tuple[Dim, ...]:
        """Every size that the code needs."""
        walks = [operand.walk for operand in self._epilogue.operands]
        return tuple(dim for walk in walks for dim in walk.dims())

    def write(
        self,
        sizes: Sizes,
        tile: Integer,
        products: str,
        point: Integer,
        operands: Sequence[str],
    ) -> None:
        """Transform the products of `tile` back and store its pixels.

        Product p of filter f is at `products + p * point + f`.
        """
        builder, tiling = self._builder, self._tiling
        image, row, column = _corner(builder, sizes, tiling, tile)
        moved = []
        for pointer, operand in zip(operands, self._epilogue.operands, strict=True):
            strides = [sizes[stride] for stride in operand.walk.rows]
            move = dot(builder, (image, row, column), strides)
            move = builder.add(move, sizes[operand.walk.start])
            moved.append(operand.moved(builder, pointer, move))
        rows = builder.minimum(builder.sub(sizes[tiling.output[0]], row), tiling.m)
        columns = builder.minimum(builder.sub(sizes[tiling.output[1]], column), tiling.m)
        if not builder.module.has("pixels"):
            self._print()
        arguments: list[tuple[str, Integer]] = [("ptr", products), ("i64", point)]
        arguments += [("i64", rows), ("i64", columns)]
        arguments += [("ptr", pointer) for pointer in moved]
        arguments += [("i64", sizes[dim]) for dim in self._inner]
        builder.call("pixels", "void", arguments)

    def _print(self) -> None:
        """`@pixels(products, point, rows, columns, operands…, sizes…)`."""
        operands = [f"%operand{number}" for number in range(len(self._epilogue.operands))]
        sizes: dict[Dim, Integer] = {dim: f"%size{k}" for k, dim in enumerate(self._inner)}
        parameters: list[Parameter] = [
            ("ptr", "%products"), ("i64", "%point"), ("i64", "%rows"), ("i64", "%columns"),
            *(("ptr", operand) for operand in operands),
            *(("i64", str(size)) for size in sizes.values()),
        ]  # fmt: skip
        builder = self._builder.module.function("pixels", parameters)
        side, kind, element = self._tiling.side, self._vectors.kind, self._vectors.element
        m, transform = self._tiling.m, OUTPUTS[self._tiling.m]
        room = builder.stack(kind, m * side)
        output = _Output(builder, Sizes(sizes), self._vectors, self._epilogue)

        def body(filter_: Integer, _: list[str]) -> None:
            source = builder.offset("%products", filter_, element)
            for j in range(side):
                column = []
                for i in range(side):
                    move = builder.mul("%point", i * side + j)
                    column.append(builder.load(kind, builder.offset(source, move, element)))
                for i, value in enumerate(transform(builder, kind, column)):
                    builder.store(kind, value, builder.offset(room, i * side + j, kind))
            pointers = output.at_filter(operands, filter_)

            def line(i: Integer, _: list[str]) -> None:
                start = builder.mul(i, side)
                row = [
                    builder.load(kind, builder.offset(room, builder.add(start, j), kind))
                    for j in range(side)
                ]
                output.line(i, pointers, transform(builder, kind, row))

            builder.loop(0, "%rows", 1, line, nonempty=True)

        builder.loop(0, self._tiling.filters, self._vectors.lanes, body)
        builder.ret()


class _Output:
    """Stores one line of a tile's pixels through the epilogue."""

    def __init__(self, builder: Builder, sizes: Sizes, vectors: Tile, epilogue: Epilogue) -> None:
        self._builder = builder
        self._sizes = sizes
        self._vectors = vectors
        self._epilogue = epilogue

    def at_filter(self, operands: Sequence[str], filter_: Integer) -> list[str]:
        """The operands' addresses for a vector of filters."""
        return [
            self._moved(operand, pointer, filter_, operand.walk.column)
            for pointer, operand in zip(operands, self._epilogue.operands, strict=True)
        ]

    def line(self, i: Integer, pointers: Sequence[str], values: Sequence[str]) -> None:
        """Store the valid pixels of line `i`."""
        moved = [
            self._moved(operand, pointer, i, operand.walk.rows[1])
            for pointer, operand in zip(pointers, self._epilogue.operands, strict=True)
        ]
        along = self._epilogue.with_rows(
            [(operand.walk.rows[2],) for operand in self._epilogue.operands]
        )
        count = len(values)
        rows = RowCursor(self._builder, self._sizes, (count,), 0, count)
        finisher = Finisher(self._builder, self._sizes, self._vectors, along, moved)
        finisher.finish(rows, "%columns", self._vectors.columns, values)

    def _moved(self, operand: Operand, pointer: str, index: Integer, stride: Dim) -> str:
        move = self._builder.mul(index, self._sizes[stride])
        return operand.moved(self._builder, pointer, move)


def _input2(builder: Builder, kind: str, d: Sequence[str]) -> list[str]:
    return [
        builder.fsub(kind, d[0], d[2]),
        builder.fadd(kind, d[1], d[2]),
        builder.fsub(kind, d[2], d[1]),
        builder.fsub(kind, d[1], d[3]),
    ]


def _output2(builder: Builder, kind: str, d: Sequence[str]) -> list[str]:
    outer = builder.fadd(kind, d[0], d[1])
    inner = builder.fsub(kind, d[1], d[2])
    return [builder.fadd(kind, outer, d[2]), builder.fsub(kind, inner, d[3])]


def _input4(builder: Builder, kind: str, d: Sequence[str]) -> list[str]:
    def multiple(factor: float, value: str, rest: str) -> str:
        return builder.fma(kind, literal(kind, factor), value, rest)

    even, odd = multiple(-4, d[2], d[4]), multiple(-4, d[1], d[3])
    flat, slope = builder.fsub(kind, d[4], d[2]), builder.fsub(kind, d[3], d[1])
    return [
        multiple(4, d[0], multiple(-5, d[2], d[4])),
        builder.fadd(kind, even, odd),
        builder.fsub(kind, even, odd),
        multiple(2, slope, flat),
        multiple(-2, slope, flat),
        multiple(4, d[1], multiple(-5, d[3], d[5])),
    ]


def _output4(builder: Builder, kind: str, d: Sequence[str]) -> list[str]:
    def multiple(factor: float, value: str, rest: str) -> str:
        return builder.fma(kind, literal(kind, factor), value, rest)

    near, near_slope = builder.fadd(kind, d[1], d[2]), builder.fsub(kind, d[1], d[2])
    far, far_slope = builder.fadd(kind, d[3], d[4]), builder.fsub(kind, d[3], d[4])
    return [
        builder.fadd(kind, builder.fadd(kind, d[0], near), far),
        multiple(2, far_slope, near_slope),
        multiple(4, far, near),
        builder.fadd(kind, multiple(8, far_slope, near_slope), d[5]),
    ]


INPUTS: dict[int, Transform] = {2: _input2, 4: _input4}
OUTPUTS: dict[int, Transform] = {2: _output2, 4: _output4}
