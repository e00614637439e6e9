# SPDX-License-Identifier: Apache-2.0
"""How floats of eight bits and fewer lie in a byte: a table for every target.

From the OCP formats for 8-bit and microscaling floats, and those that have one NaN and no -0.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ingot.dtypes import (
    FLOAT4_E2M1FN,
    FLOAT8_E4M3FN,
    FLOAT8_E4M3FNUZ,
    FLOAT8_E5M2,
    FLOAT8_E5M2FNUZ,
    FLOAT8_E8M0FNU,
    DType,
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a type: `fraction` bits behind an exponent with `bias`, below a sign bit.

    `largest` is the code of the greatest finite value; codes beyond it up to `sign` are infinite
    or not a number. `overflow` is the code of what is too large, `nan` that of not-a-number.
    `zero_is_positive` says that the code of -0.0 is the one NaN, which has no sign.
    """

    fraction: int
    bias: int
    sign: int
    largest: int
    overflow: int
    nan: int
    zero_is_positive: bool = False


LAYOUTS: Final[Mapping[DType, Layout]] = {
    FLOAT8_E4M3FN: Layout(3, 7, 0x80, 0x7E, 0x7F, 0x7F),
    FLOAT8_E4M3FNUZ: Layout(3, 8, 0x80, 0x7F, 0x80, 0x80, True),
    FLOAT8_E5M2: Layout(2, 15, 0x80, 0x7B, 0x7C, 0x7E),
    FLOAT8_E5M2FNUZ: Layout(2, 16, 0x80, 0x7F, 0x80, 0x80, True),
    FLOAT4_E2M1FN: Layout(1, 1, 0x08, 0x07, 0x07, 0x08),
}
MINIFLOATS: Final = (*LAYOUTS, FLOAT8_E8M0FNU)
