# SPDX-License-Identifier: Apache-2.0
"""What a windowed operator computes for a few pixels of a line, and the function that does it.

Taps along the line are known for each pixel or, at the ends of a line of unknown length, a range;
the lines of the window that lie inside are a range always.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ingot.dims import Dim
from ingot.targets.cpu.builder import Builder, Integer, Module, literal
from ingot.targets.cpu.kernels.finish import Epilogue, Finisher, Operand
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import COMPUTED, Tile
from ingot.targets.cpu.kernels.tiles import Parameters
from ingot.targets.cpu.kernels.vectors import lane_mask
from ingot.targets.cpu.kernels.walk import RowCursor, Sizes
from ingot.targets.windows import Axis


class Combine(Protocol):
    """How the elements of a window become one."""

    @property
    def weighted(self) -> bool:
        """Whether each tap has a weight for each channel."""

    @property
    def counts_padding(self) -> bool:
        """Whether padding counts as elements."""

    def start(self, kind: str) -> str:
        """The value of no elements."""

    def step(self, builder: Builder, kind: str, total: str, value: str, weight: str) -> str:
        """One more element; `weight` is empty where taps have none."""

    def end(self, builder: Builder, kind: str, total: str, count: Callable[[], str]) -> str:
        """The result; `count` gives the number of elements as a vector."""


@dataclass(frozen=True)
class WindowJob:
    """A windowed operator: axes (vertical, horizontal), its input and where results go.

    The input's walk has row strides (image, line, pixel); so have the epilogue's operands.
    """

    combine: Combine
    images: Dim
    channels: Dim
    axes: tuple[Axis, Axis]
    source: Operand
    epilogue: Epilogue
    lanes: int
    block: int
    weights: str = ""

    @property
    def kind(self) -> Tile:
        """One vector of one pixel."""
        return Tile(1, 1, self.lanes, COMPUTED[self.source.dtype])


@dataclass(frozen=True)
class Pixels:
    """Neighbouring pixels: for each the taps that lie inside, and how many count."""

    taps: tuple[range, ...]
    counts: tuple[int, ...]

    @property
    def name(self) -> str:
        """A function's name that tells blocks of pixels apart."""
        known = zip(self.taps, self.counts, strict=True)
        parts = [f"{taps.start}_{taps.stop}_{count}" for taps, count in known]
        shared = parts[0] if len(set(parts)) == 1 else "_".join(parts)
        return f"pixels{len(parts)}_{shared}"


