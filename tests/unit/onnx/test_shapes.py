# SPDX-License-Identifier: Apache-2.0
"""Shape arithmetic is done while reading: it leaves symbolic sizes and no nodes."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import parser

from ingot.ir.graph import Graph
from ingot.onnx import read
from ingot.ops import evaluate_graph

DECLARATIONS = "<ir_version: 8, opset_import: ['' : 18]>".replace("'", '"')


def graph(text: str) -> Graph:
    """The Graph of a model in ONNX's text form, whose inputs and outputs head the text."""
    return read(parser.parse_model(f"{DECLARATIONS}\n{text}"))


def made(text: str, declared: str = "float[batch, seq, 8] x") -> tuple[list[str], list[str]]:
    """The ops left and the symbolic sizes of output y of a body over the declared input."""
    found = graph(f"g ({declared}) => (float y) {{ {text} }}")
    assert found.outputs[0].name == "y"
    ops = [node.op for node in found.nodes if node.op != "identity"]
    return ops, [str(size) for size in found.outputs[0].shape]


def test_reshape_to_computed_sizes() -> None:
    ops, shape = made("""
        s = Shape(x)
        zero = Constant<value_int = 0>()
        b = Gather(s, zero)
        one = Constant<value_ints = [0]>()
        b1 = Unsqueeze(b, one)
        rest = Constant<value_ints = [-1, 2, 4]>()
        target = Concat<axis = 0>(b1, rest)
        y = Reshape(x, target)
    """)
    assert ops == ["reshape"]
    assert shape == ["batch", "seq", "2", "4"]


def test_minus_one_divides_symbolically() -> None:
    _, shape = made("t = Constant<value_ints = [-1, 16]>()  y = Reshape(x, t)", "float[n, 4, 8] x")
    assert shape == ["2*n", "16"]


def test_slices_of_a_shape_with_the_largest_bounds() -> None:
    ops, shape = made("""
        s = Shape(x)
        last = Constant<value_ints = [-1]>()
        most = Constant<value_ints = [9223372036854775807]>()
        least = Constant<value_ints = [-9223372036854775808]>()
        two = Constant<value_ints = [-2]>()
        depth = Slice(s, last, most)
        lead = Slice(s, least, two)
        t = Concat<axis = 0>(lead, depth, last)
        y = Reshape(x, t)
    """)
    assert ops == ["reshape"]
    assert shape == ["batch", "8", "seq"]


def test_expand_where_the_exporter_replaces_minus_one() -> None:
    """What TorchScript writes for `expand(b, -1, s)`: Where(Equal(shape, -1), 1, shape)."""
    ops, shape = made(
        """
        s = Shape(x)
        z = Constant<value_ints = [0]>()
        b = Gather(s, z)
        minus = Constant<value_ints = [-1]>()
        eight = Constant<value_ints = [8]>()
        wish = Concat<axis = 0>(b, minus, eight)
        n = Shape(wish)
        ones = ConstantOfShape<value = int64[1] {1}>(n)
        m = Constant<value_int = -1>()
        many = Mul(ones, m)
        same = Equal(wish, many)
        t = Where(same, ones, wish)
        y = Expand(x, t)
        """,
        "float[batch, 5, 1] x",
    )
    assert ops == ["expand"]
    assert shape == ["batch", "5", "8"]


def test_sizes_through_floats() -> None:
    ops, shape = made("""
        s = Shape<start = 1, end = 2>(x)
        f = Cast<to = 1>(s)
        half = Constant<value_float = 0.5>()
        h = Mul(f, half)
        w = Floor(h)
        i = Cast<to = 7>(w)
        y = ConstantOfShape(i)
    """)
    assert ops == ["expand"]
    assert shape == ["(seq//2)"]


def test_range_of_a_size() -> None:
    found = graph("""g (int64[batch, seq] x) => (int64[n] y) {
        s = Shape<start = 1>(x)
        z = Constant<value_ints = [0]>()
        n = Squeeze(s, z)
        zero = Constant<value_int = 0>()
        one = Constant<value_int = 1>()
        y = Range(zero, n, one)
    }""")
    assert [node.op for node in found.nodes] == ["iota"]
    assert found.outputs[0].shape == found.inputs[0].shape[1:]


