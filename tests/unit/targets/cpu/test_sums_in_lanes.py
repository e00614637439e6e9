# SPDX-License-Identifier: Apache-2.0
"""Sums that a vector loop carries around a loop inside it: one for each lane."""

from __future__ import annotations

import pytest

from ingot.dtypes import FLOAT32
from ingot.kernel import expr
from ingot.kernel.nodes import Const
from ingot.kernel.routine import Routine
from ingot.kernel.verify import verify_kernel
from ingot.kernel.view import View
from ingot.spec import by_name
from ingot.targets.cpu.render import render


@pytest.mark.parametrize(("spec", "lanes"), [("avx512", 16), ("avx2", 8), ("neon", 4)])
def test_a_float_is_carried_in_all_lanes(spec: str, lanes: int) -> None:
    r, h = View.dense("r", FLOAT32, (20, 16)), View.dense("h", FLOAT32, (20,))
    y = View.dense("y", FLOAT32, (16,))
    device = by_name(spec)
    routine = Routine((r, h), (y,), device.vector_bits)
    weights, state = routine.reads
    with routine.vector(0, 16) as lane:
        total = routine.let(Const(0.0, FLOAT32))
        with routine.loop(0, 20) as k:
            routine.set(total, expr.fma(state[k], weights[k, lane], total))
        routine.store(routine.writes[0], total, lane)
    kernel = routine.kernel()
    verify_kernel(kernel)
    text = render(kernel, device).text
    assert f"phi <{lanes} x float>" in text
    assert f"store <{lanes} x float>" in text
