# SPDX-License-Identifier: Apache-2.0
"""Where there is no driver: one clear error, and nothing else is in the way."""

from __future__ import annotations

import ctypes
import os
from typing import Any
from unittest.mock import patch

import pytest

from ingot import knobs
from ingot.errors import DeviceError
from ingot.targets import open_target
from ingot.targets.cuda import driver


@pytest.fixture(autouse=True)
def no_driver():
    driver.driver.cache_clear()
    with patch.object(driver, "_NAMES", ("libcuda-of-nobody.so.1",)):
        yield
    driver.driver.cache_clear()


def test_opening_the_gpu_says_what_is_missing() -> None:
    with pytest.raises(DeviceError, match="is not installed; install NVIDIA's driver, or use"):
        open_target("cuda")


def test_auto_is_the_cpu_and_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    with knobs.DEBUG.override("1"):
        assert open_target("auto").name == "cpu"
    assert "device 'auto': not cuda: CUDA driver: libcuda-of-nobody" in capsys.readouterr().err


def test_compiling_needs_no_driver_but_opening_does() -> None:
    target = open_target("sm_90")
    assert target.candidates({})
    with pytest.raises(DeviceError, match="is not installed"):
        target.open()


class Library:
    """A driver's library that answers every call with one code; some calls are missing."""

    def __init__(self, code: int, *missing: str) -> None:
        self.code, self.missing = code, missing

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__["missing"]:
            raise AttributeError(name)
        return ctypes.CFUNCTYPE(ctypes.c_int)(lambda: self.code)


@pytest.mark.parametrize(
    ("library", "message"),
    [
        (Library(100), "CUDA: the driver finds no device; use device='cpu'"),
        (Library(35), r"CUDA driver: too old: .* \(cuInit, 35\); install a newer driver"),
        (Library(0, "cuLaunchKernelEx"), "too old, it has no cuLaunchKernelEx; install a newer"),
        (Library(999), r"CUDA device: .* \(cuInit, 999\); check device and driver, or use"),
    ],
)
def test_what_is_wrong_with_a_driver_is_one_error(library: Library, message: str) -> None:
    with patch.object(driver, "_load", lambda: library):
        with pytest.raises(DeviceError, match=message):
            open_target("cuda")
        assert open_target("auto").name == "cpu"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_is_refused_and_the_cpu_stays_usable() -> None:
    with patch.object(driver, "_load", lambda: Library(0)):
        started = driver.driver()
        child = os.fork()
        if not child:
            try:
                started.call("cuCtxSetCurrent", None)
            except DeviceError as error:
                right = "forked process" in str(error) and open_target("auto").name == "cpu"
                os._exit(0 if right else 1)
            os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
        started.call("cuCtxSetCurrent", None)
