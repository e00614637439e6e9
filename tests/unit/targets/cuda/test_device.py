# SPDX-License-Identifier: Apache-2.0
"""The device side on an emulated driver: every check of the GPU suite, and what is given back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.emulation import compiler
from tests.emulation.driver import EmulatedDriver, emulation
from tests.gpu.device import CHECKS, REAL, expected, near, perceptron, sample

import ingot
from ingot import knobs
from ingot.errors import DeviceError, ResourceError
from ingot.targets import open_target
from ingot.targets.cuda import nvrtc

pytestmark = pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")


@pytest.fixture
def gpu() -> Iterator[EmulatedDriver]:
    with emulation() as driver:
        yield driver


@pytest.mark.parametrize("name", [name for name in CHECKS if name not in REAL])
def test_check(name: str, gpu: EmulatedDriver) -> None:
    CHECKS[name]()
    assert gpu.held() == 0, "memory was not given back"


def test_a_plan_is_captured_once_and_replayed(gpu: EmulatedDriver) -> None:
    with ingot.load(perceptron(), device="cuda", specialize="none") as session:
        for _ in range(4):
            session.run({"x": sample(6)})
    assert gpu.calls["cuStreamBeginCapture_v2"] == 1
    assert gpu.calls["cuGraphLaunch"] == 4


def test_weights_are_uploaded_once_for_all_plans(gpu: EmulatedDriver) -> None:
    with ingot.load(perceptron(), device="cuda", specialize="none") as session:
        before = gpu.calls["cuMemcpyHtoDAsync_v2"]
        session.clone().run({"x": sample(6)})
        assert gpu.calls["cuMemcpyHtoDAsync_v2"] == before + 1


def test_auto_is_the_gpu_where_there_is_one(gpu: EmulatedDriver) -> None:
    assert open_target("auto").name == "cuda"
    with ingot.load(perceptron(), specialize="none") as session:
        assert session.stats.device == "Emulated GPU"
        near(session.run({"x": sample(3)})["y"], expected(perceptron(), sample(3)))


def test_a_gpu_that_is_not_usable_is_passed_over_and_said(
    gpu: EmulatedDriver, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu.release = 12040
    with knobs.DEBUG.override("1"), patch.object(nvrtc, "identity", lambda: "libnvrtc.so.13.0.88"):
        assert open_target("auto").name == "cpu"
        assert "not cuda: CUDA driver: too old, it knows CUDA 12.4" in capsys.readouterr().err
        with pytest.raises(DeviceError, match=r"NVRTC is 13; install .*'nvidia-cuda-nvrtc<13'"):
            open_target("cuda")
    with patch.object(nvrtc, "available", lambda: False), knobs.DEBUG.override("1"):
        assert open_target("auto").name == "cpu"
        assert "NVRTC: no library found; pip install" in capsys.readouterr().err


def test_an_engine_is_the_same_with_and_without_a_gpu(gpu: EmulatedDriver, tmp_path: Path) -> None:
    for name in ("with", "without"):
        gpu.devices = int(name == "with")
        ingot.build(perceptron()).save(tmp_path / name)
    assert (tmp_path / "with").read_bytes() == (tmp_path / "without").read_bytes()


def test_no_device_is_one_error(gpu: EmulatedDriver) -> None:
    gpu.devices = 1
    with pytest.raises(DeviceError, match=r"cuda:1.*1 CUDA devices; use device='cpu'"):
        open_target("cuda:1")


def test_no_memory_is_one_error_and_the_cpu_stays_usable() -> None:
    graph = perceptron()
    with emulation(memory=4096), pytest.raises(ResourceError, match=r"out of memory, .* bytes"):
        ingot.load(graph, device="cuda")
    with ingot.load(graph, device="cpu", threads=1) as session:
        near(session.run({"x": sample(3)})["y"], expected(graph, sample(3)))


def test_code_for_another_generation_is_refused(gpu: EmulatedDriver) -> None:
    with pytest.raises(DeviceError, match="this GPU is sm_90, the code is for sm_120"):
        open_target("sm_120").open()
