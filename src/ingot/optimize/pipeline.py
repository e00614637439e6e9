# SPDX-License-Identifier: Apache-2.0
"""The portable pipeline: one list of named passes, from an imported Graph to a portable one.

A pass is a function Graph -> Graph; most are sweeps of a few rules. The list is the order; what a
pass relies on is declared with `after` and checked when this module loads. Passes that stand in a
group repeat together until none of them changes the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ingot import knobs, trace
from ingot.dtypes import DType
from ingot.errors import IngotError
from ingot.ir.edit import Record
from ingot.ir.graph import Graph, Node, graphs_in
from ingot.ir.nested import distinct_weights
from ingot.ir.rewrite import Rule, rewrite
from ingot.ops.verify import verify as verify_graph
from ingot.optimize import (
    activations,
    affine,
    attention,
    causal,
    convolution,
    identities,
    norms,
    packed,
    quantized,
    sizes,
    transposed,
    views,
)
from ingot.optimize.dead import remove_dead
from ingot.optimize.fold import fold, fold_quantized
from ingot.optimize.guards import settle_guards
from ingot.optimize.measures import settle_measures
from ingot.optimize.narrow import narrow
from ingot.optimize.share import share
from ingot.optimize.typing import typing_of

PassFunction: TypeAlias = Callable[[Graph, Record], Graph]
ROUNDS: Final = 20


@dataclass(frozen=True)
class Pass:
    """One named step, and the passes that must stand ahead of it."""

    name: str
    run: PassFunction
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Passes that repeat until the graph does not change any more."""

    name: str
    passes: tuple[Pass, ...]


def sweep(*rules: Sequence[Rule]) -> PassFunction:
    """The pass that applies some lists of rules until none applies."""
    flat = tuple(one for part in rules for one in part)

    def run(graph: Graph, record: Record) -> Graph:
        return rewrite(graph, flat, typing_of(graph), record)

    return run


PIPELINE: Final[tuple[Pass | Group, ...]] = (
    Pass("dead", remove_dead),
    Group(
        "canonical",
        (
            Pass("fold", fold, after=("dead",)),
            Pass("share", share),
            Pass("identities", sweep(identities.RULES, views.RULES), after=("fold",)),
            Pass("positions", sweep(sizes.RULES, affine.RULES), after=("identities",)),
            Pass("quantized", sweep(quantized.RULES), after=("fold", "identities")),
            Pass("packed", sweep(packed.RULES), after=("fold",)),
            Pass("measures", settle_measures, after=("positions",)),
        ),
    ),
    Pass("activations", sweep(activations.RULES), after=("identities",)),
    Pass("norms", sweep(norms.RULES), after=("identities",)),
    Group(
        "channels",
        (
            Pass(
                "convolution",
                sweep(convolution.RULES, transposed.FILTERS),
                after=("identities",),
            ),
            Pass("fold channels", fold),
        ),
    ),
    Pass("transposed", sweep(transposed.RULES), after=("channels",)),
    Pass("attention", sweep(attention.RULES), after=("identities", "share", "positions")),
    Pass("causal", sweep(causal.RULES), after=("attention",)),
    Pass("precision", narrow, after=("norms", "channels", "attention", "causal")),
    Group(
        "settle",
        (
            Pass("fold again", fold_quantized, after=("channels", "attention", "precision")),
            Pass("share again", share),
            Pass("identities again", sweep(identities.RULES, views.RULES)),
        ),
    ),
    Pass("dead again", remove_dead, after=("settle",)),
    Pass("guards", settle_guards),
)


def run(
    graph: Graph,
    *,
    stop_at: int | None = None,
    verify: bool = False,
    report: Record | None = None,
    refittable: bool = False,
    strict_nans: bool = False,
    precision: DType | None = None,
) -> Graph:
    """The portable form of `graph`.

    `stop_at` does the first so many rewrites only; `verify` checks the graph after every pass;
    `report` collects rewrites and near misses; `refittable` leaves out what looks at the values of
    weights; `strict_nans` leaves out what is exact for numbers only. `precision` is what float32
    is computed in where that is safe.
    """
    record = report if report is not None else Record()
    record.stop_at, record.refittable, record.strict_nans = stop_at, refittable, strict_nans
    record.precision = precision
    made = _run(graph, record, verify or knobs.VERIFY.get())
    bodies = any(any(graphs_in(node.attributes)) for node in made.nodes)
    return distinct_weights(made) if bodies else made


def _run(graph: Graph, record: Record, checked: bool) -> Graph:
    for step in PIPELINE:
        if isinstance(step, Group):
            graph = _run_group(graph, step, record, checked)
        else:
            graph = _run_pass(graph, step, record, checked)
    bodies = any(any(graphs_in(node.attributes)) for node in graph.nodes)
    if bodies:
        nodes = tuple(_with_bodies(node, record, checked) for node in graph.nodes)
        graph = graph.replace(nodes=nodes)
    return graph.replace(stage="portable")


def _with_bodies(node: Node, record: Record, checked: bool) -> Node:
    """The node with the graphs inside its attributes made portable."""
    attributes = {
        key: _run(value, record, checked) if isinstance(value, Graph) else value
        for key, value in node.attributes.items()
    }
    return node.replace(attributes=attributes) if any(graphs_in(attributes)) else node


def _run_group(graph: Graph, group: Group, record: Record, checked: bool) -> Graph:
    for _ in range(ROUNDS):
        before = graph
        for step in group.passes:
            graph = _run_pass(graph, step, record, checked)
        if graph is before:
            break
    return graph


def _run_pass(graph: Graph, step: Pass, record: Record, checked: bool) -> Graph:
    with trace.span(f"pass {step.name}"):
        made = step.run(graph, record)
    if checked and made is not graph:
        try:
            verify_graph(made)
        except IngotError as error:
            last = record.rewrites[-1] if record.rewrites else "none"
            error.add_note(f"after pass '{step.name}', last rewrite {last}")
            raise
    return made


def _check_order(steps: Sequence[Pass | Group]) -> None:
    seen: set[str] = set()
    for step in steps:
        for one in step.passes if isinstance(step, Group) else (step,):
            missing = [name for name in one.after if name not in seen]
            assert not missing, f"pass '{one.name}' must stand after {missing}"
            seen.add(one.name)
        seen.add(step.name)


_check_order(PIPELINE)
