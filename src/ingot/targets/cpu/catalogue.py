# SPDX-License-Identifier: Apache-2.0
"""The CPU's candidates, one line each: hand-shaped families first, the generic one last."""

from __future__ import annotations

from typing import Final

from ingot.targets.base import Candidate
from ingot.targets.cpu.kernels.attention import Attention
from ingot.targets.cpu.kernels.blocks import BlockMatMul
from ingot.targets.cpu.kernels.conv import Conv
from ingot.targets.cpu.kernels.depthwise import Depthwise
from ingot.targets.cpu.kernels.gemm import MatMul
from ingot.targets.cpu.kernels.integer_conv import IntegerConv
from ingot.targets.cpu.kernels.integer_gemm import IntegerMatMul
from ingot.targets.cpu.kernels.loops import Loops
from ingot.targets.cpu.kernels.planar import PlanarConv
from ingot.targets.cpu.kernels.pool import Pool
from ingot.targets.cpu.kernels.steps import StepKernels
from ingot.targets.cpu.kernels.winograd import Winograd

CANDIDATES: Final[tuple[Candidate, ...]] = (
    MatMul(),
    BlockMatMul(),
    Winograd(4),
    Winograd(2),
    Conv(),
    PlanarConv(),
    Depthwise(),
    IntegerMatMul(),
    IntegerConv(),
    Pool(),
    Attention(),
    StepKernels(),
    Loops(),
)
