# SPDX-License-Identifier: Apache-2.0
"""The safetensors layer of the engine file: where each tensor lies.

Knows names, types, shapes and offsets, nothing of engines. Reading checks every field, because a
header may come from anywhere; writing lays tensors out so that each begins on 64 bytes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ingot.errors import EngineError

ALIGNMENT: Final = 64
MAX_HEADER: Final = 100_000_000
MAX_RANK: Final = 64
METADATA: Final = "__metadata__"
PAD: Final = "ingot.pad."
DAMAGED: Final = "it is damaged or no engine: cast the model with ingot.build, or copy it again"
BITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "U16": 16, "I16": 16, "F16": 16,
        "BF16": 16, "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One tensor of the file: safetensors type, shape and byte range within the data."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.end - self.begin


@dataclass(frozen=True, slots=True)
class Header:
    """The tensors by name, in order of offset, and the metadata texts."""

    tensors: Mapping[str, Entry]
    metadata: Mapping[str, str]

    @property
    def data_size(self) -> int:
        """Bytes of all tensors together."""
        return max((entry.end for entry in self.tensors.values()), default=0)

    def render(self) -> bytes:
        """The file's first 8 + N bytes, a multiple of 64."""
        document: dict[str, Any] = {
            name: {
                "data_offsets": [entry.begin, entry.end],
                "dtype": entry.dtype,
                "shape": entry.shape,
            }
            for name, entry in self.tensors.items()
        }
        document[METADATA] = dict(self.metadata)
        text = canonical_json(document).encode()
        padded = text + b" " * (-(len(text) + 8) % ALIGNMENT)
        if len(padded) > MAX_HEADER:
            raise EngineError(
                f"engine header: {len(padded)} bytes, the limit is {MAX_HEADER}",
                cure="use shorter names or fewer weights",
            )
        return len(padded).to_bytes(8, "little") + padded


def canonical_json(document: Any) -> str:
    """JSON with sorted keys and no spaces: the same document gives the same text."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def arrange(tensors: Mapping[str, tuple[str, tuple[int, ...], int]]) -> dict[str, Entry]:
    """Place tensors, given as name to (type, shape, bytes), with the pads they need."""
    entries: dict[str, Entry] = {}
    offset = pads = 0
    for name in sorted(tensors, key=lambda name: (tensors[name][2] % ALIGNMENT != 0, name)):
        dtype, shape, size = tensors[name]
        entries[name] = Entry(dtype, shape, offset, offset + size)
        offset += size
        if pad := -size % ALIGNMENT:
            entries[f"{PAD}{pads}"] = Entry("U8", (pad,), offset, offset + pad)
            offset += pad
            pads += 1
    return entries


def header_size(prefix: bytes | memoryview, file_size: int) -> int:
    """Bytes up to the data, from the file's first 8 bytes; EngineError where it cannot be."""
    if len(prefix) < 8:
        raise EngineError(f"engine file: {file_size} bytes, too short for a header", cure=DAMAGED)
    size = int.from_bytes(prefix[:8], "little")
    if size > MAX_HEADER:
        raise EngineError(f"engine header: {size} bytes, the limit is {MAX_HEADER}", cure=DAMAGED)
    if size < 2 or 8 + size > file_size:
        raise EngineError(
            f"engine header: {size} bytes in a file of {file_size} bytes", cure=DAMAGED
        )
    return 8 + size


def parse_header(data: bytes | memoryview, file_size: int) -> Header:
    """The header in `data`, the first `header_size` bytes of a file of `file_size` bytes.

    Raises EngineError for anything that the safetensors format or FORMAT.md forbids.
    """
    document = parse_json(bytes(data[8:]), "engine header")
    metadata = document.pop(METADATA, None)
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise EngineError(f"engine header: no text table {METADATA!r}", cure=DAMAGED)
    entries = {name: _entry(name, fields) for name, fields in document.items()}
    ordered = dict(sorted(entries.items(), key=lambda item: (item[1].begin, item[1].end)))
    _check_places(ordered, file_size - len(data))
    return Header(ordered, metadata)


def parse_json(text: bytes | str, where: str) -> dict[str, Any]:
    """A JSON object without duplicate keys, NaN or numbers beyond 64 bits; else EngineError."""
    try:
        document = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
            parse_int=_bounded_integer,
        )
        canonical_json(document).encode()
    except (ValueError, RecursionError) as error:
        raise EngineError(f"{where}: bad JSON: {error}", cure=DAMAGED) from None
    if not isinstance(document, dict):
        raise EngineError(f"{where}: bad JSON: not an object", cure=DAMAGED)
    return document


def _unique_keys(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("duplicate key")
    return table


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


def _bounded_integer(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= (value := int(text)) < 2**63:
        raise ValueError(f"number {text[:24]} does not fit 64 bits")
    return value


def _entry(name: str, fields: Any) -> Entry:
    match fields:
        case {"dtype": str(dtype), "shape": [*shape], "data_offsets": [begin, end], **rest}:
            sizes = (*shape, begin, end) if len(shape) <= MAX_RANK else (-1,)
            if not rest and dtype in BITS and all(type(n) is int and n >= 0 for n in sizes):
                entry = Entry(dtype, tuple(shape), begin, end)
                if math.prod(shape) * BITS[dtype] == 8 * entry.size:
                    return entry
    raise EngineError(f"engine tensor {name!r}: bad type, shape or offsets", cure=DAMAGED)


def _check_places(entries: Mapping[str, Entry], data_size: int) -> None:
    offset = 0
    for name, entry in entries.items():
        if entry.begin != offset:
            raise EngineError(
                f"engine tensor {name!r}: begins at {entry.begin}, the one before ends at {offset}",
                cure=DAMAGED,
            )
        if offset % ALIGNMENT and not name.startswith(PAD):
            raise EngineError(
                f"engine tensor {name!r}: begins at {offset}, not on {ALIGNMENT} bytes",
                cure=DAMAGED,
            )
        offset = entry.end
    if offset != data_size:
        raise EngineError(f"engine data: {data_size} bytes, its header says {offset}", cure=DAMAGED)
