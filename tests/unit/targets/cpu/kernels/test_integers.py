# SPDX-License-Identifier: Apache-2.0
"""Products of bytes, exactly as in int64: every kind of rest, sign, zero point and border."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from tests.ops.oracles import convolution
from tests.unit.kernel import native
from tests.unit.targets.cpu.kernels.families import SPECS, execute, region_of, value

from ingot import dims
from ingot.dims import Dim, symbol
from ingot.dtypes import FLOAT32, INT8, INT32, UINT8, DType
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec, by_name
from ingot.targets.base import Placed, Region
from ingot.targets.cpu.kernels.integer_conv import IntegerConv
from ingot.targets.cpu.kernels.integer_gemm import IntegerMatMul
from ingot.targets.cpu.probe import probe

M, K = symbol("m"), symbol("k")
PAIRS = [(INT8, INT8), (UINT8, INT8), (INT8, UINT8), (UINT8, UINT8)]
SHAPES = [(1, 1, 1), (7, 5, 17), (13, 33, 40), (12, 8, 3), (6, 67, 64), (5, 3, 2)]


def own_spec() -> DeviceSpec | None:
    """The CPU's own features where they multiply bytes, which no named level asks for."""
    spec = probe()
    return spec if {"avx512vnni", "avxvnni"} & spec.features else None


BYTES = own_spec()
MACHINES = [*SPECS, *([] if BYTES is None else [replace(BYTES, name="bytes")])]
every_machine = pytest.mark.parametrize("spec", MACHINES, ids=lambda spec: spec.name)


def matmul_region(
    a: tuple[Dim, ...], b: tuple[Dim, ...], types: tuple[DType, DType], points: str, known: bool
) -> Region:
    """cast(a · b) · scale, with the zero points that `points` names."""
    left, right = value("a", *a, dtype=types[0]), value("b", *b, dtype=types[1])
    shape = (*np.broadcast_shapes(a[:-2], b[:-2]), a[-2], b[-1])  # type: ignore[arg-type]
    za = value("za", dtype=types[0]) if "a" in points else None
    zb = value("zb", 1, dtype=types[1]) if "b" in points else None
    scale = value("scale", b[-1])
    total, real = value("total", *shape, dtype=INT32), value("real", *shape)
    product = Node("matmul_integer", (left, right, za, zb), (total,))
    nodes = [
        product,
        Node("cast", (total,), (real,), {"to": FLOAT32}),
        Node("mul", (real, scale), (value("out", *shape),)),
    ]
    weights = [scale, *([right, *([] if zb is None else [zb])] if known else [])]
    return region_of(nodes, product, weights)


def arrays_of(
    region: Region, rng: np.random.Generator, binding: Mapping[str, int]
) -> dict[str, np.ndarray]:
    return {entry.name: array(entry, rng, binding) for entry in region.inputs}


def array(entry: Value, rng: np.random.Generator, binding: Mapping[str, int]) -> np.ndarray:
    sizes = [dims.evaluate(size, binding) for size in entry.shape]
    if entry.dtype.is_float:
        return rng.uniform(0.5, 2, sizes).astype(np.float32)
    limits = np.iinfo(entry.dtype.numpy)
    return rng.integers(limits.min, limits.max, sizes, entry.dtype.numpy, endpoint=True)


def wide(arrays: Mapping[str, np.ndarray], name: str, zero: str) -> np.ndarray:
    found = arrays[name].astype(np.int64)
    return found - arrays[zero].astype(np.int64).reshape(-1)[0] if zero in arrays else found


def check_matmul(
    region: Region,
    spec: DeviceSpec,
    rng: np.random.Generator,
    binding: Mapping[str, int],
    layouts: Mapping[Value, View] | None = None,
) -> None:
    arrays = arrays_of(region, rng, binding)
    (got,) = execute(IntegerMatMul(), region, arrays, spec, binding=binding, layouts=layouts)
    total = wide(arrays, "a", "za") @ wide(arrays, "b", "zb")
    want = total.astype(np.float32) * arrays["scale"]
    np.testing.assert_array_equal(got, want)


