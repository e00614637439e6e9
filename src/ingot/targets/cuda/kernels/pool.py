# SPDX-License-Identifier: Apache-2.0
"""Maximum and average pools, channels last."""

from __future__ import annotations

from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cuda.kernels.attention_problem import INFINITY
from ingot.targets.cuda.kernels.finish import place_finish
from ingot.targets.cuda.kernels.plain_conv import channels_last
from ingot.targets.cuda.kernels.plain_gemm import FLOATS
from ingot.targets.cuda.kernels.window import Combine, WindowProduct, window_launch
from ingot.targets.fused import Fused, fuse
from ingot.targets.windows import axes_of, ints_of

_GREATEST = Combine(f"-{INFINITY}", "maximum(total, x)", helper="maximum")
_MEANS = {
    padding: Combine("0.0f", "total + x", "total / (float)max(count, 1)", counts_padding=padding)
    for padding in (False, True)
}


class Pool:
    """The family `pool`."""

    name = "pool"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for a float pool whose followers are elementwise."""
        node = region.anchor
        if node is None or node.op not in ("max_pool", "average_pool"):
            return "not a pool"
        source = _source(node)
        if source.dtype not in FLOATS:
            return f"the type is {source.dtype.name}"
        if not isinstance(source.shape[1], int) or source.shape[1] == 0:
            return "an unknown number of channels"
        return fused if isinstance(fused := fuse(region), str) else None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Memory traffic."""
        return 1e-4

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last for images."""
        assert region.anchor is not None
        if value in region.weights or value.rank != _source(region.anchor).rank:
            return None
        return channels_last(value.rank)

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Any strides; channels side by side are faster."""
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch."""
        node = placed.region.anchor
        fused = fuse(placed.region)
        assert node is not None and isinstance(fused, Fused)
        source = _source(node)
        channels = source.shape[1]
        assert isinstance(channels, int)
        greatest = node.op == "max_pool"
        combine = _GREATEST if greatest else _MEANS[bool(node.attributes["count_include_pad"])]
        job = WindowProduct(
            placed.view(source),
            axes_of(node, source, ints_of(node, "kernel")),
            channels,
            combine,
            place_finish(fused, placed, 1),
        )
        return Emission((window_launch(job, spec),))


def _source(node: Node) -> Value:
    source = node.inputs[0]
    assert source is not None
    return source
