# SPDX-License-Identifier: Apache-2.0
"""The right operand of a product: a matrix, wherever it lies, that is to be packed into panels, or
packed memory of another form that is to be widened into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ingot.dims import Dim, ceil_div, product
from ingot.kernel.view import View
from ingot.targets.cpu.builder import Builder, Integer
from ingot.targets.cpu.kernels.finish import Operand
from ingot.targets.cpu.kernels.stored import Stored
from ingot.targets.cpu.kernels.tile import Tile
from ingot.targets.cpu.kernels.walk import Walk


@dataclass(frozen=True)
class PanelSource:
    """A matrix of `columns` columns: depth axes of `extents` and `strides`, outermost first.

    `walk` has its batch strides, the stride of a column and the first element; no rows. `zero` is
    where the zero point of a matrix of bytes lies.
    """

    view: View
    extents: tuple[Dim, ...]
    strides: tuple[Dim, ...]
    columns: Dim
    walk: Walk
    zero: View | None = None

    @property
    def stored(self) -> Stored:
        """The matrix's elements in memory."""
        return Stored(self.view.dtype)

    @property
    def operand(self) -> Operand:
        """The matrix as an operand of a product."""
        return Operand(self.view, self.walk, self.view.dtype)

    @property
    def depth(self) -> Dim:
        """All elements of the depth."""
        return product(self.extents)

    def rows(self, tile: Tile) -> Dim:
        """The rows of a panel: those of integers hold groups, behind a row of sums."""
        if not tile.integer:
            return self.depth
        *outer, run = self.extents
        return 1 + product(outer) * ceil_div(run, tile.group)

    def dims(self) -> tuple[Dim, ...]:
        """Every size that the code needs."""
        return (*self.extents, *self.strides, self.columns, *self.walk.dims())


class CodedPanels(Protocol):
    """Packed memory `key` from which a work unit makes panels of `rows` rows."""

    @property
    def key(self) -> str:
        """The name of the packed memory."""

    @property
    def rows(self) -> int:
        """Rows that are written, at least the depth's."""

    def widen(self, builder: Builder, memory: str, panel: Integer, tile: Tile, target: str) -> None:
        """Fill `target` with panel number `panel` of the packed memory."""
