# SPDX-License-Identifier: Apache-2.0
"""Operators that are written as kernels, on an emulated GPU and compiled for real ones."""

from __future__ import annotations

import pytest
from tests.emulation import compiler
from tests.emulation.driver import emulation
from tests.ops.cases import Case
from tests.ops.check import GROUPS, label, wrongs
from tests.unit.targets.cuda.compiling import compile_together, texts

from ingot.ops import OPS

STEPS = {name for name, op in OPS.items() if op.steps_rule is not None}
ONE_TYPE = {group[0].op.name: group for group in GROUPS if group[0].dtype.name == "float32"}
EMULATED = [group for name, group in ONE_TYPE.items() if name in STEPS]
QUICK = {"top_k", "cumsum"}


@pytest.mark.skipif(compiler.COMPILER is None, reason="needs g++ to emulate kernels")
@pytest.mark.parametrize(
    "group",
    [
        pytest.param(group, marks=[] if group[0].op.name in QUICK else [pytest.mark.slow])
        for group in EMULATED
    ],
    ids=label,
)
def test_gpu_gives_what_the_record_means(group: list[Case]) -> None:
    with emulation():
        wrong = wrongs(group[:3] if group[0].op.name in QUICK else group, "cuda")
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_machine_code() -> None:
    """One kernel of each operator compiles."""
    kernels = [text for group in EMULATED for text in texts(group[0].graph(), "sm_90")]
    assert compile_together(kernels, "sm_90").registers <= 255
