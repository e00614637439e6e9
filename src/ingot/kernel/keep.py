# SPDX-License-Identifier: Apache-2.0
"""Keeps what a fold computed: softmax sums exp(x - max) and then needs each exp(x - max) again.

When a fold's value is dear and the loops behind it need the same value, the fold stores it into the
result, and the loops read it back from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingot.kernel.index import Indices
from ingot.kernel.loops import Fold, Store
from ingot.kernel.nest import Extents, Nest
from ingot.kernel.nodes import Expr, Load, Var, replaced, substitute, walk
from ingot.kernel.traverse import operation_cost

_DEAR = 16


@dataclass(frozen=True)
class Kept:
    """Folds with the one that stores, the values that read it back, and the result it uses."""

    folds: tuple[Fold, ...]
    values: tuple[Expr, ...]
    result: int


def keep(
    nest: Nest, folds: Sequence[Fold], values: Sequence[Expr], rest: Extents, indices: Indices
) -> Kept | None:
    """The folds and values with one dear value kept in a result; None when there is none.

    `rest` are the axes still to be looped over behind the folds.
    """
    for number, fold in enumerate(folds):
        if fold.inner or fold.stores or operation_cost(fold.value) < _DEAR:
            continue
        names = _same_axes(fold, rest)
        if names is None:
            continue
        wanted = indices.rewrite(substitute(fold.value, names))
        for result, value in enumerate(values):
            if wanted not in set(walk((value,))) or not _can_hold(nest, result, fold):
                continue
            back: dict[Var, Expr] = {var: Var(one.name) for one, var in _pairs(names)}
            store = Store(result, substitute(nest.offsets[result], back), fold.value)
            read = Load(len(nest.operands), (nest.offsets[result],), wanted.dtype)
            changed = [*folds[:number], replace(fold, stores=(store,)), *folds[number + 1 :]]
            chosen = [replaced(other, {wanted: read}) for other in values]
            return Kept(tuple(changed), tuple(chosen), result)
    return None


def _pairs(names: dict[Var, Expr]) -> list[tuple[Var, Var]]:
    return [(var, other) for var, other in names.items() if isinstance(other, Var)]


def _same_axes(fold: Fold, rest: Extents) -> dict[Var, Expr] | None:
    """The loop variable that walks as each variable of the fold does."""
    if len(fold.axes) != len(rest):
        return None
    left = list(rest)
    names: dict[Var, Expr] = {}
    for axis in fold.axes:
        match = next((pair for pair in left if pair[1] == axis.trips()), None)
        if match is None:
            return None
        names[axis.var] = match[0]
        left.remove(match)
    return names


def _can_hold(nest: Nest, result: int, fold: Fold) -> bool:
    """Whether a result's memory holds the value exactly and nothing else reads it."""
    view = nest.results[result]
    exact = view.dtype == fold.value.dtype and view.dtype.is_float and view.dtype.bits >= 32
    return exact and all(view.buffer != other.buffer for other in nest.operands)
