# SPDX-License-Identifier: Apache-2.0
"""What the generic renderer prints for every kind of CPU, and that it assembles without a CPU.

`python -m tests.snapshot.test_generic --accept` writes what is printed now into the files; read the
difference before you commit it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.kernel import native

from ingot import spec as specs
from ingot.dims import symbol
from ingot.dtypes import BFLOAT16, BOOL, FLOAT16, FLOAT32, FLOAT64, INT8, INT64
from ingot.kernel import expr
from ingot.kernel.compute import Compute
from ingot.kernel.expr import Expr, Load, Var
from ingot.kernel.schedule import schedule
from ingot.kernel.text import print_kernel
from ingot.kernel.view import View
from ingot.targets.cpu.render import compile_compute, render

FOLDER = Path(__file__).parent / "generic"
SPECS = ("x86-64-v2", "avx2", "avx512", "neon")
ROW, COLUMN, INNER, LAST = (Var(name) for name in ("row", "column", "inner", "last"))


def load(operand: int, *index: Expr) -> Expr:
    return Load(operand, index, FLOAT32)


def bias_relu() -> Compute:
    shape = (6, 77)
    value = expr.maximum(load(0, ROW, COLUMN) + load(1, COLUMN), 0.0)
    x, bias = View.dense("x", FLOAT32, shape), View.dense("bias", FLOAT32, (77,))
    result = (View.dense("y", FLOAT32, shape), value)
    return Compute(((ROW, 6), (COLUMN, 77)), (x, bias), (result,))


def softmax() -> Compute:
    rows = symbol("rows")
    shape = (rows, 200)
    peak = expr.reduce("max", [(INNER, 200)], load(0, ROW, INNER))
    total = expr.reduce("sum", [(INNER, 200)], expr.exp(load(0, ROW, INNER) - peak))
    value = expr.exp(load(0, ROW, COLUMN) - peak) / total
    x, y = (View.dense(name, FLOAT32, shape) for name in "xy")
    return Compute(((ROW, rows), (COLUMN, 200)), (x,), ((y, value),))


def gather_rows() -> Compute:
    words = symbol("words")
    at = expr.checked_index(Load(1, (ROW,), INT64), 1000)
    table = View.dense("table", FLOAT32, (1000, 64))
    ids = View.dense("ids", INT64, (words,))
    result = (View.dense("y", FLOAT32, (words, 64)), load(0, at, COLUMN))
    return Compute(((ROW, words), (COLUMN, 64)), (table, ids), (result,))


def channels_last() -> Compute:
    shape = (1, 24, 10, 9)
    axes = (Var("n"), Var("c"), Var("h"), Var("w"))
    x = View.dense("x", FLOAT32, shape)
    result = (View.dense("y", FLOAT32, shape, order=(0, 2, 3, 1)), load(0, *axes))
    return Compute(tuple(zip(axes, shape, strict=True)), (x,), (result,))


def global_average() -> Compute:
    batch = symbol("batch")
    shape = (batch, 96, 7, 7)
    value = expr.reduce("sum", [(INNER, 7), (LAST, 7)], load(0, ROW, COLUMN, INNER, LAST)) / 49.0
    x = View.dense("x", FLOAT32, shape, order=(0, 2, 3, 1))
    result = (View.dense("y", FLOAT32, (batch, 96)), value)
    return Compute(((ROW, batch), (COLUMN, 96)), (x,), (result,))


def strongest() -> Compute:
    value = expr.reduce("argmax", [(INNER, 1000)], load(0, ROW, INNER))
    x = View.dense("x", FLOAT32, (8, 1000))
    return Compute(((ROW, 8),), (x,), ((View.dense("y", INT64, (8,)), value),))


def mixed_types() -> Compute:
    """Every storage type that is not computed in as it lies."""
    n = symbol("n")
    types = (FLOAT16, BFLOAT16, INT8, BOOL, FLOAT64)
    views = tuple(View.dense(f"x{k}", dtype, (n,)) for k, dtype in enumerate(types))
    half, brain, byte, flag, double = (Load(k, (ROW,), t) for k, t in enumerate(types))
    value = expr.cast(half, FLOAT32) * expr.cast(brain, FLOAT32) + expr.cast(byte, FLOAT32)
    value = expr.where(flag, value, expr.cast(double, FLOAT32))
    results = (
        (View.dense("a", FLOAT16, (n,)), expr.cast(value, FLOAT16)),
        (View.dense("b", BFLOAT16, (n,)), expr.cast(value, BFLOAT16)),
        (View.dense("c", INT8, (n,)), expr.cast(value, INT8)),
        (View.dense("d", BOOL, (n,)), value > 0.5),
    )
    return Compute(((ROW, n),), views, results)


def functions() -> Compute:
    """Every function of one float argument, summed."""
    names = ("exp", "expm1", "log", "log1p", "erf", "tanh", "sigmoid", "sin", "cos", "tan", "asin")
    names += ("acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "floor", "round_even")
    x = load(0, ROW)
    total: Expr = expr.pow(x, load(0, ROW) + 0.5)
    for name in names:
        total = total + expr.apply(name, x)
    total = total + expr.mod(x, 0.7)
    view = View.dense("x", FLOAT32, (100,))
    return Compute(((ROW, 100),), (view,), ((View.dense("y", FLOAT32, (100,)), total),))


PRINTED: tuple[Callable[[], Compute], ...] = (bias_relu, softmax, gather_rows, channels_last)
CASES = (*PRINTED, global_average, strongest, mixed_types, functions)


def snapshots() -> dict[str, str]:
    """File name to text: scheduled loops for each vector length, LLVM IR for each kind of CPU."""
    found: dict[str, str] = {}
    for case in PRINTED:
        for name in SPECS:
            spec = specs.by_name(name)
            kernel = schedule(case(), spec)
            found[f"{case.__name__}.{spec.vector_bits}.kernel"] = print_kernel(kernel)
            found[f"{case.__name__}.{name}.ll"] = render(kernel, spec).text
    return found


def test_printed_text_is_as_accepted() -> None:
    printed = snapshots()
    accepted = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert printed.keys() == accepted.keys()
    changed = [name for name in printed if printed[name] != accepted[name]]
    assert not changed, f"run with --accept and read the difference: {', '.join(changed)}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("name", SPECS)
def test_assembles_without_external_symbols(name: str, case: Callable[[], Compute]) -> None:
    spec = specs.by_name(name)
    printed = native.assembly(compile_compute(case(), spec).text, spec)
    widest = {"x86-64-v2": "xmm", "avx2": "ymm", "avx512": "zmm", "neon": r"v\d+\.4s|v\d+\.2d"}
    if case not in (gather_rows, mixed_types):
        assert re.search(widest[name], printed), "no full vectors are used"
    if name == "x86-64-v2":
        assert not re.search("[yz]mm", printed)
    if name == "avx2":
        assert "zmm" not in printed


def test_equal_computes_give_equal_text() -> None:
    """Names of buffers and variables leave no trace, so equal kernels are compiled once."""
    spec = specs.by_name("avx2")

    def text(buffer: str, var: str) -> str:
        i = Var(var)
        view = View.dense(buffer, FLOAT32, (99,))
        result = (View.dense(buffer + "'", FLOAT32, (99,)), expr.exp(load(0, i)))
        return compile_compute(Compute(((i, 99),), (view,), (result,)), spec).text

    assert text("x", "i") == text("model/layer.1", "channel")


def accept() -> None:
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for name, text in snapshots().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__" and sys.argv[1:] == ["--accept"]:
    accept()
