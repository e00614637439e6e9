# SPDX-License-Identifier: Apache-2.0
"""The DeviceSpec of this machine's CPU.

A warm start must not load LLVM, so the features come from the operating system, and the scheduling
model from a table of CPU families. A family that the table does not know is compiled for by its
x86-64 level; an instruction is used only where the system reports its feature.
"""

from __future__ import annotations

import ctypes
import platform
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ingot import host
from ingot.errors import DeviceError
from ingot.spec import DeviceSpec, by_name

_X86 = ("x86_64", "amd64")
_ARM = ("aarch64", "arm64")

# Names of the features that kernels may use: the system's, where it differs from LLVM's.
_LINUX_NAMES = {
    "pni": "sse3",
    "sse4_1": "sse4.1",
    "sse4_2": "sse4.2",
    "abm": "lzcnt",
    "bmi1": "bmi",
    "avx512_vnni": "avx512vnni",
    "avx512_bf16": "avx512bf16",
    "avx512_fp16": "avx512fp16",
    "avx_vnni": "avxvnni",
    "amx_tile": "amx-tile",
    "amx_bf16": "amx-bf16",
    "amx_int8": "amx-int8",
    "asimd": "neon",
    "fp": "fp-armv8",
    "asimddp": "dotprod",
    "asimdhp": "fullfp16",
    "i8mm": "i8mm",
    "bf16": "bf16",
}
_X86_FEATURES = by_name("avx512").features | {
    "avx512bf16",
    "avx512fp16",
    "avx512vnni",
    "avxvnni",
}
_ARM_FEATURES = frozenset(["fp-armv8", "neon", "dotprod", "fullfp16", "i8mm", "bf16"])

# Windows: IsProcessorFeaturePresent numbers.
_WINDOWS_X86 = {13: "sse3", 36: "ssse3", 37: "sse4.1", 38: "sse4.2", 39: "avx", 40: "avx2"}
_WINDOWS_AVX512 = 41

# LLVM's CPU, and how many full-width multiply-adds it starts in a cycle.
_Model = tuple[str, float]
_AMD: tuple[tuple[int, range, _Model], ...] = (
    (0x17, range(0x30), ("znver1", 1)),
    (0x17, range(0x30, 0x100), ("znver2", 2)),
    (0x19, range(0x10, 0x20), ("znver4", 1)),
    (0x19, range(0x60, 0x80), ("znver4", 1)),
    (0x19, range(0xA0, 0xB0), ("znver4", 1)),
    (0x19, range(0x100), ("znver3", 2)),
    (0x1A, range(0x20, 0x30), ("znver5", 1)),
    (0x1A, range(0x60, 0x70), ("znver5", 1)),
    (0x1A, range(0x100), ("znver5", 2)),
)
_INTEL: Mapping[int, _Model] = {
    **dict.fromkeys((60, 63, 69, 70), ("haswell", 2)),
    **dict.fromkeys((61, 71, 79, 86), ("broadwell", 2)),
    **dict.fromkeys((78, 94, 142, 158, 165, 166), ("skylake", 2)),
    85: ("skylake-avx512", 2),
    **dict.fromkeys((125, 126), ("icelake-client", 1)),
    **dict.fromkeys((106, 108), ("icelake-server", 2)),
    **dict.fromkeys((140, 141), ("tigerlake", 1)),
    **dict.fromkeys((151, 154, 183, 186, 190, 191), ("alderlake", 2)),
    143: ("sapphirerapids", 2),
    207: ("emeraldrapids", 2),
    **dict.fromkeys((173, 174), ("graniterapids", 2)),
}
# What a CPU model must report before LLVM is told its name: code for it may use all of these.
_NEEDS = {
    "znver4": ("avx512f", "avx512bf16", "avx512vnni"),
    "znver5": ("avx512f", "avx512bf16", "avx512vnni"),
    "skylake-avx512": ("avx512f", "avx512vl"),
    "icelake-client": ("avx512f", "avx512vnni"),
    "icelake-server": ("avx512f", "avx512vnni"),
    "tigerlake": ("avx512f", "avx512vnni"),
    "sapphirerapids": ("avx512f", "avx512bf16", "avx512fp16"),
    "emeraldrapids": ("avx512f", "avx512bf16", "avx512fp16"),
    "graniterapids": ("avx512f", "avx512bf16", "avx512fp16"),
}


@lru_cache(1)
def probe() -> DeviceSpec:
    """The spec of the CPU that this process runs on; raises DeviceError for other machines."""
    machine = platform.machine().lower()
    if machine in _X86:
        spec = x86_spec(_features(), _x86_model())
    elif machine in _ARM:
        spec = arm_spec(_features())
    else:
        raise DeviceError(
            f"CPU '{machine}': only x86-64 and AArch64 are supported",
            cure="use device='reference' for a slow run",
        )
    return _fit(spec)


def x86_spec(features: frozenset[str], model: _Model | None) -> DeviceSpec:
    """The widest x86-64 level whose features are all there, with the CPU's own features."""
    levels = (by_name(name) for name in ("avx512", "avx2", "x86-64-v2"))
    base = next((level for level in levels if level.features <= features), None)
    if base is None:
        raise DeviceError("CPU: SSE4.2 is missing", cure="use device='reference' for a slow run")
    if base.vector_bits < 512:
        features = frozenset(name for name in features if not name.startswith("avx512"))
    if base.vector_bits < 256:
        features = features & base.features
    spec = replace(base, features=features & _X86_FEATURES)
    if model is not None and base.vector_bits >= 256 and features.issuperset(_needs(model[0])):
        spec = replace(spec, cpu=model[0], fma_pipes=model[1])
    return spec