class PixelFunction:
    """An internal function that computes some pixels for a block of channels."""

    def __init__(
        self,
        job: WindowJob,
        inner: Sequence[Dim],
        module: Module,
        name: str,
        ragged: bool,
        extra: int,
    ) -> None:
        self._job = job
        self._ragged = ragged
        taken = Parameters()
        self._source, self._weights = taken.next("ptr"), taken.next("ptr")
        self._operands = [taken.next("ptr") for _ in job.epilogue.operands]
        self._start, self._first, self._last = (taken.next("i64") for _ in range(3))
        self._lines, self._channels = taken.next("i64"), taken.next("i64")
        self._extra = [taken.next("i64") for _ in range(extra)]
        self._sizes = Sizes({dim: taken.next("i64") for dim in inner})
        self._builder = module.function(name, taken.parameters)
        self._tile = job.kind
        vertical, self._horizontal = job.axes
        strides = [self._sizes[stride] for stride in job.source.walk.rows]
        self._line_step = self._builder.mul(strides[1], vertical.dilation)
        self._pixel_step = strides[2]

    def block(self, pixels: Pixels) -> None:
        """Pixels whose taps along the line are known."""

        def totals(channel: Integer, mask: str | None) -> list[str]:
            def line(tap: Integer, totals: list[str]) -> list[str]:
                return self._line_of(pixels, tap, channel, mask, totals)

            start = [(self._tile.kind, self._job.combine.start(self._tile.kind))]
            return self._builder.loop(self._first, self._last, 1, line, start * len(pixels.taps))

        self._channel_loop(totals, list(pixels.counts))

    def single(self) -> None:
        """One pixel whose taps along the line are a range, too."""
        first, last, count = self._extra
        builder, kind = self._builder, self._tile.kind

        def totals(channel: Integer, mask: str | None) -> list[str]:
            def line(tap: Integer, totals: list[str]) -> list[str]:
                def pixel(column: Integer, totals: list[str]) -> list[str]:
                    step = builder.mul(self._pixel_step, self._horizontal.dilation)
                    value = self._value(tap, builder.mul(column, step), channel, mask)
                    weight = self._weight(tap, column, channel)
                    return [self._job.combine.step(builder, kind, totals[0], value, weight)]

                return builder.loop(first, last, 1, pixel, [(kind, totals[0])])

            start = [(kind, self._job.combine.start(kind))]
            return builder.loop(self._first, self._last, 1, line, start)

        self._channel_loop(totals, [count])

    def _channel_loop(
        self, totals: Callable[[Integer, str | None], list[str]], counts: Sequence[Integer]
    ) -> None:
        builder, tile, job = self._builder, self._tile, self._job

        def body(channel: Integer, _: list[str]) -> None:
            left = builder.sub(self._channels, channel) if self._ragged else tile.columns
            mask = lane_mask(builder, tile.lanes, left) if self._ragged else None
            values = [
                job.combine.end(builder, tile.kind, total, self._counter(count))
                for total, count in zip(totals(channel, mask), counts, strict=True)
            ]
            pointers = [
                operand.moved(
                    builder, pointer, builder.mul(channel, self._sizes[operand.walk.column])
                )
                for pointer, operand in zip(self._operands, job.epilogue.operands, strict=True)
            ]
            self._finish(values, pointers, builder.minimum(left, tile.columns))

        builder.loop(0, self._channels, tile.lanes, body)
        builder.ret()

    def _finish(self, values: Sequence[str], pointers: Sequence[str], columns: Integer) -> None:
        count, epilogue = len(values), self._job.epilogue
        along = epilogue.with_rows([(operand.walk.rows[2],) for operand in epilogue.operands])
        rows = RowCursor(self._builder, self._sizes, (count,), 0, count)
        tile = replace(self._tile, rows=count)
        Finisher(self._builder, self._sizes, tile, along, pointers).finish(
            rows, count, columns, values
        )

    def _counter(self, columns: Integer) -> Callable[[], str]:
        """The number of elements of a window as a vector; at least 1."""

        def count() -> str:
            builder, tile = self._builder, self._tile
            number = builder.maximum(builder.mul(self._lines, columns), 1)
            if isinstance(number, int):
                return literal(tile.kind, number)
            real = builder.convert("sitofp", "i64", number, tile.element)
            return builder.splat(tile.kind, real)

        return count

    def _line_of(
        self,
        pixels: Pixels,
        tap: Integer,
        channel: Integer,
        mask: str | None,
        totals: Sequence[str],
    ) -> list[str]:
        """The elements of one line of the window; each loaded vector serves all its pixels."""
        axis, job = self._horizontal, self._job
        weights = [self._weight(tap, column, channel) for column in range(axis.window)]
        uses: dict[int, list[tuple[int, int]]] = {}
        for pixel, taps in enumerate(pixels.taps):
            for column in taps:
                position = pixel * axis.stride + column * axis.dilation
                uses.setdefault(position, []).append((pixel, column))
        result = list(totals)
        for position in sorted(uses):
            move = self._builder.mul(self._pixel_step, position)
            value = self._value(tap, move, channel, mask)
            for pixel, column in uses[position]:
                result[pixel] = job.combine.step(
                    self._builder, self._tile.kind, result[pixel], value, weights[column]
                )
        return result

    def _value(self, tap: Integer, move: Integer, channel: Integer, mask: str | None) -> str:
        builder, tile = self._builder, self._tile
        line = builder.add(self._start, builder.mul(tap, self._line_step))
        stored = Stored(self._job.source.dtype)
        place = stored.at(builder, self._source, builder.add(line, channel))
        return stored.load(builder, stored.at(builder, place, move), tile.lanes, mask)

    def _weight(self, tap: Integer, column: Integer, channel: Integer) -> str:
        if not self._job.combine.weighted:
            return ""
        builder, tile = self._builder, self._tile
        block = self._job.block
        row = builder.mul(builder.mul(tap, self._horizontal.window), block)
        place = builder.add(builder.add(row, builder.mul(column, block)), channel)
        return builder.load(tile.kind, builder.offset(self._weights, place, tile.element))
