# SPDX-License-Identifier: Apache-2.0
"""Folds that end early: a sum over `where(k < limit, value, 0)` needs no more than `limit` rounds.

How many elements count may depend on data, which no size does; the loop ends there all the same.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

from ingot.kernel.nodes import (
    Apply,
    Const,
    Expr,
    ReduceKind,
    Var,
    apply,
    free_names,
    where,
)

_NEUTRAL: Mapping[ReduceKind, float] = {
    "sum": 0.0, "prod": 1.0, "max": -math.inf, "min": math.inf,
}  # fmt: skip


def limited(
    kind: ReduceKind, body: Expr, axes: Collection[Var], known: Collection[Var]
) -> tuple[dict[Var, Expr], Expr]:
    """Upper limits of some axes in terms of `known` variables, and what is left of the body."""
    if not isinstance(body, Apply) or body.op != "where" or not _folds_to_nothing(kind, body):
        return {}, body
    condition, value, other = body.args
    limits: dict[Var, Expr] = {}
    rest: list[Expr] = []
    for part in _conjuncts(condition):
        axis = _limited_axis(part, axes, known)
        if axis is None:
            rest.append(part)
            continue
        limit = part.children[1]
        limits[axis] = apply("minimum", limits[axis], limit) if axis in limits else limit
    if not limits:
        return {}, body
    for part in rest[1:]:
        rest[0] = apply("logical_and", rest[0], part)
    return limits, where(rest[0], value, other) if rest else value


def _folds_to_nothing(kind: ReduceKind, body: Apply) -> bool:
    other = body.args[2]
    return isinstance(other, Const) and kind in _NEUTRAL and other.value == _NEUTRAL[kind]


def _conjuncts(condition: Expr) -> Iterator[Expr]:
    if isinstance(condition, Apply) and condition.op == "logical_and":
        for part in condition.args:
            yield from _conjuncts(part)
    else:
        yield condition


def _limited_axis(part: Expr, axes: Collection[Var], known: Collection[Var]) -> Var | None:
    if not isinstance(part, Apply) or part.op != "less":
        return None
    axis, limit = part.args
    if isinstance(axis, Var) and axis in axes and all(name in known for name in free_names(limit)):
        return axis
    return None
