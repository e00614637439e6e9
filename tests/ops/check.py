# SPDX-License-Identifier: Apache-2.0
"""Runs cases of the op table on a target and says what is wrong; used with and without pytest."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from tests.ops.cases import Case, cases

import ingot
from ingot.errors import IngotError
from ingot.ir.graph import Array, Graph, SymbolRange, Value
from ingot.ops import Builder, evaluate_node

GROUPS = [list(group) for _, group in groupby(
    sorted(cases(), key=lambda case: (case.op.name, case.dtype.name)),
    key=lambda case: (case.op.name, case.dtype.name),
)]  # fmt: skip


def label(group: Sequence[Case]) -> str:
    return f"{group[0].op.name}-{group[0].dtype.name}"


def together(group: Sequence[Case]) -> tuple[Graph, dict[str, Array]]:
    """One graph with a node for each case, and its inputs."""
    symbols = {name for case in group for name in case.example.binding}
    builder = Builder("cases", symbols={name: SymbolRange(0, 1024) for name in symbols})
    outputs: dict[str, Value] = {}
    inputs: dict[str, Array] = {}
    for number, case in enumerate(group):
        values: list[Value | None] = []
        for value, array in zip(case.node().inputs, case.arrays(), strict=True):
            if value is None or array is None:
                values.append(None)
                continue
            values.append(builder.input(f"{value.name}.{number}", value.dtype, value.shape))
            inputs[f"{value.name}.{number}"] = array
        name = f"y.{number}"
        outputs[name] = builder.node(
            case.op.name, *values, names=(name,), **case.example.attributes
        )
    return builder.finish(outputs, stage="portable"), inputs


def results(group: Sequence[Case], target: str, specialize: str) -> list[Array | IngotError]:
    """The result of each case; forged one by one where they cannot be together."""
    try:
        graph, inputs = together(group)
        with ingot.load(graph, device=target, specialize=specialize, threads=1) as session:
            found = session.run(inputs)
        return [found[f"y.{number}"] for number in range(len(group))]
    except IngotError as error:
        if len(group) == 1:
            return [error]
        return [one for case in group for one in results([case], target, specialize)]


def complaints(group: Sequence[Case], target: str, specialize: str) -> list[str]:
    found: list[str] = []
    for case, got in zip(group, results(group, target, specialize), strict=True):
        if isinstance(got, IngotError):
            found.append(f"{case}: {type(got).__name__}: {got}")
            continue
        (want,) = evaluate_node(case.node(), case.arrays(), case.example.binding)
        excess = case.op.bound(case.node().output.dtype).excess(got, want)
        if not excess <= 1.0:
            got, want = got.reshape(-1)[:8], want.reshape(-1)[:8]
            found.append(f"{case}: error is {excess:.3g} times the bound: {got}, not {want}")
    return found


def determined(case: Case) -> bool:
    """Whether the inputs' shapes tell every symbol."""
    inputs = [sample.shape for sample in case.example.inputs if sample is not None]
    known = {str(size) for shape in inputs for size in shape if not isinstance(size, int)}
    return case.example.binding.keys() <= known


def wrongs(group: Sequence[Case], target: str) -> list[str]:
    """What is wrong with sizes open, and with them fixed where an example has open sizes."""
    group = [case for case in group if determined(case)]
    found = complaints(group, target, "none")
    symbolic = [case for case in group if case.example.binding]
    return found + (complaints(symbolic, target, "eager") if symbolic else [])
