# SPDX-License-Identifier: Apache-2.0
"""Reductions in two stages: which are split, and that both stages give what one would."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.kernel.native import Buffers, call

from ingot.dims import Dim, symbol
from ingot.dtypes import BFLOAT16, FLOAT32, INT32, DType
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Load, Reduce, Var, sqrt
from ingot.kernel.nodes import ReduceKind
from ingot.kernel.schedule import schedule
from ingot.kernel.stages import Staged, staged
from ingot.kernel.text import parse_kernel, print_kernel
from ingot.kernel.verify import verify_kernel
from ingot.kernel.view import View
from ingot.spec import by_name
from ingot.targets.cpu.render import render

SPEC = by_name("x86-64-v2")
N = symbol("n")


def folded(
    shape: tuple[Dim, ...], kept: int, dtype: DType = FLOAT32, kind: ReduceKind = "sum"
) -> Staged:
    """The reduction of all but the first `kept` axes, with a square root behind it for floats."""
    variables = [Var(f"v{k}") for k in range(len(shape))]
    axes = list(zip(variables, shape, strict=True))
    value = Reduce(kind, axes[kept:], Load(0, variables, dtype))
    result = View.dense("y", dtype, shape[:kept])
    shown = sqrt(value) if dtype.is_float else value
    operands = (View.dense("x", dtype, shape),)
    compute = Compute(tuple(axes[:kept]), operands, ((result, shown),))
    return staged(schedule(compute, SPEC), "part ")


@pytest.mark.parametrize(
    ("shape", "kept", "sizes"),
    [((300_001,), 0, {}), ((2, 40, 50, 60), 1, {}), ((N, 1000), 0, {"n": 130}),
     ((N, 1000), 0, {"n": 0}), ((3, N, 2000), 1, {"n": 41})],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["sum", "max", "min"])
def test_two_stages_give_the_whole(
    shape: tuple[Dim, ...], kept: int, sizes: dict[str, int], kind: ReduceKind
) -> None:
    stages = folded(shape, kept, INT32, kind)
    assert len(stages.kernels) == 2
    buffers = Buffers()
    x = buffers.strided(stages.kernels[0].operands[0], sizes)
    x[...] = np.random.default_rng(0).integers(-50, 90, x.shape)
    for kernel in stages.kernels:
        verify_kernel(kernel)
        assert parse_kernel(print_kernel(kernel)) == kernel
        for view in kernel.results:
            buffers.strided(view, sizes)
        assert call(render(kernel, SPEC), SPEC, buffers, sizes) == [0, 0, 0]
    y = buffers.strided(stages.kernels[1].results[0], sizes)
    axes = tuple(range(kept, len(shape)))
    if x.size:
        np.testing.assert_array_equal(y, getattr(np, kind)(x, axis=axes))
    elif kind == "sum":
        assert y == 0


def test_a_fold_behind_another_is_a_stage() -> None:
    """The sum of squares around the mean: the mean's parts, the squares' parts, and the whole."""
    count = 200_000
    i, j = Var("i"), Var("j")
    mean = Reduce("sum", ((j, count),), Load(0, (j,), FLOAT32)) * (1.0 / count)
    away = Load(0, (i,), FLOAT32) - mean
    value = Reduce("sum", ((i, count),), away * away)
    operands = (View.dense("x", FLOAT32, (count,)),)
    compute = Compute((), operands, ((View.dense("y", FLOAT32, ()), value),))
    stages = staged(schedule(compute, SPEC), "part ")
    assert len(stages.kernels) == 3
    buffers = Buffers()
    x = buffers.strided(operands[0], {})
    x[...] = np.random.default_rng(0).normal(3, 2, count)
    for kernel in stages.kernels:
        verify_kernel(kernel)
        assert parse_kernel(print_kernel(kernel)) == kernel
        for view in kernel.results:
            buffers.strided(view, {})
        assert call(render(kernel, SPEC), SPEC, buffers, {}) == [0, 0, 0]
    y = buffers.strided(stages.kernels[-1].results[0], {})
    np.testing.assert_allclose(y, x.astype(np.float64).var() * count, rtol=1e-4)


@pytest.mark.parametrize(
    ("shape", "kept", "dtype"),
    [((1000,), 0, FLOAT32), ((64, 4000), 1, FLOAT32), ((400_000,), 0, BFLOAT16),
     ((N,), 0, FLOAT32)],
)  # fmt: skip
def test_what_stays_whole(shape: tuple[Dim, ...], kept: int, dtype: DType) -> None:
    """Little work, enough units, and sums that must round once."""
    assert len(folded(shape, kept, dtype).kernels) == 1
