# SPDX-License-Identifier: Apache-2.0
"""The one table of element types, from float64 to two-bit integers, over NumPy and ml_dtypes.

A `DType` is a value: graphs, kernels and engine files speak of types by these names only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import ml_dtypes
import numpy as np

from ingot.errors import UnsupportedError

__all__ = ["ALL", "FLOATS", "INTEGERS", "DType", "by_name", "from_numpy"]

Kind = Literal["float", "int", "uint", "bool"]


@dataclass(frozen=True, slots=True)
class DType:
    """An element type: its name, its width in bits, its kind, and the NumPy type that holds it.

    Types narrower than a byte take one byte an element in NumPy; engine files pack them.
    """

    name: str
    bits: int
    kind: Kind
    numpy: np.dtype[Any] = field(compare=False, repr=False)

    @property
    def itemsize(self) -> int:
        """Bytes that one unpacked element takes in memory."""
        return (self.bits + 7) // 8

    @property
    def is_float(self) -> bool:
        """Whether the type is a floating-point type."""
        return self.kind == "float"

    @property
    def is_integer(self) -> bool:
        """Whether the type is a signed or unsigned integer; bool is not."""
        return self.kind in ("int", "uint")

    @property
    def is_signed(self) -> bool:
        """Whether the type has negative values."""
        return self.kind in ("float", "int")

    def __str__(self) -> str:
        return self.name


def _dtype(kind: Kind, holder: Any, bits: int = 0) -> DType:
    numpy_type: np.dtype[Any] = np.dtype(holder)
    return DType(numpy_type.name, bits or numpy_type.itemsize * 8, kind, numpy_type)


FLOAT64 = _dtype("float", np.float64)
FLOAT32 = _dtype("float", np.float32)
FLOAT16 = _dtype("float", np.float16)
BFLOAT16 = _dtype("float", ml_dtypes.bfloat16)
FLOAT8_E4M3FN = _dtype("float", ml_dtypes.float8_e4m3fn)
FLOAT8_E4M3FNUZ = _dtype("float", ml_dtypes.float8_e4m3fnuz)
FLOAT8_E5M2 = _dtype("float", ml_dtypes.float8_e5m2)
FLOAT8_E5M2FNUZ = _dtype("float", ml_dtypes.float8_e5m2fnuz)
FLOAT8_E8M0FNU = _dtype("float", ml_dtypes.float8_e8m0fnu)
FLOAT4_E2M1FN = _dtype("float", ml_dtypes.float4_e2m1fn, bits=4)
INT64 = _dtype("int", np.int64)
INT32 = _dtype("int", np.int32)
INT16 = _dtype("int", np.int16)
INT8 = _dtype("int", np.int8)
INT4 = _dtype("int", ml_dtypes.int4, bits=4)
INT2 = _dtype("int", ml_dtypes.int2, bits=2)
UINT64 = _dtype("uint", np.uint64)
UINT32 = _dtype("uint", np.uint32)
UINT16 = _dtype("uint", np.uint16)
UINT8 = _dtype("uint", np.uint8)
UINT4 = _dtype("uint", ml_dtypes.uint4, bits=4)
UINT2 = _dtype("uint", ml_dtypes.uint2, bits=2)
BOOL = _dtype("bool", np.bool_)

FLOATS = (
    FLOAT64,
    FLOAT32,
    FLOAT16,
    BFLOAT16,
    FLOAT8_E4M3FN,
    FLOAT8_E4M3FNUZ,
    FLOAT8_E5M2,
    FLOAT8_E5M2FNUZ,
    FLOAT8_E8M0FNU,
    FLOAT4_E2M1FN,
)
INTEGERS = (INT64, INT32, INT16, INT8, INT4, INT2, UINT64, UINT32, UINT16, UINT8, UINT4, UINT2)
ALL = (*FLOATS, *INTEGERS, BOOL)

_BY_NAME = {dtype.name: dtype for dtype in ALL}
_BY_NUMPY = {dtype.numpy: dtype for dtype in ALL}


def by_name(name: str) -> DType:
    """The type called `name` (`"float32"`); raises UnsupportedError for any other name."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnsupportedError(
            f"element type '{name}': unknown name", cure=f"use one of {', '.join(_BY_NAME)}"
        ) from None


def from_numpy(dtype: Any) -> DType:
    """The type of arrays of NumPy type `dtype`, in either byte order; raises UnsupportedError."""
    numpy_type = np.dtype(dtype)
    found = _BY_NUMPY.get(numpy_type) or _BY_NUMPY.get(numpy_type.newbyteorder("="))
    if found is None:
        raise UnsupportedError(
            f"element type '{numpy_type}': no tensor holds it",
            cure="convert the array to a float, integer or bool type",
        )
    return found
