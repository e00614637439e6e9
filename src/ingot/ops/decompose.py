# SPDX-License-Identifier: Apache-2.0
"""Composites read forwards: the body of a record written out as nodes.

Legalisation calls `decompose` for what a target has no kernel for, `ops.evaluate` and
`ops.lowering` use `body_graph`. Bodies compute in fp32 at least: half-precision inputs are widened
on the way in and results narrowed once on the way out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ingot.dtypes import FLOAT32, FLOAT64, DType
from ingot.errors import GraphError
from ingot.ir.graph import Graph, Node, TensorType, Value
from ingot.ops.build import Builder, record


class Formula:
    """The ops as methods, as bodies and rules write them: `o.add(x, 0.5)`."""

    def __init__(self, make: Callable[..., Any]) -> None:
        """`make(op, *operands, **attributes)` applies one op."""
        self._make = make

    def __getattr__(self, op: str) -> Callable[..., Any]:
        return partial(self._make, op)


def decompose(node: Node, builder: Builder, wide: DType | None = None) -> tuple[Value, ...]:
    """Append the body of the composite `node` to `builder`; return values for its outputs.

    `wide` is the type that floats are computed in: at least fp32 if not given.
    """
    op = record(node.op)
    if op.body is None:
        raise GraphError(f"{node.op} '{node.name}': the op is no composite, it has no body")
    make = partial(builder.node, origin=node.origin, made_by=node.op)
    inputs = [_widened(make, value, wide) for value in node.inputs]
    padded = (*inputs, *[None] * (len(op.inputs) - len(inputs)))
    made = op.body(Formula(make), *padded, **node.attributes)
    results = made if isinstance(made, tuple) else (made,)
    return tuple(
        value if value.dtype == output.dtype else make("cast", value, to=output.dtype)
        for value, output in zip(results, node.outputs, strict=True)
    )


def body_graph(
    name: str,
    types: Sequence[TensorType | None],
    attributes: Mapping[str, Any],
    wide: DType | None = None,
) -> Graph:
    """The body of the composite op `name` for inputs of `types` as a graph of its own.

    Its inputs are the tensors that are not None, in order; outputs have the type computed in.
    """
    op = record(name)
    builder = Builder(name)
    inputs = [
        None if type_ is None else builder.input(spec.name, type_.dtype, type_.shape)
        for spec, type_ in zip(op.specs(len(types)), types, strict=True)
    ]
    values = [_widened(builder.node, value, wide) for value in inputs]
    padded = (*values, *[None] * (len(op.inputs) - len(values)))
    assert op.body is not None
    made = op.body(Formula(builder.node), *padded, **attributes)
    return builder.finish(made if isinstance(made, tuple) else (made,))


def _widened(make: Callable[..., Any], value: Value | None, wide: DType | None) -> Value | None:
    if value is None or not value.dtype.is_float:
        return value
    target = wide or (value.dtype if value.dtype in (FLOAT32, FLOAT64) else FLOAT32)
    return value if value.dtype == target else make("cast", value, to=target)
