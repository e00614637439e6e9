# SPDX-License-Identifier: Apache-2.0
"""The geometry that convolutions and pools share: windows that slide over spatial axes.

Spatial axes come last. `pads` lists what is added before every axis, then what is added after.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ingot.dims import Dim, ceil_div, evaluate, minimum
from ingot.ir.graph import Array
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr
from ingot.ops.op import AttributeSpec
from ingot.ops.read import clamped, extent
from ingot.ops.require import Require, Shape

STRIDES = AttributeSpec("strides", "ints", doc="step of the window on each spatial axis")
DILATIONS = AttributeSpec("dilations", "ints", doc="step inside the window on each spatial axis")
PADS = AttributeSpec("pads", "ints", doc="added before every spatial axis, then after every one")
CEIL = AttributeSpec("ceil_mode", "bool", False, doc="keep a last window that is not whole")


@dataclass(frozen=True)
class Windows:
    """Windows of `kernel` sizes with their steps and pads, one entry a spatial axis."""

    kernel: Shape
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[int, ...]
    ceil_mode: bool = False

    @property
    def rank(self) -> int:
        """The number of spatial axes."""
        return len(self.kernel)

    @property
    def before(self) -> tuple[int, ...]:
        """What is added before each axis."""
        return self.pads[: self.rank]

    @property
    def after(self) -> tuple[int, ...]:
        """What is added after each axis."""
        return self.pads[self.rank :]

    def check(self, require: Require) -> None:
        """Demand one entry per axis, positive steps, and windows that are not empty."""
        sizes = [size for size in self.kernel if isinstance(size, int)]
        require.that(min(sizes, default=1) >= 1, f"a window of {self.kernel} holds nothing")
        for name, values, count in (
            ("strides", self.strides, 1), ("dilations", self.dilations, 1), ("pads", self.pads, 2)
        ):  # fmt: skip
            require.that(
                len(values) == count * self.rank,
                f"{name} has {len(values)} entries, {self.rank} spatial axes need "
                f"{count * self.rank}",
            )
            require.that(
                min(values, default=1) >= (0 if name == "pads" else 1),
                f"{name} {values} must not be {'negative' if name == 'pads' else 'below 1'}",
            )

    def reach(self, axis: int) -> Dim:
        """How many input positions a window spans on `axis`."""
        return (self.kernel[axis] - 1) * self.dilations[axis] + 1

    def counts(self, require: Require, sizes: Shape) -> Shape:
        """How many windows fit on each axis of an input of spatial `sizes`."""
        return tuple(self._count(require, axis, size) for axis, size in enumerate(sizes))

    def _count(self, require: Require, axis: int, size: Dim) -> Dim:
        low, high, stride = self.before[axis], self.after[axis], self.strides[axis]
        require.at_least(
            size + (low + high), self.reach(axis),
            f"spatial axis {axis}: the padded size must hold a window", "enlarge the input",
        )  # fmt: skip
        room = size + (low + high) - self.reach(axis)
        if not self.ceil_mode:
            return room // stride + 1
        return minimum(ceil_div(room, stride) + 1, ceil_div(size + low, stride))

    def positions(self, index: Sequence[Expr], offsets: Sequence[Expr]) -> list[Expr]:
        """The input position of window `index` at kernel `offsets`, possibly in the padding."""
        return [
            i * stride + k * dilation - low
            for i, k, stride, dilation, low in zip(
                index, offsets, self.strides, self.dilations, self.before, strict=True
            )
        ]

    def guarded(self, positions: Sequence[Expr], sizes: Shape) -> tuple[list[Expr], Expr | None]:
        """Positions clamped into the input, and whether all lie inside (None: always)."""
        safe: list[Expr] = []
        inside: list[Expr] = []
        for axis, (position, size) in enumerate(zip(positions, sizes, strict=True)):
            checks = [position >= 0] if self.before[axis] else []
            if self.after[axis] or self.ceil_mode:
                checks.append(position < extent(size))
            safe.append(clamped(position, size) if checks else position)
            inside += checks
        return safe, conjunction(inside)

    def patches(self, x: Array, counts: Sequence[int], fill: Any) -> Array:
        """A view of padded `x` of shape (*leading, *counts, *kernel)."""
        lead = x.ndim - self.rank
        sizes = integers(self.kernel)
        reach = [
            (count - 1) * stride + (size - 1) * dilation + 1
            for count, stride, size, dilation in zip(
                counts, self.strides, sizes, self.dilations, strict=True
            )
        ]
        padded = np.full((*x.shape[:lead], *map(max, reach, self.padded_sizes(x))), fill, x.dtype)
        inner = zip(self.before, x.shape[lead:], strict=True)
        middle: list[Any] = [slice(low, low + size) for low, size in inner]
        padded[(Ellipsis, *middle)] = x
        steps = padded.strides[lead:]
        outer = [step * stride for step, stride in zip(steps, self.strides, strict=True)]
        within = [step * dilation for step, dilation in zip(steps, self.dilations, strict=True)]
        shape = (*x.shape[:lead], *counts, *sizes)
        return as_strided(padded, shape, (*padded.strides[:lead], *outer, *within))

    def padded_sizes(self, x: Array) -> list[int]:
        """The spatial sizes of `x` with pads."""
        sizes = x.shape[x.ndim - self.rank :]
        return [low + n + high for low, n, high in zip(self.before, sizes, self.after, strict=True)]


def integers(sizes: Sequence[Dim]) -> list[int]:
    """Sizes that hold no symbol, as the integers that they are."""
    return [evaluate(size, {}) for size in sizes]


def conjunction(conditions: Sequence[Expr]) -> Expr | None:
    """All of `conditions`; None where there are none."""
    result: Expr | None = None
    for condition in conditions:
        result = condition if result is None else expr.logical_and(result, condition)
    return result


def selected(condition: Expr | None, value: Expr, fill: float | int) -> Expr:
    """`value` where the condition holds (None: always), else the constant `fill`."""
    return value if condition is None else expr.where(condition, value, Const(fill, value.dtype))
