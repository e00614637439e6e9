# SPDX-License-Identifier: Apache-2.0
"""What has been tested already: a run that is stopped goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class State:
    """Results by task name: an empty text where all was right. Kept in a file after each task."""

    def __init__(self, name: str) -> None:
        folder = ROOT / "build" / "gpu"
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{name}.json"
        self.results: dict[str, str] = {}
        if self._file.exists():
            self.results = json.loads(self._file.read_text(encoding="utf-8"))

    def left(self, tasks: Iterable[str], *, again: bool) -> list[str]:
        """The tasks without a result, and with `again` those that went wrong."""
        return [
            task for task in tasks
            if task not in self.results or (again and self.results[task])
        ]  # fmt: skip

    def add(self, task: str, wrong: str) -> None:
        """Keep a result; a copy goes to the folder that $OUT names."""
        self.results[task] = wrong
        text = json.dumps(self.results, indent=1, sort_keys=True)
        self._file.write_text(text, encoding="utf-8")
        if os.environ.get("OUT"):
            (Path(os.environ["OUT"]) / self._file.name).write_text(text, encoding="utf-8")

    @property
    def wrong(self) -> dict[str, str]:
        """The tasks that went wrong."""
        return {task: text for task, text in self.results.items() if text}
