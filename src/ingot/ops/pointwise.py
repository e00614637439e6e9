# SPDX-License-Identifier: Apache-2.0
"""How the record of an elementwise op follows from its one scalar expression.

The expression gives the type of the result, the NumPy meaning and the lowering; inputs broadcast.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ingot.dtypes import DType, from_numpy
from ingot.ir.graph import Array, TensorType
from ingot.kernel.evaluate import Environment, evaluate, rounded
from ingot.kernel.expr import Expr, Load
from ingot.ops.domains import REALS, unary
from ingot.ops.example import Bound, Example
from ingot.ops.op import AttributeSpec, Body, InputSpec, Op, ScalarRule
from ingot.ops.read import Read
from ingot.ops.require import Require


def elementwise(
    name: str,
    scalar: ScalarRule,
    *,
    doc: str,
    inputs: Sequence[str | InputSpec] = ("x",),
    domain: tuple[DType, ...] = REALS,
    attributes: tuple[AttributeSpec, ...] = (),
    examples: tuple[Example, ...] | None = None,
    precision: Bound | None = None,
    body: Body | None = None,
    commutative: bool = False,
    can_fault: bool = False,
) -> Op:
    """The record of `name`, whose element is `scalar(*elements, **attributes)`.

    An input given by name only takes the types of `domain`.
    """

    @cache
    def result_dtype(dtypes: tuple[DType, ...], values: tuple[tuple[str, Any], ...]) -> DType:
        return scalar(*_leaves(dtypes), **dict(values)).dtype

    def infer(require: Require, *types: TensorType, **values: Any) -> TensorType:
        dtype = result_dtype(tuple(type_.dtype for type_ in types), tuple(values.items()))
        return TensorType(dtype, require.broadcast([type_.shape for type_ in types]))

    def numpy(*arrays: Array, **values: Any) -> Array:
        leaves = _leaves([from_numpy(array.dtype) for array in arrays])
        return evaluate_scalar(scalar(*leaves, **values), arrays)

    def lower(index: tuple[Expr, ...], *reads: Read, **values: Any) -> Expr:
        return scalar(*(read.broadcast(index) for read in reads), **values)

    return Op(
        name=name,
        kind="elementwise",
        inputs=tuple(
            InputSpec(entry, domain) if isinstance(entry, str) else entry for entry in inputs
        ),
        infer_rule=infer,
        doc=doc,
        attributes=attributes,
        evaluate_rule=numpy,
        lower_rule=lower,
        scalar=scalar,
        body=body,
        examples=unary() if examples is None else examples,
        precision=precision or Bound(),
        commutative=commutative,
        can_fault=can_fault,
    )


def _leaves(dtypes: Sequence[DType]) -> list[Expr]:
    return [Load(position, (), dtype) for position, dtype in enumerate(dtypes)]


def evaluate_scalar(expr: Expr, arrays: Sequence[Array]) -> Array:
    """`expr` over whole arrays that broadcast, rounded once to its type."""
    values = evaluate(expr, Environment(operands=arrays))
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    return np.array(np.broadcast_to(rounded(values, expr.dtype), shape))
