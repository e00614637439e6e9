# SPDX-License-Identifier: Apache-2.0
"""Images: a kernel's machine code with the facts that its launch needs, as the cache keeps them.

An image is a header (magic, checksum, threads of a block, bytes of dynamic shared memory, whether
the kernel can report a fault, how many launches it joins) and the cubin. Numbers are little-endian.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from ingot.errors import CompileError
from ingot.targets.cuda.source import facts

_MAGIC: Final = b"ingotcub"
_HEADER: Final = struct.Struct("<8sIIIII")


@dataclass(frozen=True, slots=True)
class Image:
    """What the driver loads, and how it is launched."""

    threads: int
    shared: int
    faults: bool
    groups: int
    cubin: bytes


def write_image(text: str, cubin: bytes) -> bytes:
    """The image of a kernel's text and its machine code."""
    told = facts(text)
    numbers = (told["threads"], told["shared"], told["faults"], told["groups"])
    checksum = zlib.crc32(cubin, zlib.crc32(struct.pack("<IIII", *numbers)))
    return _HEADER.pack(_MAGIC, checksum, *numbers) + cubin


def read_image(kernel: str, data: bytes) -> Image:
    """Parse and check an image; raises CompileError when it is damaged."""
    whole = len(data) > _HEADER.size
    magic, checksum, *numbers = _HEADER.unpack_from(data) if whole else (b"", 0, 0, 0, 0, 0)
    cubin = bytes(memoryview(data)[_HEADER.size :])
    if magic != _MAGIC or zlib.crc32(cubin, zlib.crc32(struct.pack("<IIII", *numbers))) != checksum:
        raise CompileError(
            f"kernel '{kernel}': its image is damaged",
            cure="delete the runtime cache and forge again",
        )
    threads, shared, faults, groups = numbers
    return Image(threads, shared, bool(faults), groups, cubin)
