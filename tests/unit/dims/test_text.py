# SPDX-License-Identifier: Apache-2.0
"""Sizes read from text: what parses, and the exact message for what does not."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingot.dims import maximum, parse, symbol
from ingot.errors import IngotError, TextError

n, k = symbol("n"), symbol("k")


@pytest.mark.parametrize(
    ("text", "dim"),
    [
        ("0", 0),
        ("-3", -3),
        (" 2 * (n + 1) // 2 ", n + 1),
        ("n - k - 1", n - k - 1),
        ("n % 4 // 2", (n % 4) // 2),
        ("--n", n),
        ('"seq len" * 2', 2 * symbol("seq len")),
        ("max(n, 3, n + 1)", maximum(n + 1, 3)),
        ("min(7, 3)", 3),
    ],
)
def test_reads(text, dim):
    assert parse(text) == dim


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "size '': a number or name expected, found 'the end'"),
        ("n +", "size 'n +': a number or name expected, found 'the end'"),
        ("n n", "size 'n n': 'n' follows a complete size"),
        ("(n", "size '(n': ')' expected, found 'the end'"),
        ("n & k", "size 'n & k': ' & k' is no part of a size"),
        ("n // 0", "size 'n // 0': a divisor is zero"),
        ("n // (k - k)", "size 'n // (k - k)': a divisor is zero"),
        ("n.real", "size 'n.real': '.real' is no part of a size"),
        ("3n", "size '3n': '3n' is no part of a size"),
        ('""', "size '\"\"': size symbol: a name is at least one character"),
        ('"\\q"', 'size \'"\\q"\': "\\q" is no quoted name'),
        ("(" * 500 + "n", "it nests deeper than 64 levels"),
        ("-" * 500 + "n", "it nests deeper than 64 levels"),
        ("9" * 30, "is no part of a size"),
        ("min", "size 'min': '(' expected, found 'the end'"),
    ],
)
def test_refuses(text, message):
    with pytest.raises(TextError) as caught:
        parse(text)
    assert message in str(caught.value)


@given(st.text('nk0123456789 +-*/%(),"\\minax', max_size=30))
def test_any_text_gives_a_size_or_one_error(text):
    with suppress(IngotError):
        parse(text)
