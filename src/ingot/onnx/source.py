# SPDX-License-Identifier: Apache-2.0
"""Bytes of a model and of its external data files, mapped and looked at in place.

A `Source` is one run of bytes (a mapped file or a bytes object); a `Span` is a part of it. Arrays
are views of the source where their offset is aligned, and are read once into aligned memory where
it is not, so that nothing downstream meets a misaligned array.
"""

from __future__ import annotations

import mmap
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ingot.errors import ModelError
from ingot.onnx.budget import Budget

Array = np.ndarray[Any, np.dtype[Any]]


class Source:
    """A run of bytes with a label for messages; `path` is set for a mapped file.

    What is made of the bytes is charged to `budget`.
    """

    def __init__(
        self,
        data: bytes | mmap.mmap,
        label: str,
        path: Path | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.data = data
        self.label = label
        self.path = path
        self.size = len(data)
        self.budget = budget or Budget()

    @classmethod
    def open(cls, path: Path, label: str, budget: Budget | None = None) -> Source:
        """Map a regular file; a directory, pipe or device is refused before it is opened."""
        try:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f"{label}: is not a regular file", cure="give the path of a file")
            with open(path, "rb") as file:
                if status.st_size == 0:
                    return cls(b"", label, path, budget)
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
                return cls(mapped, label, path, budget)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ModelError(
                f"{label}: cannot be read ({reason})", cure="check the path and its permissions"
            ) from None

    def array(self, offset: int, count: int, dtype: np.dtype[Any]) -> Array:
        """`count` elements from byte `offset`: a read-only, aligned, little-endian array."""
        if offset % dtype.itemsize:
            self.budget.take(count * dtype.itemsize, self.label)
        if offset % dtype.itemsize == 0:
            result = np.frombuffer(self.data, dtype, count, offset)
        elif self.path is not None:
            result = np.fromfile(self.path, dtype, count, offset=offset)
        else:
            result = np.frombuffer(self.data[offset : offset + count * dtype.itemsize], dtype)
        result.flags.writeable = False
        return result


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `start` to `stop` of a source."""

    source: Source
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def array(self, dtype: np.dtype[Any]) -> Array:
        """The bytes as elements of a type; the length must be a multiple of its size."""
        return self.source.array(self.start, len(self) // dtype.itemsize, dtype)
