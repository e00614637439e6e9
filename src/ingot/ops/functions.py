# SPDX-License-Identifier: Apache-2.0
"""Elementwise functions of one real: exponentials, roots, trigonometry, rounding, predicates."""

from __future__ import annotations

from ingot.kernel import expr
from ingot.kernel.expr import Expr
from ingot.ops.domains import unary
from ingot.ops.example import Bound
from ingot.ops.op import AttributeSpec, Op
from ingot.ops.pointwise import elementwise

CLOSE = Bound(relative=2)
NEAR_ROOTS = Bound(relative=3, absolute=1)
POSITIVE = unary(low=0.01, high=9.0)
UNIT = unary(low=-0.99, high=0.99)

EXP = elementwise("exp", expr.exp, precision=CLOSE, doc="e to the power x.")
LOG = elementwise(
    "log", expr.log, precision=NEAR_ROOTS, examples=POSITIVE, doc="Natural logarithm of x."
)
SQRT = elementwise("sqrt", expr.sqrt, examples=POSITIVE, doc="√x; NaN below zero.")
RSQRT = elementwise("rsqrt", expr.rsqrt, precision=CLOSE, examples=POSITIVE, doc="1 / √x.")
ERF = elementwise("erf", expr.erf, precision=Bound(relative=3), doc="The error function of x.")
TANH = elementwise("tanh", expr.tanh, precision=Bound(relative=3), doc="Hyperbolic tangent of x.")
SIGMOID = elementwise("sigmoid", expr.sigmoid, precision=CLOSE, doc="1 / (1 + e^-x).")

SIN = elementwise("sin", expr.sin, precision=NEAR_ROOTS, doc="Sine of x radians.")
COS = elementwise("cos", expr.cos, precision=NEAR_ROOTS, doc="Cosine of x radians.")
TAN = elementwise(
    "tan", expr.tan, precision=NEAR_ROOTS, examples=unary(low=-1.4, high=1.4), doc="Tangent of x."
)
ASIN = elementwise("asin", expr.asin, precision=CLOSE, examples=UNIT, doc="Arc sine of x.")
ACOS = elementwise("acos", expr.acos, precision=NEAR_ROOTS, examples=UNIT, doc="Arc cosine of x.")
ATAN = elementwise("atan", expr.atan, precision=CLOSE, doc="Arc tangent of x.")
SINH = elementwise("sinh", expr.sinh, precision=CLOSE, doc="Hyperbolic sine of x.")
COSH = elementwise("cosh", expr.cosh, precision=CLOSE, doc="Hyperbolic cosine of x.")
ASINH = elementwise("asinh", expr.asinh, precision=CLOSE, doc="Inverse of sinh.")
ACOSH = elementwise(
    "acosh", expr.acosh, precision=NEAR_ROOTS, examples=unary(low=1.01, high=9.0),
    doc="Inverse of cosh.",
)  # fmt: skip
ATANH = elementwise("atanh", expr.atanh, precision=CLOSE, examples=UNIT, doc="Inverse of tanh.")

FLOOR = elementwise("floor", expr.floor, doc="The greatest integer not above x.")
CEIL = elementwise("ceil", expr.ceil, doc="The least integer not below x.")
ROUND = elementwise("round", expr.round_even, doc="The nearest integer; ties go to the even one.")

IS_NAN = elementwise("is_nan", expr.isnan, doc="Whether x is NaN.")


def _is_inf(x: Expr, *, detect_positive: bool, detect_negative: bool) -> Expr:
    if detect_positive and detect_negative:
        return expr.isinf(x)
    wanted = (x > 0) if detect_positive else (x < 0) if detect_negative else expr.isnan(x)
    return expr.logical_and(expr.isinf(x), wanted)


IS_INF = elementwise(
    "is_inf", _is_inf,
    attributes=(
        AttributeSpec("detect_positive", "bool", True, doc="report +inf"),
        AttributeSpec("detect_negative", "bool", True, doc="report -inf"),
    ),
    doc="Whether x is infinite, of the signs asked for.",
)  # fmt: skip

OPS: tuple[Op, ...] = (
    EXP, LOG, SQRT, RSQRT, ERF, TANH, SIGMOID, SIN, COS, TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH,
    ACOSH, ATANH, FLOOR, CEIL, ROUND, IS_NAN, IS_INF,
)  # fmt: skip
