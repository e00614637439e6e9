# SPDX-License-Identifier: Apache-2.0
"""Read a symbolic size from its text, the inverse of `str(dim)`.

Sums, products, `//` and `%` with Python's precedence, `min(...)` and `max(...)` of two or more,
decimal ints, names, and names in double quotes where they are not plain identifiers.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from ingot.dims.algebra import maximum, minimum
from ingot.dims.expression import Dim, symbol
from ingot.errors import IngotError, TextError

__all__ = ["parse"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d{1,20})(?!\w)|(?P<name>[A-Za-z_]\w*)|(?P<quoted>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<sign>//|[-+*%(),]))""",
    re.ASCII,
)
_DEPTH_LIMIT = 64


@lru_cache(1 << 16)
def parse(text: str) -> Dim:
    """The size that `text` says; raises TextError where it says none."""
    if text.isdecimal() and len(text) <= 20:
        return int(text)
    try:
        return _Reader(text).whole()
    except TextError:
        raise
    except IngotError as error:
        raise TextError(f"size '{text}': {error.message}", cure=error.cure) from error


class _Reader:
    """A recursive-descent reader; `depth` bounds the recursion on hostile text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = self._split(text)
        self.place = 0
        self.depth = 0

    def _split(self, text: str) -> list[tuple[str, str]]:
        tokens = []
        place = 0
        while place < len(text.rstrip()):
            match = _TOKEN.match(text, place)
            if match is None:
                raise self._error(f"'{text[place : place + 8]}' is no part of a size")
            tokens.append((str(match.lastgroup), match[str(match.lastgroup)]))
            place = match.end()
        return [*tokens, ("end", "")]

    def _error(self, what: str) -> TextError:
        return TextError(f"size '{self.text[:80]}': {what}", cure="write it as in `2*(n + 1)//k`")

    def _take(self, *signs: str) -> str:
        kind, value = self.tokens[self.place]
        if kind == "sign" and value in signs:
            self.place += 1
            return value
        return ""

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            found = self.tokens[self.place][1] or "the end"
            raise self._error(f"'{sign}' expected, found '{found}'")

    def whole(self) -> Dim:
        dim = self._sum()
        if self.tokens[self.place][0] != "end":
            raise self._error(f"'{self.tokens[self.place][1]}' follows a complete size")
        return dim

    def _sum(self) -> Dim:
        total = self._product()
        while sign := self._take("+", "-"):
            part = self._product()
            total = total + part if sign == "+" else total - part
        return total

    def _product(self) -> Dim:
        total = self._factor()
        while sign := self._take("*", "//", "%"):
            part = self._factor()
            if sign == "*":
                total = total * part
            elif part == 0:
                raise self._error("a divisor is zero")
            else:
                total = total // part if sign == "//" else total % part
        return total

    def _factor(self) -> Dim:
        self.depth += 1
        if self.depth > _DEPTH_LIMIT:
            raise self._error(f"it nests deeper than {_DEPTH_LIMIT} levels")
        factor = -self._factor() if self._take("-") else self._atom()
        self.depth -= 1
        return factor

    def _atom(self) -> Dim:
        if self._take("("):
            inner = self._sum()
            self._expect(")")
            return inner
        kind, value = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return int(value)
        if kind == "quoted":
            return symbol(self._unquoted(value))
        if kind == "name":
            return self._extreme(value) if value in ("min", "max") else symbol(value)
        raise self._error(f"a number or name expected, found '{value or 'the end'}'")

    def _unquoted(self, value: str) -> str:
        try:
            return str(json.loads(value))
        except ValueError:
            raise self._error(f"{value} is no quoted name") from None

    def _extreme(self, name: str) -> Dim:
        combine = minimum if name == "min" else maximum
        self._expect("(")
        total = self._sum()
        while self._take(","):
            total = combine(total, self._sum())
        self._expect(")")
        return total
