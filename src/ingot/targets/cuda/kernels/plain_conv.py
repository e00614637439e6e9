# SPDX-License-Identifier: Apache-2.0
"""Convolutions of any float type, rank and number of groups: implicit products in fp32 or TF32."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingot.dims import Dim, product
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Packed, Placed, Region
from ingot.targets.cuda.kernels.finish import place_finish
from ingot.targets.cuda.kernels.plain_gemm import FLOATS
from ingot.targets.cuda.kernels.plain_product import (
    PlainKernel,
    PlainProduct,
    choose_plain_tile,
)
from ingot.targets.cuda.kernels.plain_sides import MatrixSide, WindowSide
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import memory_type
from ingot.targets.fused import Fused, fuse
from ingot.targets.windows import Axis, axes_of, known

_THREADS = 256


@dataclass(frozen=True)
class Grouped:
    """A convolution with known filters: so many groups of `filters` over `channels`."""

    source: Value
    weight: Value
    bias: Value | None
    axes: tuple[Axis, ...]
    groups: int
    filters: int
    channels: int

    @property
    def window(self) -> tuple[int, ...]:
        """Taps along each axis."""
        return tuple(axis.window for axis in self.axes)

    def fuse(self, region: Region) -> Fused | str:
        """What follows the sum of products."""
        return fuse(region, None if self.bias is None else (self.bias, 1))


def grouped_convolution(region: Region) -> Grouped | str:
    """The region's convolution, or why a family cannot run it."""
    node = region.anchor
    if node is None or node.op != "conv":
        return "not a convolution"
    source, weight = node.inputs[:2]
    assert source is not None and weight is not None
    if weight not in region.weights or not all(isinstance(size, int) for size in weight.shape):
        return "the filters are computed"
    if source.rank < 3:
        return "no spatial axis"
    if source.dtype not in FLOATS:
        return f"the type is {source.dtype.name}"
    filters, channels, *window = known(weight.shape)
    groups = node.attributes["group"]
    assert isinstance(groups, int)
    if not groups or not filters or not channels:
        return "nothing to add up"
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    axes = axes_of(node, source, tuple(window))
    found = Grouped(source, weight, bias, axes, groups, filters // groups, channels)
    return fused if isinstance(fused := found.fuse(region), str) else found


def channels_last(rank: int) -> Order:
    """The order of axes with channels innermost."""
    return (0, *range(2, rank), 1)


def pack_filters(
    view: View, extents: tuple[int, ...], strides: tuple[Dim, ...], spec: DeviceSpec
) -> Packed:
    """Filters copied into row-major memory of `extents`."""
    key = f"{view.buffer} as plain {extents};{strides};{view.offset}"
    launch = _copy(view, key, extents, strides, spec)
    return Packed(key, product(extents) * view.dtype.itemsize, launch)


def _copy(
    view: View, key: str, extents: tuple[int, ...], strides: tuple[Dim, ...], spec: DeviceSpec
) -> Launch:
    source, total = Source(spec), product(extents)
    origin, target = source.pointer(view), source.packed(key, "w", memory_type(view.dtype))
    source.line(f"const long long e = blockIdx.x * (long long){_THREADS} + threadIdx.x;")
    with source.block(f"if (e < {source.size(total)})"):
        source.line("long long rest = e, place = 0;")
        for extent, stride in reversed(list(zip(extents, strides, strict=True))):
            source.line(f"place += rest % {extent} * {source.size(stride)}; rest /= {extent};")
        source.line(f"{target}[e] = {origin}[place];")
    assert isinstance(total, int)
    return source.launch(-(-total // _THREADS), _THREADS, label="pack")


class PlainConv:
    """The family `conv`; with `tensor` it is `tf32_conv`."""

    def __init__(self, *, tensor: bool = False) -> None:
        self._tensor = tensor

    @property
    def name(self) -> str:
        """The family's name."""
        return "tf32_conv" if self._tensor else "conv"

    @property
    def option(self) -> str | None:
        """TF32 rounds the operands, so it must be asked for."""
        return "tf32" if self._tensor else None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for float images and known filters."""
        found = grouped_convolution(region)
        if isinstance(found, str):
            return found
        if self._tensor and ("tf32" not in spec.features or found.source.dtype.bits != 32):
            return "no TF32"
        return None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Dearer than a tensor-core kernel, cheaper than plain loops."""
        return 0.5e-3 if self._tensor else 1e-3

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last for images."""
        found = grouped_convolution(region)
        assert isinstance(found, Grouped)
        if value in region.weights or value.rank != found.source.rank:
            return None
        return channels_last(value.rank)

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Any strides."""
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch; the filters are packed after loading."""
        region = placed.region
        found = grouped_convolution(region)
        assert isinstance(found, Grouped) and region.anchor is not None
        fused = found.fuse(region)
        assert isinstance(fused, Fused)
        weight = placed.view(found.weight)
        extents = (found.groups, *found.window, found.channels, found.filters)
        f, c, *taps = weight.strides
        packed = pack_filters(weight, extents, (f * found.filters, *taps, c, f), spec)
        depth = product((*found.window, found.channels))
        right = MatrixSide(
            "right", packed.key, weight.dtype, (depth * found.filters,), 1, found.filters, "columns"
        )
        names, indices = _result(found)
        job = PlainProduct(
            (found.groups,),
            _pixels(region.anchor),
            found.filters,
            depth,
            WindowSide(placed.view(found.source), found.axes, found.channels),
            right,
            place_finish(fused, placed, 1),
            names,
            indices,
        )
        tile = choose_plain_tile(job, spec, tensor=self._tensor)
        launch = PlainKernel(job, tile, spec, tensor=self._tensor).launch()
        return Emission((launch,), (packed,))


def _pixels(node: Node) -> Dim:
    images, _, *outputs = node.output.shape
    return product((images, *outputs))


def _result(found: Grouped) -> tuple[list[str], Callable[[Source], str]]:
    """Names of the result's indices, and the C++ that finds them from `row` and `column`."""
    rank = len(found.axes)

    def indices(source: Source) -> str:
        lines = ["int pixel = row;", f"const int filter = g0 * {found.filters} + column;"]
        for number in reversed(range(rank)):
            output = f"(int){source.size(found.axes[number].output)}"
            lines.append(f"const int o{number} = pixel % {output}; pixel /= {output};")
        return "\n".join(lines)

    return ["pixel", "filter", *(f"o{number}" for number in range(rank))], indices
