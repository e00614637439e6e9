# SPDX-License-Identifier: Apache-2.0
"""Cutting work into chunks."""

import pytest

from ingot.spec import by_name
from ingot.targets.cpu.split import chunk_size, work_seconds

LONG = 1e-3


def test_one_thread_takes_all_at_once() -> None:
    assert chunk_size(1000, 1, 1, LONG) == 1000


@pytest.mark.parametrize("threads", [2, 3, 8, 64])
@pytest.mark.parametrize("grain", [1, 6, 32])
def test_long_work_is_cut_into_a_few_chunks_for_each_thread(rng, threads, grain) -> None:
    for extent in rng.integers(1, 100_000, 50).tolist():
        chunk = chunk_size(extent, grain, threads, LONG)
        chunks = -(-extent // chunk)
        assert chunk % grain == 0 or chunk >= extent
        assert chunks <= 16 * threads
        if extent >= 4 * threads * grain and threads <= 8:
            assert chunks > 2 * threads


def test_work_that_is_done_at_once_is_not_cut() -> None:
    assert chunk_size(1000, 1, 8, 1e-6) == 1000


def test_short_work_is_cut_into_few_chunks() -> None:
    assert -(-1000 // chunk_size(1000, 1, 64, 20e-6)) == 10
    assert -(-1000 // chunk_size(1000, 1, 2, 20e-6)) == 4


def test_work_of_unknown_length_is_cut() -> None:
    assert -(-1000 // chunk_size(1000, 1, 2, 0.0)) == 32


def test_nothing_to_do_is_no_division_by_zero() -> None:
    assert chunk_size(0, 0, 4, 0.0) == 1


def test_estimates_grow_with_the_work() -> None:
    spec = by_name("avx2")
    assert work_seconds(0, 0, spec) == 0
    assert work_seconds(10**9, 0, spec) == pytest.approx(2 * work_seconds(5 * 10**8, 0, spec))
    # A gigaflop takes one AVX2 core between 5 and 50 ms.
    assert 5e-3 < work_seconds(10**9, 0, spec) < 50e-3
    assert work_seconds(0, 16 * 10**9, spec) == pytest.approx(1.0)
