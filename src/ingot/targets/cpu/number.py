# SPDX-License-Identifier: Apache-2.0
"""Float registers with Python operators, so that mathematical functions read as formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.targets.cpu.builder import Builder, element_of, lanes_of, literal, vector


@dataclass(frozen=True, slots=True)
class Flags:
    """An i1 for each lane."""

    builder: Builder
    kind: str
    register: str

    def __and__(self, other: Flags) -> Flags:
        return self._combined("and", other.register)

    def __or__(self, other: Flags) -> Flags:
        return self._combined("or", other.register)

    def __invert__(self) -> Flags:
        return self._combined("xor", literal(self.kind, 1))

    def _combined(self, op: str, other: str) -> Flags:
        return Flags(
            self.builder, self.kind, self.builder.binary(op, self.kind, self.register, other)
        )


@dataclass(frozen=True, slots=True)
class Bits:
    """The bit pattern of a Number as an integer of the same width."""

    builder: Builder
    kind: str
    register: str

    def op(self, name: str, other: Bits | int) -> Bits:
        """An integer instruction: add sub and or xor shl lshr ashr."""
        value = literal(self.kind, other) if isinstance(other, int) else other.register
        register = self.builder.binary(name, self.kind, self.register, value)
        return Bits(self.builder, self.kind, register)

    def equals(self, value: int) -> Flags:
        """Where the integer is `value`."""
        test = self.builder.test("icmp eq", self.kind, self.register, literal(self.kind, value))
        return Flags(self.builder, vector("i1", lanes_of(self.kind)), test)

    def pattern(self, kind: str) -> Number:
        """The float of type `kind` with this pattern."""
        register = self.builder.convert("bitcast", self.kind, self.register, kind)
        return Number(self.builder, kind, register)

    def number(self, kind: str) -> Number:
        """This signed integer's value as a float."""
        return Number(
            self.builder, kind, self.builder.convert("sitofp", self.kind, self.register, kind)
        )


