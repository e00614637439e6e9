# SPDX-License-Identifier: Apache-2.0
"""Products with packed weights against the codes unpacked one by one, on every kind of CPU."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.unit.targets.cpu.kernels.families import AVX2, SPECS, execute, region_of, value
from tests.unit.targets.cpu.kernels.oracle import error

from ingot import dims
from ingot.dims import Dim, symbol
from ingot.dtypes import FLOAT16, FLOAT32, UINT8, DType
from ingot.ir.graph import Node
from ingot.spec import DeviceSpec
from ingot.targets.cpu.kernels.blocks import BlockMatMul

R = symbol("r")


@dataclass(frozen=True)
class Case:
    """Rows, depth and columns; bits of a code and codes of a block; whether there are zeros."""

    rows: Dim
    depth: int
    columns: int
    bits: int
    block: int
    zeros: bool = False
    dtype: DType = FLOAT32
    binding: Mapping[str, int] = field(default_factory=dict)


CASES = [
    Case(1, 64, 48, 4, 32),
    Case(1, 64, 17, 4, 32, zeros=True),
    Case(3, 40, 33, 4, 16, zeros=True),
    Case(19, 64, 70, 4, 32),
    Case(2, 96, 20, 8, 32, zeros=True),
    Case(5, 64, 5, 2, 16),
    Case(2, 128, 40, 4, 64, dtype=FLOAT16),
    Case(8, 64, 24, 4, 32, zeros=True),
    Case(23, 88, 45, 4, 16, zeros=True, dtype=FLOAT16),
    Case(75, 600, 310, 4, 32),
    Case(9, 96, 3, 8, 32),
    *(Case(R, 32, 24, 4, 16, zeros=True, binding={"r": rows}) for rows in (0, 1, 2, 7, 8, 11)),
]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_product(case: Case, spec: DeviceSpec, rng: np.random.Generator) -> None:
    blocks = -(-case.depth // case.block)
    x = value("x", case.rows, case.depth, dtype=case.dtype)
    codes = value("codes", case.columns, blocks, case.block * case.bits // 8, dtype=UINT8)
    inputs = [x, codes, value("scales", case.columns, blocks, dtype=case.dtype)]
    if case.zeros:
        inputs.append(value("zeros", case.columns, blocks, dtype=UINT8))
    result = value("y", case.rows, case.columns, dtype=case.dtype)
    attributes = {"bits": case.bits, "block": case.block}
    node = Node("block_matmul", tuple(inputs), (result,), attributes)
    region = region_of([node], node, inputs[1:])
    rows = dims.evaluate(case.rows, case.binding)
    kind = case.dtype.numpy
    arrays = {
        "x": rng.standard_normal((rows, case.depth)).astype(kind),
        "codes": rng.integers(0, 256, codes.shape).astype(np.uint8),
        "scales": rng.uniform(0.1, 1.0, (case.columns, blocks)).astype(kind),
        "zeros": rng.integers(0, 1 << case.bits, (case.columns, blocks)).astype(np.uint8),
    }
    if not case.zeros:
        del arrays["zeros"]
    (got,) = execute(BlockMatMul(), region, arrays, spec, binding=case.binding)
    bound = 2e-6 if case.dtype is FLOAT32 else 2e-3
    assert error(got, expected_of(case, arrays)) <= bound


def expected_of(case: Case, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """x times the weights, in float64."""
    bits = np.unpackbits(arrays["codes"], axis=-1, bitorder="little")
    bits = bits.reshape(*bits.shape[:2], case.block, case.bits).astype(np.float64)
    levels = (bits * 2.0 ** np.arange(case.bits)).sum(-1)
    middle = np.full(levels.shape[:2], 2.0 ** (case.bits - 1))
    zeros = arrays.get("zeros", middle).astype(np.float64)
    weights = (levels - zeros[..., None]) * arrays["scales"].astype(np.float64)[..., None]
    columns = weights.reshape(case.columns, -1)[:, : case.depth]
    return np.asarray(arrays["x"].astype(np.float64) @ columns.T)


def test_refusals() -> None:
    x, codes = value("x", 1, 32), value("codes", 4, 2, 8, dtype=UINT8)
    inputs = (x, codes, value("scales", 4, 2))
    node = Node("block_matmul", inputs, (value("y", 1, 4),), {"bits": 4, "block": 16})
    match = BlockMatMul().match
    assert "computed" in str(match(region_of([node], node), AVX2))
    assert match(region_of([node], node, inputs[1:]), AVX2) is None
