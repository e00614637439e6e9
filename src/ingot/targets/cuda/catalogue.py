# SPDX-License-Identifier: Apache-2.0
"""The GPU's candidates, one line each: hand-shaped families first, the generic one last."""

from __future__ import annotations

from typing import Final

from ingot.targets.base import Candidate
from ingot.targets.cuda.kernels.conv import TensorConv
from ingot.targets.cuda.kernels.gemm import TensorMatMul
from ingot.targets.cuda.kernels.loops import Loops

CANDIDATES: Final[tuple[Candidate, ...]] = (
    TensorMatMul(),
    TensorConv(),
    Loops(),
)
