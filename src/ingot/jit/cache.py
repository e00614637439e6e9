# SPDX-License-Identifier: Apache-2.0
"""The runtime cache: plans and kernel images on disk, one file an entry.

The cache holds native code, so it is trusted like a shared library: it is used only from the user's
own directory (mode 0700, owner checked) or from a path that the caller names. Checksums find
damage, not malice. An entry is written to a temporary file and renamed, so that processes may share
a cache and a killed one leaves no half entry. A cache never fails a run: an entry that cannot be
read is missing, one that cannot be written is left out, and both are said.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import struct
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingot import host, knobs, trace
from ingot.errors import UsageError

_MAGIC = b"ingotrc\n"
_HEADER = struct.Struct("<8sIQ")  # magic, checksum, length
_SUFFIX = ".entry"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_DAY = 86400.0
_STALE = 3600.0  # seconds after which a temporary file has no living writer


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored entry: its name, bytes on disk, and when it was last used (seconds, epoch)."""

    name: str
    bytes: int
    used: float


class Cache:
    """Entries by name in one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def load(self, name: str) -> bytes | None:
        """The content of an entry, None where there is none or it is damaged."""
        path = self._path(name)
        try:
            with path.open("rb", buffering=0) as file:
                data = file.read()
                age = time.time() - os.fstat(file.fileno()).st_mtime
        except FileNotFoundError:
            return None
        except OSError as error:
            trace.log(f"cache: cannot read {path}: {error}; making the entry again")
            return None
        content = _unpack(name, data)
        if content is None:
            trace.log(f"cache: {path} is damaged; making the entry again")
        elif age > _DAY:
            with contextlib.suppress(OSError):
                os.utime(path)
        return content

    def store(self, name: str, content: bytes) -> None:
        """Write an entry; a cache that cannot be written is left as it is, and said."""
        try:
            with host.atomic_file(self._path(name), durable=False) as file:
                file.write(_pack(name, content))
        except OSError as error:
            trace.log(f"cache: cannot write to {self.directory}: {error}; going on without")

    def load_images(self, keys: Iterable[str]) -> dict[str, bytes]:
        """The images that are there, by kernel key."""
        found = ((key, self.load(f"kernel-{key}")) for key in keys)
        return {key: image for key, image in found if image is not None}

    def store_images(self, images: Mapping[str, bytes]) -> None:
        """Keep images by kernel key."""
        for key, image in images.items():
            self.store(f"kernel-{key}", image)

    def entries(self) -> list[Entry]:
        """What is stored, least recently used first."""
        entries = []
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):
                if path.suffix == _SUFFIX:
                    status = path.stat()
                    entries.append(Entry(path.stem, status.st_size, status.st_mtime))
        return sorted(entries, key=lambda entry: (entry.used, entry.name))

    def size(self) -> int:
        """Bytes of all entries."""
        return sum(entry.bytes for entry in self.entries())

    def prune(self, limit: int = 0, *, max_age: float | None = None) -> list[Entry]:
        """Remove entries unused for `max_age` seconds, then the oldest until `limit` bytes stay.

        Returns what was removed. Processes that use an entry at this moment are not disturbed.
        """
        entries = self.entries()
        left = sum(entry.bytes for entry in entries)
        oldest = time.time() - max_age if max_age is not None else float("-inf")
        removed = []
        for entry in entries:
            if left > limit or entry.used < oldest:
                self._remove(self.directory / (entry.name + _SUFFIX))
                left -= entry.bytes
                removed.append(entry)
        self._remove_stale()
        return removed

    def clear(self) -> list[Entry]:
        """Remove every entry."""
        return self.prune(-1)

    def _path(self, name: str) -> Path:
        plain = _PLAIN.fullmatch(name) is not None
        stem = name if plain else "named-" + hashlib.sha256(name.encode()).hexdigest()[:40]
        return self.directory / (stem + _SUFFIX)

    def _files(self) -> list[Path]:
        try:
            return list(self.directory.iterdir())
        except FileNotFoundError:
            return []

    def _remove(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            trace.log(f"cache: cannot remove {path}: {error}")

    def _remove_stale(self) -> None:
        """Remove what killed writers left behind."""
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):
                old = time.time() - path.stat().st_mtime > _STALE
                if old and path.name.startswith(".") and _SUFFIX + "." in path.name:
                    self._remove(path)


def open_cache(directory: str | os.PathLike[str] | None = None) -> Cache | None:
    """The cache in `directory`, in INGOT_CACHE_DIR, or in the user's own cache directory.

    A path that is named is made where it is missing; UsageError where that is impossible. The
    user's own directory is used only when nobody else can write there; else None, and it is said.
    """
    path = knobs.CACHE_DIR.get() if directory is None else Path(directory)
    if directory is not None or path != host.cache_directory():
        return Cache(_make_named(path))
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        reason = _distrust(path)
    except OSError as error:
        reason = str(error)
    if reason is None:
        return Cache(path)
    trace.log(f"cache: working without a runtime cache: {path}: {reason}")
    return None


def _make_named(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"cache directory '{path}' cannot be made: {error.strerror}",
            cure="name a directory that you can write to",
        ) from error
    return path


def _distrust(path: Path) -> str | None:
    """Why a directory must not be used without being named, None when it may."""
    if os.name == "nt":
        return None  # a profile directory is private by its access list
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return "it is not a directory"
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    if status.st_mode & 0o077:
        return "others may use it; run chmod 700 on it"
    return None


def _checksum(name: str, content: bytes) -> int:
    return zlib.crc32(content, zlib.crc32(name.encode()))


def _pack(name: str, content: bytes) -> bytes:
    return _HEADER.pack(_MAGIC, _checksum(name, content), len(content)) + content


def _unpack(name: str, data: bytes) -> bytes | None:
    """The content, None when the entry is damaged or is another's."""
    if len(data) < _HEADER.size:
        return None
    magic, checksum, length = _HEADER.unpack_from(data)
    content = data[_HEADER.size :]
    whole = magic == _MAGIC and length == len(content)
    return content if whole and checksum == _checksum(name, content) else None
