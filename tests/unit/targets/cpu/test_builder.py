# SPDX-License-Identifier: Apache-2.0
"""The LLVM text builder and the frame: folding, loops, branches, slots, arguments, faults."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import llvmlite.binding as llvm
import numpy as np
import pytest
from tests.unit.kernel import native

from ingot import spec as specs
from ingot.dims import symbol
from ingot.dtypes import FLOAT32
from ingot.kernel.view import View
from ingot.plan import ScratchUse, SizeUse
from ingot.targets.base import PackedUse, ViewUse
from ingot.targets.cpu.builder import Builder, Integer, Module, literal, vector
from ingot.targets.cpu.frame import Frame
from ingot.targets.cpu.turn import transposed

SPEC = specs.by_name("x86-64-v2")


def built(body: Callable[[Builder], Integer]) -> str:
    """A module with one function i64 @kernel(i64 %a, i64 %b) that returns what `body` gives."""
    module = Module(SPEC)
    parameters = [("i64", "%a"), ("i64", "%b")]
    builder = module.function("kernel", parameters, internal=False, result="i64")
    builder.ret("i64", body(builder))
    return module.text()


def called(body: Callable[[Builder], Integer], a: int = 0, b: int = 0) -> int:
    engine = native.load(built(body), SPEC).engine
    address = engine.get_function_address("kernel")
    entry = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)(address)
    return int(entry(a, b))


def test_known_integers_print_nothing() -> None:
    text = built(lambda b: b.add(b.mul(b.udiv(17, 5), 4), b.minimum(9, b.urem(7, 4))))
    assert "ret i64 15" in text
    assert "mul" not in text and "icmp" not in text
    assert "%t" not in built(lambda b: b.add(b.mul("%a", 1), b.mul("%b", 0)))


@pytest.mark.parametrize(("a", "b"), [(17, 5), (-17, 5), (17, -5), (0, 3), (4, 4)])
def test_registers_compute_what_ints_do(a: int, b: int) -> None:
    operations: list[Callable[[Builder, Integer, Integer], Integer]] = [
        Builder.add, Builder.sub, Builder.mul, Builder.sdiv, Builder.minimum, Builder.maximum,
        lambda o, x, y: o.select(o.compare("sle", x, y), x, y),
        lambda o, x, y: o.round_down(o.maximum(x, 0), 8),
        lambda o, x, y: o.ceil_div(o.maximum(x, 0), o.maximum(y, 1)),
    ]  # fmt: skip
    printer = Module(SPEC).function("f")
    for operation in operations:
        expected = operation(printer, a, b)
        assert isinstance(expected, int)
        assert called(lambda o, op=operation: op(o, "%a", "%b"), a, b) == expected


def total(builder: Builder, start: Integer, stop: Integer, step: Integer) -> str:
    """The sum of the range, plus 1000 for each iteration."""

    def body(index: Integer, values: list[str]) -> list[Integer]:
        return [builder.add(builder.add(values[0], index), 1000)]

    return builder.loop(start, stop, step, body, [("i64", 7)])[0]


@pytest.mark.parametrize(("start", "stop", "step"), [
    (0, 10, 1), (0, 0, 1), (3, 10, 4), (5, 6, 1), (9, 2, 1), (0, 8, 8), (0, 9, 8),
])  # fmt: skip
def test_loops(start: int, stop: int, step: int) -> None:
    expected = 7 + sum(index + 1000 for index in range(start, stop, step))
    assert called(lambda o: total(o, start, stop, step)) == expected
    assert called(lambda o: total(o, "%a", "%b", step), start, stop) == expected
    assert called(lambda o: total(o, start, "%b", step), 0, stop) == expected


def test_one_iteration_is_no_loop() -> None:
    assert "phi" not in built(lambda o: total(o, 3, 5, 8))


def test_nested_loops_and_branches() -> None:
    def body(o: Builder) -> Integer:
        def row(i: Integer, outer: list[str]) -> list[str]:
            def column(j: Integer, inner: list[str]) -> list[str]:
                odd = o.compare("eq", o.urem(o.add(i, j), 2), 1)
                return o.branch_if(
                    odd, lambda: [o.add(inner[0], j)], lambda: [o.sub(inner[0], i)], ["i64"]
                )

            return o.loop(0, "%b", 1, column, [("i64", outer[0])])

        return o.loop(0, "%a", 1, row, [("i64", 0)])[0]

    def expected(a: int, b: int) -> int:
        return sum(j if (i + j) % 2 else -i for i in range(a) for j in range(b))

    for a, b in ((5, 7), (0, 3), (4, 0), (1, 1)):
        assert called(body, a, b) == expected(a, b)


def test_known_branches_print_one_arm() -> None:
    text = built(lambda o: o.branch_if(True, lambda: [1], lambda: [2], ["i64"])[0])
    assert "br " not in text and "ret i64 1" in text


def test_slots_take_blocks_later() -> None:
    """A loop's phi names the block that really precedes it, whatever was printed into the slot."""

    def body(o: Builder) -> Integer:
        early = o.slot()
        result = total(o, 0, "%b", 1)
        with o.at(early):
            late = o.branch_if(
                o.compare("sgt", "%a", 3), lambda: [o.mul("%a", 2)], lambda: [5], ["i64"]
            )[0]
        return o.add(result, late)

    assert called(body, 4, 2) == 7 + 2001 + 8
    assert called(body, 1, 0) == 12


