# SPDX-License-Identifier: Apache-2.0
"""Every op record x element type x example on each target, against the NumPy meaning.

All examples of one op and type make one graph, so that they are forged together: once with the
sizes left open, once more with them fixed where an example has open sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pytest
from tests.ops.cases import Case, cases

import ingot
from ingot.errors import IngotError, RunError
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


@pytest.mark.parametrize("group", GROUPS, ids=label)
def test_target_gives_what_the_record_means(group: list[Case], target: str) -> None:
    group = [case for case in group if determined(case)]
    wrong = complaints(group, target, "none")
    symbolic = [case for case in group if case.example.binding]
    if symbolic:
        wrong += complaints(symbolic, target, "eager")
    assert not wrong, "\n".join(wrong)


FAULTS = (
    ("gather", {"axis": 0}, (np.zeros((3, 2), np.float32), np.array([0, 3])), "index 3"),
    ("gather", {"axis": 1}, (np.zeros((3, 2), np.float32), np.array([-3])), "index -3"),
    ("gather_nd", {}, (np.zeros((3, 2), np.float32), np.array([[1, 9]])), "index 9"),
    ("div", {}, (np.array([4, 5]), np.array([1, 0])), "zero|0"),
    ("mod", {}, (np.array([4, 5], np.int32), np.array([1, 0], np.int32)), "zero|0"),
)


@pytest.mark.parametrize(("op", "attributes", "arrays", "match"), FAULTS)
def test_fault_is_one_error_and_the_session_lives_on(
    op: str, attributes: dict[str, int], arrays: tuple[Array, Array], match: str, target: str
) -> None:
    builder = Builder("fault")
    values = [
        builder.input(f"x{k}", ingot.dtypes.from_numpy(array.dtype), array.shape)
        for k, array in enumerate(arrays)
    ]
    value = builder.node(op, *values, origin=("/the/node",), **attributes)
    graph = builder.finish({"y": value}, stage="portable")
    good = {"x0": arrays[0], "x1": np.ones_like(arrays[1])}
    with ingot.load(graph, device=target) as session:
        with pytest.raises(RunError, match=f"/the/node.*({match})"):
            session.run({"x0": arrays[0], "x1": arrays[1]})
        want = evaluate_node(graph.nodes[0], (good["x0"], good["x1"]))[0]
        np.testing.assert_array_equal(session.run(good)["y"], want)
