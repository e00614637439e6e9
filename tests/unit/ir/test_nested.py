# SPDX-License-Identifier: Apache-2.0
"""Lists in the text form, and names of weights across nested graphs."""

from __future__ import annotations

import numpy as np
import pytest

from ingot.dims import symbol
from ingot.dtypes import BOOL, FLOAT16, FLOAT32
from ingot.errors import TextError
from ingot.ir.graph import Graph, ListType, TensorType
from ingot.ir.literals import CONTAINERS, parse_type
from ingot.ir.nested import all_graphs, distinct_weights
from ingot.ir.substitute import substitute_sizes
from ingot.ir.text import parse_graph, print_graph
from ingot.ops import verify
from ingot.ops.build import Builder
from ingot.ops.script import join_types


@pytest.mark.parametrize("container", CONTAINERS)
def test_list_types_print_and_parse(container: str) -> None:
    type_ = ListType(FLOAT16, (symbol("n"), -1, 3), container)
    assert parse_type(str(type_)) == type_
    assert type_ != TensorType(FLOAT16, type_.shape)


def test_an_unknown_container_is_an_error() -> None:
    with pytest.raises(TextError, match="is no tensor type"):
        parse_type("heap_float32[3]")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("sequence_float32[2, 3]", "sequence_float32[2, 4]", "sequence_float32[2, -1]"),
        ("sequence_float32[2]", "sequence_float32[2, 4]", "any_sequence_float32[]"),
        ("empty_sequence_float32[]", "sequence_int64[2]", "sequence_int64[2]"),
        ("any_sequence_float32[]", "sequence_float32[2]", "any_sequence_float32[]"),
        ("optional_empty_sequence_float32[]", "optional_sequence_float32[2]",
         "optional_sequence_float32[2]"),
        ("sequence_float32[2]", "sequence_int64[2]", None),
        ("sequence_float32[2]", "float32[2]", None),
        ("float32[2]", "float32[n]", "float32[2]"),
        ("float32[2]", "float32[]", None),
    ],
)  # fmt: skip
def test_the_type_that_stands_for_two(one: str, other: str, both: str | None) -> None:
    found = join_types(parse_type(one), parse_type(other))
    assert found == (None if both is None else parse_type(both))


def branching(*arrays: np.ndarray) -> Graph:
    """Branches that each add a weight called w."""
    builder = Builder("branching")
    x, flag = builder.input("x", FLOAT32, (20,)), builder.input("c", BOOL, ())
    bodies = []
    for number, array in enumerate(arrays):
        body = Builder(f"b{number}")
        inner = body.input(f"in{number}", FLOAT32, (20,))
        made = body.node("add", inner, body.weight("w", array))
        bodies.append(body.finish({f"out{number}": made}, "portable"))
    results = builder.script(
        "if", flag, x, shapes=((20,),), then_body=bodies[0], else_body=bodies[1]
    )
    return builder.finish({"y": results[0]}, "portable")


def test_one_name_is_one_weight() -> None:
    one, other = np.random.default_rng(1).standard_normal((2, 20)).astype(np.float32)
    same = branching(one, one.copy())
    assert distinct_weights(same) is same
    made = distinct_weights(branching(one, other))
    verify(made)
    weights = {w.value.name: w.data for g in all_graphs(made) for w in g.weights.values()}
    assert len(weights) == 2
    assert np.array_equal(weights["w"], one)
    assert np.array_equal(weights["w.1"], other)


def test_graphs_with_bodies_print_and_parse() -> None:
    one, other = np.random.default_rng(2).standard_normal((2, 20)).astype(np.float32)
    graph = distinct_weights(branching(one, other))
    text = print_graph(graph)
    again = parse_graph(text, {"w": one, "w.1": other})
    assert print_graph(again) == text
    verify(again)


def test_a_list_of_sized_tensors_stays_a_list() -> None:
    builder = Builder("listed")
    x = builder.input("x", FLOAT32, (symbol("n"),))
    (made,) = builder.script(
        "list_make", x, shapes=((symbol("n"),),), dtype=FLOAT32, container="sequence"
    )
    sized = substitute_sizes(builder.finish({"made": made}), {"n": 3})
    assert sized.outputs[0].type == ListType(FLOAT32, (3,), "sequence")
    assert sized.inputs[0].type == TensorType(FLOAT32, (3,))
    verify(sized)
