# SPDX-License-Identifier: Apache-2.0
"""Maximum and average pools."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cpu.builder import Builder, literal
from ingot.targets.cpu.floats import emit_float
from ingot.targets.cpu.kernels.conv import channels_last_wish
from ingot.targets.cpu.kernels.estimate import traffic
from ingot.targets.cpu.kernels.finish import Operand, place_epilogue
from ingot.targets.cpu.kernels.gemm import floats
from ingot.targets.cpu.kernels.geometry import planar_axes, planar_walk, vector_lanes
from ingot.targets.cpu.kernels.tile import COMPUTED
from ingot.targets.cpu.kernels.window import WindowKernel, channel_block
from ingot.targets.cpu.kernels.window_pixels import Combine, WindowJob
from ingot.targets.fused import Fused, fuse
from ingot.targets.windows import Axis, axes_of, ints_of


class _Greatest:
    """The greatest element; NaN if there is one."""

    weighted = False
    counts_padding = False

    def start(self, kind: str) -> str:
        """Less than anything."""
        return literal(kind, float("-inf"))

    def step(self, builder: Builder, kind: str, total: str, value: str, weight: str) -> str:
        """The greater of two."""
        return emit_float(builder, "maximum", kind, (total, value))

    def end(self, builder: Builder, kind: str, total: str, count: Callable[[], str]) -> str:
        """The greatest."""
        return total


@dataclass(frozen=True)
class _Mean:
    """The mean element."""

    counts_padding: bool
    weighted: bool = False

    def start(self, kind: str) -> str:
        """Zero."""
        return literal(kind, 0)

    def step(self, builder: Builder, kind: str, total: str, value: str, weight: str) -> str:
        """The sum."""
        return builder.fadd(kind, total, value)

    def end(self, builder: Builder, kind: str, total: str, count: Callable[[], str]) -> str:
        """The sum over the count."""
        return builder.fdiv(kind, total, count())


class Pool:
    """The family `pool`: channels last, one or two spatial axes."""

    name = "pool"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for a float pool whose followers are elementwise."""
        node = region.anchor
        if node is None or node.op not in ("max_pool", "average_pool"):
            return "not a pool"
        source = _source(node)
        if source.rank not in (3, 4):
            return "more than two spatial axes"
        fused = fuse(region)
        return floats(region, (source,)) if isinstance(fused, Fused) else fused

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Memory traffic."""
        return traffic(region) / spec.memory_bandwidth

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last for the input and what has the shape of the results."""
        assert region.anchor is not None
        return channels_last_wish(region, value, _source(region.anchor))

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Input and results must have their channels side by side."""
        assert region.anchor is not None
        if value is _source(region.anchor) or value in region.outputs:
            return view.strides[1] == 1
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch."""
        node = placed.region.anchor
        fused = fuse(placed.region)
        assert node is not None and isinstance(fused, Fused)
        source = _source(node)
        view, channels = placed.view(source), source.shape[1]
        lanes = vector_lanes(channels, spec, COMPUTED[source.dtype])
        axes: tuple[Axis, ...] = axes_of(node, source, ints_of(node, "kernel"))
        job = WindowJob(
            _combine(node),
            source.shape[0],
            channels,
            planar_axes(axes),
            Operand(view, planar_walk(view.strides, 0), source.dtype),
            place_epilogue(fused, placed, planar_walk),
            lanes,
            channel_block(channels, lanes),
        )
        return Emission((WindowKernel(job, spec).launch(),))


def _combine(node: Node) -> Combine:
    if node.op == "max_pool":
        return _Greatest()
    return _Mean(bool(node.attributes["count_include_pad"]))


def _source(node: Node) -> Value:
    source = node.inputs[0]
    assert source is not None
    return source
