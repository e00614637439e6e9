# SPDX-License-Identifier: Apache-2.0
"""Verify a Graph with the records: the rules of `ir.verify`, and every node typed again."""

from __future__ import annotations

from ingot.ir.graph import Graph, Node, TensorType
from ingot.ir.verify import verify as verify_form
from ingot.ops.build import infer


def verify(graph: Graph) -> None:
    """Raises GraphError at the first rule that `graph` breaks; see `ir.verify`."""

    def derive(node: Node) -> tuple[TensorType, ...]:
        types = [None if value is None else value.type for value in node.inputs]
        subject = f"{node.op} '{node.name}'"
        return infer(node.op, types, node.attributes, subject, graph.symbols)[1]

    verify_form(graph, derive)
