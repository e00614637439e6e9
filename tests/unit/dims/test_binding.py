# SPDX-License-Identifier: Apache-2.0
"""Guards, solving for the sizes of real inputs, and evaluating many sizes at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingot.dims import Guard, compile_dims, evaluate, minimum, solve, symbol
from ingot.errors import InputError, UsageError

n, past, seq = symbol("n"), symbol("past"), symbol("seq")
KINDS = {"eq": "==", "ne": "!=", "le": "<=", "lt": "<", "ge": ">=", "gt": ">"}


@pytest.mark.parametrize(
    ("shapes", "binding"),
    [
        ([("x", (n, 3), (4, 3))], {"n": 4}),
        ([("x", (2 * n,), (8,))], {"n": 4}),
        ([("x", (seq - 1,), (7,))], {"seq": 8}),
        ([("x", (past + seq,), (9,)), ("y", (seq,), (4,))], {"seq": 4, "past": 5}),
        ([("x", (n * seq,), (12,)), ("y", (n,), (3,))], {"n": 3, "seq": 4}),
        ([("x", (n // 2,), (3,)), ("y", (n,), (7,))], {"n": 7}),
        ([("x", (minimum(n, 5),), (5,)), ("y", (n + 1,), (9,))], {"n": 8}),
        ([("x", (n, n * seq), (0, 0)), ("y", (seq,), (6,))], {"n": 0, "seq": 6}),
        ([("x", (), ())], {}),
    ],
)
def test_solves(shapes, binding):
    assert solve(shapes) == binding


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            [("input 'x'", (n, 3), (4, 5))],
            "input 'x': axis 1 expects size 3, has 5 in shape (4, 5);"
            " give an array of shape (n, 3)",
        ),
        (
            [("input 'x'", (n,), (4, 5))],
            "input 'x': expects 1 dimensions, has 2 in shape (4, 5); give an array of shape (n,)",
        ),
        (
            [("input 'x'", (n,), (4,)), ("input 'y'", (n, 2), (3, 2))],
            "input 'y': axis 0 expects size n (with n=4), has 3 in shape (3, 2);"
            " give an array of shape (n, 2)",
        ),
        ([("input 'x'", (2 * n,), (7,))], "input 'x': axis 0 expects size 2*n, has 7"),
        ([("input 'x'", (n + 3,), (2,))], "input 'x': axis 0 expects size n + 3, has 2"),
        (
            [("input 'x'", (n * seq,), (12,))],
            "input 'x': size n*seq = 12 does not determine n, seq",
        ),
        (
            [("input 'x'", (n, n * seq), (0, 0))],
            "input 'x': size n*seq = 0 does not determine seq",
        ),
        ([("input 'x'", (n, n * seq), (0, 4))], "axis 1 expects size n*seq (with n=0), has 4"),
    ],
)
def test_refuses(shapes, message):
    with pytest.raises(InputError) as caught:
        solve(shapes)
    assert message in str(caught.value)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(1, 9), st.integers(-20, 20))
def test_finds_the_sizes_behind_linear_shapes(first, second, step, offset):
    a, b = symbol("a"), symbol("b")
    declared = (step * a + b + offset, step * b + offset)
    binding = {"a": first, "b": second}
    assert solve([("x", declared, [evaluate(dim, binding) for dim in declared])]) == binding


@pytest.mark.parametrize("kind", KINDS)
@given(left=st.integers(0, 5), right=st.integers(0, 5))
def test_guards_compare(kind, left, right):
    guard = Guard(kind, n + 1, 2 * seq)
    binding = {"n": left, "seq": right}
    truth = {
        "eq": left + 1 == 2 * right,
        "ne": left + 1 != 2 * right,
        "le": left + 1 <= 2 * right,
        "lt": left + 1 < 2 * right,
        "ge": left + 1 >= 2 * right,
        "gt": left + 1 > 2 * right,
    }[kind]
    assert guard.holds(binding) is truth
    point = {"n": (left, left), "seq": (right, right)}
    assert guard.decided(point) is truth


@pytest.mark.parametrize("kind", KINDS)
def test_guards_are_decided_only_where_all_sizes_agree(kind):
    guard = Guard(kind, n, seq)
    assert guard.decided({}) is None
    assert guard.decided({"n": (5, 9), "seq": (0, 4)}) is (kind in ("ne", "ge", "gt"))
    assert guard.decided({"n": (5, 9), "seq": (0, 5)}) is {"ge": True, "lt": False}.get(kind)


def test_a_broken_guard_names_node_and_sizes():
    guard = Guard("eq", n, seq, "Add 'residual' broadcasts its inputs")
    guard.check({"n": 3, "seq": 3})
    with pytest.raises(InputError) as caught:
        guard.check({"n": 3, "seq": 4})
    assert str(caught.value) == (
        "Add 'residual' broadcasts its inputs: needs n == seq, has 3 and 4 (n=3, seq=4);"
        " give inputs whose sizes agree"
    )


def test_an_unknown_guard_is_refused():
    with pytest.raises(UsageError, match="guard kind 'about': unknown"):
        Guard("about", n, 3)


def test_many_sizes_at_once():
    dims = [n, 7, n * seq, (n * seq) // 3, minimum(n, seq) + 1, n * seq]
    assert compile_dims(dims)({"n": 5, "seq": 4}) == [5, 7, 20, 6, 5, 20]


@pytest.mark.parametrize(
    ("left", "right", "answer"), [(1, 4, True), (4, 4, True), (0, 0, True), (3, 4, False)]
)
def test_a_size_stretches_where_it_is_one(left, right, answer):
    guard = Guard("stretch", symbol("a"), symbol("b"), "add 'sum': sizes")
    assert guard.holds({"a": left, "b": right}) is answer
    ranges = {"a": (left, left), "b": (right, right)}
    assert guard.decided(ranges) is answer


def test_a_stretch_that_ranges_leave_open():
    guard = Guard("stretch", symbol("a"), symbol("b"))
    assert guard.decided({"a": (1, 4), "b": (5, 8)}) is None
    assert guard.decided({"a": (2, 4), "b": (5, 8)}) is False
    assert guard.decided({"a": (2, 4), "b": (4, 8)}) is None
    with pytest.raises(InputError, match="a stretches to b, has 3 and 5"):
        guard.check({"a": 3, "b": 5})
