# SPDX-License-Identifier: Apache-2.0
"""Measured sizes that need no measuring: a scalar that turns out constant, or to follow from sizes.

What the reader measures because it could not see through the data may be known after folding. The
symbol then becomes what it is, and everything behind it has an ordinary size. Where two symbols
turn out to be the content of one scalar, they become one symbol.
"""

from __future__ import annotations

from ingot.dims import Dim, Guard, symbol, symbols
from ingot.ir.edit import Editor, Record
from ingot.ir.graph import Graph, Node, Value
from ingot.ir.rewrite import Site
from ingot.ir.substitute import substitute_sizes
from ingot.optimize.sizes import known
from ingot.optimize.typing import typing_of


def settle_measures(graph: Graph, record: Record) -> Graph:
    """`graph` without measured sizes that are known without running it."""
    if not graph.measured:
        return graph
    editor = Editor(graph, typing_of(graph), record)
    sizes: dict[str, Dim] = {}
    guards: list[Guard] = []
    firsts: dict[Value, Dim] = {}
    for name, value in graph.measured.items():
        size = _size_in(editor, value)
        rule = "measured_twice" if size is None and value in firsts else "measured_size_known"
        size = firsts.setdefault(value, symbol(name)) if size is None else size
        subject = graph.producer(value) or Node("measure", (), (value,))
        if size == symbol(name) or not _in_range(graph, name, size, guards):
            continue
        if record.take(rule, subject):
            sizes[name] = size
    if not sizes:
        return graph
    return substitute_sizes(graph.replace(guards=(*graph.guards, *guards)), sizes)


def _size_in(editor: Editor, value: Value) -> Dim | None:
    """The content of a scalar as a size, where it is known."""
    node = editor.producer(value) or Node("identity", (value,), (value,))
    elements = known(Site(editor, node), value)
    return None if elements is None else elements.item()


def _in_range(graph: Graph, name: str, size: Dim, guards: list[Guard]) -> bool:
    """Whether the size may be `name`'s; what inputs may break becomes a guard."""
    span = graph.symbols[name]
    ranges = {one: (graph.symbols[one].lo, graph.symbols[one].hi) for one in symbols(size)}
    limits = [Guard("ge", size, span.lo, f"size {name}")]
    if span.hi is not None:
        limits.append(Guard("le", size, span.hi, f"size {name}"))
    answers = [limit.decided(ranges) for limit in limits]
    guards += [limit for limit, holds in zip(limits, answers, strict=True) if holds is None]
    return False not in answers
