# SPDX-License-Identifier: Apache-2.0
"""Matrix product, batched, with NumPy's rules for vectors and leading axes."""

from __future__ import annotations

import numpy as np

from ingot.ir.graph import Array, TensorType
from ingot.kernel.expr import Const, Expr, Reduce
from ingot.ops.axes import fold_variables
from ingot.ops.domains import BATCH, INTS, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.op import Index, InputSpec, Op
from ingot.ops.read import Read
from ingot.ops.require import Require, Shape

ACCUMULATED = Bound(relative=1, norm=6)


def _infer(require: Require, a: TensorType, b: TensorType) -> TensorType:
    require.that(a.rank > 0 and b.rank > 0, "a and b must have an axis to multiply along")
    rows, columns = a.shape[:-1][-1:], b.shape[1:][-1:] if b.rank > 1 else ()
    inner = b.shape[-2] if b.rank > 1 else b.shape[0]
    require.equal(a.shape[-1], inner, "columns of a and rows of b", "transpose one of them")
    batch = require.broadcast([a.shape[:-2], b.shape[:-2]])
    return TensorType(a.dtype, (*batch, *rows, *columns))


def product_over_last(a: Array, b: Array) -> Array:
    """Σ_k a[..., m, k] · b[..., n, k] in the arrays' own type, without BLAS."""
    if 0 in (*a.shape, *b.shape):
        batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
        return np.zeros((*batch, a.shape[-2], b.shape[-2]), a.dtype)
    return np.asarray(np.einsum("...mk,...nk->...mn", a, b, optimize=False))


def widened(x: Array) -> Array:
    """Floats in fp64, integers as they are."""
    return x if x.dtype.kind in "iub" else x.astype(np.float64)


def _evaluate(a: Array, b: Array) -> Array:
    left = widened(a if a.ndim > 1 else a[None, :])
    right = np.ascontiguousarray(np.swapaxes(widened(b if b.ndim > 1 else b[:, None]), -1, -2))
    with np.errstate(all="ignore"):
        result = product_over_last(left, right).astype(a.dtype)
    result = result if a.ndim > 1 else result[..., 0, :]
    return result if b.ndim > 1 else result[..., 0]


def _batch(read: Read, index: Index) -> Index:
    """The leading axes of an operand for the leading axes of the result."""
    count = max(read.rank - 2, 0)
    sizes: Shape = read.shape[:count]
    tail = index[len(index) - count :] if count else ()
    return tuple(Const(0, i.dtype) if s == 1 else i for s, i in zip(sizes, tail, strict=True))


def _lower(index: Index, a: Read, b: Read) -> Expr:
    (k,) = fold_variables(index, 1)
    column = index[-1:] if b.rank > 1 else ()
    rest = index[: len(index) - len(column)]
    row = rest[-1:] if a.rank > 1 else ()
    batch = rest[: len(rest) - len(row)]
    body = a(*_batch(a, batch), *row, k) * b(*_batch(b, batch), k, *column)
    return Reduce("sum", ((k, a.shape[-1]),), body)


MATMUL = Op(
    name="matmul", kind="contract",
    inputs=(InputSpec("a", (*REALS, *INTS)), InputSpec("b", (*REALS, *INTS))),
    infer_rule=_infer, evaluate_rule=_evaluate, lower_rule=_lower, precision=ACCUMULATED,
    doc="Σ_k a[…, m, k] · b[…, k, n]; a vector acts as a row (a) or a column (b); leading axes "
    "broadcast.",
    examples=tuple(
        Example((Sample(a, high=3, low=-3), Sample(b, high=3, low=-3)), {}, {"batch": 3})
        for a, b in (
            ((5, 37), (37, 19)), ((1, 8), (8, 33)), ((2, 3, 7), (2, 7, 5)), ((7,), (7,)),
            ((2, 4, 3), (3, 5)), ((4, 3), (2, 1, 3, 5)), ((9,), (9, 6)), ((2, 4, 6), (6,)),
            ((2, 0), (0, 3)), ((0, 4), (4, 2)), ((BATCH, 6), (6, 7)), ((2, BATCH), (BATCH, 3)),
            ((BATCH, 2, 5), (1, 5, 4)), ((48, 130), (130, 50)), ((129, 257), (257, 96)),
        )
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (MATMUL,)
