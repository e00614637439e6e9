# SPDX-License-Identifier: Apache-2.0
"""Compiled kernels against the NumPy meaning: shapes, layouts, reductions, tails, faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from tests.unit.kernel import native

from ingot import dims
from ingot import spec as specs
from ingot.dims import Dim, symbol
from ingot.dtypes import BFLOAT16, BOOL, FLOAT16, FLOAT32, FLOAT64, INT8, INT32, INT64, UINT8, DType
from ingot.kernel import evaluate, expr
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Expr, Load, Reduce, Var
from ingot.kernel.schedule import schedule
from ingot.kernel.view import View
from ingot.targets.cpu.render import render

SPECS = native.host_specs()
I0, J, K, L = (Var(name) for name in "ijkl")

pytestmark = pytest.mark.parametrize("spec", SPECS)


def dense(name: str, shape: Sequence[Dim], dtype: DType = FLOAT32, order=None) -> View:
    return View.dense(name, dtype, tuple(shape), order)


def check(
    compute: Compute,
    spec: str,
    operands: Sequence[np.ndarray],
    sizes: Mapping[str, int] | None = None,
    bound: float = 2e-6,
) -> None:
    found, status = native.run(compute, spec, operands, sizes)
    assert status == [0, 0, 0]
    expected = evaluate.run(compute, operands, sizes or {})
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        if one.dtype.kind == "b" or np.issubdtype(one.dtype, np.integer):
            np.testing.assert_array_equal(one, other)
        else:
            a, b = one.astype(np.float64), other.astype(np.float64)
            scale = np.maximum(np.abs(b), 1.0)
            np.testing.assert_array_equal(np.isnan(a), np.isnan(b))
            finite = np.isfinite(b)
            np.testing.assert_array_equal(a[~finite & ~np.isnan(b)], b[~finite & ~np.isnan(b)])
            with np.errstate(invalid="ignore"):
                assert np.all(np.abs(a - b)[finite] <= (bound * scale)[finite])


def normal(rng: np.random.Generator, shape: Sequence[int], dtype: DType = FLOAT32) -> np.ndarray:
    return rng.standard_normal(shape).astype(dtype.numpy)


def load(operand: int, *index: Expr, dtype: DType = FLOAT32) -> Expr:
    return Load(operand, index, dtype)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 100, 1000, 20001])
def test_one_axis(spec: str, rng: np.random.Generator, size: int) -> None:
    x = load(0, I0)
    compute = Compute(((I0, size),), (dense("x", [size]),), ((dense("y", [size]), x * 2.0 + 1.0),))
    check(compute, spec, [normal(rng, [size])])


@pytest.mark.parametrize("size", [0, 1, 5, 16, 39, 4096])
def test_symbolic_size(spec: str, rng: np.random.Generator, size: int) -> None:
    n = symbol("n")
    x, y = dense("x", [n, 3]), dense("y", [n, 3])
    compute = Compute(((I0, n), (J, 3)), (x,), ((y, load(0, I0, J) * load(0, I0, J)),))
    check(compute, spec, [normal(rng, [size, 3])], {"n": size})


@pytest.mark.parametrize("shape", [(4, 5, 6), (1, 37, 2), (3, 1, 64), (0, 4, 4), (2, 3, 130)])
def test_broadcasts(spec: str, rng: np.random.Generator, shape: tuple[int, ...]) -> None:
    a, b, c = shape
    views = (dense("x", shape), dense("row", [c]), dense("col", [b]), dense("one", [1]))
    zero = expr.constant(0, INT64)
    value = (load(0, I0, J, K) + load(1, K)) * load(2, J) - load(3, zero)
    compute = Compute(((I0, a), (J, b), (K, c)), views, ((dense("y", shape), value),))
    check(compute, spec, [normal(rng, s) for s in (shape, (c,), (b,), (1,))])


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 3, 1), (3, 1, 0, 2), (1, 3, 2, 0)])
@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (1, 20, 18, 33), (2, 16, 4, 16), (1, 64, 9, 9)])
def test_any_layout(spec: str, rng: np.random.Generator, order, shape) -> None:
    axes = tuple(zip((I0, J, K, L), shape, strict=True))
    views = (dense("x", shape), dense("r", shape, order=order))
    compute = Compute(
        axes,
        views,
        (
            (dense("y", shape, order=order), load(0, I0, J, K, L) + load(1, I0, J, K, L)),
            (dense("z", shape), load(0, I0, J, K, L) * 3.0),
        ),
    )
    check(compute, spec, [normal(rng, shape), normal(rng, shape)])


@pytest.mark.parametrize("dtype", [FLOAT32, FLOAT64, INT8, BOOL, FLOAT16, INT64], ids=str)
@pytest.mark.parametrize("shape", [(1, 3, 50, 49), (2, 64, 14, 14), (1, 17, 1, 19)])
def test_channels_last(spec: str, rng: np.random.Generator, dtype: DType, shape) -> None:
    axes = tuple(zip((I0, J, K, L), shape, strict=True))
    first, last = dense("x", shape, dtype), dense("y", shape, dtype, order=(0, 2, 3, 1))
    array = (rng.standard_normal(shape) * 50).astype(dtype.numpy)
    for source, target in ((first, last), (last, first)):
        value = load(0, I0, J, K, L, dtype=dtype)
        check(Compute(axes, (source,), ((target, value),)), spec, [array])


@pytest.mark.parametrize("order", [None, (1, 0)])
@pytest.mark.parametrize("shape", [(7, 128), (5, 33), (3, 1), (4, 1000), (33, 16), (1, 9)])
def test_softmax(spec: str, rng: np.random.Generator, shape: tuple[int, int], order) -> None:
    m, n = shape
    x = load(0, I0, J)
    peak = expr.reduce("max", [(K, n)], load(0, I0, K))
    total = expr.reduce("sum", [(K, n)], expr.exp(load(0, I0, K) - peak))
    view = dense("x", shape, order=order)
    result = (dense("y", shape, order=order), expr.exp(x - peak) / total)
    check(Compute(((I0, m), (J, n)), (view,), (result,)), spec, [normal(rng, shape) * 3])


@pytest.mark.parametrize("size", [1, 16, 49, 768])
def test_layer_norm(spec: str, rng: np.random.Generator, size: int) -> None:
    n = symbol("n")
    x = load(0, I0, J)
    mean = expr.reduce("sum", [(K, size)], load(0, I0, K)) * (1 / size)
    gap = load(0, I0, K) - mean
    spread = expr.reduce("sum", [(K, size)], gap * gap) * (1 / size)
    value = (x - mean) * expr.rsqrt(spread + 1e-5) * load(1, J) + load(2, J)
    views = (dense("x", [n, size]), dense("scale", [size]), dense("bias", [size]))
    compute = Compute(((I0, n), (J, size)), views, ((dense("y", [n, size]), value),))
    arrays = [normal(rng, (6, size)) + 2, normal(rng, (size,)), normal(rng, (size,))]
    check(compute, spec, arrays, {"n": 6}, bound=2e-5)


REDUCTIONS = ("sum", "prod", "max", "min", "argmax", "argmin", "argmax_last", "argmin_last")


@pytest.mark.parametrize("kind", REDUCTIONS)
@pytest.mark.parametrize("dtype", [FLOAT32, INT32, UINT8, FLOAT64, INT64], ids=str)
def test_reduce_kinds(spec: str, rng: np.random.Generator, kind, dtype: DType) -> None:
    for shape in ((5, 70), (3, 16), (2, 3), (4, 1), (2, 0)):
        m, n = shape
        if dtype.is_float:
            array = rng.choice([-2.5, 0.5, 1.0, 1.5, 0.25], shape).astype(dtype.numpy)
        else:
            array = rng.integers(0, 7, shape).astype(dtype.numpy)
        value = expr.reduce(kind, [(K, n)], load(0, I0, K, dtype=dtype))
        for order in (None, (1, 0)):
            view = dense("x", shape, dtype, order=order)
            result = dense("y", [m], value.dtype)
            check(Compute(((I0, m),), (view,), ((result, value),)), spec, [array], bound=1e-5)


@pytest.mark.parametrize("kind", ["any", "all"])
def test_reduce_flags(spec: str, rng: np.random.Generator, kind) -> None:
    for shape in ((6, 100), (4, 5), (3, 0)):
        array = rng.random(shape) < (0.01 if kind == "any" else 0.99)
        value = expr.reduce(kind, [(K, shape[1])], load(0, I0, K, dtype=BOOL))
        compute = Compute(
            ((I0, shape[0]),), (dense("x", shape, BOOL),), ((dense("y", [shape[0]], BOOL), value),)
        )
        check(compute, spec, [array])


@pytest.mark.parametrize("kind", ["max", "min", "argmax", "argmin"])
def test_reductions_propagate_nan(spec: str, rng: np.random.Generator, kind) -> None:
    array = normal(rng, (40, 67))
    array[rng.random(array.shape) < 0.02] = np.nan
    value = expr.reduce(kind, [(K, 67)], load(0, I0, K))
    for order in (None, (1, 0)):
        view = dense("x", (40, 67), order=order)
        compute = Compute(((I0, 40),), (view,), ((dense("y", [40], value.dtype), value),))
        check(compute, spec, [array])


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 2, 3, 1)])
@pytest.mark.parametrize("shape", [(2, 19, 7, 7), (1, 64, 5, 9), (3, 2, 1, 1)])
def test_global_average(spec: str, rng: np.random.Generator, order, shape) -> None:
    n, c, h, w = shape
    value = expr.reduce("sum", [(K, h), (L, w)], load(0, I0, J, K, L)) * (1 / (h * w))
    compute = Compute(
        ((I0, n), (J, c)), (dense("x", shape, order=order),), ((dense("y", (n, c)), value),)
    )
    check(compute, spec, [normal(rng, shape)])


def test_reduce_everything(spec: str, rng: np.random.Generator) -> None:
    value = expr.reduce("sum", [(I0, 33), (J, 65)], load(0, I0, J))
    compute = Compute((), (dense("x", (33, 65)),), ((dense("y", ()), value),))
    check(compute, spec, [normal(rng, (33, 65))], bound=1e-4)


def test_matmul(spec: str, rng: np.random.Generator) -> None:
    for shape in ((5, 17, 33), (16, 64, 16), (3, 1, 2)):
        m, k, n = shape
        product = expr.reduce("sum", [(K, k)], load(0, I0, K) * load(1, K, J))
        value = expr.maximum(product + load(2, J), 0.0)
        views = (dense("a", (m, k)), dense("b", (k, n)), dense("c", (n,)))
        for order in (None, (1, 0)):
            views = (views[0], dense("b", (k, n), order=order), views[2])
            compute = Compute(((I0, m), (J, n)), views, ((dense("y", (m, n)), value),))
            arrays = [normal(rng, (m, k)), normal(rng, (k, n)), normal(rng, (n,))]
            check(compute, spec, arrays, bound=1e-5)


@pytest.mark.parametrize("order", [None, (0, 2, 3, 1)])
def test_max_pool_with_padding(spec: str, rng: np.random.Generator, order) -> None:
    n, c, h, w = 2, 20, 13, 11
    a, b = Var("a"), Var("b")
    row, column = K * 2 + a - 1, L * 2 + b - 1
    inside = (row >= 0) & (row < h) & (column >= 0) & (column < w)
    safe = [expr.maximum(expr.minimum(at, size - 1), 0) for at, size in ((row, h), (column, w))]
    body = expr.where(inside, load(0, I0, J, *safe), float("-inf"))
    value = expr.reduce("max", [(a, 3), (b, 3)], body)
    shape, pooled = (n, c, h, w), (n, c, 7, 6)
    axes = tuple(zip((I0, J, K, L), pooled, strict=True))
    views = (dense("x", shape, order=order),)
    compute = Compute(axes, views, ((dense("y", pooled, order=order), value),))
    check(compute, spec, [normal(rng, shape)])


def clamped(index: Expr, size: Dim) -> Expr:
    return expr.maximum(expr.minimum(index, expr.Size(size) - 1), 0)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("sizes", [(3, 40), (16, 16), (1, 1), (0, 5), (33, 2)])
def test_concat(spec: str, rng: np.random.Generator, axis: int, sizes: tuple[int, int]) -> None:
    for symbolic in (False, True):
        first, second = (symbol("p"), symbol("q")) if symbolic else sizes
        shapes = [(size, 9) if axis == 0 else (9, size) for size in (first, second)]
        total = (first + second, 9) if axis == 0 else (9, first + second)
        at = I0 if axis == 0 else J
        left, right = clamped(at, first), clamped(at - expr.Size(first), second)
        pairs = [(left, J), (right, J)] if axis == 0 else [(I0, left), (I0, right)]
        value = expr.where(at < expr.Size(first), load(0, *pairs[0]), load(1, *pairs[1]))
        views = (dense("a", shapes[0]), dense("b", shapes[1]))
        compute = Compute(((I0, total[0]), (J, total[1])), views, ((dense("y", total), value),))
        actual = [(s, 9) if axis == 0 else (9, s) for s in sizes]
        binding = dict(zip("pq", sizes, strict=True))
        check(compute, spec, [normal(rng, s) for s in actual], binding)


@pytest.mark.parametrize("order", [None, (0, 2, 3, 1)])
def test_pad(spec: str, rng: np.random.Generator, order) -> None:
    n, c, h, w = 2, 5, 18, 37
    out = (n, c, h + 3, w + 4)
    inside = (K >= 1) & (h + 1 > K) & (L >= 2) & (w + 2 > L)
    value = expr.where(inside, load(0, I0, J, clamped(K - 1, h), clamped(L - 2, w)), 7.5)
    axes = tuple(zip((I0, J, K, L), out, strict=True))
    views = (dense("x", (n, c, h, w), order=order),)
    check(
        Compute(axes, views, ((dense("y", out, order=order), value),)),
        spec,
        [normal(rng, (n, c, h, w))],
    )


def test_gather_rows(spec: str, rng: np.random.Generator) -> None:
    rows = expr.checked_index(load(1, I0, dtype=INT64), 11)
    views = (dense("x", (11, 40)), dense("at", (7,), INT64))
    value = load(0, rows, J) + 1.0
    compute = Compute(((I0, 7), (J, 40)), views, ((dense("y", (7, 40)), value),))
    at = rng.integers(-11, 11, 7)
    check(compute, spec, [normal(rng, (11, 40)), at])


def test_gather_elements(spec: str, rng: np.random.Generator) -> None:
    at = expr.checked_index(expr.cast(load(1, I0, J, dtype=INT32), INT64), 11)
    views = (dense("x", (11, 40)), dense("at", (7, 40), INT32))
    compute = Compute(((I0, 7), (J, 40)), views, ((dense("y", (7, 40)), load(0, at, J)),))
    index = rng.integers(-11, 11, (7, 40)).astype(np.int32)
    check(compute, spec, [normal(rng, (11, 40)), index])


@pytest.mark.parametrize("where", [(0, 0), (3, 17), (6, 39)])
def test_index_fault(spec: str, rng: np.random.Generator, where: tuple[int, int]) -> None:
    at = expr.checked_index(load(1, I0, J, dtype=INT64), 11)
    views = (dense("x", (11, 40)), dense("at", (7, 40), INT64))
    compute = Compute(((I0, 7), (J, 40)), views, ((dense("y", (7, 40)), load(0, at, J)),))
    index = rng.integers(-11, 11, (7, 40))
    index[where] = 123456
    _, status = native.run(compute, spec, [normal(rng, (11, 40)), index])
    assert status == [1, 7, 123456]


def test_fault_outside_all_loops(spec: str, rng: np.random.Generator) -> None:
    at = expr.checked_index(load(1, dtype=INT64), 11)
    views = (dense("x", (11, 40)), dense("at", (), INT64))
    compute = Compute(((J, 40),), views, ((dense("y", (40,)), load(0, at, J)),))
    check(compute, spec, [normal(rng, (11, 40)), np.array(-3)])
    _, status = native.run(compute, spec, [normal(rng, (11, 40)), np.array(-12)])
    assert status == [1, 7, -12]


def test_index_from_a_float(spec: str, rng: np.random.Generator) -> None:
    place = expr.floor(expr.cast(J, FLOAT32) * 0.5 - 3.3)
    at = clamped(expr.cast(place, INT64), 9)
    result = (dense("y", (5, 40)), load(0, I0, at))
    compute = Compute(((I0, 5), (J, 40)), (dense("x", (5, 9)),), (result,))
    check(compute, spec, [normal(rng, (5, 9))])


@pytest.mark.parametrize("op", ["div", "mod", "floor_div", "floor_mod"])
def test_division_fault(spec: str, rng: np.random.Generator, op: str) -> None:
    value = expr.apply(op, load(0, I0, dtype=INT32), load(1, I0, dtype=INT32))
    views = (dense("a", (50,), INT32), dense("b", (50,), INT32))
    compute = Compute(((I0, 50),), views, ((dense("y", (50,), INT32), value),))
    a, b = (rng.integers(1, 100, 50).astype(np.int32) for _ in range(2))
    check(compute, spec, [a, b])
    b[49] = 0
    _, status = native.run(compute, spec, [a, b])
    assert status == [2, 7, 0]


def test_strided_operands(spec: str, rng: np.random.Generator) -> None:
    x = View("x", FLOAT32, (6, 20), (100, 3), 5)
    flipped = View("r", FLOAT32, (6, 20), (20, -1), 19)
    y = View("y", FLOAT32, (6, 20), (50, 2), 3)
    compute = Compute(((I0, 6), (J, 20)), (x, flipped), ((y, load(0, I0, J) - load(1, I0, J)),))
    check(compute, spec, [normal(rng, (6, 20)), normal(rng, (6, 20))])


def test_reshape_index(spec: str, rng: np.random.Generator) -> None:
    flat = (I0 * 12 + J) * 5 + K
    value = load(0, flat // 60, (flat % 60) // 10, flat % 10) * 2.0
    views = (dense("x", (8, 6, 10)),)
    compute = Compute(((I0, 8), (J, 12), (K, 5)), views, ((dense("y", (8, 12, 5)), value),))
    check(compute, spec, [normal(rng, (8, 6, 10))])


@pytest.mark.parametrize("order", [None, (0, 2, 3, 1)])
def test_group_norm(spec: str, rng: np.random.Generator, order) -> None:
    """The statistics depend on `channel // 3` only, so they are computed once for each group."""
    n, shape, group = symbol("n"), (symbol("n"), 12, 5, 7), 3
    a, b, d = Var("a"), Var("b"), Var("d")
    member = load(0, I0, J // group * group + a, b, d)
    inner = [(a, group), (b, 5), (d, 7)]
    mean = expr.reduce("sum", inner, member) * (1 / 105)
    spread = expr.reduce("sum", inner, (member - mean) * (member - mean)) * (1 / 105)
    value = (load(0, I0, J, K, L) - mean) / expr.sqrt(spread + 1e-5) * load(1, J)
    views = (dense("x", shape, order=order), dense("scale", (12,)))
    axes = ((I0, n), (J, 12), (K, 5), (L, 7))
    compute = Compute(axes, views, ((dense("y", shape, order=order), value),))
    kernel = schedule(compute, specs.by_name(spec))
    assert dims.evaluate(kernel.extent(), {"n": 3}) <= 3 * 4
    check(compute, spec, [normal(rng, (3, 12, 5, 7)), normal(rng, (12,))], {"n": 3}, bound=1e-5)


@pytest.mark.parametrize("order", [None, (0, 2, 3, 1)])
def test_digits(spec: str, rng: np.random.Generator, order) -> None:
    """Depth to space, space to depth, and a nearest resize."""
    deep, wide = (2, 8, 5, 6), (2, 2, 10, 12)
    down = load(0, I0, J * 4 + K % 2 * 2 + L % 2, K // 2, L // 2)
    up = load(0, I0, J // 4, K * 2 + J % 4 // 2, L * 2 + J % 2)
    near = load(0, I0, J, K // 2, L // 3)
    for source, result, value in (
        (deep, wide, down), (wide, deep, up), (deep, (2, 8, 10, 18), near),
    ):  # fmt: skip
        axes = tuple(zip((I0, J, K, L), result, strict=True))
        views = (dense("x", source, order=order),)
        compute = Compute(axes, views, ((dense("y", result, order=order), value),))
        check(compute, spec, [normal(rng, source)])


def test_symbolic_digits(spec: str, rng: np.random.Generator) -> None:
    n, m = symbol("n"), symbol("m")
    flat = I0 * 6 + J
    value = load(0, flat // expr.Size(m), flat % expr.Size(m))
    view = dense("x", (n, m))
    compute = Compute(((I0, n), (J, 6)), (view,), ((dense("y", (n, 6)), value),))
    check(compute, spec, [normal(rng, (4, 6))], {"n": 4, "m": 6})


def test_indices_as_values(spec: str, rng: np.random.Generator) -> None:
    value = expr.cast(I0 * 100 + J, FLOAT32) + expr.where(J <= I0, load(0, I0, J), 0.0)
    result = (dense("y", (21, 37)), value)
    compute = Compute(((I0, 21), (J, 37)), (dense("x", (21, 37)),), (result,))
    check(compute, spec, [normal(rng, (21, 37))])


@pytest.mark.parametrize("dtype", [FLOAT16, BFLOAT16], ids=str)
def test_narrow_floats(spec: str, rng: np.random.Generator, dtype: DType) -> None:
    patterns = np.arange(1 << 16, dtype=np.uint16).view(dtype.numpy)
    whole = dense("x", (1 << 16,), dtype)
    wide = Compute(((I0, 1 << 16),), (whole,), ((dense("y", (1 << 16,)), expr.cast(
        load(0, I0, dtype=dtype), FLOAT32)),))  # fmt: skip
    found, _ = native.run(wide, spec, [patterns])
    np.testing.assert_array_equal(found[0], patterns.astype(np.float32))
    values = np.concatenate(
        [
            normal(rng, (30000,)) * 10.0 ** rng.integers(-9, 7, 30000),
            [np.inf, -np.inf, np.nan, 0.0, -0.0, 65520, 65519.9, 6e-8, 2.9e-8],
        ]
    )
    values = values.astype(np.float32)
    n = values.size
    narrow = Compute(((I0, n),), (dense("x", (n,)),), ((dense("y", (n,), dtype), load(0, I0)),))
    narrow = Compute(narrow.axes, narrow.operands, (
        (narrow.results[0][0], expr.cast(load(0, I0), dtype)),))  # fmt: skip
    found, _ = native.run(narrow, spec, [values])
    with np.errstate(over="ignore"):
        expected = values.astype(dtype.numpy)
    same = found[0].view(np.uint16) == expected.view(np.uint16)
    assert np.all(same | np.isnan(expected.astype(np.float32)))
    assert np.all(np.isnan(found[0][np.isnan(expected.astype(np.float32))].astype(np.float32)))


def test_in_place(spec: str, rng: np.random.Generator) -> None:
    for order in (None, (1, 0)):
        view = dense("x", (9, 33), order=order)
        value = load(0, I0, J) * load(0, I0, J) - 2.0
        compute = Compute(((I0, 9), (J, 33)), (view,), ((view, value),))
        check(compute, spec, [normal(rng, (9, 33))])


def test_nested_reduce(spec: str, rng: np.random.Generator) -> None:
    inner = Reduce("sum", ((L, 9),), load(0, K, L) * load(1, I0, L))
    value = Reduce("max", ((K, 13),), inner)
    views = (dense("a", (13, 9)), dense("b", (21, 9)))
    compute = Compute(((I0, 21),), views, ((dense("y", (21,)), value),))
    check(compute, spec, [normal(rng, (13, 9)), normal(rng, (21, 9))], bound=1e-5)


def test_causal_softmax(spec: str, rng: np.random.Generator) -> None:
    n = symbol("n")

    def score(column: Expr) -> Expr:
        return expr.where(column <= I0, load(0, I0, column) * 0.25, -1e30)

    peak = expr.reduce("max", [(K, n)], score(K))
    total = expr.reduce("sum", [(K, n)], expr.exp(score(K) - peak))
    view = dense("x", (n, n))
    compute = Compute(((I0, n), (J, n)), (view,), (
        (dense("y", (n, n)), expr.exp(score(J) - peak) / total),))  # fmt: skip
    check(compute, spec, [normal(rng, (45, 45))], {"n": 45})


def test_extent_and_work(spec: str) -> None:
    n = symbol("n")
    compute = Compute(((I0, n),), (dense("x", (n,)),), ((dense("y", (n,)), load(0, I0) + 1.0),))
    del spec
    assert dims.symbols(compute.axes[0][1]) == {"n"}


def test_choices_in_choices_stay_small(spec: str, rng: np.random.Generator) -> None:
    """Nested choices that share their parts are printed once each, not once for each arm."""
    value = load(0, I0)
    for level in range(40):
        flag = expr.constant(level, INT64) < I0
        value = expr.where(flag, expr.exp(-expr.abs(value)), value * 0.5) + load(0, I0)
    compute = Compute(((I0, 37),), (dense("x", (37,)),), ((dense("y", (37,)), value),))
    check(compute, spec, [normal(rng, (37,))])


def test_concat_of_many(spec: str, rng: np.random.Generator) -> None:
    count = 300
    value = load(count - 1, expr.constant(0, INT64), J)
    for k in reversed(range(count - 1)):
        value = expr.where(k + 1 > I0, load(k, expr.constant(0, INT64), J), value)
    views = tuple(dense(f"x{k}", (1, 5)) for k in range(count))
    compute = Compute(((I0, count), (J, 5)), views, ((dense("y", (count, 5)), value),))
    kernel = schedule(compute, specs.by_name(spec))
    launch = render(kernel, specs.by_name(spec))
    buffers = native.Buffers()
    arrays = [normal(rng, (1, 5)) for _ in range(count)]
    for view, array in zip(views, arrays, strict=True):
        buffers.strided(view, {})[...] = array
    result = buffers.strided(compute.results[0][0], {})
    assert native.call(launch, specs.by_name(spec), buffers, {}) == [0, 0, 0]
    np.testing.assert_array_equal(result, np.concatenate(arrays))
