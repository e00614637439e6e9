# SPDX-License-Identifier: Apache-2.0
"""Every op compiles for CPUs that are not there: kernels are made from a DeviceSpec alone."""

from __future__ import annotations

import pytest
from tests.ops.cases import Case
from tests.ops.check import GROUPS, determined, label, together

from ingot.dtypes import BOOL, FLOAT16, FLOAT32, INT64
from ingot.jit.compile import compile_plan
from ingot.targets import open_target

TYPES = (FLOAT32, FLOAT16, INT64, BOOL)
CHOSEN = [group for group in GROUPS if group[0].dtype in TYPES]


@pytest.mark.parametrize("group", CHOSEN, ids=label)
def test_op_compiles_for_arm(group: list[Case]) -> None:
    target = open_target("neon")
    cases = [case for case in group if determined(case)]
    if not cases:
        return
    plan = compile_plan(together(cases)[0], target, {}, {})
    assembler = target.assembler()
    for key, text in plan.sources.items():
        assembler.add(key, text)
    images = assembler.finish()
    assert images.keys() == plan.sources.keys() and all(images.values())
