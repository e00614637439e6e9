# SPDX-License-Identifier: Apache-2.0
"""Windows channel by channel, channels last: what depthwise convolutions and pools share.

A thread has some neighbouring channels of one result pixel; it folds them over the window's taps,
with 16-byte accesses where the layout allows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dims import Dim, ceil_div, is_multiple, product
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch
from ingot.targets.cuda.kernels.finish import Finish, address, load_vector
from ingot.targets.cuda.operators import from_memory
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import memory_type
from ingot.targets.windows import Axis

_THREADS = 128
_UNROLLED = 25  # taps that are printed one after the other


@dataclass(frozen=True)
class Combine:
    """How a window folds: C++ over `total`, `x`, `w` and, at the end, `count`."""

    start: str
    step: str
    end: str = "total"
    helper: str = ""
    counts_padding: bool = False


@dataclass(frozen=True)
class WindowProduct:
    """Images (any rank, channels on axis 1) and, where weighted, packed `[taps][channels]`."""

    view: View
    axes: Sequence[Axis]
    channels: int
    combine: Combine
    finish: Finish
    weights: str = ""

    @property
    def width(self) -> int:
        """Neighbouring channels of a thread."""
        return next(n for n in (8, 4, 2, 1) if self.channels % n == 0)

    @property
    def taps(self) -> int:
        """Elements of a window."""
        return int(str(product(axis.window for axis in self.axes)))

    @property
    def aligned(self) -> bool:
        """Whether a thread's channels are whole accesses."""
        strides = [step for axis, step in enumerate(self.view.strides) if axis != 1]
        parts = (*strides, self.view.offset)
        whole = all(is_multiple(part, self.width, {}) for part in parts)
        return self.view.strides[1] == 1 and whole and self.width > 1


def window_launch(job: WindowProduct, spec: DeviceSpec) -> Launch:
    """The launch that computes every result pixel."""
    source = Source(spec)
    pixels = product((job.view.shape[0], *(axis.output for axis in job.axes)))
    units = pixels * (job.channels // job.width)
    rank, width = len(job.axes), job.width
    _print_unit(source, job, units)
    if job.combine.helper:
        source.helper(job.combine.helper)
    lanes = f"#pragma unroll\nfor (int k = 0; k < {width}; ++k)"
    source.line(f"float total[{width}];")
    source.lines(f"{lanes} total[k] = {job.combine.start};")
    if "count" in job.combine.end:
        source.line("int count = 0;")
    _print_taps(source, job, 0)
    source.launch_dependents()
    source.line(f"float v[{width}];")
    end = job.combine.end.replace("total", "total[k]")
    source.lines(f"{lanes} v[k] = {end};")
    job.finish.print(source, ["image", "channel", *(f"o{n}" for n in range(rank))], width)
    flops = 2 * pixels * job.channels * job.taps
    return source.launch(ceil_div(units, _THREADS), _THREADS, flops=flops)


def _print_unit(source: Source, job: WindowProduct, units: Dim) -> None:
    """The pixel and channels of this thread."""
    blocks = job.channels // job.width
    source.lines(f"""
const long long unit = blockIdx.x * (long long){_THREADS} + threadIdx.x;
if (unit >= {source.size(units)}) return;
const int channel = (int)(unit % {blocks}) * {job.width};
int image = (int)(unit / {blocks});""")
    for number in reversed(range(len(job.axes))):
        output = f"(int){source.size(job.axes[number].output)}"
        source.line(f"const int o{number} = image % {output}; image /= {output};")
    strides = job.view.strides
    place = address(source, source.pointer(job.view), ["image", "channel"], strides[:2])
    source.line(f"const {memory_type(job.view.dtype)}* const start = {place};")


def _print_taps(source: Source, job: WindowProduct, number: int) -> None:
    """Loops over the taps along the axes from `number` on, then one tap."""
    if number == len(job.axes):
        _print_tap(source, job)
        return
    axis = job.axes[number]
    source.line("#pragma unroll" if job.taps <= _UNROLLED else "#pragma unroll 1")
    with source.block(f"for (int t{number} = 0; t{number} < {axis.window}; ++t{number})"):
        corner = f"o{number} * {axis.stride} - {axis.before}"
        source.line(f"const int y{number} = {corner} + t{number} * {axis.dilation};")
        size = f"(int){source.size(axis.size)}"
        inside = f"y{number} >= 0 && y{number} < {size}"
        if job.combine.counts_padding:
            # Padding counts, but not what rounding the output up adds behind it.
            padded = f"y{number} < {size} + {axis.after}"
            source.line(f"const bool in{number} = {inside};")
            source.line(f"if (!({padded})) continue;")
        else:
            source.line(f"if (!({inside})) continue;")
        _print_taps(source, job, number + 1)


def _print_tap(source: Source, job: WindowProduct) -> None:
    rank, dtype, width = len(job.axes), job.view.dtype, job.width
    if "count" in job.combine.end:
        source.line("++count;")
    if job.combine.counts_padding:
        inside = " && ".join(f"in{number}" for number in range(rank))
        source.line(f"if (!({inside})) continue;")
    names = [f"y{number}" for number in range(rank)]
    place = address(source, "start", names, job.view.strides[2:])
    if job.aligned:
        raw = load_vector(source, dtype, place, width)
    else:
        raw = f"({place})[k * (long long){source.size(job.view.strides[1])}]"
    weight = ""
    if job.weights:
        tap = "0"
        for number, axis in enumerate(job.axes):
            tap = "t0" if number == 0 else f"({tap} * {axis.window} + t{number})"
        pointer = source.packed(job.weights, "r", memory_type(dtype))
        at = f"{pointer} + {tap} * {job.channels} + channel"
        raw_weight = load_vector(source, dtype, at, width) if width > 1 else f"*({at})"
        weight = f"const float w = {from_memory(source, dtype, raw_weight)}; "
    step = job.combine.step.replace("total", "total[k]")
    source.line("#pragma unroll")
    source.line(
        f"for (int k = 0; k < {width}; ++k) {{ const float x = {from_memory(source, dtype, raw)};"
        f" {weight}total[k] = {step}; }}"
    )
