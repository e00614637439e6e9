# SPDX-License-Identifier: Apache-2.0
"""What models may look like: order, names, defaults, functions, subgraphs, declared sizes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper, parser

from ingot.dims import symbol
from ingot.errors import UnsupportedError, UsageError
from ingot.ir.graph import Graph, SymbolRange
from ingot.onnx import read
from ingot.ops import evaluate_graph, verify

F = TensorProto.FLOAT


def parsed(text: str, opset: int = 18, more: str = "") -> onnx.ModelProto:
    return parser.parse_model(f'<ir_version: 9, opset_import: ["" : {opset}{more}]> {text}')


def ops(graph: Graph) -> list[str]:
    verify(graph)
    return [node.op for node in graph.nodes]


def model(nodes: list[onnx.NodeProto], inputs: list[str], outputs: list[str]) -> onnx.ModelProto:
    """A model over float vectors of size n."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info(name, F, ["n"]) for name in inputs],
        [helper.make_tensor_value_info(name, F, ["n"]) for name in outputs],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])


def test_path_bytes_and_proto_read_alike(tmp_path: Path) -> None:
    made = parsed("g (float[n] x) => (float[n] y) { a = Relu(x) y = Neg(a) }")
    onnx.save(made, tmp_path / "m.onnx")
    graphs = [
        read(tmp_path / "m.onnx"),
        read(str(tmp_path / "m.onnx")),
        read(made.SerializeToString()),
        read(made),
    ]
    assert {tuple(ops(graph)) for graph in graphs} == {("relu", "neg")}


def test_nodes_out_of_order_are_sorted() -> None:
    nodes = [
        helper.make_node("Neg", ["b"], ["y"]),
        helper.make_node("Exp", ["a"], ["b"]),
        helper.make_node("Relu", ["x"], ["a"]),
    ]
    assert ops(read(model(nodes, ["x"], ["y"]))) == ["relu", "exp", "neg"]


def test_nodes_without_a_name_are_called_by_operator_and_place() -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["a"], "first"),
        helper.make_node("Neg", ["a"], ["y"]),
    ]
    graph = read(model(nodes, ["x"], ["y"]))
    assert [node.origin for node in graph.nodes] == [("first",), ("Neg_1",)]


def test_values_bear_the_names_of_the_model() -> None:
    graph = read(
        parsed(
            """g (float[n] x) => (float[n] y, float[n] x2) {
                a = Relu(x) y = Neg(a) x2 = Identity(x) }"""
        )
    )
    assert [value.name for value in graph.inputs] == ["x"]
    assert [node.outputs[0].name for node in graph.nodes] == ["a", "y", "x2"]
    assert [value.name for value in graph.outputs] == ["y", "x2"]


def test_names_that_look_like_ours_do_not_collide() -> None:
    nodes = [
        helper.make_node("Gemm", ["x", "w"], ["matmul"], alpha=0.5),
        helper.make_node("Relu", ["matmul"], ["y"], "matmul"),
        helper.make_node("Gemm", ["y", "w"], ["matmul/matmul"], alpha=0.5),
    ]
    made = model(nodes, [], ["matmul/matmul", "matmul"])
    for name in ("x", "w"):
        made.graph.input.append(helper.make_tensor_value_info(name, F, [3, 3]))
    graph = read(made)
    verify(graph)
    assert [value.name for value in graph.outputs] == ["matmul/matmul", "matmul"]


def test_an_initializer_that_is_an_input_too_is_a_constant() -> None:
    made = parsed("g (float[n, 3] x, float[3] w = {1, 2, 3}) => (float[n, 3] y) { y = Mul(x, w) }")
    assert [value.name for value in made.graph.input] == ["x", "w"]
    graph = read(made)
    assert [value.name for value in graph.inputs] == ["x"]
    assert list(graph.weights) == ["w"]


def test_what_no_output_needs_is_left_out() -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["y"]),
        helper.make_node("Nonsense", ["x"], ["z"], domain="nobody"),
    ]
    assert ops(read(model(nodes, ["x"], ["y"]))) == ["relu"]


def test_weights_refer_to_their_initializer() -> None:
    made = parsed("g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) }")
    (weight,) = read(made).weights.values()
    assert weight.value.name == "w"
    assert weight.derivation is not None and weight.derivation.sources() == {"w"}


