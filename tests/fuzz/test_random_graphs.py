# SPDX-License-Identifier: Apache-2.0
"""Random graphs: unoptimised = optimised = reference = cpu, generic and specialised.

One graph again: `pytest tests/fuzz/test_random_graphs.py -k 'table-17'`; more of them:
`INGOT_RANDOM_GRAPHS=5000`, others: `INGOT_TEST_SEED=100000`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from tests.fuzz.graphs import SEED, Expected, TableGraph, other_inputs
from tests.fuzz.nets import RandomNet

import ingot
from ingot import optimize
from ingot.ir.graph import Array, Graph
from ingot.ir.text import print_graph
from ingot.ops import evaluate_graph, verify

CASES = int(os.environ.get("INGOT_RANDOM_GRAPHS", "300"))
QUICK = {"table": 100, "net": 50}
KINDS = {"table": TableGraph, "net": RandomNet}
TARGETS = (("reference", "none"), ("cpu", "none"), ("cpu", "eager"))


def grown(kind: str, seed: int, steps: int) -> tuple[Graph, dict[str, Array], dict[str, int]]:
    """The graph of a seed, its inputs, and other sizes for it."""
    made = KINDS[kind](seed)
    graph = made.grow(steps)
    inputs = {value.name: made.arrays[value] for value in graph.inputs}
    sizes = {name: size + 1 + seed % 3 for name, size in made.binding.items()}
    return graph, inputs, sizes


def complaints(kind: str, seed: int, steps: int) -> Iterator[str]:
    """What is wrong with the graph of a seed, wherever it is run."""
    graph, inputs, sizes = grown(kind, seed, steps)
    verify(graph)
    made = optimize.run(graph, verify=True)
    winograd = bool(seed % 2)
    expected = Expected(graph, inputs, made, winograd=winograd)
    options: dict[str, Any] = {"threads": 1 + seed // 2 % 2, "winograd": winograd}
    yield told("optimised", expected, evaluate_graph(made, inputs))
    plain = graph.replace(stage="portable")
    with ingot.load(plain, device="cpu", specialize="none", **options) as session:
        yield told("cpu unoptimised", expected, session.run(inputs))
    others = other_expected(graph, inputs, sizes, made, winograd)
    for device, specialize in TARGETS:
        with ingot.load(made, device=device, specialize=specialize, **options) as session:
            yield told(f"{device} {specialize}", expected, session.run(inputs))
            if others is not None:
                more, wanted = others
                yield told(f"{device} {specialize} {sizes}", wanted, session.run(more))


def other_expected(
    graph: Graph,
    inputs: Mapping[str, Array],
    sizes: Mapping[str, int],
    made: Graph,
    winograd: bool,
) -> tuple[dict[str, Array], Expected] | None:
    """Inputs of other sizes with what they give; None where the sizes do not suit the graph."""
    if not all(array.size for array in inputs.values()):
        return None
    more = other_inputs(graph, inputs, sizes)
    try:
        expected = Expected(graph, more, made, winograd=winograd)
    except ingot.IngotError:
        return None
    return (more, expected) if expected.finite else None


def told(where: str, expected: Expected, found: Mapping[str, Array]) -> str:
    complaint = expected.complaint(found)
    return f"{where}: {complaint}" if complaint else ""


def first_complaint(kind: str, seed: int, steps: int) -> str:
    """The first thing that is wrong; errors count."""
    try:
        return next(filter(None, complaints(kind, seed, steps)), "")
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def cases() -> Iterator[object]:
    for kind, quick in QUICK.items():
        for number in range(CASES):
            marks = () if number < quick else pytest.mark.slow
            yield pytest.param(kind, SEED + number, id=f"{kind}-{SEED + number}", marks=marks)


@pytest.mark.parametrize(("kind", "seed"), list(cases()))
def test_random_graph(kind: str, seed: int) -> None:
    steps = 3 + seed % 16
    complaint = first_complaint(kind, seed, steps)
    if not complaint:
        return
    least = next(count for count in range(1, steps + 1) if first_complaint(kind, seed, count))
    graph, *_ = grown(kind, seed, least)
    raise AssertionError(
        f"{kind} {seed}: {complaint}\nafter {least} of {steps} steps: "
        f"{first_complaint(kind, seed, least)}\n{print_graph(graph)}"
    )
