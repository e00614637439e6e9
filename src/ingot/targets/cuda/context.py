# SPDX-License-Identifier: Apache-2.0
"""A GPU's context, memory, streams and events as objects that give back what they hold.

The context is the device's primary one, which other libraries of the process share; so arrays of
theirs can be read and written where they lie.
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingot.errors import DeviceError, ResourceError
from ingot.targets.cuda.driver import Driver, driver

Bytes = NDArray[np.uint8]
_NON_BLOCKING = 1
_NOT_TIMED = 2


class Context:
    """The primary context of device `index`."""

    def __init__(self, index: int) -> None:
        self.driver: Driver = driver()
        self.device = self.driver.number("cuDeviceGet", index)
        self._handle = self.driver.handle("cuDevicePrimaryCtxRetain", self.device)

    def enter(self) -> None:
        """Make the calling thread work with this device."""
        self.driver.call("cuCtxSetCurrent", self._handle)

    def free_memory(self) -> int:
        """Bytes of the device that nobody holds."""
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self.driver.call("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
        return free.value


@cache
def context(index: int) -> Context:
    """The context of device `index`, the same one for the whole process."""
    return Context(index)


class Block:
    """Memory of a device; given back when nothing refers to the block any more."""

    def __init__(self, owner: Context, size: int) -> None:
        self.size = size
        self._address = ctypes.c_ulonglong()
        owner.enter()
        try:
            owner.driver.call("cuMemAlloc_v2", ctypes.byref(self._address), max(size, 1))
        except ResourceError as error:
            raise ResourceError(
                f"CUDA device: out of memory, {size} bytes asked for, {owner.free_memory()} free",
                cure=error.cure,
            ) from None
        self._release = _finalize(self, owner, "cuMemFree_v2", self._address.value)

    @property
    def address(self) -> int:
        """Where it begins; a multiple of 256."""
        return self._address.value


class HostBlock:
    """Memory of the host that the device copies from and to at full speed."""

    def __init__(self, owner: Context, size: int) -> None:
        owner.enter()
        self.address = owner.driver.handle("cuMemAllocHost_v2", max(size, 1))
        content = (ctypes.c_uint8 * size).from_address(self.address)
        self.bytes: Bytes = np.ctypeslib.as_array(content)
        self._release = _finalize(self, owner, "cuMemFreeHost", self.address)


class Stream:
    """A queue of work of the device."""

    def __init__(self, owner: Context) -> None:
        owner.enter()
        self._driver = owner.driver
        self.handle = self._driver.handle("cuStreamCreate", _NON_BLOCKING)
        self._release = _finalize(self, owner, "cuStreamDestroy_v2", self.handle)

    def wait(self) -> None:
        """Wait until everything in the queue is done."""
        self._driver.call("cuStreamSynchronize", self.handle)


class Event:
    """A mark in a queue of work; one that is not `timed` costs less."""

    def __init__(self, owner: Context, *, timed: bool = True) -> None:
        owner.enter()
        self._driver = owner.driver
        self.handle = self._driver.handle("cuEventCreate", 0 if timed else _NOT_TIMED)
        self._release = _finalize(self, owner, "cuEventDestroy_v2", self.handle)

    def record(self, stream: int) -> None:
        """Put the mark behind what is in the queue."""
        self._driver.call("cuEventRecord", self.handle, stream)

    def hold(self, stream: int) -> None:
        """Let what is queued in `stream` from now on wait for the mark."""
        self._driver.call("cuStreamWaitEvent", stream, self.handle, 0)

    def seconds_since(self, other: Event) -> float:
        """The time between two marks that have been passed."""
        result = ctypes.c_float()
        self._driver.call("cuEventElapsedTime", ctypes.byref(result), other.handle, self.handle)
        return result.value / 1e3


def finalize(
    holder: object, owner: Context, give_back: Callable[[], None]
) -> weakref.finalize[Any, Any]:
    """Call `give_back` in the device's context when `holder` is gone."""
    release = weakref.finalize(holder, _give_back, owner, give_back)
    release.atexit = False
    return release


def _finalize(holder: object, owner: Context, name: str, handle: int) -> weakref.finalize[Any, Any]:
    return finalize(holder, owner, lambda: owner.driver.call(name, handle))


def _give_back(owner: Context, give_back: Callable[[], None]) -> None:
    """After a fault of the device nothing can be given back, and nothing needs to be."""
    try:
        owner.enter()
        give_back()
    except DeviceError:
        return
