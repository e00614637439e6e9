# SPDX-License-Identifier: Apache-2.0
"""The microkernel for integers: a tile of rows of bytes times a panel of bytes, summed in int32.

A panel's first row holds the sum of each column. What is in the left operand beside the numbers
meant, its zero point and what the instruction wants added, comes off there, before the first step.
Where the instruction takes more than bytes, rows are widened by vectors into lines on the stack.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingot.targets.cpu.builder import Builder, Integer, literal, vector
from ingot.targets.cpu.kernels.dot import Dot
from ingot.targets.cpu.kernels.microkernel import Depth, Microkernel
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.walk import Sizes

_UNROLLED = 8  # groups of a run that are printed without a loop, and widened at a time


class IntegerMicrokernel(Microkernel):
    """Prints the accumulation of one tile of integers; `shift` is what comes off each element."""

    def __init__(
        self,
        builder: Builder,
        sizes: Sizes,
        tile: Tile,
        depth: Depth,
        stored: Stored,
        shift: Integer,
    ) -> None:
        super().__init__(builder, sizes, tile, depth, stored)
        self._dot = Dot(stored.dtype, tile.group)
        self._shift = shift
        self._widens = self._dot.widens(builder.spec)
        self._lines: list[str] = []

    def begin(self, panel: str) -> list[str]:
        """The panel's second row, and minus `shift` times its first."""
        builder, tile = self.builder, self.tile
        if self._shift == 0:
            line = [literal(tile.kind, 0)] * tile.vectors
        else:
            narrow = builder.value(f"trunc i64 {self._shift} to i32")
            factor = builder.splat(tile.kind, builder.value(f"sub i32 0, {narrow}"))
            sums = [self._column(panel, number) for number in range(tile.vectors)]
            line = [builder.binary("mul", tile.kind, factor, one) for one in sums]
        return [builder.offset(panel, tile.columns, tile.element), *line * tile.rows]

    def run(self, rows: list[str], carried: list[str]) -> list[str]:
        """One run: whole groups, then the elements that are left."""
        run, group = self.sizes[self.depth.run], self.tile.group
        whole = self.builder.round_down(run, group)
        if isinstance(run, int) and run // group <= _UNROLLED:
            carried = self._groups(rows, 0, run // group, carried)
        else:
            carried = self._loops(rows, whole, carried)
        if group == 1:
            return carried
        if isinstance(run, int):
            return self._left(rows, run // group * group, run % group, carried)
        kinds = ["ptr", *[self.tile.kind] * (len(carried) - 1)]
        return self.builder.branch_if(
            self.builder.compare("sgt", run, whole),
            lambda: self._some(rows, whole, run, carried),
            lambda: carried,
            kinds,
        )

    def _loops(self, rows: list[str], whole: Integer, carried: list[str]) -> list[str]:
        builder, group = self.builder, self.tile.group
        halved = isinstance(whole, int) and whole % (4 * group) == 2 * group
        unroll = 2 * group if halved and not self._widens else 4 * group
        most = builder.round_down(whole, unroll)

        def several(index: Integer, carried: list[str]) -> list[str]:
            return self._groups(rows, index, unroll // group, carried)

        carried = self.loop(most, several, carried, unroll)
        if isinstance(whole, int) and isinstance(most, int):
            return self._groups(rows, most, (whole - most) // group, carried)
        rest = self.moved(rows, most)

        def one(index: Integer, carried: list[str]) -> list[str]:
            return self._groups(rest, index, 1, carried)

        return self.loop(builder.sub(whole, most), one, carried, group)

    def _groups(self, rows: list[str], index: Integer, count: int, carried: list[str]) -> list[str]:
        """`count` groups from element `index` of the run on."""
        builder, kind, group = self.builder, self.tile.kind, self.tile.group
        sources = self.moved(rows, index)
        wide = self._widens and count > 1
        if wide:
            self._widen(sources, count * group)
        for number in range(count):
            if wide:
                lines = (builder.offset(line, number, "i32") for line in self._lines)
                factors = [builder.splat(kind, builder.load("i32", line)) for line in lines]
            else:
                places = (self.stored.at(builder, source, number * group) for source in sources)
                factors = [self._dot.factor(builder, kind, place) for place in places]
            carried = self._step(factors, carried)
        return carried

    def _widen(self, sources: Sequence[str], count: int) -> None:
        """The next `count` elements of each row, on the stack, as the instruction takes them."""
        builder, dot = self.builder, self._dot
        if not self._lines:
            self._lines = [builder.stack("i32", _UNROLLED) for _ in sources]
        lanes = 1 << (count.bit_length() - 1)
        # Where the elements are no power of two the last ones overlap the first ones.
        for source, line in zip(sources, self._lines, strict=True):
            for start in dict.fromkeys((0, count - lanes)):
                raw = builder.load(vector("i8", lanes), builder.offset(source, start, "i8"))
                value = dot.widened(builder, raw, lanes)
                place = builder.offset(line, start, dot.wide)
                builder.store(vector(dot.wide, lanes), value, place)

    def _left(self, rows: list[str], start: int, count: int, carried: list[str]) -> list[str]:
        """The last `count` elements, fewer than a group."""
        if not count:
            return carried
        builder = self.builder
        factors = []
        for row in rows:
            places = (self.stored.at(builder, row, start + number) for number in range(count))
            elements = [builder.load("i8", place) for place in places]
            factors.append(self._dot.factor_of(builder, self.tile.kind, elements))
        return self._step(factors, carried)

    def _some(self, rows: list[str], start: Integer, run: Integer, carried: list[str]) -> list[str]:
        """The last elements from `start` on, where how many there are is not known."""
        builder = self.builder
        factors = []
        for row in rows:
            elements = [
                guarded_byte(builder, row, builder.add(start, number), run, start)
                for number in range(self.tile.group - 1)
            ]
            factors.append(self._dot.factor_of(builder, self.tile.kind, elements))
        return self._step(factors, carried)

    def _step(self, factors: Sequence[str], carried: list[str]) -> list[str]:
        """One row of the panel times one group of each row."""
        builder, tile = self.builder, self.tile
        panel, totals = carried[0], list(carried[1:])
        columns = [self._column(panel, number) for number in range(tile.vectors)]
        for row, factor in enumerate(factors):
            for number, column in enumerate(columns):
                place = row * tile.vectors + number
                totals[place] = self._dot.step(builder, tile.kind, totals[place], factor, column)
        return [builder.offset(panel, tile.columns, tile.element), *totals]

    def _column(self, panel: str, number: int) -> str:
        tile = self.tile
        place = self.builder.offset(panel, number * tile.lanes, tile.element)
        return self.builder.load(tile.kind, place)


def guarded_byte(
    builder: Builder, row: str, place: Integer, stop: Integer, safe: Integer, step: Integer = 1
) -> str:
    """The byte at `place`, 0 where that is not below `stop`; `safe` may be read in any case."""
    inside = builder.compare("slt", place, stop)
    chosen = builder.mul(builder.select(inside, place, safe), step)
    byte = builder.load("i8", builder.offset(row, chosen, "i8"))
    return str(builder.select(inside, byte, 0, "i8"))
