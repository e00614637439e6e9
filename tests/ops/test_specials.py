# SPDX-License-Identifier: Apache-2.0
"""Elementwise ops where code goes wrong: NaN, infinities, zeros, denormals, extremes."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import ingot
from ingot.dtypes import FLOAT64, DType
from ingot.ir.graph import Array
from ingot.ops import OPS, Builder, Op, evaluate_node
from ingot.ops.domains import INTS, REALS

# Inputs of other types, such as scales, are the matter of tests/ops/quantized.py.
ELEMENTWISE = [
    op
    for op in OPS.values()
    if op.kind == "elementwise" and {spec.variable for spec in op.inputs} <= {"T", "C"}
]
CASES = [
    (op, dtype)
    for op in ELEMENTWISE
    for dtype in (*REALS, *INTS)
    if any(dtype in spec.domain for spec in op.inputs if spec.variable == "T")
]
# What docs/numerics.md leaves open: remainders of far apart or infinite numbers, powers of float64
# with large exponents or bases, huge angles, and results that pass through a denormal number.
FEWER = {"mod"}
MODERATE = {("pow", "float64")}
ANGLES = {"sin", "cos", "tan"}
UNDERFLOWING = {"sigmoid", "silu", "quick_gelu", "mish"}
HUGE = 1e6


def floats(dtype: DType, op: Op) -> Array:
    """Special values of a float type; several vectors full and a rest."""
    information: Any = ml_dtypes.finfo
    limits = information(dtype.numpy)
    plain = [0.0, 0.5, 1.0, 1.5, 2.5, 3.0, 7.0]
    if (op.name, dtype.name) not in MODERATE:
        plain += [88.0, 89.0, 104.0, 710.0, 1e4]
    most = min(float(limits.max), HUGE) if op.name in ANGLES else float(limits.max)
    edges = [most, float(limits.tiny), float(limits.tiny) / 4, float(limits.eps)]
    if op.name in FEWER:
        values = plain
    else:
        values = [*plain, np.inf, *(edges if (op.name, dtype.name) not in MODERATE else [])]
    with np.errstate(all="ignore"):
        return np.array([*values, *(-value for value in values), np.nan]).astype(dtype.numpy)


def integers(dtype: DType) -> Array:
    """The ends of an integer type and what lies around 0."""
    limits = np.iinfo(dtype.numpy)
    values = [limits.min, limits.min + 1, limits.max, limits.max - 1, 0, 1, 2, 3, 7, 8, 31, 63]
    return np.array([*values, *([-1, -2, -7] if dtype.is_signed else [])], dtype.numpy)


def inputs(op: Op, dtype: DType) -> list[Array]:
    """All combinations of special values for the op's inputs."""
    values = floats(dtype, op) if dtype.is_float else integers(dtype)
    count = sum(1 for spec in op.inputs if spec.variable == "T")
    pairs = np.array(list(itertools.product(values, repeat=count)), values.dtype)
    if op.name in ("div", "mod") and dtype.is_integer:
        pairs = pairs[pairs[:, 1] != 0]
    arrays = [np.ascontiguousarray(pairs[:, k]) for k in range(count)]
    if op.name == "where":
        arrays.insert(0, np.arange(len(pairs)) % 3 == 0)
    return arrays


def attributes(op: Op, dtype: DType) -> dict[str, Any]:
    fitting = (example for example in op.examples if dtype in (example.only or (dtype,)))
    return dict(next(fitting).attributes)


@pytest.mark.parametrize(
    ("op", "dtype"), CASES, ids=[f"{op.name}-{dtype.name}" for op, dtype in CASES]
)
def test_special_values(op: Op, dtype: DType, target: str) -> None:
    arrays = inputs(op, dtype)
    builder = Builder("special")
    values = [
        builder.input(f"x{k}", ingot.dtypes.from_numpy(array.dtype), array.shape)
        for k, array in enumerate(arrays)
    ]
    made = builder.node(op.name, *values, **attributes(op, dtype))
    graph = builder.finish({"y": made}, "portable")
    (want,) = evaluate_node(graph.nodes[0], arrays)
    with ingot.load(graph, device=target, threads=1) as session:
        got = session.run({f"x{k}": array for k, array in enumerate(arrays)})["y"]
    wrong = [
        f"{op.name}({', '.join(str(array[k]) for array in arrays)}) = {got[k]}, not {want[k]}"
        for k in range(len(want))
        if not right(op, got[k : k + 1], want[k : k + 1])
    ]
    assert not wrong, f"{len(wrong)} of {len(want)}:\n" + "\n".join(wrong[:12])


def right(op: Op, got: Array, want: Array) -> bool:
    """Within the bound, two steps of the denormals, or a factor times the least normal number."""
    dtype = ingot.dtypes.from_numpy(want.dtype)
    bound = op.bound(dtype)
    if dtype.is_float:
        information: Any = ml_dtypes.finfo
        slack = 2 * float(information(dtype.numpy).smallest_subnormal) if bound.relative else 0.0
        if op.name in UNDERFLOWING:
            held = np.float64 if dtype == FLOAT64 else np.float32
            slack += 128 * float(information(held).tiny)
        bound = replace(bound, absolute=bound.absolute + slack)
    return bound.excess(got, want) <= 1.0