@every_machine
@pytest.mark.parametrize("types", PAIRS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_matmul(spec: DeviceSpec, types: tuple[DType, DType], rng: np.random.Generator) -> None:
    for number, (m, k, n) in enumerate(SHAPES):
        points, known = ("", "a", "b", "ab")[number % 4], number % 3 != 0
        check_matmul(matmul_region((m, k), (k, n), types, points, known), spec, rng, {})


@every_machine
def test_matmul_of_open_sizes(spec: DeviceSpec, rng: np.random.Generator) -> None:
    region = matmul_region((2, 1, M, K), (3, K, 20), (INT8, INT8), "", False)
    for m, k in ((1, 1), (9, 6), (14, 19), (3, 64)):
        check_matmul(region, spec, rng, {"m": m, "k": k})
    check_matmul(
        matmul_region((M, K), (K, M), (UINT8, UINT8), "a", False), spec, rng, {"m": 5, "k": 7}
    )


@every_machine
@pytest.mark.parametrize("points", ["", "b"])
def test_matmul_of_a_transposed_weight(
    spec: DeviceSpec, points: str, rng: np.random.Generator
) -> None:
    region = matmul_region((9, 35), (35, 21), (INT8, INT8), points, True)
    right = next(entry for entry in region.inputs if entry.name == "b")
    turned = {right: View.dense("b", INT8, (35, 21), (1, 0))}
    check_matmul(region, spec, rng, {}, turned)


CONVS = [
    ((1, 3, 9, 8), (8, 3, 7, 7), (2, 2), (3, 3, 3, 3), (1, 1), 1),
    ((2, 16, 7, 6), (24, 16, 1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 1),
    ((1, 22, 8, 9), (18, 22, 3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 1),
    ((1, 12, 9, 9), (16, 6, 3, 3), (1, 2), (2, 0, 2, 1), (2, 1), 2),
    ((2, 5, 17), (7, 5, 4), (3,), (2, 1), (1,), 1),
    ((1, 45, 5, 7), (20, 45, 3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 1),
    ((1, 14, 6, 5), (9, 14, 1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 1),
]


def conv_region(case: tuple[object, ...], types: tuple[DType, DType], points: str) -> Region:
    shape, filters, strides, pads, dilations, group = case
    x, w = value("x", *shape, dtype=types[0]), value("w", *filters, dtype=types[1])  # type: ignore[misc]
    zx = value("zx", dtype=types[0]) if "x" in points else None
    zw = value("zw", dtype=types[1]) if "w" in points else None
    sizes = [
        (n + low + high - (k - 1) * d - 1) // s + 1
        for n, k, s, d, low, high in zip(
            shape[2:], filters[2:], strides, dilations,  # type: ignore[index, call-overload]
            pads[: len(strides)], pads[len(strides) :], strict=True,  # type: ignore[index, arg-type]
        )
    ]  # fmt: skip
    out = (shape[0], filters[0], *sizes)  # type: ignore[index]
    attributes = {"strides": strides, "pads": pads, "dilations": dilations, "group": group}
    node = Node("conv_integer", (x, w, zx, zw), (value("y", *out, dtype=INT32),), attributes)  # type: ignore[arg-type]
    return region_of([node], node, [w, *([] if zw is None else [zw])])


@every_machine
@pytest.mark.parametrize("types", PAIRS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_conv(spec: DeviceSpec, types: tuple[DType, DType], rng: np.random.Generator) -> None:
    for number, case in enumerate(CONVS):
        region = conv_region(case, types, ("x", "", "xw", "w", "x", "x", "xw")[number])
        arrays = arrays_of(region, rng, {})
        (got,) = execute(IntegerConv(), region, arrays, spec)
        attributes = dict(region.nodes[0].attributes)
        want = convolution(wide(arrays, "x", "zx"), wide(arrays, "w", "zw"), **attributes)
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("name", ["x86-64-v2", "avx2", "avx512", "neon"])
def test_assembles_for_every_cpu(name: str) -> None:
    spec = by_name(name)
    for features in (frozenset[str](), frozenset({"avx512vnni"} if name == "avx512" else ())):
        own = replace(spec, features=spec.features | features)
        region = matmul_region((M, 37), (37, 40), (INT8, INT8), "a", True)
        views = {
            entry: View.dense(entry.name, entry.dtype, entry.shape)
            for entry in (*region.inputs, *region.outputs)
        }
        emission = IntegerMatMul().build(Placed(region, views), own)
        for launch in (*emission.launches, *(packed.launch for packed in emission.packed)):
            text = native.assembly(launch.text, own)
            assert ("vpdpbusd" in text) == ("avx512vnni" in own.features)
