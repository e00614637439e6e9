# SPDX-License-Identifier: Apache-2.0
"""Winograd's transforms as matrices, and the kernel that transforms filters after loading.

The matrices are those of Lavin and Gray (2016): interpolation at 0, 1, -1 and infinity for m = 2,
at 0, 1, -1, 2, -2 and infinity for m = 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch, Packed
from ingot.targets.cpu.builder import Builder, Integer, Module, literal, vector
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.vectors import gathered
from ingot.targets.cpu.kernels.walk import decompose
from ingot.targets.windows import known

Matrix = tuple[tuple[Fraction, ...], ...]


def _matrix(*rows: str) -> Matrix:
    return tuple(tuple(Fraction(entry) for entry in row.split()) for row in rows)


FILTERS: Mapping[int, Matrix] = {
    2: _matrix("1 0 0", "1/2 1/2 1/2", "1/2 -1/2 1/2", "0 0 1"),
    4: _matrix(
        "1/4 0 0", "-1/6 -1/6 -1/6", "-1/6 1/6 -1/6", "1/24 1/12 1/6", "1/24 -1/12 1/6", "0 0 1"
    ),
}


def filter_key(m: int, view: View, tile: Tile) -> str:
    """A name for the transformed filters: equal for equal memory and layout."""
    facts = ";".join(map(str, (*view.shape, *view.strides, view.offset)))
    return f"{view.buffer} as winograd{m} {tile.columns} columns {facts}"


def pack_filters(key: str, m: int, view: View, tile: Tile, spec: DeviceSpec) -> Packed:
    """Transformed filters as [point][panel][channel][column], and the kernel that makes them."""
    filters, channels, *_ = known(view.shape)
    panels = -(-filters // tile.columns)
    size = (m + 2) ** 2 * panels * channels * tile.columns * tile.dtype.itemsize
    module = Module(spec)
    builder = module.kernel()
    frame = Frame(builder)
    source, target = frame.pointer(view), frame.packed(key, "w")
    strides = known(view.strides)
    printer = _Filters(builder, m, filters, channels, strides, tile, Stored(view.dtype))

    def unit(number: Integer, _: list[str]) -> None:
        panel, channel = decompose(builder, number, [0, channels])
        printer.column(panel, channel, source, target)

    builder.loop("%begin", "%end", 1, unit)
    builder.ret()
    launch = Launch(
        module.text(), frame.arguments, panels * channels, grain=32, bytes=size, label="pack"
    )
    return Packed(key, size, launch)


class _Filters:
    def __init__(
        self,
        builder: Builder,
        m: int,
        filters: int,
        channels: int,
        strides: Sequence[int],
        tile: Tile,
        stored: Stored,
    ) -> None:
        self._stored = stored
        self._builder = builder
        self._matrix = FILTERS[m]
        self._filters = filters
        self._channels = channels
        self._strides = strides
        self._tile = tile
        self._point = -(-filters // tile.columns) * channels * tile.columns

    def column(self, panel: Integer, channel: Integer, source: str, target: str) -> None:
        """One channel of every filter of one panel; filters beyond the last repeat it."""
        builder, tile = self._builder, self._tile
        first = builder.mul(panel, tile.columns)
        source = self._stored.at(builder, source, builder.mul(channel, self._strides[1]))
        row = builder.add(builder.mul(panel, self._channels), channel)
        target = builder.offset(target, builder.mul(row, tile.columns), tile.element)
        lanes = min(tile.lanes, 8)
        kind = vector(tile.element, lanes)

        def group(start: Integer, _: list[str]) -> None:
            begin = builder.add(first, start)
            origins = [self._origin(source, builder.add(begin, lane)) for lane in range(lanes)]
            window = [self._gather(kind, origins, y, x) for y in range(3) for x in range(3)]
            place = builder.offset(target, start, tile.element)
            for point, value in enumerate(self._transform(kind, window)):
                builder.store(kind, value, builder.offset(place, point * self._point, tile.element))

        builder.loop(0, tile.columns, lanes, group)

    def _origin(self, source: str, number: Integer) -> str:
        builder = self._builder
        if self._filters % self._tile.columns:
            number = builder.minimum(number, self._filters - 1)
        return self._stored.at(builder, source, builder.mul(number, self._strides[0]))

    def _gather(self, kind: str, origins: Sequence[str], y: int, x: int) -> str:
        builder, stored = self._builder, self._stored
        move = y * self._strides[2] + x * self._strides[3]
        scalars = [stored.load(builder, stored.at(builder, at, move)) for at in origins]
        return gathered(builder, kind, scalars)

    def _transform(self, kind: str, window: Sequence[str]) -> list[str]:
        columns = [
            apply_matrix(self._builder, kind, self._matrix, [window[3 * y + x] for y in range(3)])
            for x in range(3)
        ]
        rows = [
            apply_matrix(self._builder, kind, self._matrix, [column[row] for column in columns])
            for row in range(len(self._matrix))
        ]
        return [value for row in rows for value in row]


def apply_matrix(builder: Builder, kind: str, matrix: Matrix, values: Sequence[str]) -> list[str]:
    """Each row of `matrix` times the vector of `values`."""
    return [_combination(builder, kind, row, values) for row in matrix]


def _combination(
    builder: Builder, kind: str, row: Sequence[Fraction], values: Sequence[str]
) -> str:
    total: str | None = None
    for factor, value in zip(row, values, strict=True):
        if factor == 0:
            continue
        if total is None:
            total = (
                value if factor == 1 else builder.fmul(kind, literal(kind, float(factor)), value)
            )
        elif factor == 1:
            total = builder.fadd(kind, total, value)
        elif factor == -1:
            total = builder.fsub(kind, total, value)
        else:
            total = builder.fma(kind, literal(kind, float(factor)), value, total)
    assert total is not None
    return total
