# SPDX-License-Identifier: Apache-2.0
"""How the CPU's families see the axes of a windowed operator: borders, planes, lanes."""

from __future__ import annotations

from collections.abc import Sequence

from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.spec import DeviceSpec
from ingot.targets.cpu.kernels.microkernel import Border
from ingot.targets.cpu.kernels.walk import Walk
from ingot.targets.windows import Axis


def border_of(axis: Axis, position: int) -> Border:
    """The check of a tap along `axis`, which is row axis `position` of the product."""
    return Border(position, axis.stride, axis.before, axis.dilation, axis.size)


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
