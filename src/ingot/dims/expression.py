# SPDX-License-Identifier: Apache-2.0
"""The canonical form of a symbolic size, and the arithmetic that keeps it.

An `Expression` is a sum of terms, each an integer coefficient times a product of atoms. Sums and
products are expanded; a floor division is divided out as far as polynomial long division goes, and
only the rest becomes an atom; a remainder is `x - d*(x//d)`. Terms are ordered by degree, then by
name, so one value has one form, one text and one hash.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import gcd
from typing import Final

from ingot.errors import ResourceError, ShapeError, UsageError

__all__ = ["Dim", "Expression", "symbol"]

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_RESERVED = ("min", "max")
_MEMORY: Final = 1 << 16
_TERM_LIMIT: Final = 4096


class Atom:
    """A factor that does not divide further: a symbol, a floor division, a minimum or a maximum.

    `kind` is "symbol", "//", "min" or "max"; `key` is the canonical text, which identifies it.
    """

    __slots__ = ("_hash", "arguments", "key", "kind", "name", "symbols")

    def __init__(self, kind: str, name: str, arguments: tuple[Dim, ...]) -> None:
        self.kind = kind
        self.name = name
        self.arguments = arguments
        self.key = _atom_text(kind, name, arguments)
        self.symbols: frozenset[str] = frozenset([name]) if kind == "symbol" else frozenset()
        for argument in arguments:
            if isinstance(argument, Expression):
                self.symbols |= argument.symbols
        self._hash = hash(self.key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Atom) and self.key == other.key)

    def __reduce__(self) -> tuple[object, ...]:
        return (Atom, (self.kind, self.name, self.arguments))


Monomial = tuple[tuple[Atom, int], ...]
Terms = Mapping[Monomial, int]


class Expression:
    """A size that depends on symbols; immutable, hashable, `==` compares canonical forms.

    Supports `+ - * // %` with ints and Expressions; a result that is constant is a plain int.
    """

    __slots__ = ("_hash", "_symbols", "_text", "terms")
    __array_ufunc__ = None

    terms: tuple[tuple[Monomial, int], ...]

    def __init__(self, terms: tuple[tuple[Monomial, int], ...]) -> None:
        self.terms = terms
        self._hash = hash(terms)
        self._symbols: frozenset[str] | None = None
        self._text = ""

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols that the size depends on."""
        if self._symbols is None:
            self._symbols = frozenset(
                name for monomial, _ in self.terms for atom, _ in monomial for name in atom.symbols
            )
        return self._symbols

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Expression) or self._hash != other._hash:
            return False
        return self.terms == other.terms

    def __add__(self, other: object) -> Dim:
        right = _operand(other)
        return NotImplemented if right is None else _add(self, right)

    __radd__ = __add__

    def __sub__(self, other: object) -> Dim:
        right = _operand(other)
        return NotImplemented if right is None else _add(self, -right)

    def __rsub__(self, other: object) -> Dim:
        left = _operand(other)
        return NotImplemented if left is None else _add(-self, left)

    def __neg__(self) -> Expression:
        return Expression(tuple((monomial, -count) for monomial, count in self.terms))

    def __mul__(self, other: object) -> Dim:
        right = _operand(other)
        return NotImplemented if right is None else _multiply(self, right)

    __rmul__ = __mul__

    def __floordiv__(self, other: object) -> Dim:
        right = _operand(other)
        return NotImplemented if right is None else floor_divide(self, right)

    def __rfloordiv__(self, other: object) -> Dim:
        left = _operand(other)
        return NotImplemented if left is None else floor_divide(left, self)

    def __mod__(self, other: object) -> Dim:
        right = _operand(other)
        return NotImplemented if right is None else self - right * floor_divide(self, right)

    def __rmod__(self, other: object) -> Dim:
        left = _operand(other)
        return NotImplemented if left is None else left - self * floor_divide(left, self)

    def __str__(self) -> str:
        if not self._text:
            self._text = _sum_text(self.terms)
        return self._text

    def __repr__(self) -> str:
        return f"Dim({self})"

    def __reduce__(self) -> tuple[object, ...]:
        return (Expression, (self.terms,))


Dim = int | Expression


