# SPDX-License-Identifier: Apache-2.0
"""Dead code: nodes and weights that no graph output depends on are removed."""

from __future__ import annotations

from ingot.ir.edit import Record
from ingot.ir.graph import Graph
from ingot.ir.live import without_dead


def remove_dead(graph: Graph, record: Record) -> Graph:
    """`graph` without what no output needs. The inputs stay: they are the model's interface."""
    del record  # nothing observable changes, so there is nothing to number
    return without_dead(graph)
