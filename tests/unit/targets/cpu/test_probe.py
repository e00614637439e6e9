# SPDX-License-Identifier: Apache-2.0
"""From what systems report to specs."""

import subprocess
import sys

import pytest

from ingot import host
from ingot.errors import DeviceError
from ingot.spec import by_name
from ingot.targets.cpu.probe import (
    arm_spec,
    linux_features,
    linux_model,
    probe,
    x86_model,
    x86_spec,
)

ZEN4 = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 17
model name\t: AMD EPYC
flags\t\t: fpu sse sse2 pni ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt avx f16c abm bmi1 avx2 bmi2 \
avx512f avx512dq avx512cd avx512bw avx512vl avx512_bf16 avx512_vnni
"""
GRAVITON = "processor\t: 0\nFeatures\t: fp asimd evtstrm aes asimdhp cpuid asimddp i8mm bf16\n"


def test_a_zen4_is_an_avx512_machine_with_its_own_schedule() -> None:
    spec = x86_spec(linux_features(ZEN4), linux_model(ZEN4))
    assert (spec.vector_bits, spec.vector_registers, spec.cpu) == (512, 32, "znver4")
    assert {"avx512bf16", "avx512vnni", "lzcnt", "bmi", "sse4.2"} <= spec.features
    assert spec.features >= by_name("avx512").features


def test_features_that_a_hypervisor_hides_are_not_used() -> None:
    hidden = ZEN4.replace("avx512f ", "").replace("avx512bw ", "")
    spec = x86_spec(linux_features(hidden), linux_model(hidden))
    assert (spec.vector_bits, spec.cpu) == (256, "x86-64-v3")
    assert not any(name.startswith("avx512") for name in spec.features)
    hidden = ZEN4.replace(" fma", "")
    spec = x86_spec(linux_features(hidden), linux_model(hidden))
    assert (spec.vector_bits, spec.cpu) == (128, "x86-64-v2")
    assert "avx2" not in spec.features


def test_a_cpu_without_sse42_is_refused() -> None:
    with pytest.raises(DeviceError, match=r"SSE4\.2 is missing"):
        x86_spec(linux_features(ZEN4.replace("sse4_2 ", "")), None)


@pytest.mark.parametrize(
    ("vendor", "family", "model", "cpu"),
    [
        ("AuthenticAMD", 0x17, 0x31, "znver2"),
        ("AuthenticAMD", 0x19, 0x01, "znver3"),
        ("AuthenticAMD", 0x19, 0x61, "znver4"),
        ("AuthenticAMD", 0x1A, 0x02, "znver5"),
        ("GenuineIntel", 6, 60, "haswell"),
        ("GenuineIntel", 6, 85, "skylake-avx512"),
        ("GenuineIntel", 6, 143, "sapphirerapids"),
    ],
)
def test_known_families(vendor, family, model, cpu) -> None:
    found = x86_model(vendor, family, model)
    assert found is not None
    assert found[0] == cpu


def test_unknown_families_have_no_model() -> None:
    assert x86_model("GenuineIntel", 6, 999) is None
    assert x86_model("HygonGenuine", 24, 0) is None
    assert linux_model("no such lines") is None


def test_arm_features() -> None:
    spec = arm_spec(linux_features(GRAVITON))
    assert spec.vector_bits == 128
    assert {"neon", "fp-armv8", "dotprod", "fullfp16", "i8mm", "bf16"} <= spec.features


def test_this_machine() -> None:
    spec = probe()
    assert spec.kind == "cpu"
    assert spec.cores == host.physical_cores()
    assert min(spec.l1, spec.l2, spec.l3) > 0
    assert probe().key() == spec.key()


def test_the_probe_agrees_with_llvm() -> None:
    llvm = pytest.importorskip("llvmlite.binding")
    known = llvm.get_host_cpu_features()
    spec = probe()
    own = {name for name in spec.features if name != "reserve-x18"}
    assert all(known.get(name, True) for name in own)
    if not spec.cpu.startswith(("x86-64", "generic", "apple")):
        assert spec.cpu == llvm.get_host_cpu_name()


def test_probing_does_not_load_llvm() -> None:
    code = (
        "import sys; from ingot.targets.cpu.probe import probe; probe();"
        "print([m for m in sys.modules if 'llvmlite' in m])"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
