# SPDX-License-Identifier: Apache-2.0
"""What a shape rule demands of its inputs: proven, refuted, or recorded as a guard.

Symbolic sizes leave three answers to "are these equal?". Yes costs nothing, no is an error that
names the node and the rule, and maybe becomes a Guard that every binding of the graph checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingot.dims import Dim, Guard, bounds, maximum, sides_of_maximum, symbols
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

    def stretch(self, before: Dim, after: Dim, why: str) -> None:
        """Demand a size that is `after`, or 1 where it can be 1 whatever the rest of `after` is.

        Other sizes with a symbol in common are taken as equal: then 1 is no case of its own.
        """
        if before in (1, after):
            return
        if before not in sides_of_maximum(after) and not self.independent(before, after):
            self.equal(before, after, why)
            return
        self.guards.append(Guard("stretch", before, after, f"{self.subject}: {why}"))

    def independent(self, left: Dim, right: Dim) -> bool:
        """Whether `left` can be 1 whatever `right` is."""
        if isinstance(left, int) or symbols(left) & symbols(right):
            return False
        low, high = self.bounds(left)
        return (low is None or low <= 1) and (high is None or high >= 1)

    def stretched(self, shapes: Sequence[Shape]) -> Shape | None:
        """The shape to expand to where a size meets another that it can stretch to by being 1.

        None where all sizes are 1, equal, or without a choice. The result is the larger size: the
        guards of the expansions hold only where one is 1 or both are equal.
        """
        rank = max((len(shape) for shape in shapes), default=0)
        whole = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
        axes = [
            [size for size in dict.fromkeys(sizes) if size != 1]
            for sizes in zip(*whole, strict=True)
        ]
        if not any(len(sizes) > 1 and self._any_choice(sizes) for sizes in axes):
            return None
        return tuple(self._widest(sizes) for sizes in axes)

    def _any_choice(self, sizes: Sequence[Dim]) -> bool:
        pairs = ((a, b) for a in sizes for b in sizes if a is not b)
        return any(self.independent(a, b) for a, b in pairs)

    def _widest(self, sizes: Sequence[Dim]) -> Dim:
        """The size that all of `sizes` stretch to; a number among them is that size."""
        for size in sizes:
            if isinstance(size, int):
                return size
        result = sizes[0] if sizes else 1
        for size in sizes[1:]:
            result = maximum(result, size) if self.independent(size, result) else result
        return result

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