def test_unknown_sizes_become_symbols_of_their_own() -> None:
    made = parsed("g (float[n, m] x) => (float[n, m] y) { y = Relu(x) }")
    first, second = made.graph.input[0].type.tensor_type.shape.dim
    first.Clear()
    second.dim_value = -1
    graph = read(made)
    assert [str(size) for size in graph.inputs[0].shape] == ["x_0", "x_1"]
    assert graph.outputs[0].shape == graph.inputs[0].shape


def test_sizes_may_be_arithmetic_over_other_sizes() -> None:
    made = parsed(
        """g (float[seq, 2] x, float[n, 2] y, float[past, 2] p) => (float[n, 2] z) {
            a = Concat<axis = 0>(p, x) z = Add(a, y) }"""
    )
    made.graph.input[1].type.tensor_type.shape.dim[0].dim_param = "past + seq"
    graph = read(made)
    assert graph.inputs[1].shape[0] == symbol("past") + symbol("seq")
    assert not graph.guards


def test_sizes_with_strange_names_are_spelled_as_words() -> None:
    made = parsed("g (float[n, m, k, n] x) => (float[n, m, k, n] y) { y = Relu(x) }")
    dims = made.graph.input[0].type.tensor_type.shape.dim
    for dim, name in zip(dims, ("floor(a/2)", "1 b", "none", "floor(a/2)"), strict=True):
        dim.dim_param = name
    graph = read(made)
    verify(graph)
    shape = [str(size) for size in graph.inputs[0].shape]
    assert shape == ["floor_a_2_", "n1_b", "none_", "floor_a_2_"]


def test_declared_output_sizes_are_only_hints() -> None:
    graph = read(parsed("g (float[batch, 4] x) => (float[Gemmlogits_dim_0, 4] y) { y = Relu(x) }"))
    assert graph.outputs[0].shape == graph.inputs[0].shape
    assert set(graph.symbols) == {"batch"}


FUNCTIONS = """
    g (float[n] x) => (float[n] y) {{ a = custom.twice<factor = 3.0>(x) y = custom.twice(a) }}
    <domain: "custom", opset_import: ["" : 18{more}]>
    twice <factor: float = 2.0> (p) => (q) {{
        f = Constant<value_float: float = @factor>()
        a = {body}
        q = Mul(a, f)
    }}
"""


def test_functions_of_the_model_are_expanded(rng: np.random.Generator) -> None:
    text = FUNCTIONS.format(body="Relu(p)", more="")
    graph = read(parsed(text, more=', "custom" : 1'))
    x = rng.uniform(-1, 1, 5).astype(np.float32)
    result = evaluate_graph(graph, {"x": x})["y"]
    np.testing.assert_allclose(result, np.maximum(x, 0) * 6, rtol=1e-6)
    assert graph.nodes[0].origin[0].startswith("custom.twice_0/") or graph.nodes[0].origin[
        0
    ].startswith("twice_0/")


def test_a_function_with_optional_inputs_and_unused_outputs() -> None:
    text = """
        g (float[n] x) => (float[n] y) { y, = custom.pair(x) }
        <domain: "custom", opset_import: ["" : 18]>
        pair (p, low) => (a, b) { a = Clip(p, low) b = Nonsense(p) }
    """
    made = parsed(text.replace("y, =", "y ="), more=', "custom" : 1')
    assert ops(read(made)) in (["identity"], [])


@pytest.mark.parametrize("opset", [9, 13, 18, 23])
def test_operators_that_onnx_defines_as_functions(opset: int, rng: np.random.Generator) -> None:
    """MeanVarianceNormalization has no mapping and a body with a default attribute."""
    graph = read(
        parsed(
            "g (float[2, 3, 4, 5] x) => (float[2, 3, 4, 5] y) { y = MeanVarianceNormalization(x) }",
            opset,
        )
    )
    x = rng.uniform(-3, 3, (2, 3, 4, 5)).astype(np.float32)
    result = evaluate_graph(graph, {"x": x})["y"]
    wide = x.astype(np.float64)
    mean, std = wide.mean((0, 2, 3), keepdims=True), wide.std((0, 2, 3), keepdims=True)
    np.testing.assert_allclose(result, (wide - mean) / std, rtol=1e-5, atol=1e-5)


