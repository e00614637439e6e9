# SPDX-License-Identifier: Apache-2.0
"""The tile that the estimate picks: it fits the device, and is a sensible one."""

from __future__ import annotations

import pytest
from tests.unit.targets.cuda.compiling import ARCHITECTURES

from ingot.dims import symbol
from ingot.spec import by_name
from ingot.targets.cuda.kernels.tile import choose_tile, clocks

SIZES = ((1, 1000, 2048), (49, 512, 4608), (197, 3072, 768), (12544, 256, 2304), (200704, 64, 64))


@pytest.mark.parametrize("gpu", ARCHITECTURES)
@pytest.mark.parametrize("size", SIZES)
def test_it_runs_on_the_device(gpu: str, size: tuple[int, int, int]) -> None:
    spec = by_name(gpu)
    tile = choose_tile(spec, *size)
    assert tile.stages * tile.stage_bytes <= spec.shared_memory
    assert tile.registers * tile.threads <= 65536
    assert tile.split == 1 or "clusters" in spec.features
    assert not tile.groups or "warpgroups" in spec.features
    assert tile.split * 2 <= max(-(-size[2] // tile.depth), 2)


def test_free_rows_have_no_split_depth() -> None:
    assert choose_tile(by_name("sm_90"), symbol("n"), 512, 4608).split == 1


def test_warpgroups_stay_out_where_they_would_not_round() -> None:
    assert choose_tile(by_name("sm_90"), 12544, 256, 4608).groups
    assert not choose_tile(by_name("sm_90"), 12544, 256, 4608, groups=False).groups


@pytest.mark.parametrize("gpu", ["sm_75", "sm_86", "sm_90"])
def test_more_work_takes_longer(gpu: str) -> None:
    spec = by_name(gpu)
    tile = choose_tile(spec, 4096, 4096, 4096)
    assert tile.rows * tile.columns >= 64 * 64
    times = [clocks(tile, spec, rows, 4096, 4096) for rows in (4096, 8192, 16384)]
    assert times == sorted(times) and times[2] > 3 * times[0]


def test_few_rows_take_small_tiles_that_share_the_depth() -> None:
    tile = choose_tile(by_name("sm_90"), 49, 512, 4608)
    assert tile.rows <= 64 and tile.split >= 4
