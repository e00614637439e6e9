# SPDX-License-Identifier: Apache-2.0
"""Writing an engine: streamed piece by piece, and in place only when it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ingot.errors import EngineError
from ingot.host import atomic_file


def write_file(path: Path, pieces: Iterable[bytes | memoryview]) -> None:
    """Put `pieces` at `path`; where the system refuses, raise EngineError and change nothing."""
    target = os.path.realpath(path)
    try:
        with atomic_file(target) as file:
            for piece in pieces:
                file.write(piece)
    except OSError as error:
        raise EngineError(
            f"engine file '{path}': {error.strerror}",
            cure="choose a folder that exists, can be written and has room",
        ) from error
