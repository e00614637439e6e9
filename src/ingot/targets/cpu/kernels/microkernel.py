# SPDX-License-Identifier: Apache-2.0
"""The one microkernel: a tile of rows times a packed panel.

Every contraction runs here. Along the depth, outer *taps* (the window of a convolution) each hold a
contiguous *run* of elements that starts at a row's address; the panel holds the same elements of
all columns one after another, so its pointer only moves forward. A tap may leave the image: then
the row reads zeros instead. Rows of narrow floats are widened some elements at a time, by vectors,
into a line on the stack, from which the steps take one element after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingot.dims import Dim, ceil_div, product
from ingot.dtypes import FLOAT32
from ingot.targets.cpu.builder import Builder, Flag, Integer, literal
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.walk import RowCursor, Sizes, Walk

_UNROLLED = 8  # runs up to this long are printed without a loop
_WIDENED = 8  # elements of a narrow row that are widened at a time


@dataclass(frozen=True)
class Border:
    """Where a tap reads: position `index[axis] * step - before + tap * dilation` of `size`."""

    axis: int
    step: int
    before: Dim
    dilation: int
    size: Dim


@dataclass(frozen=True)
class Tap:
    """`count` taps whose addresses are `stride` elements apart; `border` where some may leave."""

    count: int
    stride: Dim
    border: Border | None = None


@dataclass(frozen=True)
class Depth:
    """The order of the depth: nested taps, outermost first, around a run of contiguous elements.

    In a panel, `group` neighbours of a run share a row, and `ahead` rows go before the first.
    """

    run: Dim
    taps: tuple[Tap, ...] = ()
    group: int = 1
    ahead: int = 0

    @property
    def size(self) -> Dim:
        """All elements of the depth."""
        return self.run * product(tap.count for tap in self.taps)

    @property
    def rows(self) -> Dim:
        """The rows of a panel."""
        return self.ahead + ceil_div(self.run, self.group) * product(t.count for t in self.taps)

    @property
    def bordered(self) -> bool:
        """Whether a tap may leave the image."""
        return any(tap.border is not None for tap in self.taps)

    def dims(self) -> tuple[Dim, ...]:
        """Every size that the code needs."""
        borders = [tap.border for tap in self.taps if tap.border is not None]
        sizes = [size for border in borders for size in (border.before, border.size)]
        return (self.run, *(tap.stride for tap in self.taps), *sizes)


class Microkernel:
    """Prints the accumulation of one tile into the function that `builder` prints."""

    def __init__(
        self, builder: Builder, sizes: Sizes, tile: Tile, depth: Depth, stored: Stored
    ) -> None:
        self.builder = builder
        self.sizes = sizes
        self.tile = tile
        self.depth = depth
        self.stored = stored
        self._lines: list[str] | None = None

    def accumulate(
        self, rows: RowCursor, walk: Walk, source: str, panel: str, zeros: str | None
    ) -> list[str]:
        """The accumulators, row by row: rows of `source` as `walk` says, times `panel`."""
        initial = self.begin(panel)
        offsets = rows.offsets(walk.rows)
        if not self.depth.bordered:
            pointers = self._pointers(source, offsets)
            return self._taps(0, pointers, initial)[1:]
        assert zeros is not None
        bordered = _Bordered(self, rows, source, offsets, zeros)
        return bordered.taps(0, 0, [], initial)[1:]

    def begin(self, panel: str) -> list[str]:
        """The panel's first row and the accumulators before it."""
        return [panel, *[literal(self.tile.kind, 0)] * (self.tile.rows * self.tile.vectors)]

    def _pointers(self, source: str, offsets: Sequence[Integer]) -> list[str]:
        return [self.stored.at(self.builder, source, offset) for offset in offsets]

    def _taps(self, level: int, rows: list[str], carried: list[str]) -> list[str]:
        if level == len(self.depth.taps):
            return self.run(rows, carried)
        tap = self.depth.taps[level]
        stride = self.sizes[tap.stride]

        def body(index: Integer, carried: list[str]) -> list[str]:
            offset = self.builder.mul(index, stride)
            return self._taps(level + 1, self.moved(rows, offset), carried)

        return self.loop(tap.count, body, carried)

    def moved(self, rows: list[str], offset: Integer) -> list[str]:
        """Rows `offset` elements further."""
        return [self.stored.at(self.builder, row, offset) for row in rows]

    def loop(
        self,
        count: Integer,
        body: Callable[[Integer, list[str]], list[str]],
        carried: list[str],
        step: int = 1,
    ) -> list[str]:
        """A loop that carries the panel's pointer and the accumulators."""
        kinds = ["ptr"] + [self.tile.kind] * (len(carried) - 1)
        pairs = list(zip(kinds, carried, strict=True))
        return self.builder.loop(0, count, step, body, pairs)

    def run(self, rows: list[str], carried: list[str]) -> list[str]:
        """One run of contiguous elements."""
        run = self.sizes[self.depth.run]
        if isinstance(run, int) and run <= _UNROLLED:
            return self._steps(rows, 0, run, carried)
        unroll = _WIDENED if self._narrow else _unroll(run)
        whole = self.builder.round_down(run, unroll)

        def body(index: Integer, carried: list[str]) -> list[str]:
            return self._steps(rows, index, unroll, carried)

        carried = self.loop(whole, body, carried, unroll)
        return self._rest(rows, whole, run, carried)

    def _rest(self, rows: list[str], done: Integer, run: Integer, carried: list[str]) -> list[str]:
        if isinstance(run, int) and isinstance(done, int):
            return self._steps(rows, done, run - done, carried) if run > done else carried
        left = self.builder.sub(run, done)
        rows = self.moved(rows, done)
        return self.loop(left, lambda index, carried: self._steps(rows, index, 1, carried), carried)

    def _steps(self, rows: list[str], index: Integer, count: int, carried: list[str]) -> list[str]:
        """`count` steps along the depth from `index` of the run on."""
        builder, tile, memory = self.builder, self.tile, Stored(self.tile.stored)
        panel, accumulators = carried[0], carried[1:]
        sources, stored = self.moved(rows, index), self.stored
        if self._narrow and count > 1:
            sources, stored = self._widened(sources, count), Stored(FLOAT32)
        for step in range(count):
            columns = [
                memory.load(
                    builder, memory.at(builder, panel, step * tile.columns + lane), tile.lanes
                )
                for lane in range(0, tile.columns, tile.lanes)
            ]
            for row, source in enumerate(sources):
                scalar = stored.load(builder, stored.at(builder, source, step))
                factor = builder.splat(tile.kind, scalar)
                for number, column in enumerate(columns):
                    place = row * tile.vectors + number
                    accumulators[place] = builder.fma(
                        tile.kind, factor, column, accumulators[place]
                    )
        return [memory.at(builder, panel, count * tile.columns), *accumulators]

    @property
    def _narrow(self) -> bool:
        """Whether rows are widened before they are multiplied."""
        return self.tile.dtype == FLOAT32 and self.stored.dtype != FLOAT32

    def _widened(self, sources: Sequence[str], count: int) -> list[str]:
        """The next `count` elements of each row, on the stack, as float32."""
        builder, wide = self.builder, Stored(FLOAT32)
        if self._lines is None:
            self._lines = [builder.stack("float", _WIDENED) for _ in sources]
        lanes = 1 << (count.bit_length() - 1)
        # Where the elements are no power of two the last ones overlap the first ones.
        starts = dict.fromkeys((0, count - lanes))
        for source, line in zip(sources, self._lines, strict=True):
            for start in starts:
                value = self.stored.load(builder, self.stored.at(builder, source, start), lanes)
                wide.store(builder, value, wide.at(builder, line, start), lanes)
        return self._lines


