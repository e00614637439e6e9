# SPDX-License-Identifier: Apache-2.0
"""The story of forging: a portable Graph becomes a Plan for one device, and its kernels images.

`compile_plan` is pure: graph, target, sizes and options in, Plan with kernel sources out, no device
and no file touched. `forge` hands the sources on to the target's assembler as they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingot import trace
from ingot.ir.graph import Graph
from ingot.ir.substitute import substitute_sizes
from ingot.ir.text import print_graph
from ingot.jit.emit import Emitter
from ingot.jit.legalize import legalize
from ingot.jit.link import Emit, Linker
from ingot.jit.partition import Partition
from ingot.jit.place import Placer
from ingot.jit.segments import cut, needs_script
from ingot.jit.select import Selection
from ingot.plan import Plan
from ingot.targets.base import Target

Options = Mapping[str, bool]


def compile_plan(
    graph: Graph,
    target: Target,
    binding: Mapping[str, int],
    options: Options,
    emit: Emit = lambda key, text: None,
) -> Plan:
    """The plan that runs `graph` on `target` with the sizes of `binding` made constant.

    `emit` gets each kernel's key and text as soon as it is printed, for compiling in the meantime.
    Raises CompileError where a node has no kernel, InputError where the sizes break a guard.
    """
    candidates = target.candidates(options)
    with trace.span("legalize"):
        stored = graph.weights.keys()
        graph = legalize(substitute_sizes(graph, binding), candidates, target.spec)
    with trace.span("partition"):
        groups = Partition(graph, target).groups()
    with trace.span("select"):
        choices = list(Selection(graph, candidates, target.spec).choices(groups))
    linker = Linker(target, emit)
    with trace.span("place"):
        placer = Placer(graph, candidates[-1], Emitter(target.spec, linker.kernel))
        placement = placer.place(choices)
        outputs = placer.output_buffers()
    with trace.span("link"):
        linker.add(placement)
        own = [name for name in graph.weights if name not in stored]
        return linker.plan(graph, binding, placement, outputs, own)


@dataclass(frozen=True)
class Program:
    """What runs a graph: its plan, or a script (as text) and the plan of each of its segments."""

    plans: tuple[Plan, ...]
    script: str | None = None


def compile_program(
    graph: Graph,
    target: Target,
    binding: Mapping[str, int],
    options: Options,
    emit: Emit = lambda key, text: None,
) -> Program:
    """As `compile_plan`, for graphs that compute sizes themselves or have control flow too."""
    if not needs_script(graph):
        return Program((compile_plan(graph, target, binding, options, emit),))
    parts = cut(substitute_sizes(graph, binding))
    plans = [compile_plan(segment, target, {}, options, emit) for segment in parts.segments]
    names = {name: name for name in parts.script.weights}
    return Program(tuple(plans), print_graph(parts.script, names))


def code_keys(plan: Plan, target: Target) -> tuple[str, ...]:
    """The keys of all code that running the plan takes: its kernels and the target's support."""
    return (*target.support(), *plan.kernels())
