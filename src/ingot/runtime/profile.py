# SPDX-License-Identifier: Apache-2.0
"""Where the time of a run goes: one row a step, with source nodes, kernel and rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ingot import dims
from ingot.dims import Dim
from ingot.plan import Plan, Step


@dataclass(frozen=True, slots=True)
class StepProfile:
    """One step: its time, and its work over its time. A rate is 0 where the work is unknown."""

    name: str
    nodes: tuple[str, ...]
    kernel: str
    candidate: str
    milliseconds: float
    gflops: float
    gigabytes: float


@dataclass(frozen=True, slots=True)
class Profile:
    """The steps of a run in order; prints as a table."""

    steps: tuple[StepProfile, ...]

    @property
    def milliseconds(self) -> float:
        """All steps together."""
        return sum(step.milliseconds for step in self.steps)

    def document(self) -> dict[str, Any]:
        """The profile as JSON values."""
        return {"milliseconds": self.milliseconds, "steps": [asdict(step) for step in self.steps]}

    def __str__(self) -> str:
        lines = [f"{'ms':>9} {'share':>6} {'GFLOP/s':>8} {'GB/s':>7}  candidate         step"]
        total = self.milliseconds or 1.0
        for step in self.steps:
            share = f"{100 * step.milliseconds / total:.1f}%"
            lines.append(
                f"{step.milliseconds:9.4f} {share:>6} {step.gflops:8.1f} {step.gigabytes:7.1f}"
                f"  {step.candidate:<16}  {step.name}"
            )
        return "\n".join([*lines, f"{self.milliseconds:9.4f} total"])


def profile_rows(
    plan: Plan, binding: Mapping[str, int], seconds: Sequence[float]
) -> list[StepProfile]:
    """The rows of a plan whose steps took `seconds`."""
    rows = zip(plan.steps, seconds, strict=True)
    return [_row(step, binding, time) for step, time in rows]


def _row(step: Step, binding: Mapping[str, int], seconds: float) -> StepProfile:
    per_second = 1e-9 / seconds if seconds > 0 else 0.0
    return StepProfile(
        name=step.name,
        nodes=step.nodes,
        kernel=step.kernel,
        candidate=step.candidate,
        milliseconds=seconds * 1e3,
        gflops=_value(step.flops, binding) * per_second,
        gigabytes=_value(step.bytes, binding) * per_second,
    )


def _value(dim: Dim, binding: Mapping[str, int]) -> int:
    return dim if isinstance(dim, int) else dims.evaluate(dim, binding)
