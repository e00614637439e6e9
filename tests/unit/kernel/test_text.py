# SPDX-License-Identifier: Apache-2.0
"""Text forms and verifiers: what parses, what is refused, and with which words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingot.dims import symbol
from ingot.dtypes import BFLOAT16, BOOL, FLOAT32, INT8, INT64
from ingot.errors import GraphError, IngotError, TextError
from ingot.kernel import expr
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Load, Local, Var
from ingot.kernel.loops import Axis, Fold, Kernel, Loop, Store
from ingot.kernel.text import parse_compute, parse_kernel, print_compute, print_kernel
from ingot.kernel.verify import verify_compute, verify_kernel
from ingot.kernel.view import View

ROW, COLUMN = Var("row"), Var("column")

SOFTMAX = """\
kernel 0 8 {1 + n} 7
operand float32 [{n}, 10] [10, 1] 0 "x"
result float32 [{n}, 10] [10, 1] 0 "y"
loop parallel row 0 {n} 1
  %0 = mul(row, 10)
  fold s1 float32 = max load(0, float32, add(%0, column))
    over vector column 0 10 1
  end
  loop vector column 0 10 1
    %1 = add(%0, column)
    store 0 %1 = sub(load(0, float32, %1), $s1(float32))
  end
end
"""


def example() -> Compute:
    n = symbol("n")
    values = Load(0, (ROW, COLUMN), FLOAT32)
    flag = Load(1, (COLUMN,), BOOL)
    narrow = expr.cast(Load(2, (ROW,), BFLOAT16), FLOAT32)
    shared = expr.exp(values * 0.1) + narrow
    value = expr.where(flag & (COLUMN < 3), shared * shared, float("-inf"))
    operands = (
        View('x y"z', FLOAT32, (n, 8), (n * 2 + 1, 1), n + 3),
        View("flags", BOOL, (8,), (1,)),
        View("b", BFLOAT16, (n,), (0,)),
    )
    result = View.dense("out", FLOAT32, (n, 8))
    return Compute(((ROW, n), (COLUMN, 8)), operands, ((result, value),))


def test_compute_round_trip() -> None:
    compute = example()
    verify_compute(compute)
    text = print_compute(compute)
    assert parse_compute(text) == compute
    assert print_compute(parse_compute(text)) == text


def test_kernel_text_is_what_is_read() -> None:
    kernel = parse_kernel(SOFTMAX)
    verify_kernel(kernel)
    assert parse_kernel(print_kernel(kernel)) == kernel
    assert kernel.extent() == symbol("n")
    assert isinstance(kernel.inner()[0], Fold)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kernel 0", "kern 0", "line 1: kernel text: expects 'kernel'"),
        ("max load", "max lod", "line 6: kernel text"),
        ("fold s1", "fold", "line 6"),
        ("store 0 %1", "store 0 %7", "line 11: kernel text: '%7' is not defined"),
        ("[10, 1] 0 \"y\"", "[10, 1 0 \"y\"", "line 3: kernel text: expects ','"),
        ("vector column 0 10 1\n    %1", "diagonal column 0 10 1\n    %1", "no kind of loop"),
        ("  end\nend\n", "  end\n", "ends inside a block"),
        ("{n} 1", "{n} 1 1", "one word too many"),
        ("$s1", "?s1", "is not understood"),
        ("0 10 1\n  end", "0 ten 1\n  end", ""),
    ],
)  # fmt: skip
def test_damaged_text(old: str, new: str, message: str) -> None:
    assert old in SOFTMAX
    with pytest.raises(IngotError) as caught:
        verify_kernel(parse_kernel(SOFTMAX.replace(old, new, 1)))
    assert message in str(caught.value)


def test_every_cut_is_refused_or_read() -> None:
    for length in range(len(SOFTMAX)):
        try:
            parse_kernel(SOFTMAX[:length])
        except IngotError as error:
            assert isinstance(error, TextError | IngotError)


def test_compute_rules() -> None:
    compute = example()
    (view, value) = compute.results[0]
    for broken, message in (
        (replace(compute, axes=((ROW, 4),)), "one axis for each loop"),
        (replace(compute, axes=((ROW, 4), (ROW, 8))), "two axes share a variable"),
        (replace(compute, operands=compute.operands[:1]), "there is no operand"),
        (replace(compute, results=()), "it has no result"),
        (replace(compute, results=((replace(view, dtype=INT8), value),)), "int8 result cannot"),
        (replace(compute, results=((view, value * expr.cast(Var("k"), FLOAT32)),)), "'k' is not"),
    ):
        with pytest.raises(GraphError, match=message):
            verify_compute(broken)


def test_kernel_rules() -> None:
    view = View.dense("y", FLOAT32, (4,))
    zero, four = expr.constant(0, INT64), expr.constant(4, INT64)
    axis = Axis(ROW, zero, four, "serial")
    parallel = Axis(COLUMN, zero, four, "parallel")
    number = expr.constant(1.0, FLOAT32)
    store = Store(0, ROW, number)
    unknown = Local("s9", FLOAT32)
    fold = Fold(Local("s1", FLOAT32), "sum", (axis,), number)
    for body, message in (
        ((store,), "'row' is not bound"),
        ((Loop(axis, (Loop(axis, (store,)),)),), "bound already"),
        ((Loop(axis, (Loop(parallel, (store,)),)),), "parallel loop has a neighbour or parent"),
        ((Loop(axis, (Store(1, ROW, number),)),), "there is no result 1"),
        ((Loop(axis, (Store(0, ROW, expr.cast(number, INT8)),)),), "type differs"),
        ((Loop(axis, (Store(0, ROW, unknown),)),), "read before it is computed"),
        ((replace(fold, kind="argmax"), Store(0, zero, number)), "position disagree"),
        ((replace(fold, axes=(replace(axis, kind="parallel"),)),), "an axis is parallel"),
    ):
        with pytest.raises(GraphError, match=message):
            verify_kernel(Kernel((), (view,), tuple(body)))
