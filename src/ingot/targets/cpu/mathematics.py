# SPDX-License-Identifier: Apache-2.0
"""Mathematical functions as straight-line code: range reduction and a polynomial, no library.

float32 exp, log, erf and tanh have formulas of their own (Cephes coefficients for exp and log,
rational minimax forms for erf and tanh); the rarer float32 functions are computed in double and
rounded. The double formulas come from Taylor series, Cephes, FDLIBM and Cody's rational erf. All
give the right infinities and NaN, and keep denormals.
"""

from __future__ import annotations

import math

from ingot.targets.cpu.coefficients import (
    ASIN_P,
    ASIN_Q,
    ATAN_P,
    ATAN_Q,
    COS_DOUBLE,
    ERF_DENOMINATOR,
    ERF_MIDDLE,
    ERF_NUMERATOR,
    ERF_SMALL,
    ERF_TAIL,
    EXP_FLOAT,
    LOG_DOUBLE,
    LOG_FLOAT,
    PI_HALVES,
    SIN_DOUBLE,
    TANH_DENOMINATOR,
    TANH_NUMERATOR,
)
from ingot.targets.cpu.number import Bits, Number

_INFINITY = float("inf")
_MAGIC_FLOAT, _MAGIC = 12582912.0, 6755399441055744.0
_LN2_HIGH_FLOAT, _LN2_LOW_FLOAT = 0.693359375, -2.12194440e-4
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10


def _power_of_two(exponent: Bits, kind: str) -> Number:
    """2**exponent for exponents of normal numbers."""
    double = "double" in kind
    return exponent.op("add", 1023 if double else 127).op("shl", 52 if double else 23).pattern(kind)


def _scaled(value: Number, exponent: Bits) -> Number:
    """value * 2**exponent in two steps, so that results may overflow or become denormal."""
    half = exponent.op("ashr", 1)
    rest = exponent.op("sub", half)
    return value * _power_of_two(half, value.kind) * _power_of_two(rest, value.kind)


def _rounded(value: Number, factor: float, bias: int = 0) -> tuple[Number, Bits]:
    """value * factor rounded to an integer, as a float; plus `bias` in the low bits of a pattern.

    The integer must stay below 2**22 (2**51 for double).
    """
    magic = (_MAGIC if value.double else _MAGIC_FLOAT) + bias
    shifted = value.fma(factor, magic)
    return shifted - magic, shifted.bits()


def _reduced_exp(x: Number, bias: int) -> tuple[Number, Number, Number, Bits]:
    """(r, (exp(r) - 1 - r) / r², n, n + bias in low bits) with x = n*ln2 + r."""
    n, pattern = _rounded(x, 1 / math.log(2), bias)
    if x.double:
        r = n.fma(-_LN2_LOW, n.fma(-_LN2_HIGH, x))
        return r, r.polynomial([1 / math.factorial(k) for k in range(14, 1, -1)]), n, pattern
    r = n.fma(-_LN2_LOW_FLOAT, n.fma(-_LN2_HIGH_FLOAT, x))
    return r, r.polynomial(EXP_FLOAT), n, pattern


def exp(x: Number) -> Number:
    """e**x."""
    low, high = (-746.0, 710.0) if x.double else (-104.0, 89.0)
    x = x.at_most(high).at_least(low)
    width, bias = (52, 2046) if x.double else (23, 254)
    r, tail, n, pattern = _reduced_exp(x, bias)
    result = tail.fma(r * r, r) + 1.0
    if x.has_scale:
        return result.scale(n)
    half = pattern.op("lshr", 1)
    rest = pattern.op("sub", half)
    return result * half.op("shl", width).pattern(x.kind) * rest.op("shl", width).pattern(x.kind)


