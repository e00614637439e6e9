# SPDX-License-Identifier: Apache-2.0
"""Sessions of graphs that no single plan can run: measured sizes, control flow, caches, errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ingot
from ingot import optimize
from ingot.dims import symbol
from ingot.dtypes import FLOAT32, INT64
from ingot.engine import Engine
from ingot.errors import InputError, RunError
from ingot.ir.graph import Graph
from ingot.ops.build import Builder
from ingot.ops.evaluate import evaluate_graph

DEVICES = ("cpu", "reference")
RANDOM = np.random.default_rng(7)


def counted(high: int | None = None) -> Graph:
    """exp(x), and the positions below the count of positive elements, scaled by its sum."""
    builder = Builder("counted")
    x = builder.input("x", FLOAT32, (symbol("batch"), 4))
    y = builder.node("exp", x)
    positive = builder.node("cast", builder.node("greater", x, 0.0), to=INT64)
    count = builder.node("reduce_sum", positive, axes=(0, 1), keep_dims=False)
    size = builder.measure(count, high=high)
    line = builder.node("iota", *map(builder.constant, map(np.int64, (0, 1))), length=size)
    total = builder.node("reduce_sum", y, axes=(0, 1), keep_dims=False)
    scaled = builder.node("mul", builder.node("cast", line, to=FLOAT32), total)
    return optimize.run(builder.finish({"y": y, "line": scaled, "count": count}))


def agree(graph: Graph, session: ingot.Session, **inputs: np.ndarray) -> None:
    expected = evaluate_graph(graph, inputs)
    found = session.run(inputs)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_allclose(found[name], array, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("specialize", ["none", "eager", "lazy"])
@pytest.mark.parametrize("device", DEVICES)
def test_measured_sizes(device: str, specialize: str) -> None:
    graph = counted()
    with ingot.load(graph, device=device, specialize=specialize) as session:
        for batch in (3, 1, 0, 3):
            agree(graph, session, x=RANDOM.standard_normal((batch, 4)).astype(np.float32))
        assert session.wait_ready()
        agree(graph, session, x=RANDOM.standard_normal((3, 4)).astype(np.float32))


def test_engine_file_and_warm_start(tmp_path: Path) -> None:
    graph = counted()
    Engine.from_graph(graph).save(tmp_path / "model.ingot")
    x = RANDOM.standard_normal((5, 4)).astype(np.float32)
    for warm in (False, True):
        session = ingot.load(tmp_path / "model.ingot", device="cpu", cache_dir=tmp_path / "cache")
        with session:
            agree(graph, session, x=x)
            stats = session.stats
            assert (stats.kernels_compiled == 0) == warm
            assert stats.plans >= 2
            assert (stats.plans_cached >= 2) == warm


def test_profile_names_the_steps_of_all_segments() -> None:
    with ingot.load(counted(), device="cpu", specialize="none") as session:
        profile = session.profile({"x": np.ones((2, 4), np.float32)}, repeats=2)
    assert len(profile.steps) >= 3
    assert all(step.milliseconds >= 0 for step in profile.steps)


def test_a_size_out_of_range_leaves_the_session_usable() -> None:
    graph = counted(high=3)
    with ingot.load(graph, device="cpu") as session:
        with pytest.raises(RunError, match=r"is computed as 8, it must be within 0\.\.3"):
            session.run({"x": np.ones((2, 4), np.float32)})
        agree(graph, session, x=-np.ones((2, 4), np.float32))


def test_bound_outputs() -> None:
    x = RANDOM.standard_normal((2, 4)).astype(np.float32)
    with ingot.load(counted(), device="cpu") as session:
        y = np.empty((2, 4), np.float32)
        found = session.run({"x": x}, {"y": y})
        assert found["y"] is y
        np.testing.assert_allclose(y, np.exp(x), rtol=2e-6)
        with pytest.raises(InputError, match="output 'line'"):
            session.run({"x": x}, {"line": np.empty((99,), np.float32)})


def test_clones_run_beside_each_other() -> None:
    graph = counted()
    with ingot.load(graph, device="cpu") as session, session.clone() as other:
        agree(graph, session, x=RANDOM.standard_normal((4, 4)).astype(np.float32))
        agree(graph, other, x=RANDOM.standard_normal((6, 4)).astype(np.float32))
