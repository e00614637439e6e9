# SPDX-License-Identifier: Apache-2.0
"""Arrays of other libraries that lie in the GPU's memory, read and written where they are.

DLPack's table of C functions is asked first, where the array's type has one: that takes a few
microseconds. Then DLPack's capsules, then `__cuda_array_interface__`. Each way the array's own
library is told, or waited for, so that what it has queued for the array comes before what we queue.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from ctypes import POINTER, c_int, c_int32, c_int64, c_uint8, c_uint16, c_uint32, c_uint64, c_void_p
from functools import cache
from typing import Any, Final

import numpy as np

from ingot.dtypes import BFLOAT16
from ingot.errors import InputError
from ingot.targets.base import DeviceArray
from ingot.targets.cuda.context import Context, Event

_ON_DEVICE: Final = (2, 13)  # kDLCUDA, kDLCUDAManaged
_CODES: Final = {0: "i", 1: "u", 2: "f", 5: "c", 6: "b"}
_BFLOAT: Final = 4
_NAME: Final = b"dltensor"
_USED: Final = b"used_dltensor"
_TABLE_NAME: Final = b"dlpack_exchange_api"
_DEFAULT_STREAM: Final = 1  # how DLPack calls the stream whose handle is 0


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


_LOOK_AT = ctypes.PYFUNCTYPE(c_int, ctypes.py_object, POINTER(_Tensor))
_CURRENT_STREAM = ctypes.PYFUNCTYPE(c_int, c_int, c_int32, POINTER(c_void_p))
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


class _Exchange(ctypes.Structure):
    """DLPackExchangeAPI."""

    _fields_ = (
        ("major", c_uint32),
        ("minor", c_uint32),
        ("previous", c_void_p),
        ("allocate", c_void_p),
        ("from_object", c_void_p),
        ("to_object", c_void_p),
        ("look_at", c_void_p),
        ("current_stream", c_void_p),
    )


class _Library:
    """The C functions of the library that an array type belongs to."""

    def __init__(self, capsule: object) -> None:
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype, pointer.argtypes = c_void_p, (ctypes.py_object, ctypes.c_char_p)
        table = ctypes.cast(pointer(capsule, _TABLE_NAME), POINTER(_Exchange)).contents
        self.usable = table.major == 1 and bool(table.look_at) and bool(table.current_stream)
        if self.usable:
            self.look_at = _LOOK_AT(table.look_at)
            self._current_stream = _CURRENT_STREAM(table.current_stream)

    def stream(self, device: int) -> int:
        """The stream that the library queues its work in at present."""
        found = c_void_p()
        self._current_stream(_ON_DEVICE[0], device, ctypes.byref(found))
        return found.value or 0


_LIBRARIES: Final[dict[type[Any], _Library | None]] = {}


def _library(kind: type[Any]) -> _Library | None:
    """The functions for arrays of type `kind`; None where it has none that are known here."""
    if kind not in _LIBRARIES:
        capsule = getattr(kind, "__dlpack_c_exchange_api__", None)
        known = type(capsule).__name__ == "PyCapsule"
        library = _Library(capsule) if known else None
        _LIBRARIES[kind] = library if library is not None and library.usable else None
    return _LIBRARIES[kind]


class Adopter:
    """Takes over arrays for the runs of one session."""

    def __init__(self, owner: Context) -> None:
        self._owner = owner
        self._tensor = _Tensor()
        self._event: Event | None = None
        self._waited: set[int] = set()

    def begin(self) -> None:
        """A run begins: other libraries may have queued work since the last."""
        self._waited.clear()

    def adopt(self, value: Any, stream: int) -> DeviceArray | None:
        """`value` as an array of this device, ready for work in `stream`; None where it is none.

        Raises InputError for an array of another device or one that is not C-contiguous.
        """
        library = _library(type(value))
        if library is not None:
            return self._look_at(library, value, stream)
        self._owner.enter()
        if hasattr(value, "__dlpack_device__"):
            kind, number = value.__dlpack_device__()
            if not self._is_here(int(kind), int(number)):
                return None
            borrowed = _Borrowed(value.__dlpack__(stream=stream or _DEFAULT_STREAM))
            return _described(borrowed.tensor, borrowed)
        if hasattr(value, "__cuda_array_interface__"):
            return _from_interface(self._owner, value)
        return None

    def _look_at(self, library: _Library, value: Any, stream: int) -> DeviceArray | None:
        tensor = self._tensor
        if library.look_at(value, ctypes.byref(tensor)):
            raise InputError(f"array: {type(value).__name__} does not tell where it lies")
        if not self._is_here(tensor.device_type, tensor.device_id):
            return None
        theirs = library.stream(self._owner.device)
        if theirs != stream and theirs not in self._waited:
            self._wait(theirs, stream)
            self._waited.add(theirs)
        return _described(tensor, value)

    def _wait(self, theirs: int, stream: int) -> None:
        """Let `stream` wait for what is queued in another one."""
        self._owner.enter()
        if self._event is None:
            self._event = Event(self._owner, timed=False)
        self._event.record(theirs)
        self._event.hold(stream)

    def _is_here(self, kind: int, number: int) -> bool:
        if kind not in _ON_DEVICE:
            return False
        if number != self._owner.device:
            raise InputError(
                f"array on cuda:{number}: the session is on cuda:{self._owner.device}",
                cure="copy it to the session's device",
            )
        return True


def _described(tensor: _Tensor, keep: object) -> DeviceArray:
    rank = tensor.ndim
    shape = tuple(tensor.shape[:rank]) if rank else ()
    if rank and tensor.strides:
        _check_dense(shape, tensor.strides[:rank])
    address = (tensor.data or 0) + tensor.offset
    return DeviceArray(address, shape, _numpy_type(tensor.code, tensor.bits, tensor.lanes), keep)


def copy_array(owner: Context, target: Any, source: Any, stream: int) -> None:
    """Fill one array with another of its shape and type, wherever both lie, and wait for it."""
    there = [isinstance(array, DeviceArray) for array in (source, target)]
    if not any(there):
        np.copyto(target, source)
        return
    places = [a.address if isinstance(a, DeviceArray) else a.ctypes.data for a in (target, source)]
    size = math.prod(target.shape) * target.dtype.itemsize
    if size:
        way = "to".join("D" if on_device else "H" for on_device in there)
        owner.driver.call(f"cuMemcpy{way}Async_v2", *places, size, stream)
        owner.driver.call("cuStreamSynchronize", stream)


@cache
def _numpy_type(code: int, bits: int, lanes: int) -> np.dtype[Any]:
    if lanes == 1 and code == _BFLOAT and bits == 16:
        return BFLOAT16.numpy
    if lanes != 1 or code not in _CODES:
        raise InputError(f"array: DLPack type {code} with {bits} bits is not known")
    found: np.dtype[Any] = np.dtype(f"{_CODES[code]}{bits // 8}")
    return found


def _from_interface(owner: Context, value: Any) -> DeviceArray:
    told = value.__cuda_array_interface__
    dtype, shape = np.dtype(told["typestr"]), tuple(told["shape"])
    if told.get("strides"):
        _check_dense(shape, tuple(stride // dtype.itemsize for stride in told["strides"]))
    if told.get("stream"):
        owner.driver.call("cuStreamSynchronize", told["stream"])
    return DeviceArray(told["data"][0] or 0, shape, dtype, value)


def _check_dense(shape: tuple[int, ...], strides: Sequence[int]) -> None:
    step = 1
    for size, stride in zip(reversed(shape), reversed(strides), strict=True):
        if size > 1 and stride != step:
            raise InputError("array on the device: not C-contiguous", cure="pass a contiguous copy")
        step *= size
