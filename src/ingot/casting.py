# SPDX-License-Identifier: Apache-2.0
"""Casting, the ahead-of-time half: a model in, an Engine out, on any machine, without a device."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from ingot import dtypes, onnx, ops, optimize, trace
from ingot.engine import Engine
from ingot.errors import Obstacle, ResourceError, UnsupportedError, UsageError
from ingot.ir.edit import NearMiss, Record, Rewrite
from ingot.ir.graph import Graph
from ingot.onnx import Profiles

# Told (stage, steps done, steps in all) while casting.
Progress: TypeAlias = Callable[[str, int, int], None]
Model: TypeAlias = onnx.Model | Graph
Precision = Literal["float16", "bfloat16"]
STAGES = 3


def build(
    model: Model,
    *,
    profiles: Profiles | None = None,
    strip_weights: bool = False,
    refittable: bool = False,
    strict_nans: bool = False,
    precision: Precision | None = None,
    memory_limit: int | None = None,
    verify: bool = False,
    progress: Progress | None = None,
) -> Engine:
    """Cast a model: the path, bytes or ModelProto of an ONNX model, or a Graph.

    `profiles` limits free sizes: by the size's name to (least, most), or by an input's name to its
    least and greatest shape. `strip_weights` leaves out weights that `Engine.refit` can make again;
    `refittable` uses no rewrite that looks at the values of weights; `strict_nans` none that is
    right for numbers only. `precision` ("float16", "bfloat16") computes float32 networks in that
    type where it is safe; inputs and outputs keep their types. `memory_limit` bounds the bytes that
    casting takes beside the mapped file: for weights, and for whatever a small file may ask for.
    `verify` checks the graph after every pass. Raises ModelError, ShapeError, UnsupportedError
    (with every obstacle), ResourceError, UsageError.
    """
    if precision is not None and precision not in get_args(Precision):
        raise UsageError(f"precision={precision!r}: must be 'float16' or 'bfloat16'")
    start = time.perf_counter()
    tell = progress or _quiet
    tell("read", 0, STAGES)
    graph = _read(model, profiles, memory_limit)
    _check_memory(graph, memory_limit)
    tell("optimize", 1, STAGES)
    with trace.span("optimize", graph=graph.name):
        graph = optimize.run(
            graph,
            verify=verify,
            refittable=refittable or strip_weights,
            strict_nans=strict_nans,
            precision=None if precision is None else dtypes.by_name(precision),
        )
    tell("pack", 2, STAGES)
    options: dict[str, Any] = {"refittable": refittable, "strict_nans": strict_nans}
    options |= {} if precision is None else {"precision": precision}
    engine = Engine.from_graph(graph, options=options, cast_seconds=time.perf_counter() - start)
    engine = engine.strip() if strip_weights else engine
    tell("pack", STAGES, STAGES)
    return engine


@dataclass(frozen=True)
class Explanation:
    """What casting does to a model: what stands in its way, what is rewritten, what nearly was.

    `read` and `left` count the core ops before and after optimising; both are empty, like the
    rest, where there are `obstacles`: of the model's `nodes`, `blocked` ones lie behind an obstacle
    and could not be judged. Near misses come the nearest first.
    """

    obstacles: tuple[Obstacle, ...] = ()
    nodes: int = 0
    blocked: int = 0
    read: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    rewrites: tuple[Rewrite, ...] = ()
    misses: tuple[NearMiss, ...] = ()


def explain(
    model: Model,
    *,
    stop_at: int | None = None,
    precision: Precision | None = None,
    memory_limit: int | None = None,
) -> Explanation:
    """Cast a model and tell how; raises ModelError or ShapeError where it is no valid model.

    `stop_at` does the first so many rewrites only, to find the one that goes wrong; `precision` and
    `memory_limit` are those of `build`.
    """
    try:
        before = _read(model, None, memory_limit)
    except UnsupportedError as error:
        return Explanation(error.obstacles, error.nodes, error.blocked)
    record = Record(explain=True)
    narrow = None if precision is None else dtypes.by_name(precision)
    after = optimize.run(before, stop_at=stop_at, report=record, precision=narrow)
    misses = sorted(record.misses.values(), key=lambda m: (m.total - m.matched, -m.matched))
    return Explanation(
        read=_counts(before),
        left=_counts(after),
        rewrites=tuple(record.rewrites),
        misses=tuple(misses),
    )


def _read(model: Model, profiles: Profiles | None, memory_limit: int | None) -> Graph:
    if isinstance(model, Graph):
        return model
    with trace.span("read"):
        graph = onnx.read(model, profiles, memory_limit=memory_limit)
    with trace.span("verify", graph=graph.name):
        ops.verify(graph)
    return graph


def _counts(graph: Graph) -> Mapping[str, int]:
    return dict(Counter(node.op for node in graph.nodes).most_common())


def _check_memory(graph: Graph, limit: int | None) -> None:
    needed = sum(weight.data.nbytes for weight in graph.weights.values())
    if limit is not None and needed > limit:
        raise ResourceError(
            f"model '{graph.name}': its weights take {needed} bytes, the memory limit is {limit}",
            cure="raise memory_limit",
        )


def _quiet(stage: str, done: int, total: int) -> None:
    """No progress asked for."""
