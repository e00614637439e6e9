# SPDX-License-Identifier: Apache-2.0
"""How often sequences of tokens occur in rows of tokens."""

from __future__ import annotations

import numpy as np

from ingot.dtypes import INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel.expr import Const, Expr, Size, cast, equal, logical_and, maximum, reduce
from ingot.ops.axes import fold_variables
from ingot.ops.domains import BATCH, INDICES
from ingot.ops.example import Example, Sample
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped
from ingot.ops.require import Require


def _infer(require: Require, x: TensorType, pool: TensorType, *, distance: int) -> TensorType:
    require.that(x.rank == pool.rank == 2, "x is [rows, tokens], the pool [sequences, length]")
    length = pool.shape[1]
    require.that(isinstance(length, int) and length >= 1, "the length of sequences must be known")
    require.that(distance >= 1, f"tokens {distance} apart are no sequence")
    return TensorType(INT64, (x.shape[0], pool.shape[0]))


def _count(x: Array, pool: Array, *, distance: int) -> Array:
    length = pool.shape[1]
    starts = max(x.shape[1] - (length - 1) * distance, 0)
    found = np.ones((x.shape[0], pool.shape[0], starts), np.bool_)
    for k in range(length):
        token = x[:, None, k * distance : k * distance + starts]
        found &= token == pool[:, k][None, :, None]
    return np.asarray(found.sum(axis=2, dtype=np.int64))


def _lower(index: Index, x: Read, pool: Read, *, distance: int) -> Expr:
    (start,) = fold_variables(index, 1)
    row, entry = index
    length = pool.shape[1]
    assert isinstance(length, int)
    starts = maximum(Size(x.shape[1]) - (length - 1) * distance, 0)
    found = start < starts
    for k in range(length):
        token = x(row, clamped(start + k * distance, x.shape[1]))
        found = logical_and(found, equal(token, pool(entry, Const(k, INT64))))
    return reduce("sum", ((start, x.shape[1]),), cast(found, INT64))


COUNT_NGRAMS = Op(
    name="count_ngrams", kind="index",
    inputs=(InputSpec("x", INDICES), InputSpec("pool", INDICES)),
    attributes=(AttributeSpec("distance", "int", 1, doc="how far tokens of a sequence lie apart"),),
    infer_rule=_infer, evaluate_rule=_count, lower_rule=_lower,
    doc="For each row of x and each sequence of the pool, how often it occurs there.",
    examples=tuple(
        Example((Sample(x, low=0, high=2), Sample(pool, low=0, high=2)),
                {"distance": distance}, {"batch": 3})
        for x, pool, distance in (
            ((2, 30), (5, 2), 1), ((1, 20), (3, 1), 1), ((2, 25), (4, 3), 4), ((3, 2), (2, 3), 1),
            ((0, 5), (2, 1), 1), ((2, 0), (2, 1), 1), ((2, 6), (0, 2), 1), ((BATCH, 12), (3, 2), 2),
        )
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (COUNT_NGRAMS,)
