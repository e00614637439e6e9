# SPDX-License-Identifier: Apache-2.0
"""CUDA C++ to machine code by NVRTC, through ctypes: no headers, no driver, no GPU.

The library comes from the wheel `nvidia-cuda-nvrtc`, from a CUDA installation, or from whatever the
system's loader finds. ctypes lets go of the interpreter's lock, so kernels compile in threads.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from ingot import host
from ingot.errors import CompileError

MISSING: Final = "NVRTC: no library found"
CURE: Final = "pip install nvidia-cuda-nvrtc"
_MAJORS: Final = (13, 12)
_REPORT: Final = "report this kernel: the code generator printed something that NVRTC refuses"


@cache
def library() -> ctypes.CDLL:
    """The NVRTC library; raises CompileError where there is none."""
    for path in _candidates():
        try:
            return ctypes.CDLL(path)
        except OSError:
            continue
    raise CompileError(MISSING, cure=CURE)


@cache
def identity() -> str:
    """What tells versions of NVRTC apart, without loading it; empty where there is none."""
    for path in map(Path, _candidates()):
        if path.is_file():
            found = path.resolve()
            return f"{found.name} {found.stat().st_size}"
    return ""


def major() -> int | None:
    """The major version of CUDA that machine code is made for; None where it is not known."""
    found = re.search(r"\.so\.(\d+)|nvrtc64_(\d\d)", identity())
    return int(found[1] or found[2]) if found else None


def available() -> bool:
    """Whether there is a compiler."""
    try:
        return bool(identity() or library())
    except CompileError:
        return False


# Architectures whose own instructions (`wgmma`) take a target that no later GPU runs.
_WHOLE: Final = {"sm_90": "sm_90a"}


@cache
def version() -> tuple[int, int]:
    """Major and minor version of NVRTC."""
    major, minor = ctypes.c_int(), ctypes.c_int()
    library().nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
    return major.value, minor.value


@cache
def architectures() -> frozenset[str]:
    """The architectures that this NVRTC compiles for, such as `sm_90`."""
    count = ctypes.c_int()
    library().nvrtcGetNumSupportedArchs(ctypes.byref(count))
    numbers = (ctypes.c_int * count.value)()
    library().nvrtcGetSupportedArchs(numbers)
    return frozenset(f"sm_{number}" for number in numbers)


def compile_text(key: str, text: str, architecture: str) -> bytes:
    """The cubin of a text; raises CompileError naming the kernel with the compiler's log."""
    nvrtc, program = library(), ctypes.c_void_p()
    source = text.encode()
    _check(key, nvrtc.nvrtcCreateProgram(
        ctypes.byref(program), source, b"kernel.cu", 0, None, None
    ))  # fmt: skip
    try:
        own = _WHOLE.get(architecture, architecture)
        options = [f"--gpu-architecture={own}".encode(), b"--std=c++17"]
        arguments = (ctypes.c_char_p * len(options))(*options)
        if nvrtc.nvrtcCompileProgram(program, len(options), arguments):
            log = _read(program, nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog)
            raise _refused(key, architecture, log.decode(errors="replace"))
        return _read(program, nvrtc.nvrtcGetCUBINSize, nvrtc.nvrtcGetCUBIN)
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _refused(key: str, architecture: str, log: str) -> CompileError:
    if "--gpu-architecture" in log:
        known = ", ".join(sorted(architectures()))
        return CompileError(
            f"device '{architecture}': NVRTC {'.'.join(map(str, version()))} compiles for {known}",
            cure="install a newer nvidia-cuda-nvrtc",
        )
    return CompileError(f"kernel '{key}' does not compile: {log.strip()[:2000]}", cure=_REPORT)


def _read(program: ctypes.c_void_p, measure: Callable[..., int], copy: Callable[..., int]) -> bytes:
    size = ctypes.c_size_t()
    measure(program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(max(size.value, 1))
    copy(program, buffer)
    return buffer.raw[: size.value]


def _check(key: str, code: int) -> None:
    if code:
        describe: Any = library().nvrtcGetErrorString
        describe.restype = ctypes.c_char_p
        raise CompileError(f"kernel '{key}': NVRTC fails: {describe(code).decode()}")


def _candidates() -> Iterator[str]:
    """Paths and names of the library, the likeliest first."""
    if host.WINDOWS:
        pattern, folders = "nvrtc64_{}*.dll", ("bin", "bin/x86_64")
    else:
        pattern, folders = "libnvrtc.so.{}", ("lib", "lib64")
    for root in host.library_folders("nvidia"):
        for folder in folders:
            for major in _MAJORS:
                yield from map(str, sorted((root / folder).glob(pattern.format(major))))
    for major in _MAJORS:
        yield pattern.format(major).replace("*", "_0")
