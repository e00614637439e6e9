# SPDX-License-Identifier: Apache-2.0
"""View rules: the strided view is the same tensor that the op means, or there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.lib.stride_tricks import as_strided

from ingot.dims import Dim, symbol
from ingot.dtypes import FLOAT32
from ingot.ir.graph import Array
from ingot.kernel.view import View
from ingot.ops import OPS
from ingot.ops.views import dimension_groups

N = symbol("n")
M = symbol("m")


def seen(memory: Array, view: View) -> Array:
    """The elements that `view` describes."""
    start = memory[int(view.offset) :] if 0 not in view.shape else memory
    return as_strided(start, view.shape, [int(stride) * 4 for stride in view.strides])


@st.composite
def chains(draw: Any) -> tuple[tuple[int, ...], list[tuple[str, dict[str, Any]]]]:
    """A shape and some view ops that can follow one another."""
    start = tuple(draw(st.lists(st.sampled_from([0, 1, 2, 3, 4, 6]), min_size=0, max_size=4)))
    shape, ops = start, []
    for _ in range(draw(st.integers(1, 4))):
        op = draw(st.sampled_from(["transpose", "reshape", "slice", "expand"]))
        attributes: dict[str, Any] = draw(ATTRIBUTES[op](shape))
        ops.append((op, attributes))
        array = OPS[op].evaluate([np.zeros(shape, np.float32)], attributes)[0]
        shape = array.shape
    return start, ops


@st.composite
def factored(draw: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    """A shape of as many elements."""
    left, result = int(np.prod(shape, dtype=np.int64)), []
    if left == 0:
        return {"shape": tuple(draw(st.permutations(shape)))}
    while left > 1:
        size = draw(st.sampled_from([d for d in range(1, left + 1) if left % d == 0]))
        result.append(size)
        left //= size
    return {"shape": (*result, *[1] * draw(st.integers(0, 1)))}


@st.composite
def sliced(draw: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    """Bounds and steps within a shape."""
    rows = []
    for size in shape:
        start = draw(st.integers(0, size))
        if draw(st.booleans()) or start == size:
            rows.append((start, draw(st.integers(start, size)), draw(st.integers(1, 3))))
        else:
            rows.append((start, draw(st.integers(-1, start)), draw(st.integers(-3, -1))))
    starts, ends, steps = zip(*rows, strict=True) if rows else ((), (), ())
    return {"starts": starts, "ends": ends, "steps": steps}


@st.composite
def stretched(draw: Any, shape: tuple[int, ...]) -> dict[str, Any]:
    """A shape to broadcast to."""
    grown = [draw(st.integers(0, 3)) if size == 1 else size for size in shape]
    return {"shape": (*[2] * draw(st.integers(0, 1)), *grown)}


ATTRIBUTES: Any = {
    "transpose": lambda shape: st.permutations(range(len(shape))).map(
        lambda order: {"permutation": tuple(order)}
    ),
    "reshape": factored,
    "slice": sliced,
    "expand": stretched,
}


@given(chains())
def test_view_of_view_is_what_the_ops_mean(
    chain: tuple[tuple[int, ...], list[tuple[str, dict[str, Any]]]],
) -> None:
    shape, ops = chain
    memory = np.arange(max(int(np.prod(shape, dtype=np.int64)), 1), dtype=np.float32) + 1
    view: View | None = View.dense("x", FLOAT32, shape)
    array = memory[: int(np.prod(shape, dtype=np.int64))].reshape(shape)
    for op, attributes in ops:
        assert view is not None
        (array,) = OPS[op].evaluate([array], attributes)
        view = OPS[op].view(view, attributes)
        if view is None:
            assert op == "reshape"
            return
        assert tuple(view.shape) == array.shape
        if array.size:
            np.testing.assert_array_equal(seen(memory, view), array)


def test_reshape_of_a_dense_tensor_is_always_a_view() -> None:
    cases = (((2, 3, 4), (6, 4)), ((6, 4), (2, 3, 1, 4)), ((4, 6), (3, 8)), ((), (1,)))
    for before, after in cases:
        view = OPS["reshape"].view(View.dense("x", FLOAT32, before), {"shape": after})
        assert view == View.dense("x", FLOAT32, after)


def test_reshape_that_merges_transposed_axes_is_no_view() -> None:
    view = OPS["transpose"].view(View.dense("x", FLOAT32, (4, 6)), {"permutation": (1, 0)})
    assert view is not None
    assert OPS["reshape"].view(view, {"shape": (24,)}) is None
    assert OPS["reshape"].view(view, {"shape": (2, 3, 4)}) is not None


@pytest.mark.parametrize(
    ("before", "after", "want"),
    [
        ((N, 4, 6), (N, 24), [((0, 1), (0, 1)), ((1, 3), (1, 2))]),
        ((N * 2, 5), (N, 2, 5), [((0, 1), (0, 2)), ((1, 2), (2, 3))]),
        ((N, M, 64), (N, M, 8, 8), [((0, 1), (0, 1)), ((1, 2), (1, 2)), ((2, 3), (2, 4))]),
        ((N, M), (N * M,), [((0, 2), (0, 1))]),
        ((N * M, 7), (N, M, 7), [((0, 1), (0, 2)), ((1, 2), (2, 3))]),
        ((2, 3), (3, 2), [((0, 2), (0, 2))]),
    ],
)
def test_groups(before: tuple[Dim, ...], after: tuple[Dim, ...], want: Any) -> None:
    groups = dimension_groups(before, after)
    assert groups is not None
    found = [((a.start, a.stop), (b.start, b.stop)) for a, b in groups]
    assert found == want
