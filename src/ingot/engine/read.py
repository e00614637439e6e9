# SPDX-License-Identifier: Apache-2.0
"""Reading an engine: map the file, check its header, verify checksums, trust nothing.

Weights stay where they are: each is a view of the mapped file, paged in when a kernel packs it.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final, Literal

from ingot.engine import contents as names
from ingot.engine.contents import BLANK_CHECKSUM, CHECKSUM_KEY, PROGRAM_KEY, Contents
from ingot.engine.description import Description
from ingot.engine.header import DAMAGED, PAD, Header, header_size, parse_header, parse_json
from ingot.engine.storage import digest, stored_form
from ingot.engine.versions import upgrade
from ingot.errors import EngineError, UsageError

Source = str | os.PathLike[str] | bytes | bytearray | memoryview
Verify = Literal["header", "full"]
LEVELS: Final = ("header", "full")


def read(source: Source, verify: Verify = "header") -> Contents:
    """The contents of an engine file, by path (mapped) or by its bytes.

    `verify="header"` checks header and program, `"full"` all weights too. Raises EngineError.
    """
    if verify not in LEVELS:
        raise UsageError(f"verify={verify!r}: must be 'header' or 'full'")
    data = map_file(source)
    try:
        return _read(data, verify)
    except EngineError as error:
        if isinstance(source, (bytes, bytearray, memoryview)):
            raise
        message = f"{error.message} (file '{os.fspath(source)}')"
        raise EngineError(message, cure=error.cure) from error


def _read(data: memoryview, verify: Verify) -> Contents:
    header, start = read_header(data)
    body = data[start:]
    stored = {name: body[entry.begin : entry.end] for name, entry in header.tensors.items()}
    metadata = upgrade(header.metadata)
    text = parse_json(metadata.get(names.DESCRIPTION_KEY, ""), "engine description")
    description = Description.parse(text)
    _check_agreement(header, description)
    program = metadata.get(PROGRAM_KEY)
    if program is None:
        program = _program_tensor(stored.get(PROGRAM_KEY), description)
    upgraded = Header(header.tensors, metadata)
    found = Contents(upgraded, description, program, stored.__getitem__, _releaser(data))
    if verify == "full":
        _check_weights(found)
    return found


def map_file(source: Source) -> memoryview:
    """The bytes of a file, mapped read-only, or of an object in memory; raises EngineError."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return memoryview(source).toreadonly().cast("B")
    path = Path(source)
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                return memoryview(b"")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise EngineError(f"engine file '{path}': {reason}", cure="check the path") from error


def _releaser(data: memoryview) -> Callable[[], None]:
    """A function that drops the resident pages of a mapped file, where the system can."""
    mapped = data.obj
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        return partial(mapped.madvise, mmap.MADV_DONTNEED)
    return lambda: None


def is_engine(path: str | os.PathLike[str]) -> bool:
    """Whether the file at `path` begins as an engine does; it may still be damaged."""
    data = map_file(path)[:9]
    return len(data) == 9 and data[8] == ord("{") and int.from_bytes(data[:8], "little") < 2**32


def read_header(data: memoryview) -> tuple[Header, int]:
    """The checked header and where the data begins; raises EngineError."""
    start = header_size(data[:8], len(data))
    raw = bytes(data[:start])
    header = parse_header(raw, len(data))
    if names.VERSION_KEY in header.metadata:
        _check_header(raw, header.metadata.get(CHECKSUM_KEY, ""))
    return header, start


def _check_header(raw: bytes, checksum: str) -> None:
    digits = checksum.encode()
    once = len(digits) == len(BLANK_CHECKSUM) and raw.count(digits) == 1
    if not once or digest(raw.replace(digits, BLANK_CHECKSUM.encode())) != checksum:
        raise EngineError("engine header: checksum does not match", cure=DAMAGED)


def _check_agreement(header: Header, description: Description) -> None:
    """Each weight has a tensor of its type, each tensor a digest, and nothing is left over."""
    entries = {name: e for name, e in header.tensors.items() if not name.startswith(PAD)}
    used = {PROGRAM_KEY} & entries.keys()
    for name, weight in description.weights.items():
        if weight.tensor is None:
            continue
        used.add(weight.tensor)
        entry = entries.get(weight.tensor)
        form = stored_form(weight.dtype, weight.shape)
        if entry is None or (entry.dtype, entry.shape, entry.size) != form:
            raise EngineError(f"engine weight '{name}': no such tensor", cure=DAMAGED)
    if not used == entries.keys() == description.digests.keys():
        raise EngineError("engine description: lists other tensors than the file", cure=DAMAGED)


def _program_tensor(stored: memoryview | None, description: Description) -> str:
    if stored is None:
        raise EngineError("engine file: no program", cure=DAMAGED)
    if digest(stored) != description.digests[PROGRAM_KEY]:
        raise EngineError("engine program: checksum does not match", cure=DAMAGED)
    try:
        return str(stored, "utf-8")
    except UnicodeDecodeError as error:
        raise EngineError(f"engine program: {error}", cure=DAMAGED) from None


def _check_weights(contents: Contents) -> None:
    for name, expected in contents.description.digests.items():
        if digest(contents.stored(name)) != expected:
            raise EngineError(f"engine weight '{name}': checksum does not match", cure=DAMAGED)
    for name, entry in contents.header.tensors.items():
        if name.startswith(PAD) and bytes(contents.stored(name)) != bytes(entry.size):
            raise EngineError(f"engine tensor '{name}': is not zero", cure=DAMAGED)
