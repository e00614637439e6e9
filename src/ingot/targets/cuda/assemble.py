# SPDX-License-Identifier: Apache-2.0
"""Kernel texts to images, on all cores: NVRTC in threads, while the caller still prints others."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from ingot.errors import CompileError
from ingot.targets.base import Progress
from ingot.targets.cuda.image import write_image
from ingot.targets.cuda.nvrtc import compile_text


class Assembler:
    """Compiles texts for one architecture with up to `workers` threads."""

    def __init__(self, architecture: str, workers: int, progress: Progress | None = None) -> None:
        self._architecture = architecture
        self._progress = progress
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._futures: dict[str, Future[bytes]] = {}

    def add(self, key: str, text: str) -> None:
        """Queue a text; a thread begins with it at once."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._workers, "ingot-nvrtc")
            self._futures[key] = self._pool.submit(self._compile, key, text)

    def finish(self) -> Mapping[str, bytes]:
        """All images by key; raises CompileError for the first kernel that fails."""
        try:
            for done, future in enumerate(as_completed(self._futures.values()), 1):
                future.result()
                if self._progress is not None:
                    self._progress("compile", done, len(self._futures))
        finally:
            self.close()
        return {key: future.result() for key, future in self._futures.items()}

    def close(self) -> None:
        """Drop what is not compiled yet and wait for what is being compiled."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def _compile(self, key: str, text: str) -> bytes:
        try:
            return write_image(text, compile_text(key, text, self._architecture))
        except (OSError, KeyError) as error:
            raise CompileError(f"kernel '{key}' does not compile: {error}") from error
