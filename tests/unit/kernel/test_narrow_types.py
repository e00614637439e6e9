# SPDX-License-Identifier: Apache-2.0
"""Elements of a byte and less: every code read, and every kind of number rounded to them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernel import native

from ingot import dtypes
from ingot.dtypes import (
    BFLOAT16,
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT32,
    UINT8,
    UINT32,
    DType,
)
from ingot.kernel import evaluate, expr
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Load, Var
from ingot.kernel.view import View

I0 = Var("i")
SPECS = native.host_specs()
SMALL_FLOATS = tuple(dtype for dtype in dtypes.FLOATS if dtype.bits <= 8)
SMALL_INTEGERS = tuple(dtype for dtype in dtypes.INTEGERS if dtype.bits < 8)


def casts(values: np.ndarray, source: DType, targets: list[DType], spec: str) -> None:
    """Compiled casts of `values` equal their meaning, the sign of zeros included."""
    load = Load(0, (I0,), source)
    results = [expr.cast(load, to) for to in targets]
    n = values.size
    views = tuple(
        (View.dense(f"y{k}", to, (n,)), value)
        for k, (to, value) in enumerate(zip(targets, results, strict=True))
    )
    compute = Compute(((I0, n),), (View.dense("x", source, (n,)),), views)
    found, _ = native.run(compute, spec, [values])
    nans = np.isnan(values.astype(np.float64))
    for one, value, to in zip(found, results, targets, strict=True):
        exact = evaluate.evaluate(value, evaluate.Environment([values], {"i": np.arange(n)}))
        wanted = evaluate.rounded(exact, to)
        if not to.is_float:
            np.testing.assert_array_equal(one, wanted, err_msg=str(to))
            continue
        got, want = one.astype(np.float64), wanted.astype(np.float64)
        np.testing.assert_array_equal(got, want, err_msg=str(to))
        signed = ~nans & ~np.isnan(want)
        np.testing.assert_array_equal(np.signbit(got[signed]), np.signbit(want[signed]))


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("source", SMALL_FLOATS, ids=str)
def test_every_code_of_a_small_float(spec: str, source: DType) -> None:
    codes = np.arange(1 << source.bits, dtype=np.uint8).view(source.numpy)
    targets = [to for to in (FLOAT32, FLOAT64, FLOAT16, INT8, BOOL, *SMALL_FLOATS) if to != source]
    casts(codes, source, targets, spec)


@pytest.mark.parametrize("spec", SPECS)
def test_floats_round_to_small_floats(spec: str, rng: np.random.Generator) -> None:
    halves = [
        (codes[:-1] + codes[1:]) / 2
        for dtype in SMALL_FLOATS
        for codes in [np.sort(_finite(dtype))]
    ]
    ties = np.concatenate(halves).astype(np.float32)
    near = [np.nextafter(ties, np.float32(side)) for side in (-np.inf, np.inf)]
    bits = rng.integers(0, 1 << 32, 4000, dtype=np.uint32).view(np.float32)
    spread = (rng.standard_normal(2000) * 10.0 ** rng.uniform(-6, 6, 2000)).astype(np.float32)
    special = np.array([np.inf, -np.inf, np.nan, -0.0], np.float32)
    values = np.concatenate([ties, -ties, *near, bits, spread, special])
    casts(values, FLOAT32, list(SMALL_FLOATS), spec)


@pytest.mark.parametrize("spec", SPECS)
def test_doubles_and_integers_round_once(spec: str, rng: np.random.Generator) -> None:
    """Next to a tie by less than a float32 can tell."""
    types = [FLOAT16, BFLOAT16, *SMALL_FLOATS]
    values = [np.array([1e300, -1e300, 1e-300, -1e-300, np.inf, np.nan, -0.0, 0.0])]
    for bits in (11, 8, 4, 3, 2, 1):
        ties = (1 + (rng.integers(0, 1 << 12, 40) % (1 << bits) + 0.5) * 2.0**-bits) * 2.0 ** (
            rng.integers(-9, 9, 40)
        )
        values += [ties, -ties, *(ties * (1 + side * 2.0**-40) for side in (-1, 1))]
    casts(np.concatenate(values), FLOAT64, types, spec)
    whole = np.concatenate([[2**24 + 1, 2**31 - 1, 65519, 65521, -(2**31)], 2049 + np.arange(99)])
    casts(whole.astype(np.int32), INT32, types, spec)
    near = np.array([(2**17 + 2**8) * 2**13 + side for side in (-1, 0, 1)], np.int32)
    casts(near, INT32, types, spec)


def _finite(dtype: DType) -> np.ndarray:
    values = np.arange(1 << dtype.bits, dtype=np.uint8).view(dtype.numpy).astype(np.float64)
    return np.unique(values[np.isfinite(values)])


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("source", SMALL_INTEGERS, ids=str)
def test_every_code_of_a_small_integer(spec: str, source: DType) -> None:
    low = -(1 << (source.bits - 1)) if source.is_signed else 0
    values = np.arange(low, low + (1 << source.bits)).astype(source.numpy)
    others = [to for to in SMALL_INTEGERS if to != source]
    casts(np.tile(values, 9), source, [INT8, UINT8, INT32, FLOAT32, FLOAT16, BOOL, *others], spec)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("source", [FLOAT32, FLOAT64, FLOAT16, INT32, INT8, UINT8, UINT32], ids=str)
def test_numbers_as_small_integers(spec: str, source: DType, rng: np.random.Generator) -> None:
    values = rng.uniform(-40, 40, 300) if source.is_signed else rng.uniform(0, 90, 300)
    values = values.astype(source.numpy)
    if source.is_float:
        values[:3] = np.nan, np.inf, -np.inf
    casts(values, source, list(SMALL_INTEGERS), spec)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("dtype", [dtypes.INT4, dtypes.UINT2], ids=str)
def test_bits_above_a_small_integer_do_not_count(spec: str, dtype: DType) -> None:
    stored = np.arange(256, dtype=np.uint8).view(dtype.numpy)
    casts(stored, dtype, [INT32], spec)
