# SPDX-License-Identifier: Apache-2.0
"""Kernel texts to shared libraries of the host: the same C++, with what PTX does said in C++.

Tensor cores multiply in double precision here, and asynchronous copies are done at once.
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
# What an inline assembly has in it, and what that does; the first that fits counts.
INSTRUCTIONS = {
    "cvta.to.shared": "a = (u32)((const unsigned char*)p - memory)",
    "ld.global.v4.u32": "r = *(const uint4*)p",
    "st.shared.v4.u32": "*(uint4*)(memory + to) = q",
    "x4.trans": "emulated_matrices(a, b, c, d, p, true)",
    "ldmatrix": "emulated_matrices(a, b, c, d, p, false)",
    "cp.async.cg": "emulated_copy(to, from, bytes)",
    "prefetch": "",
    "cp.async.": "",
    "f32.tf32": "emulated_multiply_tf32(c, a, b)",
    "m16n8k16.row.col.f32.f16": "emulated_multiply<_Float16>(c, a, b0, b1, 16)",
    "m16n8k16.row.col.f32.bf16": "emulated_multiply<Bfloat>(c, a, b0, b1, 16)",
    '"r"(a[2])': "emulated_multiply<_Float16>(c, a + 2, b1, 0, 8)",
    '"r"(a[0])': "emulated_multiply<_Float16>(c, a, b0, 0, 8)",
    "cvt.rna.tf32": "y = (__float_as_uint(x) + 0x1000) & ~0x1fffu",
    "ex2.approx": "y = exp2f(x)",
    "cvt.rn.f16x2": "bits = emulated_pair<_Float16>(low, high)",
    "cvt.rn.bf16x2": "bits = emulated_pair<Bfloat>(low, high)",
    "mov.b32 %0, {l, h}": "bits = emulated_pair<_Float16>(low, high)",
    "barrier.cluster": "emulated_cluster_barrier()",
    "mapa": "remote = address | (u32)rank << 24",
    "ld.shared::cluster": "v = emulated_peer(remote)",
    "cvt.f32.f16": "value = (float)__builtin_bit_cast(_Float16, bits)",
    "cvt.rn.f16.f32": "bits = __builtin_bit_cast(unsigned short, (_Float16)value)",
    "cvt.rn.f16.f64": "bits = __builtin_bit_cast(unsigned short, (_Float16)value)",
    "cvt.rn.bf16.f32": (
        "unsigned int x = __float_as_uint(value);"
        " bits = value != value ? 0x7fff : (x + 0x7fff + (x >> 16 & 1)) >> 16"
    ),
    "max.NaN.f32": "value = a != a || a > b ? a : b",
    "min.NaN.f32": "value = a != a || a < b ? a : b",
    "fence.proxy.async": "",
    "wgmma.fence": "",
    "wgmma.commit": "",
    "wgmma.wait": "",
    "k16.f32.f16.f16": "emulated_group_multiply<_Float16>(c, a, b, COLUMNS)",
    "k16.f32.bf16.bf16": "emulated_group_multiply<Bfloat>(c, a, b, COLUMNS)",
    "griddepcontrol.wait;": "",
    "griddepcontrol.launch_dependents;": "",
}
_ASSEMBLY = re.compile(r'asm(?: volatile)?\((?:"[^"]*"|\((?:[^()]|\([^()]*\))*\)|[^()"])*\);')
_GROUP = re.compile(r"m64n(\d+)k16")
_MEETS = re.compile(r"__syncthreads|__syncwarp|__shfl")
_CLUSTER = re.compile(r"__cluster_dims__\((\d+)")
_DYNAMIC = re.compile(r"extern __shared__[^;]*;")


def translate(text: str) -> str:
    """The host's version of a kernel's text; raises CompileError for other instructions."""

    def plain(match: re.Match[str]) -> str:
        for part, meaning in INSTRUCTIONS.items():
            if part in match[0]:
                wide = _GROUP.search(match[0])
                return meaning.replace("COLUMNS", wide[1] if wide else "") + ";"
        raise CompileError(f"emulation: {match[0]} is no instruction that it knows")

    body = _DYNAMIC.sub("", _ASSEMBLY.sub(plain, text))
    body = body.replace("typedef unsigned int u32;", "")
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
    cluster = _CLUSTER.search(text)
    count = int(cluster[1]) if cluster else int(bool(_MEETS.search(text)))
    return f"{library}\0{count}".encode()


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
