# SPDX-License-Identifier: Apache-2.0
"""Variants of the ONNX backend suite's one-node cases: other sizes, other data, other attributes.

Data is drawn from what the case itself has, so indices stay indices and scales stay scales. Inputs
of few numbers that say axes, shapes or counts keep their content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import onnx
from hypothesis import strategies as st
from onnx import AttributeProto
from onnx.reference import ReferenceEvaluator
from tests.conformance.cases import Case, Light, cases

# Random numbers, and what the reference computes otherwise than the suite demands: it overflows in
# a logarithm of large numbers, and rounds products of bytes in half precision.
LEFT_OUT = (
    "LogSoftmax",
    "QLinearMatMul",
    "Bernoulli",
    "Dropout",
    "RandomNormalLike",
    "RandomUniformLike",
    "Scatter",
    "ImageDecoder",
)
SMALL = 64


@dataclass(frozen=True)
class Variant:
    """A one-node model with inputs."""

    name: str
    model: onnx.ModelProto
    inputs: tuple[np.ndarray, ...]

    def __repr__(self) -> str:
        shapes = [f"{array.dtype}{list(array.shape)}" for array in self.inputs]
        return f"{self.name} of {', '.join(shapes)}"

    def wanted(self) -> list[Any] | None:
        """What onnx.reference computes; None where it cannot."""
        try:
            names = [value.name for value in self.model.graph.input]
            with np.errstate(all="ignore"):
                return ReferenceEvaluator(self.model).run(
                    None, dict(zip(names, self.inputs, strict=True))
                )
        except Exception:  # it raises whatever NumPy raises
            return None


@lru_cache(1)
def by_operator() -> Mapping[str, list[Case]]:
    """The suite's cases of one node over plain tensors, by operator."""
    found: dict[str, list[Case]] = {}
    for case in cases().values():
        if isinstance(case, Light) or case.source.model is None or "_expanded" in case.name:
            continue
        (node, *more), values = case.source.model.graph.node, case.source.model.graph.input
        plain = all(
            v.type.HasField("tensor_type") and v.type.tensor_type.elem_type != 8 for v in values
        )
        graphs = any(attribute.HasField("g") for attribute in node.attribute)
        if not more and plain and not graphs and not node.domain and node.op_type not in LEFT_OUT:
            found.setdefault(node.op_type, []).append(case)
    return found


@st.composite
def variants(draw: st.DrawFn, operator: str) -> Variant | None:
    """A variant of one of the operator's cases."""
    case = draw(st.sampled_from(by_operator()[operator]))
    arrays = [np.asarray(array) for array in next(case.data())[0]]
    if sum(array.size for array in arrays) > 1 << 14 or len(arrays) != len(case.model.graph.input):
        return None
    rng = np.random.default_rng(draw(st.integers(0, 1 << 16)))
    sizes = sorted({size for array in arrays if not _says_sizes(array) for size in array.shape})
    change = {size: draw(st.sampled_from((size, size, size, 1, 0, size + 1))) for size in sizes}
    changed = tuple(_drawn(array, change, rng) for array in arrays)
    model = onnx.ModelProto.FromString(case.model.SerializeToString())
    for attribute in model.graph.node[0].attribute:
        _change(attribute, draw, arrays[0].ndim if arrays else 0)
    for value, array in zip(model.graph.input, changed, strict=True):
        _declare(value, array)
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    return Variant(case.name, model, changed)


def _says_sizes(array: np.ndarray) -> bool:
    return array.ndim <= 1 and array.size <= SMALL and array.dtype == np.int64


def _drawn(array: np.ndarray, change: Mapping[int, int], rng: np.random.Generator) -> np.ndarray:
    if _says_sizes(array) or not array.ndim or not array.size:
        return array
    shape = tuple(change.get(size, size) for size in array.shape)
    return rng.choice(array.reshape(-1), shape).astype(array.dtype)


def _change(attribute: AttributeProto, draw: st.DrawFn, rank: int) -> None:
    if attribute.name == "axis" and rank:
        attribute.i = draw(st.integers(-rank, rank - 1))
    elif attribute.name in ("keepdims", "exclusive", "reverse", "select_last_index", "largest"):
        attribute.i = draw(st.integers(0, 1))


def _declare(value: onnx.ValueInfoProto, array: np.ndarray) -> None:
    shape = value.type.tensor_type.shape
    del shape.dim[:]
    for size in array.shape:
        shape.dim.add(dim_value=size)


def differences(found: Any, wanted: Any) -> Iterator[str]:
    """Where outputs differ by more than float32 explains."""
    for number, (got, want) in enumerate(zip(found, wanted, strict=True)):
        if isinstance(want, list):
            yield from differences(got, want)
            continue
        got, want = np.asarray(got), np.asarray(want)
        if got.shape != want.shape:
            yield f"output {number} has the shape {got.shape}, not {want.shape}"
        elif want.dtype.kind in "biu":
            if not np.array_equal(got, want):
                yield f"output {number}: {got.reshape(-1)[:6]}, not {want.reshape(-1)[:6]}"
        else:
            half = want.dtype.itemsize <= 2
            a, b = got.astype(np.float64), want.astype(np.float64)
            close = np.isclose(a, b, 3e-2 if half else 1e-3, 1e-2 if half else 1e-4)
            close |= np.isnan(b)  # an average of nothing: ONNX does not say
            if not close.all():
                yield f"output {number}: {a[~close][:4]}, not {b[~close][:4]}"
