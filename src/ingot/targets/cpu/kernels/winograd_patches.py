# SPDX-License-Identifier: Apache-2.0
"""Winograd's input side: one tile's patch, transformed, by vectors of channels.

A patch that crosses the image's edge is first copied with zeros around it, so that one transform
serves every tile and the input needs no halo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingot.targets.cpu.builder import Builder, Integer, Parameter, literal
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.vectors import copy_run, fill_run
from ingot.targets.cpu.kernels.walk import Sizes, decompose, dot
from ingot.targets.cpu.kernels.winograd_tiling import Tiling, corner

Transform = Callable[[Builder, str, Sequence[str]], list[str]]


class PatchReader:
    """Prints the input side into `builder`; the transform is a function of its own."""

    def __init__(
        self, builder: Builder, sizes: Sizes, tiling: Tiling, vectors: Tile, stored: Stored
    ) -> None:
        self._builder = builder
        self._sizes = sizes
        self._tiling = tiling
        self._vectors = vectors
        self._stored = stored

    def read(self, tile: Integer, source: str, spare: str, target: str, point: Integer) -> None:
        """Transform the patch of `tile` of the input at `source`.

        Value p of channel c goes to `target + p * point + c`; `spare` holds a patch.
        """
        builder, sizes, tiling = self._builder, self._sizes, self._tiling
        image, row, column = corner(builder, sizes, tiling, tile)
        top = builder.sub(row, tiling.before[0])
        left = builder.sub(column, tiling.before[1])
        strides = [sizes[stride] for stride in tiling.strides]
        inside = builder.both(self._within(top, 0), self._within(left, 1))
        element = self._stored.element

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
        element, channels = self._stored.element, tiling.channels
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
        stored, lanes = self._stored, self._vectors.lanes
        lines = [stored.at(builder, "%source", builder.mul("%line", line)) for line in range(side)]

        def body(channel: Integer, _: list[str]) -> None:
            moved = [stored.at(builder, line, channel) for line in lines]
            target = builder.offset("%target", channel, element)
            for j in range(side):
                step = j * self._tiling.channels
                places = [stored.at(builder, line, step) for line in moved]
                column = [stored.load(builder, place, lanes) for place in places]
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

        builder.loop(0, self._tiling.channels, lanes, body)
        builder.ret()


def _input2(builder: Builder, kind: str, d: Sequence[str]) -> list[str]:
    return [
        builder.fsub(kind, d[0], d[2]),
        builder.fadd(kind, d[1], d[2]),
        builder.fsub(kind, d[2], d[1]),
        builder.fsub(kind, d[1], d[3]),
    ]


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


INPUTS: dict[int, Transform] = {2: _input2, 4: _input4}
