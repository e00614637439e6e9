# SPDX-License-Identifier: Apache-2.0
"""Pools against windows in double precision, NaN included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.unit.targets.cpu.kernels.families import SPECS, execute, region_of, value
from tests.unit.targets.cpu.kernels.oracle import windows

from ingot import dims
from ingot.dims import Dim, symbol
from ingot.ir.graph import Node, Value
from ingot.ops.require import Require
from ingot.ops.table import OPS
from ingot.spec import DeviceSpec
from ingot.targets.cpu.kernels.pool import Pool

N, H, W = symbol("n"), symbol("h"), symbol("w")


@dataclass(frozen=True)
class Case:
    """One pool; `extra` is what ceil_mode lets windows reach beyond the padding."""

    x: tuple[Dim, ...]
    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...] = ()
    ceil_mode: bool = False
    binding: Mapping[str, int] = field(default_factory=dict)


CASES = [
    Case((1, 64, 13, 12), (3, 3), (2, 2), (1, 1, 1, 1)),
    Case((2, 7, 13, 12), (3, 2), (1, 2), (0, 0, 0, 0)),
    Case((2, 16, 8, 8), (3, 3), (2, 2), (0, 0, 0, 0), ceil_mode=True),
    Case((2, 8, 7, 7), (3, 2), (3, 2), (1, 0, 1, 1), ceil_mode=True),
    Case((2, 8, 11, 10), (3, 3), (1, 2), (2, 1, 2, 1), (2, 2)),
    Case((2, 150, 5, 6), (2, 2), (2, 2), (0, 0, 0, 0)),
    Case((2, 8, 11), (4,), (3,), (1, 2)),
    *(
        Case((N, 20, H, W), (3, 3), (2, 2), (1, 1, 1, 1), binding={"n": n, "h": h, "w": w})
        for n, h, w in ((1, 5, 7), (2, 8, 8), (2, 3, 40), (0, 4, 4))
    ),
]


def expected_of(
    case: Case, x: np.ndarray, counts: tuple[int, ...], mean: bool, padding: bool
) -> np.ndarray:
    rank = len(case.kernel)
    steps = case.dilations or (1,) * rank
    after = []
    for axis, count in enumerate(counts):
        reach = (count - 1) * case.strides[axis] + (case.kernel[axis] - 1) * steps[axis] + 1
        after.append(max(reach - x.shape[2 + axis] - case.pads[axis], case.pads[rank + axis]))
    pads = (*case.pads[:rank], *after)
    axes = tuple(range(-rank, 0))

    def fold(array: np.ndarray, fill: float) -> np.ndarray:
        seen = windows(array, case.kernel, case.strides, steps, pads, fill)
        cut = tuple(slice(0, count) for count in counts)
        return seen[(slice(None), slice(None), *cut)]

    if not mean:
        return fold(x, -np.inf).max(axes)
    ones = np.ones((1, 1, *x.shape[2:]))
    if padding:
        around = [(0, 0), (0, 0), *zip(case.pads[:rank], case.pads[rank:], strict=True)]
        ones = np.pad(ones, around, constant_values=1.0)
        pads = (0,) * rank + tuple(
            high - low for high, low in zip(after, case.pads[rank:], strict=True)
        )
    divisor = fold(ones, 0.0).sum(axes)
    pads = (*case.pads[:rank], *after)
    return fold(x, 0.0).sum(axes) / np.maximum(divisor, 1.0)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("kind", ["max", "mean", "mean with padding"])
def test_pool(case: Case, kind: str, spec: DeviceSpec, rng: np.random.Generator) -> None:
    x = value("x", *case.x)
    attributes = {
        "kernel": case.kernel, "strides": case.strides, "pads": case.pads,
        "dilations": case.dilations or (1,) * len(case.kernel), "ceil_mode": case.ceil_mode,
    }  # fmt: skip
    op = "max_pool" if kind == "max" else "average_pool"
    if kind != "max":
        attributes["count_include_pad"] = kind.endswith("padding")
    (made,) = OPS[op].infer([x.type], attributes, Require("pool"))
    node = Node(op, (x,), (Value("y", made),), attributes)
    array = rng.standard_normal([dims.evaluate(size, case.binding) for size in case.x])
    array = array.astype(np.float32)
    array.reshape(-1)[::97] = np.nan
    (got,) = execute(Pool(), region_of([node], node), {"x": array}, spec, binding=case.binding)
    counts = tuple(dims.evaluate(size, case.binding) for size in made.shape[2:])
    expected = expected_of(case, array, counts, kind != "max", kind.endswith("padding"))
    np.testing.assert_allclose(got, expected, rtol=2e-6, atol=1e-6)
