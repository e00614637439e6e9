# SPDX-License-Identifier: Apache-2.0
"""Kernels compiled without a GPU: texts of graphs, many in one run of the compiler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingot.ir.graph import Graph
from ingot.jit import compile_plan
from ingot.targets import open_target
from ingot.targets.cuda.nvrtc import compile_text
from ingot.targets.cuda.resources import Resources, read_resources
from ingot.targets.cuda.source import facts

ARCHITECTURES = (
    "sm_75", "sm_80", "sm_86", "sm_89", "sm_90", "sm_100", "sm_103", "sm_110", "sm_120", "sm_121",
)  # fmt: skip


def texts(graph: Graph, architecture: str, binding: Mapping[str, int] | None = None) -> list[str]:
    """The distinct kernels of a graph."""
    plan = compile_plan(graph, open_target(architecture), binding or {}, {})
    return list(plan.sources.values())


def compile_together(kernels: Sequence[str], architecture: str) -> Resources:
    """Compile kernels as one text, each in a namespace; the largest demand of any."""
    parts: list[str] = []
    for number, text in enumerate(dict.fromkeys(kernels)):
        body = text.replace('extern "C" ', "")
        parts.append(f"namespace kernel_{number} {{\n{body}}}\n")
    return read_resources(compile_text("batch", "".join(parts), architecture))


def over_budget(architecture: str, text: str) -> str:
    """What a kernel takes too much of on its device; empty where it fits."""
    target, told = open_target(architecture), facts(text)
    taken = read_resources(compile_text("kernel", text, architecture))
    found = []
    if taken.registers * told["threads"] > 65536 or taken.registers > 255:
        found.append(f"{taken.registers} registers for {told['threads']} threads")
    if taken.shared + told["shared"] > target.spec.shared_memory:
        found.append(f"{taken.shared + told['shared']} bytes of shared memory")
    if taken.stack > 1024:
        found.append(f"{taken.stack} bytes of stack")
    return ", ".join(found)
