# SPDX-License-Identifier: Apache-2.0
"""Relocation kinds that a position-independent block can resolve by itself.

Each patch writes the distance between two places of the block into an instruction or a table:
`place` is where it is written, `value` the target (symbol + addend), both as offsets in the block.
AArch64 page-relative pairs (ADRP + low 12 bits) also hold as long as the block is loaded at a page
boundary; `PAGED` names those kinds.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

Patch = Callable[[bytearray, int, int], None]

_WORD = struct.Struct("<I")
_INT32 = struct.Struct("<i")
_INT64 = struct.Struct("<q")
_X86_64, _AARCH64 = 62, 183


def _distance32(block: bytearray, place: int, value: int) -> None:
    _INT32.pack_into(block, place, value - place)


def _distance64(block: bytearray, place: int, value: int) -> None:
    _INT64.pack_into(block, place, value - place)


def _signed(value: int, bits: int) -> int:
    if not -(1 << bits - 1) <= value < 1 << bits - 1:
        raise ValueError(f"a distance of {value} does not fit {bits} bits")
    return value & (1 << bits) - 1


def _insert(block: bytearray, place: int, field: int, mask: int) -> None:
    """Replace the bits of `mask` in the instruction word at `place`."""
    (word,) = _WORD.unpack_from(block, place)
    _WORD.pack_into(block, place, word & ~mask | field & mask)


def _branch26(block: bytearray, place: int, value: int) -> None:
    _insert(block, place, _signed(value - place >> 2, 26), 0x03FFFFFF)


def _literal19(block: bytearray, place: int, value: int) -> None:
    _insert(block, place, _signed(value - place >> 2, 19) << 5, 0x00FFFFE0)


def _split21(block: bytearray, place: int, distance: int) -> None:
    """The 21-bit immediate of ADR and ADRP: two low bits apart from the rest."""
    field = _signed(distance, 21)
    _insert(block, place, (field & 3) << 29 | (field >> 2) << 5, 0x60FFFFE0)


def _near21(block: bytearray, place: int, value: int) -> None:
    _split21(block, place, value - place)


def _page21(block: bytearray, place: int, value: int) -> None:
    _split21(block, place, (value >> 12) - (place >> 12))


def _low12(shift: int) -> Patch:
    """The low 12 bits of the address, scaled by the size of the access."""

    def patch(block: bytearray, place: int, value: int) -> None:
        low = value & 0xFFF
        if low & (1 << shift) - 1:
            raise ValueError(f"a constant at offset {value} is not aligned for its load")
        _insert(block, place, low >> shift << 10, 0x003FFC00)

    return patch


_ADD_LO12 = 277
_LOAD_LO12 = {278: 0, 284: 1, 285: 2, 286: 3, 299: 4}
_PAGE21 = (275, 276)

RELOCATIONS: dict[tuple[int, int], Patch] = {
    (_X86_64, 2): _distance32,  # PC32
    (_X86_64, 4): _distance32,  # PLT32
    (_X86_64, 24): _distance64,  # PC64
    (_AARCH64, 260): _distance64,  # PREL64
    (_AARCH64, 261): _distance32,  # PREL32
    (_AARCH64, 273): _literal19,  # LD_PREL_LO19
    (_AARCH64, 274): _near21,  # ADR_PREL_LO21
    (_AARCH64, 280): _literal19,  # CONDBR19
    (_AARCH64, 282): _branch26,  # JUMP26
    (_AARCH64, 283): _branch26,  # CALL26
    (_AARCH64, _ADD_LO12): _low12(0),
    **{(_AARCH64, kind): _page21 for kind in _PAGE21},
    **{(_AARCH64, kind): _low12(shift) for kind, shift in _LOAD_LO12.items()},
}
PAGED = frozenset((_AARCH64, kind) for kind in (_ADD_LO12, *_PAGE21, *_LOAD_LO12))
