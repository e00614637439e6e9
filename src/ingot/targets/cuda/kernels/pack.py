# SPDX-License-Identifier: Apache-2.0
"""Operands of tensor-core products in the order that their copies want.

Weights become rows of one column's depth each, contiguous: [columns][taps][channels]. Images whose
channels are not a multiple of eight, or not last, become channels-last with zeros in the channels
beyond the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dims import Dim, ceil_div, product
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch, Packed
from ingot.targets.cuda.source import Source

_THREADS = 256


@dataclass(frozen=True)
class Gathering:
    """A row-major result over `extents`, read from `view` by `strides`.

    Index positions at or beyond `valid` of the last axis give 0.
    """

    view: View
    extents: tuple[Dim, ...]
    strides: tuple[Dim, ...]
    valid: Dim

    @property
    def size(self) -> Dim:
        """Elements of the result."""
        return product(self.extents)


def gather_launch(gathering: Gathering, key: str, spec: DeviceSpec, label: str) -> Launch:
    """The launch that fills the memory called `key`."""
    source = Source(spec)
    element = "unsigned short"
    origin, target = source.pointer(gathering.view), source.packed(key, "w", element)
    total = source.size(gathering.size)
    source.line(f"const long long e = blockIdx.x * (long long){_THREADS} + threadIdx.x;")
    with source.block(f"if (e < {total})"):
        source.line("long long rest = e, place = 0;")
        axes = list(zip(gathering.extents, gathering.strides, strict=True))
        for number, (extent, stride) in enumerate(reversed(axes)):
            index = f"rest % {source.size(extent)}"
            if number == 0:
                source.line(f"const bool valid = {index} < {source.size(gathering.valid)};")
            source.line(f"place += {index} * {source.size(stride)};")
            source.line(f"rest /= {source.size(extent)};")
        source.line(f"{target}[e] = valid ? {origin}[place] : 0;")
    blocks = ceil_div(gathering.size, _THREADS)
    return source.launch(blocks, _THREADS, bytes=4 * gathering.size, label=label)


def pack_weight(
    view: View, extents: Sequence[int], strides: Sequence[Dim], valid: int, spec: DeviceSpec
) -> Packed:
    """Packed memory over `extents`; the key tells content and layout."""
    gathering = Gathering(view, tuple(extents), tuple(strides), valid)
    layout = ";".join(map(str, (gathering.extents, gathering.strides, valid, view.offset)))
    key = f"{view.buffer} as rows {layout}"
    return Packed(key, gathering.size * 2, gather_launch(gathering, key, spec, "pack"))
