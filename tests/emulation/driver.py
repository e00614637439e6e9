# SPDX-License-Identifier: Apache-2.0
"""A CUDA driver that runs kernels on the host: memory is the host's, queues are done at once.

Its device has little memory, checks that addresses lie in what was given out, and records graphs
as lists of launches. So everything of the target but a real GPU's arithmetic is tested anywhere.
"""

from __future__ import annotations

import ctypes
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from tests.emulation import compiler

from ingot.errors import ResourceError
from ingot.targets.cuda import assemble, context, driver, nvrtc, probe
from ingot.targets.cuda import compiler as cuda_compiler
from ingot.targets.cuda.driver import Driver
from ingot.targets.cuda.kernels.loops import Loops
from ingot.targets.cuda.kernels.steps import StepKernels

MEMORY = 8 << 30
ATTRIBUTES = {13: 1_830_000, 16: 132, 36: 2_619_000, 37: 5120, 38: 50 << 20, 39: 2048, 75: 9, 76: 0,
              81: 228 << 10, 97: 227 << 10}  # fmt: skip
_OUT_OF_MEMORY = 2


class EmulatedDriver(Driver):
    """Answers the target's calls; `calls` counts them by name."""

    def __init__(self, devices: int = 1, memory: int = MEMORY) -> None:
        self.devices, self.free, self.release = devices, memory, 13000
        self.calls: dict[str, int] = {}
        self.updates_graphs = True
        self.launch_raw = self._launch
        self.graph_launch_raw = self._graph_launch
        self._memory: dict[int, ctypes.Array[Any]] = {}
        self._kernels: dict[int, Any] = {}
        self._meets: dict[int, int] = {}
        self._libraries: dict[int, tuple[Any, int]] = {}
        self._graphs: dict[int, list[Callable[[], object]]] = {}
        self._capturing: dict[int, list[Callable[[], object]]] = {}  # by stream
        self._words: dict[int, list[ctypes.c_uint64]] = {}  # what a graph's node was handed
        self._last: dict[int, ctypes.c_void_p] = {}
        self._handles = itertools.count(1001)
        self._one_at_a_time = threading.Lock()

    def call(self, name: str, *arguments: Any) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1
        answer = getattr(self, f"_{name}", lambda *_: 0)(*arguments)
        if answer:
            self.fail(name, answer)

    def fail(self, name: str, code: int) -> None:
        assert code == _OUT_OF_MEMORY, (name, code)
        raise ResourceError(f"CUDA device: out of memory in {name}", cure="free some")

    def held(self) -> int:
        """Bytes that are given out."""
        return sum(map(len, self._memory.values()))

    def _new(self) -> int:
        return next(self._handles)

    # What the target asks and does, by the driver's names.

    def _cuDeviceGetCount(self, count: Any) -> None:
        count._obj.value = self.devices

    def _cuDriverGetVersion(self, version: Any) -> None:
        version._obj.value = self.release

    def _cuDeviceGetName(self, name: Any, size: int, device: int) -> None:
        name.value = b"Emulated GPU"

    def _cuDeviceGetAttribute(self, value: Any, attribute: int, device: int) -> None:
        value._obj.value = ATTRIBUTES[attribute]

    def _cuMemGetInfo_v2(self, free: Any, total: Any) -> None:
        free._obj.value = self.free - self.held()

    def _cuMemAlloc_v2(self, address: Any, size: int) -> int:
        if self.held() + size > self.free:
            return _OUT_OF_MEMORY
        address._obj.value = self._allocate(size)
        return 0

    def _cuMemAllocHost_v2(self, address: Any, size: int) -> None:
        address._obj.value = self._allocate(size)

    def _allocate(self, size: int) -> int:
        block = (ctypes.c_uint8 * (size + 256))()
        ctypes.memset(block, 0xA5, len(block))
        start = -(-ctypes.addressof(block) // 256) * 256
        self._memory[start] = block
        return start

    def _cuMemFree_v2(self, address: int) -> None:
        del self._memory[address]

    _cuMemFreeHost = _cuMemFree_v2

    def _copy(self, target: Any, source: Any, size: int, stream: Any) -> None:
        assert stream not in self._capturing
        ctypes.memmove(target, source, size)

    _cuMemcpyHtoDAsync_v2 = _cuMemcpyDtoHAsync_v2 = _cuMemcpyDtoDAsync_v2 = _copy

    def _cuMemsetD8Async(self, address: int, value: int, size: int, stream: Any) -> None:
        ctypes.memset(address, value, size)

    def _cuModuleLoadData(self, module: Any, cubin: bytes) -> None:
        compiler.runtime()
        path, meets = cubin.decode().split("\0")
        module._obj.value = self._new()
        self._libraries[module._obj.value] = ctypes.CDLL(path), int(meets)

    def _cuModuleGetFunction(self, function: Any, module: Any, name: bytes) -> None:
        assert name == b"kernel"
        library, meets = self._libraries[module.value]
        function._obj.value = self._new()
        self._kernels[function._obj.value] = library.emulated_entry
        self._meets[function._obj.value] = meets

    def _cuStreamBeginCapture_v2(self, stream: int, mode: int) -> None:
        self._capturing[stream] = []

    def _cuStreamEndCapture(self, stream: int, graph: Any) -> None:
        graph._obj.value = self._new()
        self._graphs[graph._obj.value] = self._capturing.pop(stream)

    def _cuGraphInstantiateWithFlags(self, handle: Any, graph: Any, flags: int) -> None:
        handle._obj.value = self._new()
        self._graphs[handle._obj.value] = self._graphs[graph.value]

    def _cuStreamCreate(self, stream: Any, flags: int) -> None:
        stream._obj.value = self._new()

    _cuEventCreate = _cuStreamCreate

    def _cuDevicePrimaryCtxRetain(self, handle: Any, device: int) -> None:
        handle._obj.value = 1

    def _cuEventElapsedTime(self, result: Any, start: int, end: int) -> None:
        result._obj.value = 0.5

    def _launch(self, config: Any, function: int, parameters: Any, extra: Any) -> int:
        known = config._obj
        assert known.grid_x > 0 and known.grid_y > 0 and known.grid_z == 1
        blocks, groups, threads = known.grid_x, known.grid_y, known.block_x
        node = self._new()
        self._hand(node, parameters)

        def run() -> None:
            words = self._words[node]
            handed = (ctypes.c_void_p * len(words))(*map(ctypes.addressof, words))
            with self._one_at_a_time:
                compiler.runtime().emulated_launch(
                    self._kernels[function], ctypes.c_uint(blocks), ctypes.c_uint(groups), threads,
                    handed, self._meets[function],
                )  # fmt: skip

        self.calls["launch"] = self.calls.get("launch", 0) + 1
        if known.stream in self._capturing:
            self._last[known.stream] = ctypes.c_void_p(node)
            self._capturing[known.stream].append(run)
        else:
            run()
        return 0

    def _hand(self, node: int, parameters: Any) -> None:
        """Arguments are copied when a launch is queued."""
        self._words[node] = [ctypes.c_uint64.from_address(at) for at in parameters]
        self._words[node] = [ctypes.c_uint64(word.value) for word in self._words[node]]

    def _cuStreamGetCaptureInfo_v3(
        self, stream: int, status: Any, number: Any, graph: Any, nodes: Any, edges: Any, count: Any
    ) -> None:
        found = ctypes.cast(nodes, ctypes.POINTER(ctypes.c_void_p))
        found[0] = ctypes.addressof(self._last[stream])
        count._obj.value = 1

    def _cuGraphExecKernelNodeSetParams_v2(self, graph: int, node: int, told: Any) -> None:
        count = len(self._words[node])
        self._hand(node, (ctypes.c_void_p * count).from_address(told._obj.parameters))

    def _graph_launch(self, handle: int, stream: int) -> int:
        self.calls["cuGraphLaunch"] = self.calls.get("cuGraphLaunch", 0) + 1
        for run in self._graphs[handle]:
            run()
        return 0


@contextmanager
def emulation(devices: int = 1, memory: int = MEMORY) -> Iterator[EmulatedDriver]:
    """While this lasts, the CUDA target finds this driver and compiles loops for it."""
    made = EmulatedDriver(devices, memory)
    context.context.cache_clear()
    with (
        patch.object(driver, "driver", lambda: made),
        patch.object(context, "driver", lambda: made),
        patch.object(probe, "driver", lambda: made),
        patch.object(assemble, "compile_text", compiler.compile_text),
        patch.object(nvrtc, "identity", lambda: "emulation"),
        patch.object(cuda_compiler, "CANDIDATES", (StepKernels(), Loops())),
    ):
        yield made
    context.context.cache_clear()
