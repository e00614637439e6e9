# SPDX-License-Identifier: Apache-2.0
"""The GPU's candidates, one line each: hand-shaped families first, the generic one last."""

from __future__ import annotations

from typing import Final

from ingot.targets.base import Candidate
from ingot.targets.cuda.kernels.attention import Attention, TensorAttention
from ingot.targets.cuda.kernels.conv import TensorConv
from ingot.targets.cuda.kernels.depthwise import Depthwise
from ingot.targets.cuda.kernels.gemm import TensorMatMul
from ingot.targets.cuda.kernels.loops import Loops
from ingot.targets.cuda.kernels.plain_conv import PlainConv
from ingot.targets.cuda.kernels.plain_gemm import PlainMatMul
from ingot.targets.cuda.kernels.pool import Pool
from ingot.targets.cuda.kernels.steps import StepKernels

CANDIDATES: Final[tuple[Candidate, ...]] = (
    TensorMatMul(),
    TensorConv(),
    TensorAttention(),
    Attention(),
    Depthwise(),
    Pool(),
    TensorMatMul(single=True),
    TensorConv(single=True),
    PlainMatMul(tensor=True),
    PlainConv(tensor=True),
    PlainMatMul(),
    PlainConv(),
    StepKernels(),
    Loops(),
)
