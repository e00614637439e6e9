# SPDX-License-Identifier: Apache-2.0
"""Float operators as LLVM IR: a table from operator names to formulas over `Number`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ingot.targets.cpu import mathematics
from ingot.targets.cpu.builder import Builder
from ingot.targets.cpu.number import Number

COMPARISONS: Mapping[str, str] = {
    "equal": "oeq", "not_equal": "une", "less": "olt", "less_equal": "ole", "greater": "ogt",
    "greater_equal": "oge",
}  # fmt: skip


def _maximum(a: Number, b: Number) -> Number:
    return _extreme(a, b, "fmax")


def _minimum(a: Number, b: Number) -> Number:
    return _extreme(a, b, "fmin")


def _extreme(a: Number, b: Number, name: str) -> Number:
    """NaN wins. The instruction gives its second operand for NaN, so a constant goes first."""
    if _is_constant(b):
        a, b = b, a
    pick = a.builder.fmax if name == "fmax" else a.builder.fmin
    result = Number(a.builder, a.kind, pick(a.kind, a.register, b.register))
    return result if _is_constant(a) else a.where(a.is_nan(), result)


def _is_constant(value: Number) -> bool:
    return not value.register.startswith("%")


def _sign(x: Number) -> Number:
    one = x.constant(1.0).sign_of(x)
    return one.where(x.test("one", 0.0), x)


def _mod(a: Number, b: Number) -> Number:
    """a - b*trunc(a/b); the sign of a. Exact while the quotient is below 2**52."""
    size, step = a.magnitude(), b.magnitude()
    quotient = (size / step).call("trunc")
    product = quotient * step
    rest = (size - product) - quotient.product_error(step, product)
    rest = (rest + step).where(rest.test("olt", 0.0), rest)
    rest = (rest - step).where(rest.test("oge", step), rest)
    rest = size.where(size.test("olt", step), rest)
    return rest.sign_of(a)


def _floor_mod(a: Number, b: Number) -> Number:
    rest = _mod(a, b)
    product = rest * b.constant(1.0).sign_of(b)
    adjusted = (rest + b).where(product.test("olt", 0.0), rest)
    return adjusted.where(adjusted.test("une", 0.0), adjusted.sign_of(b))


def _rsqrt(x: Number) -> Number:
    return 1.0 / x.call("sqrt")


def _power(x: Number, y: Number) -> Number:
    """Small whole constant exponents by multiplication, others in double."""
    for exponent in (1.0, 2.0, 3.0, 4.0):
        if y.register == y.constant(exponent).register:
            square = x * x
            return (x, square, square * x, square * square)[int(exponent) - 1]
    return mathematics.power(x, y)


_FORMULAS: Mapping[str, Callable[..., Number]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "fma": lambda a, b, c: a.fma(b, c),
    "neg": lambda x: -x,
    "abs": lambda x: x.magnitude(),
    "sign": _sign,
    "minimum": _minimum,
    "maximum": _maximum,
    "floor": lambda x: x.call("floor"),
    "ceil": lambda x: x.call("ceil"),
    "trunc": lambda x: x.call("trunc"),
    "round_even": lambda x: x.call("roundeven"),
    "sqrt": lambda x: x.call("sqrt"),
    "rsqrt": _rsqrt,
    "reciprocal": lambda x: 1.0 / x,
    "floor_div": lambda a, b: (a / b).call("floor"),
    "exp": mathematics.exp,
    "expm1": mathematics.expm1,
    "log": mathematics.log,
    "log1p": mathematics.log1p,
    "erf": mathematics.erf,
    "tanh": mathematics.tanh,
    "sigmoid": mathematics.sigmoid,
}
_IN_DOUBLE: Mapping[str, Callable[..., Number]] = {
    "mod": _mod,
    "floor_mod": _floor_mod,
    "pow": _power,
    "sin": mathematics.sin,
    "cos": mathematics.cos,
    "tan": mathematics.tan,
    "asin": mathematics.asin,
    "acos": mathematics.acos,
    "atan": mathematics.atan,
    "sinh": mathematics.sinh,
    "cosh": mathematics.cosh,
    "asinh": mathematics.asinh,
    "acosh": mathematics.acosh,
    "atanh": mathematics.atanh,
}


def emit_float(builder: Builder, op: str, kind: str, args: Sequence[str]) -> str:
    """A float operator on register values of LLVM type `kind`, float or double elements."""
    numbers = [Number(builder, kind, arg) for arg in args]
    if op in _FORMULAS:
        return _FORMULAS[op](*numbers).register
    if numbers[0].double:
        return _IN_DOUBLE[op](*numbers).register
    if op == "pow" and numbers[1].register in _whole_powers(numbers[1]):
        return _power(*numbers).register
    return _IN_DOUBLE[op](*(number.widened() for number in numbers)).narrowed().register


def _whole_powers(y: Number) -> tuple[str, ...]:
    return tuple(y.constant(exponent).register for exponent in (1.0, 2.0, 3.0, 4.0))


def emit_float_test(builder: Builder, op: str, kind: str, args: Sequence[str]) -> str:
    """A comparison or classification of floats, as i1."""
    number = Number(builder, kind, args[0])
    if op == "is_nan":
        return number.is_nan().register
    if op == "is_inf":
        return number.magnitude().test("oeq", float("inf")).register
    return builder.test(f"fcmp {COMPARISONS[op]}", kind, args[0], args[1])
