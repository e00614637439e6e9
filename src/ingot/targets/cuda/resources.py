# SPDX-License-Identifier: Apache-2.0
"""What a kernel takes of a multiprocessor, read from its cubin: no driver and no tools are needed.

A cubin is an ELF file; `.nv.info` lists attributes of its functions, `.nv.shared.…` is as large as
the shared memory that a kernel declares.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ingot.errors import CompileError

_SECTION: Final = struct.Struct("<IIQQQQIIQQ")
_REGISTERS: Final = 0x2F
_STACK: Final = 0x12
_SIZED: Final = 4  # an attribute whose value has a length of its own
_RESERVED: Final = 1024  # what the driver keeps of shared memory from sm_90 on


@dataclass(frozen=True, slots=True)
class Resources:
    """Registers and bytes of stack (spills among them) of a thread, shared bytes of a block."""

    registers: int
    stack: int
    shared: int


def read_resources(cubin: bytes) -> Resources:
    """The largest demand of the functions in a cubin; raises CompileError where it is damaged."""
    try:
        sections = dict(_sections(cubin))
        found: dict[int, int] = {}
        for kind, value in _attributes(sections[".nv.info"][1]):
            found[kind] = max(found.get(kind, 0), value)
        names = [name for name in sections if name.startswith(".nv.shared.")]
        sizes = [sections[name][0] for name in names if "reserved" not in name]
    except (struct.error, KeyError, ValueError, IndexError) as error:
        raise CompileError(f"cubin: it cannot be read ({error})") from error
    reserved = _RESERVED if any("reserved" in name for name in names) else 0
    shared = max((max(size - reserved, 0) for size in sizes), default=0)
    return Resources(found[_REGISTERS], found.get(_STACK, 0), shared)


def _sections(data: bytes) -> Iterator[tuple[str, tuple[int, bytes]]]:
    """Name, size and content of each section; what takes no room in the file has no content."""
    if data[:4] != b"\x7fELF":
        raise ValueError("not an ELF file")
    (table,) = struct.unpack_from("<Q", data, 40)
    width, count, names = struct.unpack_from("<HHH", data, 58)
    rows = [_SECTION.unpack_from(data, table + number * width) for number in range(count)]
    for name, _, _, _, offset, size, *_ in rows:
        start = rows[names][4] + name
        text = data[start : data.index(b"\0", start)].decode()
        yield text, (size, data[offset : offset + size])


def _attributes(content: bytes) -> Iterator[tuple[int, int]]:
    """Kind and value of the attributes that belong to a function."""
    place = 0
    while place < len(content):
        form, kind, size = struct.unpack_from("<BBH", content, place)
        place += 4
        if form == _SIZED:
            if size == 8:
                yield kind, struct.unpack_from("<II", content, place)[1]
            place += size
