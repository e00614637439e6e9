# SPDX-License-Identifier: Apache-2.0
"""Matrix products against NumPy in double precision: shapes with every kind of rest."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from tests.unit.targets.cpu.kernels.families import AVX2, SPECS, execute, region_of, value
from tests.unit.targets.cpu.kernels.oracle import error

from ingot import dims
from ingot.dims import Dim, symbol
from ingot.dtypes import BFLOAT16, BOOL, FLOAT16, FLOAT32, FLOAT64, INT64, DType
from ingot.ir.graph import Node
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.cpu.kernels.gemm import MatMul

M, K = symbol("m"), symbol("k")
Shape = tuple[Dim, ...]
BOUNDS = {FLOAT64: 1e-14, FLOAT32: 1e-6, FLOAT16: 2.0**-11, BFLOAT16: 2.0**-8}
PLAIN = [(1, 1, 1), (6, 16, 16), (7, 5, 17), (13, 33, 40), (25, 64, 31), (49, 20, 100), (12, 8, 3)]
BATCHED = [
    ((2, 3, 5, 8), (3, 8, 9)),
    ((2, 1, 5, 8), (1, 3, 8, 20)),
    ((2, 3, 5, 8), (8, 9)),
    ((3, 1, 8), (3, 8, 40)),
]


def result_shape(a: Shape, b: Shape) -> Shape:
    rank = max(len(a), len(b))
    left, right = (1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b
    lead = [y if x == 1 else x for x, y in zip(left[:-2], right[:-2], strict=True)]
    return (*lead, a[-2], b[-1])


def check(
    a: Shape,
    b: Shape,
    spec: DeviceSpec,
    rng: np.random.Generator,
    *,
    known: bool,
    binding: Mapping[str, int] | None = None,
    dtype: DType = FLOAT32,
    turned: bool = False,
) -> None:
    """relu(a @ b + bias + residual); `known` packs b as a weight, `turned` stores its transpose."""
    shape = result_shape(a, b)
    left, right = value("a", *a, dtype=dtype), value("b", *b, dtype=dtype)
    bias, residual = value("bias", b[-1], dtype=dtype), value("res", *shape, dtype=dtype)
    steps = [value(name, *shape, dtype=dtype) for name in ("ab", "biased", "sum", "out")]
    product = Node("matmul", (left, right), (steps[0],))
    nodes = [
        product,
        Node("add", (steps[0], bias), (steps[1],)),
        Node("add", (steps[1], residual), (steps[2],)),
        Node("relu", (steps[2],), (steps[3],)),
    ]
    region = region_of(nodes, product, [right, bias] if known else [bias])
    arrays = {
        entry.name: rng.standard_normal(
            [dims.evaluate(size, binding or {}) for size in entry.shape]
        ).astype(dtype.numpy)
        for entry in region.inputs
    }
    layouts = {}
    if turned:
        order = (*range(len(b) - 2), len(b) - 1, len(b) - 2)
        layouts[right] = View.dense("b", dtype, b, order)
    (got,) = execute(MatMul(), region, arrays, spec, binding=binding, layouts=layouts)
    wide = {name: array.astype(np.longdouble) for name, array in arrays.items()}
    expected = np.maximum(wide["a"] @ wide["b"] + wide["bias"] + wide["res"], 0)
    assert error(got, expected) <= BOUNDS[dtype]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("turned", [True, False])
@pytest.mark.parametrize("sizes", PLAIN, ids=str)
def test_sizes(
    sizes: tuple[int, int, int],
    known: bool,
    turned: bool,
    spec: DeviceSpec,
    rng: np.random.Generator,
) -> None:
    m, k, n = sizes
    check((m, k), (k, n), spec, rng, known=known, turned=turned)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("shapes", BATCHED, ids=str)
def test_batches(
    shapes: tuple[Shape, Shape], known: bool, spec: DeviceSpec, rng: np.random.Generator
) -> None:
    check(*shapes, spec, rng, known=known)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("m", [0, 1, 2, 6, 7, 11, 12, 13, 30])
def test_unknown_rows(m: int, spec: DeviceSpec, rng: np.random.Generator) -> None:
    check((M, 24), (24, 40), spec, rng, known=True, binding={"m": m})


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("k", [0, 1, 5, 17, 33])
@pytest.mark.parametrize("turned", [True, False])
def test_unknown_depth_and_columns(
    k: int, turned: bool, spec: DeviceSpec, rng: np.random.Generator
) -> None:
    binding = {"m": 9, "k": k}
    check((2, M, K), (2, K, K), spec, rng, known=False, binding=binding, turned=turned)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT16, BFLOAT16], ids=str)
@pytest.mark.parametrize("turned", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_other_types(
    dtype: DType, turned: bool, known: bool, spec: DeviceSpec, rng: np.random.Generator
) -> None:
    check((9, 30), (30, 21), spec, rng, known=known, dtype=dtype, turned=turned)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
@pytest.mark.parametrize(
    "sizes", [(1, 7, 16), (6, 8, 5), (5, 23, 40), (40, 17, 50), (75, 300, 310)], ids=str
)
def test_narrow_rows(
    sizes: tuple[int, int, int], dtype: DType, spec: DeviceSpec, rng: np.random.Generator
) -> None:
    """Every rest of what is widened at a time; few tiles, and many that share a wide panel."""
    m, k, n = sizes
    check((m, k), (k, n), spec, rng, known=True, dtype=dtype)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
@pytest.mark.parametrize("k", [0, 1, 8, 21])
def test_narrow_rows_of_unknown_sizes(
    k: int, dtype: DType, spec: DeviceSpec, rng: np.random.Generator
) -> None:
    check((M, K), (K, K), spec, rng, known=False, dtype=dtype, binding={"m": 9, "k": k})
    check((M, 40), (40, 24), spec, rng, known=True, dtype=dtype, binding={"m": k})


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_expensive_epilogue_with_a_mask(spec: DeviceSpec, rng: np.random.Generator) -> None:
    """gelu behind where(mask, x, row vector): a loop over rows, bytes, a broadcast column."""
    a, b = value("a", 11, 20), value("b", 20, 37)
    x, y, z = (value(name, 11, 37) for name in "xyz")
    mask, rows = value("mask", 11, 37, dtype=BOOL), value("rows", 11, 1)
    product = Node("matmul", (a, b), (x,))
    choose = Node("where", (mask, x, rows), (y,))
    gelu = Node("gelu", (y,), (z,), {"approximate": "none"})
    region = region_of([product, choose, gelu], product, [b])
    arrays = {
        entry.name: rng.standard_normal(entry.shape).astype(np.float32)  # type: ignore[arg-type]
        for entry in (a, b, rows)
    }
    arrays["mask"] = rng.integers(0, 2, (11, 37)).astype(np.bool_)
    (got,) = execute(MatMul(), region, arrays, spec)
    wide = arrays["a"].astype(np.float64) @ arrays["b"].astype(np.float64)
    chosen = np.where(arrays["mask"], wide, arrays["rows"])
    erf = np.vectorize(__import__("math").erf)
    assert error(got, 0.5 * chosen * (1 + erf(chosen / np.sqrt(2)))) <= 1e-6


def test_refusals() -> None:
    a, b, c = value("a", 4, 5), value("b", 5, 6), value("c", 4, 6)
    node = Node("matmul", (a, b), (c,))
    turned = value("t", 6, 4)
    follow = Node("transpose", (c,), (turned,), {"permutation": (1, 0)})
    assert "not elementwise" in str(MatMul().match(region_of([node, follow], node), AVX2))
    whole = [value(name, *shape, dtype=INT64) for name, shape in (("i", (4, 5)), ("j", (5, 6)))]
    integer = Node("matmul", tuple(whole), (value("k", 4, 6, dtype=INT64),))
    assert "int64" in str(MatMul().match(region_of([integer], integer), AVX2))
