# SPDX-License-Identifier: Apache-2.0
"""The graph's text form: what is printed parses back to the same, and bad text names its line."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingot import dims, dtypes
from ingot.dims import Guard, symbol
from ingot.dtypes import DType
from ingot.errors import TextError
from ingot.ir.graph import (
    Attribute,
    Derivation,
    Graph,
    Node,
    SymbolRange,
    TensorType,
    Value,
    Weight,
)
from ingot.ir.literals import (
    parse_attribute,
    parse_derivation,
    parse_elements,
    print_attribute,
    print_derivation,
    print_elements,
)
from ingot.ir.text import parse_graph, print_graph

EVERYTHING = """\
graph "all of it" portable
  symbol batch 1..64
  symbol length 0..
  guard ge (batch, 2) "why; so"
  input %x: float32[batch, 8]
  input %"odd name, with \\"quotes\\" and ; [brackets]": int64[]
  weight %w: float32[8, 8] = @w from transpose(source("fc, weight"), permutation=(1, 0))
  weight %half: float32[] = {0.1} from constant(float32[], {0.1})
  weight %none: float32[0, 3] = {}
  %h: float32[batch, 8] = matmul(%x, %w) from /fc/MatMul, "a, b" by fold
  %s: float32[2*max(batch, 4), 8] = thing(%h, none, %half) {a=(2*batch, 3), b="x } from y by z", \
c=float32, d=(1,), e=(), f=1e-05, g=2*batch + 2, h=graph("all of it.1"), i=none, j=true}
  %p: float32[batch, 8], %q: int64[] = two(%s) from n
  %t: float32[] = nothing()
  output %p
  output %x

graph "all of it.1" legal
  input %x: float32[2]
  %y: float32[2] = relu(%x)
  output %y
