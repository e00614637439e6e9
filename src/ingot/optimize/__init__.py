# SPDX-License-Identifier: Apache-2.0
"""The portable optimiser: an imported Graph in, a portable Graph out, for every device alike."""

from __future__ import annotations

from ingot.ir.edit import NearMiss, Record, Rewrite
from ingot.optimize.pipeline import PIPELINE, run

__all__ = ["PIPELINE", "NearMiss", "Record", "Rewrite", "run"]
