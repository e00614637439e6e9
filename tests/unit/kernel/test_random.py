# SPDX-License-Identifier: Apache-2.0
"""Random computes, compiled for every CPU that runs here, against their NumPy meaning.

Shapes, layouts, slices, broadcasts, open sizes, element types, reductions at random depths.
"""

from __future__ import annotations

import os

import numpy as np
import pytest
from tests.unit.kernel import native

from ingot import dims
from ingot.dims import Dim, symbol
from ingot.dtypes import FLOAT16, FLOAT32, FLOAT64, INT8, INT32, INT64, DType
from ingot.kernel import evaluate, expr
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Expr, Load, ReduceKind, Var
from ingot.kernel.view import View, dense_strides

SPECS = native.host_specs()
CASES = int(os.environ.get("INGOT_KERNEL_CASES", "40"))
SIZES = (1, 2, 3, 5, 8, 9, 16, 17, 33, 70)
Axes = list[tuple[Var, Dim]]


class Maker:
    """Makes one random compute and its operands."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.sizes: dict[str, int] = {}
        self.views: list[View] = []
        self.arrays: list[np.ndarray] = []
        self.budget = 30_000

    def extent(self) -> Dim:
        size = int(self.rng.choice([s for s in SIZES if s <= max(1, self.budget)]))
        self.budget //= size
        if self.rng.random() < 0.3:
            name = f"n{len(self.sizes)}"
            self.sizes[name] = size
            return symbol(name)
        return size

    def axes(self, prefix: str, least: int, most: int) -> Axes:
        count = int(self.rng.integers(least, most + 1))
        return [(Var(f"{prefix}{k}"), self.extent()) for k in range(count)]

    def number(self, dim: Dim) -> int:
        return dims.evaluate(dim, self.sizes)

    def layout(self, name: str, shape: list[Dim], dtype: DType, gaps: bool) -> View:
        order = self.rng.permutation(len(shape))
        if self.rng.random() < 0.4:
            order = np.arange(len(shape))
        padded: list[Dim] = list(shape)
        offset: Dim = 0
        if gaps and shape and self.rng.random() < 0.3:
            axis = int(self.rng.integers(len(shape)))
            padded[axis] = shape[axis] + 3
            offset = 2
        strides = dense_strides(padded, [int(axis) for axis in order])
        return View(name, dtype, tuple(shape), strides, offset)

    def load(self, axes: Axes, dtype: DType) -> Expr:
        """Some of the axes, each perhaps broadcast, shifted or turned around."""
        chosen = [axis for axis in axes if self.rng.random() < 0.75]
        chosen = [chosen[int(k)] for k in self.rng.permutation(len(chosen))]
        shape: list[Dim] = []
        index: list[Expr] = []
        for var, extent in chosen:
            kind = self.rng.random()
            if kind < 0.1:
                shape.append(1)
                index.append(expr.constant(0, INT64))
            elif kind < 0.2:
                shape.append(extent)
                index.append(expr.Size(extent) - 1 - var)
            elif kind < 0.3:
                shape.append(extent * 2 + 1)
                index.append(var * 2 + 1)
            elif kind < 0.4:
                divisor = int(self.rng.choice([2, 3, 4, 8]))
                shape.append(dims.ceil_div(extent, divisor))
                index.append(var // divisor)
            elif kind < 0.5:
                divisor = int(self.rng.choice([2, 3, 4, 8]))
                shape.append(divisor)
                index.append(var % divisor)
            else:
                shape.append(extent)
                index.append(var)
        self.views.append(self.layout(f"x{len(self.views)}", shape, dtype, gaps=True))
        numbers = [dims.evaluate(dim, self.sizes) for dim in shape]
        if dtype.is_float:
            array = self.rng.uniform(0.5, 2, numbers).astype(dtype.numpy)
        else:
            array = self.rng.integers(-4, 5, numbers).astype(dtype.numpy)
        self.arrays.append(array)
        return Load(len(self.views) - 1, index, dtype)

    def value(self, axes: Axes, dtype: DType, depth: int, folds: int) -> Expr:
        pick = self.rng.random()
        if depth == 0 or pick < 0.15:
            return self.load(axes, dtype)
        if pick < 0.4 and folds:
            inner = self.axes(f"r{depth}_{len(self.views)}_", 1, 2)
            body = self.value([*axes, *inner], dtype, depth - 1, folds - 1)
            kinds: tuple[ReduceKind, ...] = ("sum", "max", "min")
            return expr.reduce(kinds[int(self.rng.integers(3))], inner, body)
        if pick < 0.5:
            other = (FLOAT32, INT32, FLOAT64)[int(self.rng.integers(3))]
            return expr.cast(self.value(axes, other, depth - 1, folds), dtype)
        if pick < 0.6:
            var, extent = axes[int(self.rng.integers(len(axes)))]
            cut = int(self.rng.integers(0, self.number(extent) + 1))
            arms = [self.value(axes, dtype, depth - 1, folds) for _ in range(2)]
            return expr.where(var < cut, *arms)
        if pick < 0.7 and dtype.is_float:
            return expr.sqrt(expr.abs(self.value(axes, dtype, depth - 1, folds)))
        operator = (expr.add, expr.mul, expr.maximum, expr.minimum)[int(self.rng.integers(4))]
        return operator(*(self.value(axes, dtype, depth - 1, folds) for _ in range(2)))

    def compute(self) -> Compute:
        axes = self.axes("i", 1, 4)
        results = []
        for number in range(int(self.rng.integers(1, 3))):
            types = (FLOAT32, FLOAT32, FLOAT16, FLOAT64, INT8, INT64)
            dtype = types[int(self.rng.integers(len(types)))]
            value = self.value(axes, dtype, 3, 2)
            view = self.layout(f"y{number}", [extent for _, extent in axes], dtype, gaps=False)
            results.append((view, value))
        return Compute(tuple(axes), tuple(self.views), tuple(results))


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("case", range(CASES))
def test_random_compute(spec: str, case: int, rng: np.random.Generator) -> None:
    maker = Maker(rng)
    compute = maker.compute()
    found, status = native.run(compute, spec, maker.arrays, maker.sizes)
    assert status == [0, 0, 0]
    expected = evaluate.run(compute, maker.arrays, maker.sizes)
    for one, other, (view, _) in zip(found, expected, compute.results, strict=True):
        if not view.dtype.is_float:
            near = np.abs(one.astype(np.float64) - other) <= 1e-5 * np.abs(other.astype(np.float64))
            assert np.mean(near) > 0.99, "integers from rounded floats may differ by chance only"
            continue
        a, b = one.astype(np.float64), other.astype(np.float64)
        bound = {16: 4e-3, 32: 2e-5, 64: 2e-5}[view.dtype.bits]
        with np.errstate(invalid="ignore"):
            same = (a == b) | (np.abs(a - b) <= bound * np.maximum(np.abs(b), 1e-3))
        assert np.all(same | (np.isnan(a) & np.isnan(b)))
