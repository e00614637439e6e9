# SPDX-License-Identifier: Apache-2.0
"""The text of a plan reads back to an equal plan; damage is one error."""

import pytest

from ingot import dims, spec
from ingot.dims import Guard
from ingot.dtypes import FLOAT32, UINT8
from ingot.errors import TextError
from ingot.plan import (
    Buffer,
    BufferUse,
    Plan,
    Port,
    ScratchUse,
    SizeProgram,
    SizeUse,
    Step,
    parse_plan,
    print_plan,
)


def sample() -> Plan:
    batch = dims.symbol("batch")
    step = Step(
        name='conv "a"\n+relu',
        kernel="ab12",
        arguments=(
            BufferUse("x", batch * 4, "r"),
            BufferUse("y", 0, "w"),
            SizeUse(batch * 3 + 1),
            ScratchUse(batch * 64),
        ),
        extent=batch * 7,
        grain=2,
        nodes=("conv", "relu"),
        candidate="gemm",
        flops=batch * 100,
        bytes=12,
    )
    buffers = (
        Buffer("x", "input", FLOAT32, (batch, 3), batch * 12),
        Buffer("y", "output", FLOAT32, (batch, 7), batch * 28),
        Buffer("w packed", "packed", UINT8, (64,), 64),
        Buffer("t", "arena", UINT8, (batch,), batch, 0, 3),
    )
    return Plan(
        name="net",
        target="cpu",
        spec=spec.by_name("avx2"),
        inputs=(Port("x", FLOAT32, (batch, 3), "x"),),
        outputs=(Port("y", FLOAT32, (batch, 7), "y"),),
        symbols={"batch": (1, None)},
        bound={"height": 224},
        guards=(Guard("eq", batch, 4, "Add 'a'"),),
        buffers={buffer.name: buffer for buffer in buffers},
        setup=(step,),
        steps=(step, step),
        constants={"t": bytes(range(200, 210))},
    )


def test_reads_back() -> None:
    plan = sample()
    again = parse_plan(print_plan(plan))
    assert again == plan
    assert print_plan(again) == print_plan(plan)


def test_sizes_are_evaluated_together() -> None:
    batch = dims.symbol("batch")
    sizes = SizeProgram(sample()).evaluate({"batch": 5})
    assert sizes[batch * 3 + 1] == 16
    assert sizes[batch * 64] == 320


def test_every_truncation_is_an_error() -> None:
    text = print_plan(sample())
    for cut in range(0, len(text) - 1, 7):
        with pytest.raises(TextError, match="forge again"):
            parse_plan(text[:cut])
