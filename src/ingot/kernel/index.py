# SPDX-License-Identifier: Apache-2.0
"""Algebra of index expressions: simplification, bounds and strides.

An index expression is a polynomial of index variables and sizes, which is what `dims` is good at.
So variables (and any subexpression that is no index arithmetic, such as an index loaded from a
tensor) become symbols, `dims` keeps the canonical form, and the ranges of the variables remove the
divisions, remainders and clamps that can have no effect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ingot import dims
from ingot.dims import Dim, Expression
from ingot.dims.expression import Atom, from_atom, from_terms, terms_of
from ingot.dtypes import BOOL, INT64
from ingot.errors import ShapeError
from ingot.kernel.nodes import (
    Apply,
    Const,
    Expr,
    Load,
    Reduce,
    Size,
    Var,
    apply,
    free_variables,
    reduce,
    with_children,
)

Range = tuple[Dim, Dim]
_ARITHMETIC: Mapping[str, Callable[[Dim, Dim], Dim]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "minimum": dims.minimum,
    "maximum": dims.maximum,
}
_DIVISIONS: Mapping[str, Callable[[Dim, Dim], Dim]] = {
    "floor_div": lambda a, b: a // b,
    "floor_mod": lambda a, b: a % b,
}
_MARK = "'"


class Indices:
    """Index algebra where each variable lies in a range (both ends included).

    `ranges` says where variables lie in iterations that happen, so an extent that must be positive
    for its loop to run makes its size symbols positive too.
    """

    def __init__(self, ranges: Mapping[Var, Range]) -> None:
        self._ranges: dict[str, Range] = {}
        self._atoms: dict[str, Expr] = {}
        self._names: dict[Expr, str] = {}
        self._sizes: dict[str, tuple[int, int | None]] = {}
        self._variables: dict[Var, Range] = {}
        for var, limits in ranges.items():
            self.bind(var, limits)

    def bind(self, var: Var, limits: Range) -> None:
        """Let `var` range over `limits`."""
        name = self._name(var)
        self._ranges[name] = limits
        self._variables[var] = limits
        low, high = limits
        for size in dims.symbols(high - low + 1):
            if _vanishes(high - low + 1, size):
                self._sizes[size] = (1, None)

    def within(self, ranges: Mapping[Var, Range]) -> Indices:
        """The same algebra with further or narrower ranges."""
        return Indices({**self._variables, **ranges})

    # Between expressions and dims.

    def dim(self, expr: Expr) -> Dim:
        """`expr` as a polynomial; what is no index arithmetic becomes one opaque symbol."""
        if isinstance(expr, Const) and expr.dtype == INT64:
            return int(expr.value)
        if isinstance(expr, Size):
            return expr.dim
        if isinstance(expr, Apply) and expr.dtype == INT64 and len(expr.args) == 2:
            combine = _ARITHMETIC.get(expr.op) or self._division(expr)
            parts = [self.dim(arg) for arg in expr.args]
            linear = expr.op in ("add", "sub", "mul")
            if combine is not None and (linear or not any(map(self._may_be_negative, parts))):
                return combine(*parts)
        return dims.symbol(self._name(expr))

    def _may_be_negative(self, dim: Dim) -> bool:
        """Whether an opaque part of `dim` can be below 0, which sizes never are."""
        names = (name for name in dims.symbols(dim) if name.startswith(_MARK))
        return any(
            name not in self._ranges and not isinstance(self._atoms[name], Var) for name in names
        )

    def _division(self, expr: Apply) -> Callable[[Dim, Dim], Dim] | None:
        if expr.op in _DIVISIONS and self.at_least(self.dim(expr.args[1]), 1):
            return _DIVISIONS[expr.op]
        return None

    def _name(self, expr: Expr) -> str:
        name = self._names.get(expr)
        if name is None:
            plain = expr.name if isinstance(expr, Var) else f"#{len(self._names)}"
            name = self._names[expr] = _MARK + plain
            self._atoms[name] = expr
            if isinstance(expr, Apply) and expr.op in ("index", "wrapped_index"):
                self._ranges[name] = (0, self.dim(expr.args[1]) - 1)
        return name

    def expr(self, dim: Dim) -> Expr:
        """The expression of a polynomial that `dim` gave."""
        if not self._variable(dim):
            return Size(dim)
        by_variables: dict[tuple[Atom, ...], dict[tuple[tuple[Atom, int], ...], int]] = {}
        for monomial, count in terms_of(dim):
            atoms = tuple(
                atom for atom, power in monomial for _ in range(power) if _is_variable(atom)
            )
            rest = tuple(pair for pair in monomial if not _is_variable(pair[0]))
            by_variables.setdefault(atoms, {})[rest] = count
        constant = Size(from_terms(by_variables.pop((), {})))
        total: Expr | None = None
        for atoms, terms in by_variables.items():
            term: Expr = Size(from_terms(terms))
            for atom in atoms:
                term = self._atom(atom) * term
            total = term if total is None else total + term
        return constant if total is None else total + constant

    def _variable(self, dim: Dim) -> bool:
        return any(name.startswith(_MARK) for name in dims.symbols(dim))

    def _atom(self, atom: Atom) -> Expr:
        if atom.kind == "symbol":
            return self._atoms[atom.name]
        first, *rest = (self.expr(argument) for argument in atom.arguments)
        for other in rest:
            names = {"//": "floor_div", "min": "minimum", "max": "maximum"}
            first = apply(names[atom.kind], first, other)
        return first

    # Questions.

    def lower(self, dim: Dim) -> int | None:
        """A constant that `dim` is never below, None when there is none known."""
        return self._bound(dim, -1)

    def upper(self, dim: Dim) -> int | None:
        """A constant that `dim` is never above, None when there is none known."""
        return self._bound(dim, 1)

    def at_least(self, dim: Dim, value: int) -> bool:
        """Whether `dim >= value` is certain."""
        low = self.lower(dim)
        return low is not None and low >= value

    def _bound(self, dim: Dim, side: int) -> int | None:
        """Put each variable at the end of its range that makes `dim` extreme, then ask `dims`."""
        for _ in range(32):
            name = next((n for n in self._linear(dim) if n in self._ranges), None)
            if name is None:
                break
            slope = coefficient(dim, name)
            assert slope is not None
            if self.at_least(slope, 0):
                end = self._ranges[name][1 if side > 0 else 0]
            elif self._bound(slope, 1) is not None and (self._bound(slope, 1) or 0) <= 0:
                end = self._ranges[name][0 if side > 0 else 1]
            else:
                return None
            dim = dims.substitute(dim, {name: end})
        low, high = dims.bounds(dim, self._constant_ranges(dim))
        return high if side > 0 else low

    def _linear(self, dim: Dim) -> list[str]:
        names = [name for name in dims.symbols(dim) if name.startswith(_MARK)]
        return sorted(name for name in names if coefficient(dim, name) is not None)

    def _constant_ranges(self, dim: Dim) -> dict[str, tuple[int | None, int | None]]:
        result: dict[str, tuple[int | None, int | None]] = dict(self._sizes)
        for name in dims.symbols(dim):
            if name in self._ranges:
                low, high = self._ranges[name]
                result[name] = (dims.bounds(low, {})[0], dims.bounds(high, {})[1])
            elif name.startswith(_MARK):
                result[name] = (None, None)
        return result

    def slope(self, dim: Dim, var: Var) -> Dim | None:
        """How much `dim` grows when `var` grows by one; None when that is not constant."""
        if self._hidden(dim, var):
            return None
        name = self._name(var)
        if name not in dims.symbols(dim):
            return 0
        found = coefficient(dim, name)
        return None if found is None or self._variable(found) else found

    def _hidden(self, dim: Dim, var: Var) -> bool:
        """Whether an opaque part of `dim` depends on `var`."""
        atoms = (self._atoms.get(name) for name in dims.symbols(dim))
        return any(
            atom is not None and atom is not var and var in free_variables(atom) for atom in atoms
        )

    # Simplification.

    def simplify(self, dim: Dim) -> Dim:
        """`dim` without the divisions and extremes that the ranges decide."""
        if not self._variable(dim):
            return dim
        total: Dim = 0
        for monomial, count in terms_of(dim):
            term: Dim = count
            for atom, power in monomial:
                value = self._simple_atom(atom)
                for _ in range(power):
                    term = term * value
            total = total + term
        return total

    def _simple_atom(self, atom: Atom) -> Dim:
        if atom.kind == "symbol" or not _is_variable(atom):
            return from_atom(atom)
        arguments = [self.simplify(argument) for argument in atom.arguments]
        if atom.kind == "//":
            return self._quotient(*arguments)
        sign = 1 if atom.kind == "max" else -1
        kept: list[Dim] = []
        for dim in arguments:
            if not any(self.at_least((other - dim) * sign, 0) for other in kept):
                kept = [o for o in kept if not self.at_least((dim - o) * sign, 0)]
                kept.append(dim)
        result = kept[0]
        for dim in kept[1:]:
            result = dims.maximum(result, dim) if sign > 0 else dims.minimum(result, dim)
        return result

    def _quotient(self, numerator: Dim, divisor: Dim) -> Dim:
        if self.at_least(numerator, 0) and self.at_least(divisor - 1 - numerator, 0):
            return 0
        low, high = self.lower(numerator), self.upper(numerator)
        if isinstance(divisor, int) and low is not None and high is not None:
            if low // divisor == high // divisor:
                return low // divisor
        reduced = self._without_low_part(numerator, divisor)
        return numerator // divisor if reduced is None else self._quotient(*reduced)

    def _without_low_part(self, numerator: Dim, divisor: Dim) -> tuple[Dim, Dim] | None:
        """`(g*h + low) // (g*d)` is `h // d` where 0 <= low < g."""
        terms = terms_of(numerator)
        for monomial, count in terms:
            factor = from_terms(
                {tuple(pair for pair in monomial if not _is_variable(pair[0])): count}
            )
            if not self.at_least(factor, 2) or factor == divisor or not _divides(factor, divisor):
                continue
            high: Dim = 0
            for other, number in terms:
                part = from_terms({other: number})
                if _divides(factor, part):
                    high = high + part
            low = numerator - high
            if low != 0 and self.at_least(low, 0) and self.at_least(factor - 1 - low, 0):
                return high // factor, divisor // factor
        return None

    def decide(self, op: str, left: Dim, right: Dim) -> bool | None:
        """The truth of a comparison, None when the ranges leave it open."""
        if op in ("greater", "greater_equal"):
            return self.decide("less" if op == "greater" else "less_equal", right, left)
        if op in ("equal", "not_equal"):
            return self._decide_equal(left, right, op == "equal")
        strict = 1 if op == "less" else 0
        if self.at_least(right - left, strict):
            return True
        return False if self.at_least(left - right, 1 - strict) else None

    def _decide_equal(self, left: Dim, right: Dim, equal: bool) -> bool | None:
        if left == right:
            return equal
        if self.at_least(left - right, 1) or self.at_least(right - left, 1):
            return not equal
        return None

    def rewrite(self, root: Expr) -> Expr:
        """`root` with every index expression and comparison below it simplified."""
        return _Rewriter(self).visit(root)


class _Rewriter:
    """One bottom-up pass over a shared expression; a Reduce adds its own axes' ranges."""

    def __init__(self, indices: Indices) -> None:
        self._indices = indices
        self._memo: dict[Expr, Expr] = {}

    def visit(self, root: Expr) -> Expr:
        stack = [root]
        while stack:
            expr = stack[-1]
            children = () if isinstance(expr, Reduce) else expr.children
            waiting = [child for child in children if child not in self._memo]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if expr not in self._memo:
                self._memo[expr] = self._simple(expr)
        return self._memo[root]

    def _simple(self, expr: Expr) -> Expr:
        if isinstance(expr, Reduce):
            ranges = {var: (0, extent - 1) for var, extent in expr.axes}
            inner = self._indices.within(ranges)
            return reduce(expr.kind, expr.axes, _Rewriter(inner).visit(expr.body))
        rebuilt = with_children(expr, tuple(self._memo[child] for child in expr.children))
        if not isinstance(rebuilt, Apply):
            return rebuilt
        if rebuilt.dtype == INT64 and (rebuilt.op in _ARITHMETIC or rebuilt.op in _DIVISIONS):
            if not any(isinstance(leaf, Load) for leaf in rebuilt.args):
                return self._indices.expr(self._indices.simplify(self._indices.dim(rebuilt)))
        if rebuilt.dtype == BOOL and len(rebuilt.args) == 2 and rebuilt.args[0].dtype == INT64:
            left, right = (self._indices.dim(arg) for arg in rebuilt.args)
            known = self._indices.decide(rebuilt.op, left, right)
            return rebuilt if known is None else Const(known, BOOL)
        return rebuilt


def coefficient(dim: Dim, name: str) -> Dim | None:
    """The factor of symbol `name` in `dim`; None where `dim` is not linear in it."""
    factor: dict[tuple[tuple[Atom, int], ...], int] = {}
    for monomial, count in terms_of(dim):
        holders = [(atom, power) for atom, power in monomial if name in atom.symbols]
        if not holders:
            continue
        atom, power = holders[0]
        if len(holders) > 1 or power > 1 or atom.kind != "symbol":
            return None
        rest = tuple(pair for pair in monomial if pair[0] is not atom)
        factor[rest] = factor.get(rest, 0) + count
    return from_terms(factor)


def _divides(factor: Dim, dim: Dim) -> bool:
    return (dim // factor) * factor == dim


def _is_variable(atom: Atom) -> bool:
    return any(name.startswith(_MARK) for name in atom.symbols)


def _vanishes(extent: Dim, size: str) -> bool:
    """Whether `extent` is not positive when the symbol `size` is 0, or no size at all then."""
    assert isinstance(extent, Expression)
    try:
        high = dims.bounds(dims.substitute(extent, {size: 0}), {})[1]
    except ShapeError:  # it divides by something that is 0 then
        return True
    return high is not None and high <= 0
