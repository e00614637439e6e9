# SPDX-License-Identifier: Apache-2.0
"""Long reductions with few results: cut into parts where it pays, and right."""

from __future__ import annotations

import numpy as np
import pytest
from tests.emulation import compiler
from tests.emulation.driver import emulation

import ingot
from ingot.dtypes import FLOAT16, FLOAT32, INT32, DType
from ingot.ir.graph import Graph
from ingot.jit import compile_plan
from ingot.ops import Builder
from ingot.targets import open_target

Shape = tuple[int, ...]
LONG: tuple[tuple[str, DType, Shape, tuple[int, ...]], ...] = (
    ("reduce_sum", FLOAT32, (3, 70001), (1,)),
    ("reduce_mean", FLOAT16, (9001, 5), (0,)),
    ("reduce_max", FLOAT32, (2, 300, 3, 400), (1, 3)),
    ("reduce_sum", INT32, (1 << 17,), (0,)),
    ("reduce_prod", FLOAT32, (257, 509, 3), (0, 1)),
)
SHORT: tuple[tuple[str, DType, Shape, tuple[int, ...]], ...] = (
    ("reduce_sum", FLOAT32, (3, 700), (1,)),
    ("reduce_sum", FLOAT32, (5000, 70001), (1,)),
    ("reduce_sum", FLOAT32, (3000, 300000), (0,)),
    ("argmax", FLOAT32, (3, 70001), (1,)),
    ("reduce_log_sum_exp", FLOAT32, (3, 70001), (1,)),
)


def graph(op: str, dtype: DType, shape: Shape, axes: tuple[int, ...]) -> Graph:
    builder = Builder("reduction")
    x = builder.input("x", dtype, shape)
    attributes = {"axis": axes[0]} if op == "argmax" else {"axes": axes}
    y = builder.node(op, x, keep_dims=False, **attributes)
    return builder.finish({"y": builder.node("abs", y)}, stage="portable")


@pytest.mark.parametrize(("cases", "steps"), [(LONG, 2), (SHORT, 1)])
def test_it_is_cut_where_the_gpu_would_idle(cases, steps: int) -> None:
    for case in cases:
        plan = compile_plan(graph(*case), open_target("sm_90"), {}, {})
        assert len(plan.steps) == steps, case


@pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")
@pytest.mark.parametrize("case", LONG, ids=lambda case: f"{case[0]}-{case[1]}")
def test_the_parts_make_the_whole(case) -> None:
    _, dtype, shape, _ = case
    rng = np.random.default_rng(4)
    array = rng.integers(-9, 9, shape) if dtype == INT32 else rng.uniform(0.9, 1.1, shape)
    x = array.astype(dtype.numpy)
    results = []
    for device in ("reference", "cuda"):
        with emulation(), ingot.load(graph(*case), device=device, specialize="none") as session:
            results.append(session.run({"x": x})["y"])
    bound = {FLOAT32: 2e-6, FLOAT16: 1e-3, INT32: 0}[dtype]
    np.testing.assert_allclose(results[1], results[0], rtol=bound)


@pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")
def test_not_a_number_is_found_in_any_part() -> None:
    x = np.zeros((3, 70001), np.float32)
    x[1, 69999] = np.nan
    found = graph("reduce_max", FLOAT32, x.shape, (1,))
    with emulation(), ingot.load(found, device="cuda", specialize="none") as session:
        assert np.isnan(session.run({"x": x})["y"]).tolist() == [False, True, False]
