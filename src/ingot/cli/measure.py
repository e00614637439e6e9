# SPDX-License-Identifier: Apache-2.0
"""Paired measurements: two engines take turns in one process, and the ratio of each pair counts.

One thread is measured in process CPU time, which a busy machine does not change; more threads in
wall time. The result is the median ratio with a 95 % interval from order statistics, which assumes
nothing about how times are distributed.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from ingot.ir.graph import Array

Run = Callable[[], object]
CONFIDENCE: Final = 0.95
LEAST_PAIRS: Final = 15
# Threads of other runtimes go on spinning for about 20 ms after a run.
PAUSE: Final = 0.04


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each run of one engine."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half of the runs took at most this long."""
        return statistics.median(self.seconds)

    @property
    def best(self) -> float:
        """The fastest run."""
        return min(self.seconds)

    def document(self) -> dict[str, Any]:
        """Milliseconds as JSON values."""
        return {"median_ms": self.median * 1e3, "best_ms": self.best * 1e3}


@dataclass(frozen=True, slots=True)
class Ratio:
    """A peer's time over ours, pair by pair: over 1 where ours is faster."""

    median: float
    low: float
    high: float
    pairs: int

    def document(self) -> dict[str, Any]:
        """The ratio as JSON values."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.median:.2f}x [{self.low:.2f}, {self.high:.2f}]"


def clock(threads: int) -> Callable[[], float]:
    """Process CPU time for one thread, wall time for more."""
    return time.process_time if threads == 1 else time.perf_counter


def interleave(
    engines: Mapping[str, Run],
    rounds: int,
    now: Callable[[], float],
    warmup: int = 2,
    pause: float = PAUSE,
) -> dict[str, Times]:
    """Run all engines in turn, `rounds` times; the order turns around every round.

    A pause, in seconds, lets the threads of the engine before go to sleep, and a run that is not
    measured brings the engine's own data back into the caches: what is measured is a steady state.
    """
    for run in engines.values():
        for _ in range(warmup):
            run()
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    order = list(engines)
    for _ in range(rounds):
        for name in order:
            time.sleep(pause)
            engines[name]()
            start = now()
            engines[name]()
            seconds[name].append(now() - start)
        order.reverse()
    return {name: Times(tuple(taken)) for name, taken in seconds.items()}


def compare(ours: Times, peer: Times) -> Ratio:
    """The median of the peer's time over ours, with its interval."""
    ratios = sorted(theirs / mine for mine, theirs in zip(ours.seconds, peer.seconds, strict=True))
    skip = order_statistic(len(ratios))
    return Ratio(statistics.median(ratios), ratios[skip], ratios[-1 - skip], len(ratios))


def order_statistic(count: int) -> int:
    """How many of `count` sorted values lie outside a 95 % interval of the median, on each side."""
    outside = 0.0
    for skip in range(count // 2):
        outside += math.comb(count, skip) / 2.0**count
        if 2 * outside > 1 - CONFIDENCE:
            return max(skip - 1, 0)
    return max(count // 2 - 1, 0)


def l2_error(found: Array, expected: Array) -> float:
    """The L2 norm of the difference over that of `expected`; infinite where one is not finite.

    Elements that are equal infinities or both NaN count as equal.
    """
    if found.shape != expected.shape:
        return math.inf
    mine, theirs = found.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
    finite = np.isfinite(theirs)
    if not np.array_equal(mine[~finite], theirs[~finite], equal_nan=True):
        return math.inf
    difference = np.linalg.norm(mine[finite] - theirs[finite])
    scale = np.linalg.norm(theirs[finite])
    error = float(difference / scale if scale else difference)
    return error if math.isfinite(error) else math.inf


def largest_error(found: Array, expected: Array) -> float:
    """The largest absolute difference; infinite where only one is finite."""
    if found.shape != expected.shape:
        return math.inf
    mine, theirs = found.astype(np.float64), expected.astype(np.float64)
    with np.errstate(invalid="ignore"):
        difference = np.abs(mine - theirs)
    same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
    difference = np.where(same, 0.0, np.where(np.isnan(difference), np.inf, difference))
    return float(difference.max(initial=0.0))
