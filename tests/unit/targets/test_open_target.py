# SPDX-License-Identifier: Apache-2.0
"""The door to targets."""

import subprocess
import sys

import pytest

from ingot.errors import UsageError
from ingot.spec import by_name
from ingot.targets import TARGETS, open_target


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_opens(name) -> None:
    target = open_target(name, by_name("sm_90") if name == "cuda" else None)
    assert target.name == name
    assert target.spec.kind == name


@pytest.mark.parametrize("name", ["x86-64-v2", "avx2", "avx512", "neon"])
def test_the_name_of_a_spec_is_a_cpu_target_for_it(name) -> None:
    assert open_target(name).spec == by_name(name)
    assert open_target("cpu", by_name(name)).spec == by_name(name)


@pytest.mark.parametrize("name", ["", "gpu", "cpu.target", "../cpu"])
def test_unknown_names_are_refused(name) -> None:
    known = "cpu, cuda, reference, null"
    with pytest.raises(UsageError, match=f"device '.*': unknown; use one of {known}"):
        open_target(name)


def test_a_spec_of_another_target_is_refused() -> None:
    with pytest.raises(UsageError, match="the spec 'avx2' is for cpu; open the target 'cpu'"):
        open_target("reference", by_name("avx2"))


@pytest.mark.parametrize(("name", "others"), [("reference", ("cpu", "null")), ("null", ("cpu",))])
def test_only_that_targets_code_is_loaded(name, others) -> None:
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; from ingot.targets import open_target;"
        f"open_target({name!r}); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert f"ingot.targets.{name}" in loaded
    assert not [module for module in loaded if module.startswith(f"ingot.targets.{others[0]}")]
    assert not [module for module in loaded if module.startswith("llvmlite")]


def test_kernels_of_different_machines_have_different_keys() -> None:
    names = ("x86-64-v2", "avx2", "avx512", "neon")
    assert len({open_target(name).generator() for name in names}) == len(names)
