# SPDX-License-Identifier: Apache-2.0
"""CUDA graphs: launches captured once and replayed by one call of the driver."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Final

from ingot.targets.cuda.context import Context, Stream, finalize

_RELAXED: Final = 2


class Graph:
    """What `queue` puts into a stream, ready to be replayed."""

    def __init__(self, owner: Context, stream: Stream, queue: Callable[[int], None]) -> None:
        self._driver = driver = owner.driver
        driver.call("cuStreamBeginCapture_v2", stream.handle, _RELAXED)
        try:
            queue(stream.handle)
        finally:
            graph = ctypes.c_void_p()
            driver.call("cuStreamEndCapture", stream.handle, ctypes.byref(graph))
        try:
            self._handle = driver.handle("cuGraphInstantiateWithFlags", graph, 0)
        finally:
            driver.call("cuGraphDestroy", graph)
        handle = self._handle
        finalize(self, owner, lambda: driver.call("cuGraphExecDestroy", handle))

    def launch(self, stream: int) -> None:
        """Replay it."""
        answer = self._driver.graph_launch_raw(self._handle, stream)
        if answer:
            self._driver.fail("cuGraphLaunch", answer)
