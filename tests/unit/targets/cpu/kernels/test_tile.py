# SPDX-License-Identifier: Apache-2.0
"""Tiles from specs, covers of rows, and the joining of axes."""

from __future__ import annotations

import pytest

from ingot.dims import symbol
from ingot.dtypes import FLOAT64
from ingot.spec import by_name
from ingot.targets.cpu.kernels.tile import Tile, choose_tile, cover
from ingot.targets.cpu.kernels.walk import collapse, linear_stride

N = symbol("n")


@pytest.mark.parametrize(
    ("name", "columns", "tile"),
    [
        ("avx2", 64, Tile(6, 2, 8)),
        ("avx2", 72, Tile(4, 3, 8)),
        ("avx512", 512, Tile(6, 4, 16)),
        ("avx512", 96, Tile(8, 3, 16)),
        ("avx512", 24, Tile(8, 2, 16)),
        ("neon", 48, Tile(6, 3, 4)),
        ("x86-64-v2", 64, Tile(4, 2, 4)),
        ("avx512", 1, Tile(8, 1, 1)),
    ],
)
def test_tile(name: str, columns: int, tile: Tile) -> None:
    assert choose_tile(by_name(name), columns) == tile


def test_double_has_half_the_lanes() -> None:
    assert choose_tile(by_name("avx2"), 64, FLOAT64).lanes == 4


@pytest.mark.parametrize("most", [1, 4, 6, 8])
@pytest.mark.parametrize("rows", [1, 5, 6, 7, 13, 49, 196, 3136])
def test_a_cover_is_balanced_and_whole(rows: int, most: int) -> None:
    found = cover(rows, most)
    assert isinstance(found.tiles, int)
    sizes = [found.size + 1] * found.larger + [found.size] * (found.tiles - found.larger)
    assert sum(sizes) == rows
    assert max(sizes) <= most
    assert min(sizes) >= 1
    assert found.tiles == -(-rows // most)


def test_an_unknown_cover_has_full_tiles() -> None:
    found = cover(N, 6)
    assert not found.exact
    assert (found.size, found.larger, found.tiles) == (6, 0, (N + 5) // 6)


def test_axes_join_where_every_operand_walks_them_as_one() -> None:
    assert collapse((2, 3, 4), [(12, 4, 1), (24, 8, 2)]) == ((24,), [(1,), (2,)])
    assert collapse((2, 3, 4), [(12, 4, 1), (0, 8, 2)]) == ((2, 12), [(12, 1), (0, 2)])
    assert collapse((N, 3, 4), [(12, 4, 1)]) == ((12 * N,), [(1,)])
    assert collapse((1, 1), [(5, 7)]) == ((1,), [(0,)])


def test_linear_stride() -> None:
    assert linear_stride((N, 3, 4), (60, 20, 5)) == 5
    assert linear_stride((2, 3), (100, 3)) is None
