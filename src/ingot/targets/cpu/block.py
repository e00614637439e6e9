# SPDX-License-Identifier: Apache-2.0
"""Memory that compiled code works on: zeroed, aligned, and in large pages where it is big."""

from __future__ import annotations

import mmap

import numpy as np
from numpy.typing import NDArray

from ingot.errors import ResourceError

Words = NDArray[np.int64]

_LINE_BYTES = 128
_LARGE_PAGE = 2 << 20
# A forked child gets pages of its own; anonymous pages are shared unless asked otherwise.
_PRIVATE = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}


class Block:
    """`size` bytes at `address`, which is a multiple of the page size; freed with the object."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._bytes = _map(max(size, 1))
        self.address = int(self._bytes.ctypes.data)

    def view(self, offset: int, size: int) -> NDArray[np.uint8]:
        """A part of the block as an array of bytes that keeps the block alive."""
        return self._bytes[offset : offset + size]


def _map(size: int) -> NDArray[np.uint8]:
    length = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
    try:
        pages = mmap.mmap(-1, length, **_PRIVATE)
    except (OSError, OverflowError, ValueError) as error:
        raise ResourceError(
            f"memory: {size / 2**20:.1f} MiB cannot be allocated ({error})",
            cure="free memory, or bind smaller sizes",
        ) from error
    advice = getattr(mmap, "MADV_HUGEPAGE", None)
    if advice is not None and length >= 2 * _LARGE_PAGE:
        pages.madvise(advice)
    return np.frombuffer(pages, np.uint8)


def words(count: int) -> Words:
    """`count` zeroed 64-bit words that begin on a line of their own."""
    spare = _LINE_BYTES // 8
    room = np.zeros(count + 2 * spare, np.int64)
    skip = -room.ctypes.data % _LINE_BYTES // 8
    return room[skip : skip + count]


def address(array: Words) -> int:
    """Where an array's first element lies."""
    return int(array.ctypes.data)