class _Bordered:
    """Taps with a check for each row whether it lies inside the image."""

    def __init__(
        self,
        kernel: Microkernel,
        rows: RowCursor,
        source: str,
        offsets: Sequence[Integer],
        zeros: str,
    ) -> None:
        self._kernel = kernel
        self._builder = kernel.builder
        self._sizes = kernel.sizes
        self._source = source
        self._offsets = offsets
        self._zeros = zeros
        self._starts = [self._starts_of(tap, rows) for tap in kernel.depth.taps]

    def _starts_of(self, tap: Tap, rows: RowCursor) -> list[Integer]:
        """The position of the first tap for each row."""
        if tap.border is None:
            return []
        border, builder = tap.border, self._builder
        before = self._sizes[border.before]
        return [
            builder.sub(builder.mul(index[border.axis], border.step), before)
            for index in rows.indices()
        ]

    def taps(
        self, level: int, offset: Integer, positions: list[list[Integer]], carried: list[str]
    ) -> list[str]:
        """The taps of `level` and all inside it."""
        taps = self._kernel.depth.taps
        if level == len(taps):
            return self._kernel.run(self._rows(offset, positions), carried)
        tap, builder = taps[level], self._builder

        def body(index: Integer, carried: list[str]) -> list[str]:
            moved = builder.add(offset, builder.mul(index, self._sizes[tap.stride]))
            here = list(positions)
            if tap.border is not None:
                shift = builder.mul(index, tap.border.dilation)
                here.append([builder.add(start, shift) for start in self._starts[level]])
            return self.taps(level + 1, moved, here, carried)

        return self._kernel.loop(tap.count, body, carried)

    def _rows(self, offset: Integer, positions: list[list[Integer]]) -> list[str]:
        builder = self._builder
        limits = [
            self._sizes[tap.border.size]
            for tap in self._kernel.depth.taps
            if tap.border is not None
        ]
        rows = []
        for row, start in enumerate(self._offsets):
            inside: Flag = True
            for position, limit in zip(positions, limits, strict=True):
                inside = builder.both(inside, builder.compare("ult", position[row], limit))
            place = builder.add(start, offset)
            # Not `inbounds`: the address may lie outside and is then not used.
            pointer = builder.value(
                f"getelementptr {self._kernel.stored.element}, ptr {self._source}, i64 {place}"
            )
            rows.append(str(builder.select(inside, pointer, self._zeros, "ptr")))
        return rows


def _unroll(run: Integer) -> int:
    if isinstance(run, int):
        for factor in (4, 3, 5, 2):
            if run % factor == 0:
                return factor
    return 4
