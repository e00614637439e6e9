# SPDX-License-Identifier: Apache-2.0
"""Floats of eight bits and fewer on a GPU: from the byte that holds one to float and back.

Not every GPU has instructions for them, and none for all of them, so fields are moved by integer
arithmetic. Rounding is to nearest even; what is too large becomes what the type has for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ingot.dtypes import FLOAT8_E8M0FNU, DType
from ingot.targets.minifloat import LAYOUTS

_TEMPLATE: Final = (
    "template <int fraction, int bias, int sign, int largest, int overflow, int nan, bool positive>"
)
HELPERS: Final[Mapping[str, str]] = {
    # Multiplying moves the exponent's bias, and makes normal numbers of denormal ones.
    "from_minifloat": _TEMPLATE
    + """
static __device__ __forceinline__ float from_minifloat(unsigned char code) {
  const unsigned int magnitude = code & (sign - 1);
  const float scale = __uint_as_float((254u - bias) << 23);
  float value = __uint_as_float(magnitude << (23 - fraction)) * scale;
  if (positive) {
    if (code == nan) value = __uint_as_float(0x7fc00000u);
  } else if (magnitude > largest) {
    const bool infinite = overflow != nan && magnitude == overflow;
    value = __uint_as_float(infinite ? 0x7f800000u : 0x7fc00000u);
  }
  return code & sign ? -value : value;
}""",
    # Below the least normal number, a sum with a number whose last bit weighs as much as the least
    # denormal rounds by itself; elsewhere half of the last kept bit is added, less one where that
    # is even.
    "to_minifloat": _TEMPLATE
    + """
static __device__ __forceinline__ unsigned char to_minifloat(float value) {
  const unsigned int bits = __float_as_uint(value), magnitude = bits & 0x7fffffffu;
  const unsigned int anchor = (unsigned int)(151 - bias - fraction) << 23;
  unsigned int code;
  if (magnitude < (unsigned int)(128 - bias) << 23) {
    code = __float_as_uint(__uint_as_float(magnitude) + __uint_as_float(anchor)) - anchor;
  } else {
    const int dropped = 23 - fraction;
    code = magnitude + ((1u << (dropped - 1)) - 1u) + (magnitude >> dropped & 1u);
    code = (code >> dropped) - ((unsigned int)(127 - bias) << fraction);
  }
  if (code > largest) code = overflow;
  if (magnitude > 0x7f800000u) code = nan;
  const bool unsigned_code = (positive && code == 0) || (nan == sign && code == nan);
  return (unsigned char)(code | (bits >> 31 && !unsigned_code ? sign : 0));
}""",
    "from_power": """\
static __device__ __forceinline__ float from_power(unsigned char code) {
  const unsigned int bits = code == 0 ? 0x00400000u : (unsigned int)code << 23;
  return __uint_as_float(code == 255 ? 0x7fc00000u : bits);
}""",
    "to_power": """\
static __device__ __forceinline__ unsigned char to_power(float value) {
  const unsigned int bits = __float_as_uint(value);
  const unsigned int near = bits == 0x00400000u ? 0 : (bits + 0x00400000u) >> 23;
  return (unsigned char)(bits - 1 < 0x7f7fffffu ? near : 255);
}""",
}


def function(dtype: DType, direction: str) -> tuple[str, str]:
    """The helper that converts `dtype`, `direction` being "from" or "to", and its template."""
    if dtype == FLOAT8_E8M0FNU:
        return f"{direction}_power", ""
    layout = LAYOUTS[dtype]
    numbers = (
        layout.fraction, layout.bias, layout.sign, layout.largest, layout.overflow, layout.nan,
    )  # fmt: skip
    positive = str(layout.zero_is_positive).lower()
    return f"{direction}_minifloat", f"<{', '.join(map(str, numbers))}, {positive}>"
