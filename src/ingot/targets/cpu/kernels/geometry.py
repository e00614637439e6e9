# SPDX-License-Identifier: Apache-2.0
"""The sizes of a windowed operator, read off its node once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingot.dims import Dim, bounds
from ingot.dtypes import DType
from ingot.ir.graph import Node, Value
from ingot.spec import DeviceSpec
from ingot.targets.base import Ranges
from ingot.targets.cpu.kernels.microkernel import Border
from ingot.targets.cpu.kernels.walk import Walk


@dataclass(frozen=True)
class Axis:
    """One spatial axis: sizes of input, output and window, and how the window moves."""

    size: Dim
    output: Dim
    window: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def padded(self) -> Dim:
        """The size with its padding."""
        return self.size + self.before + self.after

    def leaves(self, ranges: Ranges | None) -> bool:
        """Whether a window may reach outside the input."""
        if self.before > 0:
            return True
        if self.after <= 0:
            return False
        reach = (self.output - 1) * self.stride + (self.window - 1) * self.dilation + 1
        slack, _ = bounds(self.size - reach, ranges or {})
        return slack is None or slack < 0

    def border(self, position: int) -> Border:
        """The check of a tap along this axis, which is row axis `position` of the product."""
        return Border(position, self.stride, self.before, self.dilation, self.size)


def ints_of(node: Node, name: str) -> tuple[int, ...]:
    """An attribute that is a list of known sizes."""
    value = node.attributes[name]
    assert isinstance(value, tuple)
    return known(entry for entry in value if isinstance(entry, int))


def known(sizes: Iterable[Dim]) -> tuple[int, ...]:
    """Sizes that hold no symbol, as ints."""
    result = tuple(sizes)
    assert all(isinstance(size, int) for size in result), result
    return tuple(size for size in result if isinstance(size, int))


def axes_of(node: Node, source: Value, window: tuple[int, ...]) -> tuple[Axis, ...]:
    """The spatial axes of a convolution or pool node."""
    rank = len(window)
    pads = ints_of(node, "pads")
    return tuple(
        Axis(*facts)
        for facts in zip(
            source.shape[2:],
            node.output.shape[2:],
            window,
            ints_of(node, "strides"),
            ints_of(node, "dilations"),
            pads[:rank],
            pads[rank:],
            strict=True,
        )
    )


def planar_axes(axes: Sequence[Axis]) -> tuple[Axis, Axis]:
    """Two spatial axes; a single one is a line of an image of one line."""
    if len(axes) == 1:
        return Axis(1, 1, 1, 1, 1, 0, 0), axes[0]
    vertical, horizontal = axes
    return vertical, horizontal


def planar_walk(strides: Sequence[Dim], start: Dim) -> Walk:
    """Strides (image, channel, spatial…) as rows (image, line, pixel) and columns."""
    image, channel, *spatial = strides
    lines = spatial if len(spatial) == 2 else [0, *spatial]
    return Walk((), (image, *lines), channel, start)


def vector_lanes(channels: Dim, spec: DeviceSpec, dtype: DType) -> int:
    """Lanes that leave no rest of `channels`, unless they would be very few."""
    lanes = spec.lanes(dtype)
    if isinstance(channels, int):
        for fewer in (lanes, lanes // 2, 4):
            if fewer >= 4 and channels % fewer == 0:
                return fewer
    return lanes