def expm1(x: Number) -> Number:
    """e**x - 1, exact near 0."""
    low, high = (-40.0, 710.0) if x.double else (-20.0, 89.0)
    near = x.at_most(high).at_least(low)
    r, tail, _, pattern = _reduced_exp(near, 0)
    magic = _MAGIC if x.double else _MAGIC_FLOAT
    exponent = pattern.op("sub", near.constant(magic).bits())
    q = tail.fma(r * r, r)
    half = _power_of_two(exponent.op("sub", 1), x.kind)
    result = q.fma(half, half - 0.5) * 2.0
    far = _far_exp(near, q, exponent)
    result = result.where(near.test("olt", 709.0 if x.double else 88.0), far)
    return x.where(x.test("oeq", 0.0), result)


def _far_exp(x: Number, q: Number, exponent: Bits) -> Number:
    return (_scaled(q + 1.0, exponent)).where(x.test("ogt", 1.0), x)


def log(x: Number) -> Number:
    """The natural logarithm; -inf at 0, NaN below."""
    tiny = x.test("olt", 2.2250738585072014e-308 if x.double else 1.17549435e-38)
    scale, shift = (2.0**54, 54) if x.double else (2.0**25, 25)
    normal = (x * scale).where(tiny, x)
    offset = x.constant(-shift).where(tiny, 0.0)
    result = _log_normal(normal, offset)
    result = x.where(x.test("oeq", _INFINITY), result)
    result = x.constant(-_INFINITY).where(x.test("oeq", 0.0), result)
    bad = x.test("olt", 0.0) | x.is_nan()
    return x.constant(float("nan")).where(bad, result)


def _split(x: Number) -> tuple[Number, Number]:
    """(m, n) with x = m * 2**n and m in [sqrt(1/2), sqrt(2)), for a positive normal x."""
    bits = x.bits()
    width, root = (52, 0x3FE6A09E667F3BCD) if x.double else (23, 0x3F3504F3)
    exponent = bits.op("sub", root).op("ashr", width)
    return bits.op("sub", exponent.op("shl", width)).pattern(x.kind), exponent.number(x.kind)


def _log_fraction(m: Number) -> tuple[Number, Number]:
    """log(m) of a double m near 1 as m - 1 and the rest."""
    f = m - 1.0
    s = f / (f + 2.0)
    z = s * s
    half = f * f * 0.5
    return f, s * (z * z.polynomial(LOG_DOUBLE) + half) - half


def _log_normal(x: Number, offset: Number) -> Number:
    """The logarithm of a positive normal number plus offset*ln2."""
    m, n = _split(x)
    n = n + offset
    if x.double:
        fraction, tail = _log_fraction(m)
        return n.fma(_LN2_HIGH, fraction + n.fma(_LN2_LOW, tail))
    f = m - 1.0
    z = f * f
    y = f.polynomial(LOG_FLOAT) * f * z
    y = z.fma(-0.5, n.fma(_LN2_LOW_FLOAT, y))
    return n.fma(_LN2_HIGH_FLOAT, f + y)


def log1p(x: Number) -> Number:
    """log(1 + x), exact near 0."""
    u = x + 1.0
    lost = (u - 1.0) - x
    whole = log(u)
    regular = u.test("ogt", 0.0) & u.test("olt", _INFINITY)
    result = (whole - lost / u).where(regular, whole)
    return x.where(x.test("oeq", 0.0), result)


def erf(x: Number) -> Number:
    """The error function."""
    if x.double:
        return _erf_double(x)
    x = x.at_most(4.0).at_least(-4.0)
    z = x * x
    return x * (z.polynomial(ERF_NUMERATOR) / z.polynomial(ERF_DENOMINATOR))


def _ratio(z: Number, pair: tuple[tuple[float, ...], tuple[float, ...]]) -> Number:
    return z.polynomial(pair[0]) / z.polynomial(pair[1])


def _erf_double(x: Number) -> Number:
    """Three ranges: a rational of x², then 1 - exp(-x²) times a rational of |x|, of 1/x²."""
    a = x.magnitude()
    small = x * _ratio(x * x, ERF_SMALL)
    near = a.at_most(6.5)
    decay = exp(-(near * near))
    middle = _ratio(near.at_least(0.46875), ERF_MIDDLE)
    far = near.at_least(4.0)
    z = 1.0 / (far * far)
    tail = (z * _ratio(z, ERF_TAIL)).fma(-1.0, 1 / math.sqrt(math.pi)) / far
    outer = 1.0 - decay * middle.where(a.test("ole", 4.0), tail)
    result = small.where(a.test("ole", 0.46875), outer.sign_of(x))
    return x.where(x.is_nan(), result)


