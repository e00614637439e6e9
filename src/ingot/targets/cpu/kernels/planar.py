# SPDX-License-Identifier: Apache-2.0
"""Convolution of an image with few channels: the first layer of most networks.

Runs of three channels are too short for the microkernel, so here the run lies along the last
spatial axis, and channels are an outer tap. An input whose lines are contiguous and that needs no
padding is read where it is; any other is first staged, with its padding, as [image][line][channel].
"""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim, product
from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Placed, Region, Temporary
from ingot.targets.cpu.builder import Builder, Integer, Module
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.kernels.conv import (
    Convolution,
    channels_last_wish,
    convolution,
    emit_product,
)
from ingot.targets.cpu.kernels.estimate import seconds
from ingot.targets.cpu.kernels.finish import Operand
from ingot.targets.cpu.kernels.microkernel import Depth, Tap
from ingot.targets.cpu.kernels.panels import PanelSource
from ingot.targets.cpu.kernels.vectors import copy_run, fill_run
from ingot.targets.cpu.kernels.walk import Sizes, Walk, decompose
from ingot.targets.cpu.types import memory_type

_MOST_CHANNELS = 8
_STAGED = "staged image"


class PlanarConv:
    """The family `conv_planar`: one or two spatial axes, few channels, any input layout."""

    name = "conv_planar"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for an ungrouped convolution of few channels along one or two axes."""
        found = convolution(region)
        if isinstance(found, str):
            return found
        if found.groups > 1 or found.channels > _MOST_CHANNELS:
            return "many channels, or groups"
        if len(found.axes) > 2:
            return "more than two spatial axes"
        return "the last axis is dilated" if found.axes[-1].dilation > 1 else None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """The runs are as long as the window is wide."""
        found = _found(region)
        between = 1 + 1.5 / found.axes[-1].window
        return seconds(region, spec, efficiency=0.85 / between)

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last for what has the shape of the results; the input as it comes."""
        return channels_last_wish(region, value)

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Results must have their channels side by side."""
        return value not in region.outputs or view.strides[1] == 1 or view.shape[1] == 1

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """The product, behind a staging launch where the input cannot be read as it lies."""
        found = _found(placed.region)
        view = placed.view(found.source)
        padded = any(axis.leaves(placed.region.ranges) for axis in found.axes)
        if view.strides[-1] == 1 and not padded:
            lines = view.strides[2] if len(found.axes) == 2 else 0
            image = _Image(view.strides[0], view.strides[1], lines)
            return _multiply(found, placed, spec, image, view)
        line = found.axes[-1].padded
        height = found.axes[0].padded if len(found.axes) == 2 else 1
        image = _Image(height * found.channels * line, line, found.channels * line)
        emission = _multiply(found, placed, spec, image, _STAGED)
        size = found.source.shape[0] * image.batch * found.source.dtype.itemsize
        staging = _Stager(found, view, spec).launch()
        return Emission((staging, *emission.launches), emission.packed, (Temporary(_STAGED, size),))


@dataclass(frozen=True)
class _Image:
    """Strides between images, channels and lines; pixels of a line lie side by side."""

    batch: Dim
    channel: Dim
    line: Dim


def _found(region: Region) -> Convolution:
    found = convolution(region)
    assert isinstance(found, Convolution), found
    return found


def _multiply(
    found: Convolution,
    placed: Placed,
    spec: DeviceSpec,
    image: _Image,
    place: View | str,
) -> Emission:
    *outer, last = found.axes
    rows: tuple[Dim, ...] = (image.batch, last.stride)
    taps = [Tap(found.channels, image.channel)]
    view = placed.view(found.weight)
    filter_step, channel_step, *steps = view.strides
    extents: tuple[Dim, ...] = (found.channels, last.window)
    strides: tuple[Dim, ...] = (channel_step, steps[-1])
    if outer:
        (vertical,) = outer
        rows = (image.batch, image.line * vertical.stride, last.stride)
        taps.insert(0, Tap(vertical.window, image.line * vertical.dilation))
        extents, strides = (vertical.window, *extents), (steps[0], *strides)
    depth = Depth(last.window, _joined(taps))
    panels = PanelSource(view, extents, strides, found.filters, Walk((), (), filter_step))
    source = Operand(place, Walk((), rows), found.source.dtype)
    return emit_product(found, placed, spec, source, depth, panels)


def _joined(taps: list[Tap]) -> tuple[Tap, ...]:
    """Two nested taps as one where their addresses are evenly spaced."""
    taps = [tap for tap in taps if tap.count > 1]
    if len(taps) == 2 and taps[0].stride == taps[1].stride * taps[1].count:
        return (Tap(taps[0].count * taps[1].count, taps[1].stride),)
    return tuple(taps)


class _Stager:
    """Copies an input of any layout into [image][line][channel][pixel], with zeros around it."""

    def __init__(self, found: Convolution, view: View, spec: DeviceSpec) -> None:
        self._found = found
        self._view = view
        self._element = memory_type(view.dtype)
        self._module = Module(spec)
        self._builder: Builder = self._module.kernel()
        self._frame = Frame(self._builder)
        *outer, self._last = found.axes
        self._outer = outer[0] if outer else None
        self._height: Dim = self._outer.padded if self._outer else 1
        dims = [*view.shape, *view.strides, self._height, self._last.padded]
        self._sizes = Sizes({dim: self._frame.size(dim) for dim in dims})

    def launch(self) -> Launch:
        """One work unit for each line of each padded image."""
        builder = self._builder
        source, target = self._frame.pointer(self._view), self._frame.packed(_STAGED, "w")
        builder.loop("%begin", "%end", 1, lambda unit, _: self._line(unit, source, target))
        builder.ret()
        extent = self._found.source.shape[0] * self._height
        count = product((extent, self._found.channels, self._last.padded))
        return Launch(
            self._module.text(),
            self._frame.arguments,
            extent,
            grain=16,
            bytes=2 * count * self._view.dtype.itemsize,
            label="stage",
        )

    def _line(self, unit: Integer, source: str, target: str) -> None:
        builder, sizes, strides = self._builder, self._sizes, self._view.strides
        width = builder.mul(self._found.channels, sizes[self._last.padded])
        target = builder.offset(target, builder.mul(unit, width), self._element)
        image, line = decompose(builder, unit, [0, sizes[self._height]])
        move = builder.mul(image, sizes[strides[0]])
        if self._outer is None:
            self._channels(builder.offset(source, move, self._element), target)
            return
        number = builder.sub(line, self._outer.before)
        move = builder.add(move, builder.mul(number, sizes[strides[2]]))
        builder.branch_if(
            builder.compare("ult", number, sizes[self._view.shape[2]]),
            lambda: self._channels(builder.offset(source, move, self._element), target),
            lambda: fill_run(builder, self._element, target, width),
        )

    def _channels(self, source: str, target: str) -> None:
        builder, sizes, last = self._builder, self._sizes, self._last
        strides = self._view.strides

        def body(channel: Integer, _: list[str]) -> None:
            at = builder.offset(source, builder.mul(channel, sizes[strides[1]]), self._element)
            to = builder.offset(target, builder.mul(channel, sizes[last.padded]), self._element)
            fill_run(builder, self._element, to, last.before)
            inside = builder.offset(to, last.before, self._element)
            size = sizes[last.size]
            copy_run(builder, self._element, at, sizes[strides[-1]], inside, size)
            after = builder.offset(inside, size, self._element)
            fill_run(builder, self._element, after, last.after)

        builder.loop(0, self._found.channels, 1, body)
