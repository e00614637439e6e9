# SPDX-License-Identifier: Apache-2.0
"""The DeviceSpec of a GPU of this machine, from the driver's attributes, and whether to use it."""

from __future__ import annotations

import ctypes
from typing import Final

from ingot.errors import DeviceError, IngotError
from ingot.spec import DeviceSpec, gpu_features
from ingot.targets.cuda import nvrtc
from ingot.targets.cuda.driver import USE_CPU, driver

_CLOCK: Final = 13
_MULTIPROCESSORS: Final = 16
_MEMORY_CLOCK: Final = 36
_BUS_WIDTH: Final = 37
_L2: Final = 38
_THREADS: Final = 39
_MAJOR: Final = 75
_MINOR: Final = 76
_SHARED_OF_MULTIPROCESSOR: Final = 81
_SHARED_OF_BLOCK: Final = 97
_OLDEST: Final = 75


def probe(index: int = 0) -> DeviceSpec:
    """The spec of device `index`; raises DeviceError where there is none or it is too old."""
    count = driver().number("cuDeviceGetCount")
    if not 0 <= index < count:
        raise DeviceError(
            f"device 'cuda:{index}': the machine has {count} CUDA devices", cure=USE_CPU
        )
    device = driver().number("cuDeviceGet", index)

    def ask(attribute: int) -> int:
        return driver().number("cuDeviceGetAttribute", attribute, device)

    number = 10 * ask(_MAJOR) + ask(_MINOR)
    if number < _OLDEST:
        raise DeviceError(
            f"device 'cuda:{index}': compute capability {number / 10} is below 7.5", cure=USE_CPU
        )
    architecture = f"sm_{number}"
    return DeviceSpec(
        device_name(device),
        "cuda",
        features=gpu_features(architecture),
        cores=ask(_MULTIPROCESSORS),
        l1=ask(_SHARED_OF_MULTIPROCESSOR),
        l2=ask(_L2),
        l3=0,
        cpu=architecture,
        clock=ask(_CLOCK) * 1e3,
        fma_pipes=32,
        memory_bandwidth=2e3 * ask(_MEMORY_CLOCK) * ask(_BUS_WIDTH) / 8,
        shared_memory=ask(_SHARED_OF_BLOCK),
        threads=ask(_THREADS),
    )


def obstacle() -> str:
    """Why `device="auto"` cannot use a GPU here; empty where it can."""
    try:
        probe()
        check_versions()
    except IngotError as error:
        return error.message
    return "" if nvrtc.available() else f"{nvrtc.MISSING}; {nvrtc.CURE}"


def check_versions() -> None:
    """Refuse a driver that is older than what NVRTC compiles for; raises DeviceError."""
    known, made = driver().version, nvrtc.major() or 0
    if made > known[0]:
        raise DeviceError(
            f"CUDA driver: too old, it knows CUDA {known[0]}.{known[1]} and NVRTC is {made}",
            cure=f"install a newer driver of NVIDIA's or 'nvidia-cuda-nvrtc<{known[0] + 1}',"
            f" or {USE_CPU}",
        )


def runs_code(own: DeviceSpec, other: DeviceSpec) -> bool:
    """Whether a GPU runs code made for another: of its generation, no newer and no larger."""
    there, needed = (int(spec.cpu.removeprefix("sm_")) for spec in (own, other))
    same = there // 10 == needed // 10 and needed <= there
    return same and other.shared_memory <= own.shared_memory


def device_name(device: int) -> str:
    """What the vendor calls the device."""
    name = ctypes.create_string_buffer(256)
    driver().call("cuDeviceGetName", name, len(name), device)
    return name.value.decode(errors="replace")