def tanh(x: Number) -> Number:
    """The hyperbolic tangent."""
    if x.double:
        e = expm1(x.magnitude().at_most(20.0) * 2.0)
        result = (e / (e + 2.0)).sign_of(x)
        return x.where(x.is_nan(), result)
    limit = 7.90531110763549805
    near = x.at_most(limit).at_least(-limit)
    z = near * near
    result = near * z.polynomial(TANH_NUMERATOR) / z.polynomial(TANH_DENOMINATOR)
    return x.where(x.magnitude().test("olt", 0.0004), result)


def sigmoid(x: Number) -> Number:
    """1 / (1 + e**-x)."""
    return 1.0 / (exp(-x) + 1.0)


def _quadrant(x: Number) -> tuple[Number, Bits]:
    """(r, n in low bits) with x = n*pi/2 + r, |r| <= pi/4."""
    n, pattern = _rounded(x, 2 / math.pi)
    for part in PI_HALVES:
        x = n.fma(-part, x)
    return x, pattern


def _sine(r: Number) -> Number:
    z = r * r
    return (z.polynomial(SIN_DOUBLE) * z).fma(r, r)


def _cosine(r: Number) -> Number:
    z = r * r
    return z.polynomial(COS_DOUBLE).fma(z * z, z.fma(-0.5, 1.0))


def _circular(x: Number, turn: int) -> Number:
    """sin(x + turn*pi/2); NaN for infinite x."""
    r, integer = _quadrant(x)
    n = integer.op("add", turn) if turn else integer
    value = _cosine(r).where(n.op("and", 1).equals(1), _sine(r))
    value = value.at_most(1.0).at_least(-1.0)
    return (-value).where(n.op("and", 2).equals(2), value)


def sin(x: Number) -> Number:
    """The sine; accurate for |x| up to 2**30."""
    return x.where(x.test("oeq", 0.0), _circular(x, 0))


def cos(x: Number) -> Number:
    """The cosine; accurate for |x| up to 2**30."""
    return _circular(x, 1)


def tan(x: Number) -> Number:
    """The tangent; accurate for |x| up to 2**30."""
    r, n = _quadrant(x)
    odd = n.op("and", 1).equals(1)
    sine, cosine = _sine(r), _cosine(r)
    result = (-cosine).where(odd, sine) / sine.where(odd, cosine)
    return x.where(x.test("oeq", 0.0), result)


def atan(x: Number) -> Number:
    """The inverse tangent."""
    a = x.magnitude()
    big, middle = a.test("ogt", 2.41421356237309504880), a.test("ogt", 0.66)
    y = (-1.0 / a).where(big, ((a - 1.0) / (a + 1.0)).where(middle, a))
    base = a.constant(math.pi / 2).where(big, a.constant(math.pi / 4).where(middle, 0.0))
    low = a.constant(6.123233995736765886e-17).where(
        big, a.constant(3.061616997868382943e-17).where(middle, 0.0)
    )
    z = y * y
    tail = z * z.polynomial(ATAN_P) / z.polynomial(ATAN_Q)
    return (base + (tail.fma(y, y) + low)).sign_of(x)


def _asin_parts(a: Number) -> tuple[Number, Number]:
    """asin of a <= 0.5 for `a` itself, and for sqrt((1 - a) / 2)."""

    def small(v: Number, z: Number) -> Number:
        return (z * z.polynomial(ASIN_P) / z.polynomial(ASIN_Q)).fma(v, v)

    z = (1.0 - a) * 0.5
    return small(a.at_most(0.5), a.at_most(0.5) * a.at_most(0.5)), small(z.call("sqrt"), z)


