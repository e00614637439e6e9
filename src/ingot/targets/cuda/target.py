# SPDX-License-Identifier: Apache-2.0
"""A GPU as a Target: its spec, its catalogue and its assembler behind one small class.

Nothing here needs a driver; `open` does, and gives the Device.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingot import knobs
from ingot.spec import DeviceSpec
from ingot.targets import load_compiler
from ingot.targets.base import Candidate, Device, Join, Progress
from ingot.targets.cuda.device import CudaDevice
from ingot.targets.cuda.join import join_launches
from ingot.targets.cuda.nvrtc import identity
from ingot.targets.cuda.probe import check_versions, probe, runs_code

if TYPE_CHECKING:
    from ingot.targets.cuda.assemble import Assembler

PACKAGE = Path(__file__).parents[2]
GENERATOR_SOURCES = ("dims", "ir", "jit", "kernel", "ops", "plan", "targets")


@dataclass(frozen=True)
class CudaTarget:
    """Compiles for the GPU that `spec` describes; `index` is the one that `open` opens.

    `compiler` tells which NVRTC made what the cache holds; this machine's where it is empty.
    """

    spec: DeviceSpec
    index: int = 0
    compiler: str = ""
    name: str = "cuda"
    fuses: bool = True
    join: Join | None = join_launches

    def candidates(self, options: Mapping[str, bool]) -> tuple[Candidate, ...]:
        """The catalogue without candidates whose option is off."""
        catalogue: tuple[Candidate, ...] = load_compiler("cuda").CANDIDATES
        return tuple(
            candidate
            for candidate in catalogue
            if candidate.option is None or options.get(candidate.option, False)
        )

    def generator(self) -> str:
        """A digest of the code that prints kernels, the compiler, and what it compiles for."""
        return f"{_generator()} {self.spec.cpu} {self.compiler or identity()}"

    def stand_in(self, spec: DeviceSpec, generator: str) -> CudaTarget | None:
        """Code of the same generation, by the same generator and whatever NVRTC."""
        compiler = generator.split(" ", 2)[-1]
        twin = replace(self, spec=replace(spec, name=self.spec.name), compiler=compiler)
        usable = spec.kind == "cuda" and runs_code(self.spec, spec)
        return twin if usable and twin.generator() == generator else None

    def support(self) -> Mapping[str, str]:
        """Nothing but kernels."""
        return {}

    def assembler(self, progress: Progress | None = None) -> Assembler:
        """Compiles in threads, one for each of this machine's cores."""
        make: type[Assembler] = load_compiler("cuda").Assembler
        return make(self.spec.cpu, knobs.WORKERS.get(), progress)

    def open(self, threads: int | None = None) -> Device:
        """The GPU, which decides on its threads itself; raises DeviceError."""
        return CudaDevice(self.spec, self.index)


def make_target(spec: DeviceSpec | None = None, index: int = 0) -> CudaTarget:
    """The target for `spec`, this machine's GPU number `index` if None; raises DeviceError."""
    if spec is None:
        spec = probe(index)
        check_versions()
    return CudaTarget(spec, index)


@cache
def _generator() -> str:
    digest = hashlib.sha256()
    for folder in GENERATOR_SOURCES:
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
