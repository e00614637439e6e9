# SPDX-License-Identifier: Apache-2.0
"""The pages of the documentation run.

The `python` blocks of a page run in order in one namespace, the lines of its `sh` blocks as
commands, in a folder that holds the digit classifier as `model.onnx`. A block marked
`python fragment` is a piece of a file and does not run. Links lead somewhere.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from ingot.cli.__main__ import main

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")


def name_of(page: Path) -> str:
    return page.stem


@pytest.fixture
def beside_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / "examples" / "digits" / "digits.onnx", tmp_path / "model.onnx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=name_of)
def test_blocks_run(page: Path, beside_the_model: Path) -> None:
    namespace: dict[str, Any] = {"__name__": page.stem}
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        language, body = match.groups()
        line = text.count("\n", 0, match.start()) + 1
        if language == "python":
            padded = "\n" * line + body
            exec(compile(padded, str(page), "exec"), namespace)
        elif language == "sh":
            for command in body.splitlines():
                run_command(command, f"{page.name}:{line}")


def run_command(command: str, where: str) -> None:
    words = shlex.split(command)
    assert words[0] == "ingot", f"{where}: a page's commands are verbs of ingot"
    assert main(words[1:]) == 0, f"{where}: {command}"


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for link in LINK.findall(text):
        if "://" not in link:
            assert (page.parent / link).exists(), f"{page.name}: {link}"
