# SPDX-License-Identifier: Apache-2.0
"""How element types are held: in memory, and in registers between a load and a store.

Narrow floats are computed in float; BOOL is a byte 0 or 1 in memory and i1 in registers. Integers
below a byte take a byte each: its low bits in memory, whatever is above them, and the number itself
in registers.
Conversions use the CPU's instructions where it has them and integer arithmetic elsewhere, never a
library call.
"""

from __future__ import annotations

from ingot.dtypes import BFLOAT16, BOOL, FLOAT16, FLOAT32, FLOAT64, DType
from ingot.targets.cpu import minifloat
from ingot.targets.cpu.builder import Builder, lanes_of, literal, vector
from ingot.targets.cpu.literal import element_bits
from ingot.targets.minifloat import MINIFLOATS

# Floats that are rounded where they are stored, and by an explicit cast.
ROUNDED = (FLOAT16, BFLOAT16, *MINIFLOATS)


def register_type(dtype: DType, lanes: int = 1) -> str:
    """The LLVM type of values of `dtype` in registers."""
    if dtype == BOOL:
        return vector("i1", lanes)
    if dtype.is_float:
        return vector("double" if dtype == FLOAT64 else "float", lanes)
    return vector(f"i{max(dtype.bits, 8)}", lanes)


def memory_type(dtype: DType, lanes: int = 1) -> str:
    """The LLVM type of elements of `dtype` in memory."""
    if dtype in (FLOAT32, FLOAT64):
        return register_type(dtype, lanes)
    return vector(f"i{dtype.itemsize * 8}", lanes)


def from_memory(builder: Builder, dtype: DType, value: str, lanes: int) -> str:
    """A register value from what was loaded."""
    if dtype == BOOL:
        kind = vector("i8", lanes)
        return builder.test("icmp ne", kind, value, literal(kind, 0))
    if dtype == BFLOAT16:
        return _from_bfloat(builder, value, lanes)
    if dtype == FLOAT16:
        return _from_half(builder, value, lanes)
    if dtype in MINIFLOATS:
        return minifloat.to_float(builder, dtype, value, lanes)
    return _low_bits(builder, dtype, value, lanes) if dtype.bits < 8 else value


def to_memory(builder: Builder, dtype: DType, value: str, lanes: int) -> str:
    """What to store for a register value, rounded to `dtype`."""
    if dtype == BOOL:
        return builder.convert("zext", vector("i1", lanes), value, vector("i8", lanes))
    if dtype == BFLOAT16:
        return _to_bfloat(builder, value, lanes)
    if dtype == FLOAT16:
        return _to_half(builder, value, lanes)
    if dtype in MINIFLOATS:
        return minifloat.from_float(builder, dtype, value, lanes)
    if dtype.bits < 8:
        kind = vector("i8", lanes)
        return builder.binary("and", kind, value, literal(kind, (1 << dtype.bits) - 1))
    return value


def _low_bits(builder: Builder, dtype: DType, value: str, lanes: int) -> str:
    """The number that the low bits of a byte stand for; a sign bit less its own weight twice."""
    kind = vector("i8", lanes)
    low = builder.binary("and", kind, value, literal(kind, (1 << dtype.bits) - 1))
    if not dtype.is_signed:
        return low
    sign = literal(kind, 1 << (dtype.bits - 1))
    return builder.binary("sub", kind, builder.binary("xor", kind, low, sign), sign)


def reinterpret(builder: Builder, value: str, old: DType, new: DType, lanes: int) -> str:
    """The bits of a register value of type `old` as one of type `new`, which is as wide."""
    raw = to_memory(builder, old, value, lanes)
    kinds = memory_type(old, lanes), memory_type(new, lanes)
    return from_memory(builder, new, builder.convert("bitcast", kinds[0], raw, kinds[1]), lanes)


def _has_half(builder: Builder) -> bool:
    return bool({"f16c", "neon"} & builder.spec.features)


def _from_bfloat(builder: Builder, value: str, lanes: int) -> str:
    wide = vector("i32", lanes)
    bits = builder.convert("zext", vector("i16", lanes), value, wide)
    high = builder.binary("shl", wide, bits, literal(wide, 16))
    return builder.convert("bitcast", wide, high, vector("float", lanes))


