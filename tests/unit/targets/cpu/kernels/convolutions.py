# SPDX-License-Identifier: Apache-2.0
"""Cases of convolutions with a bias, a residual and an activation, and how they are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from tests.unit.targets.cpu.kernels.families import execute, region_of, value
from tests.unit.targets.cpu.kernels.oracle import convolve, error

from ingot import dims
from ingot.dims import Dim, symbol
from ingot.dtypes import FLOAT32, DType
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Candidate, Order, Region

N, H, W = symbol("n"), symbol("h"), symbol("w")


@dataclass(frozen=True)
class Case:
    """One convolution; `plain` leaves out bias, residual and activation."""

    x: tuple[Dim, ...]
    weight: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...] = ()
    groups: int = 1
    plain: bool = False
    binding: Mapping[str, int] = field(default_factory=dict)
    order: Order | None = None
    dtype: DType = FLOAT32

    @property
    def steps(self) -> tuple[int, ...]:
        """The dilations, one an axis."""
        return self.dilations or (1,) * len(self.strides)

    @property
    def output(self) -> tuple[Dim, ...]:
        """The shape of the result."""
        rank = len(self.strides)
        spatial = [
            (self.x[2 + k] + self.pads[k] + self.pads[rank + k] - (size - 1) * self.steps[k] - 1)
            // self.strides[k]
            + 1
            for k, size in enumerate(self.weight[2:])
        ]
        return (self.x[0], self.weight[0], *spatial)

    def region(self) -> Region:
        """The convolution and what follows it."""
        dtype = self.dtype
        x, weight = value("x", *self.x, dtype=dtype), value("w", *self.weight, dtype=dtype)
        bias = value("b", self.weight[0], dtype=dtype)
        y = value("y", *self.output, dtype=dtype)
        attributes = {
            "strides": self.strides, "dilations": self.steps, "pads": self.pads,
            "group": self.groups,
        }  # fmt: skip
        if self.plain:
            node = Node("conv", (x, weight), (y,), attributes)
            return region_of([node], node, [weight])
        node = Node("conv", (x, weight, bias), (y,), attributes)
        residual, total, result = (
            value(name, *self.output, dtype=dtype) for name in ("res", "sum", "out")
        )
        add = Node("add", (y, residual), (total,))
        relu = Node("relu", (total,), (result,))
        return region_of([node, add, relu], node, [weight, bias])

    def check(
        self, family: Candidate, spec: DeviceSpec, rng: np.random.Generator, bound: float
    ) -> None:
        """Compare the family with the formula."""
        region = self.region()
        arrays = {
            entry.name: rng.standard_normal(
                [dims.evaluate(size, self.binding) for size in entry.shape]
            ).astype(self.dtype.numpy)
            for entry in region.inputs
        }
        layouts: dict[Value, View] = {}
        for entry in region.inputs:
            if entry.name == "x" and self.order is not None:
                layouts[entry] = View.dense("x", entry.dtype, entry.shape, self.order)
        (got,) = execute(family, region, arrays, spec, binding=self.binding, layouts=layouts)
        expected = convolve(
            arrays["x"], arrays["w"], self.strides, self.pads, self.steps, self.groups
        )
        if not self.plain:
            bias = arrays["b"].astype(np.float64).reshape(1, -1, *[1] * len(self.strides))
            expected = np.maximum(expected + bias + arrays["res"].astype(np.float64), 0)
        assert error(got, expected) <= bound


def bound_sizes(*sizes: tuple[int, int, int]) -> list[dict[str, int]]:
    """Values for batch, height and width."""
    return [{"n": n, "h": h, "w": w} for n, h, w in sizes]
