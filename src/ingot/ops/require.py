# SPDX-License-Identifier: Apache-2.0
"""What a shape rule demands of its inputs: proven, refuted, or recorded as a guard.

Symbolic sizes leave three answers to "are these equal?". Yes costs nothing, no is an error that
names the node and the rule, and maybe becomes a Guard that every binding of the graph checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingot.dims import Dim, Guard, bounds, symbols
from ingot.errors import ShapeError

Shape = tuple[Dim, ...]
Ranges = Mapping[str, tuple[int | None, int | None]]


class Require:
    """Collects the guards of one node; its errors start with `subject` ("conv 'stem'")."""

    def __init__(self, subject: str, ranges: Ranges | None = None) -> None:
        self.subject = subject
        self.guards: list[Guard] = []
        self._ranges = ranges or {}

    def that(self, condition: bool, rule: str, cure: str = "") -> None:
        """Raise ShapeError with `rule` unless `condition` holds."""
        if not condition:
            raise ShapeError(f"{self.subject}: {rule}", cure=cure)

    def equal(self, left: Dim, right: Dim, why: str, cure: str = "") -> Dim:
        """One size for two that must be equal; `why` says it in words ("channels of x and w")."""
        if left == right:
            return left
        low, high = self.bounds(left - right)
        if (low is not None and low > 0) or (high is not None and high < 0):
            raise ShapeError(
                f"{self.subject}: {why} must be equal, they are {left} and {right}", cure=cure
            )
        self.guards.append(Guard("eq", left, right, f"{self.subject}: {why} must be equal"))
        return right if isinstance(right, int) else left

    def at_least(self, left: Dim, right: Dim, why: str, cure: str = "") -> None:
        """Demand left >= right; refuted sizes raise ShapeError, undecided ones leave a guard."""
        low, high = self.bounds(left - right)
        if low is not None and low >= 0:
            return
        if high is not None and high < 0:
            raise ShapeError(f"{self.subject}: {why}, they are {left} and {right}", cure=cure)
        self.guards.append(Guard("ge", left, right, f"{self.subject}: {why}"))

    def bounds(self, size: Dim) -> tuple[int | None, int | None]:
        """The least and greatest value that `size` can take; None is unbounded."""
        if isinstance(size, int):
            return size, size
        return bounds(size, {name: self._ranges.get(name, (0, None)) for name in symbols(size)})

    def broadcast(self, shapes: Sequence[Shape]) -> Shape:
        """The common shape of `shapes` under NumPy's rule; 1 stretches, unequal symbols guard."""
        if len(shapes) > 0 and all(shape == shapes[0] for shape in shapes[1:]):
            return shapes[0]
        rank = max((len(shape) for shape in shapes), default=0)
        result: Shape = (1,) * rank
        for shape in shapes:
            tail = result[rank - len(shape) :]
            merged = (self._merge(a, b, shapes) for a, b in zip(tail, shape, strict=True))
            result = (*result[: rank - len(shape)], *merged)
        return result

    def _merge(self, left: Dim, right: Dim, shapes: Sequence[Shape]) -> Dim:
        if left == 1:
            return right
        if right == 1:
            return left
        listed = " and ".join(f"[{', '.join(map(str, shape))}]" for shape in shapes)
        return self.equal(left, right, f"sizes that meet in the broadcast of {listed}")