def _to_bfloat(builder: Builder, value: str, lanes: int) -> str:
    """Round to nearest even by adding half of the last kept bit; NaN stays NaN."""
    wide, real = vector("i32", lanes), vector("float", lanes)
    bits = builder.convert("bitcast", real, value, wide)
    high = builder.binary("lshr", wide, bits, literal(wide, 16))
    odd = builder.binary("and", wide, high, literal(wide, 1))
    bias = builder.binary("add", wide, odd, literal(wide, 0x7FFF))
    near = builder.binary("add", wide, bits, bias)
    rounded = builder.binary("lshr", wide, near, literal(wide, 16))
    quiet = builder.binary("or", wide, high, literal(wide, 0x40))
    nan = builder.test("fcmp uno", real, value, value)
    chosen = builder.choose(wide, nan, quiet, rounded)
    return builder.convert("trunc", wide, chosen, vector("i16", lanes))


def _from_half(builder: Builder, value: str, lanes: int) -> str:
    real = vector("float", lanes)
    if _has_half(builder):
        half = builder.convert("bitcast", vector("i16", lanes), value, vector("half", lanes))
        return builder.convert("fpext", vector("half", lanes), half, real)
    return _half_bits_to_float(builder, value, lanes)


def _half_bits_to_float(builder: Builder, value: str, lanes: int) -> str:
    """Move the fields into place; multiplying by 2^112 fixes the exponent, denormals included."""
    wide, real = vector("i32", lanes), vector("float", lanes)
    bits = builder.convert("zext", vector("i16", lanes), value, wide)
    sign = builder.binary("and", wide, bits, literal(wide, 0x8000))
    sign = builder.binary("shl", wide, sign, literal(wide, 16))
    magnitude = builder.binary("and", wide, bits, literal(wide, 0x7FFF))
    moved = builder.binary("shl", wide, magnitude, literal(wide, 13))
    small = builder.convert("bitcast", wide, moved, real)
    scaled = builder.fmul(real, small, literal(real, 2.0**112))
    special = builder.test("icmp uge", wide, magnitude, literal(wide, 0x7C00))
    infinite = builder.binary("or", wide, moved, literal(wide, 0x7F800000))
    scaled_bits = builder.convert("bitcast", real, scaled, wide)
    chosen = builder.choose(wide, special, infinite, scaled_bits)
    return builder.convert("bitcast", wide, builder.binary("or", wide, chosen, sign), real)


def _to_half(builder: Builder, value: str, lanes: int) -> str:
    if _has_half(builder):
        half = vector("half", lanes)
        narrow = builder.convert("fptrunc", vector("float", lanes), value, half)
        return builder.convert("bitcast", half, narrow, vector("i16", lanes))
    return _float_to_half_bits(builder, value, lanes)


def _float_to_half_bits(builder: Builder, value: str, lanes: int) -> str:
    """Three cases by magnitude: infinite or NaN, denormal (rounded by a magic sum), normal."""
    wide, real = vector("i32", lanes), vector("float", lanes)

    def number(pattern: int) -> str:
        return literal(wide, pattern)

    bits = builder.convert("bitcast", real, value, wide)
    magnitude = builder.binary("and", wide, bits, number(0x7FFFFFFF))
    sign = builder.binary("lshr", wide, builder.binary("xor", wide, bits, magnitude), number(16))
    nan = builder.test("icmp ugt", wide, magnitude, number(0x7F800000))
    huge = builder.choose(wide, nan, number(0x7E00), number(0x7C00))
    absolute = builder.convert("bitcast", wide, magnitude, real)
    summed = builder.fadd(real, absolute, literal(real, 0.5))
    tiny = builder.convert("bitcast", real, summed, wide)
    tiny = builder.binary("sub", wide, tiny, number(0x3F000000))
    odd = builder.binary("lshr", wide, magnitude, number(13))
    odd = builder.binary("and", wide, odd, number(1))
    moved = builder.binary("add", wide, magnitude, number(0xC8000FFF))
    normal = builder.binary("add", wide, moved, odd)
    normal = builder.binary("lshr", wide, normal, number(13))
    is_huge = builder.test("icmp uge", wide, magnitude, number(0x47800000))
    is_tiny = builder.test("icmp ult", wide, magnitude, number(0x38800000))
    chosen = builder.choose(wide, is_tiny, tiny, normal)
    chosen = builder.choose(wide, is_huge, huge, chosen)
    whole = builder.binary("or", wide, chosen, sign)
    return builder.convert("trunc", wide, whole, vector("i16", lanes))


