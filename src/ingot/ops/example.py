# SPDX-License-Identifier: Apache-2.0
"""Examples and bounds: the data from which the tests of every op and target are generated.

An Example says which tensors an op is tried on; arrays are random within the stated range, from a
given generator, so that no result is right by accident. A Bound says how far off is still right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes
import numpy as np

from ingot.dims import Dim, evaluate
from ingot.dtypes import BOOL, DType
from ingot.ir.graph import Array


@dataclass(frozen=True)
class Sample:
    """One input tensor: its shape, its range of values, and its type (None: the one under test).

    Values are uniform in [low, high]. `distinct` draws without repetition along the last axis;
    `least` keeps magnitudes away from zero; `values` gives the elements outright.
    """

    shape: tuple[Dim, ...]
    dtype: DType | None = None
    low: float = -4.0
    high: float = 4.0
    least: float = 0.0
    values: tuple[float, ...] | None = None

    def sizes(self, binding: Mapping[str, int]) -> tuple[int, ...]:
        """The shape with symbols bound."""
        return tuple(evaluate(size, binding) for size in self.shape)

    def array(self, dtype: DType, binding: Mapping[str, int], rng: np.random.Generator) -> Array:
        """Elements of type `self.dtype or dtype`, drawn from `rng`."""
        dtype = self.dtype or dtype
        shape = self.sizes(binding)
        if self.values is not None:
            return np.array(self.values).reshape(shape).astype(dtype.numpy)
        if dtype == BOOL:
            return rng.integers(0, 2, shape).astype(np.bool_)
        if dtype.is_integer:
            return self._integers(dtype, shape, rng)
        drawn = rng.uniform(self.low, self.high, shape)
        near = np.abs(drawn) < self.least
        return np.where(near, np.copysign(self.least, drawn), drawn).astype(dtype.numpy)

    def _integers(self, dtype: DType, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
        low = max(int(np.ceil(self.low)), 0 if not dtype.is_signed else int(self.low))
        drawn = rng.integers(low, max(int(self.high), low), shape, endpoint=True)
        near = np.abs(drawn) < self.least
        return np.where(near, int(np.ceil(self.least)), drawn).astype(dtype.numpy)


@dataclass(frozen=True)
class Example:
    """One trial of an op: its inputs (None where absent), attributes, and a binding of symbols.

    `only` limits the element types under test; empty means all that the record allows.
    """

    inputs: tuple[Sample | None, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    binding: Mapping[str, int] = field(default_factory=dict)
    only: tuple[DType, ...] = ()

    def __str__(self) -> str:
        shapes = (
            "none" if sample is None else "x".join(map(str, sample.shape)) or "scalar"
            for sample in self.inputs
        )
        return ",".join(shapes)


@dataclass(frozen=True)
class Bound:
    """An element is right where |got - want| <= relative |want| + absolute + norm max |want|.

    In a record the three are in units of the element type's epsilon; `scaled` makes them plain
    numbers. All three 0 demands equality. NaN is right where NaN is wanted, infinity likewise.
    """

    relative: float = 0.0
    absolute: float = 0.0
    norm: float = 0.0

    def scaled(self, dtype: DType) -> Bound:
        """The bound in plain numbers for results of type `dtype`; integers are exact."""
        if not dtype.is_float:
            return Bound()
        information: Any = ml_dtypes.finfo
        epsilon = float(information(dtype.numpy).eps)
        return Bound(self.relative * epsilon, self.absolute * epsilon, self.norm * epsilon)

    def excess(self, got: Array, want: Array) -> float:
        """The largest error over what is allowed there: at most 1.0 where `got` is right."""
        if got.shape != want.shape or got.dtype != want.dtype:
            return float("inf")
        if not want.size or np.array_equal(got, want):
            return 0.0
        g, w = got.astype(np.float64), want.astype(np.float64)
        finite = np.isfinite(w)
        if not np.array_equal(np.where(finite, 0.0, g), np.where(finite, 0.0, w), equal_nan=True):
            return float("inf")
        magnitude = np.abs(np.where(finite, w, 0.0))
        allowed = self.relative * magnitude + self.absolute + self.norm * magnitude.max()
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.abs(np.where(finite, g - w, 0.0))
            ratio = np.where(error == 0, 0.0, error / allowed)
        return float("inf") if np.isnan(ratio).any() else float(ratio.max())
