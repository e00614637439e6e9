# SPDX-License-Identifier: Apache-2.0
"""Every scalar operator compiled, on every type, against its NumPy meaning, with special values."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernel import native

from ingot.dtypes import (
    BOOL,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    DType,
)
from ingot.kernel import evaluate, expr
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Load, Var
from ingot.kernel.operators import OPERATORS
from ingot.kernel.view import View

I0 = Var("i")
SPECS = native.host_specs()
INTEGERS = (INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64)
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, np.inf, -np.inf, np.nan, 3.0, -3.0]

# Domain of random arguments, and the bounds for float32 (in units of the last place) and float64
# (relative).
FLOAT_OPERATORS: dict[str, tuple[float, float, float, float]] = {
    "neg": (-1e3, 1e3, 0, 0),
    "abs": (-1e3, 1e3, 0, 0),
    "sign": (-1e3, 1e3, 0, 0),
    "floor": (-1e3, 1e3, 0, 0),
    "ceil": (-1e3, 1e3, 0, 0),
    "round_even": (-1e1, 1e1, 0, 0),
    "trunc": (-1e3, 1e3, 0, 0),
    "sqrt": (0, 1e3, 0.5, 2e-16),
    "rsqrt": (0, 1e3, 1.5, 4e-16),
    "reciprocal": (-1e3, 1e3, 0.5, 2e-16),
    "exp": (-110, 90, 2, 1e-15),
    "expm1": (-20, 90, 3, 2e-15),
    "log": (0, 1e6, 2, 1e-15),
    "log1p": (-0.99, 1e3, 4, 1e-15),
    "erf": (-5, 5, 8, 1e-15),
    "tanh": (-10, 10, 5, 2e-15),
    "sigmoid": (-80, 80, 4, 1e-15),
    "sin": (-1e4, 1e4, 0.6, 1e-14),
    "cos": (-1e4, 1e4, 0.6, 1e-14),
    "tan": (-1e4, 1e4, 0.6, 1e-14),
    "asin": (-1, 1, 0.6, 1e-15),
    "acos": (-1, 1, 0.6, 1e-15),
    "atan": (-1e2, 1e2, 0.6, 1e-15),
    "sinh": (-80, 80, 0.6, 2e-15),
    "cosh": (-80, 80, 0.6, 2e-15),
    "asinh": (-1e4, 1e4, 0.6, 2e-15),
    "acosh": (1, 1e4, 0.6, 2e-15),
    "atanh": (-1, 1, 0.6, 2e-15),
}
PAIRS: dict[str, tuple[float, float]] = {
    "add": (0.5, 2e-16),
    "sub": (0.5, 2e-16),
    "mul": (0.5, 2e-16),
    "div": (0.5, 2e-16),
    "minimum": (0, 0),
    "maximum": (0, 0),
    "mod": (0.6, 1e-15),
    "floor_div": (0, 0),
    "floor_mod": (0.6, 1e-15),
}


def close(found: np.ndarray, expected: np.ndarray, bound: float) -> None:
    """Within `bound` units of the last place (float32) or relatively (float64); specials equal."""
    with np.errstate(over="ignore"):
        wanted = expected.astype(found.dtype)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    finite = np.isfinite(wanted) & np.isfinite(found)
    differ = ~finite & ~np.isnan(wanted)
    np.testing.assert_array_equal(found[differ], wanted[differ])
    error = np.abs(found[finite].astype(np.float64) - expected[finite])
    if found.dtype == np.float32:
        unit = np.spacing(np.maximum(np.abs(wanted[finite]), np.float32(1e-38))).astype(np.float64)
        worst = np.max(error / unit, initial=0)
    else:
        worst = np.max(error / np.maximum(np.abs(expected[finite]), 1e-300), initial=0)
    where = np.argmax(error) if error.size else 0
    assert worst <= bound, f"{worst} > {bound} near {expected[finite].flat[where]}"


def compiled(
    op: str, dtype: DType, arrays: list[np.ndarray], spec: str
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    loads = [Load(k, (I0,), one) for k, one in enumerate(_types(op, dtype, arrays))]
    (found,), (exact,), status = together([expr.apply(op, *loads)], arrays, loads, spec)
    return found, exact, status


def together(
    values: list[expr.Expr], arrays: list[np.ndarray], loads: list[Load], spec: str
) -> tuple[list[np.ndarray], list[np.ndarray], list[int]]:
    """One kernel with all `values` as results; their exact values; the status."""
    n = arrays[0].size
    views = tuple(View.dense(f"x{k}", load.dtype, (n,)) for k, load in enumerate(loads))
    results = tuple(
        (View.dense(f"y{k}", value.dtype, (n,)), value) for k, value in enumerate(values)
    )
    found, status = native.run(Compute(((I0, n),), views, results), spec, arrays)
    environment = evaluate.Environment(arrays, {"i": np.arange(n)})
    return found, [evaluate.evaluate(value, environment) for value in values], status


def _types(op: str, dtype: DType, arrays: list[np.ndarray]) -> list[DType]:
    return [BOOL if array.dtype == np.bool_ else dtype for array in arrays]


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=str)
@pytest.mark.parametrize("op", FLOAT_OPERATORS)
def test_function(spec: str, rng: np.random.Generator, op: str, dtype: DType) -> None:
    low, high, single, double = FLOAT_OPERATORS[op]
    n = 4000
    small = 10.0 ** rng.uniform(-8, 0, n) * rng.choice([-1.0, 1.0], n)
    values = np.concatenate([rng.uniform(low, high, n), small, SPECIAL]).astype(dtype.numpy)
    found, exact, status = compiled(op, dtype, [values], spec)
    assert status == [0, 0, 0]
    close(found, exact, single if dtype == FLOAT32 else double)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("op", ["exp", "log", "sqrt", "expm1", "log1p", "sinh", "tanh", "erf"])
def test_extremes(spec: str, rng: np.random.Generator, op: str) -> None:
    tiny = np.float32(1e-45)
    values = np.concatenate([
        [tiny, 7 * tiny, 1e-40, 1.1754944e-38, 3.4e38, -3.4e38, 88.72, 88.73, -87.3, -87.4],
        [-103.9, -104.1, 89.5, 710.0, -745.0, -1e30, 1e30],
        10.0 ** rng.uniform(-44, 38, 500),
    ]).astype(np.float32)  # fmt: skip
    found, exact, _ = compiled(op, FLOAT32, [values], spec)
    close(found, exact, 8 if op == "erf" else 4)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=str)
@pytest.mark.parametrize("op", PAIRS)
def test_pair(spec: str, rng: np.random.Generator, op: str, dtype: DType) -> None:
    grid = np.array(np.meshgrid(SPECIAL, SPECIAL)).reshape(2, -1)
    a = np.concatenate([rng.standard_normal(2000) * 100, grid[0]]).astype(dtype.numpy)
    b = np.concatenate([rng.standard_normal(2000) * 7, grid[1]]).astype(dtype.numpy)
    found, exact, _ = compiled(op, dtype, [a, b], spec)
    if op == "floor_div":
        with np.errstate(all="ignore"):
            quotient = (a / b).astype(dtype.numpy)
        exact = np.floor(quotient).astype(np.float64)
    close(found, exact, PAIRS[op][0 if dtype == FLOAT32 else 1])


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64], ids=str)
def test_power(spec: str, rng: np.random.Generator, dtype: DType) -> None:
    more = [*SPECIAL, 0.3, -7.0, 1e-3, 1.5, 101.0]
    grid = np.array(np.meshgrid(more, more)).reshape(2, -1)
    a = np.concatenate([rng.uniform(0, 50, 3000), grid[0]]).astype(dtype.numpy)
    b = np.concatenate([rng.uniform(-20, 20, 3000), grid[1]]).astype(dtype.numpy)
    found, exact, _ = compiled("pow", dtype, [a, b], spec)
    close(found, exact, 0.6 if dtype == FLOAT32 else 4e-14)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64, *INTEGERS, BOOL], ids=str)
def test_comparisons(spec: str, rng: np.random.Generator, dtype: DType) -> None:
    a, b = _integers(rng, dtype, 300), _integers(rng, dtype, 300)
    b[::3] = a[::3]
    if dtype.is_float:
        a[:13], b[13:26] = SPECIAL, SPECIAL
    loads = [Load(k, (I0,), dtype) for k in range(2)]
    names = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
    found, exact, _ = together([expr.apply(op, *loads) for op in names], [a, b], loads, spec)
    np.testing.assert_array_equal(found, exact)


def _integers(rng: np.random.Generator, dtype: DType, n: int) -> np.ndarray:
    if dtype == BOOL:
        return rng.random(n) < 0.5
    if dtype.is_float:
        return (rng.standard_normal(n) * 10).astype(dtype.numpy)
    limits = np.iinfo(dtype.numpy)
    edges = [limits.min, limits.max, 0, 1, limits.max - 1, limits.min + 1, 2, 7]
    values = rng.integers(limits.min, limits.max, n, dtype=dtype.numpy, endpoint=True)
    values[: len(edges)] = edges
    return rng.permutation(values)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_integer_operators(spec: str, rng: np.random.Generator, dtype: DType) -> None:
    names = [
        name
        for name, row in OPERATORS.items()
        if row.domain in ("number", "integer") and row.result == "same"
    ]
    for op in names:
        arrays = [_integers(rng, dtype, 200) for _ in range(OPERATORS[op].arity)]
        if op in ("div", "mod", "floor_div", "floor_mod"):
            arrays[1][arrays[1] == 0] = 3
            if dtype.is_signed:
                arrays[0][0], arrays[1][0] = np.iinfo(dtype.numpy).min, -1
        if op.startswith("shift"):
            arrays[1] = rng.integers(0, dtype.bits + 3, 200).astype(dtype.numpy)
        if op == "pow":
            arrays[1] = rng.integers(-3 if dtype.is_signed else 0, 9, 200).astype(dtype.numpy)
        found, exact, status = compiled(op, dtype, arrays, spec)
        assert status == [0, 0, 0]
        np.testing.assert_array_equal(found, exact, err_msg=op)


@pytest.mark.parametrize("spec", SPECS)
def test_logic(spec: str, rng: np.random.Generator) -> None:
    for op in ("logical_and", "logical_or", "logical_xor", "logical_not"):
        arrays = [rng.random(100) < 0.5 for _ in range(OPERATORS[op].arity)]
        found, exact, _ = compiled(op, BOOL, arrays, spec)
        np.testing.assert_array_equal(found, exact)
    for op in ("is_nan", "is_inf"):
        values = np.array(SPECIAL, np.float32)
        found, exact, _ = compiled(op, FLOAT32, [values], spec)
        np.testing.assert_array_equal(found, exact)


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("source", [FLOAT32, FLOAT64, *INTEGERS, BOOL], ids=str)
def test_casts(spec: str, rng: np.random.Generator, source: DType) -> None:
    values = _integers(rng, source, 100)
    if source.is_float:
        wide = rng.standard_normal(100) * 10.0 ** rng.integers(0, 20, 100)
        values = np.concatenate([values, wide, SPECIAL]).astype(source.numpy)
    load = Load(0, (I0,), source)
    types = [to for to in (FLOAT32, FLOAT64, *INTEGERS, BOOL) if to != source]
    found, exact, _ = together([expr.cast(load, to) for to in types], [values], [load], spec)
    for one, other, to in zip(found, exact, types, strict=True):
        np.testing.assert_array_equal(one, other.astype(to.numpy), err_msg=str(to))


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64, INT8, INT64, BOOL], ids=str)
def test_where(spec: str, rng: np.random.Generator, dtype: DType) -> None:
    flags = rng.random(77) < 0.5
    a, b = _integers(rng, dtype, 77), _integers(rng, dtype, 77)
    found, exact, _ = compiled("where", dtype, [flags, a, b], spec)
    np.testing.assert_array_equal(found, exact)


def test_every_operator_is_tested() -> None:
    tested = {*FLOAT_OPERATORS, *PAIRS, "pow", "where", "cast", "is_nan", "is_inf", "fma"}
    tested |= {"index", "wrapped_index"}
    rest = {
        name
        for name, row in OPERATORS.items()
        if row.domain in ("float", "number") and name not in tested
    }
    assert rest == set()
