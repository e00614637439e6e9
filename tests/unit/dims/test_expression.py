# SPDX-License-Identifier: Apache-2.0
"""Symbolic sizes against plain integer arithmetic, and the cancellations that shapes rely on."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingot.dims import (
    Dim,
    Expression,
    bounds,
    ceil_div,
    compile_dims,
    evaluate,
    is_multiple,
    maximum,
    minimum,
    parse,
    product,
    substitute,
    symbol,
    symbols,
)
from ingot.errors import ResourceError, ShapeError, UsageError

n, k, b, h = symbol("n"), symbol("k"), symbol("b"), symbol("h")
NAMES = ("n", "k", "b")

# A formula is a tree of plain tuples, so that ints and sizes evaluate it each in their own way.
leaves = st.one_of(st.integers(-9, 40), st.sampled_from(NAMES))
formulas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "min", "max"]), inner, inner),
        st.tuples(st.sampled_from(["//", "%"]), inner, st.integers(1, 12) | inner),
    ),
    max_leaves=8,
)
bindings = st.fixed_dictionaries({name: st.integers(0, 60) for name in NAMES})


def by_ints(formula, binding):
    """The formula in plain ints; raises ZeroDivisionError."""
    if isinstance(formula, str):
        return binding[formula]
    if isinstance(formula, int):
        return formula
    sign, left, right = formula
    left, right = by_ints(left, binding), by_ints(right, binding)
    return {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "//": lambda: left // right,
        "%": lambda: left % right,
        "min": lambda: min(left, right),
        "max": lambda: max(left, right),
    }[sign]()


def as_dim(formula) -> Dim:
    if isinstance(formula, str):
        return symbol(formula)
    if isinstance(formula, int):
        return formula
    sign, left, right = formula
    left, right = as_dim(left), as_dim(right)
    if sign in ("min", "max"):
        return minimum(left, right) if sign == "min" else maximum(left, right)
    if sign in ("//", "%"):
        return left // right if sign == "//" else left % right
    return left + right if sign == "+" else left - right if sign == "-" else left * right


def built(formula) -> Dim | None:
    """The size, or None where a divisor is provably zero."""
    try:
        return as_dim(formula)
    except (ShapeError, ZeroDivisionError):
        return None


def value_of(formula, binding) -> int | None:
    try:
        return by_ints(formula, binding)
    except ZeroDivisionError:
        return None


@given(formulas, bindings)
def test_sizes_compute_what_ints_compute(formula, binding):
    dim, expected = built(formula), value_of(formula, binding)
    if dim is None or expected is None:
        return
    assert evaluate(dim, binding) == expected
    assert compile_dims([dim, dim])(binding) == [expected, expected]
    assert substitute(dim, binding) == expected


@given(formulas)
def test_text_parses_back_to_the_same_size(formula):
    dim = built(formula)
    if dim is not None:
        assert parse(str(dim)) == dim
        assert str(parse(str(dim))) == str(dim)
        assert pickle.loads(pickle.dumps(dim)) == dim


@given(formulas, st.dictionaries(st.sampled_from(NAMES), formulas, max_size=2), bindings)
def test_substitution_commutes_with_evaluation(formula, replaced, binding):
    dim = built(formula)
    values = {name: built(inner) for name, inner in replaced.items()}
    if dim is None or any(value is None for value in values.values()):
        return
    try:
        inner = {name: evaluate(value, binding) for name, value in values.items()}
        expected = evaluate(dim, binding | inner)
        if min(inner.values(), default=0) >= 0:
            assert evaluate(substitute(dim, values), binding) == expected
    except ShapeError:
        return


@given(formulas, st.data())
def test_bounds_hold_for_every_value_in_range(formula, data):
    dim = built(formula)
    if dim is None:
        return
    ranges, binding = {}, {}
    for name in NAMES:
        low = data.draw(st.integers(0, 20))
        high = data.draw(st.none() | st.integers(low, low + 20))
        ranges[name] = (low, high)
        binding[name] = data.draw(st.integers(low, low + 40 if high is None else high))
    value = value_of(formula, binding)
    if value is None:
        return
    low, high = bounds(dim, ranges)
    assert (low is None or low <= value) and (high is None or value <= high)
    for factor in (2, 3, 8):
        if is_multiple(dim, factor, ranges):
            assert value % factor == 0


@given(formulas, formulas, formulas)
def test_ring_laws_hold_as_equality_of_forms(first, second, third):
    a, b, c = built(first), built(second), built(third)
    if a is None or b is None or c is None:
        return
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert a * b == b * a
    assert (a + b) * c == a * c + b * c
    assert a - a == 0 and isinstance(a - a, int)
    assert hash(a + b) == hash(b + a)


@given(formulas, formulas)
def test_a_product_divides_exactly(first, second):
    a, b = built(first), built(second)
    if a is None or b is None or b == 0:
        return
    assert (a * b) // b == a
    assert (a * b) % b == 0


@pytest.mark.parametrize(
    ("dim", "expected"),
    [
        ((2 * n) // 2, n),
        ((n * k) % k, 0),
        ((n * 768) // 12, 64 * n),
        ((n * 768 + 5) // 12, 64 * n),
        ((n - 1) // 2 + 1, (n + 1) // 2),
        (((n - 1) // 2 + 1 - 1) // 2 + 1, (n + 3) // 4),
        (n // 4 * 4 + n % 4, n),
        ((n % 8) % 4, n % 4),
        ((2 * n) % 4, 2 * (n % 2)),
        ((6 * n + 3) // 4, n + (2 * n + 3) // 4),
        (product([b, n + k, 768]) // (b * (n + k)), 768),
        (product([b, n, 12, 64]) // (b * n * 768), 1),
        ((n * k) // (2 * k), n // 2),
        (ceil_div(4 * n, 4), n),
        ((n * k + n) // (k + 1), n),
        (minimum(n, 2**63 - 1), n),
        (minimum(2**63 - 1, n), n),
        (maximum(n, 0), n),
        (maximum(n, -(2**63)), n),
        (minimum(n + 1, n + 3), n + 1),
        (maximum(maximum(n, k), n), maximum(k, n)),
        (maximum(n + 1, k + 1), maximum(n, k) + 1),
        (maximum(maximum(n, 4) + 1, 5), maximum(n, 4) + 1),
        (minimum(n // 2, n), n // 2),
        (n - n, 0),
    ],
    ids=str,
)
def test_cancellation(dim, expected):
    assert dim == expected
    assert type(dim) is type(expected)


@pytest.mark.parametrize(
    ("dim", "text"),
    [
        (n + 1, "n + 1"),
        (2 * n * k - 3, "2*k*n - 3"),
        (-n, "-n"),
        (1 - n, "-n + 1"),
        ((n + 1) // 2 * 3, "3*((n + 1)//2)"),
        (n // k, "(n//k)"),
        (minimum(n, 5) * k, "k*min(n, 5)"),
        (n * n, "n*n"),
        (symbol("batch size") + 1, '"batch size" + 1'),
        (symbol("min"), '"min"'),
        (symbol('a"b'), '"a\\"b"'),
    ],
)
def test_text(dim, text):
    assert str(dim) == text
    assert parse(text) == dim


@pytest.mark.parametrize(
    ("dim", "ranges", "expected"),
    [
        (n % 4, {}, (0, 3)),
        (n - n // 2, {}, (0, None)),
        (n - n // 2, {"n": (3, 9)}, (2, 5)),
        (n * k - n, {"k": (1, None)}, (0, None)),
        (minimum(n, 5), {"n": (2, None)}, (2, 5)),
        (maximum(n, 5) - n, {}, (0, 5)),
        (n * k, {"n": (2, 3), "k": (4, 5)}, (8, 15)),
        (n // k, {"n": (10, 20), "k": (2, 5)}, (2, 10)),
        (n // k, {}, (0, None)),
        (n - k, {}, (None, None)),
        (7, {}, (7, 7)),
    ],
    ids=str,
)
def test_bounds_are_tight(dim, ranges, expected):
    assert bounds(dim, ranges) == expected


def test_multiples_are_proved():
    assert is_multiple(8 * n + 16, 8, {})
    assert not is_multiple(8 * n + 4, 8, {})
    assert is_multiple(n * k, 6, {"n": (6, 6)})
    assert not is_multiple(n, 2, {})
    assert is_multiple(12, 4, {})


def test_ints_stay_ints_and_numpy_ints_mix_in():
    assert type(minimum(3, 4)) is int
    assert n + np.int64(3) == n + 3
    assert np.int64(3) * n == 3 * n
    assert isinstance(np.int64(3) * n, Expression)
    with pytest.raises(TypeError):
        n * 0.5
    with pytest.raises(TypeError):
        np.zeros((n,))


def test_symbols_are_reported():
    assert symbols(n * k + h // 2) == {"n", "k", "h"}
    assert symbols(3) == frozenset()


def test_a_zero_divisor_is_an_error_with_the_size_in_it():
    with pytest.raises(ShapeError, match=r"size n//0: the divisor is zero"):
        n // 0
    with pytest.raises(ShapeError, match=r"size \(n//k\): the divisor is zero"):
        evaluate(n // k, {"n": 3, "k": 0})


def test_values_beyond_64_bits_are_errors():
    huge = product([n] * 8)
    for run in (lambda: evaluate(huge, {"n": 10**9}), lambda: compile_dims([huge])({"n": 10**9})):
        with pytest.raises(ShapeError, match="does not fit 64 bits"):
            run()


def test_an_unbound_symbol_is_an_error():
    for run in (lambda: evaluate(n, {}), lambda: compile_dims([n])({})):
        with pytest.raises(UsageError, match="size 'n': it has no value"):
            run()


def test_products_do_not_explode():
    wide = sum((symbol(f"s{i}") for i in range(80)), start=0)
    with pytest.raises(ResourceError, match="over 4096 terms"):
        wide * wide


def test_bounds_of_a_size_of_which_parts_return_again_and_again() -> None:
    size: Dim = symbol("h")
    for _ in range(10):
        size = (size + 1) // 2 + size // 2 + size // 3
    assert bounds(size, {"h": (7, 7)}) == (evaluate(size, {"h": 7}),) * 2
    low, high = bounds(size - 3, {"h": (1, 100)})
    exact = [evaluate(size - 3, {"h": h}) for h in range(1, 101)]
    assert low is not None and low <= min(exact)
    assert high is not None and high >= max(exact)
