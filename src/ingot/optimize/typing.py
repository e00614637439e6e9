# SPDX-License-Identifier: Apache-2.0
"""Types for new nodes: the op table's shape rules, as the editor asks for them."""

from __future__ import annotations

from collections.abc import Sequence

from ingot.ir.edit import Typed, Typing
from ingot.ir.graph import Attributes, Graph, Value
from ingot.ops.build import infer


def typing_of(graph: Graph) -> Typing:
    """The typing of nodes in `graph`: its symbols' ranges decide what needs a guard."""

    def typing(op: str, inputs: Sequence[Value | None], attributes: Attributes) -> Typed:
        types = [None if value is None else value.type for value in inputs]
        while types and types[-1] is None:
            types.pop()
        complete, outputs, guards = infer(op, types, attributes, op, graph.symbols)
        return Typed(complete, outputs, guards)

    return typing
