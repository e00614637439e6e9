# SPDX-License-Identifier: Apache-2.0
"""CUDA graphs: launches captured once and replayed by one call of the driver.

A launch's arguments are copied when it is captured. `update` gives a launch new ones, which cost a
call of the driver and no new graph.
"""

from __future__ import annotations

import ctypes
from typing import Final

from ingot.targets.cuda.context import Context, Stream, finalize
from ingot.targets.cuda.driver import KernelNode
from ingot.targets.cuda.launches import Launches

_RELAXED: Final = 2


class Graph:
    """All launches of a plan, ready to be replayed."""

    def __init__(self, owner: Context, stream: Stream, launches: Launches) -> None:
        self._driver = driver = owner.driver
        self._launches = launches
        self._nodes: dict[int, int] = {}
        driver.call("cuStreamBeginCapture_v2", stream.handle, _RELAXED)
        try:
            self._capture(stream.handle)
        finally:
            graph = ctypes.c_void_p()
            driver.call("cuStreamEndCapture", stream.handle, ctypes.byref(graph))
        try:
            self._handle = driver.handle("cuGraphInstantiateWithFlags", graph, 0)
        except BaseException:
            driver.call("cuGraphDestroy", graph)
            raise
        handle = self._handle
        finalize(self, owner, lambda: driver.call("cuGraphDestroy", graph))
        finalize(self, owner, lambda: driver.call("cuGraphExecDestroy", handle))

    def launch(self, stream: int) -> None:
        """Replay it."""
        answer = self._driver.graph_launch_raw(self._handle, stream)
        if answer:
            self._driver.fail("cuGraphLaunch", answer)

    def update(self, number: int) -> None:
        """Hand step `number` the arguments that the launches have for it now."""
        found = self._launches.ready(number)
        if found is None:
            return
        config, function, parameters = found
        node = KernelNode(
            function, config.grid_x, config.grid_y, config.grid_z,
            config.block_x, config.block_y, config.block_z, config.shared,
            ctypes.addressof(parameters),
        )  # fmt: skip
        self._driver.call(
            "cuGraphExecKernelNodeSetParams_v2",
            self._handle, self._nodes[number], ctypes.byref(node),
        )  # fmt: skip

    def _capture(self, stream: int) -> None:
        """Queue all launches; remember the nodes of those that read or write a port."""
        moving = self._launches.moving if self._driver.updates_graphs else frozenset()
        self._launches.run(stream, after=lambda number: self._note(stream, number, moving))

    def _note(self, stream: int, number: int, moving: frozenset[int]) -> None:
        if number not in moving:
            return
        status, count = ctypes.c_int(), ctypes.c_size_t()
        number_of_capture = ctypes.c_ulonglong()
        graph, edges = ctypes.c_void_p(), ctypes.c_void_p()
        nodes = ctypes.POINTER(ctypes.c_void_p)()
        self._driver.call(
            "cuStreamGetCaptureInfo_v3", stream, ctypes.byref(status),
            ctypes.byref(number_of_capture), ctypes.byref(graph), ctypes.byref(nodes),
            ctypes.byref(edges), ctypes.byref(count),
        )  # fmt: skip
        assert count.value == 1, "a chain of launches ends in one node"
        self._nodes[number] = nodes[0] or 0
