# SPDX-License-Identifier: Apache-2.0
"""Direct convolution as a product that never builds its left matrix (implicit GEMM).

Each output pixel is a row; its depth is the window: with channels last in memory, every tap is a
contiguous run of channels, and taps that lie side by side join into one run. A pixel whose window
leaves the image reads zeros for those taps, so there is no padded copy. A 1x1 convolution of dense
pixels becomes a plain matrix product by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingot.dims import Dim, product
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cpu.kernels.estimate import seconds
from ingot.targets.cpu.kernels.finish import Epilogue, Operand, place_epilogue
from ingot.targets.cpu.kernels.gemm import floats
from ingot.targets.cpu.kernels.geometry import border_of
from ingot.targets.cpu.kernels.microkernel import Depth, Tap
from ingot.targets.cpu.kernels.pack import pack_weight, panel_key
from ingot.targets.cpu.kernels.panels import PanelSource
from ingot.targets.cpu.kernels.product import Product, ProductKernel
from ingot.targets.cpu.kernels.tile import Tile, choose_tile
from ingot.targets.cpu.kernels.walk import Walk, collapse
from ingot.targets.fused import Fused, fuse
from ingot.targets.windows import Axis, axes_of, known


@dataclass(frozen=True)
class Convolution:
    """A conv node's operands and sizes; channels are counted within one group."""

    node: Node
    source: Value
    weight: Value
    bias: Value | None
    groups: int
    channels: int
    filters: int
    axes: tuple[Axis, ...]

    @property
    def pixels(self) -> tuple[Dim, ...]:
        """Batch and output sizes: the rows of the product."""
        return (self.source.shape[0], *(axis.output for axis in self.axes))

    @property
    def window(self) -> tuple[int, ...]:
        """The window's size along each axis."""
        return tuple(axis.window for axis in self.axes)

    def split(self, strides: Sequence[Dim], start: Dim) -> Walk:
        """Strides along the axes of the result (batch, channel, spatial) as a walk."""
        batch = (strides[1] * self.filters,) if self.groups > 1 else ()
        return Walk(batch, (strides[0], *strides[2:]), strides[1], start)

    def fuse(self, region: Region) -> Fused | str:
        """The region's epilogue, the convolution's own bias included."""
        return fuse(region, None if self.bias is None else (self.bias, 1))

    def epilogue(self, placed: Placed) -> Epilogue:
        """The epilogue in memory."""
        fused = self.fuse(placed.region)
        assert isinstance(fused, Fused)
        return place_epilogue(fused, placed, self.split)

    @property
    def batch(self) -> tuple[int, ...]:
        """The groups as a batch axis of the product, where there is more than one."""
        return (self.groups,) if self.groups > 1 else ()


def convolution(region: Region) -> Convolution | str:
    """What the region's anchor convolves, or why no family can compute it."""
    node = region.anchor
    if node is None or node.op != "conv":
        return "not a convolution"
    source, weight = node.inputs[:2]
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    assert source is not None and weight is not None
    if weight not in region.weights:
        return "the filters are computed"
    if not all(isinstance(size, int) for size in weight.shape):
        return "the filters have unknown sizes"
    groups = node.attributes["group"]
    assert isinstance(groups, int)
    filters, channels, *window = known(weight.shape)
    axes = axes_of(node, source, tuple(window))
    if any(axis.before < 0 or axis.after < 0 for axis in axes):
        return "a pad is negative"
    found = Convolution(node, source, weight, bias, groups, channels, filters // groups, axes)
    fused = found.fuse(region)
    problem = floats(region, (source, weight)) if isinstance(fused, Fused) else fused
    return found if problem is None else problem


def channels_last(rank: int) -> Order:
    """Batch, spatial axes, channels."""
    return (0, *range(2, rank), 1)


def channels_last_wish(region: Region, value: Value, source: Value | None = None) -> Order | None:
    """Channels last for `source` and for operands and results of the result's shape."""
    if value is source or value.shape == region.outputs[0].shape:
        return channels_last(value.rank)
    return None


class Conv:
    """The family `conv`: channels last."""

    name = "conv"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for a convolution with known float filters whose followers are elementwise."""
        found = convolution(region)
        return found if isinstance(found, str) else None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Short runs waste time between taps; narrow groups waste lanes."""
        found = _found(region)
        tile = choose_tile(spec, found.filters, region.outputs[0].dtype)
        used = found.filters / (-(-found.filters // tile.columns) * tile.columns)
        between = 1 + 6 / found.channels if product(found.window) != 1 else 1.0
        return seconds(region, spec, efficiency=0.85 * used / between)

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last for the input and what has the shape of the results."""
        return channels_last_wish(region, value, _found(region).source)

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Input and results must have their channels side by side."""
        if value is _found(region).source or value in region.outputs:
            return view.strides[1] == 1 or view.shape[1] == 1
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch, and one that packs the filters."""
        found = _found(placed.region)
        view = placed.view(found.source)
        steps = view.strides[2:]
        walk = Walk(
            (view.strides[1] * found.channels,) if found.groups > 1 else (),
            (
                view.strides[0],
                *(step * axis.stride for step, axis in zip(steps, found.axes, strict=True)),
            ),
            view.strides[1],
            -sum((s * axis.before for s, axis in zip(steps, found.axes, strict=True)), start=0),
        )
        depth = window_depth(found, steps, placed.region)
        panels = filter_panels(found, placed.view(found.weight))
        return emit_product(found, placed, spec, Operand(view, walk, view.dtype), depth, panels)


def _found(region: Region) -> Convolution:
    found = convolution(region)
    assert isinstance(found, Convolution), found
    return found


def window_depth(found: Convolution, steps: Sequence[Dim], region: Region) -> Depth:
    """The taps of a channels-last window; those that lie side by side join the run."""
    run = found.channels
    taps: list[Tap] = []
    for number in reversed(range(len(found.axes))):
        axis, step = found.axes[number], steps[number]
        border = border_of(axis, number + 1) if axis.leaves(region.ranges) else None
        stride = step * axis.dilation
        if border is None and (axis.window == 1 or (not taps and stride == run)):
            run *= axis.window
        else:
            taps.insert(0, Tap(axis.window, stride, border))
    return Depth(run, tuple(taps))


def filter_panels(found: Convolution, view: View) -> PanelSource:
    """Filters as panels whose depth is the window, then the channels."""
    filter_step, channel_step, *window_steps = view.strides
    return PanelSource(
        view,
        (*found.window, found.channels),
        (*window_steps, channel_step),
        found.filters,
        Walk((filter_step * found.filters,) if found.groups > 1 else (), (), filter_step),
    )


def emit_product(
    found: Convolution,
    placed: Placed,
    spec: DeviceSpec,
    source: Operand,
    depth: Depth,
    panels: PanelSource,
    tile: Tile | None = None,
) -> Emission:
    """The product's launch and the packing of its filters."""
    tile = tile or choose_tile(spec, found.filters, found.source.dtype)
    epilogue = found.epilogue(placed)
    rows, left = found.pixels, source.walk
    if not depth.bordered:
        walks = [left.rows, *(operand.walk.rows for operand in epilogue.operands)]
        rows, joined = collapse(rows, walks)
        left = left.with_rows(joined[0])
        epilogue = epilogue.with_rows(joined[1:])
    key = panel_key(panels, tile, found.batch)
    job = Product(
        found.batch,
        rows,
        found.filters,
        depth,
        tile,
        replace(source, walk=left),
        key,
        epilogue,
    )
    packed = pack_weight(key, panels, found.batch, tile, spec)
    return Emission((ProductKernel(job, spec).launch(),), (packed,))
