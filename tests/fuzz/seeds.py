# SPDX-License-Identifier: Apache-2.0
"""Models with one of most things in them, for tests that damage them."""

from __future__ import annotations

import numpy as np
from onnx import helper, numpy_helper, parser

CONV = """<ir_version: 9, opset_import: ["" : 18]>
net (float[batch, 3, height, width] x) => (float[batch, 10] y)
<int64[2] target = {0, -1}, int64[1] a = {1}>
{
    c = Conv<pads = [1, 1, 1, 1], strides = [2, 2]>(x, w, b)
    r = Relu(c)
    p = MaxPool<kernel_shape = [3, 3]>(r)
    g = GlobalAveragePool(p)
    f = Reshape(g, target)
    s = Shape(x)
    n = Gather<axis = 0>(s, a)
    m = Gemm<transB = 1>(f, v)
    t = Softmax<axis = 1>(m)
    l = LayerNormalization(t, u)
    y = Identity(l)
}"""
FUNCTION = """<ir_version: 9, opset_import: ["" : 18, "custom" : 1]>
net (float[batch, seq] x) => (float[batch, seq] y)
{
    e = Einsum<equation = "bi,bj->bij">(x, x)
    r = ReduceSum<keepdims = 0>(e, one)
    z = custom.scaled<factor = 2.5>(r)
    y = Gelu<approximate = "tanh">(z)
}
<domain: "custom", opset_import: ["" : 18]>
scaled <factor: float = 1.0> (p) => (q) {
    f = Constant<value_float: float = @factor>()
    q = Mul(p, f)
}"""


CONTROL = """<ir_version: 9, opset_import: ["" : 18]>
net (float[n, 4] x, bool c) => (float[n, 4] y)
<float[4] w = {1, 2, 3, 4}>
{
    h = Mul(x, w)
    y = If(c) <
        then_branch = yes () => (float[n, 4] a) { b = Add(h, x) a = Neg(b) },
        else_branch = no () => (float[n, 4] d) { s = Shape(h) o = ConstantOfShape(s) d = Sub(o, w) }
    >
}"""


def seeds() -> list[bytes]:
    """Models with one of most things in them."""
    rng = np.random.default_rng(5)
    weights = {"w": (4, 3, 3, 3), "b": (4,), "v": (10, 4), "u": (10,)}
    conv = parser.parse_model(CONV)
    for name, shape in weights.items():
        array = rng.uniform(-1, 1, shape).astype(np.float32)
        conv.graph.initializer.append(numpy_helper.from_array(array, name))
    conv.graph.initializer[-1].CopyFrom(helper.make_tensor("u", 1, (10,), range(10)))
    function = parser.parse_model(FUNCTION.replace('Gelu<approximate = "tanh">', "Relu"))
    function.graph.initializer.append(numpy_helper.from_array(np.array([2]), "one"))
    control = parser.parse_model(CONTROL)
    return [model.SerializeToString() for model in (conv, function, control)]


SEEDS = seeds()
