# SPDX-License-Identifier: Apache-2.0
"""Object files to loadable images.

LLVM writes an ELF object for each kernel. `link` lays its code and constants out as one
position-independent block and resolves every relocation inside it, so loading is a copy: a warm
start needs neither LLVM nor a linker. An object that refers to a foreign symbol or to an absolute
address is refused: such a kernel could not be cached.

An image is a header (magic, checksum, machine, alignment, symbol table) and the block. All numbers
are little-endian.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingot.errors import CompileError
from ingot.targets.cpu.relocate import PAGED, RELOCATIONS

X86_64, AARCH64 = 62, 183
MACHINES = {X86_64: "x86-64", AARCH64: "AArch64"}

_MAGIC = b"ingotimg"
_HEADER = struct.Struct("<8sIIIIII")  # magic, checksum, machine, alignment, symbols, names, block
_SYMBOL = struct.Struct("<II")  # offset in the block, length of the name

_ELF = struct.Struct("<4sBB10xHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_ELF_SYMBOL = struct.Struct("<IBBHQQ")
_RELA = struct.Struct("<QQq")

_SYMTAB, _RELA_TYPE, _NOBITS, _UNWIND = 2, 4, 8, 0x70000001
_WRITE, _ALLOC, _EXECUTE = 1, 2, 4
_GLOBAL, _FUNCTION = 1, 2
_PAGE = 4096
_LINE = 64


@dataclass(frozen=True, slots=True)
class Image:
    """Position-independent code and constants: `symbols` are offsets of the public functions."""

    machine: int
    alignment: int
    symbols: Mapping[str, int]
    block: memoryview


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    kind: int
    flags: int
    data: memoryview
    link: int
    info: int
    alignment: int

    @property
    def loads(self) -> bool:
        """Whether the section is part of the block; unwind tables are not needed."""
        return bool(self.flags & _ALLOC) and self.kind != _UNWIND and self.name != ".eh_frame"


def link(kernel: str, data: bytes) -> bytes:
    """The image of the ELF object `data`; raises CompileError naming `kernel`."""
    try:
        machine, sections = _sections(data)
        return _link(machine, sections)
    except (struct.error, IndexError, ValueError) as error:
        raise CompileError(f"kernel '{kernel}': the object file does not link ({error})") from error


def read_image(kernel: str, data: bytes | memoryview) -> Image:
    """Parse and check an image; raises CompileError when it is damaged."""
    try:
        magic, checksum, machine, alignment, count, names, size = _HEADER.unpack_from(data)
        body = memoryview(data)[_HEADER.size :]
        whole = magic == _MAGIC and len(body) == count * _SYMBOL.size + names + size
        if not whole or zlib.crc32(body, _seed(machine, alignment, count)) != checksum:
            raise ValueError("the checksum or the length is wrong")
        return Image(machine, alignment, _read_symbols(body, count), body[len(body) - size :])
    except (struct.error, ValueError) as error:
        raise CompileError(
            f"kernel '{kernel}': its image is damaged ({error})",
            cure="delete the runtime cache and forge again",
        ) from error


def _seed(machine: int, alignment: int, count: int) -> int:
    return zlib.crc32(struct.pack("<III", machine, alignment, count))


def _read_symbols(body: memoryview, count: int) -> dict[str, int]:
    symbols = {}
    cursor = count * _SYMBOL.size
    for index in range(count):
        offset, length = _SYMBOL.unpack_from(body, index * _SYMBOL.size)
        symbols[str(body[cursor : cursor + length], "utf-8")] = offset
        cursor += length
    return symbols


def _write_image(machine: int, alignment: int, symbols: Mapping[str, int], block: bytes) -> bytes:
    names = [name.encode() for name in symbols]
    table = [
        _SYMBOL.pack(offset, len(name))
        for name, offset in zip(names, symbols.values(), strict=True)
    ]
    body = b"".join((*table, *names, block))
    checksum = zlib.crc32(body, _seed(machine, alignment, len(names)))
    sizes = (len(names), sum(map(len, names)), len(block))
    return _HEADER.pack(_MAGIC, checksum, machine, alignment, *sizes) + body


def _sections(data: bytes) -> tuple[int, list[_Section]]:
    """Machine and section table of an ELF64 little-endian relocatable file."""
    magic, width, order, _, machine, _, _, _, table, *rest = _ELF.unpack_from(data)
    if (magic, width, order) != (b"\x7fELF", 2, 1) or machine not in MACHINES:
        raise ValueError("not an ELF object for a known machine")
    count, names = rest[5], rest[6]
    rows = [_SECTION.unpack_from(data, table + i * _SECTION.size) for i in range(count)]
    text = memoryview(data)[rows[names][4] :]
    return machine, [_section(data, row, _text(text, row[0])) for row in rows]


def _section(data: bytes, row: tuple[int, ...], name: str) -> _Section:
    _, kind, flags, _, offset, size, link_index, info, alignment, _ = row
    content = memoryview(bytes(size) if kind == _NOBITS else data[offset : offset + size])
    return _Section(name, kind, flags, content, link_index, info, max(alignment, 1))


def _text(table: memoryview, offset: int) -> str:
    end = offset
    while table[end]:
        end += 1
    return str(table[offset:end], "utf-8")


def _link(machine: int, sections: list[_Section]) -> bytes:
    bases, block = _lay_out(sections)
    symtab = next(section for section in sections if section.kind == _SYMTAB)
    names = sections[symtab.link].data
    paged = False
    for section in sections:
        if section.kind == _RELA_TYPE and section.info in bases:
            for place, kind, symbol, addend in _relocations(section, bases[section.info]):
                value = _address(symtab, names, symbol, bases) + addend
                _resolve(machine, block, place, kind, value)
                paged |= (machine, kind) in PAGED
    widest = max(sections[index].alignment for index in bases)
    alignment = _PAGE if paged else max(widest, _LINE)
    return _write_image(machine, alignment, _functions(symtab, names, bases), bytes(block))


def _lay_out(sections: list[_Section]) -> tuple[dict[int, int], bytearray]:
    """Offsets of the loaded sections, code before constants, and the block that holds them."""
    loaded = [i for i, section in enumerate(sections) if section.loads and len(section.data)]
    loaded.sort(key=lambda index: not sections[index].flags & _EXECUTE)
    bases: dict[int, int] = {}
    block = bytearray()
    for index in loaded:
        section = sections[index]
        if section.flags & _WRITE:
            raise ValueError(f"section '{section.name}' is writable; kernels hold no state")
        block.extend(bytes(-len(block) % section.alignment))
        bases[index] = len(block)
        block.extend(section.data)
    if not bases:
        raise ValueError("it holds no code")
    return bases, block


def _relocations(section: _Section, base: int) -> Iterator[tuple[int, int, int, int]]:
    """Place in the block, kind, symbol index and addend of each relocation."""
    for offset, info, addend in _RELA.iter_unpack(section.data):
        yield base + offset, info & 0xFFFFFFFF, info >> 32, addend


def _address(symtab: _Section, names: memoryview, index: int, bases: Mapping[int, int]) -> int:
    name, _, _, section, value, _ = _ELF_SYMBOL.unpack_from(symtab.data, index * _ELF_SYMBOL.size)
    if section not in bases:
        raise ValueError(f"it needs the foreign symbol '{_text(names, name)}'")
    return bases[section] + int(value)


def _resolve(machine: int, block: bytearray, place: int, kind: int, value: int) -> None:
    patch = RELOCATIONS.get((machine, kind))
    if patch is None:
        raise ValueError(f"relocation kind {kind} is not position-independent or not known")
    patch(block, place, value)


def _functions(symtab: _Section, names: memoryview, bases: Mapping[int, int]) -> dict[str, int]:
    """Offsets of the global functions."""
    found = {}
    for name, info, _, section, value, _ in _ELF_SYMBOL.iter_unpack(symtab.data):
        if info >> 4 == _GLOBAL and info & 15 == _FUNCTION and section in bases:
            found[_text(names, name)] = bases[section] + value
    return dict(sorted(found.items()))