def convert(builder: Builder, value: str, source: DType, target: DType, lanes: int) -> str:
    """`cast`: between register values; float to integer saturates, NaN becomes 0."""
    old, new = register_type(source, lanes), register_type(target, lanes)
    if target == BOOL:
        zero = literal(old, 0)
        return builder.test("fcmp une" if source.is_float else "icmp ne", old, value, zero)
    if target.is_float:
        return _to_float(builder, value, source, target, lanes)
    if source.is_float:
        return _saturated(builder, target, value, old, new)
    extend = "sext" if source.is_signed and source != BOOL else "zext"
    wider = element_bits(new) > element_bits(old)
    result = builder.convert(extend if wider else "trunc", old, value, new)
    return _low_bits(builder, target, result, lanes) if target.bits < 8 else result


def _saturated(builder: Builder, dtype: DType, value: str, old: str, new: str) -> str:
    """A float as the nearest integer of the type; narrow types by way of i32, lanes together."""
    if dtype.bits <= 16:
        wide = vector("i32", lanes_of(old))
        return builder.convert("trunc", wide, _narrow(builder, dtype, value, old), new)
    suffixes = {"float": "f32", "double": "f64"}
    lanes = lanes_of(new)
    prefix = f"v{lanes}" if lanes > 1 else ""
    element = suffixes["double" if "double" in old else "float"]
    integer = f"{prefix}i{element_bits(new)}"
    name = "fptosi.sat" if dtype.is_signed else "fptoui.sat"
    return builder.call(
        f"llvm.{name}.{integer}.{prefix}{element}", new, [(old, value)], declare=True
    )


def _narrow(builder: Builder, dtype: DType, value: str, kind: str) -> str:
    """The nearest value of a narrow integer type, as i32; 0 for NaN."""
    low = -(1 << (dtype.bits - 1)) if dtype.is_signed else 0
    high = low + (1 << dtype.bits) - 1
    value = builder.fmin(kind, literal(kind, high), value)
    value = builder.fmax(kind, literal(kind, low), value)
    nan = builder.test("fcmp uno", kind, value, value)
    value = builder.choose(kind, nan, literal(kind, 0), value)
    return builder.convert("fptosi", kind, value, vector("i32", lanes_of(kind)))


def _to_float(builder: Builder, value: str, source: DType, target: DType, lanes: int) -> str:
    old, new = register_type(source, lanes), register_type(target, lanes)
    signed = source.is_signed and source != BOOL
    if target in ROUNDED and (source == FLOAT64 or (source.bits >= 32 and not source.is_float)):
        double = vector("double", lanes)
        if not source.is_float:
            value = builder.convert("sitofp" if signed else "uitofp", old, value, double)
        result = _odd(builder, value, lanes)
    elif source.is_float:
        wider = element_bits(new) > element_bits(old)
        result = builder.convert("fpext" if wider else "fptrunc", old, value, new)
    else:
        result = builder.convert("sitofp" if signed else "uitofp", old, value, new)
    if target in ROUNDED:
        stored = to_memory(builder, target, result, lanes)
        return from_memory(builder, target, stored, lanes)
    return result


def _odd(builder: Builder, value: str, lanes: int) -> str:
    """A double as float, toward zero and then, where that was not exact, with an odd last bit.

    Rounding the result once more, to a type with fewer bits, gives what rounding once gives.
    """
    double, real, word = (vector(name, lanes) for name in ("double", "float", "i32"))
    near = builder.convert("fptrunc", double, value, real)
    back = builder.convert("fpext", real, near, double)
    inexact = builder.test("fcmp one", double, back, value)
    sizes = [builder.intrinsic("fabs", double, [(double, one)]) for one in (back, value)]
    away = builder.test("fcmp ogt", double, *sizes)
    bits = builder.convert("bitcast", real, near, word)
    toward = builder.binary("sub", word, bits, literal(word, 1))
    bits = builder.choose(word, away, toward, bits)
    odd = builder.binary("or", word, bits, literal(word, 1))
    return builder.convert("bitcast", word, builder.choose(word, inexact, odd, bits), real)