"""


def weights(name: str, type: TensorType) -> np.ndarray:
    return np.arange(64, dtype=np.float32).reshape(8, 8)


def test_everything_prints_as_it_was_read() -> None:
    assert print_graph(parse_graph(EVERYTHING, weights)) == EVERYTHING


def test_fields() -> None:
    graph = parse_graph(EVERYTHING, weights)
    batch = symbol("batch")
    assert graph.name == "all of it"
    assert graph.stage == "portable"
    assert graph.symbols == {"batch": SymbolRange(1, 64), "length": SymbolRange(0, None)}
    assert graph.guards == (Guard("ge", batch, 2, "why; so"),)
    assert graph.weights["w"].derivation == Derivation.apply(
        "transpose", Derivation.source("fc, weight"), permutation=(1, 0)
    )
    node = graph.nodes[1]
    assert node.inputs == (graph.nodes[0].output, None, graph.weights["half"].value)
    assert node.attributes["a"] == (batch * 2, 3)
    assert node.attributes["c"] is dtypes.FLOAT32
    nested = node.attributes["h"]
    assert isinstance(nested, Graph)
    assert nested.stage == "legal"
    assert graph.nodes[0].origin == ("/fc/MatMul", "a, b")
    assert graph.nodes[0].made_by == "fold"
    assert not graph.weights["w"].data.flags.writeable


def test_weights_are_looked_up_under_their_stored_name() -> None:
    graph = parse_graph(EVERYTHING, weights)
    text = print_graph(graph, {"w": "tied", "half": "stored half"})
    assert "weight %w: float32[8, 8] = @tied from" in text
    stored = {"tied": graph.weights["w"].data, "stored half": np.float32(0.1).reshape(())}
    again = parse_graph(text, stored)
    assert again.weights["w"].data is not None
    np.testing.assert_array_equal(again.weights["w"].data, graph.weights["w"].data)


attributes = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.text(max_size=9),
        st.floats(allow_nan=False), st.sampled_from(dtypes.ALL),
        st.sampled_from([symbol("n"), symbol("n") * 2 - symbol("k"), dims.maximum(symbol("n"), 3)]),
    ),
    lambda parts: st.lists(parts, max_size=4).map(tuple), max_leaves=8,
)  # fmt: skip


@given(attributes)
def test_attributes_round_trip(value: Attribute) -> None:
    text = print_attribute(value, str)
    again = parse_attribute(text, lambda name: Graph(name, (), (), ()))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("dtype", dtypes.ALL, ids=str)
def test_elements_round_trip(dtype: DType, rng: np.random.Generator) -> None:
    wide = rng.normal(0, 3, (3, 4)) if dtype.is_float else rng.integers(0, 2, (3, 4))
    array = wide.astype(dtype.numpy)
    again = parse_elements(print_elements(array), TensorType(dtype, (3, 4)))
    assert again.dtype == array.dtype
    assert again.tobytes() == array.tobytes()


def test_elements_that_are_no_numbers_keep_their_bits() -> None:
    array = np.array([math.nan, -math.inf, math.inf, -0.0, 1e-45], np.float32)
    for part in (array, array[1:]):
        again = parse_elements(print_elements(part), TensorType(dtypes.FLOAT32, part.shape))
        assert again.tobytes() == part.tobytes()
    extremes = np.array([2**64 - 1, 0], np.uint64)
    again = parse_elements(print_elements(extremes), TensorType(dtypes.UINT64, (2,)))
    np.testing.assert_array_equal(again, extremes)


def test_derivation_round_trips() -> None:
    half = Derivation.constant(np.array([0.5, -1.0], np.float16))
    name = Derivation.source('odd "name", (with) = {marks}')
    derivation = Derivation.apply("reshape", Derivation.apply("mul", name, half), shape=(2, 1))
    assert parse_derivation(print_derivation(derivation)) == derivation
    assert derivation.sources() == {'odd "name", (with) = {marks}'}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: there is no graph"),
        ("input %x: float32[2]", "line 1: a graph starts with"),
        ("graph g nowhere", "line 1: 'graph g nowhere' starts no graph"),
        ("graph g legal\ninput %x: float33[2]", "line 2: 'float33[2]' is no tensor type"),
        ("graph g legal\n%y: float32[] = relu(%x)", "line 2: value %x is used before"),
        ("graph g legal\ninput %x: float32[]\ninput %x: float32[]", "line 3: value %x is defined"),
        ("graph g legal\nthing", "line 2: 'thing' is no item"),
        ("graph g legal\n%y = relu()", "line 2: '%y = relu()' is no node"),
        ("graph g legal\nweight %w: float32[3] = {1, 2}", "line 2: float32[3] needs 3 elements"),
        ("graph g legal\nweight %w: float32[99] = @w", "line 2: weight 'w' is a reference"),
        ('graph g legal\n%y: int8[] = f() {a=graph("h")}', "line 2: there is no graph 'h'"),
        ('graph g legal\n%y: int8[] = f() {a=graph("g")}', "line 2: there is no graph 'g'"),
        ("graph g legal\n%y: int8[] = f() {a=1 +}", "line 2: size '1 +'"),
        ('graph g legal\nguard odd (1, 2) "r"', "line 2:"),
    ],
)
def test_bad_text_names_its_line(text: str, message: str) -> None:
    with pytest.raises(TextError) as caught:
        parse_graph(text)
    assert message in str(caught.value)


def test_a_weight_of_another_type_is_refused() -> None:
    text = "graph g legal\nweight %w: float32[2, 2] = @w"
    with pytest.raises(TextError, match=r"declared float32\[2, 2\], its data is float64\[2\]"):
        parse_graph(text, {"w": np.zeros(2)})
    with pytest.raises(TextError, match="not among the 0 given weights"):
        parse_graph(text, {})


def large_graph(count: int) -> Graph:
    batch = symbol("batch")
    type = TensorType(dtypes.FLOAT32, (batch, 768, 14, 14))
    value = x = Value("x", type)
    weight = Weight(Value("w", TensorType(dtypes.FLOAT32, (1,))), np.ones(1, np.float32))
    nodes = []
    for index in range(count):
        made = Value(f"/layer{index}/out", type)
        attributes = {"strides": (index % 50, 2), "group": 1} if index % 3 == 0 else {}
        origin = (f"/layer{index}/Conv_{index}",)
        nodes.append(Node("conv", (value, weight.value), (made,), attributes, origin, "fold"))
        value = made
    return Graph("large", (x,), (value,), tuple(nodes), {"w": weight}, {"batch": SymbolRange()})


def test_ten_thousand_nodes_are_read_fast() -> None:
    text = print_graph(large_graph(10_000))
    start = time.process_time()
    graph = parse_graph(text)
    seconds = time.process_time() - start
    assert len(graph.nodes) == 10_000
    assert seconds < 1.0  # 0.2 s on an idle core


def test_one_scalar_may_tell_several_sizes() -> None:
    text = """\
graph g imported
  symbol m 0..
  symbol k 0..
  input %flags: bool[4]
  input %a: int64[]
  measure m %a
  measure k %a
  %p: int64[1, m] = nonzero(%flags) {size=m}
  %q: int64[1, k] = nonzero(%flags) {size=k}
  output %p
  output %q"""
    graph = parse_graph(text)
    assert {name: value.name for name, value in graph.measured.items()} == {"m": "a", "k": "a"}
    assert print_graph(graph).strip() == text
