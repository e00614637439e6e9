# SPDX-License-Identifier: Apache-2.0
"""From a region of the Graph to scalar expressions: fusing is inlining.

Each op's record says what its output is at an index, in terms of its inputs at other indices.
Reading an input that the region computes itself inlines that expression; reading any other becomes a
load. Targets call this from their candidates: whole regions for the generic loop kernel, the part
behind the accumulator for a hand-shaped family.
"""

from __future__ import annotations

from ingot.dtypes import DType
from ingot.errors import CompileError
from ingot.ir.graph import Node, Value
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Acc, Expr, Load, Var
from ingot.ops.lowering import lower_node
from ingot.ops.read import Read
from ingot.targets.base import Placed, Region

Index = tuple[Expr, ...]


class Inliner:
    """Value-at-index expressions of one region; loads are numbered by order of first use."""

    def __init__(self, region: Region) -> None:
        self._producers = {value: node for node in region.nodes for value in node.outputs}
        self._memo: dict[tuple[Value, Index], Expr] = {}
        self.operands: dict[Value, int] = {}

    def set(self, value: Value, index: Index, expression: Expr) -> None:
        """Let `value` at `index` be `expression`, whatever computes it."""
        self._memo[value, index] = expression

    def at(self, value: Value, index: Index) -> Expr:
        """The element of `value` at `index`."""
        known = self._memo.get((value, index))
        if known is not None:
            return known
        node = self._producers.get(value)
        result = self._load(value, index) if node is None else self._inline(node, value, index)
        self._memo[value, index] = result
        return result

    def _load(self, value: Value, index: Index) -> Expr:
        number = self.operands.setdefault(value, len(self.operands))
        return Load(number, index, value.dtype)

    def _inline(self, node: Node, value: Value, index: Index) -> Expr:
        reads = [None if source is None else self._read(source) for source in node.inputs]
        result = lower_node(node, index, reads)
        return result[node.outputs.index(value)] if isinstance(result, tuple) else result

    def _read(self, source: Value) -> Read:
        return Read(source.shape, source.dtype, lambda index: self.at(source, index))


def axis_variables(rank: int) -> tuple[Var, ...]:
    """One index variable for each axis of a region's output."""
    return tuple(Var(f"i{axis}") for axis in range(rank))


def lower_region(placed: Placed) -> Compute:
    """The whole region as one tensor-level computation over its outputs' index space."""
    region = placed.region
    shape = region.outputs[0].shape
    if any(output.shape != shape for output in region.outputs):
        raise CompileError(
            f"region '{region.name}': outputs have different shapes",
            cure="report it: the partition must split this region",
        )
    index = axis_variables(len(shape))
    inliner = Inliner(region)
    results = tuple((placed.view(output), inliner.at(output, index)) for output in region.outputs)
    operands = tuple(placed.view(value) for value in inliner.operands)
    return Compute(tuple(zip(index, shape, strict=True)), operands, results)


def lower_epilogue(region: Region, accumulator: DType) -> tuple[Expr, tuple[Value, ...]]:
    """What happens to the anchor's result at output index (i0, i1, …), and the operands it loads.

    `Acc(accumulator)` stands for the anchor's result. The region has one output of the anchor's
    shape.
    """
    if region.anchor is None:
        raise CompileError(
            f"region '{region.name}': no anchor", cure="report it: only anchored regions qualify"
        )
    index: Index = axis_variables(region.outputs[0].rank)
    inliner = Inliner(region)
    inliner.set(region.anchor.output, index, Acc(accumulator))
    expression = inliner.at(region.outputs[0], index)
    return expression, tuple(inliner.operands)
