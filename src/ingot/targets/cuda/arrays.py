# SPDX-License-Identifier: Apache-2.0
"""Arrays of other libraries that lie in the GPU's memory, read and written where they are.

DLPack is asked first, then `__cuda_array_interface__`. Either way the array's own library is told,
or waited for, so that what it has queued for the array comes before what we queue.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_int32, c_int64, c_uint8, c_uint16, c_uint64, c_void_p
from typing import Any, Final

import numpy as np

from ingot.dtypes import BFLOAT16
from ingot.errors import InputError
from ingot.targets.base import DeviceArray
from ingot.targets.cuda.context import Context

_ON_DEVICE: Final = (2, 13)  # kDLCUDA, kDLCUDAManaged
_CODES: Final = {0: "i", 1: "u", 2: "f", 5: "c", 6: "b"}
_BFLOAT: Final = 4
_NAME: Final = b"dltensor"
_USED: Final = b"used_dltensor"


class _Tensor(ctypes.Structure):
    """DLTensor."""

    _fields_ = (
        ("data", c_void_p),
        ("device_type", c_int32),
        ("device_id", c_int32),
        ("ndim", c_int32),
        ("code", c_uint8),
        ("bits", c_uint8),
        ("lanes", c_uint16),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("offset", c_uint64),
    )


class _Managed(ctypes.Structure):
    """DLManagedTensor."""


_Deleter = ctypes.CFUNCTYPE(None, POINTER(_Managed))
_Managed._fields_ = (("tensor", _Tensor), ("context", c_void_p), ("deleter", _Deleter))


class _Borrowed:
    """A tensor that its library lends until this object is gone."""

    def __init__(self, capsule: object) -> None:
        pointer, rename = ctypes.pythonapi.PyCapsule_GetPointer, ctypes.pythonapi.PyCapsule_SetName
        pointer.restype, pointer.argtypes = c_void_p, (ctypes.py_object, ctypes.c_char_p)
        rename.restype, rename.argtypes = ctypes.c_int, (ctypes.py_object, ctypes.c_char_p)
        address = pointer(capsule, _NAME)
        rename(capsule, _USED)
        self._managed = ctypes.cast(c_void_p(address), POINTER(_Managed))

    @property
    def tensor(self) -> _Tensor:
        """What was lent."""
        found: _Tensor = self._managed.contents.tensor
        return found

    def __del__(self) -> None:
        if self._managed and self._managed.contents.deleter:
            self._managed.contents.deleter(self._managed)


def adopt(owner: Context, value: Any, stream: int) -> DeviceArray | None:
    """`value` as an array of this device, ready for work in `stream`; None where it is none.

    Raises InputError for an array of another device or one that is not C-contiguous.
    """
    if hasattr(value, "__dlpack_device__"):
        kind, number = value.__dlpack_device__()
        if int(kind) not in _ON_DEVICE:
            return None
        if int(number) != owner.device:
            raise InputError(
                f"array on cuda:{int(number)}: the session is on cuda:{owner.device}",
                cure="copy it to the session's device",
            )
        return _from_dlpack(_Borrowed(value.__dlpack__(stream=stream)))
    if hasattr(value, "__cuda_array_interface__"):
        return _from_interface(owner, value)
    return None


def _from_dlpack(borrowed: _Borrowed) -> DeviceArray:
    tensor = borrowed.tensor
    shape = tuple(tensor.shape[axis] for axis in range(tensor.ndim))
    if tensor.strides:
        _check_dense(shape, tuple(tensor.strides[axis] for axis in range(tensor.ndim)))
    address = (tensor.data or 0) + tensor.offset
    return DeviceArray(address, shape, _numpy_type(tensor), borrowed)


def _numpy_type(tensor: _Tensor) -> np.dtype[Any]:
    if tensor.lanes == 1 and tensor.code == _BFLOAT and tensor.bits == 16:
        return BFLOAT16.numpy
    if tensor.lanes != 1 or tensor.code not in _CODES:
        raise InputError(f"array: DLPack type {tensor.code} with {tensor.bits} bits is not known")
    found: np.dtype[Any] = np.dtype(f"{_CODES[tensor.code]}{tensor.bits // 8}")
    return found


def _from_interface(owner: Context, value: Any) -> DeviceArray:
    told = value.__cuda_array_interface__
    dtype, shape = np.dtype(told["typestr"]), tuple(told["shape"])
    if told.get("strides"):
        _check_dense(shape, tuple(stride // dtype.itemsize for stride in told["strides"]))
    if told.get("stream"):
        owner.driver.call("cuStreamSynchronize", told["stream"])
    return DeviceArray(told["data"][0] or 0, shape, dtype, value)


def _check_dense(shape: tuple[int, ...], strides: tuple[int, ...]) -> None:
    step = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if size > 1 and stride != step:
            raise InputError("array on the device: not C-contiguous", cure="pass a contiguous copy")
        step *= size