@dataclass(frozen=True, slots=True)
class Number:
    """A float register of LLVM type `kind` (`float`, `<4 x double>`, …)."""

    builder: Builder
    kind: str
    register: str

    @property
    def double(self) -> bool:
        """Whether elements are double."""
        return element_of(self.kind) == "double"

    def constant(self, value: float) -> Number:
        """The constant in every lane."""
        return Number(self.builder, self.kind, literal(self.kind, value))

    def _operand(self, other: Number | float) -> str:
        return other.register if isinstance(other, Number) else literal(self.kind, other)

    def _made(self, register: str) -> Number:
        return Number(self.builder, self.kind, register)

    def __add__(self, other: Number | float) -> Number:
        return self._made(self.builder.fadd(self.kind, self.register, self._operand(other)))

    def __sub__(self, other: Number | float) -> Number:
        return self._made(self.builder.fsub(self.kind, self.register, self._operand(other)))

    def __rsub__(self, other: float) -> Number:
        return self.constant(other) - self

    def __mul__(self, other: Number | float) -> Number:
        return self._made(self.builder.fmul(self.kind, self.register, self._operand(other)))

    def __truediv__(self, other: Number | float) -> Number:
        return self._made(self.builder.fdiv(self.kind, self.register, self._operand(other)))

    def __rtruediv__(self, other: float) -> Number:
        return self.constant(other) / self

    def __neg__(self) -> Number:
        return self._made(self.builder.value(f"fneg {self.kind} {self.register}"))

    def fma(self, factor: Number | float, addend: Number | float) -> Number:
        """`self * factor + addend`."""
        registers = self._operand(factor), self._operand(addend)
        return self._made(self.builder.fma(self.kind, self.register, *registers))

    def product_error(self, factor: Number, product: Number) -> Number:
        """self * factor - product, exactly, where product is the rounded self * factor."""
        if self.builder.fused:
            return self.fma(factor, -product)
        high, low = self._halves()
        other_high, other_low = factor._halves()
        rest = high * other_high - product
        return ((rest + high * other_low) + low * other_high) + low * other_low

    def _halves(self) -> tuple[Number, Number]:
        """Two numbers of half the precision whose sum this is."""
        scaled = self * (2.0**27 + 1 if self.double else 2.0**12 + 1)
        high = scaled - (scaled - self)
        return high, self - high

    def polynomial(self, coefficients: Sequence[float]) -> Number:
        """The polynomial of this value, highest coefficient first."""
        result = self.constant(coefficients[0])
        for coefficient in coefficients[1:]:
            result = result.fma(self, coefficient)
        return result

    def test(self, predicate: str, other: Number | float) -> Flags:
        """A comparison: olt ole ogt oge oeq une uno ord."""
        register = self.builder.test(
            f"fcmp {predicate}", self.kind, self.register, self._operand(other)
        )
        return Flags(self.builder, vector("i1", lanes_of(self.kind)), register)

    def is_nan(self) -> Flags:
        """Where the value is not a number."""
        return self.test("uno", self)

    def where(self, flags: Flags, other: Number | float) -> Number:
        """This value where `flags` hold, else `other`."""
        operand = self._operand(other)
        return self._made(self.builder.choose(self.kind, flags.register, self.register, operand))

    def at_most(self, limit: float) -> Number:
        """The smaller of this and a limit; NaN stays NaN."""
        return self._made(self.builder.fmin(self.kind, literal(self.kind, limit), self.register))

    def at_least(self, limit: float) -> Number:
        """The larger of this and a limit; NaN stays NaN."""
        return self._made(self.builder.fmax(self.kind, literal(self.kind, limit), self.register))

    def call(self, intrinsic: str) -> Number:
        """An LLVM intrinsic of one argument: fabs sqrt floor ceil trunc roundeven."""
        return self._made(
            self.builder.intrinsic(intrinsic, self.kind, [(self.kind, self.register)])
        )

    @property
    def has_scale(self) -> bool:
        """Whether one instruction multiplies by a power of two."""
        full = lanes_of(self.kind) * (64 if self.double else 32) == 512
        return full and "avx512f" in self.builder.spec.features

    def scale(self, exponent: Number) -> Number:
        """self * 2**exponent for a whole exponent; only where `has_scale`."""
        name = f"llvm.x86.avx512.mask.scalef.{'pd' if self.double else 'ps'}.512"
        mask = f"i{lanes_of(self.kind)}"
        operands: list[tuple[str, str | int]] = [
            (self.kind, self.register), (self.kind, exponent.register), (self.kind, self.register),
        ]  # fmt: skip
        kinds = f"{self.kind}, {self.kind}, {self.kind}, {mask}, i32 immarg"
        self.builder.module.declare(f"declare {self.kind} @{name}({kinds})")
        operands += [(mask, -1), ("i32", 4)]
        return self._made(self.builder.call(name, self.kind, operands))

    def magnitude(self) -> Number:
        """The absolute value."""
        return self.call("fabs")

    def sign_of(self, other: Number) -> Number:
        """This value's magnitude with the sign of `other`."""
        operands = [(self.kind, self.register), (self.kind, other.register)]
        return self._made(self.builder.intrinsic("copysign", self.kind, operands))

    def bits(self) -> Bits:
        """The bit pattern."""
        kind = vector("i64" if self.double else "i32", lanes_of(self.kind))
        return Bits(
            self.builder, kind, self.builder.convert("bitcast", self.kind, self.register, kind)
        )

    def widened(self) -> Number:
        """The same value in double."""
        kind = vector("double", lanes_of(self.kind))
        return Number(
            self.builder, kind, self.builder.convert("fpext", self.kind, self.register, kind)
        )

    def narrowed(self) -> Number:
        """The value rounded to float."""
        kind = vector("float", lanes_of(self.kind))
        return Number(
            self.builder, kind, self.builder.convert("fptrunc", self.kind, self.register, kind)
        )
