# SPDX-License-Identifier: Apache-2.0
"""Windows that slide over each channel by itself: depthwise convolution and pools.

Channels lie side by side and fill vectors; several pixels of a line are computed at once, so that a
loaded input vector serves all of them. A work unit is some lines of a block of channels. Blocks of
pixels at the ends of a line know which of their taps lie outside; a line of the window that lies
outside is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from ingot.dims import Dim, ceil_div, product
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch
from ingot.targets.cpu.builder import Integer, Module
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.finish import Operand
from ingot.targets.cpu.kernels.walk import Sizes, decompose, dot
from ingot.targets.cpu.kernels.window_pixels import PixelFunction, Pixels, WindowJob
from ingot.targets.windows import Axis

_MOST_CHANNELS = 128
_MOST_PIXELS = 8
_UNITS = 32
_LEAST_LINES = 4


def channel_block(channels: Dim, lanes: int) -> int:
    """Channels of one work unit: equal blocks of whole vectors."""
    if not isinstance(channels, int):
        return _MOST_CHANNELS
    blocks = max(-(-channels // _MOST_CHANNELS), 1)
    return max(-(-channels // (blocks * lanes)), 1) * lanes


@dataclass(frozen=True)
class _Line:
    """What the pixels of one line share: the first line and the lines of the window inside."""

    source: str
    weights: str
    operands: Sequence[str]
    start: Integer
    first: Integer
    last: Integer
    lines: Integer
    channels: Integer


def _inside(axis: Axis, position: int, size: int) -> range:
    """The taps of the window at output `position` that fall on an input of `size`."""
    start = position * axis.stride - axis.before
    taps = [k for k in range(axis.window) if 0 <= start + k * axis.dilation < size]
    return range(taps[0], taps[-1] + 1) if taps else range(0)


class WindowKernel:
    """Prints the kernel of one windowed operator."""

    def __init__(self, job: WindowJob, spec: DeviceSpec) -> None:
        self._job = job
        self._module = Module(spec)
        self._builder = self._module.kernel()
        self._frame = Frame(self._builder)
        self._vertical, self._horizontal = job.axes
        walks = [job.source.walk, *(operand.walk for operand in job.epilogue.operands)]
        inner = [dim for walk in walks for dim in (*walk.rows, walk.column)]
        self._inner = tuple(dict.fromkeys(dim for dim in inner if not isinstance(dim, int)))
        self._channel_blocks = ceil_div(job.channels, job.block)
        self._lines = self._lines_of_unit()
        self._line_blocks = ceil_div(self._vertical.output, self._lines)
        dims = [dim for walk in walks for dim in walk.dims()]
        for axis in job.axes:
            dims += [axis.size, axis.output]
        dims += [job.channels, self._channel_blocks, self._line_blocks]
        self._sizes = Sizes({dim: self._frame.size(dim) for dim in dims})
        self._ragged = not isinstance(job.channels, int) or job.channels % job.lanes != 0

    def launch(self) -> Launch:
        """The kernel and its arguments."""
        job, frame, builder = self._job, self._frame, self._builder
        source = job.source.pointer(frame)
        weights = frame.packed(job.weights) if job.weights else source
        operands = job.epilogue.pointers(frame)
        builder.loop(
            "%begin", "%end", 1, lambda unit, _: self._unit(unit, source, weights, operands)
        )
        builder.ret()
        pixels = job.images * self._vertical.output * self._horizontal.output
        taps = self._vertical.window * self._horizontal.window
        read = product((job.images, self._vertical.size, self._horizontal.size, job.channels))
        return Launch(
            self._module.text(),
            frame.arguments,
            job.images * self._channel_blocks * self._line_blocks,
            flops=2 * pixels * job.channels * taps,
            bytes=(read + pixels * job.channels) * job.source.dtype.itemsize,
        )

    def _lines_of_unit(self) -> int:
        output, images = self._vertical.output, self._job.images
        if not isinstance(output, int) or not isinstance(self._channel_blocks, int):
            return 2 * _LEAST_LINES
        others = self._channel_blocks * (images if isinstance(images, int) else 1)
        wanted = max(_UNITS // max(others, 1), 1)
        return max(-(-output // wanted), min(_LEAST_LINES, max(output, 1)))

    def _unit(self, unit: Integer, source: str, weights: str, operands: Sequence[str]) -> None:
        builder, sizes, job = self._builder, self._sizes, self._job
        blocks = [sizes[self._channel_blocks], sizes[self._line_blocks]]
        image, channel_block, line_block = decompose(builder, unit, [0, *blocks])
        channel = builder.mul(channel_block, job.block)
        channels = builder.minimum(builder.sub(sizes[job.channels], channel), job.block)
        source = self._moved(job.source, source, image, channel)
        operands = [
            self._moved(operand, pointer, image, channel)
            for pointer, operand in zip(operands, job.epilogue.operands, strict=True)
        ]
        taps = self._vertical.window * self._horizontal.window
        move = builder.mul(channel_block, taps * job.block)
        weights = builder.offset(weights, move, job.kind.element)
        first = builder.mul(line_block, self._lines)
        last = builder.minimum(builder.add(first, self._lines), sizes[self._vertical.output])

        def body(line: Integer, _: list[str]) -> None:
            moved = [
                operand.moved(builder, pointer, builder.mul(line, sizes[operand.walk.rows[1]]))
                for pointer, operand in zip(operands, job.epilogue.operands, strict=True)
            ]
            self._line(line, source, weights, moved, channels)

        builder.loop(first, last, 1, body)

    def _moved(self, operand: Operand, pointer: str, image: Integer, channel: Integer) -> str:
        builder, sizes, walk = self._builder, self._sizes, operand.walk
        move = dot(builder, (image, channel), (sizes[walk.rows[0]], sizes[walk.column]))
        return operand.moved(builder, pointer, builder.add(move, sizes[walk.start]))

    def _line(
        self,
        line: Integer,
        source: str,
        weights: str,
        operands: Sequence[str],
        channels: Integer,
    ) -> None:
        """All pixels of one output line."""
        builder, axis = self._builder, self._vertical
        start = builder.sub(builder.mul(line, axis.stride), axis.before)
        first, last = self._range(axis, start, self._sizes[axis.size])
        lines = builder.sub(last, first)
        if self._job.combine.counts_padding:
            padded = builder.add(self._sizes[axis.size], axis.after)
            lines = self._range(axis, start, padded)[1]
        shared = _Line(source, weights, operands, start, first, last, lines, channels)
        if isinstance(self._horizontal.size, int) and isinstance(self._horizontal.output, int):
            self._known_line(shared, self._horizontal.output)
        else:
            self._unknown_line(shared)

    def _range(self, axis: Axis, start: Integer, size: Integer) -> tuple[Integer, Integer]:
        """The taps from `start` on that fall on [0, size)."""
        builder = self._builder

        def reached(position: Integer) -> Integer:
            distance = builder.maximum(builder.sub(position, start), 0)
            return builder.minimum(builder.ceil_div(distance, axis.dilation), axis.window)

        return reached(0), reached(size)

    # Lines of known length: blocks of pixels that know their taps.

    def _known_line(self, line: _Line, output: int) -> None:
        blocks = max(-(-output // _MOST_PIXELS), 1)
        count = max(-(-output // blocks), 1)
        starts = range(0, output, count)
        pieces = [(self._pixels(start, min(count, output - start)), start) for start in starts]
        for pixels, group in groupby(pieces, key=lambda piece: piece[0]):
            first, *others = (start for _, start in group)
            end = (others[-1] if others else first) + count
            self._builder.loop(first, end, count, self._caller(line, pixels))

    def _pixels(self, start: int, count: int) -> Pixels:
        axis = self._horizontal
        assert isinstance(axis.size, int)
        positions = range(start, start + count)
        taps = tuple(_inside(axis, position, axis.size) for position in positions)
        counted = taps
        if self._job.combine.counts_padding:
            within = replace(axis, before=0)
            size = axis.size + axis.before + axis.after
            counted = tuple(_inside(within, position, size) for position in positions)
        return Pixels(taps, tuple(len(entry) for entry in counted))

    def _caller(self, line: _Line, pixels: Pixels) -> Callable[[Integer, list[str]], None]:
        def call(x: Integer, _: list[str]) -> None:
            name = pixels.name
            if not self._module.has(name):
                self._print_pixels(name, pixels)
            self._call(name, line, x, [])

        return call

    def _call(self, name: str, line: _Line, x: Integer, extra: Sequence[Integer]) -> None:
        builder, sizes, job = self._builder, self._sizes, self._job
        position = builder.sub(builder.mul(x, self._horizontal.stride), self._horizontal.before)
        strides = [sizes[stride] for stride in job.source.walk.rows[1:]]
        start = dot(builder, (line.start, position), strides)
        operands = [
            operand.moved(builder, pointer, builder.mul(x, sizes[operand.walk.rows[2]]))
            for pointer, operand in zip(line.operands, job.epilogue.operands, strict=True)
        ]
        pointers = [line.source, line.weights, *operands]
        numbers = [start, line.first, line.last, line.lines, line.channels, *extra]
        numbers += [sizes[dim] for dim in self._inner]
        arguments: list[tuple[str, Integer]] = [("ptr", pointer) for pointer in pointers]
        arguments += [("i64", number) for number in numbers]
        builder.call(name, "void", arguments)

    def _print_pixels(self, name: str, pixels: Pixels) -> None:
        function = PixelFunction(self._job, self._inner, self._module, name, self._ragged, 0)
        function.block(pixels)

    # Lines of unknown length: blocks inside, single pixels at the ends.

    def _unknown_line(self, line: _Line) -> None:
        builder, axis = self._builder, self._horizontal
        size, output = self._sizes[axis.size], self._sizes[axis.output]
        low = builder.minimum(-(-axis.before // axis.stride), output)
        reach = (axis.window - 1) * axis.dilation + 1 - axis.before - axis.stride
        fitting = builder.udiv(builder.maximum(builder.sub(size, reach), 0), axis.stride)
        high = builder.maximum(builder.minimum(fitting, output), low)
        whole = builder.mul(builder.udiv(builder.sub(high, low), _MOST_PIXELS), _MOST_PIXELS)
        middle = builder.add(low, whole)
        taps = range(axis.window)
        inside = Pixels((taps,) * _MOST_PIXELS, (axis.window,) * _MOST_PIXELS)
        call = self._caller(line, inside)
        builder.loop(0, low, 1, lambda x, _: self._single(line, x))
        builder.loop(low, middle, _MOST_PIXELS, call)
        builder.loop(middle, output, 1, lambda x, _: self._single(line, x))

    def _single(self, line: _Line, x: Integer) -> None:
        builder, axis = self._builder, self._horizontal
        start = builder.sub(builder.mul(x, axis.stride), axis.before)
        first, last = self._range(axis, start, self._sizes[axis.size])
        count = builder.sub(last, first)
        if self._job.combine.counts_padding:
            padded = builder.add(self._sizes[axis.size], axis.after)
            count = self._range(axis, start, padded)[1]
        if not self._module.has("pixel"):
            PixelFunction(self._job, self._inner, self._module, "pixel", self._ragged, 3).single()
        self._call("pixel", line, x, [first, last, count])