def test_a_size_that_is_needed_as_a_tensor() -> None:
    found = graph("""g (float[batch, 3] x) => (float[] y, int64[2] s) {
        s = Shape(x)
        n = Size(x)
        y = Cast<to = 1>(n)
    }""")
    assert [node.op for node in found.nodes] == ["sizes", "reshape", "cast", "sizes"]
    result = evaluate_graph(found, {"x": np.ones((5, 3), np.float32)})
    assert result["y"] == 15.0
    np.testing.assert_array_equal(result["s"], [5, 3])


def test_constant_arithmetic_on_sizes_folds() -> None:
    _, shape = made("""
        s = Shape<start = 0, end = 1>(x)
        two = Constant<value_ints = [2]>()
        three = Constant<value_ints = [3]>()
        a = Mul(s, two)
        b = Add(a, three)
        c = Sub(b, three)
        d = Div(c, two)
        e = Max(d, d)
        f = Mod(e, three)
        g = Sub(e, f)
        h = ReduceProd<keepdims = 1>(e)
        t = Concat<axis = 0>(e, h)
        y = ConstantOfShape(t)
    """)
    assert shape == ["batch", "batch"]


def test_a_slice_past_the_end_is_the_minimum() -> None:
    _, shape = made("""
        z = Constant<value_ints = [0]>()
        e = Constant<value_ints = [512]>()
        a = Constant<value_ints = [1]>()
        y = Slice(x, z, e, a)
    """)
    assert shape == ["batch", "min(seq, 512)", "8"]


def test_the_last_element_asks_for_one() -> None:
    found = graph("""g (float[batch, seq] x) => (float[batch, 1] y) {
        s = Constant<value_ints = [-1]>()
        e = Constant<value_ints = [9223372036854775807]>()
        a = Constant<value_ints = [1]>()
        y = Slice(x, s, e, a)
    }""")
    assert [str(size) for size in found.outputs[0].shape] == ["batch", "1"]
    assert found.symbols["seq"].lo == 1
    assert [str(guard) for guard in found.guards] == ["seq >= 1"]


def test_a_condition_on_sizes_takes_its_branch() -> None:
    """What TorchScript writes for squeeze: If(size == 1)."""
    ops, shape = made(
        """
        s = Shape<start = 1, end = 2>(x)
        one = Constant<value_ints = [1]>()
        c = Equal(s, one)
        axis = Constant<value_ints = [1]>()
        y = If(c) <
            then_branch = a () => (float[n, 8] p) { p = Squeeze(x, axis) },
            else_branch = b () => (float[n, m, 8] q) { q = Identity(x) }
        >
        """,
        "float[batch, 1, 8] x",
    )
    assert ops == ["reshape"]
    assert shape == ["batch", "8"]


def test_a_division_asks_for_a_size_that_is_not_negative() -> None:
    """What exporters write for the size after a stride: (n - 1) // 2 + 1."""
    found = graph("""g (float[n, 2] x) => (float[m] y) {
        s = Shape<end = 1>(x)
        one = Constant<value_ints = [1]>()
        two = Constant<value_ints = [2]>()
        a = Sub(s, one)
        b = Div(a, two)
        c = Add(b, one)
        y = ConstantOfShape(c)
    }""")
    assert [str(size) for size in found.outputs[0].shape] == ["((n + 1)//2)"]
    assert [str(guard) for guard in found.guards] == ["n - 1 >= 0"]
    assert found.symbols["n"].lo == 1


@pytest.mark.parametrize("end", [1, 2, 3, -1, 100, -100])
@pytest.mark.parametrize("start", [0, 1, 4, -1, -2, 100, -100])
@pytest.mark.parametrize("step", [1, 2, -1, -3])
def test_every_slice_of_a_symbolic_axis(
    start: int, end: int, step: int, rng: np.random.Generator
) -> None:
    found = graph(f"""g (float[n] x) => (float[m] y) {{
        s = Constant<value_ints = [{start}]>()
        e = Constant<value_ints = [{end}]>()
        a = Constant<value_ints = [0]>()
        t = Constant<value_ints = [{step}]>()
        y = Slice(x, s, e, a, t)
    }}""")
    for size in (1, 2, 3, 5, 8):
        x = rng.uniform(-1, 1, size).astype(np.float32)
        # ONNX clamps a start before the first element to it; NumPy then gives nothing.
        first = max(start, -size) if step < 0 else start
        np.testing.assert_array_equal(evaluate_graph(found, {"x": x})["y"], x[first:end:step])
