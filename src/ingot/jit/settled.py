# SPDX-License-Identifier: Apache-2.0
"""What is settled once the weights are there: weights, and what only decodes them.

A weight that is stored in few bits is written out once, by setup steps, and then packed as any
other. Only operators that decode or rearrange count: an expanded scalar stays with its reader.
"""

from __future__ import annotations

from typing import Final

from ingot.dims import Expression
from ingot.ir.graph import Graph, Node, Value

DECODING: Final = frozenset({"dequantize"})
ALONG: Final = frozenset({"reshape", "transpose", "cast", "slice"})


def settled(graph: Graph) -> frozenset[Value]:
    """The weights of `graph` and the values that setup steps make of them."""
    found = {weight.value for weight in graph.weights.values()}
    made: set[Value] = set()
    outputs = frozenset(graph.outputs)
    for node in graph.nodes:
        inputs = [value for value in node.inputs if value is not None]
        decodes = node.op in DECODING or (node.op in ALONG and inputs[0] in made)
        known = decodes and all(value in found for value in inputs)
        if known and not _open(node) and outputs.isdisjoint(node.outputs):
            found.update(node.outputs)
            made.update(node.outputs)
    return frozenset(found)


def _open(node: Node) -> bool:
    """Whether a size of the result is not fixed."""
    return any(isinstance(size, Expression) for value in node.outputs for size in value.shape)
