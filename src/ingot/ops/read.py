# SPDX-License-Identifier: Apache-2.0
"""Read: a tensor as seen by a lowering, a function from an index to the scalar there.

Whether the scalar is a load from memory or the expression of another op makes no difference to
the reader; that is how fusion works. The rule that keeps fused code safe: the index given to a
Read lies within the tensor, always, even where a `where` discards the value. A lowering whose
index may leave the tensor clamps it (`clamped`) before it reads. A tensor of size 0 may be read at
index 0 by a discarded branch: targets keep one readable element at the start of every buffer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.dtypes import INT64, DType
from ingot.kernel.expr import Const, Expr, Load, Size, maximum, minimum


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """A tensor of `shape` and `dtype` whose element at an index is `at(index)`."""

    shape: tuple[Dim, ...]
    dtype: DType
    at: Callable[[tuple[Expr, ...]], Expr]

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __call__(self, *index: Expr) -> Expr:
        """The element at `index`, one expression per axis."""
        return self.at(index)

    def broadcast(self, index: Sequence[Expr]) -> Expr:
        """The element for an index of the broadcast shape: aligned right, axes of size 1 at 0."""
        tail = index[len(index) - self.rank :]
        return self.at(
            tuple(zero() if size == 1 else i for size, i in zip(self.shape, tail, strict=True))
        )


def loaded(operand: int, shape: tuple[Dim, ...], dtype: DType) -> Read:
    """The Read of operand number `operand` of a Compute."""
    return Read(shape, dtype, lambda index: Load(operand, index, dtype))


def zero() -> Expr:
    """The index 0."""
    return Const(0, INT64)


def extent(size: Dim) -> Expr:
    """A size as an index expression."""
    return Const(size, INT64) if isinstance(size, int) else Size(size)


def clamped(index: Expr, size: Dim) -> Expr:
    """`index` forced into [0, size); 0 where size is 0."""
    return maximum(minimum(index, extent(size) - 1), zero())
