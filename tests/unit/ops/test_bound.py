# SPDX-License-Identifier: Apache-2.0
"""Bounds: what they accept, and what they must never accept."""

from __future__ import annotations

import numpy as np

from ingot.dtypes import BFLOAT16, FLOAT32, INT32
from ingot.ops import OPS, Bound

F = np.float32


def test_equal_arrays_have_no_excess() -> None:
    x = np.array([1.0, np.nan, np.inf, -np.inf, -0.0], F)
    assert Bound().excess(x, np.array([1.0, np.nan, np.inf, -np.inf, 0.0], F)) == 0


def test_wrong_kind_shape_or_special_value_is_infinite() -> None:
    want = np.array([1.0, np.nan, np.inf], F)
    loose = Bound(relative=1e6, absolute=1e6)
    assert loose.excess(want.astype(np.float64), want) == np.inf
    assert loose.excess(want[:2], want) == np.inf
    for wrong in ([1.0, 2.0, np.inf], [1.0, np.nan, 3e38], [np.nan, np.nan, np.inf]):
        assert loose.excess(np.array(wrong, F), want) == np.inf


def test_scaling_by_epsilon() -> None:
    assert Bound(relative=2).scaled(FLOAT32).relative == 2 * 2.0**-23
    assert Bound(relative=2).scaled(BFLOAT16).relative == 2 * 2.0**-7
    assert Bound(relative=2, absolute=3, norm=4).scaled(INT32) == Bound()


def test_excess_counts_in_bounds() -> None:
    want = np.array([1.0, 100.0], F)
    got = np.array([1.0, 100.001], F)
    assert np.isclose(Bound(relative=1e-5).excess(got, want), 1.0, rtol=0.02)
    assert np.isclose(Bound(norm=1e-5).excess(np.array([1.002, 100.0], F), want), 2.0, rtol=0.02)


def test_no_bound_of_the_table_accepts_zeros() -> None:
    rng = np.random.default_rng(0)
    want = rng.uniform(0.5, 2.0, 100)
    for op in OPS.values():
        for dtype in (FLOAT32, BFLOAT16):
            values = want.astype(dtype.numpy)
            assert op.bound(dtype).excess(np.zeros_like(values), values) > 1, op.name
