# SPDX-License-Identifier: Apache-2.0
"""Oracles of quantized arithmetic: exact fractions, and the values of a type one by one."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from ingot.dtypes import DType


@cache
def values_of(dtype: DType) -> list[tuple[float, int]]:
    """The finite values of a narrow float from 0 up, with their codes."""
    codes = np.arange(1 << (dtype.bits - 1), dtype=np.uint8)
    numbers = codes.view(dtype.numpy).astype(np.float64)
    return [(float(v), int(c)) for v, c in zip(numbers, codes, strict=True) if math.isfinite(v)]


def nearest(x: Fraction, dtype: DType) -> float:
    """The value next to `x` in size; of two that are as near, the one with the even code."""
    size, sign = abs(x), -1.0 if x < 0 else 1.0
    key = [(abs(Fraction(value) - size), code % 2, value) for value, code in values_of(dtype)]
    return sign * min(key)[2]


def quantize(x: Any, scale: Any, zero: Any = None, *, to: DType, saturate: bool) -> Any:
    ratio = Fraction(x) / Fraction(scale)
    if not to.is_integer:
        (last, _), (most, _) = values_of(to)[-2:]
        if not saturate and abs(ratio) >= Fraction(most) + Fraction(most - last) / 2:
            return math.copysign(math.inf, x)
        return nearest(ratio, to)
    low = -(2 ** (to.bits - 1)) if to.is_signed else 0
    return min(max(round(ratio) + (zero or 0), low), low + 2**to.bits - 1)


def dequantize(x: Any, scale: Any, zero: Any = None, *, to: DType) -> float:
    del to
    return float((Fraction(x) - Fraction(zero or 0)) * Fraction(scale))


def matmul_integer(a: Any, b: Any, a_zero: Any = None, b_zero: Any = None) -> Any:
    left, right = (centred(x, zero) for x, zero in ((a, a_zero), (b, b_zero)))
    return np.matmul(left, right)


def centred(x: Any, zero: Any) -> Any:
    return x.astype(np.int64) - (0 if zero is None else int(zero.item()))


ELEMENTWISE: Mapping[str, Callable[..., Any]] = {"quantize": quantize, "dequantize": dequantize}
