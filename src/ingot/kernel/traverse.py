# SPDX-License-Identifier: Apache-2.0
"""Ways through expressions that contain reductions."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ingot.dtypes import BOOL, INT64
from ingot.kernel.index import Indices
from ingot.kernel.nodes import (
    Apply,
    Expr,
    Load,
    Reduce,
    Var,
    free_names,
    reduce,
    walk,
    with_children,
)
from ingot.kernel.operators import OPERATORS


def walk_shallow(root: Expr) -> Iterable[Expr]:
    """Every distinct expression below `root`, children first, not looking into Reduces."""
    return walk((root,), stop=lambda expr: isinstance(expr, Reduce))


def loads(root: Expr) -> list[Load]:
    """Every distinct load below `root`, those inside Reduces and indices included."""
    return [expr for expr in walk((root,)) if isinstance(expr, Load)]


def reduces(roots: Iterable[Expr]) -> list[Reduce]:
    """Every distinct Reduce below `roots`, inner ones first."""
    return [expr for expr in walk(roots) if isinstance(expr, Reduce)]


def map_reduces(root: Expr, indices: Indices, change: Callable[[Reduce, Indices], Expr]) -> Expr:
    """`root` with `change` applied to every Reduce, inner ones first.

    `change` gets the index algebra with the ranges of the Reduce's own axes.
    """
    memo: dict[Expr, Expr] = {}
    for expr in walk_shallow(root):
        if isinstance(expr, Reduce):
            inner = indices.within({var: (0, extent - 1) for var, extent in expr.axes})
            body = map_reduces(expr.body, inner, change)
            changed = reduce(expr.kind, expr.axes, body)
            memo[expr] = change(changed, inner) if isinstance(changed, Reduce) else changed
        else:
            memo[expr] = with_children(expr, tuple(memo[child] for child in expr.children))
    return memo[root]


def operation_cost(root: Expr) -> int:
    """The work of one evaluation in additions, Reduces inside not counted."""
    return sum(OPERATORS[expr.op].cost for expr in _operations(root))


def shared_cost(roots: Iterable[Expr], along: Var, apart: Var) -> int:
    """The work in `roots` that depends on the variable `along` and not on `apart`."""
    return sum(
        OPERATORS[expr.op].cost
        for expr in walk(roots)
        if isinstance(expr, Apply)
        and expr.dtype not in (INT64, BOOL)
        and along in (names := free_names(expr))
        and apart not in names
    )


def operation_count(root: Expr) -> int:
    """The number of scalar operations of one evaluation, Reduces inside not counted."""
    return len(_operations(root))


def _operations(root: Expr) -> list[Apply]:
    parts = (expr for expr in walk_shallow(root) if isinstance(expr, Apply))
    return [expr for expr in parts if expr.dtype not in (INT64, BOOL)]
