# SPDX-License-Identifier: Apache-2.0
"""A View says where a tensor lies: a buffer, an element type, sizes, strides and an offset.

Strides and the offset count elements, not bytes, so a view of any layout (channels last, a slice of
a larger tensor, a broadcast with stride 0) is the same kind of value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.dtypes import DType


@dataclass(frozen=True, slots=True)
class View:
    """Elements of type `dtype` at `offset + sum(index[k] * strides[k])` of `buffer`."""

    buffer: str
    dtype: DType
    shape: tuple[Dim, ...]
    strides: tuple[Dim, ...]
    offset: Dim = 0

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @classmethod
    def dense(
        cls,
        buffer: str,
        dtype: DType,
        shape: Sequence[Dim],
        order: Sequence[int] | None = None,
    ) -> View:
        """A gapless view; `order` lists the axes outermost first, row-major when it is None."""
        axes = tuple(range(len(shape))) if order is None else tuple(order)
        return cls(buffer, dtype, tuple(shape), dense_strides(shape, axes))


def dense_strides(shape: Sequence[Dim], order: Sequence[int]) -> tuple[Dim, ...]:
    """Strides in elements of a gapless tensor whose axes lie in memory as `order` lists them.

    An empty axis steps like one of size 1: a stride of 0 would look like a repeated element.
    """
    strides: list[Dim] = [0] * len(shape)
    step: Dim = 1
    for axis in reversed(tuple(order)):
        strides[axis] = step
        step = step * (shape[axis] if shape[axis] != 0 else 1)
    return tuple(strides)
