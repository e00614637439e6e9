# SPDX-License-Identifier: Apache-2.0
"""The sizes of a windowed operator, read off its node once, for the families of every target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingot.dims import Dim, bounds
from ingot.ir.graph import Node, Value
from ingot.targets.base import Ranges


@dataclass(frozen=True)
class Axis:
    """One spatial axis: sizes of input, output and window, and how the window moves."""

    size: Dim
    output: Dim
    window: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def padded(self) -> Dim:
        """The size with its padding."""
        return self.size + self.before + self.after

    def leaves(self, ranges: Ranges | None) -> bool:
        """Whether a window may reach outside the input."""
        if self.before > 0:
            return True
        if self.after <= 0:
            return False
        reach = (self.output - 1) * self.stride + (self.window - 1) * self.dilation + 1
        slack, _ = bounds(self.size - reach, ranges or {})
        return slack is None or slack < 0


def ints_of(node: Node, name: str) -> tuple[int, ...]:
    """An attribute that is a list of known sizes."""
    value = node.attributes[name]
    assert isinstance(value, tuple)
    return known(entry for entry in value if isinstance(entry, int))


def known(sizes: Iterable[Dim]) -> tuple[int, ...]:
    """Sizes that hold no symbol, as ints."""
    result = tuple(sizes)
    assert all(isinstance(size, int) for size in result), result
    return tuple(size for size in result if isinstance(size, int))


def axes_of(node: Node, source: Value, window: tuple[int, ...]) -> tuple[Axis, ...]:
    """The spatial axes of a convolution or pool node."""
    rank = len(window)
    pads = ints_of(node, "pads")
    return tuple(
        Axis(*facts)
        for facts in zip(
            source.shape[2:],
            node.output.shape[2:],
            window,
            ints_of(node, "strides"),
            ints_of(node, "dilations"),
            pads[:rank],
            pads[rank:],
            strict=True,
        )
    )
