# SPDX-License-Identifier: Apache-2.0
"""Floats of eight bits and fewer: from the byte that holds one to float32 and back.

No CPU here has instructions for them, so fields are moved by integer arithmetic, in every lane at
once. Rounding is to nearest even; what is too large becomes what the type has for it.
"""

from __future__ import annotations

from typing import Final

from ingot.dtypes import FLOAT8_E8M0FNU, DType
from ingot.targets.cpu.builder import Builder, literal, vector
from ingot.targets.minifloat import LAYOUTS, Layout

_INFINITY: Final = 0x7F800000
_QUIET: Final = 0x7FC00000
_SIGN: Final = 0x80000000


class _Words:
    """32-bit integers in lanes, with the few instructions that conversions use."""

    def __init__(self, builder: Builder, lanes: int) -> None:
        self.builder = builder
        self.lanes = lanes
        self.kind = vector("i32", lanes)
        self.real = vector("float", lanes)

    def op(self, name: str, left: str, right: str | int) -> str:
        operand = literal(self.kind, right) if isinstance(right, int) else right
        return self.builder.binary(name, self.kind, left, operand)

    def test(self, name: str, left: str, right: int) -> str:
        return self.builder.test(f"icmp {name}", self.kind, left, literal(self.kind, right))

    def choose(self, flags: str, yes: str | int, no: str) -> str:
        operand = literal(self.kind, yes) if isinstance(yes, int) else yes
        return self.builder.choose(self.kind, flags, operand, no)

    def as_real(self, bits: str) -> str:
        return self.builder.convert("bitcast", self.kind, bits, self.real)

    def as_bits(self, value: str) -> str:
        return self.builder.convert("bitcast", self.real, value, self.kind)

    def widened(self, value: str) -> str:
        return self.builder.convert("zext", vector("i8", self.lanes), value, self.kind)

    def narrowed(self, value: str) -> str:
        return self.builder.convert("trunc", self.kind, value, vector("i8", self.lanes))


def to_float(builder: Builder, dtype: DType, value: str, lanes: int) -> str:
    """Float registers of the bytes `value`."""
    words = _Words(builder, lanes)
    code = words.widened(value)
    if dtype == FLOAT8_E8M0FNU:
        return _power_to_float(words, code)
    layout = LAYOUTS[dtype]
    magnitude = words.op("and", code, layout.sign - 1)
    sign = words.op("and", code, layout.sign)
    moved = words.op("shl", magnitude, 23 - layout.fraction)
    # Multiplying moves the exponent's bias, and makes normal numbers of denormal ones.
    factor = literal(words.real, 2.0 ** (127 - layout.bias))
    scaled = words.as_bits(builder.fmul(words.real, words.as_real(moved), factor))
    shift = 32 - layout.sign.bit_length()
    if layout.zero_is_positive:
        only_sign = words.test("eq", code, layout.nan)
        whole = words.op("or", scaled, words.op("shl", sign, shift))
        return words.as_real(words.choose(only_sign, _QUIET, whole))
    if layout.largest < layout.sign - 1:
        beyond = words.test("ugt", magnitude, layout.largest)
        infinite = words.test("eq", magnitude, layout.overflow)
        special = _INFINITY if layout.overflow != layout.nan else _QUIET
        other = words.choose(infinite, special, literal(words.kind, _QUIET))
        scaled = words.choose(beyond, other, scaled)
    return words.as_real(words.op("or", scaled, words.op("shl", sign, shift)))


def _power_to_float(words: _Words, code: str) -> str:
    """2^(code - 127), which is denormal for code 0; 255 is not a number."""
    moved = words.op("shl", code, 23)
    moved = words.choose(words.test("eq", code, 0), 0x00400000, moved)
    return words.as_real(words.choose(words.test("eq", code, 255), _QUIET, moved))


def from_float(builder: Builder, dtype: DType, value: str, lanes: int) -> str:
    """The bytes of float registers, rounded to `dtype`."""
    words = _Words(builder, lanes)
    bits = words.as_bits(value)
    if dtype == FLOAT8_E8M0FNU:
        return words.narrowed(_float_to_power(words, bits))
    layout = LAYOUTS[dtype]
    magnitude = words.op("and", bits, 0x7FFFFFFF)
    code = words.choose(
        words.test("ult", magnitude, (128 - layout.bias) << 23),
        _denormal(words, layout, magnitude),
        _normal(words, layout, magnitude),
    )
    beyond = words.test("ugt", code, layout.largest)
    code = words.choose(beyond, layout.overflow, code)
    code = words.choose(words.test("ugt", magnitude, _INFINITY), layout.nan, code)
    shift = 32 - layout.sign.bit_length()
    sign = words.op("lshr", words.op("and", bits, _SIGN), shift)
    signed = words.op("or", code, sign)
    if layout.zero_is_positive:
        plain = builder.choose(words.kind, words.test("eq", code, 0), code, signed)
        return words.narrowed(plain)
    if layout.nan == layout.sign:
        nan = words.test("eq", code, layout.nan)
        return words.narrowed(words.choose(nan, layout.nan, signed))
    return words.narrowed(signed)


def _normal(words: _Words, layout: Layout, magnitude: str) -> str:
    """Half of the last kept bit is added, less one where that bit is even; then the rest drops."""
    dropped = 23 - layout.fraction
    odd = words.op("and", words.op("lshr", magnitude, dropped), 1)
    near = words.op("add", magnitude, (1 << (dropped - 1)) - 1)
    kept = words.op("lshr", words.op("add", near, odd), dropped)
    return words.op("sub", kept, (127 - layout.bias) << layout.fraction)


def _denormal(words: _Words, layout: Layout, magnitude: str) -> str:
    """A sum with a number whose last bit weighs as much as the least denormal rounds by itself."""
    magic = 127 + (1 - layout.bias - layout.fraction) + 23
    anchor = literal(words.real, 2.0 ** (magic - 127))
    total = words.builder.fadd(words.real, words.as_real(magnitude), anchor)
    return words.op("sub", words.as_bits(total), magic << 23)


def _float_to_power(words: _Words, bits: str) -> str:
    """The exponent, rounded to nearest with ties up; not-a-number where there is no power."""
    near = words.op("lshr", words.op("add", bits, 0x00400000), 23)
    near = words.choose(words.test("eq", bits, 0x00400000), 0, near)  # 2^-127 itself
    positive = words.test("ult", words.op("sub", bits, 1), _INFINITY - 1)
    return words.builder.choose(words.kind, positive, near, literal(words.kind, 255))
