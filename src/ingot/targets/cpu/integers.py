# SPDX-License-Identifier: Apache-2.0
"""Integer and boolean operators as LLVM IR, on scalars or vectors.

Arithmetic wraps. Nothing here traps: a divisor of 0 is reported by the caller and divided as 1, the
smallest integer divided by -1 wraps, and a shift by the width or more shifts everything out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ingot.dtypes import DType
from ingot.targets.cpu.builder import Builder, lanes_of, literal, vector
from ingot.targets.cpu.literal import element_bits

DIVISIONS = ("div", "mod", "floor_div", "floor_mod")
COMPARISONS: Mapping[str, str] = {
    "equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt",
    "greater_equal": "ge",
}  # fmt: skip
_PLAIN: Mapping[str, str] = {
    "add": "add", "sub": "sub", "mul": "mul", "bitwise_and": "and", "bitwise_or": "or",
    "bitwise_xor": "xor",
}  # fmt: skip
_LOGIC: Mapping[str, str] = {"logical_and": "and", "logical_or": "or", "logical_xor": "xor"}


def emit_logic(builder: Builder, op: str, kind: str, args: Sequence[str]) -> str:
    """A logical operator on i1."""
    if op == "logical_not":
        return builder.binary("xor", kind, args[0], literal(kind, 1))
    return builder.binary(_LOGIC[op], kind, args[0], args[1])


def emit_comparison(builder: Builder, op: str, dtype: DType, kind: str, args: Sequence[str]) -> str:
    """A comparison of integers or booleans."""
    name = COMPARISONS[op]
    sign = "" if name in ("eq", "ne") else ("s" if dtype.kind == "int" else "u")
    return builder.test(f"icmp {sign}{name}", kind, args[0], args[1])


def emit_integer(builder: Builder, op: str, dtype: DType, kind: str, args: Sequence[str]) -> str:
    """An operator of `dtype` on register values of LLVM type `kind`."""
    if op in _PLAIN:
        return builder.binary(_PLAIN[op], kind, args[0], args[1])
    signed = dtype.is_signed
    if op in DIVISIONS:
        return _division(builder, op, signed, kind, args[0], args[1])
    return _FORMULAS[op](builder, signed, kind, *args)


def is_zero(builder: Builder, kind: str, value: str) -> str:
    """Whether a value, or any lane of it, is 0, as a flag for each lane."""
    return builder.test("icmp eq", kind, value, literal(kind, 0))


def _division(builder: Builder, op: str, signed: bool, kind: str, a: str, b: str) -> str:
    zero = is_zero(builder, kind, b)
    one = literal(kind, 1)
    if not signed:
        safe = builder.choose(kind, zero, one, b)
        result = builder.binary("udiv" if "div" in op else "urem", kind, a, safe)
        return builder.choose(kind, zero, literal(kind, 0), result)
    minus = builder.test("icmp eq", kind, b, literal(kind, -1))
    special = builder.binary("or", vector("i1", lanes_of(kind)), zero, minus)
    safe = builder.choose(kind, special, one, b)
    quotient = builder.binary("sdiv", kind, a, safe)
    rest = builder.binary("sub", kind, a, builder.binary("mul", kind, quotient, safe))
    negated = builder.binary("sub", kind, literal(kind, 0), a)
    quotient = builder.choose(kind, minus, negated, quotient)
    if op.startswith("floor"):
        quotient, rest = _floored(builder, kind, quotient, rest, safe)
    return builder.choose(kind, zero, literal(kind, 0), quotient if "div" in op else rest)


def _floored(
    builder: Builder, kind: str, quotient: str, rest: str, divisor: str
) -> tuple[str, str]:
    """From truncated to floor division: one less where remainder and divisor differ in sign."""
    flags = vector("i1", lanes_of(kind))
    some = builder.test("icmp ne", kind, rest, literal(kind, 0))
    differ = builder.binary("xor", kind, rest, divisor)
    differ = builder.test("icmp slt", kind, differ, literal(kind, 0))
    down = builder.binary("and", flags, some, differ)
    less = builder.binary("sub", kind, quotient, literal(kind, 1))
    more = builder.binary("add", kind, rest, divisor)
    return builder.choose(kind, down, less, quotient), builder.choose(kind, down, more, rest)


def _extreme(smaller: bool) -> Callable[..., str]:
    def emit(builder: Builder, signed: bool, kind: str, a: str, b: str) -> str:
        order = ("s" if signed else "u") + ("lt" if smaller else "gt")
        return builder.choose(kind, builder.test(f"icmp {order}", kind, a, b), a, b)

    return emit


def _negative(builder: Builder, signed: bool, kind: str, a: str) -> str:
    return builder.binary("sub", kind, literal(kind, 0), a)


def _absolute(builder: Builder, signed: bool, kind: str, a: str) -> str:
    if not signed:
        return a
    below = builder.test("icmp slt", kind, a, literal(kind, 0))
    return builder.choose(kind, below, _negative(builder, signed, kind, a), a)


def _sign(builder: Builder, signed: bool, kind: str, a: str) -> str:
    flags = vector("i1", lanes_of(kind))
    some = builder.test("icmp ne", kind, a, literal(kind, 0))
    positive = builder.convert("zext", flags, some, kind)
    if not signed:
        return positive
    below = builder.test("icmp slt", kind, a, literal(kind, 0))
    return builder.choose(kind, below, literal(kind, -1), positive)


def _not(builder: Builder, signed: bool, kind: str, a: str) -> str:
    return builder.binary("xor", kind, a, literal(kind, -1))


def _shift(left: bool) -> Callable[..., str]:
    def emit(builder: Builder, signed: bool, kind: str, a: str, b: str) -> str:
        bits = element_bits(kind)
        inside = builder.test("icmp ult", kind, b, literal(kind, bits))
        count = builder.choose(kind, inside, b, literal(kind, 0))
        right = "ashr" if signed else "lshr"
        shifted = builder.binary("shl" if left else right, kind, a, count)
        beyond = literal(kind, 0)
        if signed and not left:
            beyond = builder.binary("ashr", kind, a, literal(kind, bits - 1))
        return builder.choose(kind, inside, shifted, beyond)

    return emit


def _power(builder: Builder, signed: bool, kind: str, base: str, exponent: str) -> str:
    """Square and multiply over every bit of the exponent; 1/base truncated for a negative one."""
    one, zero = literal(kind, 1), literal(kind, 0)

    def step(index: int | str, values: list[str]) -> list[str]:
        result, square, left = values
        odd = builder.binary("and", kind, left, one)
        taken = builder.test("icmp ne", kind, odd, zero)
        product = builder.binary("mul", kind, result, square)
        result = builder.choose(kind, taken, product, result)
        return [
            result,
            builder.binary("mul", kind, square, square),
            builder.binary("lshr", kind, left, one),
        ]

    carried = [(kind, one), (kind, base), (kind, exponent)]
    result = builder.loop(0, element_bits(kind), 1, step, carried)[0]
    if not signed:
        return result
    negative = builder.test("icmp slt", kind, exponent, zero)
    odd = builder.test("icmp ne", kind, builder.binary("and", kind, exponent, one), zero)
    alternating = builder.choose(kind, odd, literal(kind, -1), one)
    is_minus = builder.test("icmp eq", kind, base, literal(kind, -1))
    is_one = builder.test("icmp eq", kind, base, one)
    inverse = builder.choose(kind, is_minus, alternating, zero)
    inverse = builder.choose(kind, is_one, one, inverse)
    return builder.choose(kind, negative, inverse, result)


_FORMULAS: Mapping[str, Callable[..., str]] = {
    "minimum": _extreme(smaller=True),
    "maximum": _extreme(smaller=False),
    "neg": _negative,
    "abs": _absolute,
    "sign": _sign,
    "bitwise_not": _not,
    "shift_left": _shift(left=True),
    "shift_right": _shift(left=False),
    "pow": _power,
}
