# SPDX-License-Identifier: Apache-2.0
"""Paired measurements: turns, intervals, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ingot.cli.measure import (
    Times,
    clock,
    compare,
    interleave,
    l2_error,
    largest_error,
    order_statistic,
)


def test_engines_take_turns():
    calls = []
    ticks = iter(range(1000))
    engines = {name: (lambda name=name: calls.append(name)) for name in "ab"}
    times = interleave(engines, 3, lambda: next(ticks), warmup=1)
    assert "".join(calls) == "ab" + "aabb" + "bbaa" + "aabb"
    assert times["a"].seconds == (1, 1, 1)


@pytest.mark.parametrize(
    ("count", "skip"), [(15, 3), (16, 3), (20, 5), (25, 7), (30, 9), (50, 17), (100, 39)]
)
def test_order_statistics_cover_95_percent(count, skip):
    """Tables of the sign test: the interval leaves out at most 2.5 % on each side."""
    assert order_statistic(count) == skip

    def tail(k):
        return sum(math.comb(count, i) for i in range(k)) / 2**count

    assert tail(skip + 1) <= 0.025 < tail(skip + 2)


def test_the_interval_covers_the_median_of_noisy_ratios():
    random = np.random.default_rng(11)
    inside = 0
    for _ in range(400):
        ours = Times(tuple(random.lognormal(0, 0.1, 15)))
        peer = Times(tuple(1.2 * random.lognormal(0, 0.1, 15)))
        ratio = compare(ours, peer)
        assert ratio.low <= ratio.median <= ratio.high
        inside += ratio.low <= 1.2 <= ratio.high
    assert 370 <= inside <= 400


def test_clocks():
    assert clock(1) is not clock(2)
    assert str(compare(Times((1.0,) * 15), Times((2.0,) * 15))) == "2.00x [2.00, 2.00]"


def test_errors():
    expected = np.array([3.0, 4.0, np.inf, np.nan])
    assert l2_error(np.array([3.0, 4.5, np.inf, np.nan]), expected) == pytest.approx(0.1)
    assert largest_error(np.array([3.0, 4.5, np.inf, np.nan]), expected) == 0.5
    assert l2_error(np.array([3.0, 4.0, 9.0, np.nan]), expected) == math.inf
    assert largest_error(np.array([3.0, 4.0, 9.0, np.nan]), expected) == math.inf
    assert l2_error(np.array([np.nan, 4.0, np.inf, np.nan]), expected) == math.inf
    assert l2_error(np.zeros(3), np.zeros(2)) == math.inf
    assert l2_error(np.array([0.5]), np.array([0.0])) == 0.5
    assert l2_error(np.zeros(4, np.float32), np.ones(4, np.float32)) == 1.0
