# SPDX-License-Identifier: Apache-2.0
"""Elementwise arithmetic on numbers of one type, and the conversions between types."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from ingot.dtypes import (
    BFLOAT16,
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    DType,
)
from ingot.ir.graph import Array
from ingot.kernel import expr
from ingot.kernel.expr import Expr
from ingot.ops.domains import ANY, ELEMENTS, INTS, NUMBERS, REALS, SIGNED, binary, unary
from ingot.ops.example import Bound
from ingot.ops.op import AttributeSpec, Op
from ingot.ops.pointwise import elementwise

PAIR = ("a", "b")
SIGNED_NUMBERS = (*REALS, *SIGNED)

ADD = elementwise(
    "add", expr.add, inputs=PAIR, domain=NUMBERS, examples=binary(), commutative=True,
    doc="a + b; integers wrap.",
)  # fmt: skip
SUB = elementwise(
    "sub", expr.sub, inputs=PAIR, domain=NUMBERS, examples=binary(), doc="a - b; integers wrap."
)
MUL = elementwise(
    "mul", expr.mul, inputs=PAIR, domain=NUMBERS, examples=binary(), commutative=True,
    doc="a · b; integers wrap.",
)  # fmt: skip
DIV = elementwise(
    "div", expr.div, inputs=PAIR, domain=NUMBERS, examples=binary(least=1), can_fault=True,
    doc="a / b; integers truncate toward zero, an integer zero divisor is a fault.",
)  # fmt: skip


def _mod(a: Expr, b: Expr, *, fmod: bool) -> Expr:
    return expr.mod(a, b) if fmod else expr.floor_mod(a, b)


MOD = elementwise(
    "mod", _mod, inputs=PAIR, domain=NUMBERS, can_fault=True,
    attributes=(AttributeSpec("fmod", "bool", False, doc="take the sign of a, not of b"),),
    examples=(
        *binary(only=INTS, least=1, low=-90, high=90),
        *binary(attributes={"fmod": True}, least=1, low=-90, high=90),
    ),
    doc="Remainder of a / b with the sign of b, or of a with fmod; zero divisors as div.",
)  # fmt: skip
POW = elementwise(
    "pow", expr.pow, inputs=PAIR, domain=(*REALS, *INTS), precision=Bound(relative=2),
    examples=(*binary(only=REALS, low=0.1, second={"low": -3.0, "high": 3.0}),
              *binary(only=INTS, low=-3, high=3, second={"low": 0, "high": 3})),
    doc="a to the power b; integers wrap, a negative integer exponent truncates toward zero.",
)  # fmt: skip
MINIMUM = elementwise(
    "minimum", expr.minimum, inputs=PAIR, domain=NUMBERS, examples=binary(), commutative=True,
    doc="The lesser of a and b; NaN if either is NaN.",
)  # fmt: skip
MAXIMUM = elementwise(
    "maximum", expr.maximum, inputs=PAIR, domain=NUMBERS, examples=binary(), commutative=True,
    doc="The greater of a and b; NaN if either is NaN.",
)  # fmt: skip
NEG = elementwise(
    "neg", expr.neg, domain=SIGNED_NUMBERS, doc="-x; the least integer stays as it is."
)
ABS = elementwise("abs", expr.abs, domain=NUMBERS, doc="|x|; the least integer stays as it is.")
SIGN = elementwise("sign", expr.sign, domain=NUMBERS, doc="-1, 0 or 1; NaN for NaN.")
RECIPROCAL = elementwise("reciprocal", expr.reciprocal, examples=unary(least=0.1), doc="1 / x.")


def _clip(x: Expr, *, lo: float | None, hi: float | None) -> Expr:
    x = x if lo is None else expr.maximum(x, _limit(lo, x.dtype, math.ceil))
    return x if hi is None else expr.minimum(x, _limit(hi, x.dtype, math.floor))


def _limit(bound: float, dtype: DType, towards: Callable[[float], int]) -> float:
    """A bound of `clip` as a value of the type: whole and in range for an integer type."""
    if dtype.is_float:
        return bound
    low = -(1 << (dtype.bits - 1)) if dtype.is_signed else 0
    return min(max(towards(bound), low), low + (1 << dtype.bits) - 1)


CLIP = elementwise(
    "clip", _clip, domain=NUMBERS,
    attributes=(
        AttributeSpec("lo", "number", None, doc="least value; none if not given"),
        AttributeSpec("hi", "number", None, doc="greatest value; wins where lo > hi"),
    ),
    examples=(
        *unary(attributes={"lo": 1, "hi": 2}), *unary(attributes={"hi": 0}),
        *unary(attributes={"lo": 1}),
    ),
    doc="min(max(x, lo), hi); NaN stays NaN.",
)  # fmt: skip


def _identity(x: Expr) -> Expr:
    return x


IDENTITY = elementwise(
    "identity", _identity, domain=ANY, examples=unary(only=ELEMENTS), doc="x itself."
)


def _cast(x: Expr, *, to: DType) -> Expr:
    return expr.cast(x, to)


CAST = elementwise(
    "cast", _cast, domain=ANY,
    attributes=(AttributeSpec("to", "dtype", doc="element type of the result"),),
    examples=tuple(
        example
        for to in ELEMENTS
        for example in unary(ELEMENTS, {"to": to}, high=90.0)[: None if to == FLOAT32 else 1]
    ),
    doc="x as another element type: to float rounds to nearest even, float to integer truncates "
    "and saturates (NaN gives 0), integer to integer wraps, to bool tests against zero.",
)  # fmt: skip


def _bit_cast(x: Expr, *, to: DType) -> Expr:
    return expr.bits(x, to)


def _bits(x: Array, *, to: DType) -> Array:
    return x.view(to.numpy)


_OF_WIDTH = {8: (INT8, UINT8, BOOL), 16: (INT16, UINT16, FLOAT16, BFLOAT16),
             32: (INT32, UINT32, FLOAT32), 64: (INT64, UINT64, FLOAT64)}  # fmt: skip

BIT_CAST = replace(
    elementwise(
        "bit_cast", _bit_cast, domain=ELEMENTS,
        attributes=(AttributeSpec("to", "dtype", doc="element type of the result, as wide"),),
        examples=tuple(
            example
            for same in _OF_WIDTH.values()
            for to in same
            for example in unary(same, {"to": to}, high=90.0)
            if to != BOOL
        ),
        doc="The bits of x as another element type of the same width.",
    ),
    evaluate_rule=_bits,
)  # fmt: skip

OPS: tuple[Op, ...] = (
    ADD, SUB, MUL, DIV, MOD, POW, MINIMUM, MAXIMUM, NEG, ABS, SIGN, RECIPROCAL, CLIP, IDENTITY,
    CAST, BIT_CAST,
)  # fmt: skip
