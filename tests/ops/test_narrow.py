# SPDX-License-Identifier: Apache-2.0
"""What moves elements moves those of every type: a few examples of each op, all types at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest
from tests.ops.cases import Case
from tests.ops.check import complaints

from ingot import dtypes
from ingot.ops import OPS, Op

NARROW: Final = tuple(
    dtype for dtype in dtypes.ALL if dtype.bits <= 8 and dtype.name not in ("int8", "uint8", "bool")
)
MOVING: Final[Mapping[str, Op]] = {
    name: op
    for name, op in OPS.items()
    for spec in op.inputs[-1:]
    if name != "cast" and set(NARROW) <= set(spec.domain) and spec.variable == "T"
}


@pytest.mark.parametrize("name", [*MOVING, "gather", "pad"])
def test_every_type_is_moved(name: str, target: str) -> None:
    op = OPS[name]
    group = [
        Case(op, dtype, example, number)
        for dtype in NARROW
        for number, example in enumerate(op.examples[:2])
    ]
    wrong = complaints(group, target, "eager")
    assert not wrong, "\n".join(wrong)
