# SPDX-License-Identifier: Apache-2.0
"""What one can ask of a symbolic size: extremes, bounds, substitution, values.

Bounds are intervals over the given ranges of the symbols (0 and up unless told). They are sound,
and exact in the cases that shapes produce: linear forms, floor divisions, remainders, extremes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import inf, isinf

from ingot.dims.expression import (
    Atom,
    Dim,
    Expression,
    Monomial,
    constant_of,
    floor_divide,
    from_atom,
    from_terms,
    symbol,
)
from ingot.errors import ShapeError, UsageError

__all__ = [
    "bounds",
    "ceil_div",
    "evaluate",
    "is_multiple",
    "maximum",
    "minimum",
    "product",
    "substitute",
    "symbols",
]

Ranges = Mapping[str, tuple[int | None, int | None]]
Interval = tuple[float, float]

_LARGEST = 2**63 - 1
_CASE_LIMIT = 3
_EVERYTHING: Interval = (-inf, inf)


def minimum(left: Dim, right: Dim) -> Dim:
    """The smaller of two sizes; resolved at once where the difference has a known sign."""
    if isinstance(left, int) and isinstance(right, int):
        return min(left, right)
    return _extreme("min", left, right)


def maximum(left: Dim, right: Dim) -> Dim:
    """The larger of two sizes; resolved at once where the difference has a known sign."""
    if isinstance(left, int) and isinstance(right, int):
        return max(left, right)
    return _extreme("max", left, right)


def sides_of_maximum(dim: Dim) -> tuple[Dim, ...]:
    """The sizes of which `dim` is the largest; `dim` itself where it is no maximum."""
    return _members("max", dim)


def ceil_div(numerator: Dim, divisor: Dim) -> Dim:
    """`numerator / divisor` rounded up, for a positive divisor."""
    return (numerator + divisor - 1) // divisor


def product(dims: Iterable[Dim]) -> Dim:
    """The product of `dims`; 1 for none."""
    result: Dim = 1
    for dim in dims:
        result = result * dim
    return result


def symbols(dim: Dim) -> frozenset[str]:
    """The names of the symbols that `dim` depends on."""
    return dim.symbols if isinstance(dim, Expression) else frozenset()


def substitute(dim: Dim, values: Mapping[str, Dim]) -> Dim:
    """`dim` with every symbol named in `values` replaced by its value, in canonical form."""
    if not isinstance(dim, Expression) or dim.symbols.isdisjoint(values):
        return dim
    if all(isinstance(values.get(name), int) for name in dim.symbols):
        return _value(dim, values)  # type: ignore[arg-type]  # checked by the line above
    total: Dim = 0
    for monomial, count in dim.terms:
        term: Dim = count
        for atom, power in monomial:
            value = _substitute_atom(atom, values)
            for _ in range(power):
                term = term * value
        total = total + term
    return total


def evaluate(dim: Dim, binding: Mapping[str, int]) -> int:
    """The value of `dim`, checked to fit 64 bits; raises ShapeError, UsageError if unbound."""
    value = _value(dim, binding)
    return value if -_LARGEST <= value <= _LARGEST else overflow(dim, value)


def overflow(dim: Dim, value: int) -> int:
    """Raise the error of a size that does not fit 64 bits."""
    raise ShapeError(f"size {dim}: {value} does not fit 64 bits", cure="use smaller inputs")


def bounds(dim: Dim, ranges: Ranges) -> tuple[int | None, int | None]:
    """The least and greatest value of `dim` for symbols within `ranges`; None is unbounded."""
    if isinstance(dim, int):
        return dim, dim
    low, high = _Bounds(ranges).interval(dim)
    return (None if isinf(low) else int(low)), (None if isinf(high) else int(high))


def is_multiple(dim: Dim, factor: int, ranges: Ranges) -> bool:
    """Whether `dim` is provably a multiple of `factor` for symbols within `ranges`."""
    if isinstance(dim, int):
        return dim % factor == 0
    fixed: dict[str, Dim] = {}
    for name in dim.symbols:
        low, high = ranges.get(name, (0, None))
        if low is not None and low == high:
            fixed[name] = low
    remainder = substitute(dim, fixed) % factor
    return remainder == 0 or bounds(remainder, ranges) == (0, 0)


def _substitute_atom(atom: Atom, values: Mapping[str, Dim]) -> Dim:
    if atom.kind == "symbol":
        return values.get(atom.name, from_atom(atom))
    first, *rest = (substitute(argument, values) for argument in atom.arguments)
    if atom.kind == "//":
        return floor_divide(first, rest[0])
    combine = minimum if atom.kind == "min" else maximum
    for argument in rest:
        first = combine(first, argument)
    return first


def _value(dim: Dim, binding: Mapping[str, int]) -> int:
    if isinstance(dim, int):
        return dim
    total = 0
    for monomial, count in dim.terms:
        for atom, power in monomial:
            count *= _atom_value(atom, binding) ** power
        total += count
    return total


def _atom_value(atom: Atom, binding: Mapping[str, int]) -> int:
    if atom.kind == "symbol":
        try:
            return int(binding[atom.name])
        except KeyError:
            raise unbound(atom.name) from None
    return apply_atom(atom, [_value(argument, binding) for argument in atom.arguments])


def unbound(name: str) -> UsageError:
    """The error of a symbol without a value."""
    return UsageError(f"size '{name}': it has no value", cure="bind every size symbol")


def apply_atom(atom: Atom, values: list[int]) -> int:
    """The value of a floor division or extreme whose arguments have `values`."""
    if atom.kind == "//":
        if values[1] == 0:
            raise ShapeError(f"size {atom.key}: the divisor is zero", cure="use inputs of size > 0")
        return values[0] // values[1]
    return min(values) if atom.kind == "min" else max(values)


@lru_cache(1 << 14)
def _extreme(kind: str, left: Dim, right: Dim) -> Dim:
    candidates: list[Dim] = []
    for dim in (*_members(kind, left), *_members(kind, right)):
        _admit(kind, candidates, dim)
    if len(candidates) == 1:
        return candidates[0]
    shared = _shared_part(candidates)
    rest = tuple(sorted((dim - shared for dim in candidates), key=_extreme_order))
    return shared + from_atom(Atom(kind, "", rest))


def _members(kind: str, dim: Dim) -> tuple[Dim, ...]:
    """The arguments of `max(...) + c`, each plus c; `dim` itself where it is something else."""
    if isinstance(dim, Expression):
        constant = constant_of(dim)
        monomial, count = dim.terms[0]
        if count == 1 and len(monomial) == 1 and len(dim.terms) == 1 + bool(constant):
            atom, power = monomial[0]
            if atom.kind == kind and power == 1:
                return tuple(argument + constant for argument in atom.arguments)
    return (dim,)


def _admit(kind: str, candidates: list[Dim], dim: Dim) -> None:
    """Add `dim` to the candidates of an extreme, unless one wins over it; drop those that lose."""
    if isinstance(dim, int) and (dim >= _LARGEST if kind == "min" else dim <= -_LARGEST):
        if candidates:
            return
    elif _never_wins(kind, candidates):
        candidates.clear()
    for other in list(candidates):
        low, high = bounds(dim - other, {})
        ahead, behind = (high, low) if kind == "min" else (low, high)
        if behind is not None and (behind >= 0 if kind == "min" else behind <= 0):
            return
        if ahead is not None and (ahead <= 0 if kind == "min" else ahead >= 0):
            candidates.remove(other)
    candidates.append(dim)


def _never_wins(kind: str, candidates: list[Dim]) -> bool:
    """Whether the only candidate is beyond every 64-bit size, as in `min(n, INT64_MAX)`."""
    if len(candidates) != 1 or not isinstance(candidates[0], int):
        return False
    return candidates[0] >= _LARGEST if kind == "min" else candidates[0] <= -_LARGEST


def _shared_part(dims: list[Dim]) -> Dim:
    """The terms that all of `dims` have, with the smallest of their constants."""
    shared: dict[Monomial, int] = {(): min(constant_of(dim) for dim in dims)}
    first = dims[0]
    if isinstance(first, Expression):
        others = [dict(dim.terms) if isinstance(dim, Expression) else {} for dim in dims[1:]]
        for monomial, count in first.terms:
            if monomial and all(other.get(monomial) == count for other in others):
                shared[monomial] = count
    return from_terms(shared)


def _extreme_order(dim: Dim) -> tuple[bool, str]:
    return (isinstance(dim, int), str(dim))


class _Bounds:
    """Intervals of sizes within ranges; the parts that sizes share are bounded once."""

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges
        self._known: dict[tuple[Dim, int], Interval] = {}

    def interval(self, dim: Dim, cases: int = _CASE_LIMIT) -> Interval:
        """The interval of `dim`; up to `cases` nested extremes are told apart."""
        if isinstance(dim, int):
            return dim, dim
        found = self._known.get((dim, cases))
        if found is None:
            found = self._known[dim, cases] = self._found(dim, cases)
        return found

    def _found(self, dim: Expression, cases: int) -> Interval:
        if any(sum(power for _, power in monomial) > 1 for monomial, _ in dim.terms):
            moved, ranges = _from_zero(dim, self._ranges)
            if ranges != self._ranges:
                return _Bounds(ranges).interval(moved, cases)
        direct = self._direct(dim)
        if sum(1 for monomial, _ in dim.terms if monomial) == 1:
            return direct
        return _meet(direct, self._without_one_atom(dim, cases))

    def _direct(self, dim: Expression) -> Interval:
        low: float = 0
        high: float = 0
        for monomial, count in dim.terms:
            term: Interval = (count, count)
            for atom, power in monomial:
                factor = self._of_atom(atom)
                for _ in range(power):
                    term = _times(term, factor)
            low, high = _plus(low, term[0], -inf), _plus(high, term[1], inf)
        return low, high

    def _without_one_atom(self, dim: Expression, cases: int) -> Interval:
        """A second bound, found by writing one floor division or extreme as what it stands for."""
        for monomial, count in dim.terms:
            if len(monomial) != 1 or monomial[0][1] != 1:
                continue
            atom = monomial[0][0]
            rest = dim - from_terms({monomial: count})
            if atom.kind == "//" and isinstance(divisor := atom.arguments[1], int):
                return self._without_floor(rest, count, atom.arguments[0], divisor, cases)
            if atom.kind in ("min", "max") and cases:
                options = [
                    self.interval(rest + count * argument, cases - 1) for argument in atom.arguments
                ]
                return _extreme_interval(
                    "max" if (atom.kind == "max") == (count > 0) else "min", options
                )
        return _EVERYTHING

    def _without_floor(
        self, rest: Dim, count: int, numerator: Dim, divisor: int, cases: int
    ) -> Interval:
        """Bounds of `rest + count*(numerator//divisor)`, by `x//d == (x - r)/d`, 0 <= r < d."""
        low, high = self.interval(rest * divisor + numerator * count, cases)
        slack = count * (divisor - 1)
        if count > 0:
            low = _plus(low, -slack, -inf)
        else:
            high = _plus(high, -slack, inf)
        return -_floor(-low, divisor), _floor(high, divisor)

    def _of_atom(self, atom: Atom) -> Interval:
        if atom.kind == "symbol":
            low, high = self._ranges.get(atom.name, (0, None))
            return (-inf if low is None else low), (inf if high is None else high)
        parts = [self.interval(argument) for argument in atom.arguments]
        if atom.kind == "//":
            return _quotient_interval(parts[0], parts[1])
        return _extreme_interval(atom.kind, parts)


def _from_zero(dim: Expression, ranges: Ranges) -> tuple[Dim, Ranges]:
    """`dim` over symbols moved to start at 0: then `n*k - n` with k >= 1 shows its sign."""
    moved: dict[str, Dim] = {}
    new_ranges = dict(ranges)
    for name in dim.symbols:
        low, high = ranges.get(name, (0, None))
        if low:
            moved[name] = symbol(name) + low
            new_ranges[name] = (0, None if high is None else high - low)
    return substitute(dim, moved), new_ranges


def _extreme_interval(kind: str, parts: list[Interval]) -> Interval:
    pick = min if kind == "min" else max
    return pick(low for low, _ in parts), pick(high for _, high in parts)


def _quotient_interval(numerator: Interval, divisor: Interval) -> Interval:
    """A divisor that may be negative is not bounded; one that may be zero counts from 1."""
    if divisor[0] < 0 or divisor[1] < 1:
        return _EVERYTHING
    least, most = max(divisor[0], 1), divisor[1]
    low, high = numerator
    return _floor(low, most if low >= 0 else least), _floor(high, least if high >= 0 else most)


def _floor(value: float, divisor: float) -> float:
    if isinf(value):
        return value
    if isinf(divisor):
        return 0 if value >= 0 else -1
    return value // divisor


def _plus(left: float, right: float, unbounded: float) -> float:
    return unbounded if isinf(left) or isinf(right) else left + right


def _times(left: Interval, right: Interval) -> Interval:
    corners = [_product(a, b) for a in left for b in right]
    return min(corners), max(corners)


def _product(left: float, right: float) -> float:
    if not left or not right:
        return 0
    if isinf(left) or isinf(right):
        return inf if (left > 0) == (right > 0) else -inf
    return left * right


def _meet(first: Interval, second: Interval) -> Interval:
    return max(first[0], second[0]), min(first[1], second[1])
