# SPDX-License-Identifier: Apache-2.0
"""Arrays as the engine file stores them, and back.

Element types that safetensors has are stored as they are; narrower and rarer ones as U8. Storing
never copies a contiguous little-endian array, and reading one is a view.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Final

import numpy as np

from ingot import dtypes
from ingot.dtypes import DType
from ingot.engine.header import DAMAGED
from ingot.errors import EngineError
from ingot.ir.graph import Array

SAFETENSORS: Final = MappingProxyType(
    {
        dtypes.FLOAT64: "F64",
        dtypes.FLOAT32: "F32",
        dtypes.FLOAT16: "F16",
        dtypes.BFLOAT16: "BF16",
        dtypes.FLOAT8_E4M3FN: "F8_E4M3",
        dtypes.FLOAT8_E5M2: "F8_E5M2",
        dtypes.INT64: "I64",
        dtypes.INT32: "I32",
        dtypes.INT16: "I16",
        dtypes.INT8: "I8",
        dtypes.UINT64: "U64",
        dtypes.UINT32: "U32",
        dtypes.UINT16: "U16",
        dtypes.UINT8: "U8",
        dtypes.BOOL: "BOOL",
    }
)
HASH_THREADS: Final = 4


def stored_form(dtype: DType, shape: tuple[int, ...]) -> tuple[str, tuple[int, ...], int]:
    """Safetensors type, stored shape and bytes of a tensor of this type."""
    size = -(-math.prod(shape) * dtype.bits // 8)
    native = SAFETENSORS.get(dtype)
    return (native, shape, size) if native else ("U8", (size,), size)


def stored_bytes(array: Array) -> memoryview:
    """The bytes that the file holds for `array`; a view where its layout allows."""
    dtype = dtypes.from_numpy(array.dtype)
    flat = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).reshape(-1)
    octets: Array = flat.view(np.uint8)
    return (octets if dtype.bits >= 8 else _pack(octets, dtype.bits)).data


def stored_view(data: memoryview, dtype: DType, shape: tuple[int, ...]) -> Array:
    """The read-only array in `data`, the stored bytes of a tensor; raises EngineError."""
    octets = np.frombuffer(data, np.uint8)
    if dtype is dtypes.BOOL and octets.max(initial=0) > 1:
        raise EngineError("engine tensor: a bool that is neither 0 nor 1", cure=DAMAGED)
    if dtype.bits < 8:
        octets = _unpack(octets, dtype, math.prod(shape))
    array = octets.view(dtype.numpy.newbyteorder("<")).reshape(shape)
    array.flags.writeable = False
    return array


def _pack(octets: Array, bits: int) -> Array:
    """One element a byte to 8 / bits elements a byte, low bits first."""
    per_byte = 8 // bits
    padded = np.zeros(-(-len(octets) // per_byte) * per_byte, np.uint8)
    padded[: len(octets)] = octets & (2**bits - 1)
    packed = np.zeros(len(padded) // per_byte, np.uint8)
    for position in range(per_byte):
        packed |= padded[position::per_byte] << (position * bits)
    return packed


def _unpack(octets: Array, dtype: DType, count: int) -> Array:
    """The inverse of `_pack`: `count` elements, one a byte, in NumPy's own encoding."""
    per_byte = 8 // dtype.bits
    codes = np.empty(len(octets) * per_byte, np.uint8)
    for position in range(per_byte):
        codes[position::per_byte] = octets >> (position * dtype.bits)
    codes &= 2**dtype.bits - 1
    if dtype.kind == "int":
        sign = np.uint8(1 << (dtype.bits - 1))
        codes = (codes ^ sign) - sign
    return codes[:count]


def digest(data: bytes | memoryview) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(data).hexdigest()


def digests(pieces: Iterable[Array]) -> list[str]:
    """The digest of each array's stored bytes; hashing runs outside the interpreter's lock."""
    with ThreadPoolExecutor(HASH_THREADS) as threads:
        return list(threads.map(lambda array: digest(stored_bytes(array)), pieces))
