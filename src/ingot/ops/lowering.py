# SPDX-License-Identifier: Apache-2.0
"""From nodes to scalar expressions: the generic code path of every target.

Each value of a region becomes a Read that pulls through the node that makes it, down to the leaves
that the caller provides. A composite is pulled through its body. Equal requests are answered once,
so what several readers share stays one expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from ingot.ir.graph import Node, Value
from ingot.kernel.expr import Const, Expr
from ingot.ops.build import Builder, record
from ingot.ops.decompose import decompose
from ingot.ops.op import Index
from ingot.ops.read import Read


def lower_node(node: Node, index: Index, reads: Sequence[Read | None]) -> tuple[Expr, ...]:
    """The scalar at `index` of each output of `node`, whose inputs are `reads`."""
    if record(node.op).kind == "composite":
        return _lower_composite(node, index, reads)
    result = record(node.op).lower(index, reads, node)
    return result if isinstance(result, tuple) else (result,)


def pull(nodes: Iterable[Node], leaves: Mapping[Value, Read]) -> dict[Value, Read]:
    """A Read for every value of `leaves` and every output of `nodes` (in topological order)."""
    reads = dict(leaves)
    for node in nodes:
        reads |= _outputs(node, [None if v is None else reads[v] for v in node.inputs])
    return reads


def _outputs(node: Node, inputs: Sequence[Read | None]) -> dict[Value, Read]:
    known: dict[Index, tuple[Expr, ...]] = {}

    def at(position: int, index: Index) -> Expr:
        if index not in known:
            known[index] = lower_node(node, index, inputs)
        return known[index][position]

    return {
        value: Read(value.shape, value.dtype, partial(at, position))
        for position, value in enumerate(node.outputs)
    }


def _lower_composite(node: Node, index: Index, reads: Sequence[Read | None]) -> tuple[Expr, ...]:
    builder = Builder(node.name)
    results = decompose(node, builder)
    leaves = {
        value: read
        for value, read in zip(node.inputs, reads, strict=True)
        if value is not None and read is not None
    }
    for weight in builder.weights.values():
        leaves[weight.value] = _scalar(weight.value, weight.data.item())
    known = pull(builder.nodes, leaves)
    return tuple(known[value](*index) for value in results)


def _scalar(value: Value, number: float) -> Read:
    constant = Const(number, value.dtype)
    return Read(value.shape, value.dtype, lambda index: constant)
