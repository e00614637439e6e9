# SPDX-License-Identifier: Apache-2.0
"""What runs inputs of one shape: a plan's executable, with the outputs that it fills.

A session asks any Runner the same; `script` has the one for graphs that no single plan can run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ingot.engine import Port
from ingot.plan import Plan
from ingot.runtime.ports import Adopt, make_outputs, no_device, output_shapes
from ingot.runtime.profile import Profile, profile_rows
from ingot.targets.base import Executable

Arrays = Mapping[str, Any]


class Runner(Protocol):
    """A program bound to the sizes of its inputs."""

    def run(
        self, ports: Sequence[Port], inputs: Arrays, bound: Arrays | None, adopt: Adopt
    ) -> dict[str, Any]:
        """The outputs `ports` by name, in the arrays of `bound` where those are given.

        Raises InputError where an array of `bound` does not fit, RunError on a fault in the data.
        """

    def profile(self, ports: Sequence[Port], inputs: Arrays, repeats: int) -> Profile:
        """The median time of each step."""

    @property
    def memory(self) -> int:
        """Bytes that it holds for itself."""

    def close(self) -> None:
        """Give its memory back."""


class PlanRunner:
    """Runs one plan: every size is known before it starts."""

    def __init__(self, plan: Plan, executable: Executable, binding: Mapping[str, int]) -> None:
        self.plan = plan
        self.executable = executable
        self._binding = binding
        self._shapes: tuple[tuple[int, ...], ...] | None = None

    def run(
        self, ports: Sequence[Port], inputs: Arrays, bound: Arrays | None, adopt: Adopt
    ) -> dict[str, Any]:
        """The outputs; see `Runner`."""
        results = make_outputs(ports, self._known(ports), bound, inputs.values(), adopt)
        self.executable.run(inputs, results)
        return results

    def profile(self, ports: Sequence[Port], inputs: Arrays, repeats: int) -> Profile:
        """The median time of each step."""
        results = make_outputs(ports, self._known(ports), None, (), no_device)
        seconds = self.executable.profile(inputs, results, repeats)
        return Profile(tuple(profile_rows(self.plan, self._binding, seconds)))

    @property
    def memory(self) -> int:
        """Bytes that the executable holds for itself."""
        return self.executable.memory

    def close(self) -> None:
        """Give its memory back."""
        self.executable.close()

    def _known(self, ports: Sequence[Port]) -> tuple[tuple[int, ...], ...]:
        if self._shapes is None:
            self._shapes = output_shapes(ports, self._binding)
        return self._shapes
