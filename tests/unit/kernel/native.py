# SPDX-License-Identifier: Apache-2.0
"""Runs a Launch in this process: compile, place arrays behind canaries, call, check, read back."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import llvmlite.binding as llvm
import numpy as np

from ingot import dims
from ingot import spec as specs
from ingot.kernel.compute import Compute
from ingot.kernel.schedule import schedule
from ingot.kernel.text import parse_compute, parse_kernel, print_compute, print_kernel
from ingot.kernel.verify import verify_compute, verify_kernel
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Launch, SizeUse, ViewUse
from ingot.targets.cpu.render import render

llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()

_MARGIN = 256
_CANARY = 0xA5
_ENTRY = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)


def host_specs() -> list[str]:
    """Names of the specs whose code this machine can run."""
    features = llvm.get_host_cpu_features()
    names = ["x86-64-v2", "avx2", "avx512"]
    return [name for name in names if all(features.get(f) for f in specs.by_name(name).features)]


def machine(spec: DeviceSpec, jit: bool = False) -> llvm.TargetMachine:
    return llvm.Target.from_triple(spec.triple).create_target_machine(
        cpu=spec.cpu, features=spec.llvm_features, opt=2, jit=jit, reloc="pic"
    )


def assembly(text: str, spec: DeviceSpec) -> str:
    """The machine code of a kernel; external symbols are not allowed."""
    module = llvm.parse_assembly(text)
    module.triple = spec.triple
    module.verify()
    printed = machine(spec).emit_assembly(module)
    defined = {function.name for function in module.functions if not function.is_declaration}
    for line in printed.splitlines():
        words = line.split()
        called = words[1] if len(words) > 1 and words[0] in ("callq", "bl", "jmp", "b") else ""
        known = called in defined or called.startswith((".L", "*"))
        assert not called or known, f"external symbol: {line}"
    return printed


@dataclass
class Loaded:
    engine: llvm.ExecutionEngine
    entry: ctypes._CFuncPtr = field(init=False)

    def __post_init__(self) -> None:
        self.entry = _ENTRY(self.engine.get_function_address("kernel"))

    def __call__(self, frame: int, begin: int, end: int, context: int) -> None:
        self.entry(frame, begin, end, context)


def load(text: str, spec: DeviceSpec) -> Loaded:
    module = llvm.parse_assembly(text)
    module.verify()
    engine = llvm.create_mcjit_compiler(module, machine(spec, jit=True))
    engine.finalize_object()
    return Loaded(engine)


class Buffers:
    """Named memory with a margin on both sides, filled with a pattern."""

    def __init__(self) -> None:
        self.memory: dict[str, np.ndarray] = {}

    def strided(self, view: View, sizes: Mapping[str, int]) -> np.ndarray:
        """An array over the elements of `view`, made on first use of its buffer."""
        shape = [dims.evaluate(size, sizes) for size in view.shape]
        strides = [dims.evaluate(stride, sizes) for stride in view.strides]
        offset = dims.evaluate(view.offset, sizes)
        steps = zip(shape, strides, strict=True)
        reach = offset + sum(max(n - 1, 0) * s for n, s in steps if s > 0) + 1
        width = view.dtype.itemsize
        need = reach * width + 2 * _MARGIN
        if view.buffer not in self.memory:
            self.memory[view.buffer] = np.full(need, _CANARY, np.uint8)
        memory = self.memory[view.buffer]
        assert memory.size >= need, "views of one buffer: the first one must be the largest"
        return np.ndarray(
            shape,
            view.dtype.numpy,
            memory.data,
            _MARGIN + offset * width,
            [stride * width for stride in strides],
        )

    def address(self, view: View, sizes: Mapping[str, int]) -> int:
        start = self.memory[view.buffer].ctypes.data + _MARGIN
        return start + dims.evaluate(view.offset, sizes) * view.dtype.itemsize


def call(launch: Launch, spec: DeviceSpec, buffers: Buffers, sizes: Mapping[str, int]) -> list[int]:
    """Run all units, in uneven chunks; the status word."""
    loaded = load(launch.text, spec)
    uses = [use for use in launch.arguments if isinstance(use, ViewUse | SizeUse)]
    slots = [7]
    for use in uses:
        if isinstance(use, ViewUse):
            slots.append(buffers.address(use.view, sizes))
        else:
            slots.append(dims.evaluate(use.dim, sizes))
    frame, status = np.array(slots, np.int64), np.zeros(3, np.int64)
    context = np.array([status.ctypes.data, 0, 0], np.int64)
    extent = dims.evaluate(launch.extent, sizes)
    assert dims.evaluate(launch.grain, sizes) >= 1
    cut = extent * 2 // 3
    for begin, end in ((cut, extent), (0, cut), (extent, extent)):
        loaded(frame.ctypes.data, begin, end, context.ctypes.data)
    return [int(word) for word in status]


def run(
    compute: Compute,
    spec_name: str,
    operands: Sequence[np.ndarray],
    sizes: Mapping[str, int] | None = None,
) -> tuple[list[np.ndarray], list[int]]:
    """Results of the compiled kernel and its status; checks text forms and canaries."""
    sizes = sizes or {}
    spec = specs.by_name(spec_name)
    verify_compute(compute)
    assert parse_compute(print_compute(compute)) == compute
    kernel = schedule(compute, spec)
    verify_kernel(kernel)
    assert parse_kernel(print_kernel(kernel)) == kernel
    buffers = Buffers()
    for view, array in zip(compute.operands, operands, strict=True):
        buffers.strided(view, sizes)[...] = array
    results = [buffers.strided(view, sizes) for view, _ in compute.results]
    before = {name: memory.copy() for name, memory in buffers.memory.items()}
    status = call(render(kernel, spec), spec, buffers, sizes)
    found = [result.copy() for result in results]
    for view, _ in compute.results:
        covered = Buffers()
        covered.memory = {view.buffer: before[view.buffer]}
        covered.strided(view, sizes)[...] = buffers.strided(view, sizes)
    for name, memory in buffers.memory.items():
        assert np.array_equal(memory, before[name]), f"buffer {name}: written outside the results"
    return found, status