def arm_spec(features: frozenset[str]) -> DeviceSpec:
    """NEON with the CPU's own features."""
    base = by_name("neon")
    own = base.features | features & _ARM_FEATURES
    if host.MACOS:
        # Apple keeps this register for itself.
        own |= {"reserve-x18"}
    return replace(base, features=own, cpu="apple-m1" if host.MACOS else base.cpu)


def _needs(cpu: str) -> tuple[str, ...]:
    return _NEEDS.get(cpu, ("avx2", "fma"))


def _fit(spec: DeviceSpec) -> DeviceSpec:
    """Cores, caches and calling convention of this machine."""
    l1, l2, l3 = host.cache_sizes()
    triple = "x86_64-pc-windows-msvc-elf" if host.WINDOWS else spec.triple
    return replace(
        spec,
        cores=host.physical_cores(),
        triple=triple,
        l1=l1 or spec.l1,
        l2=l2 or spec.l2,
        l3=l3 or spec.l3,
    )


def _features() -> frozenset[str]:
    """What the system reports, in LLVM's names."""
    if host.WINDOWS:
        return _windows_features()
    if host.MACOS:
        return _macos_features()
    return linux_features(_cpuinfo())


@lru_cache(1)
def _cpuinfo() -> str:
    """The first processor's part of /proc/cpuinfo."""
    try:
        return Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split("\n\n")[0]
    except OSError as error:
        raise DeviceError(
            f"CPU: /proc/cpuinfo cannot be read ({error.strerror})",
            cure="mount /proc, or name a spec such as 'avx2'",
        ) from error


def linux_features(cpuinfo: str) -> frozenset[str]:
    """Features from the flags line of /proc/cpuinfo."""
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", cpuinfo, re.MULTILINE)
    flags = found.group(1).split() if found else []
    return frozenset(_LINUX_NAMES.get(flag, flag) for flag in flags)


def x86_model(vendor: str, family: int, model: int) -> _Model | None:
    """LLVM's name for a CPU and its multiply-add rate, None where the table has none."""
    if vendor == "AuthenticAMD":
        rows = (own for first, models, own in _AMD if first == family and model in models)
        return next(rows, None)
    return _INTEL.get(model) if vendor == "GenuineIntel" and family == 6 else None


def _x86_model() -> _Model | None:
    if host.LINUX:
        return linux_model(_cpuinfo())
    if host.WINDOWS:
        # "Intel64 Family 6 Model 158 Stepping 10, GenuineIntel"
        text = platform.processor()
        numbers = re.search(r"Family (\d+) Model (\d+)", text)
        vendor = text.rpartition(" ")[2]
        return x86_model(vendor, *map(int, numbers.groups())) if numbers else None
    return None


def linux_model(cpuinfo: str) -> _Model | None:
    """The CPU model that /proc/cpuinfo describes."""
    vendor = re.search(r"^vendor_id\s*:\s*(\S+)", cpuinfo, re.MULTILINE)
    family = re.search(r"^cpu family\s*:\s*(\d+)", cpuinfo, re.MULTILINE)
    model = re.search(r"^model\s*:\s*(\d+)", cpuinfo, re.MULTILINE)
    if vendor is None or family is None or model is None:
        return None
    return x86_model(vendor.group(1), int(family.group(1)), int(model.group(1)))


def _windows_features() -> frozenset[str]:
    """What Windows reports; AVX2 machines have all of the x86-64-v3 level."""
    present = ctypes.CDLL("kernel32.dll").IsProcessorFeaturePresent
    found = {name for number, name in _WINDOWS_X86.items() if present(number)}
    if platform.machine().lower() in _ARM:
        return by_name("neon").features
    if "sse4.2" in found:
        found |= by_name("x86-64-v2").features
    if "avx2" in found:
        found |= by_name("avx2").features
        if present(_WINDOWS_AVX512):
            found |= by_name("avx512").features
    return frozenset(found)


_MACOS_X86 = ("machdep.cpu.features", "machdep.cpu.leaf7_features", "machdep.cpu.extfeatures")
_MACOS_ARM = {
    "hw.optional.arm.FEAT_DotProd": "dotprod",
    "hw.optional.arm.FEAT_FP16": "fullfp16",
    "hw.optional.arm.FEAT_I8MM": "i8mm",
    "hw.optional.arm.FEAT_BF16": "bf16",
}
_MACOS_NAMES = {"avx1.0": "avx", "bmi1": "bmi", "avx512f": "avx512f"}


def _macos_features() -> frozenset[str]:
    if platform.machine().lower() in _ARM:
        return frozenset(name for key, name in _MACOS_ARM.items() if _sysctl(key) == "1")
    words = " ".join(map(_sysctl, _MACOS_X86)).lower().split()
    return frozenset(_MACOS_NAMES.get(word, word) for word in words)


def _sysctl(key: str) -> str:
    done = subprocess.run(
        ["/usr/sbin/sysctl", "-n", key], capture_output=True, check=False, text=True
    )
    return done.stdout.strip()
