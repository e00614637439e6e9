# SPDX-License-Identifier: Apache-2.0
"""What exporters write, in small: each sample is the pattern by which one of them is known.

The right results are ONNX Runtime's, of the same file.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper, parser

from ingot.onnx import read
from ingot.ops import evaluate_graph, verify

HEAD = '<ir_version: 9, opset_import: ["" : {opset}{more}]> '
# TorchScript: sizes taken apart by Shape, Gather, Unsqueeze and put together by Concat; a mask by
# ConstantOfShape, and constants as nodes.
TORCHSCRIPT = """g (float[batch, seq, 8] x) => (float[batch, heads, seq, d] y) {
    s0 = Shape(x)  i0 = Constant<value_int = 0>()  b = Gather<axis = 0>(s0, i0)
    s1 = Shape(x)  i1 = Constant<value_int = 1>()  n = Gather<axis = 0>(s1, i1)
    z = Constant<value_ints = [0]>()
    b1 = Unsqueeze(b, z)  n1 = Unsqueeze(n, z)
    h = Constant<value_ints = [2]>()  d = Constant<value_ints = [-1]>()
    t = Concat<axis = 0>(b1, n1, h, d)
    r = Reshape(x, t)
    p = Transpose<perm = [0, 2, 1, 3]>(r)
    f = Cast<to = 1>(n)  q = Sqrt(f)
    y = Div(p, q)
}"""
# TorchScript: the pads of torch.nn.functional.pad, last axis first, turned round by a slice that
# goes down past the first row. {given} pads are filled up with {missing} zeros.
TORCHSCRIPT_PADS = """g (float[batch, 5, 8] x) => (float[batch, p, q] y) {{
    given = Constant<value_ints = [{given}]>()  missing = Constant<value_ints = [{missing}]>()
    rest = ConstantOfShape<value = int64[1] {{0}}>(missing)
    all = Concat<axis = 0>(given, rest)
    pairs = Constant<value_ints = [-1, 2]>()  table = Reshape(all, pairs)
    first = Constant<value_ints = [0]>()  back = Constant<value_ints = [-1]>()
    end = Constant<value = int64[1] {{-9223372036854775807}}>()
    turned = Slice(table, back, end, first, back)
    ends = Transpose<perm = [1, 0]>(turned)
    flat = Reshape(ends, back)
    pads = Cast<to = 7>(flat)
    y = Pad<mode = "constant">(x, pads)
}}"""
# The dynamo exporter: functions of the model's own, with overloads and attributes passed on.
DYNAMO = """g (float[s77, 4] x) => (float[s77, 4] y) {
    a = pkg.onnxscript.torch_lib.scale<alpha = 2.0>(x)
    y = pkg.onnxscript.torch_lib.both(a, x)
}
<domain: "pkg.onnxscript.torch_lib", opset_import: ["" : 18]>
scale <alpha: float = 1.0> (v) => (w) {
    k = Constant<value_float: float = @alpha>()
    c = CastLike(k, v)
    w = Mul(v, c)
}
<domain: "pkg.onnxscript.torch_lib", opset_import: ["" : 18, "pkg.onnxscript.torch_lib" : 1]>
both (v, u) => (w) {
    d = pkg.onnxscript.torch_lib.scale<alpha = 0.5>(v)
    flag = Constant<value_int = 1>()
    yes = Cast<to = 9>(flag)
    w = If(yes) <then_branch = t () => (a) { a = Add(d, u) },
                 else_branch = e () => (b) { b = Sub(d, u) }>
}"""
# tf2onnx: NHWC tensors between transposes, sizes in int32 through casts, Squeeze and StridedSlice.
TF2ONNX = """g (float[n, h, w, 3] x) => (float[n, c] y) {
    t = Transpose<perm = [0, 3, 1, 2]>(x)
    c = Conv<auto_pad = "SAME_UPPER", strides = [2, 2], kernel_shape = [3, 3]>(t, k)
    b = Transpose<perm = [0, 2, 3, 1]>(c)
    r = Relu(b)
    s = Shape(r)  s32 = Cast<to = 6>(s)  s64 = Cast<to = 7>(s32)
    zero = Constant<value_ints = [0]>()  one = Constant<value_ints = [1]>()
    first = Slice(s64, zero, one)
    rest = Constant<value_ints = [-1]>()
    target = Concat<axis = 0>(first, rest)
    y = Reshape(r, target)
}"""
# optimum: a cache that grows, and a causal mask from positions.
OPTIMUM = """g (float[b, 2, past, 4] k, float[b, 2, seq, 4] v) => (float[b, 2, all, 4] present,
        float[b, 2, seq, all] y) {
    present = Concat<axis = -2>(k, v)
    s = Shape<start = 2, end = 3>(present)
    z = Constant<value_int = 0>()  o = Constant<value_int = 1>()
    none = Constant<value_ints = [0]>()
    total = Squeeze(s, none)
    p = Shape<start = 2, end = 3>(k)  from = Squeeze(p, none)
    columns = Range(z, total, o)  rows = Range(from, total, o)
    last = Constant<value_ints = [1]>()
    up = Unsqueeze(rows, last)
    seen = LessOrEqual(columns, up)
    low = Constant<value_float = -3.4e38>()  free = Constant<value_float = 0.0>()
    mask = Where(seen, free, low)
    t = Transpose<perm = [0, 1, 3, 2]>(present)
    m = MatMul(v, t)
    a = Add(m, mask)
    y = Softmax<axis = -1>(a)
}"""
# onnxslim and its kin: nothing but arithmetic left, initializers under names of what they replace.
SLIMMED = """g (float[n, 6] x) => (float[n, 2, 3] y) <int64[3] "/Concat_output_0" = {-1, 2, 3},
        float[6] "onnx::Mul_12" = {1, 2, 3, 4, 5, 6}> {
    "/Mul_output_0" = Mul(x, "onnx::Mul_12")
    y = Reshape("/Mul_output_0", "/Concat_output_0")
}"""
X = np.random.default_rng(3).standard_normal


def floats(*shape: int) -> np.ndarray:
    return X(shape).astype(np.float32)


SAMPLES = {
    "torchscript": (TORCHSCRIPT, 17, "", {"x": floats(3, 5, 8)}),
    "torchscript pads": (
        TORCHSCRIPT_PADS.format(given="1, 2", missing=4), 17, "", {"x": floats(3, 5, 8)},
    ),
    "torchscript pads of every axis": (
        TORCHSCRIPT_PADS.format(given="1, 2, 0, 3, 0, 1", missing=0), 17, "",
        {"x": floats(3, 5, 8)},
    ),
    "dynamo": (DYNAMO, 18, ', "pkg.onnxscript.torch_lib" : 1', {"x": floats(5, 4)}),
    "tf2onnx": (TF2ONNX, 15, "", {"x": floats(2, 7, 9, 3)}),
    "optimum": (OPTIMUM, 17, "", {"k": floats(2, 2, 3, 4), "v": floats(2, 2, 2, 4)}),
    "onnxslim": (SLIMMED, 18, "", {"x": floats(4, 6)}),
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_patterns(name: str) -> None:
    text, opset, more, feeds = SAMPLES[name]
    quoted = (
        text if name != "onnxslim" else text.replace('"', "").replace("/", "s_").replace(":", "_")
    )
    model = parser.parse_model(HEAD.format(opset=opset, more=more) + quoted)
    if name == "tf2onnx":
        model.graph.initializer.append(numpy_helper.from_array(floats(4, 3, 3, 3), "k"))
    graph = read(model)
    verify(graph)
    assert all(node.op != "gather" for node in graph.nodes), "sizes are no tensors"
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    found = evaluate_graph(graph, feeds)
    for output, want in zip(session.get_outputs(), session.run(None, feeds), strict=True):
        np.testing.assert_allclose(found[output.name], want, rtol=1e-5, atol=1e-6)


# Scoping: names of a body hide outer ones, bodies see what is around them at any depth, and a body
# inside a function is in the opset of the function.
NESTED = """g (float[4] x, bool c) => (float[4] y) {
    h = Neg(x)
    y = If(c) <
        then_branch = t () => (float[4] a) {
            w = Exp(h)
            a = If(c) <then_branch = tt () => (float[4] a2) { a2 = Add(w, h) },
                       else_branch = te () => (float[4] a3) { a3 = Mul(w, x) }>
        },
        else_branch = e () => (float[4] b) { w = Abs(h) b = Add(w, x) }
    >
}"""
OLD_BODY = """g (float[2, 3] x) => (float[3] y) { y = own.sum(x) }
<domain: "own", opset_import: ["" : 11]>
sum (v) => (w) {
    yes = Constant<value = bool {1}>()
    w = If(yes) <then_branch = t () => (a) { a = ReduceSum<axes = [0], keepdims = 0>(v) },
                 else_branch = e () => (b) { b = ReduceSum<axes = [1], keepdims = 0>(v) }>
}"""


@pytest.mark.parametrize("flag", [True, False])
def test_bodies_see_what_is_around_them(flag: bool) -> None:
    model = parser.parse_model(HEAD.format(opset=18, more="") + NESTED)
    graph = read(model)
    verify(graph)
    x = floats(4)
    wanted = np.exp(-x) - x if flag else np.abs(x) + x
    np.testing.assert_allclose(
        evaluate_graph(graph, {"x": x, "c": np.array(flag)})["y"], wanted, rtol=1e-5, atol=1e-6
    )


def test_a_body_in_a_function_is_in_its_opset() -> None:
    model = parser.parse_model(HEAD.format(opset=18, more=', "own" : 1') + OLD_BODY)
    x = floats(2, 3)
    found = evaluate_graph(read(model), {"x": x})["y"]
    np.testing.assert_allclose(found, x.sum(0), rtol=1e-5)


def test_overloads_of_a_function_are_told_apart() -> None:
    nodes = [
        onnx.helper.make_node("f", ["x"], ["a"], domain="own", overload="one"),
        onnx.helper.make_node("f", ["a"], ["y"], domain="own", overload="two"),
    ]
    value = [onnx.helper.make_tensor_value_info(n, 1, [3]) for n in ("x", "y")]
    graph = onnx.helper.make_graph(nodes, "g", value[:1], value[1:])
    opsets = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid("own", 1)]
    functions = [
        onnx.helper.make_function(
            "own", "f", ["v"], ["w"], [onnx.helper.make_node(op, ["v"], ["w"])], opsets[:1],
            overload=overload,
        )
        for op, overload in (("Exp", "one"), ("Neg", "two"))
    ]  # fmt: skip
    model = onnx.helper.make_model(graph, opset_imports=opsets, functions=functions, ir_version=10)
    assert [node.op for node in read(model).nodes] == ["exp", "neg"]


@pytest.mark.parametrize("reach", [1, 2, 3, 5])
@pytest.mark.parametrize("operator", ["MaxPool", "AveragePool", "Conv"])
def test_same_padding_halves_open_sizes_exactly(operator: str, reach: int) -> None:
    names = ["x", *(f"x{depth}" for depth in range(1, 6))]
    facts = f'auto_pad = "SAME_UPPER", strides = [2, 2], kernel_shape = [{reach}, {reach}]'
    weight = ", k" if operator == "Conv" else ""
    steps = [f"{made} = {operator}<{facts}>({source}{weight})" for source, made in pairwise(names)]
    text = f"g (float[n, 4, h, w] x) => (float[n, 4, a, b] x5) {{ {chr(10).join(steps)} }}"
    model = parser.parse_model(HEAD.format(opset=17, more="") + text)
    if weight:
        model.graph.initializer.append(numpy_helper.from_array(floats(4, 4, reach, reach), "k"))
    shape = read(model).outputs[0].shape
    assert list(map(str, shape)) == ["n", "4", "((h + 31)//32)", "((w + 31)//32)"]
