# SPDX-License-Identifier: Apache-2.0
"""Linking objects: what resolves, what is refused, and damage."""

import ctypes
from itertools import pairwise

import numpy as np
import pytest
from tests.unit.targets.cpu import handwritten

from ingot import host
from ingot.errors import CompileError, DeviceError
from ingot.spec import by_name
from ingot.targets.cpu.code import Code
from ingot.targets.cpu.image import AARCH64, X86_64, link, read_image
from ingot.targets.cpu.probe import probe
from ingot.targets.cpu.walk import walk_text
from ingot.targets.cpu.worker import Machine, compile_object

# A table of constants and a call: relocations to read-only data and to other functions.
TABLE = """
@table = internal constant [4 x i64] [i64 11, i64 22, i64 33, i64 44]
define internal i64 @twice(i64 %x) noinline nounwind {
  %y = mul i64 %x, 2
  ret i64 %y
}
define i64 @kernel(i64 %i) nounwind {
  %at = getelementptr [4 x i64], ptr @table, i64 0, i64 %i
  %x = load i64, ptr %at
  %y = call i64 @twice(i64 %x)
  ret i64 %y
}
define double @other(double %x) nounwind {
  %y = fmul double %x, 0x40091EB851EB851F
  ret double %y
}
define i64 @cases(i64 %i) nounwind {
  switch i64 %i, label %d [ i64 0, label %a
                            i64 1, label %b
                            i64 2, label %c
                            i64 3, label %a
                            i64 4, label %b ]
a: ret i64 100
b: ret i64 200
c: ret i64 300
d: ret i64 400
}
"""

SPECS = ("x86-64-v2", "avx2", "avx512", "neon")


def machine(name: str) -> Machine:
    spec = by_name(name)
    return Machine(spec.triple, spec.cpu, spec.llvm_features)


def test_constants_calls_and_jump_tables_work_where_they_are_loaded() -> None:
    filler = handwritten.image(handwritten.MIRROR)
    code = Code({"filler": filler, "table": handwritten.image(TABLE), "more": filler})
    kernel = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address("table"))
    cases = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(code.address("table", "cases"))
    other = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(code.address("table", "other"))
    assert [kernel(i) for i in range(4)] == [22, 44, 66, 88]
    assert [cases(i) for i in range(7)] == [100, 200, 300, 100, 200, 400, 400]
    assert other(2.0) == 6.28


@pytest.mark.parametrize("name", SPECS)
def test_every_spec_assembles_and_links(name) -> None:
    image = read_image("table", link("table", compile_object(TABLE, machine(name))))
    assert image.machine == (AARCH64 if name == "neon" else X86_64)
    assert set(image.symbols) == {"kernel", "other", "cases"}
    assert image.alignment == (4096 if name == "neon" else 64)


def test_arm_page_pairs_point_at_their_constants() -> None:
    """ADRP and the low 12 bits, decoded by hand, give the offset of the table in the block."""
    image = read_image("table", link("table", compile_object(TABLE, machine("neon"))))
    table = bytes(image.block).index(np.array([11, 22, 33, 44], np.int64).tobytes())
    words = np.frombuffer(image.block[: len(image.block) // 4 * 4], np.uint32)
    found = []
    for place, (first, second) in enumerate(pairwise(words)):
        if first & 0x9F000000 == 0x90000000:
            page = (int(first) >> 29 & 3) | (int(first) >> 5 & 0x7FFFF) << 2
            low = int(second) >> 10 & 0xFFF
            found.append((place * 4 & ~0xFFF) + (page << 12) + low)
    assert table in found


def test_symbols_are_public_functions_only() -> None:
    text = "define internal void @hidden() { ret void }\ndefine void @kernel() { ret void }\n"
    assert set(read_image("k", handwritten.image(text)).symbols) == {"kernel"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "declare float @expf(float)\ndefine float @kernel(float %x) {\n"
            "%y = call float @expf(float %x)\nret float %y\n}",
            "foreign symbol 'expf'",
        ),
        (
            "@state = internal global i64 3\ndefine i64 @kernel() {\n"
            "%x = load i64, ptr @state\nstore i64 4, ptr @state\nret i64 %x\n}",
            "writable",
        ),
        (
            "@address = constant ptr @kernel\ndefine ptr @kernel() {\n"
            "%x = load volatile ptr, ptr @address\nret ptr %x\n}",
            "writable|not position-independent",
        ),
    ],
    ids=["foreign symbol", "state", "absolute address"],
)
def test_code_that_cannot_be_cached_is_refused(text, reason) -> None:
    with pytest.raises(CompileError, match=f"kernel 'bad': .*({reason})"):
        handwritten.image(text, "bad")


def test_objects_that_are_no_objects_are_refused() -> None:
    good = compile_object(TABLE, handwritten.machine())
    for data in (b"", b"garbage" * 100, good[:100], good[: len(good) // 2]):
        with pytest.raises(CompileError, match="kernel 'bad': the object file does not link"):
            link("bad", data)


def test_any_damage_to_an_image_is_found(rng) -> None:
    image = handwritten.image(TABLE)
    for _ in range(300):
        data = bytearray(image)
        data[rng.integers(len(data))] ^= 1 << rng.integers(8)
        with pytest.raises(CompileError, match="its image is damaged"):
            read_image("kernel", bytes(data))
    for size in range(0, len(image), 37):
        with pytest.raises(CompileError, match="its image is damaged"):
            read_image("kernel", image[:size])


def test_code_for_another_machine_is_refused() -> None:
    other = "neon" if probe().architecture == "x86_64" else "avx2"
    image = link("table", compile_object(TABLE, machine(other)))
    with pytest.raises(DeviceError, match="compiled for"):
        Code({"table": image})


def test_code_pages_are_never_writable_and_executable(code) -> None:
    if not host.LINUX:
        pytest.skip("reads /proc")
    address = code.address("mirror")
    with open("/proc/self/maps") as maps:
        lines = [line.split() for line in maps]
    ranges = [(*(int(end, 16) for end in line[0].split("-")), line[1]) for line in lines]
    (mode,) = (mode for start, end, mode in ranges if start <= address < end)
    assert mode.startswith("r-x")


@pytest.mark.parametrize("parking", ["futex", "ulock", "address"])
@pytest.mark.parametrize("name", ["x86-64-v2", "avx512", "neon"])
def test_the_walk_assembles_for_every_system(parking, name) -> None:
    text = walk_text(parking, by_name(name).architecture)
    image = read_image("walk", link("walk", compile_object(text, machine(name))))
    assert set(image.symbols) == {"run", "run_alone", "stop", "work"}
