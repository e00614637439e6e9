# SPDX-License-Identifier: Apache-2.0
"""The CPU as a Target: its spec, its catalogue and its assembler behind one small class.

Nothing here needs the CPU that is compiled for; `open` does, and gives the Device.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ingot import host, knobs
from ingot.errors import CompileError
from ingot.spec import DeviceSpec
from ingot.targets import load_compiler
from ingot.targets.base import Candidate, Device, Join, Progress
from ingot.targets.cpu.device import CpuDevice
from ingot.targets.cpu.probe import probe
from ingot.targets.cpu.walk import walk_text
from ingot.targets.cpu.worker import Machine

if TYPE_CHECKING:
    from ingot.targets.cpu.assemble import Assembler

PACKAGE = Path(__file__).parents[2]
GENERATOR_SOURCES = ("dims", "ir", "jit", "kernel", "ops", "plan", "targets")


@dataclass(frozen=True)
class CpuTarget:
    """Compiles for the CPU that `spec` describes."""

    spec: DeviceSpec
    name: str = "cpu"
    fuses: bool = True
    join: Join | None = None

    def candidates(self, options: Mapping[str, bool]) -> tuple[Candidate, ...]:
        """The catalogue without candidates whose option is off."""
        catalogue: tuple[Candidate, ...] = load_compiler("cpu").CANDIDATES
        return tuple(
            candidate
            for candidate in catalogue
            if candidate.option is None or options.get(candidate.option, True)
        )

    def generator(self) -> str:
        """A digest of the code that prints kernels, LLVM's version and what it compiles for."""
        return f"{_generator()} {self._machine}"

    def stand_in(self, spec: DeviceSpec, generator: str) -> CpuTarget | None:
        """Code for fewer features, by the same generator."""
        twin = CpuTarget(replace(spec, name=self.spec.name))
        runs = spec.triple == self.spec.triple and spec.features <= self.spec.features
        return twin if spec.kind == "cpu" and runs and twin.generator() == generator else None

    def support(self) -> Mapping[str, str]:
        """The walk that runs step tables."""
        return {self._walk: walk_text(host.parking().kind, self.spec.architecture)}

    def assembler(self, progress: Progress | None = None) -> Assembler:
        """Compiles on this machine's cores."""
        make: type[Assembler] = load_compiler("cpu").Assembler
        return make(self._machine, knobs.WORKERS.get(), progress)

    def open(self, threads: int | None = None) -> Device:
        """This machine's CPU with `threads` threads, all cores if None; raises DeviceError."""
        return CpuDevice(self.spec, self._walk, threads)

    @property
    def _machine(self) -> Machine:
        return Machine(self.spec.triple, self.spec.cpu, self.spec.llvm_features)

    @property
    def _walk(self) -> str:
        """The key of the walk's image."""
        return "walk-" + hashlib.sha256(self.generator().encode()).hexdigest()[:16]


def make_target(spec: DeviceSpec | None = None) -> CpuTarget:
    """The target for `spec`, this machine's CPU if None."""
    return CpuTarget(probe() if spec is None else spec)


@cache
def _generator() -> str:
    digest = hashlib.sha256(_llvmlite_version())
    for folder in GENERATOR_SOURCES:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _llvmlite_version() -> bytes:
    """What tells versions of llvmlite apart, without loading it or searching for its metadata."""
    found = find_spec("llvmlite")
    if found is None or found.origin is None:
        raise CompileError("llvmlite: not installed", cure="pip install llvmlite")
    return (Path(found.origin).parent / "_version.py").read_bytes()
