# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolution: one filter for each channel."""

from __future__ import annotations

from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cpu.builder import Builder
from ingot.targets.cpu.kernels.conv import Convolution, channels_last_wish, convolution
from ingot.targets.cpu.kernels.estimate import multiply_adds, traffic
from ingot.targets.cpu.kernels.finish import Operand, place_epilogue
from ingot.targets.cpu.kernels.geometry import planar_axes, planar_walk, vector_lanes
from ingot.targets.cpu.kernels.pack import pack_weight, panel_key
from ingot.targets.cpu.kernels.panels import PanelSource
from ingot.targets.cpu.kernels.tile import COMPUTED, Tile
from ingot.targets.cpu.kernels.walk import Walk
from ingot.targets.cpu.kernels.window import WindowKernel, channel_block
from ingot.targets.cpu.kernels.window_pixels import WindowJob
from ingot.targets.fused import Fused


class _WeightedSum:
    """Sum of element times weight."""

    weighted = True
    counts_padding = False

    def start(self, kind: str) -> str:
        """Zero."""
        return "zeroinitializer" if kind.startswith("<") else "0.0"

    def step(self, builder: Builder, kind: str, total: str, value: str, weight: str) -> str:
        """One multiply-add."""
        return builder.fma(kind, value, weight, total)

    def end(self, builder: Builder, kind: str, total: str, count: object) -> str:
        """The sum."""
        return total


class Depthwise:
    """The family `depthwise`: channels last, one or two spatial axes."""

    name = "depthwise"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for a convolution with one filter and one channel in each group."""
        found = convolution(region)
        if isinstance(found, str):
            return found
        if found.channels != 1 or found.filters != 1 or found.groups == 1:
            return "not one filter for each channel"
        return "more than two spatial axes" if len(found.axes) > 2 else None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Mostly memory traffic."""
        arithmetic = (
            2 * multiply_adds(region) / (0.3 * spec.peak_flops(COMPUTED[region.outputs[0].dtype]))
        )
        return max(arithmetic, traffic(region) / spec.memory_bandwidth)

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last for the input and what has the shape of the results."""
        return channels_last_wish(region, value, _found(region).source)

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Input and results must have their channels side by side."""
        if value is _found(region).source or value in region.outputs:
            return view.strides[1] == 1
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch, and one that packs the filters."""
        found = _found(placed.region)
        view, weight = placed.view(found.source), placed.view(found.weight)
        dtype = found.source.dtype
        computed = COMPUTED[dtype]
        fused = found.fuse(placed.region)
        assert isinstance(fused, Fused)
        lanes = vector_lanes(found.groups, spec, computed)
        block = Tile(1, channel_block(found.groups, lanes) // lanes, lanes, computed)
        filter_step, _, *steps = weight.strides
        panels = PanelSource(
            weight, found.window, tuple(steps), found.groups, Walk((), (), filter_step)
        )
        key = panel_key(panels, block, ())
        job = WindowJob(
            _WeightedSum(),
            found.source.shape[0],
            found.groups,
            planar_axes(found.axes),
            Operand(view, planar_walk(view.strides, 0), dtype),
            place_epilogue(fused, placed, planar_walk),
            lanes,
            block.columns,
            key,
        )
        packed = pack_weight(key, panels, (), block, spec)
        return Emission((WindowKernel(job, spec).launch(),), (packed,))


def _found(region: Region) -> Convolution:
    found = convolution(region)
    assert isinstance(found, Convolution), found
    return found
