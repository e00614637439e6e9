# SPDX-License-Identifier: Apache-2.0
"""DeviceSpec: what a device can do, as a frozen value.

Compilation takes a spec, never a live device, so code for a device that is not there compiles, and
is tested, anywhere. Named specs describe families of devices; a target's probe fills one for the
device at hand.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from ingot.dtypes import DType
from ingot.errors import UsageError

__all__ = ["DeviceSpec", "by_name", "names"]

Kind = Literal["cpu", "cuda", "reference", "null"]

_LINUX_X86 = "x86_64-unknown-linux-gnu"
_LINUX_ARM = "aarch64-unknown-linux-gnu"
_X86_64_V2 = frozenset({"cx16", "popcnt", "sse3", "ssse3", "sse4.1", "sse4.2"})
_AVX2 = _X86_64_V2 | {"avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"}
_AVX512 = _AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """What a device can do.

    Sizes are in bytes: `l1` and `l2` belong to one core, `l3` is shared. `clock` is in Hz,
    `fma_pipes` counts full-width vector multiply-adds a cycle, `memory_bandwidth` is bytes a
    second of the whole device. `cpu` and `features` use LLVM's names.

    For a GPU, `cores` are its multiprocessors, `l1` and `shared_memory` what one of them or one
    block of threads has, `l2` belongs to the whole device, `threads` run at once on a
    multiprocessor, `vector_bits` is one thread's widest access and `cpu` the architecture.
    """

    name: str
    kind: Kind
    vector_bits: int = 128
    vector_registers: int = 16
    features: frozenset[str] = frozenset()
    cores: int = 1
    l1: int = 32 << 10
    l2: int = 512 << 10
    l3: int = 8 << 20
    triple: str = ""
    cpu: str = ""
    clock: float = 3e9
    fma_pipes: float = 2
    memory_bandwidth: float = 20e9
    shared_memory: int = 0
    threads: int = 1

    @property
    def llvm_features(self) -> str:
        """The features as LLVM takes them: `+avx,+avx2,…`, sorted."""
        return ",".join(f"+{feature}" for feature in sorted(self.features))

    @property
    def architecture(self) -> str:
        """The first part of the triple: `x86_64`, `aarch64`, or empty."""
        return self.triple.partition("-")[0]

    def lanes(self, dtype: DType) -> int:
        """How many elements of `dtype` one vector register holds; at least 1."""
        return max(self.vector_bits // (dtype.itemsize * 8), 1)

    def peak_flops(self, dtype: DType) -> float:
        """Floating-point operations a second of one core, a multiply-add counted as two."""
        return 2 * self.clock * self.fma_pipes * self.lanes(dtype)

    def key(self) -> str:
        """A stable text of everything but the name: equal keys compile to equal code."""
        facts = self.to_dict()
        del facts["name"]
        return json.dumps(facts, sort_keys=True, separators=(",", ":"))

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON holds them."""
        return asdict(self) | {"features": sorted(self.features)}

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> DeviceSpec:
        """The spec with these fields, the inverse of `to_dict`; raises UsageError."""
        known = {field.name for field in fields(cls)}
        if not isinstance(facts, dict) or not {"name", "kind"} <= facts.keys() <= known:
            raise UsageError(
                f"device spec: fields {sorted(facts)} are not those of a spec",
                cure=f"use name, kind and any of {', '.join(sorted(known))}",
            )
        return cls(**facts | {"features": frozenset(facts.get("features", ()))})


def _gpu(
    name: str, cores: int, shared: int, l2: int, bandwidth: float, clock: float, threads: int
) -> DeviceSpec:
    """A family of GPUs by a typical member: KiB of shared memory, MiB of L2, GB/s, GHz."""
    return DeviceSpec(
        name, "cuda", features=gpu_features(name), cores=cores, l1=shared << 10, l2=l2 << 20,
        l3=0, cpu=name, clock=clock * 1e9, fma_pipes=32, memory_bandwidth=bandwidth * 1e9,
        shared_memory=shared << 10, threads=threads,
    )  # fmt: skip


def gpu_features(architecture: str) -> frozenset[str]:
    """What GPUs of an architecture such as `sm_90` can do, by the names that kernels ask for."""
    number = int(architecture.removeprefix("sm_"))
    since = {"mma": 75, "async_copy": 80, "bfloat16": 80, "tf32": 80, "float8": 89}
    since |= {"dependent_launch": 90, "clusters": 90, "tma": 90}
    own = {"warpgroups"} if number // 10 == 9 else set()  # of one generation, by its `a` target
    return frozenset({name for name, first in since.items() if number >= first} | own)


_NAMED = (
    DeviceSpec("x86-64-v2", "cpu", 128, 16, _X86_64_V2, triple=_LINUX_X86, cpu="x86-64-v2"),
    DeviceSpec("avx2", "cpu", 256, 16, _AVX2, triple=_LINUX_X86, cpu="x86-64-v3"),
    DeviceSpec("avx512", "cpu", 512, 32, _AVX512, l2=1 << 20, triple=_LINUX_X86, cpu="x86-64-v4"),
    DeviceSpec(
        "neon", "cpu", 128, 32, frozenset({"fp-armv8", "neon"}), triple=_LINUX_ARM, cpu="generic"
    ),
    _gpu("sm_75", 40, 64, 4, 320, 1.59, 1024),
    _gpu("sm_80", 108, 163, 40, 1555, 1.41, 2048),
    _gpu("sm_86", 82, 99, 6, 936, 1.70, 1536),
    _gpu("sm_89", 128, 99, 72, 1008, 2.52, 1536),
    _gpu("sm_90", 132, 227, 50, 3350, 1.83, 2048),
    _gpu("sm_100", 148, 227, 126, 8000, 1.92, 2048),
    _gpu("sm_103", 148, 227, 126, 8000, 1.92, 2048),
    _gpu("sm_110", 20, 227, 32, 273, 1.57, 1536),
    _gpu("sm_120", 170, 99, 96, 1792, 2.41, 1536),
    _gpu("sm_121", 48, 99, 24, 273, 2.42, 1536),
    DeviceSpec("reference", "reference"),
    DeviceSpec("null", "null", 256, 16, _AVX2, triple=_LINUX_X86, cpu="x86-64-v3"),
)
_BY_NAME = {spec.name: spec for spec in _NAMED}


def names() -> tuple[str, ...]:
    """The names that `by_name` knows."""
    return tuple(_BY_NAME)


def by_name(name: str) -> DeviceSpec:
    """The named spec; raises UsageError for any other name."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UsageError(
            f"device '{name}': no such spec", cure=f"use one of {', '.join(_BY_NAME)}"
        ) from None
