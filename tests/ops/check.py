# SPDX-License-Identifier: Apache-2.0
"""Runs cases of the op table on a target and says what is wrong; used with and without pytest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np
from tests.ops.cases import Case, cases

import ingot
from ingot import dims
from ingot.dims import Expression, symbol
from ingot.dtypes import INT8
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
    """One graph with a node for each case, and its inputs.

    Sizes that no case's inputs tell, as those that only an attribute has, are told by inputs that
    nothing reads.
    """
    symbols = {name: size for case in group for name, size in open_sizes(case).items()}
    builder = Builder("cases", symbols={name: SymbolRange(0, 1024) for name in symbols})
    outputs: dict[str, Value] = {}
    inputs: dict[str, Array] = {}
    for number, case in enumerate(group):
        values: list[Value | None] = []
        for value, array in zip(case.node().inputs, case.arrays(), strict=False):
            if value is None or array is None:
                values.append(None)
                continue
            values.append(builder.input(f"{value.name}.{number}", value.dtype, value.shape))
            inputs[f"{value.name}.{number}"] = array
        names = tuple(f"y.{number}.{place}" for place in range(len(case.node().outputs)))
        made = builder.outputs(case.op.name, *values, names=names, **case.example.attributes)
        outputs |= zip(names, made, strict=True)
    for name in symbols.keys() - plain_sizes(group):
        builder.input(f"size.{name}", INT8, (symbol(name),))
        inputs[f"size.{name}"] = np.ones(symbols[name], np.int8)
    return builder.finish(outputs, stage="portable"), inputs


def open_sizes(case: Case) -> dict[str, int]:
    """The symbols that a case has in its shapes or attributes, and their sizes."""
    node = case.node()
    values = (value for value in (*node.inputs, *node.outputs) if value is not None)
    found = set(_symbols(tuple(value.shape for value in values)))
    found |= set(_symbols(tuple(case.example.attributes.values())))
    return {name: size for name, size in case.example.binding.items() if name in found}


def plain_sizes(group: Sequence[Case]) -> set[str]:
    """The symbols that stand alone in the shape of an input, which tells their size."""
    samples = [sample for case in group for sample in case.example.inputs if sample is not None]
    return {str(size) for sample in samples for size in sample.shape if not isinstance(size, int)}


def _symbols(found: object) -> Iterator[str]:
    """The symbols in an attribute or in a tuple of them."""
    if isinstance(found, Expression):
        yield from dims.symbols(found)
    elif isinstance(found, tuple | list):
        for item in found:
            yield from _symbols(item)


def results(group: Sequence[Case], target: str, specialize: str) -> list[list[Array] | IngotError]:
    """The results of each case; forged one by one where they cannot be together."""
    try:
        graph, inputs = together(group)
        with ingot.load(graph, device=target, specialize=specialize, threads=1) as session:
            found = session.run(inputs)
        counts = [len(case.node().outputs) for case in group]
        return [
            [found[f"y.{number}.{place}"] for place in range(count)]
            for number, count in enumerate(counts)
        ]
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
        wanted = evaluate_node(case.node(), case.arrays(), case.example.binding)
        for value, one, want in zip(case.node().outputs, got, wanted, strict=True):
            excess = case.op.bound(value.dtype).excess(one, want)
            if not excess <= 1.0:
                one, want = one.reshape(-1)[:8], want.reshape(-1)[:8]
                found.append(f"{case}: error is {excess:.3g} times the bound: {one}, not {want}")
    return found


def wrongs(group: Sequence[Case], target: str) -> list[str]:
    """What is wrong with sizes open, and with them fixed where an example has open sizes."""
    found = complaints(group, target, "none")
    symbolic = [case for case in group if open_sizes(case)]
    return found + (complaints(symbolic, target, "eager") if symbolic else [])
