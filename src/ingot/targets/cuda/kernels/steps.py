# SPDX-License-Identifier: Apache-2.0
"""Operators whose record gives whole kernels: each work unit is one thread."""

from __future__ import annotations

from dataclasses import replace

from ingot.ir.graph import Value
from ingot.kernel.loops import Axis, Fold, Kernel, Loop, Statement, bodies, with_bodies
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Launch, Order, Placed, Region
from ingot.targets.cuda.kernels.loops import traffic
from ingot.targets.cuda.render import render
from ingot.targets.cuda.types import memory_type
from ingot.targets.steps import emit_steps, refusal

_THREADS = 64


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
            body = tuple(map(_one_by_one, kernel.body))
            return render(replace(kernel, body=body, lanes=1, grain=_THREADS), spec)

        return emit_steps(placed, 32, launch)


def _one_by_one(statement: Statement) -> Statement:
    """The statement with vector loops and folds that a single thread runs."""
    if isinstance(statement, Fold):
        return replace(statement, axes=tuple(map(_serial, statement.axes)))
    inside = [tuple(map(_one_by_one, body)) for body in bodies(statement)]
    statement = with_bodies(statement, inside)
    if isinstance(statement, Loop):
        return replace(statement, axis=_serial(statement.axis))
    return statement


def _serial(axis: Axis) -> Axis:
    return replace(axis, kind="serial") if axis.kind == "vector" else axis
