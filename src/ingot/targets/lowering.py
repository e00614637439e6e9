# SPDX-License-Identifier: Apache-2.0
"""From a region of the Graph to scalar expressions: fusing is inlining.

Each op's record says what its output is at an index, in terms of its inputs at other indices.
Reading an input that the region computes itself inlines that expression; reading any other becomes
a load. Targets call this from their candidates: whole regions for the generic loop kernel, the part
behind the accumulator for a hand-shaped family.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingot.dtypes import DType
from ingot.errors import CompileError
from ingot.ir.graph import Value
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Acc, Expr, Load, Var
from ingot.ops.lowering import pull
from ingot.ops.read import Read
from ingot.targets.base import Placed, Region


class Operands:
    """Values that expressions load, numbered by order of first use."""

    def __init__(self) -> None:
        self.numbers: dict[Value, int] = {}

    def leaves(self, values: Iterable[Value]) -> dict[Value, Read]:
        """A Read for each value whose elements are loads."""
        return {value: self._leaf(value) for value in values}

    def _leaf(self, value: Value) -> Read:
        def load(index: tuple[Expr, ...]) -> Expr:
            number = self.numbers.setdefault(value, len(self.numbers))
            return Load(number, index, value.dtype)

        return Read(value.shape, value.dtype, load)


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
    operands = Operands()
    reads = pull(region.nodes, operands.leaves(region.inputs))
    results = tuple((placed.view(output), reads[output](*index)) for output in region.outputs)
    views = tuple(placed.view(value) for value in operands.numbers)
    return Compute(tuple(zip(index, shape, strict=True)), views, results)


def lower_epilogue(region: Region, accumulator: DType) -> tuple[Expr, tuple[Value, ...]]:
    """What happens to the anchor's result at output index (i0, i1, …), and the operands it loads.

    `Acc(accumulator)` stands for the anchor's result. The region has one output of the anchor's
    shape.
    """
    if region.anchor is None:
        raise CompileError(
            f"region '{region.name}': no anchor", cure="report it: only anchored regions qualify"
        )
    result = region.anchor.outputs[0]
    operands = Operands()
    leaves = operands.leaves(region.inputs)
    leaves[result] = Read(result.shape, result.dtype, lambda index: Acc(accumulator))
    rest = [node for node in region.nodes if node is not region.anchor]
    expression = pull(rest, leaves)[region.outputs[0]](*axis_variables(result.rank))
    return expression, tuple(operands.numbers)
