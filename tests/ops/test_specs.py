# SPDX-License-Identifier: Apache-2.0
"""Every op for CPUs other than this one: kernels are made from a DeviceSpec alone.

Those that this machine can run are run: narrower vectors, no FMA, no conversions of half floats.
For the others kernels compile.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.ops.cases import Case
from tests.ops.check import GROUPS, label, together, wrongs

from ingot import spec as specs
from ingot.dtypes import BOOL, FLOAT16, FLOAT32, INT64
from ingot.jit.compile import compile_plan
from ingot.targets import open_target

TYPES = (FLOAT32, FLOAT16, INT64, BOOL)
QUICK = {"avx512": (), "avx2": (FLOAT32,), "x86-64-v2": (FLOAT32, FLOAT16)}
CHOSEN = [group for group in GROUPS if group[0].dtype in TYPES]


def runs() -> Iterator[object]:
    own = open_target("cpu").spec
    for name, quick in QUICK.items():
        spec = specs.by_name(name)
        if spec.architecture != own.architecture or not spec.features <= own.features:
            continue
        for group in GROUPS:
            marks = () if group[0].dtype in quick else pytest.mark.slow
            yield pytest.param(name, group, id=f"{name}-{label(group)}", marks=marks)


@pytest.mark.parametrize(("name", "group"), list(runs()))
def test_op_runs_compiled_for_another_cpu(name: str, group: list[Case]) -> None:
    wrong = wrongs(group, name)
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("group", CHOSEN, ids=label)
def test_op_compiles_for_arm(group: list[Case]) -> None:
    target = open_target("neon")
    plan = compile_plan(together(group)[0], target, {}, {})
    assembler = target.assembler()
    for key, text in plan.sources.items():
        assembler.add(key, text)
    images = assembler.finish()
    assert images.keys() == plan.sources.keys() and all(images.values())
