# SPDX-License-Identifier: Apache-2.0
"""Index algebra: what it simplifies, decides and refuses, and that it never changes a value."""

from __future__ import annotations

import numpy as np
import pytest

from ingot.dims import symbol
from ingot.dtypes import FLOAT32, INT64
from ingot.kernel import expr
from ingot.kernel.evaluate import Environment, evaluate
from ingot.kernel.expr import Expr, Load, Size, Var
from ingot.kernel.index import Indices

A, B, C = Var("a"), Var("b"), Var("c")
N, M = symbol("n"), symbol("m")


@pytest.fixture
def indices() -> Indices:
    return Indices({A: (0, N - 1), B: (0, M - 1), C: (0, 6)})


def simplified(indices: Indices, value: Expr) -> Expr:
    return indices.expr(indices.simplify(indices.dim(value)))


def test_reshape_there_and_back_is_nothing(indices: Indices) -> None:
    flat = (A * Size(M) + B) * 7 + C
    assert simplified(indices, flat % 7) is C
    assert simplified(indices, (flat // 7) % Size(M)) is B
    assert simplified(indices, flat // (Size(M) * 7)) is A


def test_clamps_in_range_vanish(indices: Indices) -> None:
    assert simplified(indices, expr.maximum(expr.minimum(A, Size(N) - 1), 0)) is A
    kept = simplified(indices, expr.minimum(A + 1, Size(N) - 1))
    assert kept is not simplified(indices, A + 1)


def test_a_clamp_of_an_unknown_value_stays(indices: Indices) -> None:
    loaded = expr.cast(expr.floor(Load(0, (A,), FLOAT32)), INT64)
    value = expr.maximum(expr.minimum(loaded, 5), 0)
    kept = indices.rewrite(value)
    environment = Environment([np.array([-3.5, 2.2, 9.0])], {"a": np.arange(3)})
    np.testing.assert_array_equal(evaluate(kept, environment), [0, 2, 5])


def test_comparisons(indices: Indices) -> None:
    assert indices.decide("less", indices.dim(A), N) is True
    assert indices.decide("greater_equal", indices.dim(C), 7) is False
    assert indices.decide("less", indices.dim(A), M) is None
    assert indices.decide("equal", indices.dim(A), N) is False
    narrowed = indices.within({A: (M, M + 4)})
    assert narrowed.decide("less", narrowed.dim(A), M) is False


def test_slopes(indices: Indices) -> None:
    dim = indices.dim(A * Size(M * 3) + B + 5)
    assert indices.slope(dim, A) == M * 3
    assert indices.slope(dim, B) == 1
    assert indices.slope(dim, C) == 0
    assert indices.slope(indices.dim(A // 2), A) is None
    hidden = expr.checked_index(Load(0, (A,), INT64), 10) * 4 + B
    assert indices.slope(indices.dim(hidden), A) is None
    assert indices.slope(indices.dim(hidden), B) == 1


def random_index(rng: np.random.Generator, depth: int) -> Expr:
    if depth == 0:
        return (A, B, C, expr.constant(int(rng.integers(0, 5)), INT64))[rng.integers(4)]
    left, right = random_index(rng, depth - 1), random_index(rng, depth - 1)
    kind = rng.integers(7)
    if kind < 2:
        return left + right
    if kind == 2:
        return left * int(rng.integers(1, 9))
    if kind == 3:
        return expr.minimum(left, right)
    if kind == 4:
        return expr.maximum(left, right)
    divisor = int(rng.integers(1, 9))
    return left // divisor if kind == 5 else left % divisor


def test_simplification_keeps_every_value(rng: np.random.Generator) -> None:
    n, m = 5, 3
    indices = Indices({A: (0, n - 1), B: (0, m - 1), C: (0, 6)})
    grid = np.meshgrid(np.arange(n), np.arange(m), np.arange(7), indexing="ij")
    environment = Environment([], dict(zip("abc", grid, strict=True)))
    for _ in range(300):
        value = random_index(rng, 4)
        found = evaluate(indices.rewrite(value), environment)
        expected = evaluate(value, environment)
        np.testing.assert_array_equal(np.broadcast_to(found, (n, m, 7)),
                                      np.broadcast_to(expected, (n, m, 7)))  # fmt: skip
        low, high = indices.lower(indices.dim(value)), indices.upper(indices.dim(value))
        assert low is None or low <= expected.min()
        assert high is None or high >= expected.max()


def test_an_extent_that_is_no_size_where_a_symbol_is_0_says_that_it_is_at_least_1() -> None:
    n, i = symbol("n"), Var("i")
    rest = Indices({i: (0, 64 // (n // 4) - 1)})
    assert rest.decide("greater_equal", n, 1)
    assert not rest.decide("greater_equal", n, 8)
