# SPDX-License-Identifier: Apache-2.0
"""Slots: text with places in it that are filled later.

Filling a slot may begin new blocks, so what block a phi names as its predecessor is known only when
all is printed: a mark stands for "the block here" until then.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MARK = "@@"
_MARKS = re.compile(f"{MARK}[0-9]+{MARK}")


@dataclass(eq=False, slots=True)
class Slot:
    """Lines and further slots, in order."""

    parts: list[str | Slot] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Every line, in order."""
        for part in self.parts:
            if isinstance(part, Slot):
                yield from part.lines()
            else:
                yield part


def resolved(lines: Sequence[str]) -> list[str]:
    """`lines` with each mark replaced by the name of the block in which it was printed."""
    block = ""
    blocks: dict[str, str] = {}
    for line in lines:
        if line.endswith(":"):
            block = line[:-1]
        elif line.startswith(MARK):
            blocks[line] = block
    return [
        _MARKS.sub(lambda match: blocks[match.group()], line) if MARK in line else line
        for line in lines
        if not line.startswith(MARK)
    ]
