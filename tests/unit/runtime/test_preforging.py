# SPDX-License-Identifier: Apache-2.0
"""Forging for devices that are not there, and being served from such a cache."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.emulation import compiler
from tests.emulation.driver import emulation
from tests.gpu.device import expected, near, perceptron, sample

import ingot
from ingot.cli.__main__ import main
from ingot.errors import InputError, UsageError
from ingot.jit.cache import open_cache
from ingot.spec import by_name
from ingot.targets import open_target
from ingot.targets.cuda import nvrtc
from ingot.targets.cuda.probe import runs_code


def compiled(folder: Path, device: str, **options: object) -> int:
    """Kernels that a session with the cache in `folder` has to compile, after right results."""
    graph = perceptron()
    with ingot.load(graph, device=device, cache_dir=folder, **options) as session:  # type: ignore[arg-type]
        near(session.run({"x": sample(6)})["y"], expected(graph, sample(6)))
        return session.stats.kernels_compiled


def weaker() -> str:
    """The name of a spec whose code this CPU runs, and that is not its own."""
    own = open_target("cpu").spec
    names = [name for name in ("x86-64-v2", "avx2", "neon") if by_name(name).triple == own.triple]
    return next((name for name in names if by_name(name).features <= own.features), "")


@pytest.mark.skipif(not weaker(), reason="no named spec fits this CPU")
def test_a_cpu_is_served_with_code_for_a_weaker_one(tmp_path: Path) -> None:
    graph = perceptron()
    (made,) = ingot.preforge(graph, devices=[weaker()], cache_dir=tmp_path, sizes=[{"batch": 6}])
    assert made.plans == 2 and made.kernels_compiled > 2
    assert compiled(tmp_path, "cpu", specialize="eager", threads=1) == 0
    assert compiled(tmp_path, "cpu", specialize="none", threads=1) == 0


@pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")
def test_a_gpu_is_served_without_a_compiler(tmp_path: Path) -> None:
    with emulation():
        devices = ["sm_80", "sm_90", "sm_120"]
        ingot.preforge(perceptron(), devices=devices, cache_dir=tmp_path, sizes=[{"batch": 6}])
        with patch.object(nvrtc, "identity", lambda: ""):
            assert compiled(tmp_path, "cuda", specialize="eager") == 0
            assert compiled(tmp_path, "cuda", specialize="none") == 0


@pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")
def test_code_for_other_gpus_is_left_alone(tmp_path: Path) -> None:
    with emulation():
        ingot.preforge(perceptron(), devices=["sm_75", "sm_120"], cache_dir=tmp_path)
        assert compiled(tmp_path, "cuda", specialize="none") > 0


@pytest.mark.parametrize(
    ("own", "other", "runs"),
    [
        ("sm_86", "sm_86", True), ("sm_121", "sm_120", True), ("sm_90", "sm_80", False),
        ("sm_86", "sm_80", False), ("sm_80", "sm_86", False), ("sm_103", "sm_100", True),
    ],
)  # fmt: skip
def test_which_code_runs_where(own: str, other: str, runs: bool) -> None:
    assert runs_code(by_name(own), by_name(other)) is runs


def test_a_damaged_record_is_made_again(tmp_path: Path) -> None:
    cache = open_cache(tmp_path)
    assert cache is not None
    for content in (b"\xff", b"[1]", b'{"sm_90": 3}'):
        ingot.preforge(perceptron(), devices=["null"], cache_dir=tmp_path)
        (name,) = (e.name for e in cache.entries() if e.name.startswith("forged-"))
        cache.store(name, content)
        assert compiled(tmp_path, "cpu", specialize="none", threads=1) >= 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"devices": ["sm_1"]}, "device 'sm_1': no such spec; use one of x86-64-v2, "),
        ({"devices": []}, "devices: none given; give some of x86-64-v2, "),
        ({"devices": ["null"], "sizes": [{"b": 3}]}, "sizes b: the inputs leave batch open"),
        ({"devices": ["null"], "sizes": [{"batch": 0}]}, "size batch = 0: outside the engine's"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict, message: str, tmp_path: Path) -> None:
    with pytest.raises((UsageError, InputError)) as caught:
        ingot.preforge(perceptron(), cache_dir=tmp_path, **options)
    assert message in str(caught.value)


def test_the_verb_forges_for_a_gpu_that_is_not_here(tmp_path: Path, capsys) -> None:
    engine, folder = tmp_path / "perceptron.ingot", tmp_path / "cache"
    ingot.build(perceptron()).save(engine)
    arguments = ["plan", str(engine), "--for", "sm_75,avx2", "-o", str(folder)]
    assert main([*arguments, "--sizes", "batch=4", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [one["device"] for one in report["devices"]] == ["sm_75", "avx2"]
    assert all(one["plans"] == 2 and one["kernels_compiled"] > 2 for one in report["devices"])
    assert main([*arguments, "--sizes", "batch=4"]) == 0
    assert "sm_75: 2 plans, 0 kernels compiled" in capsys.readouterr().out
    assert main([*arguments, "--sizes", "batch"]) == 2
    assert main(["plan", str(engine), "--for", "sm_9", "-o", str(folder)]) == 2