@lru_cache(_MEMORY)
def symbol(name: str) -> Expression:
    """The size called `name`, an integer >= 0 known when inputs are bound."""
    if not name:
        raise UsageError("size symbol: a name is at least one character", cure="name the symbol")
    return from_atom(Atom("symbol", name, ()))


def from_atom(atom: Atom) -> Expression:
    """The expression that is just `atom`."""
    return Expression(((((atom, 1),), 1),))


def terms_of(dim: Dim) -> tuple[tuple[Monomial, int], ...]:
    """The terms of any dim, leading term first; none for zero."""
    if isinstance(dim, Expression):
        return dim.terms
    return (((), dim),) if dim else ()


def constant_of(dim: Dim) -> int:
    """The constant term of `dim`."""
    if not isinstance(dim, Expression):
        return dim
    monomial, count = dim.terms[-1]
    return 0 if monomial else count


def from_terms(terms: Terms) -> Dim:
    """The dim with these coefficients; zeros are dropped and the terms put in order."""
    kept = [(monomial, count) for monomial, count in terms.items() if count]
    if not kept:
        return 0
    if len(kept) == 1 and not kept[0][0]:
        return kept[0][1]
    kept.sort(key=lambda term: _order(term[0]))
    return Expression(tuple(kept))


def floor_divide(numerator: Dim, divisor: Dim) -> Dim:
    """`numerator // divisor`, divided out as far as it provably goes; raises ShapeError on 0."""
    if isinstance(divisor, int) and divisor == 0:
        raise ShapeError(f"size {numerator}//0: the divisor is zero", cure="check the model")
    if isinstance(numerator, int) and isinstance(divisor, int):
        return numerator // divisor
    return _floor_divide(numerator, divisor)


def _operand(value: object) -> Dim | None:
    if isinstance(value, int | Expression):
        return value
    try:
        return operator.index(value)  # type: ignore[arg-type]  # refuses what is no index
    except TypeError:
        return None


@lru_cache(_MEMORY)
def _order(monomial: Monomial) -> tuple[object, ...]:
    """Sort key: higher degree first, then by name; a monomial order, as long division needs."""
    degree = sum(power for _, power in monomial)
    return (-degree, tuple((atom.key, -power) for atom, power in monomial))


@lru_cache(_MEMORY)
def _add(left: Expression, right: Dim) -> Dim:
    terms = dict(left.terms)
    for monomial, count in terms_of(right):
        terms[monomial] = terms.get(monomial, 0) + count
    return from_terms(terms)


@lru_cache(_MEMORY)
def _multiply(left: Expression, right: Dim) -> Dim:
    if isinstance(right, int):
        return from_terms({monomial: count * right for monomial, count in left.terms})
    if len(left.terms) * len(right.terms) > _TERM_LIMIT:
        raise ResourceError(
            f"size expression: a product would have over {_TERM_LIMIT} terms",
            cure="give the model fixed sizes, or fewer independent ones",
        )
    terms: dict[Monomial, int] = {}
    for first, first_count in left.terms:
        for second, second_count in right.terms:
            monomial = _join(first, second)
            terms[monomial] = terms.get(monomial, 0) + first_count * second_count
    return from_terms(terms)


def _join(first: Monomial, second: Monomial) -> Monomial:
    if not first or not second:
        return first or second
    powers = dict(first)
    for atom, power in second:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda factor: factor[0].key))


def _quotient(monomial: Monomial, divisor: Monomial) -> Monomial | None:
    """`monomial / divisor`, or None where it does not divide."""
    powers = dict(monomial)
    for atom, power in divisor:
        rest = powers.get(atom, 0) - power
        if rest < 0:
            return None
        powers[atom] = rest
    return tuple((atom, power) for atom, power in powers.items() if power)


@lru_cache(_MEMORY)
def _floor_divide(numerator: Dim, divisor: Dim) -> Dim:
    if terms_of(divisor)[0][1] < 0:
        numerator, divisor = -numerator, -divisor
    whole, rest = _long_division(numerator, divisor)
    return whole + _floor_of_rest(rest, divisor)


