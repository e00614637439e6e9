# SPDX-License-Identifier: Apache-2.0
"""Convolutions of half-precision images on tensor cores: implicit GEMM with channels last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ingot.dims import Dim, ceil_div, is_multiple, product
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View, dense_strides
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Packed, Placed, Region, Temporary
from ingot.targets.cuda.kernels.epilogue import place_epilogue
from ingot.targets.cuda.kernels.gemm import MOST_TWINS, accepts_operand, tensor_types
from ingot.targets.cuda.kernels.pack import (
    Framed,
    Gathering,
    frame_launch,
    gather_launch,
    pack_weight,
)
from ingot.targets.cuda.kernels.product import Matrix, Product, ProductKernel, Windows
from ingot.targets.cuda.kernels.tile import choose_tile
from ingot.targets.fused import Fused, fuse
from ingot.targets.windows import Axis, axes_of, known

_CHANNELS_LAST = (0, 2, 3, 1)
_IMAGE = "channels last"


@dataclass(frozen=True)
class _Convolution:
    """A two-dimensional convolution without groups."""

    source: Value
    weight: Value
    bias: Value | None
    vertical: Axis
    horizontal: Axis
    filters: int
    channels: int

    @property
    def padded_channels(self) -> int:
        """Channels rounded up to a whole number of copies."""
        return -(-self.channels // self.unit) * self.unit

    @property
    def unit(self) -> int:
        """Elements of a copy of 16 bytes."""
        return 16 // self.source.dtype.itemsize

    @property
    def merged(self) -> int:
        """Channels to give an image so that a line of a window is one run; 0 for more than a few.

        Runs begin at multiples of 16 bytes.
        """
        if self.horizontal.dilation != 1:
            return 0
        return next(
            (
                n
                for n in (1, 2, 4, 8)
                if self.channels <= n <= self.unit and n * self.horizontal.stride % self.unit == 0
            ),
            0,
        )

    @property
    def pointwise(self) -> bool:
        """Whether each result pixel reads just the input pixel in its place."""
        axes = (self.vertical, self.horizontal)
        return all(
            axis.window == axis.stride == 1 and axis.before == axis.after == 0 for axis in axes
        )


def _convolution(region: Region) -> _Convolution | str:
    node = region.anchor
    if node is None or node.op != "conv":
        return "not a convolution"
    source, weight = node.inputs[:2]
    assert source is not None and weight is not None
    if weight not in region.weights or source.rank != 4 or node.attributes["group"] != 1:
        return "the filters are computed, grouped, or not two-dimensional"
    if not all(isinstance(size, int) for size in weight.shape):
        return "the filters have unknown sizes"
    filters, channels, *window = known(weight.shape)
    if filters % 8 or channels == 0:
        return "the number of filters is no multiple of 8"
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    vertical, horizontal = axes_of(node, source, tuple(window))
    if min(vertical.before, vertical.after, horizontal.before, horizontal.after) < 0:
        return "a pad is negative"
    return _Convolution(source, weight, bias, vertical, horizontal, filters, channels)


def _fused(region: Region, found: _Convolution) -> Fused | str:
    return fuse(region, None if found.bias is None else (found.bias, 1))


class TensorConv:
    """The family `tensor_conv`; with `single`, for float32 as TF32, `tensor_conv_tf32`."""

    def __init__(self, *, single: bool = False) -> None:
        self._single = single
        self.name = "tensor_conv_tf32" if single else "tensor_conv"
        self.option = "tf32" if single else None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for images of its type, known filters, and elementwise followers."""
        found = _convolution(region)
        if isinstance(found, str):
            return found
        fused = _fused(region, found)
        return tensor_types(region, spec, self._single) if isinstance(fused, Fused) else fused

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Cheaper than any generic kernel."""
        return 0.0

    def order(self, region: Region, value: Value) -> Order | None:
        """Channels last."""
        if value in region.weights or value.rank != 4:
            return None
        return _CHANNELS_LAST

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Dense channels-last images; few channels are copied from any layout."""
        found = _convolution(region)
        assert isinstance(found, _Convolution)
        if value is found.weight or value is found.bias:
            return True
        if value is found.source:
            dense = view.strides == dense_strides(view.shape, _CHANNELS_LAST)
            aligned = dense and is_multiple(view.offset, found.unit, {})
            return aligned or found.channels % found.unit != 0
        return accepts_operand(region, value, view, 1)

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch, behind one that pads channels where they are few."""
        found = _convolution(placed.region)
        assert isinstance(found, _Convolution)
        fused = _fused(placed.region, found)
        assert isinstance(fused, Fused)
        weight = placed.view(found.weight)
        prepared = _prepare(found, placed.view(found.source), weight, spec)
        rows = _pixels(placed.region.anchor, found)
        job = Product(
            found.source.dtype,
            rows,
            found.filters,
            prepared.depth,
            prepared.memory,
            prepared.left,
            prepared.packed.key,
            place_epilogue(fused, placed, 1),
        )
        windows = isinstance(prepared.left, Windows)
        taps = found.vertical.window * found.horizontal.window
        wide = found.filters * min(placed.region.twins, MOST_TWINS)
        halves = prepared.depth * found.source.dtype.itemsize // 2
        tile = choose_tile(
            spec, rows, wide, halves, windows=windows, taps=taps, groups=not self._single
        )
        launches = (*prepared.launches, ProductKernel(job, tile, spec).launch())
        return Emission(launches, (prepared.packed,), prepared.temporaries)


@dataclass(frozen=True)
class _Prepared:
    """The left operand of the product, where it lies, and the weight that goes with it."""

    memory: View | str
    left: Matrix | Windows
    depth: int
    packed: Packed
    launches: tuple[Launch, ...] = ()
    temporaries: tuple[Temporary, ...] = ()


def _prepare(found: _Convolution, view: View, weight: View, spec: DeviceSpec) -> _Prepared:
    if found.channels % found.unit and found.merged:
        return _prepare_merged(found, view, weight, spec)
    vertical, horizontal, channels = found.vertical, found.horizontal, found.padded_channels
    n, c, y, x = weight.strides
    taps = (vertical.window, horizontal.window)
    packed = pack_weight(
        weight, (found.filters, *taps, channels), (n, y, x, c), found.channels, spec
    )
    left: Matrix | Windows = Windows(vertical, horizontal, channels, channels, channels)
    if found.pointwise:
        left = Matrix(channels)
    depth = taps[0] * taps[1] * channels
    if channels == found.channels:
        return _Prepared(view, left, depth, packed)
    gathering = _gathering(view, channels)
    launch = gather_launch(gathering, _IMAGE, spec, "pad")
    temporary = Temporary(_IMAGE, gathering.bytes)
    return _Prepared(_IMAGE, left, depth, packed, (launch,), (temporary,))


def _prepare_merged(found: _Convolution, view: View, weight: View, spec: DeviceSpec) -> _Prepared:
    """Few channels: the image in a frame of zeros, so that a tap is a whole line of a window."""
    vertical, horizontal, channels = found.vertical, found.horizontal, found.merged
    used = horizontal.window * channels
    run = -(-used // found.unit) * found.unit
    dilated = (vertical.window - 1) * vertical.dilation + 1
    lines = (vertical.output - 1) * vertical.stride + dilated
    # Pixels to the end of the last run, and lines of whole 16 bytes.
    pixels = ceil_div((horizontal.output - 1) * horizontal.stride + run // channels, 8) * 8
    framed = Framed(view, lines, pixels, channels, (vertical.before, horizontal.before))
    launch = frame_launch(framed, _IMAGE, spec, "frame")
    n, c, y, x = weight.strides
    extents = (found.filters, vertical.window, run // channels, channels)
    packed = pack_weight(weight, extents, (n, y, x, c), found.channels, spec, horizontal.window)
    left = Windows(
        replace(vertical, size=lines, before=0, after=0),
        replace(horizontal, size=pixels, before=0, after=0, window=1),
        run,
        channels,
        used,
    )
    temporary = Temporary(_IMAGE, framed.bytes)
    return _Prepared(_IMAGE, left, vertical.window * run, packed, (launch,), (temporary,))


def _gathering(view: View, channels: int) -> Gathering:
    """An image with `channels` channels, zeros in those that it does not have."""
    images, given, lines, pixels = view.shape
    n, c, y, x = view.strides
    return Gathering(view, (images, lines, pixels, channels), (n, y, x, c), given)


def _pixels(node: Node | None, found: _Convolution) -> Dim:
    assert node is not None
    return product((found.source.shape[0], found.vertical.output, found.horizontal.output))
