# SPDX-License-Identifier: Apache-2.0
"""The register tile of the microkernel, from a DeviceSpec, and how tiles cover a number of rows.

A tile keeps `rows` x `vectors` accumulators in registers; a step along the depth loads `vectors`
registers of one panel and one broadcast element for each row. So the register count fixes the
tile: 6 x 16 floats on AVX2, 6 x 64 on AVX-512, 6 x 12 on NEON. More rows than the first-level cache
has ways would push each other out where a row's pitch is a multiple of the page size.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim, ceil_div
from ingot.dtypes import BFLOAT16, FLOAT16, FLOAT32, FLOAT64, INT32, DType
from ingot.spec import DeviceSpec
from ingot.targets.cpu.builder import vector

ELEMENTS = {FLOAT32: "float", FLOAT64: "double", INT32: "i32"}
COMPUTED = {FLOAT32: FLOAT32, FLOAT64: FLOAT64, FLOAT16: FLOAT32, BFLOAT16: FLOAT32}
MOST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """`rows` x `vectors` accumulators of `lanes` elements of type `dtype`.

    Accumulators of int32 take the products of `group` neighbours along the depth at a time. A
    `narrow` type is that of the elements of a panel, which are widened when they are read.
    """

    rows: int
    vectors: int
    lanes: int
    dtype: DType = FLOAT32
    group: int = 1
    narrow: DType | None = None

    @property
    def stored(self) -> DType:
        """The type of a panel's elements in memory."""
        return self.narrow or self.dtype

    @property
    def integer(self) -> bool:
        """Whether products are of integers."""
        return self.dtype == INT32

    @property
    def columns(self) -> int:
        """Elements in a row of the tile: the width of a panel."""
        return self.vectors * self.lanes

    @property
    def element(self) -> str:
        """LLVM's name of the element type."""
        return ELEMENTS[self.dtype]

    @property
    def kind(self) -> str:
        """LLVM's name of one accumulator's type."""
        return vector(self.element, self.lanes)


def choose_tile(spec: DeviceSpec, columns: Dim, dtype: DType = FLOAT32) -> Tile:
    """The tile that wastes least on `columns`; wide ones first where it is the same.

    Operands of type `dtype` are computed in the tile's type.
    """
    dtype = COMPUTED[dtype]
    lanes = spec.lanes(dtype)
    if isinstance(columns, int):
        while lanes > 1 and lanes // 2 >= columns:
            lanes //= 2
    if not isinstance(columns, int):
        return _tile(spec, 2, lanes, dtype)
    return min(
        (_tile(spec, vectors, lanes, dtype) for vectors in _widths(spec)),
        key=lambda tile: _effort(tile, columns),
    )


def _widths(spec: DeviceSpec) -> tuple[int, ...]:
    """Vectors in a row of a tile: four where a broadcast element need not wait in a register."""
    return (4, 3, 2, 1) if spec.vector_bits == 512 else (3, 2, 1)


def _effort(tile: Tile, columns: int) -> float:
    """Time for one row of all panels, in vector multiply-adds, overheads included."""
    panels = -(-columns // tile.columns)
    loads = 1 / tile.rows + 1 / tile.vectors
    return panels * tile.vectors * (1 + 0.1 * loads)


def _tile(spec: DeviceSpec, vectors: int, lanes: int, dtype: DType) -> Tile:
    """Accumulators in part of the registers: the others hold what comes in."""
    rows = spec.vector_registers * _share(spec) // 8 // vectors
    return Tile(max(min(rows, MOST_ROWS), 1), vectors, lanes, dtype)


def _share(spec: DeviceSpec) -> int:
    """Eighths of the registers that hold accumulators and are never spilled.

    Broadcasts take registers where they are instructions of their own, and so do products where
    multiplying and adding are two instructions.
    """
    if spec.architecture == "aarch64":
        return 5
    return 6 if "fma" in spec.features else 4


@dataclass(frozen=True)
class Cover:
    """How `rows` are cut into `tiles` tiles.

    With a known number of rows the first `larger` tiles have `size` + 1 rows, the others `size`.
    With an unknown number every tile but the last has `size` rows, and `larger` is 0.
    """

    rows: Dim
    size: int
    larger: int
    tiles: Dim

    @property
    def exact(self) -> bool:
        """Whether each tile's number of rows is known."""
        return isinstance(self.rows, int)


def cover(rows: Dim, most: int) -> Cover:
    """Tiles of at most `most` rows, as equal as can be."""
    tiles = ceil_div(rows, most)
    if not isinstance(rows, int) or not isinstance(tiles, int) or rows == 0:
        return Cover(rows, most, 0, tiles)
    return Cover(rows, rows // tiles, rows % tiles, tiles)
