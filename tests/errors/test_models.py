# SPDX-License-Identifier: Apache-2.0
"""Models that cannot be read: each ends in one error that names the thing and the cure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper, parser

import ingot
from ingot.errors import IngotError, ModelError, Obstacle, ShapeError, UnsupportedError
from ingot.onnx import read

F = TensorProto.FLOAT


def parsed(text: str, opset: int = 18) -> onnx.ModelProto:
    return parser.parse_model(f'<ir_version: 9, opset_import: ["" : {opset}, "com.x" : 1]> {text}')


def net(*nodes: onnx.NodeProto, outputs: tuple[str, ...] = ("y",)) -> onnx.ModelProto:
    """A model named net over one float vector x."""
    graph = helper.make_graph(
        list(nodes),
        "net",
        [helper.make_tensor_value_info("x", F, ["n"])],
        [helper.make_tensor_value_info(name, F, ["n"]) for name in outputs],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])


def node(
    op: str, inputs: str, outputs: str, name: str = "", **attributes: object
) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), outputs.split(), name, **attributes)


def message(model: object, kind: type[IngotError] = ModelError) -> str:
    with pytest.raises(kind) as caught:
        read(model)  # type: ignore[arg-type]  # wrong on purpose
    assert type(caught.value) is kind
    return str(caught.value)


DAMAGED = "the file is truncated, damaged or not an ONNX model; export or download it again"


class TestFiles:
    def test_missing(self, tmp_path: Path) -> None:
        path = tmp_path / "gone.onnx"
        assert message(path) == (
            f"model '{path}': cannot be read (No such file or directory); "
            "check the path and its permissions"
        )

    def test_folder(self, tmp_path: Path) -> None:
        assert message(tmp_path) == (
            f"model '{tmp_path}': is not a regular file; give the path of a file"
        )

    def test_empty(self, tmp_path: Path) -> None:
        path = tmp_path / "empty.onnx"
        path.touch()
        assert message(path) == f"model '{path}': is empty; {DAMAGED}"

    def test_text(self) -> None:
        assert message(b"<!DOCTYPE html><html>Not found</html>").endswith(DAMAGED)

    def test_no_graph(self) -> None:
        model = onnx.ModelProto(ir_version=9)
        assert message(model) == f"model: holds no graph, a model has one; {DAMAGED}"

    def test_something_else(self) -> None:
        assert message(42) == (
            "a model of type int cannot be read; pass a path, bytes or a ModelProto"
        )

    def test_truncated_anywhere(self) -> None:
        data = net(node("Relu", "x", "y")).SerializeToString()
        for length in range(1, len(data) - 8):
            with pytest.raises(ModelError):
                read(data[:length])


class TestGraphs:
    def test_cycle(self) -> None:
        model = net(node("Add", "x c", "a", "A"), node("Relu", "a", "b", "B"),
                    node("Neg", "b", "c", "C"), node("Exp", "c", "y", "Y"))  # fmt: skip
        text = message(model)
        assert text.startswith("the graph has a cycle: ")
        assert text.endswith(
            "; a model must not feed a tensor back into its own computation; export it again"
        )
        loop = text.partition(": ")[2].partition(";")[0].split(" -> ")
        assert loop[0] == loop[-1]
        assert set(loop) == {"Add 'A'", "Relu 'B'", "Neg 'C'"}
        assert loop[loop.index("Add 'A'") + 1] == "Relu 'B'"

    def test_cycle_beside_a_sound_output(self) -> None:
        nodes = (node("Add", "x b", "a", "A"), node("Relu", "a", "b", "B"),
                 node("Neg", "x", "c", "C"), node("Exp", "c", "z", "Z"))  # fmt: skip
        for outputs in (("a", "z"), ("z", "a")):
            text = message(net(*nodes, outputs=outputs))
            assert text.partition(";")[0] in (
                "the graph has a cycle: Add 'A' -> Relu 'B' -> Add 'A'",
                "the graph has a cycle: Relu 'B' -> Add 'A' -> Relu 'B'",
            )

    @pytest.mark.parametrize(
        ("operator", "inputs", "attributes", "expected"),
        [
            ("QuantizeLinear", "x s s", {},
             "it quantizes to float32; quantize to an integer of at most 16 bits or a float of "
             "at most 8"),
            ("QuantizeLinear", "x s z", {"axis": 0, "block_size": 2},
             "the scales of blocks have rank 0; it must be 1"),
            ("Resize", "x s f", {"coordinate_transformation_mode": "tf_crop_and_resize"},
             "the region of interest has rank 0; it must be a vector"),
        ],
    )  # fmt: skip
    def test_parameters_of_another_form(
        self, operator: str, inputs: str, attributes: dict[str, object], expected: str
    ) -> None:
        model = net(node(operator, inputs, "y", "odd", **attributes))
        model.opset_import[0].version = 21
        for name, array in (("s", np.float32(0.5)), ("z", np.int8(0)), ("f", np.ones(1, "f"))):
            model.graph.initializer.append(numpy_helper.from_array(np.array(array), name))
        assert message(model) == f"{operator} 'odd': {expected}"

    @pytest.mark.parametrize(
        ("operator", "inputs", "expected"),
        [
            ("CausalConvWithState", "x x", "the input has rank 1; it must be 3"),
            ("LinearAttention", "x x x", "the query has rank 1; it must be 3"),
            ("RotaryEmbedding", "h x x i", "a table of angles has rank 1; it must be 2"),
        ],
    )
    def test_states_of_another_rank(self, operator: str, inputs: str, expected: str) -> None:
        heads = {"q_num_heads": 1, "kv_num_heads": 1} if operator == "LinearAttention" else {}
        model = net(node(operator, inputs, "y", "state", **heads))
        model.opset_import[0].version = 27
        for name, kind, rank in (("h", F, 4), ("i", TensorProto.INT64, 2)):
            model.graph.input.append(helper.make_tensor_value_info(name, kind, [2] * rank))
        assert message(model) == f"{operator} 'state': {expected}"

    def test_a_tensor_from_nowhere(self) -> None:
        assert message(net(node("Add", "x ghost", "y", "sum"))) == (
            "Add 'sum': input 'ghost' is produced by no node, input or initializer; "
            "the model is incomplete; export it again"
        )

    def test_an_output_from_nowhere(self) -> None:
        assert message(net(node("Relu", "x", "z"))) == (
            "output 'y': no node, input or initializer produces it; "
            "name a tensor that the model computes"
        )

    def test_two_producers(self) -> None:
        assert message(net(node("Relu", "x", "y", "a"), node("Neg", "x", "y", "b"))) == (
            "tensor 'y': both Relu 'a' and Neg 'b' produce it; "
            "give every tensor of the model its own name"
        )

    def test_a_node_that_produces_an_input(self) -> None:
        assert message(net(node("Relu", "y", "x", "a"), node("Neg", "x", "y", "b"))) == (
            "tensor 'x': both an input or initializer and Relu 'a' produce it; "
            "give every tensor of the model its own name"
        )

    def test_outputs(self) -> None:
        model = net(node("Relu", "x", "y"), outputs=("y", "y"))
        assert message(model) == "model 'net': output 'y' is declared twice; correct the model"
        assert message(net(outputs=())) == "model 'net': has no outputs; correct the model"

    def test_a_function_that_calls_itself(self) -> None:
        model = parsed("""g (float[n] x) => (float[n] y) { y = com.x.f(x) }
            <domain: "com.x", opset_import: ["" : 18, "com.x" : 1]> f (a) => (b) { b = com.x.f(a) }
        """)
        assert "functions nest more than 32 deep; a function must not call itself" in message(model)


class TestNodes:
    def test_a_missing_input(self) -> None:
        assert message(net(node("Add", "x", "y", "sum"))) == (
            "Add 'sum': input 1 is missing; give it, the operator needs it"
        )

    def test_a_missing_attribute(self) -> None:
        assert message(net(node("Concat", "x x", "y", "join"))) == (
            "Concat 'join': attribute 'axis' is missing; give it, the operator needs it"
        )

    def test_an_attribute_of_another_type(self) -> None:
        assert message(net(node("Softmax", "x", "y", "soft", axis="last"))) == (
            "Softmax 'soft': attribute 'axis' must be int, it is string; correct the model"
        )

    def test_an_axis_out_of_range(self) -> None:
        assert message(net(node("Softmax", "x", "y", "soft", axis=3))) == (
            "Softmax 'soft': axis is 3, the tensor has rank 1; correct the model"
        )

    def test_a_choice_that_is_none(self) -> None:
        assert message(net(node("Gelu", "x", "y", "act", approximate="fast")), ModelError) == (
            "Gelu 'act': attribute 'approximate' is 'fast'; it must be one of none, tanh"
        )

    def test_channels(self) -> None:
        model = parsed("""g (float[1, 4, 8, 8] x) => (float[1, 2, 6, 6] y)
            <float[2, 3, 3, 3] w> { y = Conv(x, w) }""")
        del model.graph.initializer[:]
        weight = np.ones((2, 3, 3, 3), np.float32)
        model.graph.initializer.append(numpy_helper.from_array(weight, "w"))
        model.graph.node[0].name = "stem"
        assert message(model, ShapeError) == (
            "Conv 'stem': weight expects 3 input channels, input has 4; "
            "check the model's input layout"
        )

    def test_sizes_that_do_not_meet(self) -> None:
        model = parsed("g (float[2, 3] x, float[4] b) => (float[2, 3] y) { y = Add(x, b) }")
        assert message(model, ShapeError).startswith(
            "Add 'Add_0': sizes that meet in the broadcast"
        )

    def test_a_reshape_to_another_count(self) -> None:
        model = parsed("g (float[2, 3] x) => (float[n] y) <int64[1] s = {7}> { y = Reshape(x, s) }")
        assert message(model, ShapeError).startswith("Reshape 'Reshape_0': element counts before")


class TestInitializers:
    def model(self, **fields: object) -> onnx.ModelProto:
        model = net(node("Add", "x w", "y"))
        right = {"name": "w", "data_type": F, "dims": [2], "raw_data": b"\0" * 8}
        model.graph.initializer.append(TensorProto(**{**right, **fields}))
        return model

    def test_bytes(self) -> None:
        assert message(self.model(raw_data=b"\0" * 7)) == (
            f"tensor 'w': needs 8 bytes for its dims, 7 are stored; {DAMAGED}"
        )

    def test_elements(self) -> None:
        model = self.model(float_data=[1.0])
        model.graph.initializer[0].ClearField("raw_data")
        assert message(model) == (
            f"tensor 'w': needs 2 elements for its dims, 1 are stored; {DAMAGED}"
        )

    def test_negative_dims(self) -> None:
        assert message(self.model(dims=[-2])).startswith("tensor 'w': has the negative size")

    def test_impossible_dims(self) -> None:
        text = message(self.model(dims=[1 << 40, 1 << 40]))
        assert text.startswith("tensor 'w': is impossibly large")

    def test_declared_twice(self) -> None:
        model = self.model()
        model.graph.initializer.append(model.graph.initializer[0])
        assert message(model) == "tensor 'w': is declared twice; rename one of them"

    def test_strings(self) -> None:
        model = self.model(data_type=TensorProto.STRING, string_data=[b"a", b"b"])
        model.graph.initializer[0].ClearField("raw_data")
        assert "Add 'Add_0': input 'w' holds strings" in message(model, UnsupportedError)


class TestObstacles:
    def test_every_one_is_listed_at_once(self) -> None:
        model = net(
            node("Relu", "x", "a"),
            node("Fancy", "a", "b", "fancy", domain="com.nobody"),
            node("Abs", "b", "c", "where"),
            node("Neg", "c", "d"),
            node("LeakyRellu", "d", "e", "leaky"),
            node("StringConcat", "a a", "f"),
            node("Add", "e f", "y"),
        )
        with pytest.raises(UnsupportedError) as caught:
            ingot.build(model)
        standard = "export the model with standard ONNX operators"
        other = "export with another operator or opset, or ask for support"
        assert caught.value.obstacles == (
            Obstacle("fancy", "com.nobody.Fancy",
                     "operators of the domain 'com.nobody' are not supported", standard),
            Obstacle("leaky", "LeakyRellu", "the operator is not supported", other,
                     "LeakyRelu of ONNX"),
            Obstacle("StringConcat_5", "StringConcat", "operators on strings are not supported",
                     "do this before the model's inputs"),
        )  # fmt: skip
        assert str(caught.value).splitlines()[0] == (
            "model 'net': 3 parts of it cannot be read; of 7 nodes 3 stand in the way, 3 behind "
            "them cannot be judged, 1 remain"
        )
        assert f"  LeakyRellu 'leaky': the operator is not supported; {other}" in str(caught.value)

    def test_what_lies_behind_is_judged_by_declared_types(self) -> None:
        model = net(
            node("Fancy", "x", "a", "fancy", domain="com.nobody"),
            node("Shape", "a", "s"),
            node("Relu", "a", "b", "act", leak=0.5),
            node("Reshape", "b s", "y"),
        )
        model.graph.value_info.append(helper.make_tensor_value_info("a", F, ["n", 3]))
        with pytest.raises(UnsupportedError) as caught:
            read(model)
        assert [obstacle.node for obstacle in caught.value.obstacles] == ["fancy", "act"]
        assert (caught.value.nodes, caught.value.blocked) == (4, 1)

    @pytest.mark.parametrize(
        ("domain", "op", "reason"),
        [
            ("ai.onnx.ml", "TreeEnsemble", "operators of classical machine learning"),
            ("ai.onnx.preview.training", "Adam", "training operators are not supported"),
            ("", "StringSplit", "operators on strings are not supported"),
            ("", "ImageDecoder", "it decodes an image file"),
        ],
    )
    def test_what_is_out_of_scope(self, domain: str, op: str, reason: str) -> None:
        assert f"{op} 'far': {reason}" in message(
            net(node(op, "x", "y", "far", domain=domain)), UnsupportedError
        )

    def test_what_is_out_of_scope_is_told_behind_other_obstacles(self) -> None:
        near = node("Fancy", "x", "a", "near", domain="com.nobody")
        with pytest.raises(UnsupportedError) as caught:
            read(net(near, node("ImageDecoder", "a", "y", "far")))
        assert [obstacle.node for obstacle in caught.value.obstacles] == ["near", "far"]

    def test_errors_show_the_neighbourhood(self) -> None:
        model = net(
            node("Relu", "x", "a", "act"),
            node("Concat", "a x", "c", "join", axis=3),
            node("Neg", "c", "y", "minus"),
        )
        with pytest.raises(ModelError) as caught:
            read(model)
        assert caught.value.__notes__ == [
            "at Concat 'join', which reads\n"
            "  'a' float32[n] from Relu 'act'\n"
            "  'x' float32[n]\n"
            "and makes 'c', read by Neg 'minus'"
        ]

    def test_a_node_without_a_name_has_one_title(self) -> None:
        with pytest.raises(ModelError) as caught:
            read(net(node("Concat", "x x", "y", axis=3)))
        assert str(caught.value).startswith("Concat 'Concat_0': ")
        assert caught.value.__notes__[0].startswith("at Concat 'Concat_0', which reads\n")

    def test_damage_inside_a_node_tells_where(self) -> None:
        data = net(node("Relu", "x", "a", "act"), node("Neg", "a", "y")).SerializeToString()
        at = data.index(b"Neg") - 1  # the length of the operator's name
        with pytest.raises(ModelError) as caught:
            read(data[:at] + b"\x7f" + data[at + 1 :])
        assert caught.value.__notes__ == ["while reading node 1 of a graph, after Relu 'act'"]

    def test_axes_computed_from_data(self) -> None:
        model = parsed("""g (float[n, 3] x, int64[1] s) => (float[m] y) { y = ReduceSum(x, s) }""")
        assert (
            "ReduceSum 'ReduceSum_0': the axes (input 's') is computed from data, it must "
            "follow from input sizes and constants; compute it from input sizes or constants, or "
            "fix it when exporting"
        ) in message(model, UnsupportedError)

    def test_attributes_that_we_do_not_know(self) -> None:
        model = net(node("Relu", "x", "y", "act", leak=0.5))
        assert "Relu 'act': attribute 'leak' is not supported; export without it" in message(
            model, UnsupportedError
        )

    @pytest.mark.parametrize("opset", [0, -1])
    def test_an_opset_that_is_none(self, opset: int) -> None:
        model = net(node("Relu", "x", "y"))
        model.opset_import[0].version = opset
        assert message(model, UnsupportedError) == (
            f"model 'net': is written for opset {opset}, the oldest that is read is 1; "
            "export it again, or convert it with onnx.version_converter"
        )

    def test_an_opset_that_nobody_will_write(self) -> None:
        model = net(node("Relu", "x", "y"))
        model.opset_import[0].version = 1 << 62
        assert message(model).startswith("model 'net': declares the impossible opset 46116")

    def test_inputs_that_are_no_tensors(self) -> None:
        model = net(node("Relu", "x", "y"))
        tensor = helper.make_tensor_type_proto(F, ["n"])
        table = helper.make_map_type_proto(TensorProto.INT64, tensor)
        mapping = helper.make_value_info("map", table)
        shapeless = helper.make_tensor_value_info("shapeless", F, None)
        strings = helper.make_tensor_value_info("strings", TensorProto.STRING, [1])
        model.graph.input.extend([mapping, shapeless, strings])
        text = message(model, UnsupportedError)
        assert "input 'map': is a map value, only tensors and lists of them are supported" in text
        assert "input 'shapeless': declares no shape, not even its rank" in text
        assert "input 'strings': holds strings; use floats, integers or bools" in text

    def test_statistics_for_every_pixel(self) -> None:
        model = parsed(
            """g (float[1, 2, 3] x, float[2] s) => (float[1, 2, 3] y)
            { y = BatchNormalization<spatial = 0>(x, s, s, s, s) }""",
            7,
        )
        assert message(model, ShapeError) == (
            "BatchNormalization 'BatchNormalization_0': channels of x and entries of scale or "
            "bias must be equal, they are 2 and 6"
        )
