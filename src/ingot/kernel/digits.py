# SPDX-License-Identifier: Apache-2.0
"""Splits an axis into digits where indices divide it: then the divisions are gone.

A reshape leaves `i // 10` and `i % 10` behind. With i = 10 * a + b they are a and b, so loads step
evenly again, and a reduction that depends on `i // 10` only is computed once for each a.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.kernel.compute import Compute
from ingot.kernel.index import Indices
from ingot.kernel.nodes import Apply, Expr, Reduce, Size, Var, reduce, substitute, walk
from ingot.kernel.traverse import map_reduces
from ingot.kernel.view import View

_ROUNDS = 3
_SIZE = 1009  # stands for a free size where divisors are put in order
Axes = Sequence[tuple[Var, Dim]]


def split_axes(compute: Compute) -> Compute:
    """`compute` with result and reduce axes split by the divisors in its indices."""
    for _ in range(_ROUNDS):
        indices = Indices({var: (0, extent - 1) for var, extent in compute.axes})
        values = [indices.rewrite(value) for _, value in compute.results]
        divided = [map_reduces(value, indices, _split_reduce) for value in values]
        found = _divisors(divided, indices, compute.axes)
        if not found and divided == values:
            return compute
        compute = _split_results(compute, divided, found)
    return compute


def _split_results(
    compute: Compute, values: Sequence[Expr], found: Mapping[Var, list[Dim]]
) -> Compute:
    axes, digits = _split(compute.axes, found)
    views = [_split_view(view, compute.axes, found) for view, _ in compute.results]
    changed = [substitute(value, digits) for value in values]
    return replace(compute, axes=tuple(axes), results=tuple(zip(views, changed, strict=True)))


def _split_reduce(expr: Reduce, indices: Indices) -> Expr:
    found = _divisors((expr.body,), indices, expr.axes)
    if not found:
        return expr
    axes, digits = _split(expr.axes, found)
    return reduce(expr.kind, axes, substitute(expr.body, digits))


def _split(
    axes: Axes, found: Mapping[Var, list[Dim]]
) -> tuple[list[tuple[Var, Dim]], dict[Var, Expr]]:
    """The new axes, and each split variable in terms of its digits."""
    result: list[tuple[Var, Dim]] = []
    digits: dict[Var, Expr] = {}
    for var, extent in axes:
        if var not in found:
            result.append((var, extent))
            continue
        total: Expr | None = None
        for number, (size, weight) in enumerate(_weights(extent, found[var])):
            digit = Var(f"{var.name}.{number}")
            result.append((digit, size))
            term = digit * Size(weight)
            total = term if total is None else total + term
        assert total is not None
        digits[var] = total
    return result, digits


def _weights(extent: Dim, divisors: Sequence[Dim]) -> list[tuple[Dim, Dim]]:
    """(size, weight) of each digit, the highest first."""
    bounds = [1, *divisors, extent]
    return [(above // below, below) for below, above in pairwise(bounds)][::-1]


def _split_view(view: View, axes: Axes, found: Mapping[Var, list[Dim]]) -> View:
    shape: list[Dim] = []
    strides: list[Dim] = []
    for (var, extent), stride in zip(axes, view.strides, strict=True):
        for size, weight in _weights(extent, found.get(var, ())):
            shape.append(size)
            strides.append(stride * weight)
    return replace(view, shape=tuple(shape), strides=tuple(strides))


def _divisors(roots: Iterable[Expr], indices: Indices, axes: Axes) -> dict[Var, list[Dim]]:
    """For each axis the chain of divisors by which indices divide it, the smallest first."""
    found: dict[Var, set[Dim]] = {}
    for expr in walk(roots):
        if isinstance(expr, Apply) and expr.op == "floor_div" and expr.dtype == INT64:
            numerator, divisor = (indices.dim(arg) for arg in expr.args)
            for var, extent in axes:
                step = indices.slope(numerator, var)
                inside = _exact(divisor, step) if step is not None else None
                if inside is not None and inside != 1 and inside != extent:
                    found.setdefault(var, set()).add(inside)
    chains = {var: _chain(extent, found[var]) for var, extent in axes if var in found}
    return {var: chain for var, chain in chains.items() if chain}


def _chain(extent: Dim, divisors: Iterable[Dim]) -> list[Dim]:
    """Divisors of `extent`, each a divisor of the next."""
    chain: list[Dim] = []
    for divisor in sorted(divisors, key=_order):
        fits = not chain or _exact(divisor, chain[-1]) is not None
        if fits and _exact(extent, divisor) is not None and _order(divisor) < _order(extent):
            chain.append(divisor)
    return chain


def _order(dim: Dim) -> tuple[int, str]:
    value = dims.evaluate(dim, dict.fromkeys(dims.symbols(dim), _SIZE))
    return value, str(dim)


def _exact(dim: Dim, divisor: Dim) -> Dim | None:
    """`dim / divisor` where that is a whole size for certain."""
    if isinstance(divisor, int) and divisor <= 0:
        return None
    quotient = dim // divisor
    return quotient if quotient * divisor == dim else None
