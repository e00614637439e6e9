# SPDX-License-Identifier: Apache-2.0
"""Steps made ready to launch: everything that the driver is handed lies in memory already."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from ingot.errors import InputError
from ingot.targets.cuda.code import Code, Function
from ingot.targets.cuda.context import Context
from ingot.targets.cuda.driver import LaunchConfig, dependent_launch
from ingot.targets.cuda.layout import Layout, Sizes, Words

_MOST_BLOCKS: Final = (1 << 31) - 1
Ready = tuple[LaunchConfig, int, ctypes.Array[ctypes.c_void_p]]


class Launches:
    """The launches of a list of steps, in order; steps without work are left out."""

    def __init__(
        self, owner: Context, layout: Layout, sizes: Sizes, words: Words, code: Code,
        status: int, *, dependent: bool,
    ) -> None:  # fmt: skip
        self._driver = owner.driver
        self._words = words
        self._ports = layout.port_words(sizes)
        self.moving = frozenset(use.step for uses in self._ports.values() for use in uses)
        self._status = np.array([status], np.int64)
        self._attribute = dependent_launch()
        self.count = len(layout.steps)
        self.faults = any(code[step.kernel].faults for step in layout.steps)
        self._ready: dict[int, Ready] = {}
        for number, (start, end) in enumerate(pairwise([*layout.starts, len(words)])):
            step, blocks = layout.steps[number], sizes.extents[number]
            if blocks > _MOST_BLOCKS:
                raise InputError(
                    f"step '{step.name}': {blocks} blocks are more than a GPU starts at once",
                    cure="run smaller inputs",
                )
            if blocks > 0:
                function = code[step.kernel]
                config = self._config(function, blocks, dependent and bool(self._ready))
                parameters = self._parameters(start, end)
                self._ready[number] = config, function.handle, parameters

    def run(
        self, stream: int, only: int | None = None, after: Callable[[int], None] | None = None
    ) -> None:
        """Queue all launches, or those of one step; `after` is called with each one's number."""
        launch = self._driver.launch_raw
        for number, (config, function, parameters) in self._ready.items():
            if only is None or number == only:
                config.stream = stream
                answer = launch(ctypes.byref(config), function, parameters, None)
                if answer:
                    self._driver.fail("cuLaunchKernelEx", answer)
                if after is not None:
                    after(number)

    def ready(self, number: int) -> Ready | None:
        """How step `number` is launched; None where it has no work."""
        return self._ready.get(number)

    def point(self, buffer: str, address: int) -> list[int]:
        """Make the launches use a port at another address; the numbers of those that do."""
        uses = self._ports.get(buffer, ())
        for use in uses:
            self._words[use.word] = address + use.offset
        return list(dict.fromkeys(use.step for use in uses))

    def _config(self, function: Function, blocks: int, dependent: bool) -> LaunchConfig:
        config = LaunchConfig(blocks, function.groups, 1, function.threads, 1, 1, function.shared)
        if dependent:
            config.attributes = ctypes.pointer(self._attribute)
            config.count = 1
        return config

    def _parameters(self, start: int, end: int) -> ctypes.Array[ctypes.c_void_p]:
        """Where each parameter's value lies: the words, then status and number of the step."""
        base = self._words.ctypes.data
        places: Sequence[int] = [
            *(base + 8 * place for place in range(start, end - 1)),
            self._status.ctypes.data,
            base + 8 * (end - 1),
        ]
        return (ctypes.c_void_p * len(places))(*places)
