# SPDX-License-Identifier: Apache-2.0
"""The verifier: each rule finds what breaks it, and says where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ingot import dtypes
from ingot.dims import Guard, symbol
from ingot.errors import GraphError, ShapeError
from ingot.ir.graph import Graph, Node, SymbolRange, TensorType, Value, Weight
from ingot.ir.verify import verify

N = symbol("n")
PAIR = TensorType(dtypes.FLOAT32, (2,))
OPEN = TensorType(dtypes.FLOAT32, (N, 2))


def graph(**changes: Any) -> Graph:
    """A small right graph: y = relu(x + w), with some fields changed."""
    x, s, y = Value("x", PAIR), Value("s", PAIR), Value("y", PAIR)
    w = Weight(Value("w", PAIR), np.ones(2, np.float32))
    nodes = (Node("add", (x, w.value), (s,), origin=("/Add",)), Node("relu", (s,), (y,)))
    return Graph("g", (x,), (y,), nodes, {"w": w}, stage="portable").replace(**changes)


def changed_node(index: int, **changes: Any) -> Graph:
    base = graph()
    nodes = list(base.nodes)
    nodes[index] = nodes[index].replace(**changes)
    return base.replace(nodes=tuple(nodes))


def test_a_right_graph_passes() -> None:
    verify(graph(), lambda node: tuple(value.type for value in node.outputs))


def wrong_weight(value: Value, array: np.ndarray, key: str = "w") -> Graph:
    base = graph()
    nodes = (base.nodes[0].replace(inputs=(base.inputs[0], value)), base.nodes[1])
    return base.replace(nodes=nodes, weights={key: Weight(value, array)})


STRANGER = Value("stranger", PAIR)
BROKEN = {
    "stage": (graph(stage="mythical"), "stage 'mythical' is unknown"),
    "order": (graph(nodes=graph().nodes[::-1]), "is not defined before it is used"),
    "stranger": (changed_node(1, inputs=(STRANGER,)), "input %stranger is not defined"),
    "twice": (changed_node(0, outputs=(Value("x", PAIR),)), "value %x is defined twice"),
    "no output": (changed_node(1, outputs=()), "the node has no output"),
    "op name": (changed_node(1, op="re lu"), "'re lu' is no op name"),
    "attribute": (changed_node(1, attributes={"a": [1]}), "attribute a is of type list"),
    "output": (graph(outputs=(STRANGER,)), "graph output %stranger is not defined"),
    "weight name": (
        wrong_weight(Value("w", PAIR), np.ones(2, np.float32), key="v"),
        "weight %w is stored under the name 'v'",
    ),
    "weight type": (
        wrong_weight(Value("w", PAIR), np.ones(3, np.float32)),
        r"weight %w is float32[2], its data is float32[3]",
    ),
    "symbol in attribute": (
        changed_node(1, attributes={"a": (1, (N,))}),
        "symbol n in an attribute of relu is not declared",
    ),
    "symbol in guard": (graph(guards=(Guard("ge", N, 1, "why"),)), "symbol n in guard 'why'"),
    "symbol range": (graph(symbols={"n": SymbolRange(5, 2)}), "symbol n has the empty range 5..2"),
    "symbol name": (graph(symbols={"float32": SymbolRange()}), "'float32' cannot name a symbol"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name: str) -> None:
    broken, message = BROKEN[name]
    with pytest.raises(GraphError) as caught:
        verify(broken)
    assert message in str(caught.value)


def test_dead_nodes_only_matter_in_a_portable_graph() -> None:
    base = graph()
    dead = Node("neg", (base.inputs[0],), (Value("d", PAIR),))
    with_dead = base.replace(nodes=(*base.nodes, dead))
    with pytest.raises(GraphError, match="no graph output depends on this node"):
        verify(with_dead)
    verify(with_dead.replace(stage="imported"))


def test_an_undeclared_symbol() -> None:
    y = Value("y", OPEN)
    with pytest.raises(GraphError, match="symbol n in the type of %y is not declared"):
        verify(Graph("g", (y,), (y,), ()))


def test_a_negative_size() -> None:
    y = Value("y", TensorType(dtypes.FLOAT32, (2, -1)))
    with pytest.raises(GraphError, match="negative size"):
        verify(Graph("g", (y,), (y,), ()))


def test_an_output_given_twice() -> None:
    y = Value("y", PAIR)
    with pytest.raises(GraphError, match="%y is a graph output twice"):
        verify(Graph("g", (y,), (y, y), ()))


def test_types_are_derived_again_and_the_message_shows_the_neighbourhood() -> None:
    def infer(node: Node) -> tuple[TensorType, ...]:
        return (TensorType(dtypes.FLOAT32, (3,)),)

    with pytest.raises(GraphError) as caught:
        verify(graph(), infer)
    lines = str(caught.value).split("\n")
    assert lines[0].startswith("add '/Add': %s is float32[2], add gives float32[3]")
    assert lines[1].startswith("  > %s: float32[2] = add(%x, %w) from /Add")
    assert lines[2].startswith("    %y: float32[2] = relu(%s)")


def test_an_error_of_the_shape_rule_names_the_node() -> None:
    def infer(node: Node) -> tuple[TensorType, ...]:
        raise ShapeError("relu 'y': no", cure="try yes")

    with pytest.raises(GraphError, match="try yes"):
        verify(graph(), infer)


def test_a_guard_makes_sizes_equal() -> None:
    m = symbol("m")
    x, y = (
        Value("x", TensorType(dtypes.FLOAT32, (N,))),
        Value("y", TensorType(dtypes.FLOAT32, (N,))),
    )
    symbols = {"n": SymbolRange(), "m": SymbolRange()}
    loose = Graph("g", (x,), (y,), (Node("f", (x,), (y,)),), symbols=symbols)

    def infer(node: Node) -> tuple[TensorType, ...]:
        return (TensorType(dtypes.FLOAT32, (m,)),)

    with pytest.raises(GraphError, match=r"%y is float32\[n\], f gives float32\[m\]"):
        verify(loose, infer)
    verify(loose.replace(guards=(Guard("eq", m, N, "same"),)), infer)


def test_nested_graphs_are_verified() -> None:
    inner = Graph("inner", (), (STRANGER,), ())
    with pytest.raises(GraphError, match="graph 'inner'"):
        verify(changed_node(1, attributes={"body": inner}))
