# SPDX-License-Identifier: Apache-2.0
"""What the hand-shaped families print for every kind of CPU.

It assembles without that CPU, uses its full vectors, calls nothing foreign, and keeps its
accumulators in registers.

`python -m tests.snapshot.test_families --accept` writes what is printed for AVX2 into the files;
read the difference before you commit it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.unit.kernel import native
from tests.unit.targets.cpu.kernels.convolutions import Case, H, N, W
from tests.unit.targets.cpu.kernels.families import place, region_of, value

from ingot import spec as specs
from ingot.dims import Dim
from ingot.dtypes import BFLOAT16, FLOAT16, UINT8
from ingot.ir.graph import Node
from ingot.spec import DeviceSpec
from ingot.targets.base import Candidate, Emission, Region
from ingot.targets.cpu.kernels.attention import Attention
from ingot.targets.cpu.kernels.blocks import BlockMatMul
from ingot.targets.cpu.kernels.conv import Conv
from ingot.targets.cpu.kernels.depthwise import Depthwise
from ingot.targets.cpu.kernels.gemm import MatMul
from ingot.targets.cpu.kernels.planar import PlanarConv
from ingot.targets.cpu.kernels.pool import Pool
from ingot.targets.cpu.kernels.winograd import Winograd

FOLDER = Path(__file__).parent / "families"
SPECS = ("x86-64-v2", "avx2", "avx512", "neon")
FULL = {"x86-64-v2": "xmm", "avx2": "ymm", "avx512": "zmm", "neon": r"v\d+\.4s"}
LEAST_WORK = 12  # multiply-adds that make a loop a hot one


def matmul() -> tuple[Candidate, Region]:
    """A weight, a bias and gelu; a rest of columns."""
    a, b, bias = value("a", N, 40), value("b", 40, 72), value("bias", 72)
    x, y, z = (value(name, N, 72) for name in "xyz")
    node = Node("matmul", (a, b), (x,))
    add = Node("add", (x, bias), (y,))
    gelu = Node("gelu", (y,), (z,), {"approximate": "none"})
    return MatMul(), region_of([node, add, gelu], node, [b, bias])


def batched() -> tuple[Candidate, Region]:
    """A computed right operand that lies transposed."""
    a, b, c = value("a", 2, 20, 24), value("b", 2, 24, 36), value("c", 2, 20, 36)
    node = Node("matmul", (a, b), (c,))
    return MatMul(), region_of([node], node)


def conv() -> tuple[Candidate, Region]:
    return Conv(), Case((N, 32, H, W), (48, 32, 3, 3), (2, 2), (1, 1, 1, 1)).region()


def narrow_matmul() -> tuple[Candidate, Region]:
    """A weight that each work unit widens, times rows that are widened step by step."""
    a, b, c = (value(name, 75, 320, dtype=BFLOAT16) for name in "abc")
    b = value("b", 320, 320, dtype=BFLOAT16)
    node = Node("matmul", (a, b), (c,))
    return MatMul(), region_of([node], node, [b])


def narrow_conv() -> tuple[Candidate, Region]:
    case = Case((N, 32, H, W), (32, 32, 3, 3), (2, 2), (1, 1, 1, 1), dtype=FLOAT16)
    return Conv(), case.region()


def stem() -> tuple[Candidate, Region]:
    return PlanarConv(), Case((1, 3, 32, 32), (32, 3, 7, 7), (2, 2), (3, 3, 3, 3)).region()


def depthwise() -> tuple[Candidate, Region]:
    case = Case((1, 64, 14, 14), (64, 1, 3, 3), (1, 1), (1, 1, 1, 1), groups=64, plain=True)
    return Depthwise(), case.region()


def winograd_blocks() -> tuple[Candidate, Region]:
    return Winograd(4), Case((1, 32, 14, 14), (32, 32, 3, 3), (1, 1), (1, 1, 1, 1)).region()


def winograd_launches() -> tuple[Candidate, Region]:
    return Winograd(2), Case((N, 320, H, W), (320, 320, 3, 3), (1, 1), (1, 1, 1, 1)).region()


def pool() -> tuple[Candidate, Region]:
    x, y = value("x", 1, 64, 14, 14), value("y", 1, 64, 7, 7)
    sizes = {"kernel": (3, 3), "strides": (2, 2), "pads": (1, 1, 1, 1), "dilations": (1, 1)}
    node = Node("max_pool", (x,), (y,), {**sizes, "ceil_mode": False})
    return Pool(), region_of([node], node)


def attention() -> tuple[Candidate, Region]:
    q, k, v, y = (value(name, 1, 2, 40, 32) for name in "qkvy")
    attributes = {"scale": 0.25, "causal": False, "offset": 0}
    node = Node("attention", (q, k, v), (y,), attributes)
    return Attention(), region_of([node], node)


def codes(rows: Dim) -> tuple[Candidate, Region]:
    x, packed = value("x", rows, 64), value("codes", 40, 2, 16, dtype=UINT8)
    weights = (packed, value("scales", 40, 2), value("zeros", 40, 2, dtype=UINT8))
    attributes = {"bits": 4, "block": 32}
    node = Node("block_matmul", (x, *weights), (value("y", rows, 40),), attributes)
    return BlockMatMul(), region_of([node], node, weights)


def few_rows_of_codes() -> tuple[Candidate, Region]:
    """Codes of four bits with zero points, for an open number of rows."""
    return codes(N)


def many_rows_of_codes() -> tuple[Candidate, Region]:
    """Codes that each work unit widens."""
    return codes(24)


Make = Callable[[], tuple[Candidate, Region]]
CASES: tuple[Make, ...] = (
    matmul, batched, narrow_matmul, conv, narrow_conv, stem, depthwise, winograd_blocks,
    winograd_launches, pool, attention, few_rows_of_codes, many_rows_of_codes,
)  # fmt: skip
PRINTED: tuple[Make, ...] = (batched, depthwise, winograd_blocks, many_rows_of_codes)


def emission_of(case: Make, spec: DeviceSpec) -> Emission:
    family, region = case()
    assert family.match(region, spec) is None
    return family.build(place(region, family), spec)


def texts(case: Make, spec: DeviceSpec) -> list[str]:
    emission = emission_of(case, spec)
    launches = (*(packed.launch for packed in emission.packed), *emission.launches)
    return [launch.text for launch in launches]


def snapshots() -> dict[str, str]:
    spec = specs.by_name("avx2")
    return {
        f"{case.__name__}.{number}.ll": text
        for case in PRINTED
        for number, text in enumerate(texts(case, spec))
    }


def hot_loops(assembly: str) -> Iterator[list[str]]:
    """The innermost loops of tile functions that multiply and add a lot."""
    lines = assembly.splitlines()
    places: dict[str, int] = {}
    function = ""
    for number, line in enumerate(lines):
        named = re.match(r"(\w+):", line)
        function = named[1] if named else function
        label = re.match(r"(\.L\w+):", line)
        if label:
            places[label[1]] = number
        jump = re.match(r"\s+(?:j\w+|b\.\w+|b|cbn?z|tbn?z)\s.*?(\.L\w+)", line)
        if jump is None or jump[1] not in places or not function.startswith("tile"):
            continue
        body = lines[places[jump[1]] + 1 : number]
        work = [entry for entry in body if re.search("fmadd|fmla|mulps", entry)]
        if any(re.search("divps|fdiv|[rp]cpps", entry) for entry in body):
            continue  # an activation
        if len(work) >= LEAST_WORK and not any(re.match(r"\.L\w+:", entry) for entry in body):
            yield body


def test_printed_text_is_as_accepted() -> None:
    printed = snapshots()
    accepted = {path.name: path.read_text() for path in FOLDER.iterdir()}
    assert printed.keys() == accepted.keys()
    changed = [name for name in printed if printed[name] != accepted[name]]
    assert not changed, f"run with --accept and read the difference: {', '.join(changed)}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@pytest.mark.parametrize("name", SPECS)
def test_assembles(name: str, case: Make) -> None:
    spec = specs.by_name(name)
    full = False
    for text in texts(case, spec):
        assembly = native.assembly(text, spec)
        full = full or re.search(FULL[name], assembly) is not None
        if name == "x86-64-v2":
            assert not re.search("[yz]mm", assembly)
        if name == "avx2":
            assert "zmm" not in assembly
    assert full, "no full vectors are used"


@pytest.mark.parametrize("case", [matmul, batched, conv, stem, winograd_blocks, many_rows_of_codes])
@pytest.mark.parametrize("name", SPECS)
def test_accumulators_stay_in_registers(name: str, case: Make) -> None:
    spec = specs.by_name(name)
    assembly = native.assembly(texts(case, spec)[-1], spec)
    loops = list(hot_loops(assembly))
    assert loops, "no hot loop is found"
    for body in loops:
        spilled = [line for line in body if re.search(r"\(%rsp|\[sp", line)]
        assert not spilled, spilled


@pytest.mark.parametrize(
    ("case", "widens"), [(narrow_conv, "vcvtph2ps"), (narrow_matmul, "vpmovzxwd")]
)
def test_rows_are_widened_by_vectors(case: Make, widens: str) -> None:
    """One conversion serves eight steps of a row, and only what it gives goes to the stack."""
    spec = specs.by_name("avx2")
    loops = list(hot_loops(native.assembly(texts(case, spec)[-1], spec)))
    assert loops, "no hot loop is found"
    for body in loops:
        adds, conversions, stores = (
            sum(re.search(what, line) is not None for line in body)
            for what in ("vfmadd", widens, r"%ymm\d+, \d*\(%rsp\)")
        )
        assert adds == 8 * 2 * conversions
        assert stores <= conversions + 1, "a register is spilled"


def test_equal_regions_give_equal_text() -> None:
    """Names leave no trace, so equal kernels are compiled once."""
    spec = specs.by_name("avx2")

    def text(prefix: str) -> str:
        a, b, c = (value(prefix + name, 9, 9) for name in "abc")
        node = Node("matmul", (a, b), (c,))
        region = region_of([node], node, [b])
        return MatMul().build(place(region, MatMul()), spec).launches[0].text

    assert text("") == text("model/layer.1/")


def accept() -> None:
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for name, text in snapshots().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__" and sys.argv[1:] == ["--accept"]:
    accept()
