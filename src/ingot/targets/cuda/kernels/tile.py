# SPDX-License-Identifier: Apache-2.0
"""Tiles of tensor-core products, and the rule that picks one.

Small problems want many small blocks and a depth split among several; large ones the largest tile
whose last wave of blocks is not mostly empty.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim
from ingot.spec import DeviceSpec

_LEAST_STEPS = 4  # depth steps that each part of a split keeps
_CROWD = 1.3  # blocks for each multiprocessor that a split may reach
_LARGEST_SPLIT = 8
_MOST_OF_WINDOWS = 64 * 32  # elements of a warp's tile


@dataclass(frozen=True, slots=True)
class Tile:
    """A block computes `rows` x `columns`, each warp `warp_rows` x `warp_columns` of them.

    `depth` elements are multiplied at a step, `stages` steps are in flight; `split` blocks share
    the depth of one tile.
    """

    rows: int
    columns: int
    depth: int
    warp_rows: int
    warp_columns: int
    stages: int
    split: int = 1

    @property
    def threads(self) -> int:
        """Threads in a block."""
        return 32 * (self.rows // self.warp_rows) * (self.columns // self.warp_columns)

    @property
    def stage_bytes(self) -> int:
        """Shared memory of one stage."""
        return (self.rows + self.columns) * self.depth * 2

    @property
    def staging_bytes(self) -> int:
        """Shared memory of the whole tile in fp32."""
        return self.rows * (self.columns + 8) * 4


# Largest first.
_TILES = (
    Tile(128, 128, 64, 64, 64, 3),
    Tile(128, 64, 64, 64, 32, 3),
    Tile(64, 64, 64, 32, 32, 4),
    Tile(32, 64, 64, 16, 32, 6),
    Tile(16, 64, 64, 16, 32, 6),
)
_TURING_TILES = (
    Tile(128, 64, 32, 64, 32, 2),
    Tile(64, 64, 32, 32, 32, 2),
    Tile(32, 64, 32, 16, 32, 2),
)


def choose_tile(
    spec: DeviceSpec, rows: Dim, columns: int, depth: int, *, windows: bool = False
) -> Tile:
    """The tile for a product of these sizes; rows that are not known count as many.

    The addresses of windows take registers, which the largest tile has none left of.
    """
    tiles = _TILES if "async_copy" in spec.features else _TURING_TILES
    fitting = [
        tile
        for tile in tiles
        if tile.stages * tile.stage_bytes <= spec.shared_memory
        and not (windows and tile.warp_rows * tile.warp_columns > _MOST_OF_WINDOWS)
    ]
    count = rows if isinstance(rows, int) else 4096
    tile = next(
        (tile for tile in fitting if _blocks(tile, count, columns) >= spec.cores), fitting[-1]
    )
    if tile is fitting[-1] and count > 16 and len(fitting) > 3:
        tile = fitting[-2]
    if not isinstance(rows, int):
        return tile
    return _split(tile, _blocks(tile, count, columns), depth, spec)


def _blocks(tile: Tile, rows: int, columns: int) -> int:
    return -(-rows // tile.rows) * -(-columns // tile.columns)


def _split(tile: Tile, blocks: int, depth: int, spec: DeviceSpec) -> Tile:
    """Share the depth among blocks while multiprocessors would idle."""
    if "clusters" not in spec.features:
        return tile
    steps, split = -(-depth // tile.depth), 1
    while (
        split < _LARGEST_SPLIT
        and blocks * split * 2 <= _CROWD * spec.cores
        and steps >= _LEAST_STEPS * split * 2
    ):
        split *= 2
    return Tile(
        tile.rows, tile.columns, tile.depth, tile.warp_rows, tile.warp_columns, tile.stages, split
    )
