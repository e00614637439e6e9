# SPDX-License-Identifier: Apache-2.0
"""How Winograd's algorithm cuts images into tiles."""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim, ceil_div, product
from ingot.kernel.view import View
from ingot.targets.cpu.builder import Builder, Integer
from ingot.targets.cpu.kernels.conv import Convolution
from ingot.targets.cpu.kernels.walk import Sizes, decompose


@dataclass(frozen=True)
class Tiling:
    """How images are cut into tiles of m x m output pixels."""

    m: int
    images: Dim
    channels: int
    filters: int
    input: tuple[Dim, Dim]
    output: tuple[Dim, Dim]
    before: tuple[int, int]
    strides: tuple[Dim, Dim, Dim]  # of the input: image, line, pixel

    @property
    def side(self) -> int:
        """Pixels along a side of an input patch."""
        return self.m + 2

    @property
    def points(self) -> int:
        """Products for each tile, channel and filter."""
        return self.side**2

    @property
    def grid(self) -> tuple[Dim, Dim]:
        """Tiles along each axis of one image."""
        return ceil_div(self.output[0], self.m), ceil_div(self.output[1], self.m)

    @property
    def count(self) -> Dim:
        """Tiles of all images."""
        return product((self.images, *self.grid))

    def dims(self) -> tuple[Dim, ...]:
        """Every size that the code needs."""
        return (*self.input, *self.output, *self.grid, *self.strides, self.count)


def tiling_of(m: int, found: Convolution, view: View) -> Tiling:
    """The tiling of a two-dimensional convolution whose input lies at `view`."""
    rows, columns = found.axes
    return Tiling(
        m,
        found.source.shape[0],
        found.channels,
        found.filters,
        (rows.size, columns.size),
        (rows.output, columns.output),
        (rows.before, columns.before),
        (view.strides[0], view.strides[2], view.strides[3]),
    )


def corner(
    builder: Builder, sizes: Sizes, tiling: Tiling, tile: Integer
) -> tuple[Integer, Integer, Integer]:
    """Image, and first output line and pixel of a tile."""
    grid = [sizes[extent] for extent in tiling.grid]
    image, row, column = decompose(builder, tile, [0, *grid])
    return image, builder.mul(row, tiling.m), builder.mul(column, tiling.m)
