# SPDX-License-Identifier: Apache-2.0
"""Kernel texts to images, on all cores.

An Assembler takes texts one by one while the caller still renders others. Helper processes compile
them, longest first, while `add` goes on; `finish` compiles in this process too. Helpers are started
only when there is enough work to pay for them. Where no interpreter can be started everything is
compiled here; a helper that dies or hangs fails the kernel that it held.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable

from ingot import trace
from ingot.errors import CompileError
from ingot.targets.cpu.helper import Helper, can_start
from ingot.targets.cpu.image import link
from ingot.targets.cpu.worker import Machine, compile_object

Progress = Callable[[str, int, int], None]
Compiler = Callable[[str, Machine], bytes]

_FIRST_HELPER = 400_000  # characters of text that take longer than a helper takes to start
_NEXT_HELPER = 600_000  # characters that keep a further helper busy
_CURE = "report this kernel: the code generator printed something that LLVM refuses"


class Assembler:
    """Compiles texts to images with up to `workers` processes, this one included."""

    def __init__(self, machine: Machine, workers: int, progress: Progress | None = None) -> None:
        self._machine = machine
        self._limit = max(workers - 1, 0) if can_start() else 0
        self._progress = progress
        self._changed = threading.Condition()
        self._queue: list[tuple[int, int, str, str]] = []
        self._characters = 0
        self._added = 0
        self._closed = False
        self._failure: CompileError | None = None
        self._images: dict[str, bytes] = {}
        self._helpers: list[tuple[Helper, threading.Thread]] = []

    def add(self, key: str, text: str) -> None:
        """Queue a text; helpers begin with it at once."""
        with self._changed:
            heapq.heappush(self._queue, (-len(text), self._added, key, text))
            self._added += 1
            self._characters += len(text)
            self._changed.notify()
        self._start_helpers()

    def finish(self) -> dict[str, bytes]:
        """All images by key; raises CompileError for the first kernel that fails."""
        try:
            while (job := self._take()) is not None:
                self._compile(*job, compile_object)
                self._report()
            self._wait()
        finally:
            self.close()
        if self._failure is not None:
            raise self._failure
        return self._images

    def close(self) -> None:
        """Stop the helpers; texts that are not compiled yet are dropped."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            self._changed.notify_all()
        for helper, _ in self._helpers:
            helper.kill()
        for _, thread in self._helpers:
            thread.join()

    def _start_helpers(self) -> None:
        more = self._characters - _FIRST_HELPER
        wanted = 0 if more < 0 else 1 + more // _NEXT_HELPER
        while len(self._helpers) < min(wanted, self._limit):
            helper = Helper(self._machine)
            thread = threading.Thread(target=self._serve, args=(helper,), daemon=True)
            self._helpers.append((helper, thread))
            thread.start()

    def _serve(self, helper: Helper) -> None:
        """One thread for each helper: hand it texts until the assembler closes."""
        with helper:
            if not helper.ready():
                if not self._closed:
                    trace.log(f"compiling without a helper process: {helper.complaint()}")
                return
            while (job := self._take(wait=True)) is not None:
                self._compile(*job, helper.compile)

    def _take(self, *, wait: bool = False) -> tuple[str, str] | None:
        """The longest text that nobody works on; None when there is none (or will be none)."""
        with self._changed:
            while wait and not self._queue and not self._closed:
                self._changed.wait()
            if not self._queue:
                return None
            _, _, key, text = heapq.heappop(self._queue)
            return key, text

    def _compile(self, key: str, text: str, compiler: Compiler) -> None:
        failure, image = None, b""
        try:
            image = link(key, compiler(text, self._machine))
        except CompileError as error:
            failure = error
        except (RuntimeError, OSError, ValueError) as error:
            failure = CompileError(f"kernel '{key}' does not compile: {error}", cure=_CURE)
        with self._changed:
            self._images[key] = image
            if failure is not None and not self._closed:
                self._failure = self._failure or failure
                self._queue.clear()
            self._changed.notify_all()

    def _wait(self) -> None:
        """Wait for the helpers' last texts."""
        with self._changed:
            while self._failure is None and len(self._images) < self._added:
                self._changed.wait()
        self._report()

    def _report(self) -> None:
        if self._progress is not None:
            self._progress("compile", len(self._images), self._added)
