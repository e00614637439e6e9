# SPDX-License-Identifier: Apache-2.0
"""Random graphs compute the same before and after the pipeline, in every mode."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from ingot import optimize
from ingot.ir.graph import Graph
from ingot.ir.text import parse_graph, print_graph
from ingot.ops.evaluate import evaluate_graph
from ingot.ops.verify import verify


def _generator() -> ModuleType:
    path = Path(__file__).with_name("random_graphs.py")
    spec = importlib.util.spec_from_file_location("random_graphs", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["random_graphs"] = module
    spec.loader.exec_module(module)
    return module


generator = _generator()
CASES = int(os.environ.get("INGOT_RANDOM_GRAPHS", "300"))
FIRST = int(os.environ.get("INGOT_TEST_SEED", "0"))
BOUND = 2e-5
MODES: tuple[dict[str, bool], ...] = ({}, {"refittable": True}, {"strict_nans": True})


def close(found: Any, expected: Any) -> bool:
    """Whether two results agree; a step function may flip a few elements at its edge."""
    if found.dtype != expected.dtype or found.shape != expected.shape:
        return False
    if found.size == 0:
        return True
    wide = expected.astype(np.float64)
    error = np.abs(found.astype(np.float64) - wide)
    scale = np.abs(wide).mean() + 1e-3
    far = error > BOUND * (np.abs(wide) + scale)
    return bool(np.array_equal(np.isnan(found), np.isnan(expected)) and far.mean() <= 0.02)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + CASES))
def test_same_numbers(seed: int) -> None:
    graph: Graph = generator.RandomGraph(seed).grow(4 + seed % 14)
    verify(graph)
    rng = np.random.default_rng(seed)
    inputs = generator.random_inputs(graph, rng, 1 + seed % 3)
    with np.errstate(all="ignore"):
        expected = evaluate_graph(graph, inputs)
        made = optimize.run(graph, verify=True, **MODES[seed % 3])
        found = evaluate_graph(made, inputs)
    for name, array in expected.items():
        assert close(found[name], array), f"seed {seed}, output {name}"
    weights = {name: weight.data for name, weight in made.weights.items()}
    text = print_graph(made)
    assert print_graph(parse_graph(text, weights)) == text
