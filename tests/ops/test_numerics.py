# SPDX-License-Identifier: Apache-2.0
"""The rules of docs/numerics.md, each on every target."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

import ingot
from ingot.dtypes import (
    BFLOAT16,
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT32,
    from_numpy,
)  # fmt: skip
from ingot.ir.graph import Array
from ingot.ops import OPS, Builder, evaluate_node

NAN, INF = np.nan, np.inf
F = np.float32
LEAST = np.iinfo(np.int32).min


def array(values: Any, dtype: Any = F) -> Array:
    return np.array(values, dtype)


def ramp(count: int, dtype: Any = F) -> Array:
    """Enough ordinary elements to fill vector lanes and leave a rest."""
    return np.linspace(-3, 3, count).astype(dtype)


WIDE = 19
SPECIAL = array([NAN, INF, -INF, 0.0, -1.5, 2.5, 3.5, 1e-40, -1e-45, 3e38])
MASKED = np.full((2, WIDE), -INF, F)
MASKED[1, 3] = 1.0

# name: op, attributes, inputs, wanted result
RULES: dict[str, tuple[str, dict[str, Any], tuple[Array, ...], Any]] = {
    "minimum keeps NaN": ("minimum", {}, (SPECIAL, array(1.0)), np.minimum(SPECIAL, F(1))),
    "maximum keeps NaN": ("maximum", {}, (array(1.0), SPECIAL), np.maximum(SPECIAL, F(1))),
    "relu keeps NaN": ("relu", {}, (SPECIAL,), np.where(SPECIAL < 0, F(0), SPECIAL)),
    "clip keeps NaN": ("clip", {"lo": -1, "hi": 2}, (SPECIAL,), np.clip(SPECIAL, -1, 2)),
    "clip prefers hi": ("clip", {"lo": 2, "hi": 1}, (array([0.0, 3.0]),), array([1.0, 1.0])),
    "sign keeps NaN": ("sign", {}, (SPECIAL,), np.sign(SPECIAL)),
    "elu keeps NaN": ("elu", {}, (array([NAN, 1.0]),), array([NAN, 1.0])),
    "leaky_relu keeps NaN": ("leaky_relu", {}, (array([NAN, 1.0]),), array([NAN, 1.0])),
    "reduce_max keeps NaN": (
        "reduce_max", {"axes": (1,)}, (array([[NAN, *ramp(WIDE)], [*ramp(WIDE), NAN]]),),
        array([[NAN], [NAN]]),
    ),
    "reduce_min keeps NaN in columns": (
        "reduce_min", {"axes": (0,)}, (array([[NAN, *ramp(WIDE)], [*ramp(WIDE), NAN]]),),
        array([[NAN, *np.minimum(ramp(WIDE)[1:], ramp(WIDE)[:-1]), NAN]]),
    ),
    "max_pool keeps NaN": (
        "max_pool",
        {"kernel": (2,), "strides": (2,), "dilations": (1,), "pads": (0, 0)},
        (array([[[1.0, NAN, 3.0, 2.0, NAN, 0.0]]]),), array([[[NAN, 3.0, NAN]]]),
    ),
    "argmax: the first NaN wins": (
        "argmax", {"axis": 1, "keep_dims": False},
        (array([[1.0, NAN, INF, NAN], [2.0, 5.0, 5.0, 1.0]]),), np.array([1, 1]),
    ),
    "argmin: the last of equals": (
        "argmin", {"axis": 1, "keep_dims": False, "select_last": True},
        (array([[1.0, 0.0, 0.0, 3.0], [NAN, 0.0, NAN, 1.0]]),), np.array([2, 2]),
    ),
    "argmax over a long row": (
        "argmax", {"axis": 1, "keep_dims": False},
        (np.where(np.arange(100) % 40 == 39, 1, 0).astype(F)[None],), np.array([39]),
    ),
    "argsort: NaN is the greatest, zeros are equal": (
        "argsort", {"axis": 0},
        (array([0.0, NAN, INF, -0.0, -INF, NAN]),), np.array([4, 0, 3, 2, 1, 5]),
    ),
    "argsort of a long row, falling": (
        "argsort", {"axis": 0, "descending": True},
        (np.concatenate([ramp(60), array([NAN, INF, -0.0])]),),
        np.array([60, 61, *range(59, 29, -1), 62, *range(29, -1, -1)]),
    ),
    "top_k: of equal elements the first": (
        "top_k", {"k": 3, "axis": 0, "descending": True},
        (array([1.0, 2.0, NAN, 2.0, NAN, 2.0]),), np.array([2, 4, 1]),
    ),
    "scatter: of updates at one place the last wins": (
        "scatter_elements", {"axis": 0},
        (array([0.0, 0.0]), np.array([1, 1, 0, 1]), array([3.0, 4.0, 5.0, NAN])),
        array([5.0, NAN]),
    ),
    "less is false with NaN": (
        "less", {}, (SPECIAL, array(1.0)), np.less(SPECIAL, F(1))
    ),
    "NaN does not equal itself": ("equal", {}, (SPECIAL, SPECIAL), SPECIAL == SPECIAL),
    "where ignores the other branch": (
        "where", {}, (np.array([True, False]), array([1.0, NAN]), array([NAN, 2.0])),
        array([1.0, 2.0]),
    ),
    "softmax of a masked row is NaN": (
        "softmax", {"axis": 1}, (MASKED,),
        np.stack([np.full(WIDE, NAN), np.eye(WIDE)[3]]).astype(F),
    ),
    "attention of a masked query is 0": (
        "attention", {"scale": 1.0},
        (np.ones((1, 2, 4), F), np.ones((1, 3, 4), F), np.ones((1, 3, 2), F),
         np.array([[False] * 3, [True, False, True]])),
        array([[[0.0, 0.0], [1.0, 1.0]]]),
    ),
    "log_sum_exp of -inf": (
        "reduce_log_sum_exp", {"axes": (1,), "keep_dims": False},
        (array([[-INF, -INF], [INF, 0.0]]),), array([-INF, INF]),
    ),
    "folds of nothing": (
        "reduce_mean", {"axes": (1,)}, (np.zeros((2, 0), F),), array([[NAN], [NAN]])
    ),
    "round goes to even": (
        "round", {}, (array([0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, 8388609.0]),),
        array([0.0, 2.0, 2.0, -0.0, -2.0, 0.0, 8388609.0]),
    ),
    "denormals survive": (
        "mul", {}, (array([1e-40, -1e-45, 1e-38]), array(0.5)),
        array([1e-40, -1e-45, 1e-38]) * F(0.5),
    ),
    "1 / -0.0": ("reciprocal", {}, (array([0.0, -0.0, INF]),), array([INF, -INF, 0.0])),
    "division by zero of floats": (
        "div", {}, (array([1.0, -1.0, 0.0]), array(0.0)), array([INF, -INF, NAN])
    ),
    "sqrt below zero": ("sqrt", {}, (array([-1.0, 4.0]),), array([NAN, 2.0])),
    "log at and below zero": ("log", {}, (array([0.0, -1.0]),), array([-INF, NAN])),
    "exp far out": ("exp", {}, (array([-INF, INF, NAN, 0.0]),), array([0.0, INF, NAN, 1.0])),
    "tanh and NaN": ("tanh", {}, (array([-INF, INF, NAN, 0.0]),), array([-1.0, 1.0, NAN, 0.0])),
    "erf and NaN": ("erf", {}, (array([-INF, INF, NAN, 0.0]),), array([-1.0, 1.0, NAN, 0.0])),
    "sigmoid far out": ("sigmoid", {}, (array([-INF, INF, NAN]),), array([0.0, 1.0, NAN])),
    "silu and NaN": ("silu", {}, (array([NAN, 0.0, 100.0]),), array([NAN, 0.0, 100.0])),
    "gelu and NaN": ("gelu", {}, (array([NAN, 0.0, 100.0]),), array([NAN, 0.0, 100.0])),
    "softplus far out": ("softplus", {}, (array([200.0, NAN, INF]),), array([200.0, NAN, INF])),
    "integers wrap": (
        "add", {}, (np.array([127, -128, 5], np.int8), np.array([1, -1, 2], np.int8)),
        np.array([-128, 127, 7], np.int8),
    ),
    "integer sums wrap": (
        "reduce_sum", {"axes": (0,)}, (np.full(3, 2**30, np.int32),),
        np.array([3 * 2**30 - 2**32], np.int32),
    ),
    "integer products wrap": (
        "mul", {}, (np.array([2**62, 3]), np.array([4, 5])), np.array([0, 15])
    ),
    "integer division truncates": (
        "div", {}, (np.array([7, -7, 7, -7, LEAST], np.int32),
                    np.array([2, 2, -2, -2, -1], np.int32)),
        np.array([3, -3, -3, 3, LEAST], np.int32),
    ),
    "mod has the divisor's sign": (
        "mod", {}, (np.array([7, -7, 7, -7, LEAST], np.int32),
                    np.array([3, 3, -3, -3, -1], np.int32)),
        np.array([1, 2, -2, -1, 0], np.int32),
    ),
    "fmod has the dividend's sign": (
        "mod", {"fmod": True}, (np.array([7, -7, 7, -7]), np.array([3, 3, -3, -3])),
        np.array([1, -1, 1, -1]),
    ),
    "float mod": (
        "mod", {}, (array([5.5, -5.5, 5.5]), array([2.0, 2.0, -2.0])), array([1.5, 0.5, -0.5])
    ),
    "least value negated": (
        "neg", {}, (np.array([LEAST, 5], np.int32),), np.array([LEAST, -5], np.int32)
    ),
    "oversize shifts give 0": (
        "shift_left", {}, (np.array([3, 3, 255], np.uint8), np.array([1, 8, 200], np.uint8)),
        np.array([6, 0, 0], np.uint8),
    ),
    "oversize right shifts give 0": (
        "shift_right", {}, (np.array([2**32 - 1] * 3, np.uint32), np.array([1, 32, 99], np.uint32)),
        np.array([2**31 - 1, 0, 0], np.uint32),
    ),
    "integer powers": (
        "pow", {}, (np.array([2, -1, -1, 3, 7]), np.array([-1, -3, -2, 4, 0])),
        np.array([0, -1, 1, 81, 1]),
    ),
    "float powers": (
        "pow", {}, (array([-2.0, -2.0, 0.0, 4.0, -8.0]), array([2.0, 3.0, 0.0, 0.5, 0.5])),
        array([4.0, -8.0, 1.0, 2.0, NAN]),
    ),
    "integer mean truncates": (
        "reduce_mean", {"axes": (1,), "keep_dims": False},
        (np.array([[-7, 0], [7, 0], [-1, -1]]),), np.array([-3, 3, -1]),
    ),
    "empty maximum of integers": (
        "reduce_max", {"axes": (0,)}, (np.zeros((0,), np.int8),), np.array([-128], np.int8)
    ),
    "negative indices": (
        "gather", {"axis": 0}, (ramp(5), np.array([-1, -5, 4])), ramp(5)[[4, 0, 4]]
    ),
}  # fmt: skip

CASTS: tuple[tuple[Any, Any, Any], ...] = (
    (array([1e10, -1e10, NAN, 2.9, -2.9, INF]), INT32, [2**31 - 1, -(2**31), 0, 2, -2, 2**31 - 1]),
    (array([300.0, -5.0, NAN, 255.5, 0.9]), UINT8, [255, 0, 0, 255, 0]),
    (array([300.0, -300.0, 127.9, -128.9]), INT8, [127, -128, 127, -128]),
    (array([4294967296.0, -1.0, 3e9]), UINT32, [2**32 - 1, 0, 3000000000]),
    (array([1e19, -1e19, 2.0**53]), INT64, [2**63 - 1, -(2**63), 2**53]),
    (array([1e300, 2.5], np.float64), INT16, [32767, 2]),
    (np.array([300, -1, 128]), UINT8, [44, 255, 128]),
    (np.array([300, -129, 128], np.int32), INT8, [44, 127, -128]),
    (array([0.0, -0.0, NAN, 1e-45, 2.0]), BOOL, [False, False, True, True, True]),
    (np.array([0, 256, -1]), BOOL, [False, True, True]),
    (np.array([True, False]), FLOAT32, [1.0, 0.0]),
    (array([65520.0, 65519.0, 2.0**-25, 1 + 2.0**-11, 1 + 3 * 2.0**-11, NAN]), FLOAT16,
     [INF, 65504.0, 0.0, 1.0, 1 + 2.0**-9, NAN]),
    (array([1 + 2.0**-8, 1 + 3 * 2.0**-8, 3.4e38, NAN, 1e-40]), BFLOAT16,
     [1.0, 1 + 2.0**-6, INF, NAN, ml_dtypes.bfloat16(1e-40)]),
    (np.array([2**24 + 1, 2**24 + 3, -(2**24) - 1]), FLOAT32, [2**24, 2**24 + 4, -(2**24)]),
    (np.array([2**53 + 1, 2**63 - 1]), FLOAT64, [2.0**53, 2.0**63]),
)  # fmt: skip


def computed(target: str, op: str, attributes: dict[str, Any], inputs: tuple[Array, ...]) -> Array:
    builder = Builder("rule")
    values = [
        builder.input(f"x{k}", from_numpy(value.dtype), value.shape)
        for k, value in enumerate(inputs)
    ]
    graph = builder.finish({"y": builder.node(op, *values, **attributes)}, stage="portable")
    meaning = evaluate_node(graph.nodes[0], inputs)[0]
    with ingot.load(graph, device=target, threads=1) as session:
        given = {f"x{k}": value for k, value in enumerate(inputs)}
        result = session.run(given)["y"]
    assert OPS[op].bound(from_numpy(meaning.dtype)).excess(result, meaning) <= 1.0
    return result


@pytest.mark.parametrize("name", RULES)
def test_rule(name: str, target: str) -> None:
    op, attributes, inputs, want = RULES[name]
    got, wanted = computed(target, op, attributes, inputs), np.asarray(want)
    assert got.dtype == wanted.dtype
    assert OPS[op].bound(from_numpy(got.dtype)).excess(got, wanted) <= 1.0, f"{got}, not {wanted}"


@pytest.mark.parametrize(("values", "to", "want"), CASTS, ids=lambda part: str(part)[:24])
def test_cast(values: Array, to: Any, want: list[Any], target: str) -> None:
    got = computed(target, "cast", {"to": to}, (values,))
    wide = np.float64 if to.is_float else to.numpy
    np.testing.assert_array_equal(got.astype(wide), np.array(want).astype(to.numpy).astype(wide))


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
def test_half_sums_accumulate_wide(dtype: Any, target: str) -> None:
    """4096 ones: an accumulator of half precision would stall at 2048 or 256."""
    ones = np.ones((3, 4096), dtype.numpy)
    total = computed(target, "reduce_sum", {"axes": (1,)}, (ones,))
    assert (total.astype(np.float64) == 4096).all()
    product = computed(target, "matmul", {}, (ones, np.ones((4096, 5), dtype.numpy)))
    assert (product.astype(np.float64) == 4096).all()


def test_what_lies_at_the_border_does_not_leak_out_of_zero_padding(target: str) -> None:
    builder = Builder("border")
    x, grid = (
        builder.input("x", FLOAT32, (1, 1, 3, 3)),
        builder.input("grid", FLOAT32, (1, 2, 2, 2)),
    )
    graph = builder.finish({"y": builder.node("grid_sample", x, grid)}, "portable")
    image = np.full((1, 1, 3, 3), np.nan, np.float32)
    far = np.full((1, 2, 2, 2), 4.0, np.float32)
    with ingot.load(graph, device=target, threads=1) as session:
        np.testing.assert_array_equal(session.run({"x": image, "grid": far})["y"], 0)
