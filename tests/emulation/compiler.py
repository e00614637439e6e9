# SPDX-License-Identifier: Apache-2.0
"""Kernel texts to shared libraries of the host: the same C++, with what PTX does said in C++.

Only kernels without tensor cores and asynchronous copies can be emulated.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from ingot.errors import CompileError

FOLDER = Path(__file__).parent
COMPILER = shutil.which("g++")
# The instruction of an inline assembly, and what it does.
INSTRUCTIONS = {
    "cvt.f32.f16": "value = (float)__builtin_bit_cast(_Float16, bits)",
    "cvt.rn.f16.f32": "bits = __builtin_bit_cast(unsigned short, (_Float16)value)",
    "cvt.rn.f16.f64": "bits = __builtin_bit_cast(unsigned short, (_Float16)value)",
    "cvt.rn.bf16.f32": (
        "unsigned int x = __float_as_uint(value);"
        " bits = value != value ? 0x7fff : (x + 0x7fff + (x >> 16 & 1)) >> 16"
    ),
    "max.NaN.f32": "value = a != a || a > b ? a : b",
    "min.NaN.f32": "value = a != a || a < b ? a : b",
    "griddepcontrol.wait;": "",
    "griddepcontrol.launch_dependents;": "",
}
_ASSEMBLY = re.compile(r'asm(?: volatile)?\("([^" ]+)[^"]*"[^)]*(?:\([^)]*\)[^()]*)*\);')
_MEETS = re.compile(r"__syncthreads|__shfl")


def translate(text: str) -> str:
    """The host's version of a kernel's text; raises CompileError for other instructions."""

    def plain(match: re.Match[str]) -> str:
        if match[1] not in INSTRUCTIONS:
            raise CompileError(f"emulation: '{match[1]}' is no instruction that it knows")
        return INSTRUCTIONS[match[1]] + ";"

    body = _ASSEMBLY.sub(plain, text)
    assert "asm" not in body, body
    return f'#include "{FOLDER}/device.h"\n{body}\n#include "{FOLDER}/call.h"\n'


def compile_text(key: str, text: str, architecture: str) -> bytes:
    """What `nvrtc.compile_text` gives, for the emulated driver: the path of a shared library."""
    assert COMPILER is not None
    source = scratch() / f"{key}.cpp"
    library = scratch() / f"{key}.so"
    if not library.exists():
        source.write_text(translate(text))
        _build(source, library, "-O1", "-fpermissive", "-w", "-ffp-contract=off")
    return f"{library}\0{int(bool(_MEETS.search(text)))}".encode()


@cache
def scratch() -> Path:
    """The folder of this process for libraries."""
    return Path(mkdtemp(prefix="ingot-emulation-"))


@cache
def runtime() -> ctypes.CDLL:
    """The part that all kernels share."""
    library = scratch() / "runtime.so"
    _build(FOLDER / "runtime.cpp", library, "-O2")
    return ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)


def _build(source: Path, library: Path, *options: str) -> None:
    assert COMPILER is not None
    command = [
        COMPILER,
        "-std=c++20",
        "-shared",
        "-fPIC",
        *options,
        str(source),
        "-o",
        str(library),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CompileError(f"emulation of '{source.name}': {done.stderr[:3000]}")
