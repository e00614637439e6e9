# SPDX-License-Identifier: Apache-2.0
"""Variants of every record's examples, drawn at random: each target gives what the record means."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ops.cases import Case
from tests.ops.check import complaints
from tests.ops.properties import alike, variants

from ingot.ops import OPS, Op
from ingot.ops.table import SCRIPT_OPS

TOGETHER = 8
# One op in so many is in the quick run.
SHARE = 8
CHOSEN = [
    pytest.param(
        op, marks=() if zlib.crc32(name.encode()) % SHARE == 0 else pytest.mark.slow, id=name
    )
    for name, op in OPS.items()
    if op.examples and name not in SCRIPT_OPS
]


@pytest.mark.parametrize("op", CHOSEN)
def test_variants_on_the_cpu(op: Op) -> None:
    @settings(max_examples=5)
    @given(st.lists(variants(op), min_size=TOGETHER, max_size=TOGETHER))
    def check(drawn: list[Case | None]) -> None:
        kept = alike(case for case in drawn if case is not None)
        wrong = [one for group in kept for one in complaints(group, "cpu", "none")]
        assert not wrong, "\n".join(wrong)

    check()