def test_constant_nodes_in_every_form(rng: np.random.Generator) -> None:
    values = rng.uniform(-1, 1, 20).astype(np.float32)
    nodes = [
        helper.make_node("Constant", [], ["a"], value=numpy_helper.from_array(values)),
        helper.make_node("Constant", [], ["b"], value_float=2.5),
        helper.make_node("Constant", [], ["c"], value_floats=[float(v) for v in values]),
        helper.make_node("Constant", [], ["d"], value_int=3),
        helper.make_node("Cast", ["d"], ["e"], to=F),
        helper.make_node("Sum", ["x", "a", "b", "c", "e"], ["y"]),
    ]
    graph = read(model(nodes, ["x"], ["y"]))
    x = rng.uniform(-1, 1, 20).astype(np.float32)
    wanted = x.astype(np.float64) + 2 * values.astype(np.float64) + 5.5
    np.testing.assert_allclose(evaluate_graph(graph, {"x": x})["y"], wanted, rtol=1e-6)
    sources = {w.derivation.source_name for w in graph.weights.values() if w.derivation.is_source}
    assert sources == {"a", "c"}


def test_older_opsets_take_attributes_where_newer_take_inputs() -> None:
    old = read(parsed("g (float[n, 3] x) => (float[n, 1] y) { y = ReduceSum<axes = [1]>(x) }", 11))
    new = read(
        parsed(
            "g (float[n, 3] x) => (float[n, 1] y) <int64[1] a = {1}> { y = ReduceSum(x, a) }", 13
        )
    )
    assert [n.attributes for n in old.nodes] == [n.attributes for n in new.nodes]


class TestProfiles:
    """Profiles limit free sizes."""

    TEXT = "g (float[batch, 3, height] x) => (float[batch, 3, height] y) { y = Relu(x) }"

    def test_by_the_name_of_a_size(self) -> None:
        graph = read(parsed(self.TEXT), {"batch": (1, 8)})
        assert graph.symbols == {"batch": SymbolRange(1, 8), "height": SymbolRange()}

    def test_by_the_shapes_of_an_input(self) -> None:
        graph = read(parsed(self.TEXT), {"x": ((1, 3, 32), (1, 3, 64), (4, 3, 512))})
        assert graph.symbols == {"batch": SymbolRange(1, 4), "height": SymbolRange(32, 512)}

    @pytest.mark.parametrize(
        ("profiles", "message"),
        [
            ({"z": (1, 2)}, "profile of 'z': is neither"),
            ({"x": ((1, 3), (2, 3))}, "profile of input 'x': has rank 2, the input has rank 3"),
            ({"x": ((1, 4, 1), (2, 4, 1))}, "asks for sizes 4 to 4, the model has 3"),
            ({"batch": (5, 2)}, "no size is from 5 to 2"),
        ],
    )
    def test_what_does_not_fit(self, profiles: dict, message: str) -> None:
        with pytest.raises(UsageError) as caught:
            read(parsed(self.TEXT), profiles)
        assert message in str(caught.value)


class TestUnknownRanks:
    """An input without a rank gets it from its readers or from a profile."""

    @staticmethod
    def rank_of(body: str, opset: int = 18, profiles: dict | None = None) -> int:
        made = parsed(f"g (float[n] x) => (float[n] y) {body}", opset)
        made.graph.input[0].type.tensor_type.ClearField("shape")
        made.graph.output[0].type.tensor_type.ClearField("shape")
        graph = read(made, profiles)
        verify(graph)
        return graph.inputs[0].type.rank

    @pytest.mark.parametrize(
        ("body", "rank"),
        [
            ("{ y = Transpose<perm = [1, 2, 0]>(x) }", 3),
            ("{ a = Relu(x) b = Tanh(a) y = Transpose<perm = [1, 0]>(b) }", 2),
            ("{ y = MaxPool<kernel_shape = [2, 2]>(x) }", 4),
            ("<int64[6] p = {0, 1, 0, 0, 0, 0}> { y = Pad(x, p) }", 3),
            ("<int64[2] p = {2, 1}> { y = Tile(x, p) }", 2),
            ("<float[1, 1, 1] w = {1}> { y = Conv(x, w) }", 3),
            ("<float[1, 1] w = {1}> { y = Gemm(x, w) }", 2),
        ],
    )
    def test_told_by_its_readers(self, body: str, rank: int) -> None:
        assert self.rank_of(body) == rank

    def test_told_by_a_profile(self) -> None:
        assert self.rank_of("{ y = Relu(x) }", profiles={"x": ((1, 2), (8, 2))}) == 2

    def test_told_by_nobody(self) -> None:
        with pytest.raises(UnsupportedError, match="declares no shape, not even its rank"):
            self.rank_of("{ y = Relu(x) }")
