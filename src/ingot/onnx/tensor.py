# SPDX-License-Identifier: Apache-2.0
"""What the reader knows of one tensor of the model while it reads.

A small tensor whose elements are known, as numbers or as symbolic sizes, carries them as
`elements`; shape arithmetic then happens here and leaves no nodes behind. The value in the Graph is
made only when a node needs the tensor itself.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from ingot.dims import Dim, Expression
from ingot.dtypes import from_numpy
from ingot.ir.graph import Array, TensorType, Value

# An element is a bool, int, float or symbolic size; a `Ratio` where a size went through floats.
Elements: TypeAlias = np.ndarray[Any, np.dtype[np.object_]]


class Ratio:
    """A symbolic size times a constant fraction: what becomes of a size in float arithmetic."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: Dim, denominator: int) -> None:
        self.numerator = numerator
        self.denominator = denominator

    @staticmethod
    def of(numerator: Dim, denominator: int) -> Dim | float | Ratio:
        """The simplest form of `numerator / denominator`."""
        if isinstance(numerator, int):
            return float(Fraction(numerator, denominator))
        if (numerator % denominator) == 0:
            return numerator // denominator
        return Ratio(numerator, denominator)


class Tensor:
    """A tensor by its name in the model, its type, and what is known of its elements."""

    __slots__ = ("_make", "_value", "elements", "name", "parts", "type")

    def __init__(
        self,
        name: str,
        type_: TensorType,
        value: Value | None = None,
        elements: Elements | None = None,
        make: Callable[[], Value] | None = None,
        parts: tuple[Tensor, ...] | None = None,
    ) -> None:
        """`make` gives the value when it is first needed, where `value` is not given.

        `parts` are the tensors of a list whose length is known while reading.
        """
        self.name = name
        self.type = type_
        self.elements = elements
        self.parts = parts
        self._value = value
        self._make = make

    @property
    def value(self) -> Value:
        """The tensor in the Graph, made now if it was not yet."""
        if self._value is None:
            assert self._make is not None
            self._value = self._make()
        return self._value

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The symbolic shape."""
        return self.type.shape


def elements_of(array: Array) -> Elements:
    """The elements of a NumPy array as plain Python numbers."""
    dtype = from_numpy(array.dtype)
    if dtype.is_float:
        array = array.astype(np.float64)
    elif dtype.bits < 8 and dtype.is_integer:
        array = array.astype(np.int8)
    result = np.empty(array.shape, object)
    result[...] = array.astype(object)
    return result


def is_size(element: object) -> bool:
    """Whether an element is a size: an int or a symbolic expression."""
    return isinstance(element, int | Expression)
