# SPDX-License-Identifier: Apache-2.0
"""Arithmetic on known elements: numbers as the element type computes them, sizes symbolically.

Each function takes and gives single elements. `Undecided` says that a result cannot be known while
reading, such as a comparison of two sizes; the caller then emits a node instead.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np

from ingot.dims import Dim, Expression, bounds, ceil_div, maximum, minimum, symbols
from ingot.dtypes import DType
from ingot.ir.graph import SymbolRange
from ingot.onnx.tensor import Ratio

FINEST: Final = 4096


class Undecided(Exception):
    """The result depends on what is not known while reading."""


class Arithmetic:
    """Element arithmetic in one element type, with what is known of the symbols."""

    def __init__(
        self,
        dtype: DType,
        ranges: Mapping[str, SymbolRange],
        demand: Callable[[Dim], None],
    ) -> None:
        """`demand` makes it a condition of every run that a size is not negative."""
        self.dtype = dtype
        self._ranges = ranges
        self._demand = demand

    def bounds(self, size: Dim) -> tuple[int | None, int | None]:
        """The least and greatest value of a size."""
        known = {n: (self._ranges[n].lo, self._ranges[n].hi) for n in symbols(size)}
        return bounds(size, known)

    def number(self, value: Any) -> Any:
        """A result as the element type holds it; Undecided where an integer overflows."""
        if isinstance(value, Expression | Ratio):
            return value
        if self.dtype.kind == "bool":
            return bool(value)
        if self.dtype.is_float:
            return float(np.array(value, np.float64).astype(self.dtype.numpy))
        if not math.isfinite(value) or not _fits(int(value), self.dtype):
            raise Undecided
        return int(value)

    def add(self, a: Any, b: Any) -> Any:
        """Sum."""
        return self.number(_linear(a, b, 1))

    def sub(self, a: Any, b: Any) -> Any:
        """Difference."""
        return self.number(_linear(a, b, -1))

    def mul(self, a: Any, b: Any) -> Any:
        """Product."""
        if not (_symbolic(a) or _symbolic(b)):
            return self.number(a * b)
        left, right = _fraction(a), _fraction(b)
        return self.number(Ratio.of(left[0] * right[0], left[1] * right[1]))

    def div(self, a: Any, b: Any) -> Any:
        """Quotient: true for floats, towards zero for integers."""
        if self.dtype.is_float:
            return self._true_division(a, b)
        if not (_symbolic(a) or _symbolic(b)):
            if b == 0:
                raise Undecided
            quotient = abs(a) // abs(b)
            return self.number(quotient if (a < 0) == (b < 0) else -quotient)
        self._require_at_least(b, 1)
        return self._truncated(a, b)

    def _truncated(self, a: Any, b: Dim) -> Any:
        """`a / b` towards zero for a positive `b`; a size of unknown sign shall not be negative."""
        if isinstance(a, Ratio | float):
            raise Undecided
        low, high = self.bounds(a)
        if high is not None and high <= 0:
            return -(-a // b)
        if low is None or low < 0:
            self._demand(a)
        return a // b

    def mod(self, a: Any, b: Any) -> Any:
        """Remainder with the sign of the divisor."""
        if self.dtype.is_float or b == 0:
            raise Undecided
        if _symbolic(b):
            self._require_at_least(b, 1)
        return self.number(a % b)

    def fmod(self, a: Any, b: Any) -> Any:
        """Remainder with the sign of the dividend."""
        if _symbolic(a) or _symbolic(b):
            self._require_at_least(a, 0)
            return self.mod(a, b)
        return self.number(math.fmod(a, b))

    def power(self, a: Any, b: Any) -> Any:
        """Power, for symbolic sizes a small whole one."""
        if not (_symbolic(a) or _symbolic(b)):
            return self.number(a**b)
        if _symbolic(b) or isinstance(a, Ratio) or b not in (1, 2, 3):
            raise Undecided
        result = a
        for _ in range(int(b) - 1):
            result = result * a
        return result

    def minimum(self, a: Any, b: Any) -> Any:
        """The smaller one."""
        return self._extreme(a, b, minimum, 0)

    def maximum(self, a: Any, b: Any) -> Any:
        """The larger one."""
        return self._extreme(a, b, maximum, 1)

    def negative(self, a: Any) -> Any:
        """The negated element."""
        return self.sub(0, a)

    def absolute(self, a: Any) -> Any:
        """The magnitude."""
        if not _symbolic(a):
            return self.number(abs(a))
        self._require_at_least(a, 0)
        return a

    def sign(self, a: Any) -> Any:
        """-1, 0 or 1."""
        if _symbolic(a):
            self._require_at_least(a, 1)
            return self.number(1)
        return self.number((a > 0) - (a < 0))

    def floor(self, a: Any) -> Any:
        """The next whole number below."""
        if isinstance(a, Ratio):
            return a.numerator // a.denominator
        return a if _symbolic(a) else self.number(math.floor(a))

    def ceil(self, a: Any) -> Any:
        """The next whole number above."""
        if isinstance(a, Ratio):
            return ceil_div(a.numerator, a.denominator)
        return a if _symbolic(a) else self.number(math.ceil(a))

    def plain(self, function: Callable[[float], float]) -> Callable[[Any], Any]:
        """A function that only plain numbers have."""

        def apply(a: Any) -> Any:
            if _symbolic(a):
                raise Undecided
            return self.number(function(a))

        return apply

    def cast(self, a: Any) -> Any:
        """The element in this element type."""
        if self.dtype.kind == "bool":
            return self.compare("!=", a, 0)
        if isinstance(a, Ratio) and self.dtype.is_integer:
            self._require_at_least(a.numerator, 0)
            return a.numerator // a.denominator
        if self.dtype.is_integer and isinstance(a, float) and math.isfinite(a):
            return self.number(int(a))
        return self.number(a)

    def compare(self, relation: str, a: Any, b: Any) -> bool:
        """Whether `a relation b` ("==", "<", ...); Undecided where sizes do not settle it."""
        if not (_symbolic(a) or _symbolic(b)):
            return bool(_RELATIONS[relation](a, b))
        if isinstance(a, Ratio | float) or isinstance(b, Ratio | float):
            raise Undecided
        low, high = self.bounds(a - b)
        for holds_below, holds_equal, holds_above, name in _TABLE:
            if name == relation:
                return _settled(low, high, (holds_below, holds_equal, holds_above))
        raise Undecided

    def _true_division(self, a: Any, b: Any) -> Any:
        if not (_symbolic(a) or _symbolic(b)):
            if b == 0:
                raise Undecided
            return self.number(a / b)
        if _symbolic(b):
            if isinstance(a, Expression) and isinstance(b, Expression) and a % b == 0:
                return self.number(a // b)
            raise Undecided
        numerator, denominator = _fraction(a)
        top, bottom = _fraction(b)
        if not isinstance(top, int) or top <= 0:
            raise Undecided
        return self.number(Ratio.of(numerator * bottom, _fine(denominator * top)))

    def _extreme(self, a: Any, b: Any, symbolic: Callable[[Dim, Dim], Dim], side: int) -> Any:
        if not (_symbolic(a) or _symbolic(b)):
            return self.number((min, max)[side](a, b))
        if isinstance(a, Ratio | float) or isinstance(b, Ratio | float):
            raise Undecided
        low, high = self.bounds(a - b)
        if low is not None and low >= 0:
            return (b, a)[side]
        if high is not None and high <= 0:
            return (a, b)[side]
        return symbolic(a, b)

    def _require_at_least(self, size: Any, least: int) -> None:
        if isinstance(size, Ratio | float):
            raise Undecided
        low, _ = self.bounds(size)
        if low is None or low < least:
            raise Undecided


_RELATIONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_TABLE: Final = tuple(
    (relation(-1, 0), relation(0, 0), relation(1, 0), name) for name, relation in _RELATIONS.items()
)


def _settled(low: int | None, high: int | None, holds: tuple[bool, bool, bool]) -> bool:
    """Whether a relation holds for all differences between `low` and `high`."""
    below = low is None or low < 0
    above = high is None or high > 0
    equal = not (low is not None and low > 0) and not (high is not None and high < 0)
    possible = {answer for answer, can in zip(holds, (below, equal, above), strict=True) if can}
    if len(possible) != 1:
        raise Undecided
    return possible.pop()


def _symbolic(element: Any) -> bool:
    return isinstance(element, Expression | Ratio)


def _fraction(element: Any) -> tuple[Dim, int]:
    """An element as numerator and denominator."""
    if isinstance(element, Ratio):
        return element.numerator, element.denominator
    if isinstance(element, float):
        if not math.isfinite(element):
            raise Undecided
        exact = Fraction(element)
        return exact.numerator, _fine(exact.denominator)
    return element, 1


def _fine(denominator: int) -> int:
    """A denominator that float arithmetic on sizes gets right."""
    if denominator > FINEST:
        raise Undecided
    return denominator


def _linear(a: Any, b: Any, sign: int) -> Any:
    if isinstance(a, Expression | int) and isinstance(b, Expression | int):
        return a + sign * b
    if not (_symbolic(a) or _symbolic(b)):
        return a + sign * b
    (top, bottom), (other, under) = _fraction(a), _fraction(b)
    return Ratio.of(top * under + sign * other * bottom, _fine(bottom * under))


def _fits(value: int, dtype: DType) -> bool:
    if dtype.kind == "uint":
        return 0 <= value < 1 << dtype.bits
    return -(1 << (dtype.bits - 1)) <= value < 1 << (dtype.bits - 1)
