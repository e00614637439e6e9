# SPDX-License-Identifier: Apache-2.0
"""Operators whose record gives whole kernels: sorting, selecting, scattering, running sums."""

from __future__ import annotations

from ingot import knobs
from ingot.ir.graph import Value
from ingot.kernel.loops import Kernel
from ingot.kernel.verify import verify_kernel
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Placed, Region
from ingot.targets.cpu.kernels.estimate import traffic
from ingot.targets.cpu.render import render
from ingot.targets.cpu.types import memory_type
from ingot.targets.steps import emit_steps, refusal


class StepKernels:
    """The family `steps`."""

    name = "steps"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for one node whose record is written as kernels."""
        return refusal(region, lambda dtype: memory_type(dtype))

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Memory traffic: no other family runs these operators."""
        return traffic(region) / spec.memory_bandwidth

    def order(self, region: Region, value: Value) -> Order | None:
        """Row-major, as the operators count."""
        return None

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Any strides."""
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch for each kernel."""

        def launch(kernel: Kernel) -> Launch:
            if knobs.VERIFY.get():
                verify_kernel(kernel)
            return render(kernel, spec)

        return emit_steps(placed, spec.vector_bits, launch, workers=True)
