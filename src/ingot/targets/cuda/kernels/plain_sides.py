# SPDX-License-Identifier: Apache-2.0
"""Operands of plain products: matrices by two strides, and the windows of an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.kernel.view import View
from ingot.targets.cuda.kernels.finish import address
from ingot.targets.cuda.operators import from_memory
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import memory_type
from ingot.targets.windows import Axis


@dataclass(frozen=True)
class MatrixSide:
    """A matrix in a view or in packed memory: strides of batch axes, lines and depth."""

    name: str
    memory: View | str
    dtype: DType
    batch: tuple[Dim, ...]
    line: Dim
    depth: Dim
    lines: str  # the C++ name of how many lines there are

    @property
    def along(self) -> bool:
        """Whether the depth has the smaller stride."""
        return self.depth == 1 and self.line != 1

    def prepare(self, source: Source, lines: int, first: str) -> None:
        """The start of each line."""
        name, kind = self.name, memory_type(self.dtype)
        if isinstance(self.memory, str):
            pointer = source.packed(self.memory, "r", kind)
        else:
            pointer = source.pointer(self.memory)
        names = [*(f"g{axis}" for axis in range(len(self.batch))), "line"]
        place = address(source, pointer, names, [*self.batch, self.line])
        source.lines(f"""
const {kind}* {name}_start[{lines}]; bool {name}_valid[{lines}];
#pragma unroll
for (int r = 0; r < {lines}; ++r) {{
  const int line = {first};
  {name}_valid[r] = line < {self.lines};
  {name}_start[r] = {place};
}}""")

    def element(self, source: Source) -> None:
        """One element by its strides."""
        place = address(source, f"{self.name}_start[r]", ["k"], [self.depth])
        loaded = from_memory(source, self.dtype, f"*({place})")
        source.line(f"element = {self.name}_valid[r] && k < depth ? {loaded} : 0.0f;")


@dataclass(frozen=True)
class WindowSide:
    """Windows over images: lines are result pixels, the depth is taps times channels."""

    view: View
    axes: Sequence[Axis]
    channels: int

    @property
    def along(self) -> bool:
        """Whether channels lie side by side."""
        return self.view.strides[1] == 1

    def prepare(self, source: Source, lines: int, first: str) -> None:
        """Image and corner of each window."""
        size, rank = source.size, len(self.axes)
        pointer = source.pointer(self.view)
        channel = self.view.strides[1] * self.channels
        place = address(source, pointer, ["rest", "g0"], [self.view.strides[0], channel])
        corners = []
        for number in reversed(range(rank)):
            axis = self.axes[number]
            output = f"(int){size(axis.output)}"
            corners.append(
                f"corner[r][{number}] = rest % {output} * {axis.stride} - {axis.before};"
                f" rest /= {output};"
            )
        source.lines(f"""
const {memory_type(self.view.dtype)}* image[{lines}]; int corner[{lines}][{rank}];
bool pixel_valid[{lines}];
#pragma unroll
for (int r = 0; r < {lines}; ++r) {{
  int rest = {first};
  pixel_valid[r] = rest < rows;
  {" ".join(corners)}
  image[r] = {place};
}}""")

    def element(self, source: Source) -> None:
        """The tap and channel at depth `k` of a window; 0 outside the image."""
        rank, size = len(self.axes), source.size
        source.line(f"int tap = k / {self.channels}; const int c = k % {self.channels};")
        for number in reversed(range(rank)):
            axis = self.axes[number]
            index = f"tap % {axis.window}" if number else "tap"
            source.line(f"const int y{number} = corner[r][{number}] + {index} * {axis.dilation};")
            if number:
                source.line(f"tap /= {axis.window};")
        inside = [
            f"(unsigned)y{number} < (unsigned){size(axis.size)}"
            for number, axis in enumerate(self.axes)
        ]
        names = ["c", *(f"y{number}" for number in range(rank))]
        place = address(source, "image[r]", names, self.view.strides[1:])
        loaded = from_memory(source, self.view.dtype, f"*({place})")
        valid = " && ".join(["pixel_valid[r]", "k < depth", *inside])
        source.line(f"element = {valid} ? {loaded} : 0.0f;")
