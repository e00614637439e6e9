# SPDX-License-Identifier: Apache-2.0
"""Attention against its formula in double precision: masks, frontiers, layouts, any length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from tests.unit.targets.cpu.kernels.families import AVX2, SPECS, execute, region_of, value
from tests.unit.targets.cpu.kernels.oracle import error

from ingot import dims
from ingot.dims import Dim, symbol
from ingot.dtypes import BFLOAT16, BOOL, FLOAT16, FLOAT32, DType
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.cpu.kernels.attention import Attention

B, S, T = symbol("b"), symbol("s"), symbol("t")


@dataclass(frozen=True)
class Case:
    """Batch and heads, query and key lengths, key and value depths; the mask's shape and type."""

    batch: tuple[Dim, ...]
    lengths: tuple[Dim, Dim]
    depths: tuple[int, int]
    mask: tuple[Dim, ...] | None = None
    dtype: DType = FLOAT32
    stored: DType = FLOAT32
    causal: bool = False
    offset: int = 0
    shared: int = 1  # query heads that share a key head
    binding: Mapping[str, int] = field(default_factory=dict)


CASES = [
    Case((1, 2), (5, 7), (8, 6)),
    Case((2,), (5, 9), (16, 16)),
    Case((1, 3), (33, 50), (32, 32), mask=(1, 1, 33, 50)),
    Case((1, 2), (130, 130), (64, 64), mask=(1, 1, 1, 130)),
    Case((2, 2), (5, 37), (8, 40), mask=(5, 37), dtype=BOOL),
    Case((2, 2), (5, 7), (8, 6), mask=(2, 1, 5, 1), dtype=BOOL),
    Case((1, 2), (6, 6), (4, 4), causal=True),
    Case((1, 2), (40, 60), (16, 24), causal=True, offset=20),
    Case((1, 2), (9, 4), (16, 24), causal=True, offset=-3),
    Case((1, 1), (1, 1), (1, 1)),
    Case((1, 2), (9, 33), (16, 24), mask=(1, 1, 9, 33), dtype=FLOAT16, stored=FLOAT16),
    Case((1, 2), (5, 37), (8, 40), mask=(5, 37), dtype=BOOL, stored=BFLOAT16),
    Case((1, 4), (1, 40), (16, 16), mask=(1, 1, 1, 1), stored=FLOAT16, dtype=FLOAT16, shared=2),
    Case((2, 6), (1, 33), (16, 8), mask=(2, 1, 1, 33), shared=3),
    Case((2, 4), (5, 37), (8, 40), mask=(2, 4, 5, 37), dtype=BOOL, shared=2),
    Case((1, 4), (20, 30), (16, 16), causal=True, offset=10, shared=2),
    *(
        Case((B, 6), (S, T), (16, 24), (B, 1, S, T), binding={"b": b, "s": s, "t": t}, shared=2)
        for b, s, t in ((1, 1, 40), (2, 7, 5), (1, 13, 33))
    ),
    *(
        Case((B, 2), (S, T), (16, 24), mask=(B, 1, 1, T), binding={"b": b, "s": s, "t": t})
        for b, s, t in ((1, 1, 1), (2, 7, 5), (1, 40, 33), (0, 3, 3), (1, 13, 200))
    ),
]


def sizes(shape: tuple[Dim, ...], case: Case) -> tuple[int, ...]:
    return tuple(dims.evaluate(size, case.binding) for size in shape)


def expected_of(case: Case, arrays: Mapping[str, np.ndarray], scale: float) -> np.ndarray:
    q, k, v = (arrays[name].astype(np.float64) for name in "qkv")
    k, v = (np.repeat(part, case.shared, -3) for part in (k, v))
    scores = q @ np.swapaxes(k, -1, -2) * scale
    mask = arrays.get("mask")
    if mask is not None and case.dtype is BOOL:
        scores = np.where(mask, scores, -np.inf)
    elif mask is not None:
        scores = scores + mask.astype(np.float64)
    if case.causal:
        rows, columns = np.indices(scores.shape[-2:])
        scores = np.where(columns <= rows + case.offset, scores, -np.inf)
    top = scores.max(-1, keepdims=True, initial=-1e30)
    powers = np.exp(scores - top)
    total = powers.sum(-1, keepdims=True)
    return powers / np.where(total == 0, 1, total) @ v


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_attention(case: Case, spec: DeviceSpec, rng: np.random.Generator) -> None:
    queries, keys = case.lengths
    inner, outer = case.depths
    kind = case.stored
    q = value("q", *case.batch, queries, inner, dtype=kind)
    *front, heads = case.batch
    assert isinstance(heads, int)
    kept = (*front, heads // case.shared, keys)
    k, v = value("k", *kept, inner, dtype=kind), value("v", *kept, outer, dtype=kind)
    result, total, residual = (
        value(name, *case.batch, queries, outer, dtype=kind) for name in ("y", "out", "res")
    )
    inputs = [q, k, v]
    if case.mask is not None:
        inputs.append(value("mask", *case.mask, dtype=case.dtype))
    attributes = {"scale": 0.3, "causal": case.causal, "offset": case.offset}
    node = Node("attention", tuple(inputs), (result,), attributes)
    add = Node("add", (result, residual), (total,))
    region = region_of([node, add], node)
    arrays = {
        entry.name: rng.standard_normal(sizes(entry.shape, case)).astype(kind.numpy)
        for entry in region.inputs
    }
    if case.mask is not None and case.dtype is BOOL:
        arrays["mask"] = rng.integers(0, 4, sizes(case.mask, case)) > 0
        arrays["mask"][..., 0, :] = False  # a query that sees nothing
    (got,) = execute(Attention(), region, arrays, spec, binding=case.binding)
    expected = expected_of(case, arrays, 0.3) + arrays["res"].astype(np.float64)
    assert error(got, expected) <= {FLOAT32: 2e-6, FLOAT16: 1e-3, BFLOAT16: 8e-3}[kind]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_queries_keys_and_values_out_of_one_buffer(
    spec: DeviceSpec, rng: np.random.Generator
) -> None:
    """Strided views of [batch, length, 3, heads, depth], as a joint projection leaves them."""
    batch, length, heads, depth = 2, 45, 3, 16
    case = Case((batch, heads), (length, length), (depth, depth))
    shape = (batch, heads, length, depth)
    row = 3 * heads * depth
    names: list[Value] = [value(name, *shape) for name in "qkv"]
    strides = (length * row, depth, row, 1)
    count = batch * length * row
    layouts = {value("qkv", count): View.dense("qkv", FLOAT32, (count,))}
    for number, entry in enumerate(names):
        layouts[entry] = View("qkv", FLOAT32, shape, strides, number * heads * depth)
    result = value("y", *shape)
    attributes = {"scale": 0.25, "causal": False, "offset": 0}
    node = Node("attention", tuple(names), (result,), attributes)
    arrays = {name: rng.standard_normal(shape).astype(np.float32) for name in "qkv"}
    region = region_of([node], node)
    (got,) = execute(Attention(), region, arrays, spec, layouts=layouts)
    assert error(got, expected_of(case, arrays, 0.25)) <= 2e-6


def test_refusals() -> None:
    q, k = value("q", 1, S, 5, 8), value("k", 1, 2, 5, 8)
    node = Node(
        "attention", (q, k, k), (value("y", 1, S, 5, 8),),
        {"scale": 1.0, "causal": False, "offset": 0},
    )  # fmt: skip
    assert "heads" in str(Attention().match(region_of([node], node), AVX2))
