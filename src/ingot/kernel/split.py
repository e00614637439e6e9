# SPDX-License-Identifier: Apache-2.0
"""Cuts a loop where a condition on its variable changes, so that no piece tests it.

Concatenation and padding are `where(i < boundary, …, …)`: between boundaries the condition is
known, its dead branch and the clamps of the live one vanish, and loads are contiguous again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingot import dims
from ingot.dims import Dim
from ingot.kernel.index import Indices
from ingot.kernel.nodes import Apply, Expr, Size, Var, free_variables, walk

_LIMIT = 12
_COMPARISONS = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")

Piece = tuple[Expr, Expr, Indices, list[Expr]]


def pieces(var: Var, extent: Dim, values: Sequence[Expr], indices: Indices) -> Iterator[Piece]:
    """(start, stop, narrowed algebra, simplified values) of each piece of a loop over `var`."""
    cuts = _boundaries(var, extent, values, indices)
    start: Dim = 0
    for stop in (*cuts, extent):
        if stop == start:
            continue
        narrowed = indices.within({var: (start, stop - 1)}) if cuts else indices
        chosen = [narrowed.rewrite(value) if cuts else value for value in values]
        yield Size(start), Size(stop), narrowed, chosen
        start = stop


def _boundaries(var: Var, extent: Dim, values: Sequence[Expr], indices: Indices) -> list[Dim]:
    """Where comparisons of `var` with sizes change, in order; none when the order is not known."""
    found: set[Dim] = set()
    for expr in walk(values):
        if isinstance(expr, Apply) and expr.op in _COMPARISONS and var in free_variables(expr):
            found |= _changes(expr, var, indices)
    inside = {dims.minimum(dims.maximum(cut, 0), extent) for cut in found} - {0, extent}
    if len(inside) >= _LIMIT:
        return []
    return _sorted(sorted(inside, key=str), indices) or []


def _changes(expr: Apply, var: Var, indices: Indices) -> set[Dim]:
    """The values of `var` at which a comparison linear in it gets another truth."""
    if expr.args[0].dtype.is_float or expr.args[0].dtype.name != "int64":
        return set()
    difference = indices.dim(expr.args[0]) - indices.dim(expr.args[1])
    slope = indices.slope(difference, var)
    if slope not in (1, -1):
        return set()
    rest = difference - indices.dim(var) * slope
    if free_variables(indices.expr(rest)) or any(
        name.startswith("'") for name in dims.symbols(rest)
    ):
        return set()
    at = -rest if slope == 1 else rest
    rising = expr.op in ("less", "greater_equal") if slope == 1 else expr.op in (
        "greater", "less_equal",
    )  # fmt: skip
    if expr.op in ("equal", "not_equal"):
        return {at, at + 1}
    return {at if rising else at + 1}


def _sorted(cuts: Sequence[Dim], indices: Indices) -> list[Dim] | None:
    ordered: list[Dim] = []
    for cut in cuts:
        place = 0
        for other in ordered:
            if indices.at_least(cut - other, 0):
                place += 1
            elif not indices.at_least(other - cut, 0):
                return None
        ordered.insert(place, cut)
    return ordered
