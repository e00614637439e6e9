# SPDX-License-Identifier: Apache-2.0
"""LLVM IR text to object bytes, in this process or as a helper process.

LLVM runs no optimisation passes: kernels are printed in final form, only instruction selection and
register allocation are left. Of code generation itself, loop strength reduction is off: it takes
more time than all the rest together and finds nothing in such kernels.

llvmlite holds one lock around LLVM, so compiling in parallel takes processes: run as a script, this
file serves texts from stdin and answers with objects on stdout. It imports nothing of the package,
so that a helper starts in a tenth of a second.

Protocol, all lengths little-endian 32 bits: the helper writes `HELLO`; each request is a length and
the text; each answer is a status byte, a length, and the object or the error message.
"""

from __future__ import annotations

import json
import signal
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any, BinaryIO, NamedTuple

HELLO = b"ingot-helper\n"
DONE, FAILED = 0, 1
LENGTH = struct.Struct("<I")
ANSWER = struct.Struct("<BI")
_KNOWN_VERSIONS = range(20, 23)


class Machine(NamedTuple):
    """What code is generated for; `level` is LLVM's code generation level."""

    triple: str
    cpu: str
    features: str
    level: int = 2


def compile_object(text: str, machine: Machine) -> bytes:
    """The ELF object of an LLVM module; raises RuntimeError with LLVM's message."""
    llvm = _llvm()
    target = _target_machine(machine)
    with llvm.parse_assembly(text, llvm.create_context()) as module:
        module.triple = machine.triple
        module.data_layout = str(target.target_data)
        module.verify()
        with _without_strength_reduction(llvm):
            return bytes(target.emit_object(module))


@cache
def _llvm() -> Any:
    """llvmlite is loaded when the first kernel is compiled: a warm start never needs it."""
    llvm = import_module("llvmlite.binding")
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return llvm


@contextmanager
def _without_strength_reduction(llvm: Any) -> Iterator[None]:
    """The option is the process's, so others that use LLVM here get it back as it was.

    LLVM ends a process that gives it an unknown option: only versions that have it are told.
    """
    if llvm.llvm_version_info[0] not in _KNOWN_VERSIONS:
        yield
        return
    llvm.set_option("", "-disable-lsr")
    try:
        yield
    finally:
        llvm.set_option("", "-disable-lsr=false")


@cache
def _target_machine(machine: Machine) -> Any:
    target = _llvm().Target.from_triple(machine.triple)
    return target.create_target_machine(
        cpu=machine.cpu,
        features=machine.features,
        opt=machine.level,
        reloc="pic",
        codemodel="small",
    )


def serve(requests: BinaryIO, answers: BinaryIO, machine: Machine) -> None:
    """Compile until the requests end."""
    _target_machine(machine)
    _send(answers, HELLO)
    while header := requests.read(LENGTH.size):
        text = requests.read(LENGTH.unpack(header)[0]).decode()
        try:
            status, payload = DONE, compile_object(text, machine)
        except (RuntimeError, ValueError) as error:
            status, payload = FAILED, str(error).encode()
        _send(answers, ANSWER.pack(status, len(payload)) + payload)


def _send(stream: BinaryIO, data: bytes) -> None:
    stream.write(data)
    stream.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path[:0] = json.loads(sys.argv[1])
    serve(sys.stdin.buffer, sys.stdout.buffer, Machine(*json.loads(sys.argv[2])))
