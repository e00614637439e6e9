# SPDX-License-Identifier: Apache-2.0
"""Folds whose condition becomes the end of their loop: fewer rounds, the same result."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.kernel import native

from ingot.dtypes import FLOAT32, INT64
from ingot.kernel import Compute, Load, Var, View, expr
from ingot.kernel.evaluate import run
from ingot.kernel.limits import limited

ROW, J, K = Var("i"), Var("j"), Var("k")
COUNT = Load(1, (ROW,), INT64)
ELEMENT = Load(0, (ROW, K), FLOAT32)


def test_a_condition_on_the_axis_becomes_its_limit() -> None:
    condition = expr.logical_and(COUNT > 0, expr.less(K, COUNT))
    body = expr.where(condition, ELEMENT, 0.0)
    limits, rest = limited("sum", body, {K}, {ROW})
    assert limits == {K: COUNT} and rest is expr.where(COUNT > 0, ELEMENT, 0.0)


@pytest.mark.parametrize(
    ("kind", "other", "known"),
    (("max", 0.0, ROW), ("sum", 1.0, ROW), ("sum", 0.0, J), ("argmax", -math.inf, ROW)),
)
def test_other_conditions_stay(kind: str, other: float, known: Var) -> None:
    body = expr.where(expr.less(K, COUNT), ELEMENT, other)
    assert limited(kind, body, {K}, {known}) == ({}, body)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ("sum", "max"))
@pytest.mark.parametrize("spec", native.host_specs())
def test_rows_of_their_own_lengths(kind: str, spec: str, rng: np.random.Generator) -> None:
    other = 0.0 if kind == "sum" else -math.inf
    body = expr.where(expr.less(K, COUNT), ELEMENT, other)
    total = expr.reduce(kind, [(K, 9)], body)  # type: ignore[arg-type]  # built loosely
    views = View.dense("x", FLOAT32, (6, 9)), View.dense("n", INT64, (6,))
    compute = Compute(((ROW, 6),), views, ((View.dense("y", FLOAT32, (6,)), total),))
    x = rng.standard_normal((6, 9)).astype(np.float32)
    counts = np.array([0, 1, 5, 9, 40, -3])
    wanted = run(compute, (x, counts), {})
    found, _ = native.run(compute, spec, (x, counts), {})
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-6, atol=1e-6)
