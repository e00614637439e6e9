# SPDX-License-Identifier: Apache-2.0
"""Specialising in the background: one thread forges programs while the generic one serves.

The thread starts with the first request, ends when there is none left, and gives up between two
kernels when the session closes or the interpreter ends.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future

from ingot import trace
from ingot.runtime.forging import Forge, Program


class Background:
    """Forges programs one after the other on a thread of its own."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._lock = threading.Lock()
        self._requests: deque[tuple[Mapping[str, int], Future[Program]]] = deque()
        self._thread: threading.Thread | None = None
        self._closed = False

    def request(self, binding: Mapping[str, int]) -> Future[Program]:
        """A program for these sizes, some time later.

        CancelledError where the session closes first. A request whose future is cancelled before
        its turn costs nothing.
        """
        future: Future[Program] = Future()
        with self._lock:
            self._requests.append((binding, future))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="ingot-specialize")
                self._thread.start()
        return future

    def close(self) -> None:
        """Cancel what waits and wait for the kernel at hand."""
        self._closed = True
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._requests:
                    self._thread = None
                    return
                binding, future = self._requests.popleft()
            self._serve(binding, future)

    def _serve(self, binding: Mapping[str, int], future: Future[Program]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            self._go_on("", 0, 0)
            future.set_result(self._forge.loaded(binding, self._go_on))
        except CancelledError as error:
            future.set_exception(error)
        except Exception as error:  # whoever waits for the future gets it
            sizes = ", ".join(f"{name}={size}" for name, size in binding.items())
            trace.log(f"specialising for {sizes} failed, the generic program serves on: {error}")
            future.set_exception(error)

    def _go_on(self, stage: str, done: int, total: int) -> None:
        """Progress of forging: the place to stop it."""
        if self._closed or not threading.main_thread().is_alive():
            raise CancelledError
