# SPDX-License-Identifier: Apache-2.0
"""Arithmetic and elementwise functions, conversions between element types."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce

import numpy as np

from ingot.dtypes import (
    FLOAT8_E4M3FN,
    FLOAT8_E4M3FNUZ,
    FLOAT8_E5M2,
    FLOAT8_E5M2FNUZ,
    FLOAT8_E8M0FNU,
    FLOAT32,
    INT32,
    DType,
)
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Read, direct, paired

# The greatest finite values of the types to which casts saturate.
LARGEST = {
    FLOAT8_E4M3FN: 448.0,
    FLOAT8_E4M3FNUZ: 240.0,
    FLOAT8_E5M2: 57344.0,
    FLOAT8_E5M2FNUZ: 57344.0,
}
# The least and the greatest number of the type that holds powers of two.
LEAST_POWER, MOST_POWER = 2.0**-127, 2.0**127


def variadic(op: str) -> Read:
    """The mapping that folds all inputs by the binary op `op`, from left to right."""

    def read(call: Call) -> Value:
        *inner, last = (call[i] for i in range(len(call)))
        if not inner:
            return last
        return call.result(op, reduce(lambda a, b: call.make(op, a, b), inner), last)

    return read


def _mean(call: Call) -> Value:
    total = reduce(lambda a, b: call.make("add", a, b), (call[i] for i in range(len(call))))
    return call.result("div", total, len(call))


def _mod(call: Call) -> Value:
    return call.result("mod", call[0], call[1], fmod=call.bool_attribute("fmod"))


def _pow(call: Call) -> Value:
    """The base decides the result's type; a float exponent of an integer base computes in float."""
    base, exponent = call[0], call[1]
    if base.dtype.is_integer and exponent.dtype.is_float:
        wide = call.make("cast", base, to=exponent.dtype)
        return call.result("cast", call.make("pow", wide, exponent), to=base.dtype)
    return call.result("pow", base, converted(call, exponent, base.dtype))


def converted(call: Call, value: Value, dtype: DType) -> Value:
    """`value` as elements of `dtype`."""
    return value if value.dtype == dtype else call.make("cast", value, to=dtype)


def _cast(call: Call) -> Value:
    return _cast_to(call, call.type_attribute("to"))


def _cast_like(call: Call) -> Value:
    return _cast_to(call, call.dtype(1))


def _cast_to(call: Call, dtype: DType) -> Value:
    """A cast; eight-bit floats saturate unless told not to, integers below a byte wrap."""
    if call.dtype() == dtype:
        return call[0]
    if dtype == FLOAT8_E8M0FNU:
        return _cast_to_power(call)
    value = call[0]
    if dtype in LARGEST and call.bool_attribute("saturate", True):
        wide = value if value.dtype.is_float else call.make("cast", value, to=FLOAT32)
        most = LARGEST[dtype]
        value = call.make("clip", wide, lo=-most, hi=most)
    elif dtype.is_integer and dtype.bits < 8 and value.dtype.is_float:
        value = call.make("cast", value, to=INT32)
    return call.result("cast", value, to=dtype)


def _cast_to_power(call: Call) -> Value:
    """The magnitude as a power of two, rounded up unless told otherwise; 0 gives the least one.

    The plain cast gives a power next to the number, from which those below and above follow.
    """
    mode = call.choice_attribute("round_mode", "up", ("up", "down", "nearest"))
    x = call.make("abs", converted(call, call[0], FLOAT32))
    most = MOST_POWER if call.bool_attribute("saturate", True) else None
    endless = call.make("is_inf", x, detect_positive=True, detect_negative=True)
    x = call.make("where", endless, x, call.make("clip", x, lo=LEAST_POWER, hi=most))
    if mode == "nearest":
        return call.result("cast", x, to=FLOAT8_E8M0FNU)
    near = call.make("cast", call.make("cast", x, to=FLOAT8_E8M0FNU), to=FLOAT32)
    short = call.make("less" if mode == "up" else "greater", near, x)
    other = call.make("mul", near, 2.0 if mode == "up" else 0.5)
    return call.result("cast", call.make("where", short, other, near), to=FLOAT8_E8M0FNU)


def _bit_cast(call: Call) -> Value:
    dtype = call.type_attribute("to")
    if dtype.bits != call.dtype().bits:
        call.fail(f"{call.dtype()} and {dtype} differ in width", "name a type of the same width")
    return call.result("bit_cast", call[0], to=dtype)


def _clip_attributes(call: Call) -> Value:
    return _clipped(call, _bound(call, "min"), _bound(call, "max"))


def _bound(call: Call, name: str) -> float | None:
    return call.float_attribute(name) if call.given(name) else None


