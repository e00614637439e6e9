# SPDX-License-Identifier: Apache-2.0
"""The CUDA driver through ctypes: every call that the target makes, with its types.

Loading this module touches nothing; `driver()` loads the driver's library and starts it. Each call
checks the driver's answer and raises DeviceError, or ResourceError where memory is short. A started
driver does not survive a fork: in the child every call is refused.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_float, c_int, c_size_t, c_uint, c_ulonglong, c_void_p
from functools import cache
from typing import Any, Final, NoReturn

from ingot import host
from ingot.errors import DeviceError, ResourceError

USE_CPU: Final = "use device='cpu'"
UPDATE: Final = f"install a newer driver of NVIDIA's, or {USE_CPU}"
_OUT_OF_MEMORY: Final = 2
_NO_DEVICE: Final = 100
_OLD_DRIVER: Final = (35, 222, 223)  # insufficient driver, PTX or machine code of a newer one
_NAMES: Final = ("nvcuda.dll",) if host.WINDOWS else ("libcuda.so.1", "libcuda.so")
_DEPENDENT_LAUNCH: Final = 6  # CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION


class LaunchAttribute(ctypes.Structure):
    """CUlaunchAttribute: an id and a value of up to 64 bytes."""

    _fields_ = (("id", c_int), ("padding", c_int), ("value", c_int * 16))


class LaunchConfig(ctypes.Structure):
    """CUlaunchConfig."""

    _fields_ = (
        *((name, c_uint) for name in ("grid_x", "grid_y", "grid_z")),
        *((name, c_uint) for name in ("block_x", "block_y", "block_z", "shared")),
        ("stream", c_void_p),
        ("attributes", POINTER(LaunchAttribute)),
        ("count", c_uint),
    )


class KernelNode(ctypes.Structure):
    """CUDA_KERNEL_NODE_PARAMS_v2."""

    _fields_ = (
        ("function", c_void_p),
        *((name, c_uint) for name in ("grid_x", "grid_y", "grid_z")),
        *((name, c_uint) for name in ("block_x", "block_y", "block_z", "shared")),
        ("parameters", c_void_p),
        ("extra", c_void_p),
        ("kernel", c_void_p),
        ("context", c_void_p),
    )


_ADDRESS = c_ulonglong
_OUT = POINTER(c_void_p)  # where the driver writes a handle
_SIGNATURES: Final[dict[str, tuple[Any, ...]]] = {
    "cuInit": (c_uint,),
    "cuDriverGetVersion": (POINTER(c_int),),
    "cuDeviceGetCount": (POINTER(c_int),),
    "cuDeviceGet": (POINTER(c_int), c_int),
    "cuDeviceGetName": (c_char_p, c_int, c_int),
    "cuDeviceGetAttribute": (POINTER(c_int), c_int, c_int),
    "cuDevicePrimaryCtxRetain": (POINTER(c_void_p), c_int),
    "cuDevicePrimaryCtxRelease_v2": (c_int,),
    "cuCtxSetCurrent": (c_void_p,),
    "cuModuleLoadData": (POINTER(c_void_p), c_char_p),
    "cuModuleUnload": (c_void_p,),
    "cuModuleGetFunction": (POINTER(c_void_p), c_void_p, c_char_p),
    "cuFuncSetAttribute": (c_void_p, c_int, c_int),
    "cuMemAlloc_v2": (POINTER(c_ulonglong), c_size_t),
    "cuMemFree_v2": (_ADDRESS,),
    "cuMemGetInfo_v2": (POINTER(c_size_t), POINTER(c_size_t)),
    "cuMemAllocHost_v2": (POINTER(c_void_p), c_size_t),
    "cuMemFreeHost": (c_void_p,),
    "cuMemcpyHtoDAsync_v2": (_ADDRESS, c_void_p, c_size_t, c_void_p),
    "cuMemcpyDtoHAsync_v2": (c_void_p, _ADDRESS, c_size_t, c_void_p),
    "cuMemcpyDtoDAsync_v2": (_ADDRESS, _ADDRESS, c_size_t, c_void_p),
    "cuMemsetD8Async": (_ADDRESS, ctypes.c_ubyte, c_size_t, c_void_p),
    "cuPointerGetAttribute": (c_void_p, c_int, _ADDRESS),
    "cuStreamCreate": (POINTER(c_void_p), c_uint),
    "cuStreamDestroy_v2": (c_void_p,),
    "cuStreamSynchronize": (c_void_p,),
    "cuStreamWaitEvent": (c_void_p, c_void_p, c_uint),
    "cuStreamBeginCapture_v2": (c_void_p, c_int),
    "cuStreamEndCapture": (c_void_p, POINTER(c_void_p)),
    "cuGraphInstantiateWithFlags": (POINTER(c_void_p), c_void_p, c_ulonglong),
    "cuGraphDestroy": (c_void_p,),
    "cuGraphExecDestroy": (c_void_p,),
    "cuGraphLaunch": (c_void_p, c_void_p),
    "cuLaunchKernelEx": (POINTER(LaunchConfig), c_void_p, c_void_p, c_void_p),
    "cuEventCreate": (POINTER(c_void_p), c_uint),
    "cuEventDestroy_v2": (c_void_p,),
    "cuEventRecord": (c_void_p, c_void_p),
    "cuEventSynchronize": (c_void_p,),
    "cuEventElapsedTime": (POINTER(c_float), c_void_p, c_void_p),
    "cuGetErrorString": (c_int, POINTER(c_char_p)),
}
# Calls that drivers before CUDA 12.3 do not have.
_RECENT: Final[dict[str, tuple[Any, ...]]] = {
    "cuStreamGetCaptureInfo_v3": (
        c_void_p, POINTER(c_int), POINTER(c_ulonglong), _OUT, POINTER(_OUT), _OUT, POINTER(c_size_t)
    ),
    "cuGraphExecKernelNodeSetParams_v2": (c_void_p, c_void_p, POINTER(KernelNode)),
}  # fmt: skip


class Driver:
    """The driver's calls by their names without `cu` and version."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        for name, types in _SIGNATURES.items():
            function = getattr(library, name, None)
            if function is None:
                raise DeviceError(f"CUDA driver: too old, it has no {name}", cure=UPDATE)
            function.argtypes, function.restype = types, c_int
        self.updates_graphs = all(hasattr(library, name) for name in _RECENT)
        for name, types in _RECENT.items() if self.updates_graphs else ():
            function = getattr(library, name)
            function.argtypes, function.restype = types, c_int
        self.launch_raw = library.cuLaunchKernelEx
        self.graph_launch_raw = library.cuGraphLaunch

    def call(self, name: str, *arguments: Any) -> None:
        """Call the driver; raises DeviceError or ResourceError."""
        code = getattr(self._library, name)(*arguments)
        if code:
            self.fail(name, code)

    def forsake(self) -> None:
        """In the child of a fork: refuse every call from now on; raises DeviceError there."""
        for name in ("call", "launch_raw", "graph_launch_raw"):
            setattr(self, name, _refuse)

    @property
    def version(self) -> tuple[int, int]:
        """The version of CUDA that the driver knows, such as (13, 0)."""
        number = self.number("cuDriverGetVersion")
        return number // 1000, number % 1000 // 10

    def fail(self, name: str, code: int) -> None:
        """Raise what an answer other than 0 means."""
        text = c_char_p()
        self._library.cuGetErrorString(code, ctypes.byref(text))
        told = f"{(text.value or b'unknown error').decode()} ({name}, {code})"
        if code == _OUT_OF_MEMORY:
            raise ResourceError(
                f"CUDA device: out of memory in {name}",
                cure=f"free memory of the device, run smaller inputs, or {USE_CPU}",
            )
        if code == _NO_DEVICE:
            raise DeviceError("CUDA: the driver finds no device", cure=USE_CPU)
        if code in _OLD_DRIVER:
            raise DeviceError(f"CUDA driver: too old: {told}", cure=UPDATE)
        raise DeviceError(f"CUDA device: {told}", cure=f"check device and driver, or {USE_CPU}")

    def handle(self, name: str, *arguments: Any) -> int:
        """The handle that a call writes through its first argument."""
        result = c_void_p()
        self.call(name, ctypes.byref(result), *arguments)
        return result.value or 0

    def number(self, name: str, *arguments: Any) -> int:
        """The int that a call writes through its first argument."""
        result = c_int()
        self.call(name, ctypes.byref(result), *arguments)
        return result.value


@cache
def driver() -> Driver:
    """The driver, loaded and started; raises DeviceError where there is none."""
    library = _load()
    if library is None:
        raise DeviceError(
            f"CUDA driver: {_NAMES[0]} is not installed",
            cure=f"install NVIDIA's driver, or {USE_CPU}",
        )
    found = Driver(library)
    found.call("cuInit", 0)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=found.forsake)
    return found


def device_count() -> int:
    """How many CUDA devices there are; 0 where there is no driver or it does not start."""
    try:
        return driver().number("cuDeviceGetCount")
    except DeviceError:
        return 0


def dependent_launch() -> LaunchAttribute:
    """The attribute that lets a kernel's blocks start before the kernel in front has ended."""
    attribute = LaunchAttribute(_DEPENDENT_LAUNCH)
    attribute.value[0] = 1
    return attribute


def _refuse(*arguments: Any) -> NoReturn:
    raise DeviceError(
        "CUDA: a forked process cannot use the GPU that its parent opened",
        cure="start processes with 'spawn', or open the GPU in the child only",
    )


def _load() -> ctypes.CDLL | None:
    for name in _NAMES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None