def _long_division(numerator: Dim, divisor: Dim) -> tuple[Dim, Dim]:
    """Polynomials (whole, rest) with `numerator == whole*divisor + rest`, rest irreducible."""
    (lead, lead_count), *tail = terms_of(divisor)
    remaining = dict(terms_of(numerator))
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    while remaining:
        monomial = min(remaining, key=_order) if tail else next(iter(remaining))
        count = remaining.pop(monomial)
        factor = _quotient(monomial, lead)
        share = 0 if factor is None else count // lead_count
        rest[monomial] = count - share * lead_count
        if share and factor is not None:
            whole[factor] = share
            _subtract(remaining, share, factor, tail)
    return from_terms(whole), from_terms(rest)


def _subtract(
    terms: dict[Monomial, int], share: int, factor: Monomial, tail: list[tuple[Monomial, int]]
) -> None:
    for other, count in tail:
        monomial = _join(factor, other)
        left = terms.pop(monomial, 0) - share * count
        if left:
            terms[monomial] = left


def _floor_of_rest(rest: Dim, divisor: Dim) -> Dim:
    """`rest // divisor` where nothing divides out: an atom, unless a common factor cancels."""
    if isinstance(divisor, int):
        return _floor_over_int(rest, divisor)
    if rest == 0:
        return 0
    factor = _common_factor((*terms_of(rest), *divisor.terms))
    if factor != 1:
        return floor_divide(_exact(rest, factor), _exact(divisor, factor))
    return from_atom(Atom("//", "", (rest, divisor)))


def _floor_over_int(rest: Dim, divisor: int) -> Dim:
    if isinstance(rest, int):
        return rest // divisor
    constant = constant_of(rest)
    common = gcd(divisor, *(count for monomial, count in rest.terms if monomial))
    if common > 1:
        scaled = _exact(rest - constant, common) + constant // common
        return floor_divide(scaled, divisor // common)
    inner = _lone_quotient(rest - constant)
    if inner is not None:
        numerator, first = inner
        return floor_divide(numerator + constant * first, first * divisor)
    return from_atom(Atom("//", "", (rest, divisor)))


def _lone_quotient(dim: Dim) -> tuple[Dim, int] | None:
    """(x, a) where `dim` is exactly `x//a` with a positive int a: then (x//a + c)//b folds."""
    if not isinstance(dim, Expression) or len(dim.terms) != 1:
        return None
    monomial, count = dim.terms[0]
    if count != 1 or len(monomial) != 1:
        return None
    atom, power = monomial[0]
    if atom.kind != "//" or power != 1:
        return None
    numerator, divisor = atom.arguments
    return (numerator, divisor) if isinstance(divisor, int) else None


def _common_factor(terms: tuple[tuple[Monomial, int], ...]) -> Dim:
    content = gcd(*(count for _, count in terms))
    shared = dict(terms[0][0])
    for monomial, _ in terms[1:]:
        powers = dict(monomial)
        shared = {atom: min(power, powers.get(atom, 0)) for atom, power in shared.items()}
    return from_terms({tuple((a, power) for a, power in shared.items() if power): content})


def _exact(dim: Dim, factor: Dim) -> Dim:
    if isinstance(factor, int) and isinstance(dim, int):
        return dim // factor
    return _long_division(dim, factor)[0]


def _atom_text(kind: str, name: str, arguments: tuple[Dim, ...]) -> str:
    if kind == "symbol":
        plain = _PLAIN_NAME.match(name) and name not in _RESERVED
        return name if plain else json.dumps(name)
    if kind == "//":
        numerator, divisor = arguments
        return f"({_grouped(numerator)}//{_grouped(divisor)})"
    return f"{kind}({', '.join(map(str, arguments))})"


def _grouped(dim: Dim) -> str:
    if isinstance(dim, int):
        return str(dim) if dim >= 0 else f"({dim})"
    monomial, count = dim.terms[0]
    lone = len(dim.terms) == 1 and count == 1 and len(monomial) == 1 and monomial[0][1] == 1
    return str(dim) if lone else f"({dim})"


def _sum_text(terms: Iterable[tuple[Monomial, int]]) -> str:
    parts: list[str] = []
    for monomial, count in terms:
        factors = [atom.key for atom, power in monomial for _ in range(power)]
        if abs(count) != 1 or not factors:
            factors.insert(0, str(abs(count)))
        sign = "-" if count < 0 else "+"
        parts += [sign, "*".join(factors)]
    lead = "" if parts[0] == "+" else "-"
    return lead + " ".join(parts[1:])
