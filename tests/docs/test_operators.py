# SPDX-License-Identifier: Apache-2.0
"""The page of operators says what the code does."""

from __future__ import annotations

import zlib

import pytest
from tests.docs.operators import PAGE, row

from ingot.onnx.support import Support, supported

# One operator in so many is tried in all its types in the quick run.
SHARE = 12
EVERY = supported()


def listed() -> dict[str, str]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return {line.split("`")[1]: line for line in lines if line.startswith("| `")}


def test_every_operator_has_its_row_with_opsets_and_limits() -> None:
    rows = listed()
    assert list(rows) == [support.title for support in EVERY]
    for support in EVERY:
        cells = [cell.strip() for cell in rows[support.title].split(" | ")]
        assert cells[1].startswith(", ".join(map(str, support.since))), "write the page anew"
        assert all(limit.replace("|", "\\|") in rows[support.title] for limit in support.limits)


@pytest.mark.parametrize(
    "support",
    [
        pytest.param(
            support,
            marks=() if zlib.crc32(support.title.encode()) % SHARE == 0 else pytest.mark.slow,
            id=support.title,
        )
        for support in EVERY
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_row_is_what_trying_gives(support: Support) -> None:
    assert listed()[support.title] == row(support), "write the page anew"


def test_limits_are_read_from_the_mappings() -> None:
    limits = {support.title: support.limits for support in EVERY}
    assert "its pool holds strings" in limits["TfIdfVectorizer"]
    assert "ImageDecoder" not in limits