def asin(x: Number) -> Number:
    """The inverse sine; NaN outside [-1, 1]."""
    a = x.magnitude()
    small, large = _asin_parts(a)
    result = (large.fma(-2.0, math.pi / 2)).where(a.test("ogt", 0.5), small)
    result = result.sign_of(x)
    return x.constant(float("nan")).where(a.test("ugt", 1.0), result)


def acos(x: Number) -> Number:
    """The inverse cosine; NaN outside [-1, 1]."""
    a = x.magnitude()
    small, large = _asin_parts(a)
    negative = x.test("olt", 0.0)
    far = large.fma(-2.0, math.pi).where(negative, large * 2.0)
    near = x.constant(math.pi / 2) - small.sign_of(x)
    result = far.where(a.test("ogt", 0.5), near)
    return x.constant(float("nan")).where(a.test("ugt", 1.0), result)


def sinh(x: Number) -> Number:
    """The hyperbolic sine."""
    a = x.magnitude()
    e = expm1(a)
    near = (e + e / (e + 1.0)) * 0.5
    half = exp(a * 0.5)
    return (near.where(a.test("olt", 700.0), half * 0.5 * half)).sign_of(x)


def cosh(x: Number) -> Number:
    """The hyperbolic cosine."""
    a = x.magnitude()
    half = exp(a * 0.5)
    e = half * half
    near = (e + 1.0 / e) * 0.5
    return near.where(a.test("olt", 700.0), half * 0.5 * half)


def asinh(x: Number) -> Number:
    """The inverse hyperbolic sine."""
    a = x.magnitude()
    z = a * a
    near = log1p(a + z / ((z + 1.0).call("sqrt") + 1.0))
    result = near.where(a.test("olt", 1e8), log(a) + math.log(2))
    return x.where(x.test("oeq", 0.0), result.sign_of(x))


def acosh(x: Number) -> Number:
    """The inverse hyperbolic cosine; NaN below 1."""
    t = x - 1.0
    near = log1p(t + t.call("sqrt") * (t + 2.0).call("sqrt"))
    return near.where(x.test("ult", 1e8), log(x) + math.log(2))


def atanh(x: Number) -> Number:
    """The inverse hyperbolic tangent; infinite at 1, NaN beyond."""
    a = x.magnitude()
    return (log1p(a * 2.0 / (1.0 - a)) * 0.5).sign_of(x)


def power(x: Number, y: Number) -> Number:
    """x**y with C's special cases; float operands must be widened first."""
    size = _magnitude_power(x.magnitude(), y)
    whole = y.call("trunc").test("oeq", y)
    half = y * 0.5
    odd = whole & half.call("trunc").test("une", half)
    negative = x.bits().op("lshr", 63).equals(1)
    signed = (-size).where(odd & negative, size)
    invalid = x.test("olt", 0.0) & ~whole & x.test("une", -_INFINITY)
    result = x.constant(float("nan")).where(invalid, signed)
    minus_one = x.test("oeq", -1.0) & y.magnitude().test("oeq", _INFINITY)
    certain = x.test("oeq", 1.0) | y.test("oeq", 0.0) | minus_one
    return x.constant(1.0).where(certain, result)


def _magnitude_power(a: Number, y: Number) -> Number:
    """a**y for a >= 0, with y*log(a) kept in two parts."""
    tiny = a.test("olt", 2.2250738585072014e-308)
    m, n = _split((a * 2.0**54).where(tiny, a))
    n = n + a.constant(-54.0).where(tiny, 0.0)
    fraction, tail = _log_fraction(m)
    high = n * _LN2_HIGH
    whole = high + (fraction + tail)
    rest = ((high - whole) + fraction) + n.fma(_LN2_LOW, tail)
    whole = whole.where(a.test("ogt", 0.0) | a.is_nan(), -_INFINITY)
    whole = a.where(~a.test("olt", _INFINITY), whole)
    product = whole * y
    error = whole.product_error(y, product) + rest * y
    error = error.where(product.magnitude().test("olt", 1e3), 0.0)
    size = exp(product)
    return size.fma(error, size).where(size.test("olt", _INFINITY), size)
