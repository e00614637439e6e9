# SPDX-License-Identifier: Apache-2.0
"""Sequential kernels: what they say, their text, and what the CPU makes of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.ops.cases import Case, domain
from tests.unit.kernel.native import Buffers, call, host_specs

from ingot.dtypes import FLOAT32, INT64
from ingot.errors import GraphError
from ingot.kernel.loops import Kernel
from ingot.kernel.nodes import Const, apply
from ingot.kernel.routine import Routine
from ingot.kernel.text import parse_kernel, print_kernel
from ingot.kernel.verify import verify_kernel
from ingot.kernel.view import View
from ingot.ops import OPS
from ingot.ops.steps import Steps
from ingot.spec import by_name
from ingot.targets.cpu.render import render

VECTOR = View.dense("x", INT64, (9,))
RESULT = View.dense("y", INT64, (9,))
STEPS = [name for name, op in OPS.items() if op.steps_rule is not None]


def routine() -> Routine:
    return Routine((VECTOR,), (RESULT,), 256)


def result_of(kernel: Kernel, x: np.ndarray) -> list[int]:
    verify_kernel(kernel)
    assert parse_kernel(print_kernel(kernel)) == kernel
    found = []
    for name in host_specs():
        buffers, spec = Buffers(), by_name(name)
        buffers.strided(VECTOR, {})[...] = x
        y = buffers.strided(RESULT, {})
        y[...] = 0
        assert call(render(kernel, spec), spec, buffers, {}) == [0, 0, 0]
        found.append(y.tolist())
    assert all(other == found[0] for other in found)
    return found[0]


def test_variables_go_around_loops() -> None:
    """The greatest common divisor with 360: a `while` that changes two variables."""
    made = routine()
    (x,), (y,) = made.reads, made.writes
    with made.parallel(9) as i:
        a, b = made.let(x[i]), made.let(360)
        with made.repeat(apply("not_equal", b, 0)):
            rest = made.let(a % b)
            made.set(a, b)
            made.set(b, rest)
        made.store(y, a, i)
    x_values = np.array([7, 12, 360, 45, 1, 100, 250, 96, 17])
    assert result_of(made.kernel(), x_values) == [math.gcd(int(v), 360) for v in x_values]


def test_branches_join() -> None:
    """Nested branches inside a loop; an arm may leave a variable as it was."""
    made = routine()
    (x,), (y,) = made.reads, made.writes
    with made.parallel(9) as i:
        total, odd = made.let(0), made.let(0)
        with made.loop(0, x[i]) as k:
            with made.when(apply("equal", k % 2, 0)):
                made.set(total, total + k)
            with made.otherwise():
                made.set(odd, odd + 1)
                with made.when(odd > 3):
                    made.set(total, total - odd)
        made.store(y, total, i)

    def wanted(count: int) -> int:
        total = odd = 0
        for k in range(count):
            if k % 2 == 0:
                total += k
            else:
                odd += 1
                total -= odd if odd > 3 else 0
        return total

    x_values = np.arange(9) * 3
    assert result_of(made.kernel(), x_values) == [wanted(int(v)) for v in x_values]


def test_loads_see_what_was_stored() -> None:
    """The same load before and behind a store, in one loop."""
    made = routine()
    (x,), (y,) = made.reads, made.writes
    with made.parallel(1):
        with made.loop(0, 9) as i:
            made.store(y, x[i], i)
        with made.loop(0, 8) as i:
            old = made.let(y[i])
            made.store(y, y[i + 1] + 1, i)
            made.store(y, y[i] + old, i + 1)
    values = [3, 1, 4, 1, 5, 9, 2, 6, 5]
    wanted = list(values)
    for i in range(8):
        old = wanted[i]
        wanted[i] = wanted[i + 1] + 1
        wanted[i + 1] = wanted[i] + old
    assert result_of(made.kernel(), np.array(values)) == wanted


def test_folds_over_what_was_stored() -> None:
    made = routine()
    (x,), (y,) = made.reads, made.writes
    with made.parallel(1), made.loop(0, 9) as i:
        best = made.fold("sum", 0, i, lambda k: y[k])
        made.store(y, x[i] + best, i)
    wanted: list[int] = []
    for value in range(1, 10):
        wanted.append(value + sum(wanted))
    assert result_of(made.kernel(), np.arange(1, 10)) == wanted


def test_no_variable_leaves_a_vector_loop() -> None:
    made = routine()
    with made.parallel(1):
        total = made.let(0)
        with made.vector(0, 9):
            made.set(total, total + Const(1, INT64))
    with pytest.raises(GraphError, match="assigned in a vector loop"):
        verify_kernel(made.kernel())


@pytest.mark.parametrize("name", STEPS)
def test_kernels_of_records_print_and_parse(name: str) -> None:
    op = OPS[name]
    for number, example in enumerate(op.examples[:3]):
        dtype = (example.only or domain(op))[0]
        node = Case(op, dtype if dtype in domain(op) else FLOAT32, example, number).node()
        views = [None if v is None else View.dense(v.name, v.dtype, v.shape) for v in node.inputs]
        views += [None] * (len(op.inputs) - len(views))
        results = [View.dense(v.name, v.dtype, v.shape) for v in node.outputs]
        steps = Steps(256)
        assert op.steps_rule is not None
        op.steps_rule(steps, *views, *results, **node.attributes)
        for kernel in steps.kernels:
            verify_kernel(kernel)
            assert parse_kernel(print_kernel(kernel)) == kernel
