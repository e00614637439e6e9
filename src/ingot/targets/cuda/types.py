# SPDX-License-Identifier: Apache-2.0
"""How element types are held on a GPU: in memory, and in registers between a load and a store.

Narrow floats lie in memory as patterns of 16 or 8 bits and are computed in float; BOOL is a byte 0
or 1 in memory and `bool` in registers. Integers below a byte take a byte each: its low bits in
memory, whatever is above them, and the number itself in registers. Helpers (`prelude.py`) convert.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from ingot.dtypes import (
    BFLOAT16,
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT2,
    INT4,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT2,
    UINT4,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    DType,
)
from ingot.errors import UnsupportedError
from ingot.targets.minifloat import MINIFLOATS

INDEX: Final = "int"
LONG: Final = "long long"

_REGISTERS: Mapping[DType, str] = {
    FLOAT64: "double",
    FLOAT32: "float",
    FLOAT16: "float",
    BFLOAT16: "float",
    INT64: LONG,
    INT32: "int",
    INT16: "short",
    INT8: "signed char",
    UINT64: "unsigned long long",
    UINT32: "unsigned int",
    UINT16: "unsigned short",
    UINT8: "unsigned char",
    INT4: "signed char",
    INT2: "signed char",
    UINT4: "unsigned char",
    UINT2: "unsigned char",
    BOOL: "bool",
    **dict.fromkeys(MINIFLOATS, "float"),
}
_BYTES: Final = (BOOL, *MINIFLOATS, INT4, INT2, UINT4, UINT2)
_MEMORY: Mapping[DType, str] = {
    FLOAT16: "unsigned short",
    BFLOAT16: "unsigned short",
    **dict.fromkeys(_BYTES, "unsigned char"),
}


def register_type(dtype: DType) -> str:
    """The C++ type of values of `dtype` in registers; raises UnsupportedError."""
    if dtype not in _REGISTERS:
        raise UnsupportedError(
            f"element type {dtype}: the CUDA target has no arithmetic for it",
            cure="cast to float32 or int8 first",
        )
    return _REGISTERS[dtype]


def memory_type(dtype: DType) -> str:
    """The C++ type of elements of `dtype` in memory; raises UnsupportedError."""
    return _MEMORY.get(dtype) or register_type(dtype)


def unsigned_type(dtype: DType) -> str:
    """The unsigned type in which arithmetic of an integer type wraps."""
    return "unsigned long long" if dtype.bits == 64 else "unsigned int"


def literal(value: float | int | bool, dtype: DType) -> str:
    """A constant of `dtype` as C++."""
    if dtype == BOOL:
        return "true" if value else "false"
    if dtype.is_float:
        return _float_literal(float(value), double=dtype == FLOAT64)
    number = int(value)
    suffix = ("" if dtype.is_signed else "u") + ("LL" if dtype.bits == 64 else "")
    if number == -(1 << (dtype.bits - 1)) and dtype.is_signed:
        return f"({register_type(dtype)})({number + 1}{suffix} - 1)"
    return f"({register_type(dtype)}){number}{suffix}" if number >= 0 else f"({number}{suffix})"


def _float_literal(value: float, *, double: bool) -> str:
    if math.isfinite(value):
        if not double and abs(value) >= 2.0**128:
            return _float_literal(math.copysign(math.inf, value), double=False)
        text = value.hex() + ("" if double else "f")
        return f"({text})" if value < 0 else text
    if double:
        bits = "7ff8000000000000" if math.isnan(value) else "7ff0000000000000"
        text = f"__longlong_as_double(0x{bits}LL)"
    else:
        text = f"__int_as_float(0x{'7fc00000' if math.isnan(value) else '7f800000'})"
    return f"(-{text})" if value < 0 else text
