# SPDX-License-Identifier: Apache-2.0
"""Operators whose record gives whole kernels: a work unit is one thread, or a warp that deals the
iterations of its vector loops out and does everything else in step.
"""

from __future__ import annotations

from dataclasses import replace

from ingot.ir.graph import Value
from ingot.kernel.loops import Fold, Kernel, Loop, Statement, statements
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Placed, Region
from ingot.targets.cuda.kernels.loops import traffic
from ingot.targets.cuda.render import render
from ingot.targets.cuda.types import memory_type
from ingot.targets.steps import emit_steps, refusal

_THREADS = 64  # of a block, where each has a unit of its own
_WARP, _WARPS = 32, 4


class StepKernels:
    """The family `steps`."""

    name = "steps"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for one node whose record is written as kernels."""
        return refusal(region, memory_type)

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
            shares = any(_shares(item) for item in statements(kernel.body))
            lanes, grain = (_WARP, _WARPS) if shares else (1, _THREADS)
            return render(replace(kernel, lanes=lanes, grain=grain), spec)

        return emit_steps(placed, 32, launch)


def _shares(statement: Statement) -> bool:
    """Whether the threads of a unit have something to deal out among them."""
    if isinstance(statement, Fold):
        return statement.axes[-1].kind == "vector"
    return isinstance(statement, Loop) and statement.axis.kind == "vector"
