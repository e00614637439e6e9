# SPDX-License-Identifier: Apache-2.0
"""Stored tensors as arrays: element types, the four ways a payload is stored, external data.

Every way ends in a read-only, aligned array; payloads in files are mapped, not read, wherever
their offset allows. External data must lie in the model's own folder: no absolute path, no `..`,
no link that leads out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

import numpy as np

from ingot import dtypes
from ingot.dtypes import DType
from ingot.errors import ModelError
from ingot.onnx.budget import Budget
from ingot.onnx.records import SparseRecord, TensorRecord
from ingot.onnx.source import Array, Source, Span
from ingot.onnx.wire import DAMAGED, packed_fixed, packed_varints

ELEMENT_TYPES: Final[dict[int, DType]] = {
    1: dtypes.FLOAT32,
    2: dtypes.UINT8,
    3: dtypes.INT8,
    4: dtypes.UINT16,
    5: dtypes.INT16,
    6: dtypes.INT32,
    7: dtypes.INT64,
    9: dtypes.BOOL,
    10: dtypes.FLOAT16,
    11: dtypes.FLOAT64,
    12: dtypes.UINT32,
    13: dtypes.UINT64,
    16: dtypes.BFLOAT16,
    17: dtypes.FLOAT8_E4M3FN,
    18: dtypes.FLOAT8_E4M3FNUZ,
    19: dtypes.FLOAT8_E5M2,
    20: dtypes.FLOAT8_E5M2FNUZ,
    21: dtypes.UINT4,
    22: dtypes.INT4,
    23: dtypes.FLOAT4_E2M1FN,
    24: dtypes.FLOAT8_E8M0FNU,
    25: dtypes.UINT2,
    26: dtypes.INT2,
}
OTHER_TYPES: Final = {
    0: "no element type",
    8: "strings",
    14: "complex64",
    15: "complex128",
    27: "float6_e2m3fn",
    28: "float6_e3m2fn",
}
FIXED_FIELDS: Final[dict[str, np.dtype[Any]]] = {
    "float_data": np.dtype("<f4"),
    "double_data": np.dtype("<f8"),
}
MOST_ELEMENTS: Final = 1 << 40


def type_name(code: int) -> str:
    """The name of an ONNX element type for messages."""
    known = ELEMENT_TYPES.get(code)
    return known.name if known else OTHER_TYPES.get(code, f"the unknown element type {code}")


class TensorReader:
    """Reads the tensors of one model; keeps its external data files mapped."""

    def __init__(self, folder: Path | None, budget: Budget | None = None) -> None:
        """`folder` is where external data may lie; arrays that are made are charged to `budget`."""
        self._folder = folder
        self._budget = budget or Budget()
        self._files: dict[str, Source] = {}

    def array(self, record: TensorRecord) -> Array:
        """The tensor's elements; raises ModelError on a payload that does not fit its dims."""
        label = f"tensor '{record.name}'"
        dtype = ELEMENT_TYPES.get(record.data_type)
        if dtype is None:
            raise ModelError(
                f"{label}: holds {type_name(record.data_type)}, a weight holds numbers or bools",
                cure="convert the tensor before exporting",
            )
        count = self._count(record, label)
        if record.external is not None:
            flat = self._external(record, dtype, count, label)
        elif record.raw is not None:
            flat = _from_bytes(record.raw, dtype, count, label)
        else:
            flat = _from_typed(record, dtype, count, label)
        result = flat.reshape(record.dims)
        result.flags.writeable = False
        return result

    def sparse(self, record: SparseRecord) -> Array:
        """The dense form of a sparse tensor."""
        values, indices = self.array(record.values), self.array(record.indices)
        label = f"sparse tensor '{record.values.name}'"
        _require(min(record.dims, default=0) >= 0, f"{label}: has a negative size")
        _require(math.prod(record.dims) <= MOST_ELEMENTS, f"{label}: is impossibly large")
        self._budget.take(math.prod(record.dims) * values.dtype.itemsize, label)
        dense = np.zeros(record.dims, values.dtype)
        linear = indices if indices.ndim == 1 else _linear(indices, record.dims, label)
        fits = linear.shape == values.shape and bool(np.all((linear >= 0) & (linear < dense.size)))
        _require(fits, f"{label}: its indices do not fit its dims {list(record.dims)}")
        dense.reshape(-1)[linear] = values
        dense.flags.writeable = False
        return dense

    def _count(self, record: TensorRecord, label: str) -> int:
        negative = [size for size in record.dims if size < 0]
        _require(not negative, f"{label}: has the negative size {negative[:1]}")
        count = math.prod(record.dims)
        _require(count <= MOST_ELEMENTS, f"{label}: is impossibly large, {list(record.dims)}")
        return count

    def _external(self, record: TensorRecord, dtype: DType, count: int, label: str) -> Array:
        entries = record.external or {}
        location = entries.get("location", "")
        source = self._files.get(location)
        if source is None:
            path = external_path(self._folder, location, label)
            source = self._files[location] = Source.open(
                path, f"{label}: external data file '{location}'", self._budget
            )
        offset = _entry_int(entries, "offset", 0, label)
        size = _stored_bytes(dtype, count)
        length = _entry_int(entries, "length", size, label)
        _require(
            length == size,
            f"{label}: needs {size} bytes, its external data entry says {length}",
        )
        if offset + length > source.size:
            raise ModelError(
                f"{label}: needs bytes {offset} to {offset + length} of '{location}', "
                f"which has {source.size}",
                cure="the data file is cut off or belongs to another model; copy it again",
            )
        return _from_bytes(Span(source, offset, offset + length), dtype, count, label)


