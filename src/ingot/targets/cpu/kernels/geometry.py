# SPDX-License-Identifier: Apache-2.0
"""The sizes of a windowed operator, read off its node once."""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim, bounds
from ingot.ir.graph import Node, Value
from ingot.targets.base import Ranges
from ingot.targets.cpu.kernels.microkernel import Border


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

    def border(self, position: int) -> Border:
        """The check of a tap along this axis, which is row axis `position` of the product."""
        return Border(position, self.stride, self.before, self.dilation, self.size)


def _ints(node: Node, name: str) -> tuple[int, ...]:
    value = node.attributes[name]
    assert isinstance(value, tuple)
    return tuple(int(entry) for entry in value)  # type: ignore[arg-type]


def axes_of(node: Node, source: Value, window: tuple[int, ...]) -> tuple[Axis, ...]:
    """The spatial axes of a convolution or pool node."""
    rank = len(window)
    pads = _ints(node, "pads")
    return tuple(
        Axis(*facts)
        for facts in zip(
            source.shape[2:],
            node.output.shape[2:],
            window,
            _ints(node, "strides"),
            _ints(node, "dilations"),
            pads[:rank],
            pads[rank:],
            strict=True,
        )
    )
