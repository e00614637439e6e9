# SPDX-License-Identifier: Apache-2.0
"""How the record of an elementwise op follows from its one scalar expression.

The expression gives the type of the result, the NumPy meaning and the lowering; inputs broadcast.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import count
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

    An input given by name only takes the types of `domain`. For an optional one that is absent
    `scalar` gets None.
    """

    @cache
    def result_dtype(
        dtypes: tuple[DType | None, ...], values: tuple[tuple[str, Any], ...]
    ) -> DType:
        return scalar(*_leaves(dtypes), **dict(values)).dtype

    def infer(require: Require, *types: TensorType | None, **values: Any) -> TensorType:
        dtypes = tuple(None if type_ is None else type_.dtype for type_ in types)
        dtype = result_dtype(dtypes, tuple(values.items()))
        return TensorType(dtype, require.broadcast([t.shape for t in types if t is not None]))

    def numpy(*arrays: Array | None, **values: Any) -> Array:
        leaves = _leaves([None if a is None else from_numpy(a.dtype) for a in arrays])
        given = [array for array in arrays if array is not None]
        return evaluate_scalar(scalar(*leaves, **values), given)

    def lower(index: tuple[Expr, ...], *reads: Read | None, **values: Any) -> Expr:
        leaves = (None if read is None else read.broadcast(index) for read in reads)
        return scalar(*leaves, **values)

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


def _leaves(dtypes: Sequence[DType | None]) -> list[Expr | None]:
    """A load for each tensor, numbered by those that are there."""
    numbers = count()
    return [None if dtype is None else Load(next(numbers), (), dtype) for dtype in dtypes]


def evaluate_scalar(expr: Expr, arrays: Sequence[Array]) -> Array:
    """`expr` over whole arrays that broadcast, rounded once to its type."""
    values = evaluate(expr, Environment(operands=arrays))
    shape = np.broadcast_shapes(*(array.shape for array in arrays))
    return np.array(np.broadcast_to(rounded(values, expr.dtype), shape))