def external_path(folder: Path | None, location: str, label: str) -> Path:
    """The data file called `location`, which must lie in the model's folder."""
    where = f"{label}: external data location '{location}'"
    if folder is None:
        raise ModelError(
            f"{where} is relative to a model file, and the model came as bytes",
            cure="pass the model's path, or a model with its data inside",
        )
    pure = (PurePosixPath(location), PureWindowsPath(location))
    if not location or "\0" in location or any(p.is_absolute() or p.drive for p in pure):
        raise ModelError(f"{where} is not a relative path", cure=BESIDE)
    if any(".." in p.parts for p in pure):
        raise ModelError(f"{where} leaves the model's folder", cure=BESIDE)
    path = folder / location
    if not path.exists():
        raise ModelError(f"{where} does not exist in '{folder}'", cure=BESIDE)
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ModelError(f"{where} is a link out of the model's folder", cure=BESIDE)
    return path


BESIDE: Final = "keep data files in the model's folder and name them relative to it"


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ModelError(message, cure=DAMAGED)


def _entry_int(entries: Any, key: str, default: int, label: str) -> int:
    content = entries.get(key, "")
    if not content:
        return default
    _require(
        content.isascii() and content.isdigit() and len(content) < 19,
        f"{label}: external data {key} '{content[:40]}' is not a size in bytes",
    )
    return int(content)


def _stored_bytes(dtype: DType, count: int) -> int:
    return (count * dtype.bits + 7) // 8 if dtype.bits < 8 else count * dtype.itemsize


def _from_bytes(span: Span, dtype: DType, count: int, label: str) -> Array:
    size = _stored_bytes(dtype, count)
    _require(len(span) == size, f"{label}: needs {size} bytes for its dims, {len(span)} are stored")
    if dtype.bits < 8:
        span.source.budget.take(count, label)
        return _unpacked(span.array(np.dtype(np.uint8)), dtype, count)
    return span.array(dtype.numpy)


def _unpacked(data: Array, dtype: DType, count: int) -> Array:
    """Elements narrower than a byte, low bits first, one a byte as ml_dtypes holds them."""
    places = np.arange(0, 8, dtype.bits, dtype=np.uint8)
    mask = np.uint8((1 << dtype.bits) - 1)
    bits = ((data[:, None] >> places) & mask).reshape(-1)[:count]
    if dtype.kind == "float":
        return bits.view(dtype.numpy)
    if dtype.kind == "int":
        sign = np.uint8(1 << (dtype.bits - 1))
        return ((bits ^ sign).astype(np.int8) - np.int8(sign)).astype(dtype.numpy)
    return bits.astype(dtype.numpy)


def _from_typed(record: TensorRecord, dtype: DType, count: int, label: str) -> Array:
    """Elements of the field for this type, packed or one at a time."""
    fixed: np.dtype[Any] | None = FIXED_FIELDS.get(record.field)
    parts = _parts(record.typed, record.field, fixed)
    flat = parts[0] if len(parts) == 1 else np.concatenate(parts or [np.zeros(0, np.int64)])
    if dtype.bits < 8 and record.field == "int32_data":
        stored = _stored_bytes(dtype, count)
        _require(flat.size == stored, f"{label}: needs {stored} bytes, {flat.size} are stored")
        return _unpacked(flat.astype(np.uint8), dtype, count)
    _require(
        flat.size == count, f"{label}: needs {count} elements for its dims, {flat.size} are stored"
    )
    if record.field == "int32_data" and dtype.is_float:
        return flat.astype(np.dtype(f"u{dtype.itemsize}")).view(dtype.numpy)
    if fixed is not None and not dtype.is_float:
        raise ModelError(f"{label}: {dtype.name} elements are stored as floats", cure=DAMAGED)
    return flat.astype(dtype.numpy, copy=False)


def _parts(typed: Sequence[Span | int], field: str, fixed: np.dtype[Any] | None) -> list[Array]:
    """The packed runs of a field, and its single numbers run by run."""
    parts: list[Array] = []
    for single, run in groupby(typed, lambda item: isinstance(item, int)):
        if single:
            parts.append(_singles([item for item in run if isinstance(item, int)], field, fixed))
            continue
        spans = [item for item in run if isinstance(item, Span)]
        parts += [packed_varints(s) if fixed is None else packed_fixed(s, fixed) for s in spans]
    return parts


def _singles(numbers: list[int], field: str, fixed: np.dtype[Any] | None) -> Array:
    bits = np.array(numbers, np.uint64)
    if fixed is None:
        return bits.view(np.int64)
    return bits.astype(np.uint32).view(np.float32) if field == "float_data" else bits.view(fixed)


def _linear(indices: Array, dims: tuple[int, ...], label: str) -> Array:
    _require(
        indices.ndim == 2 and indices.shape[1] == len(dims), f"{label}: its indices have no rank"
    )
    inside = bool(np.all((indices >= 0) & (indices < np.array(dims))))
    _require(inside, f"{label}: an index is outside its dims {list(dims)}")
    return np.asarray(np.ravel_multi_index(tuple(indices.T), dims), np.int64)
