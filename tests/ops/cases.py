# SPDX-License-Identifier: Apache-2.0
"""Cases made from the op table: op x element type x example, with random data from its own seed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from ingot.dtypes import INT64, DType
from ingot.ir.graph import Array, Graph, Node, SymbolRange
from ingot.ops import OPS, Builder, Example, Op, bound_attributes


@dataclass(frozen=True)
class Case:
    """One op, one element type, one example."""

    op: Op
    dtype: DType
    example: Example
    number: int

    def __str__(self) -> str:
        return f"{self.op.name}-{self.dtype.name}-{self.number}-{self.example}"

    def arrays(self) -> list[Array | None]:
        """The inputs, the same ones at every call."""
        rng = np.random.default_rng(zlib.crc32(str(self).encode()))
        return [
            None if sample is None else sample.array(self.dtype, self.example.binding, rng)
            for sample in self.example.inputs
        ]

    def graph(self) -> Graph:
        """The one-node graph, with symbols unbound."""
        ranges = {name: SymbolRange(0, 1024) for name in self.example.binding}
        builder = Builder(self.op.name, symbols=ranges)
        specs = self.op.specs(len(self.example.inputs))
        inputs = [
            None
            if sample is None
            else builder.input(f"{spec.name}{k}", sample.dtype or self.dtype, sample.shape)
            for k, (spec, sample) in enumerate(zip(specs, self.example.inputs, strict=True))
        ]
        attributes = dict(self.example.attributes)
        return builder.finish(builder.outputs(self.op.name, *inputs, names=("y",), **attributes))

    def node(self) -> Node:
        """The node of the graph."""
        return self.graph().nodes[0]

    def attributes(self) -> dict[str, object]:
        """Complete attributes with symbols bound."""
        complete = self.op.complete(self.example.attributes, self.op.name)
        return bound_attributes(complete, self.example.binding)


def domain(op: Op) -> tuple[DType, ...]:
    """The element types under test: those of the type variable T."""
    for spec in op.inputs:
        if spec.variable == "T":
            return spec.domain
    return (INT64,)


def cases() -> list[Case]:
    """Every case of the table."""
    return [
        Case(op, dtype, example, number)
        for op in OPS.values()
        for number, example in enumerate(op.examples)
        for dtype in (example.only or domain(op))
        if dtype in domain(op)
    ]