def _clip(call: Call) -> Value:
    """Known bounds become attributes, others are tensors."""
    bounds = [_known_bound(call, index) for index in (1, 2)]
    if all(known for known, _ in bounds):
        return _clipped(call, bounds[0][1], bounds[1][1])
    given = [(index, op) for index, op in ((1, "maximum"), (2, "minimum")) if call.has(index)]
    value = call[0]
    for index, op in given:
        bound = call.make("reshape", call[index], shape=())
        make = call.result if (index, op) == given[-1] else call.make
        value = make(op, value, bound)
    return value


def _known_bound(call: Call, index: int) -> tuple[bool, float | None]:
    """Whether a bound is known now, and what it is (None where there is none)."""
    if not call.has(index):
        return True, None
    elements = call.tensor(index).elements
    if elements is None or elements.size != 1:
        return False, None
    value = elements.item()
    return isinstance(value, int | float), value


def _clipped(call: Call, low: float | None, high: float | None) -> Value:
    low, high = _held(call, low, math.ceil), _held(call, high, math.floor)
    if low is None and high is None:
        return call[0]
    return call.result("clip", call[0], lo=low, hi=high)


def _held(call: Call, bound: float | None, whole: Callable[[float], int]) -> float | None:
    """A bound as the element type holds it; None where every integer of the type is within."""
    dtype = call.dtype()
    if bound is None or dtype.is_float:
        return None if bound is None else _rounded(bound, dtype)
    if math.isnan(bound):
        call.fail("a bound is not a number", "correct the model")
    least = -(1 << (dtype.bits - 1)) if dtype.is_signed else 0
    most = least + (1 << dtype.bits) - 1
    if least < bound < most:
        return whole(bound)
    if (bound <= least) == (whole is math.ceil):
        return None
    return least if bound <= least else most


def _rounded(bound: float, dtype: DType) -> float:
    with np.errstate(over="ignore"):
        return float(np.array(bound).astype(dtype.numpy))


def _is_inf(call: Call) -> Value:
    return call.result(
        "is_inf",
        _specials(call),
        detect_positive=call.bool_attribute("detect_positive", True),
        detect_negative=call.bool_attribute("detect_negative", True),
    )


def _is_nan(call: Call) -> Value:
    return call.result("is_nan", _specials(call))


def _specials(call: Call) -> Value:
    """The input; eight-bit floats as float32, which holds their infinities and NaNs too."""
    return converted(call, call[0], FLOAT32) if call.dtype() in LARGEST else call[0]


def running(op: str) -> Read:
    """The mapping to a running fold along an axis that is an input."""

    def read(call: Call) -> Value:
        axis = call.integer(call.size(1, "the axis"), "the axis")
        return call.result(
            op,
            call[0],
            axis=call.axis(axis, call.rank()),
            exclusive=call.bool_attribute("exclusive"),
            reverse=call.bool_attribute("reverse"),
        )

    return read


def _bit_shift(call: Call) -> Value:
    direction = call.choice_attribute("direction", "", ("LEFT", "RIGHT"))
    return call.result(f"shift_{direction.lower()}", call[0], call[1])


UNARY = (
    ("Neg", "neg"), ("Abs", "abs"), ("Sign", "sign"), ("Reciprocal", "reciprocal"),
    ("Exp", "exp"), ("Log", "log"), ("Sqrt", "sqrt"), ("Erf", "erf"), ("Tanh", "tanh"),
    ("Sigmoid", "sigmoid"), ("Sin", "sin"), ("Cos", "cos"), ("Tan", "tan"), ("Asin", "asin"),
    ("Acos", "acos"), ("Atan", "atan"), ("Sinh", "sinh"), ("Cosh", "cosh"), ("Asinh", "asinh"),
    ("Acosh", "acosh"), ("Atanh", "atanh"), ("Floor", "floor"), ("Ceil", "ceil"),
    ("Round", "round"), ("BitwiseNot", "bitwise_not"),
)  # fmt: skip
BINARY = (
    ("Add", "add"), ("Sub", "sub"), ("Mul", "mul"), ("Div", "div"),
    ("BitwiseAnd", "bitwise_and"), ("BitwiseOr", "bitwise_or"), ("BitwiseXor", "bitwise_xor"),
)  # fmt: skip

OPERATORS = (
    *(Operator(name, direct(op)) for name, op in UNARY),
    *(Operator(name, paired(op)) for name, op in BINARY),
    Operator("Sum", variadic("add")),
    Operator("Min", variadic("minimum")),
    Operator("Max", variadic("maximum")),
    Operator("Mean", _mean),
    Operator("Mod", _mod),
    Operator("Pow", _pow),
    Operator("BitShift", _bit_shift),
    Operator("Clip", _clip_attributes),
    Operator("Clip", _clip, since=11),
    Operator("IsInf", _is_inf),
    Operator("IsNaN", _is_nan),
    Operator("CumSum", running("cumsum")),
    Operator("CumProd", running("cumprod")),
    Operator("Cast", _cast, ignores=("saturate", "round_mode")),
    Operator("CastLike", _cast_like, ignores=("saturate", "round_mode")),
    Operator("BitCast", _bit_cast),
)
