# SPDX-License-Identifier: Apache-2.0
"""The story of forging: a portable Graph becomes a Plan for one device, and its kernels images.

`compile_plan` is pure: graph, target, sizes and options in, Plan with kernel sources out, no device
and no file touched. `assemble` turns sources into images.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingot import trace
from ingot.ir.graph import Graph
from ingot.jit.legalize import legalize
from ingot.jit.link import Linker
from ingot.jit.partition import Partition
from ingot.jit.place import Placer
from ingot.jit.select import Selection
from ingot.jit.specialize import bind_sizes
from ingot.plan import Plan
from ingot.targets.base import Progress, Target

Options = Mapping[str, bool]


def compile_plan(
    graph: Graph, target: Target, binding: Mapping[str, int], options: Options
) -> Plan:
    """The plan that runs `graph` on `target` with the sizes of `binding` made constant.

    Raises CompileError where a node has no kernel, InputError where the sizes break a guard.
    """
    candidates = target.candidates(options)
    with trace.span("legalize"):
        stored = graph.weights.keys()
        graph = legalize(bind_sizes(graph, binding), candidates, target.spec)
    with trace.span("partition"):
        groups = Partition(graph, target).groups()
    with trace.span("select"):
        choices = list(Selection(graph, candidates, target.spec).choices(groups))
    with trace.span("place"):
        placer = Placer(graph, candidates[-1], target.spec)
        placement = placer.place(choices)
        outputs = placer.output_buffers()
    with trace.span("link"):
        linker = Linker(target)
        linker.add(placement)
        own = [name for name in graph.weights if name not in stored]
        return linker.plan(graph, binding, placement, outputs, own)


def assemble(
    plan: Plan, target: Target, known: Mapping[str, bytes], progress: Progress | None = None
) -> Mapping[str, bytes]:
    """An image for each code of the plan; those in `known` are not compiled again."""
    sources = {**target.support(), **plan.sources}
    missing = {key: sources[key] for key in code_keys(plan, target) if key not in known}
    with trace.span("assemble", kernels=len(missing)):
        made = target.assemble(missing, progress) if missing else {}
    return {**known, **made}


def code_keys(plan: Plan, target: Target) -> tuple[str, ...]:
    """The keys of all code that running the plan takes: its kernels and the target's support."""
    return (*target.support(), *plan.kernels())
