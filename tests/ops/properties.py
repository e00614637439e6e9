# SPDX-License-Identifier: Apache-2.0
"""Variants of the examples of a record: other sizes, 0 and 1 among them, other attributes.

A variant is kept where the record takes it, so what is left is what must work on every target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.ops.cases import Case, domain

from ingot.dims import Expression
from ingot.errors import IngotError
from ingot.ops import Example, Op, evaluate_node
from ingot.ops.op import AttributeSpec

LARGEST = 1 << 16


@st.composite
def variants(draw: st.DrawFn, op: Op) -> Case | None:
    """A variant of one of the op's examples; None where the record does not take it."""
    example = draw(st.sampled_from(op.examples))
    types = [dtype for dtype in domain(op) if not example.only or dtype in example.only]
    if not types:
        return None
    dtype = draw(st.sampled_from(types))
    changed = replace(
        draw(resized(example)),
        attributes={
            spec.name: draw(attribute(spec, example.attributes[spec.name]))
            for spec in op.attributes
            if spec.name in example.attributes
        },
    )
    case = Case(op, dtype, changed, draw(st.integers(0, 9)))
    return case if is_valid(case) else None


@st.composite
def resized(draw: st.DrawFn, example: Example) -> Example:
    """The example with each distinct size, and each symbol, perhaps another one."""
    sizes = {size for s in example.inputs if s is not None for size in s.shape}
    fixed = {
        size
        for sample in example.inputs
        if sample is not None and sample.values is not None
        for size in sample.shape
    }
    plain = sorted(size for size in sizes - fixed if isinstance(size, int))
    change = {size: draw(st.sampled_from((size, size, 0, 1, size + 1, 7))) for size in plain}
    bound = {
        name: size if any(str(f) == name for f in fixed) else draw(_near(size))
        for name, size in example.binding.items()
    }
    inputs = tuple(
        sample
        if sample is None or sample.values is not None
        else replace(sample, shape=tuple(_changed(size, change) for size in sample.shape))
        for sample in example.inputs
    )
    return replace(example, inputs=inputs, binding=bound)


def _near(size: int) -> st.SearchStrategy[int]:
    return st.sampled_from((size, 0, 1, 2, size + 1))


def _changed(size: Any, change: Mapping[int, int]) -> Any:
    return size if isinstance(size, Expression) else change.get(size, size)


def attribute(spec: AttributeSpec, value: Any) -> st.SearchStrategy[Any]:
    """Another value of an attribute."""
    if spec.choices and isinstance(value, str):
        return st.sampled_from(spec.choices)
    if isinstance(value, bool):
        return st.booleans()
    if isinstance(value, int) and spec.kind == "int":
        return st.sampled_from((value, value, value - 1, value + 1, 0, -1))
    if isinstance(value, float):
        return st.sampled_from((value, value, value / 2, -value, 0.25))
    return st.just(value)


def is_valid(case: Case) -> bool:
    """Whether the record takes a case, and gives something of a sensible size."""
    try:
        with np.errstate(all="ignore"):
            arrays = case.arrays()
            graph = case.graph()
            for guard in graph.guards:
                guard.check(case.example.binding)
            (node,) = graph.nodes
            if sum(array.size for array in arrays if array is not None) > LARGEST:
                return False
            made = evaluate_node(node, arrays, case.example.binding)
    except (IngotError, LookupError, ValueError):
        return False
    return sum(array.size for array in made) <= LARGEST


def alike(cases: Iterable[Case]) -> list[list[Case]]:
    """The cases in groups that bind the same symbols to the same sizes."""
    groups: dict[Any, list[Case]] = {}
    for case in cases:
        groups.setdefault(tuple(sorted(case.example.binding.items())), []).append(case)
    return list(groups.values())
