# SPDX-License-Identifier: Apache-2.0
"""Equal launches that run as one."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from tests.emulation import compiler
from tests.emulation.driver import emulation
from tests.gpu.kernels import tiled

import ingot
from ingot.dtypes import FLOAT16, FLOAT32
from ingot.ir.graph import Graph
from ingot.jit import compile_plan
from ingot.ops import Builder
from ingot.spec import by_name
from ingot.targets import open_target
from ingot.targets.cuda import compiler as cuda_compiler
from ingot.targets.cuda.kernels.gemm import TensorMatMul
from ingot.targets.cuda.kernels.loops import Loops
from ingot.targets.cuda.kernels.tile import Tile


def branches(*, chained: bool) -> Graph:
    """Three sums of rows of like size, of inputs of their own, or each of what the last made."""
    builder = Builder("branches")
    inputs = [builder.input(name, FLOAT32, (4, 32)) for name in "abc"]
    outputs = {}
    value = inputs[0]
    for number, given in enumerate(inputs):
        value = builder.node("softmax", value if chained else given, axis=1)
        outputs[f"y{number}"] = value
    return builder.finish(outputs, stage="portable")


def test_independent_twins_are_one_launch_and_a_chain_is_not() -> None:
    target = open_target("cuda", by_name("sm_90"))
    apart = compile_plan(branches(chained=False), target, {}, {})
    assert len(apart.steps) == 1 and len(apart.steps[0].nodes) <= 3
    (text,) = (apart.sources[step.kernel] for step in apart.steps)
    assert text.startswith("//") and "groups=3" in text.partition("\n")[0]
    chain = compile_plan(branches(chained=True), target, {}, {})
    assert len(chain.steps) == 3


@pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")
@pytest.mark.parametrize("chained", [False, True])
def test_twins_compute_what_they_did_apart(chained: bool) -> None:
    graph, rng = branches(chained=chained), np.random.default_rng(3)
    feeds = {name: rng.standard_normal((4, 32)).astype(np.float32) for name in "abc"}
    with ingot.load(graph, device="reference") as session:
        expected = session.run(feeds)
    with emulation(), ingot.load(graph, device="cuda", specialize="none") as session:
        found = session.run(feeds)
    for name, array in expected.items():
        np.testing.assert_allclose(found[name], array, atol=1e-6)


def projections() -> Graph:
    """Three products of one input with weights of like size, as an attention begins."""
    builder, rng = Builder("projections"), np.random.default_rng(5)
    x = builder.input("x", FLOAT16, (37, 264))
    outputs = {}
    for name in "qkv":
        w = (rng.standard_normal((264, 72)) / 16).astype(np.float16)
        b = rng.standard_normal(72).astype(np.float16)
        y = builder.node("matmul", x, builder.weight(f"{name}.w", w))
        outputs[name] = builder.node("add", y, builder.weight(f"{name}.b", b))
    return builder.finish(outputs, stage="portable")


@pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")
@pytest.mark.parametrize("split", [1, 2])
def test_projections_are_one_launch(split: int) -> None:
    graph = projections()
    feeds = {"x": np.random.default_rng(3).standard_normal((37, 264)).astype(np.float16)}
    with ingot.load(graph, device="reference") as session:
        expected = session.run(feeds)
    tile = Tile(32, 64, 64, 16, 32, 4, split)
    with (
        emulation() as driver,
        patch.object(cuda_compiler, "CANDIDATES", (TensorMatMul(), Loops())),
        tiled(tile),
        ingot.load(graph, device="cuda", specialize="none") as session,
    ):
        found = session.run(feeds)
        assert driver.calls["launch"] == 3 * 1 + 1  # weights are packed, then all products
    for name, array in expected.items():
        np.testing.assert_allclose(
            found[name].astype(np.float32), array.astype(np.float32), atol=2e-2
        )
