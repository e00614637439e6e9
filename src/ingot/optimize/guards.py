# SPDX-License-Identifier: Apache-2.0
"""Guards: what a binding must check is kept once, and not at all where the ranges decide it."""

from __future__ import annotations

from ingot.dims import Dim, Guard
from ingot.ir.edit import Record
from ingot.ir.graph import Graph


def settle_guards(graph: Graph, record: Record) -> Graph:
    """`graph` without guards that repeat another, or that hold for every size in range."""
    del record  # no node changes, so there is nothing to number
    ranges = {name: (span.lo, span.hi) for name, span in graph.symbols.items()}
    first: dict[tuple[str, Dim, Dim], Guard] = {}
    for guard in graph.guards:
        if guard.decided(ranges) is not True:
            first.setdefault((guard.kind, guard.left, guard.right), guard)
    kept = tuple(first.values())
    return graph if kept == graph.guards else graph.replace(guards=kept)
