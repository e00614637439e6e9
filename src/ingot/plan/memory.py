# SPDX-License-Identifier: Apache-2.0
"""Lifetimes to arena offsets.

Buffers that are never live at the same step may share memory. The greedy-by-size placement
(Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020) puts the
largest buffer first, each at the lowest offset where it fits among those already placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ingot.plan.plan import ALIGNMENT


class Lifetime(NamedTuple):
    """Size in bytes, and the first and last step (included) that use it."""

    bytes: int
    first: int
    last: int


def plan_memory(lifetimes: Sequence[Lifetime], alignment: int = ALIGNMENT) -> tuple[list[int], int]:
    """Offsets in bytes, one for each lifetime, and the arena's total size."""
    count = len(lifetimes)
    sizes = [-(-lifetime.bytes // alignment) * alignment for lifetime in lifetimes]
    first = np.array([lifetime.first for lifetime in lifetimes], np.int64)
    last = np.array([lifetime.last for lifetime in lifetimes], np.int64)
    starts = np.zeros(count, np.int64)
    ends = np.zeros(count, np.int64)
    placed = np.zeros(count, bool)
    for index in sorted(range(count), key=lambda i: (-sizes[i], lifetimes[i].first, i)):
        if sizes[index]:
            live = placed & (first <= last[index]) & (last >= first[index])
            starts[index] = _lowest_gap(starts[live], ends[live], sizes[index])
        ends[index] = starts[index] + sizes[index]
        placed[index] = sizes[index] > 0
    return starts.tolist(), int(ends.max(initial=0))


def _lowest_gap(starts: np.ndarray, ends: np.ndarray, size: int) -> int:
    """The lowest offset with `size` free bytes among occupied intervals."""
    offset = 0
    for index in np.argsort(starts, kind="stable").tolist():
        if int(starts[index]) - offset >= size:
            break
        offset = max(offset, int(ends[index]))
    return offset
