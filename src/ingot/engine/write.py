# SPDX-License-Identifier: Apache-2.0
"""Writing an engine: streamed to a file without a name or under another one, then put in place.

A reader sees the old file or the whole new one. Where the file system can hold a file without a
name, not even a killed process leaves a partial one behind.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from ingot.errors import EngineError

Pieces = Iterable[bytes | memoryview]
OPEN_DESCRIPTORS = "/proc/self/fd"


def write_file(path: Path, pieces: Pieces) -> None:
    """Put `pieces` at `path`; where the system refuses, raise EngineError and change nothing."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        descriptor = _open_nameless(target.parent)
        if descriptor is None:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
            _write(descriptor, pieces)
        else:
            _write(descriptor, pieces, lambda: _name(descriptor, temporary))
        os.replace(temporary, target)
    except OSError as error:
        cure = "choose a folder that exists, can be written and has room"
        raise EngineError(f"engine file '{path}': {error.strerror}", cure=cure) from error
    finally:
        temporary.unlink(missing_ok=True)


def _open_nameless(folder: Path) -> int | None:
    """A file in `folder` that has no name yet; None where the system has no such thing."""
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not os.path.isdir(OPEN_DESCRIPTORS):
        return None
    try:
        return os.open(folder, flag | os.O_WRONLY, 0o666)
    except OSError:
        return None


def _write(descriptor: int, pieces: Pieces, finish: Callable[[], None] = lambda: None) -> None:
    with open(descriptor, "wb", buffering=0) as file:
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                rest = rest[file.write(rest) :]
        finish()


def _name(descriptor: int, path: Path) -> None:
    """Give a nameless file a name. The folder's descriptor makes `os.link` follow /proc's link."""
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        source = f"{OPEN_DESCRIPTORS}/{descriptor}"
        os.link(source, path.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)
