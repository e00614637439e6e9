# SPDX-License-Identifier: Apache-2.0
"""Products of bytes for every kind of CPU: the instruction that each has, and no spills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.unit.kernel import native
from tests.unit.targets.cpu.kernels.families import place, region_of, value

from ingot import spec as specs
from ingot.dtypes import INT8, INT32
from ingot.ir.graph import Node
from ingot.spec import DeviceSpec
from ingot.targets.base import Region
from ingot.targets.cpu.kernels.integer_gemm import IntegerMatMul

STEPS = {
    "x86-64-v2": "pmaddwd", "avx2": "vpmaddwd", "avx512": "vpmaddwd", "bytes": "vpdpbusd",
    "neon": r"mla\s",
}  # fmt: skip
LEAST_WORK = 8


def spec_of(name: str) -> DeviceSpec:
    if name != "bytes":
        return specs.by_name(name)
    base = specs.by_name("avx512")
    return replace(base, features=base.features | {"avx512vnni"})


def product() -> Region:
    a, b = value("a", 30, 64, dtype=INT8), value("b", 64, 128, dtype=INT8)
    total = value("total", 30, 128, dtype=INT32)
    node = Node("matmul_integer", (a, b), (total,))
    return region_of([node], node, [b])


def hot_loops(assembly: str, step: str) -> Iterator[list[str]]:
    """The innermost loops that multiply a lot."""
    lines = assembly.splitlines()
    places = {line.split(":")[0]: k for k, line in enumerate(lines) if re.match(r"\.L\w+:", line)}
    for number, line in enumerate(lines):
        jump = re.match(r"\s+(?:j\w+|b\.\w+|cbn?z|tbn?z)\s.*?(\.L\w+)", line)
        if jump and places.get(jump[1], number) < number:
            body = lines[places[jump[1]] + 1 : number]
            if sum(bool(re.search(step, entry)) for entry in body) >= LEAST_WORK:
                yield body


@pytest.mark.parametrize("name", STEPS)
def test_sums_stay_in_registers(name: str) -> None:
    family, region, spec = IntegerMatMul(), product(), spec_of(name)
    emission = family.build(place(region, family), spec)
    assembly = native.assembly(emission.launches[-1].text, spec)
    loops = list(hot_loops(assembly, STEPS[name]))
    assert loops, "no hot loop is found"
    for body in loops:
        widened = sum("pmovsxbw" in line for line in body)
        spread = r"vpbroadcastd\s\d*\(%rsp"
        stack = [line for line in body if re.search(r"\(%rsp|\[sp", line)]
        spilled = [line for line in stack if not re.search(spread, line)]
        assert len(spilled) <= widened, spilled
