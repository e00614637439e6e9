# SPDX-License-Identifier: Apache-2.0
"""Tiles of tensor-core products, and the estimate that picks one.

A multiprocessor works on some blocks at a time. Each depth step of theirs takes as long as its
products, or as its operands take from the L2 cache, or as a step takes at least; a block has to
begin and to finish, and the parts of a split have to meet. The constants are clocks of one
multiprocessor, fitted to some thousand products measured on an H200; the best tile by this estimate
is within a few percent of the best one measured.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ingot.dims import Dim
from ingot.spec import DeviceSpec

_SPLITS: Final = (1, 2, 4, 8)
_LEAST_STEPS: Final = 2  # depth steps that each part of a split keeps
_MANY: Final = 4096  # stands for a number of rows that is not known
_MOST_OF_WINDOWS: Final = 64 * 32  # elements of a warp's tile

# A thread's registers beside its sums.
_OTHER_REGISTERS: Final = 52
_OTHER_REGISTERS_OF_WARPS: Final = 80
_REGISTERS: Final = 65536  # of a multiprocessor
_RESERVED: Final = 1024  # bytes of shared memory that each block costs beside its own

# Multiplications of a multiprocessor in a clock: by warpgroups, and by warps on large chips.
_GROUP_RATE: Final = 2000
_WARP_RATE: Final = 872
_SMALL_CHIPS: Final = ("sm_75", "sm_86", "sm_87", "sm_89", "sm_120", "sm_121")
_SMALL_RATE: Final = 230
_ISSUE: Final = 40  # clocks of a block's depth step that its products do not hide
_CACHE_RATE: Final = 45  # bytes from the L2 cache in a clock
_FINISH_RATE: Final = 3.24  # results written in a clock
_GROUP_STEP: Final = 300  # clocks that a depth step takes at least
_WARP_STEP: Final = 284
_GROUP_START: Final = 500  # clocks before a block's first product
_WARP_START: Final = 1340
_MEET: Final = 100  # clocks for the parts of a split to add up,
_MEET_EACH: Final = 677  # and for each part
_EXPOSED: Final = 0.035  # of what memory and products could do at once, for a single block
_MEMORY_SHARE: Final = 0.85  # of the memory's bandwidth that products reach


@dataclass(frozen=True, slots=True)
class Tile:
    """A block computes `rows` x `columns`, each warp `warp_rows` x `warp_columns` of them.

    `depth` pairs of bytes are multiplied at a step, `stages` steps are in flight; `split` blocks
    share the depth of one tile. With `groups`, four warps multiply together, straight from shared
    memory (`warpgroup.py`): a warp then has 16 rows.
    """

    rows: int
    columns: int
    depth: int
    warp_rows: int
    warp_columns: int
    stages: int
    split: int = 1
    groups: bool = False

    @property
    def threads(self) -> int:
        """Threads in a block."""
        return 32 * (self.rows // self.warp_rows) * (self.columns // self.warp_columns)

    @property
    def registers(self) -> int:
        """About what a thread needs."""
        other = _OTHER_REGISTERS if self.groups else _OTHER_REGISTERS_OF_WARPS
        return min(self.warp_rows * self.warp_columns // 32 + other, 255)

    @property
    def stage_bytes(self) -> int:
        """Shared memory of one stage."""
        return (self.rows + self.columns) * self.depth * 2

    @property
    def staging_bytes(self) -> int:
        """Shared memory of the whole tile in fp32."""
        return self.rows * (self.columns + 8) * 4

    def residents(self, spec: DeviceSpec) -> int:
        """Blocks that a multiprocessor holds at a time."""
        shared = self.stages * self.stage_bytes
        if self.split > 1:
            shared = max(shared, self.staging_bytes)
        by_memory = (spec.shared_memory + _RESERVED) // (shared + _RESERVED)
        by_registers = _REGISTERS // (self.registers * self.threads)
        return max(1, min(by_memory, by_registers, spec.threads // self.threads))


TILES = (
    Tile(128, 128, 64, 64, 64, 3),
    Tile(128, 64, 64, 64, 32, 3),
    Tile(128, 64, 64, 32, 32, 3),
    Tile(64, 128, 64, 32, 64, 3),
    Tile(64, 64, 64, 32, 32, 4),
    Tile(32, 64, 64, 16, 32, 6),
    Tile(16, 64, 64, 16, 32, 6),
)
GROUP_TILES = (
    Tile(256, 128, 64, 16, 128, 4, groups=True),
    Tile(192, 128, 64, 16, 128, 4, groups=True),
    Tile(128, 128, 64, 16, 128, 3, groups=True),
    Tile(128, 64, 64, 16, 64, 3, groups=True),
    Tile(128, 64, 64, 16, 64, 2, groups=True),
    Tile(64, 128, 64, 16, 64, 3, groups=True),
    Tile(64, 64, 64, 16, 64, 6, groups=True),
    Tile(64, 64, 64, 16, 64, 3, groups=True),
    Tile(64, 32, 64, 16, 32, 8, groups=True),
)
TURING_TILES = (
    Tile(128, 64, 32, 64, 32, 2),
    Tile(64, 64, 32, 32, 32, 2),
    Tile(32, 64, 32, 16, 32, 2),
)


def choose_tile(
    spec: DeviceSpec, rows: Dim, columns: int, depth: int, *, windows: bool = False, taps: int = 1,
    groups: bool = True,
) -> Tile:  # fmt: skip
    """The tile for a product of these sizes; rows that are not known count as many.

    `depth` counts pairs of bytes. Warpgroups multiply only where `groups` lets them.

    The addresses of windows take registers, which the largest tile of warps has none left of.
    `taps`: how often an element of the left operand is read.
    """
    count = rows if isinstance(rows, int) else _MANY
    splits = _SPLITS if isinstance(rows, int) and "clusters" in spec.features else (1,)
    tiles = [
        replace(tile, split=split)
        for tile in _tiles(spec)
        if (groups or not tile.groups)
        and tile.stages * tile.stage_bytes <= spec.shared_memory
        and not (windows and not tile.groups and _warp_size(tile) > _MOST_OF_WINDOWS)
        for split in splits
        if split == 1 or _fits(tile, split, depth, spec)
    ]
    return min(tiles, key=lambda tile: clocks(tile, spec, count, columns, depth, taps))


def clocks(
    tile: Tile, spec: DeviceSpec, rows: int, columns: int, depth: int, taps: int = 1
) -> float:
    """About how long a product takes in `tile`, in clocks of a multiprocessor."""
    blocks = -(-rows // tile.rows) * -(-columns // tile.columns) * tile.split
    steps = -(-depth // (tile.depth * tile.split))
    work = tile.rows * tile.columns * tile.depth / _rate(tile, spec) + _ISSUE
    least, start = (_GROUP_STEP, _GROUP_START) if tile.groups else (_WARP_STEP, _WARP_START)
    meeting = _MEET + _MEET_EACH * tile.split if tile.split > 1 else 0

    def together(count: int) -> float:
        """The time of some blocks that one multiprocessor works on at once."""
        finish = count * tile.rows * tile.columns / _FINISH_RATE
        return steps * max(count * work, least) + finish + start + meeting

    residents = tile.residents(spec)
    full, rest = divmod(-(-blocks // spec.cores), residents)
    time = full * together(residents) + (together(rest) if rest else 0)
    cache = blocks * steps * tile.stage_bytes / (spec.cores * _CACHE_RATE)
    traffic = 2 * (rows * columns + rows * depth // taps + columns * depth)
    memory = max(cache, traffic * spec.clock / (_MEMORY_SHARE * spec.memory_bandwidth))
    return max(time, memory) + _EXPOSED * min(time, memory) / residents


def _tiles(spec: DeviceSpec) -> tuple[Tile, ...]:
    if "async_copy" not in spec.features:
        return TURING_TILES
    return TILES + GROUP_TILES if "warpgroups" in spec.features else TILES


def _rate(tile: Tile, spec: DeviceSpec) -> float:
    if tile.groups:
        return _GROUP_RATE
    return _SMALL_RATE if spec.cpu in _SMALL_CHIPS else _WARP_RATE


def _warp_size(tile: Tile) -> int:
    return tile.warp_rows * tile.warp_columns


def _fits(tile: Tile, split: int, depth: int, spec: DeviceSpec) -> bool:
    """Whether so many parts have enough to do, and the sums of each fit in shared memory."""
    enough = -(-depth // tile.depth) >= _LEAST_STEPS * split
    return enough and tile.staging_bytes <= spec.shared_memory
