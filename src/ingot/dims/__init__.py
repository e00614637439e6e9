# SPDX-License-Identifier: Apache-2.0
"""Symbolic sizes: exact integer arithmetic on expressions over named sizes.

A `Dim` is a plain int or an `Expression`. Expressions are kept in one canonical form, a polynomial
with integer coefficients over atoms (symbols, floor divisions, minima, maxima), so that equal
sizes mostly compare equal, and `(2*n)//2` is `n`. A symbol stands for a size: an integer >= 0.

`expression` holds the form and its arithmetic, `algebra` what one can ask of it, `text` parses it,
`binding` ties it to the sizes of real inputs.
"""

from ingot.dims.algebra import (
    bounds,
    ceil_div,
    evaluate,
    is_multiple,
    maximum,
    minimum,
    product,
    sides_of_maximum,
    substitute,
    symbols,
)
from ingot.dims.binding import Guard, compile_dims, solve
from ingot.dims.expression import Dim, Expression, symbol
from ingot.dims.text import parse

__all__ = [
    "Dim",
    "Expression",
    "Guard",
    "bounds",
    "ceil_div",
    "compile_dims",
    "evaluate",
    "is_multiple",
    "maximum",
    "minimum",
    "parse",
    "product",
    "sides_of_maximum",
    "solve",
    "substitute",
    "symbol",
    "symbols",
]
