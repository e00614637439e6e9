# SPDX-License-Identifier: Apache-2.0
"""Scalar expressions for those who write formulas: the node classes and one function an operator.

Arguments are expressions or Python numbers; a number takes the type of the other arguments:
`0.5 * x * (1.0 + expr.erf(x * 0.7071))`.
"""

from __future__ import annotations

from collections.abc import Callable

from ingot.kernel.nodes import (
    Acc,
    Apply,
    Const,
    Expr,
    Load,
    Local,
    Number,
    Reduce,
    ReduceKind,
    Size,
    Var,
    apply,
    bits,
    cast,
    checked_index,
    constant,
    free_variables,
    reduce,
    rewrite,
    substitute,
    walk,
    where,
)

Unary = Callable[[Expr], Expr]
Binary = Callable[[Expr | Number, Expr | Number], Expr]


def _unary(op: str) -> Unary:
    def function(value: Expr) -> Expr:
        return apply(op, value)

    function.__name__ = op
    function.__doc__ = f"`{op}` of a scalar expression."
    return function


def _binary(op: str) -> Binary:
    def function(left: Expr | Number, right: Expr | Number) -> Expr:
        return apply(op, left, right)

    function.__name__ = op
    function.__doc__ = f"`{op}` of two scalar expressions of one type."
    return function


def fma(a: Expr | Number, b: Expr | Number, c: Expr | Number) -> Expr:
    """`a * b + c`, rounded once where the device can."""
    return apply("fma", a, b, c)


neg, abs, sign = map(_unary, ("neg", "abs", "sign"))
floor, ceil, round_even, trunc = map(_unary, ("floor", "ceil", "round_even", "trunc"))
sqrt, rsqrt, reciprocal = map(_unary, ("sqrt", "rsqrt", "reciprocal"))
exp, expm1, log, log1p = map(_unary, ("exp", "expm1", "log", "log1p"))
erf, tanh, sigmoid = map(_unary, ("erf", "tanh", "sigmoid"))
sin, cos, tan = map(_unary, ("sin", "cos", "tan"))
asin, acos, atan = map(_unary, ("asin", "acos", "atan"))
sinh, cosh = map(_unary, ("sinh", "cosh"))
asinh, acosh, atanh = map(_unary, ("asinh", "acosh", "atanh"))
isnan, isinf = map(_unary, ("is_nan", "is_inf"))
logical_not, bitwise_not = map(_unary, ("logical_not", "bitwise_not"))

add, sub, mul, div = map(_binary, ("add", "sub", "mul", "div"))
minimum, maximum, pow = map(_binary, ("minimum", "maximum", "pow"))
mod, floor_div, floor_mod = map(_binary, ("mod", "floor_div", "floor_mod"))
equal, not_equal = map(_binary, ("equal", "not_equal"))
less, less_equal = map(_binary, ("less", "less_equal"))
greater, greater_equal = map(_binary, ("greater", "greater_equal"))
logical_and, logical_or = map(_binary, ("logical_and", "logical_or"))
logical_xor, bitwise_xor = map(_binary, ("logical_xor", "bitwise_xor"))
bitwise_and, bitwise_or = map(_binary, ("bitwise_and", "bitwise_or"))
shift_left, shift_right = map(_binary, ("shift_left", "shift_right"))

__all__ = [
    "Acc", "Apply", "Const", "Expr", "Load", "Local", "Number", "Reduce", "ReduceKind", "Size",
    "Var", "abs", "acos", "acosh", "add", "apply", "asin", "asinh", "atan", "atanh", "bits",
    "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "cast", "ceil", "checked_index",
    "constant", "cos",
    "cosh", "div", "equal", "erf", "exp", "expm1", "floor", "floor_div", "floor_mod", "fma",
    "free_variables", "greater", "greater_equal", "isinf", "isnan", "less", "less_equal", "log",
    "log1p", "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum", "mod",
    "mul", "neg", "not_equal", "pow", "reciprocal", "reduce", "rewrite", "round_even", "rsqrt",
    "shift_left", "shift_right", "sigmoid", "sign", "sin", "sinh", "sqrt", "sub", "substitute",
    "tan", "tanh", "trunc", "walk", "where",
]  # fmt: skip
