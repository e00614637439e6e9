# SPDX-License-Identifier: Apache-2.0
"""Rough costs, by which the catalogue's candidates are ranked: arithmetic, and the memory traffic
that it does not hide."""

from __future__ import annotations

from ingot import dims
from ingot.dims import Dim, product
from ingot.spec import DeviceSpec
from ingot.targets.base import Ranges, Region
from ingot.targets.cpu.kernels.tile import COMPUTED

OVERLAP = 0.5  # the part of memory traffic that arithmetic does not hide
_SAMPLE = 64  # stands for a size that has no upper bound


def sample(dim: Dim, ranges: Ranges | None) -> float:
    """A plausible value of a size."""
    if isinstance(dim, int):
        return float(dim)
    binding = {}
    for name in dims.symbols(dim):
        low, high = (ranges or {}).get(name, (1, None))
        binding[name] = max(low, _SAMPLE if high is None else min(high, _SAMPLE))
    return float(dims.evaluate(dim, binding))


def traffic(region: Region) -> float:
    """Bytes of everything that the region reads and writes, once."""
    return sum(
        sample(product(value.shape), region.ranges) * value.dtype.itemsize
        for value in (*region.inputs, *region.outputs)
    )


def multiply_adds(region: Region) -> float:
    """Scalar multiply-adds of a region whose anchor is a matmul or a convolution."""
    anchor = region.anchor
    assert anchor is not None and anchor.inputs[1] is not None
    right = anchor.inputs[1]
    depth = right.shape[-2] if anchor.op == "matmul" else product(right.shape[1:])
    return sample(product(anchor.output.shape) * depth, region.ranges)


def seconds(region: Region, spec: DeviceSpec, *, efficiency: float) -> float:
    """Time on one core at `efficiency` of the peak."""
    dtype = COMPUTED[region.outputs[0].dtype]
    arithmetic = 2 * multiply_adds(region) / (spec.peak_flops(dtype) * efficiency)
    return arithmetic + OVERLAP * traffic(region) / spec.memory_bandwidth
