# SPDX-License-Identifier: Apache-2.0
"""Winograd's output side: one tile's products, transformed back, through the epilogue into pixels,
by vectors of filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingot.dims import Dim
from ingot.targets.cpu.builder import Builder, Integer, Parameter, literal
from ingot.targets.cpu.kernels.finish import Epilogue, Finisher, Operand
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.walk import RowCursor, Sizes, dot
from ingot.targets.cpu.kernels.winograd_tiling import Tiling, corner

Transform = Callable[[Builder, str, Sequence[str]], list[str]]


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
        image, row, column = corner(builder, sizes, tiling, tile)
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


def _output2(builder: Builder, kind: str, d: Sequence[str]) -> list[str]:
    outer = builder.fadd(kind, d[0], d[1])
    inner = builder.fsub(kind, d[1], d[2])
    return [builder.fadd(kind, outer, d[2]), builder.fsub(kind, inner, d[3])]


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


OUTPUTS: dict[int, Transform] = {2: _output2, 4: _output4}
