# SPDX-License-Identifier: Apache-2.0
"""Operands of tensor-core products in the order that their copies want.

Weights become rows of one column's depth each, contiguous: [columns][taps][channels]. Images whose
channels are not a multiple of eight, or not last, become channels-last with zeros in the channels
beyond the edge; where they have very few channels, with zeros around them too, so that a line of a
window is one run of memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dims import Dim, ceil_div, product
from ingot.dtypes import FLOAT32
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch, Packed
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import memory_type

_THREADS = 256
_ROUND = """static __device__ __forceinline__ float round_to_tf32(float x) {
  unsigned int y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return __uint_as_float(y);
}"""
_PIXELS = 128  # threads of a block that frames images,
_LINES = 4  # and lines that each works on


@dataclass(frozen=True)
class Gathering:
    """A row-major result over `extents`, read from `view` by `strides`.

    Index positions at or beyond `valid` of the last axis give 0, and so do those at or beyond
    `valid_before` of the axis before it, where that is told.
    """

    view: View
    extents: tuple[Dim, ...]
    strides: tuple[Dim, ...]
    valid: Dim
    valid_before: Dim | None = None
    rounds: bool = False  # float32 to TF32

    @property
    def size(self) -> Dim:
        """Elements of the result."""
        return product(self.extents)

    @property
    def bytes(self) -> Dim:
        """Bytes of the result."""
        return self.size * self.view.dtype.itemsize


def gather_launch(gathering: Gathering, key: str, spec: DeviceSpec, label: str) -> Launch:
    """The launch that fills the memory called `key`."""
    source = Source(spec)
    element = memory_type(gathering.view.dtype)
    origin, target = source.pointer(gathering.view), source.packed(key, "w", element)
    value = f"{origin}[place]"
    if gathering.rounds:
        source.declare(_ROUND)
        value = f"round_to_tf32({value})"
    total = source.size(gathering.size)
    source.line(f"const long long e = blockIdx.x * (long long){_THREADS} + threadIdx.x;")
    with source.block(f"if (e < {total})"):
        source.line("long long rest = e, place = 0;")
        axes = list(zip(gathering.extents, gathering.strides, strict=True))
        for number, (extent, stride) in enumerate(reversed(axes)):
            index = f"rest % {source.size(extent)}"
            if number == 0:
                source.line(f"bool valid = {index} < {source.size(gathering.valid)};")
            if number == 1 and gathering.valid_before is not None:
                source.line(f"valid = valid && {index} < {source.size(gathering.valid_before)};")
            source.line(f"place += {index} * {source.size(stride)};")
            source.line(f"rest /= {source.size(extent)};")
        source.line(f"{target}[e] = valid ? {value} : 0;")
    blocks = ceil_div(gathering.size, _THREADS)
    return source.launch(blocks, _THREADS, bytes=2 * gathering.bytes, label=label)


@dataclass(frozen=True)
class Framed:
    """An image, channels last and `channels` of them, in a frame of zeros.

    `lines` and `pixels` count the frame, `before` tells how much of it comes first on both axes.
    """

    view: View
    lines: Dim
    pixels: Dim
    channels: int
    before: tuple[int, int]

    @property
    def bytes(self) -> Dim:
        """Bytes of the result."""
        count = product((self.view.shape[0], self.lines, self.pixels, self.channels))
        return count * self.view.dtype.itemsize


def frame_launch(framed: Framed, key: str, spec: DeviceSpec, label: str) -> Launch:
    """The launch that fills the memory called `key`, a pixel of a few lines for each thread."""
    source, view = Source(spec), framed.view
    images, given, height, width = view.shape
    origin = source.pointer(view)
    element = memory_type(view.dtype)
    target = source.packed(key, "w", element)
    count = ceil_div(framed.pixels, _PIXELS)
    parts = source.size(count)
    vector = f"{source.helper('Vec')}<{element}, {framed.channels}>"
    top, left = framed.before
    step, channel, line, pixel = (source.size(stride) for stride in view.strides)
    lines, pixels = source.size(framed.lines), source.size(framed.pixels)
    groups = source.size(ceil_div(framed.lines, _LINES))
    source.lines(f"""
const int part = blockIdx.x % (int){parts}, group = blockIdx.x / (int){parts};
const int column = part * {_PIXELS} + threadIdx.x, x = column - {left};
if (column >= {pixels}) return;
const int image = group / (int){groups}, first = group % (int){groups} * {_LINES};
const {element}* const from = {origin} + image * (long long){step} + x * (long long){pixel};
{vector} found[{_LINES}];
#pragma unroll
for (int i = 0; i < {_LINES}; ++i) {{
  const int y = first + i - {top};
  const bool inside = y >= 0 && y < {source.size(height)} && x >= 0 && x < {source.size(width)};
#pragma unroll
  for (int k = 0; k < {framed.channels}; ++k)
    found[i].at[k] = inside && k < {source.size(given)}
        ? from[y * (long long){line} + k * (long long){channel}] : 0;
}}""")
    source.launch_dependents()
    source.lines(f"""
#pragma unroll
for (int i = 0; i < {_LINES}; ++i)
  if (first + i < {lines})
    *({vector}*)({target} + ((image * (long long){lines} + first + i) * {pixels} + column)
        * {framed.channels}) = found[i];""")
    blocks = images * ceil_div(framed.lines, _LINES) * count
    return source.launch(blocks, _PIXELS, bytes=2 * framed.bytes, label=label)


def pack_weight(
    view: View,
    extents: Sequence[int],
    strides: Sequence[Dim],
    valid: int,
    spec: DeviceSpec,
    valid_before: int | None = None,
) -> Packed:
    """Packed memory over `extents`; the key tells content and layout."""
    rounds = view.dtype == FLOAT32
    gathering = Gathering(view, tuple(extents), tuple(strides), valid, valid_before, rounds)
    limits = (valid, valid_before)
    layout = ";".join(map(str, (gathering.extents, gathering.strides, limits, view.offset)))
    key = f"{view.buffer} as rows {layout}"
    return Packed(key, gathering.bytes, gather_launch(gathering, key, spec, "pack"))
