# SPDX-License-Identifier: Apache-2.0
"""How a step's work is cut into chunks for a team of threads.

Few chunks cost little to claim; many let threads that come late, or lose their core for a while,
be waited for less. Work that is done before a second thread could have begun is not cut at all.
"""

from __future__ import annotations

from typing import Final

from ingot.spec import DeviceSpec

_MOST_CHUNKS: Final = 16  # for each thread
_FEW_CHUNKS: Final = 2  # for each thread
_CHUNK_SECONDS: Final = 5e-6
_SMALL_CHUNK_SECONDS: Final = 2e-6
_ALONE_SECONDS: Final = 4e-6
_CORE_BANDWIDTH: Final = 16e9  # bytes a second that one core moves
_FLOPS_SHARE: Final = 0.5  # of the peak that ordinary kernels reach


def work_seconds(flops: int, size: int, spec: DeviceSpec) -> float:
    """About how long one core takes for `flops` operations on `size` bytes; 0 where unknown."""
    peak = spec.clock * spec.fma_pipes * spec.vector_bits / 16
    return max(flops / (peak * _FLOPS_SHARE), size / _CORE_BANDWIDTH)


def chunk_size(extent: int, grain: int, threads: int, seconds: float) -> int:
    """How many units one claim takes: a multiple of `grain`, all of them where that is best."""
    grain = max(grain, 1)
    if threads == 1 or extent <= grain or 0 < seconds < _ALONE_SECONDS:
        return max(extent, 1)
    units = -(-extent // _chunks(threads, seconds))
    return -(-units // grain) * grain


def _chunks(threads: int, seconds: float) -> int:
    """As many as are worth claiming; when these are few, smaller ones rather than idle threads."""
    if not seconds:
        return threads * _MOST_CHUNKS
    chunks = min(threads * _MOST_CHUNKS, int(seconds / _CHUNK_SECONDS))
    if chunks < threads * _FEW_CHUNKS:
        chunks = min(threads * _FEW_CHUNKS, int(seconds / _SMALL_CHUNK_SECONDS))
    return max(chunks, 1)
