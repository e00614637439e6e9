# SPDX-License-Identifier: Apache-2.0
"""The CPU's candidates, one line each: hand-shaped families first, the generic one last."""

from __future__ import annotations

from typing import Final

from ingot.targets.base import Candidate
from ingot.targets.cpu.kernels.loops import Loops

CANDIDATES: Final[tuple[Candidate, ...]] = (Loops(),)
