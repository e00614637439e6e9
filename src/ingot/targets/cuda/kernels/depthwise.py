# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolutions, channels last: one filter for each channel."""

from __future__ import annotations

from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cuda.kernels.finish import place_finish
from ingot.targets.cuda.kernels.plain_conv import (
    Grouped,
    channels_last,
    grouped_convolution,
    pack_filters,
)
from ingot.targets.cuda.kernels.window import Combine, WindowProduct, window_launch
from ingot.targets.fused import Fused

_SUM = Combine("0.0f", "fmaf(x, w, total)")


class Depthwise:
    """The family `depthwise`."""

    name = "depthwise"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for a convolution with one filter and one channel in each group."""
        found = grouped_convolution(region)
        if isinstance(found, str):
            return found
        if found.channels != 1 or found.filters != 1 or found.groups == 1:
            return "not one filter for each channel"
        return None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Mostly memory traffic: cheaper than a product for each group."""
        return 1e-4

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last for images."""
        found = grouped_convolution(region)
        assert isinstance(found, Grouped)
        if value in region.weights or value.rank != found.source.rank:
            return None
        return channels_last(value.rank)

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Channels of the images lie side by side."""
        found = grouped_convolution(region)
        assert isinstance(found, Grouped)
        return value is not found.source or view.strides[1] == 1

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch; the filters are packed after loading."""
        found = grouped_convolution(placed.region)
        assert isinstance(found, Grouped)
        fused = found.fuse(placed.region)
        assert isinstance(fused, Fused)
        weight = placed.view(found.weight)
        f, _, *taps = weight.strides
        packed = pack_filters(weight, (*found.window, found.groups), (*taps, f), spec)
        job = WindowProduct(
            placed.view(found.source),
            found.axes,
            found.groups,
            _SUM,
            place_finish(fused, placed, 1),
            packed.key,
        )
        return Emission((window_launch(job, spec),), (packed,))