def test_literals() -> None:
    assert literal("float", 0.1) == "0x3FB99999A0000000"
    assert literal("double", 0.1) == "0x3FB999999999999A"
    assert literal("<4 x float>", 1.0) == "splat (float 0x3FF0000000000000)"
    assert literal("float", 1e300) == "0x7FF0000000000000"
    assert literal("i1", 1) == "true"
    assert vector("i8", 1) == "i8"


def test_fma_only_where_the_cpu_has_it() -> None:
    for name, fused in (("x86-64-v2", False), ("avx2", True), ("neon", True)):
        module = Module(specs.by_name(name))
        builder = module.kernel()
        builder.fma("float", "1.0", "2.0", "3.0")
        assert ("llvm.fma" in builder.text()) == fused


@pytest.mark.parametrize("size", [4, 8, 16])
def test_transposed_registers(size: int) -> None:
    module = Module(SPEC)
    builder = module.kernel()
    kind = vector("float", size)
    rows = [builder.load(kind, builder.offset("%frame", k * size, "float")) for k in range(size)]
    for k, column in enumerate(transposed(builder, kind, rows)):
        builder.store(kind, column, builder.offset("%context", k * size, "float"))
    builder.ret()
    source = np.arange(size * size, dtype=np.float32).reshape(size, size)
    result = np.zeros_like(source)
    native.load(module.text(), SPEC)(source.ctypes.data, 0, 1, result.ctypes.data)
    np.testing.assert_array_equal(result, source.T)


def test_frame_collects_arguments_in_slot_order() -> None:
    builder = Module(SPEC).kernel()
    frame = Frame(builder)
    x = View.dense("x", FLOAT32, (symbol("n"),))
    assert frame.size(5) == 5
    pointer = frame.pointer(x)
    size = frame.size(symbol("n") * 2)
    packed = frame.packed("weights")
    assert (frame.pointer(x), frame.size(symbol("n") * 2)) == (pointer, size)
    written = frame.pointer(x, "w")
    frame.scratch(100)
    frame.scratch(symbol("n"))
    n = symbol("n")
    assert frame.arguments == (
        ViewUse(x, "r"), SizeUse(n * 2), PackedUse("weights", "r"), ViewUse(x, "w"),
        ScratchUse(128 + (n + 63) // 64 * 64),
    )  # fmt: skip
    text = builder.text()
    for slot, register in ((1, pointer), (2, size), (3, packed), (4, written)):
        address = next(line for line in text.splitlines() if f"ptr %frame, i64 {slot}" in line)
        assert f"{register} = load" in text.split(address)[1].splitlines()[1]


def test_first_fault_is_kept() -> None:
    module = Module(SPEC)
    builder = module.kernel()
    frame = Frame(builder)
    frame.fault(1, "%begin")
    frame.fault(2, "%end")
    builder.ret()
    status, slots = np.zeros(3, np.int64), np.array([42], np.int64)
    context = np.array([status.ctypes.data, 0, 0], np.int64)
    native.load(module.text(), SPEC)(slots.ctypes.data, -5, 9, context.ctypes.data)
    assert status.tolist() == [1, 42, -5]


def test_a_function_is_defined_once() -> None:
    module = Module(SPEC)
    module.function("helper")
    with pytest.raises(ValueError, match="@helper is defined twice"):
        module.function("helper")


def test_text_is_what_llvm_prints_back() -> None:
    text = built(lambda o: total(o, "%a", "%b", 3))
    llvm.parse_assembly(text).verify()
