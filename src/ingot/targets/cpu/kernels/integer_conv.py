# SPDX-License-Identifier: Apache-2.0
"""Convolutions of bytes: `conv_integer` as an implicit product, channels last.

Rows, taps and borders are those of the float family (`conv.py`). A group of neighbours along the
depth lies within the channels of one tap; outside the image a tap reads the input's zero point.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ingot.dims import product
from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cpu.kernels.conv import Convolution, channels_last_wish, filter_panels
from ingot.targets.cpu.kernels.finish import Operand
from ingot.targets.cpu.kernels.geometry import border_of
from ingot.targets.cpu.kernels.integer_gemm import integer_seconds, integer_tile, zero_points
from ingot.targets.cpu.kernels.microkernel import Depth, Tap
from ingot.targets.cpu.kernels.pack import pack_weight, panel_key
from ingot.targets.cpu.kernels.product import Product, ProductKernel
from ingot.targets.cpu.kernels.walk import Walk, collapse
from ingot.targets.fused import Fused
from ingot.targets.windows import axes_of, known

_LEAST_FILTERS: Final = 4  # in a group; fewer leave most lanes of a tile empty


def integer_convolution(region: Region) -> Convolution | str:
    """What the region's anchor convolves, or why this family does not."""
    node = region.anchor
    if node is None or node.op != "conv_integer":
        return "not a convolution of integers"
    source, weight = node.inputs[:2]
    assert source is not None and weight is not None
    if not {weight, zero_points(node)[1]} - {None} <= region.weights:
        return "the filters are computed"
    if not all(isinstance(size, int) for size in weight.shape):
        return "the filters have unknown sizes"
    groups = node.attributes["group"]
    assert isinstance(groups, int)
    filters, channels, *window = known(weight.shape)
    if groups > 1 and filters // groups < _LEAST_FILTERS:
        return f"a group has {filters // groups} filters"
    axes = axes_of(node, source, tuple(window))
    found = Convolution(node, source, weight, None, groups, channels, filters // groups, axes)
    fused = found.fuse(region)
    return found if isinstance(fused, Fused) else fused


class IntegerConv:
    """The family `integer_conv`."""

    name = "integer_conv"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for a convolution of bytes with known filters whose followers are elementwise."""
        found = integer_convolution(region)
        return found if isinstance(found, str) else None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Multiply-adds and memory traffic."""
        found = _found(region)
        return integer_seconds(region, spec, found.channels * product(found.window))

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
        source_zero, weight_zero = zero_points(found.node)
        tile = integer_tile(spec, found.weight, weight_zero, found.filters)
        view = placed.view(found.source)
        steps = view.strides[2:]
        epilogue = found.epilogue(placed)
        left = Walk(
            (view.strides[1] * found.channels,) if found.groups > 1 else (),
            (view.strides[0], *(s * a.stride for s, a in zip(steps, found.axes, strict=True))),
            view.strides[1],
            -sum((s * a.before for s, a in zip(steps, found.axes, strict=True)), start=0),
        )
        depth = _depth(found, view, placed.region, tile.group)
        rows = found.pixels
        if not depth.bordered:
            walks = [left.rows, *(operand.walk.rows for operand in epilogue.operands)]
            rows, joined = collapse(rows, walks)
            left, epilogue = left.with_rows(joined[0]), epilogue.with_rows(joined[1:])
        zero = None if weight_zero is None else placed.view(weight_zero)
        panels = replace(filter_panels(found, placed.view(found.weight)), zero=zero)
        key = panel_key(panels, tile, found.batch)
        job = Product(
            found.batch,
            rows,
            found.filters,
            depth,
            tile,
            Operand(view, left, view.dtype),
            key,
            epilogue,
            None if source_zero is None else placed.view(source_zero),
        )
        packed = pack_weight(key, panels, found.batch, tile, spec)
        return Emission((ProductKernel(job, spec).launch(),), (packed,))


def _found(region: Region) -> Convolution:
    found = integer_convolution(region)
    assert isinstance(found, Convolution), found
    return found


def _depth(found: Convolution, view: View, region: Region, group: int) -> Depth:
    """A tap for each place of the window; the run is the channels of one place."""
    taps = []
    for number, (axis, step) in enumerate(zip(found.axes, view.strides[2:], strict=True)):
        border = border_of(axis, number + 1) if axis.leaves(region.ranges) else None
        if border is not None or axis.window > 1:
            taps.append(Tap(axis.window, step * axis.dilation, border))
    return Depth(found.channels, tuple(taps), group, ahead=1)
