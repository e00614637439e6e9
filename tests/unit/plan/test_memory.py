# SPDX-License-Identifier: Apache-2.0
"""Arena offsets: buffers that live together never overlap, and memory is reused."""

import random

import pytest

from ingot.plan import Lifetime, plan_memory


def overlap(first: tuple[int, int], second: tuple[int, int]) -> bool:
    return first[0] < second[1] and second[0] < first[1]


@pytest.mark.parametrize("seed", range(20))
def test_live_buffers_never_overlap(seed: int) -> None:
    draw = random.Random(seed)
    lives = []
    for _ in range(draw.randint(1, 60)):
        first = draw.randint(0, 40)
        lives.append(
            Lifetime(draw.choice([0, 1, 63, 64, 1000, 4096]), first, first + draw.randint(0, 9))
        )
    offsets, total = plan_memory(lives)
    spans = [(offset, offset + life.bytes) for offset, life in zip(offsets, lives, strict=True)]
    assert all(offset % 64 == 0 for offset in offsets)
    assert max((end for _, end in spans), default=0) <= total
    for index, life in enumerate(lives):
        for other in range(index):
            together = life.first <= lives[other].last and lives[other].first <= life.last
            assert not (together and overlap(spans[index], spans[other])), (seed, index, other)


def test_a_chain_needs_two_buffers() -> None:
    lives = [Lifetime(1 << 20, step, step + 1) for step in range(10)]
    assert plan_memory(lives)[1] == 2 << 20


def test_nothing_needs_nothing() -> None:
    assert plan_memory([]) == ([], 0)
