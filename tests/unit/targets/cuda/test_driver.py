# SPDX-License-Identifier: Apache-2.0
"""Where there is no driver: one clear error, and nothing else is in the way."""

from __future__ import annotations

from unittest.mock import patch

import pytest

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


def test_auto_is_the_cpu() -> None:
    assert open_target("auto").name == "cpu"


def test_compiling_needs_no_driver_but_opening_does() -> None:
    target = open_target("sm_90")
    assert target.candidates({})
    with pytest.raises(DeviceError, match="is not installed"):
        target.open()
