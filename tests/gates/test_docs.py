# SPDX-License-Identifier: Apache-2.0
"""Documents that cannot rot: what they name exists, what exists is named."""

import re
from pathlib import Path

import pytest

from ingot import knobs

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "ingot"
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *SOURCE.rglob("*.md")})
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_the_layout_page_names_every_part_of_the_package():
    text = (ROOT / "docs" / "layout.md").read_text(encoding="utf-8")
    parts = {
        path.name + "/" if path.is_dir() else path.name
        for path in SOURCE.iterdir()
        if not path.name.startswith("__") and path.name != "py.typed"
    }
    assert {part for part in parts if f"`{part}" not in text} == set()


def test_the_layout_page_names_only_what_is_there():
    text = (ROOT / "docs" / "layout.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*/|[a-z_/]+\.py)`", text))
    roots = (ROOT, SOURCE, SOURCE / "targets", SOURCE / "targets" / "cpu")
    assert {part for part in named if not any((root / part).exists() for root in roots)} == set()


def test_the_knobs_page_lists_every_variable():
    text = (ROOT / "docs" / "knobs.md").read_text(encoding="utf-8")
    rows = [f"| `{knob.variable}` | {knob.takes} | {knob.doc} |" for knob in knobs.ALL]
    assert [line for line in text.splitlines() if line.startswith("| `")] == rows
