# SPDX-License-Identifier: Apache-2.0
"""Everything of forging but the code: regions, placement, memory plan, and no kernel runs.

It measures what the runtime itself costs, and lets the forge be tested without a code generator.
Outputs of a run keep what they held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingot import dims
from ingot.errors import UsageError
from ingot.ir.graph import Array, Value
from ingot.kernel.view import View
from ingot.plan import Lifetime, Plan, plan_memory
from ingot.spec import DeviceSpec, by_name
from ingot.targets.base import (
    Candidate,
    Device,
    Emission,
    Join,
    Launch,
    Order,
    Placed,
    Progress,
    Region,
    ViewUse,
)

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class Nothing:
    """The one candidate: any region, in any layout."""

    name: str = "nothing"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """Any region whose outputs have one shape."""
        shapes = {output.shape for output in region.outputs}
        return None if len(shapes) == 1 else "outputs have different shapes"

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """No time at all."""
        return 0.0

    def order(self, region: Region, value: Value) -> Order | None:
        """As it comes."""
        return None

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Any view."""
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch that names its ops and touches its buffers."""
        region = placed.region
        uses = [ViewUse(placed.view(value)) for value in region.inputs]
        uses += [ViewUse(placed.view(value), "w") for value in region.outputs]
        text = " ".join(node.op for node in region.nodes)
        return Emission((Launch(text, tuple(uses), extent=1),))


@dataclass(frozen=True)
class NullTarget:
    """Compiles to nothing."""

    spec: DeviceSpec
    name: str = "null"
    fuses: bool = True
    join: Join | None = None

    def candidates(self, options: Mapping[str, bool]) -> tuple[Candidate, ...]:
        """Nothing, whatever the options."""
        return (Nothing(),)

    def generator(self) -> str:
        """Always the same."""
        return "null"

    def stand_in(self, spec: DeviceSpec, generator: str) -> None:
        """There is one spec only."""

    def support(self) -> Mapping[str, str]:
        """Nothing but kernels."""
        return {}

    def assembler(self, progress: Progress | None = None) -> NullAssembler:
        """Makes empty images."""
        return NullAssembler()

    def open(self, threads: int | None = None) -> Device:
        """A device that does nothing."""
        return NullDevice()


class NullAssembler:
    """An empty image for each kernel."""

    def __init__(self) -> None:
        self._images: dict[str, bytes] = {}

    def add(self, key: str, text: str) -> None:
        """One more kernel."""
        self._images[key] = b""

    def finish(self) -> Mapping[str, bytes]:
        """All images."""
        return self._images

    def close(self) -> None:
        """Nothing is running."""


class NullDevice:
    """Holds nothing and runs nothing."""

    def load(self, images: Mapping[str, bytes]) -> tuple[str, ...]:
        """The keys of the kernels."""
        return tuple(images)

    def setup(
        self,
        plan: Plan,
        module: object,
        weights: Arrays,
        release: Callable[[], None] = lambda: None,
    ) -> Arrays:
        """The weights as they are."""
        return weights

    def bind(
        self, plan: Plan, module: object, binding: Mapping[str, int], constants: object
    ) -> NullExecutable:
        """Plan the arena."""
        sizes = {**plan.bound, **binding}
        lives = [
            Lifetime(dims.evaluate(buffer.bytes, sizes), buffer.first, buffer.last)
            for buffer in plan.buffers.values()
            if buffer.kind == "arena"
        ]
        return NullExecutable(len(plan.steps), plan_memory(lives)[1])

    def adopt(self, value: object) -> None:
        """No array lies in a memory of this device's own."""

    def copy(self, target: Any, source: Any) -> None:
        """Within the host's memory."""
        np.copyto(target, source)

    def use_stream(self, stream: int | None) -> None:
        """There are none; raises UsageError where one is given."""
        if stream is not None:
            raise UsageError("device 'null': it has no streams", cure="leave `stream` out")

    def clone(self) -> NullDevice:
        """Another one."""
        return NullDevice()

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class NullExecutable:
    """A plan of `steps` steps that would need `memory` bytes."""

    steps: int
    memory: int

    def run(self, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray]) -> None:
        """Launch nothing."""

    def profile(
        self, inputs: Mapping[str, np.ndarray], outputs: Mapping[str, np.ndarray], repeats: int
    ) -> Sequence[float]:
        """No seconds for any step."""
        return [0.0] * self.steps

    def close(self) -> None:
        """Nothing is held."""


def make_target(spec: DeviceSpec | None = None) -> NullTarget:
    """The null target, compiling for `spec`."""
    return NullTarget(by_name("null") if spec is None else spec)
