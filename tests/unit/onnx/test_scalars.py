# SPDX-License-Identifier: Apache-2.0
"""Symbolic element arithmetic gives what plain numbers give, wherever its guards hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingot.dims import Dim, Expression, evaluate, symbol
from ingot.dtypes import FLOAT32, INT64
from ingot.ir.graph import SymbolRange
from ingot.onnx.scalars import Arithmetic, Undecided
from ingot.onnx.tensor import Ratio

NAMES = ("a", "b")
RANGES = {name: SymbolRange(0, None) for name in NAMES}
Tree = Any

leaves = st.one_of(st.sampled_from(NAMES), st.integers(-9, 9))
trees = st.recursive(
    leaves,
    lambda inner: st.tuples(
        st.sampled_from(("add", "sub", "mul", "div", "mod", "minimum", "maximum")), inner, inner
    ),
    max_leaves=6,
)


def truncated(a: int, b: int) -> int:
    return int(math.copysign(1, a * b)) * (abs(a) // abs(b))


NUMBERS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": truncated,
    "mod": lambda a, b: int(np.mod(a, b)),
    "minimum": min,
    "maximum": max,
}


def symbolic(tree: Tree, arithmetic: Arithmetic) -> Any:
    if isinstance(tree, tuple):
        op, left, right = tree
        return getattr(arithmetic, op)(symbolic(left, arithmetic), symbolic(right, arithmetic))
    return symbol(tree) if isinstance(tree, str) else tree


def numeric(tree: Tree, binding: dict[str, int]) -> int:
    if isinstance(tree, tuple):
        op, left, right = tree
        return NUMBERS[op](numeric(left, binding), numeric(right, binding))
    return binding[tree] if isinstance(tree, str) else tree


@given(trees, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=8, max_size=8))
def test_integers(tree: Tree, sizes: list[tuple[int, int]]) -> None:
    demands: list[Dim] = []
    try:
        found = symbolic(tree, Arithmetic(INT64, RANGES, demands.append))
    except (Undecided, ZeroDivisionError):
        return
    for pair in sizes:
        binding = dict(zip(NAMES, pair, strict=True))
        if all(evaluate(size, binding) >= 0 for size in demands):
            assert evaluate(found, binding) == numeric(tree, binding)


@given(
    st.sampled_from((0.5, 2.0, 0.25, 1.5, 3.0)),
    st.integers(-3, 3),
    st.sampled_from(("floor", "ceil")),
    st.integers(4, 300),
)
def test_sizes_through_floats(factor: float, offset: int, rounding: str, size: int) -> None:
    arithmetic = Arithmetic(FLOAT32, RANGES, lambda size: None)
    scaled = arithmetic.add(arithmetic.mul(symbol("a"), factor), float(offset))
    whole = getattr(arithmetic, rounding)(scaled)
    assert isinstance(whole, Expression)
    wanted = getattr(math, rounding)(size * factor + offset)
    assert evaluate(whole, {"a": size}) == wanted


def test_division_of_floats_by_numbers_and_sizes() -> None:
    arithmetic = Arithmetic(FLOAT32, RANGES, lambda size: None)
    half = arithmetic.div(symbol("a"), 2.0)
    assert isinstance(half, Ratio)
    assert arithmetic.floor(half) == symbol("a") // 2
    assert arithmetic.div(symbol("a") * 4, symbol("a")) == 4
    with pytest.raises(Undecided):
        arithmetic.div(symbol("a"), symbol("b"))


@pytest.mark.parametrize("relation", ["==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("offset", [-2, -1, 0, 1, 2])
def test_comparisons_are_decided_only_where_every_size_agrees(relation: str, offset: int) -> None:
    arithmetic = Arithmetic(INT64, {"a": SymbolRange(1, 3)}, lambda size: None)
    answers = {eval(f"{size} {relation} {2 + offset}") for size in (1, 2, 3)}
    if len(answers) == 1:
        assert arithmetic.compare(relation, symbol("a"), 2 + offset) == answers.pop()
    else:
        with pytest.raises(Undecided):
            arithmetic.compare(relation, symbol("a"), 2 + offset)


def test_integers_that_overflow_are_left_to_the_run() -> None:
    arithmetic = Arithmetic(INT64, RANGES, lambda size: None)
    with pytest.raises(Undecided):
        arithmetic.mul(1 << 62, 4)
