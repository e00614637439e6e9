# SPDX-License-Identifier: Apache-2.0
"""Passes as text: each case is a graph, the pass that runs on it, and the graph that comes out.

A file starts with `pass: NAME`; a case is a line `=== what it shows`, the graph, a line `----` and
the graph expected. Before and after must also compute the same on random data. Run
`python tests/passes/test_passes.py --accept` to write what comes out now into the files, and read
the difference.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingot.dims import evaluate
from ingot.ir.edit import Record
from ingot.ir.graph import Graph, TensorType
from ingot.ir.text import parse_graph, print_graph
from ingot.ops.evaluate import evaluate_graph
from ingot.ops.verify import verify
from ingot.optimize import PIPELINE, run
from ingot.optimize.pipeline import Group, Pass

FOLDER = Path(__file__).parent
BOUND = 3e-6


@dataclass(frozen=True)
class Case:
    """One case of a file: what it shows, the pass, the graph before and the text after."""

    title: str
    step: str
    before: str
    after: str

    @property
    def graph(self) -> Graph:
        return parse_graph(self.before, random_weight)

    def result(self) -> Graph:
        graph = self.graph
        verify(graph)
        return apply(self.step, graph)


def apply(name: str, graph: Graph) -> Graph:
    """The pass called `name`, or with `pipeline` all of them."""
    if name == "pipeline":
        return run(graph)
    for step in passes():
        if step.name == name:
            return step.run(graph, Record())
    raise KeyError(name)


def passes() -> Iterator[Pass]:
    for step in PIPELINE:
        yield from step.passes if isinstance(step, Group) else (step,)


def random_weight(name: str, type: TensorType) -> np.ndarray[Any, Any]:
    """Elements that depend on the name only; above zero, so that variances are possible."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    shape = tuple(evaluate(size, {}) for size in type.shape)
    if type.dtype.is_float:
        return rng.uniform(0.5, 1.5, shape).astype(type.dtype.numpy)
    return rng.integers(0, 4, shape).astype(type.dtype.numpy)


def random_inputs(graph: Graph) -> dict[str, np.ndarray[Any, Any]]:
    rng = np.random.default_rng(7)
    binding = {name: max(span.lo, 3) for name, span in graph.symbols.items()}
    inputs = {}
    for value in graph.inputs:
        shape = tuple(evaluate(size, binding) for size in value.shape)
        if value.dtype.is_float:
            inputs[value.name] = rng.normal(0.2, 1.0, shape).astype(value.dtype.numpy)
        else:
            inputs[value.name] = rng.integers(0, 2, shape).astype(value.dtype.numpy)
    return inputs


def read(path: Path) -> list[Case]:
    head, *parts = path.read_text().split("\n=== ")
    step = head.split("pass:", 1)[1].strip()
    cases = []
    for part in parts:
        title, body = part.split("\n", 1)
        before, _, after = body.partition("\n----")
        cases.append(Case(title.strip(), step, before, after.strip()))
    return cases


CASES = [
    pytest.param(case, id=f"{path.stem}: {case.title}")
    for path in sorted(FOLDER.glob("*.txt"))
    for case in read(path)
]


@pytest.mark.parametrize("case", CASES)
def test_text(case: Case) -> None:
    result = case.result()
    verify(result)
    assert print_graph(result).strip() == case.after


@pytest.mark.parametrize("case", CASES)
def test_same_numbers(case: Case) -> None:
    graph, result = case.graph, case.result()
    inputs = random_inputs(graph)
    expected = evaluate_graph(graph, inputs)
    found = evaluate_graph(result, inputs)
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        if array.dtype.kind in "iub":
            np.testing.assert_array_equal(found[name], array)
            continue
        wide = array.astype(np.float64)
        np.testing.assert_array_equal(np.isnan(found[name]), np.isnan(wide))
        error = np.nan_to_num(found[name].astype(np.float64) - wide)
        assert np.linalg.norm(error) <= BOUND * np.linalg.norm(np.nan_to_num(wide)), name


@pytest.mark.parametrize("case", CASES)
def test_done_is_done(case: Case) -> None:
    """A second run of the pass changes nothing."""
    once = case.result()
    assert print_graph(apply(case.step, once)) == print_graph(once)


def accept() -> None:
    for path in sorted(FOLDER.glob("*.txt")):
        head = path.read_text().split("\n=== ", 1)[0]
        parts = [head]
        for case in read(path):
            after = print_graph(case.result()).strip()
            parts.append(f"{case.title}\n{case.before.strip()}\n----\n{after}\n")
        path.write_text("\n=== ".join(parts))


if __name__ == "__main__" and sys.argv[1:] == ["--accept"]:
    accept()
