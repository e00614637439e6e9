# SPDX-License-Identifier: Apache-2.0
"""Scalar expressions: interning, typing, simplification, traversal, evaluation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ingot.dims import symbol
from ingot.dtypes import BOOL, FLOAT16, FLOAT32, INT8, INT32, INT64, UINT8
from ingot.errors import GraphError, RunError
from ingot.kernel import expr
from ingot.kernel.evaluate import Environment, evaluate
from ingot.kernel.expr import Acc, Const, Load, Reduce, Size, Var

X, Y = Load(0, (Var("i"),), FLOAT32), Load(1, (Var("i"),), FLOAT32)


def test_equal_expressions_are_one_object() -> None:
    assert expr.exp(X) * 0.5 + Y is expr.exp(X) * 0.5 + Y
    assert expr.constant(0.0, FLOAT32) is not expr.constant(-0.0, FLOAT32)
    assert expr.constant(math.nan, FLOAT32) is expr.constant(math.nan, FLOAT32)
    with pytest.raises(AttributeError, match="immutable"):
        X.dtype = INT8


def test_types_are_checked() -> None:
    with pytest.raises(GraphError, match="'add': arguments differ in type"):
        X + expr.cast(Y, INT32)
    with pytest.raises(GraphError, match="'exp': takes float types, not int64"):
        expr.exp(Var("i"))
    with pytest.raises(GraphError, match="'where': condition is float32"):
        expr.where(X, X, Y)
    with pytest.raises(GraphError, match="'sinc': unknown"):
        expr.apply("sinc", X)
    with pytest.raises(OverflowError, match="256"):
        expr.constant(256, UINT8)
    assert (X < 1.0).dtype == BOOL
    assert expr.where(X < Y, 1.0, X).dtype == FLOAT32


def test_sizes_and_integers_fold() -> None:
    i, n = Var("i"), symbol("n")
    assert Size(n) * 2 + Size(n) is Size(n * 3)
    assert i * 1 + 0 is i
    assert (i * 0) is Const(0, INT64)
    assert (Size(4) < 5) is Const(True, BOOL)
    assert expr.where(Size(4) < 5, X, Y) is X
    assert ((X < Y) & (Size(4) < 5)) is (X < Y)


def test_float_identities_stay_exact() -> None:
    assert X + 0.0 is not X
    assert X * 1.0 is X
    assert X * 0.0 is not expr.constant(0.0, FLOAT32)


def test_free_variables_and_substitution() -> None:
    i, k = Var("i"), Var("k")
    total = Reduce("sum", ((k, 4),), Load(0, (i, k), FLOAT32))
    assert expr.free_variables(total * X) == {i}
    moved = expr.substitute(total, {i: i + 1})
    assert moved is Reduce("sum", ((k, 4),), Load(0, (i + 1, k), FLOAT32))


def test_deep_chains_do_not_recurse() -> None:
    value: expr.Expr = X
    for _ in range(5000):
        value = value * 1.5 + 0.25
    array = np.ones(2)
    assert expr.substitute(value, {Var("i"): Var("j")}) is not value
    found = evaluate(value, Environment([array * 0 - 0.5], {"i": np.arange(2)}))
    np.testing.assert_array_equal(found, [-0.5, -0.5])


def value_of(value: expr.Expr, *operands: np.ndarray, **variables: int) -> object:
    return evaluate(value, Environment(operands, variables, {"n": 5})).item()


def test_integer_meaning() -> None:
    def number(value: int) -> expr.Expr:
        return Load(0, (expr.constant(value, INT64),), INT8)

    data = np.array([-128, 127, -7, 2, -1], np.int8)
    assert value_of(number(0) / number(4), data) == -128
    assert value_of(number(2) / number(3), data) == -3
    assert value_of(number(2) // number(3), data) == -4
    assert value_of(number(2) % number(3), data) == 1
    assert value_of(expr.mod(number(2), number(3)), data) == -1
    assert value_of(number(1) + number(3), data) == -127
    with pytest.raises(RunError, match="divisor is 0"):
        value_of(number(0) / number(1), np.array([1, 0], np.int8))


def test_casts() -> None:
    def cast(value: float, to: object) -> object:
        zero = expr.constant(0, INT64)
        source = np.array([value], np.float64)
        return value_of(expr.cast(Load(0, (zero,), FLOAT32), to), source)

    assert cast(300.7, INT8) == 127
    assert cast(-1e30, INT64) == -(2**63)
    assert cast(1e30, INT64) == 2**63 - 1
    assert cast(math.nan, INT32) == 0
    assert cast(-5.0, UINT8) == 0
    assert cast(0.1, FLOAT16) == float(np.float16(0.1))
    assert cast(0.0, BOOL) is False


def test_checked_index() -> None:
    zero = expr.constant(0, INT64)
    at = expr.checked_index(Load(0, (zero,), INT64), symbol("n"))
    assert value_of(at, np.array([-2])) == 3
    with pytest.raises(RunError, match="index 5: out of range for an axis of size 5"):
        value_of(at, np.array([5]))
    plain = expr.checked_index(Load(0, (zero,), INT64), 5, wrap=False)
    with pytest.raises(RunError, match="index -1"):
        value_of(plain, np.array([-1]))


def test_accumulator() -> None:
    value = expr.maximum(Acc(FLOAT32) + X, 0.0)
    environment = Environment([np.array([1.0, -9.0])], {"i": np.arange(2)}, {}, np.array([2.0, 2]))
    np.testing.assert_array_equal(evaluate(value, environment), [3.0, 0.0])
