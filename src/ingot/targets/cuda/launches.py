# SPDX-License-Identifier: Apache-2.0
"""Steps made ready to launch: everything that the driver is handed lies in memory already."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from ingot.errors import InputError
from ingot.targets.cuda.code import Code, Function
from ingot.targets.cuda.context import Context
from ingot.targets.cuda.driver import LaunchConfig, dependent_launch
from ingot.targets.cuda.layout import Layout, Sizes, Words

_MOST_BLOCKS: Final = (1 << 31) - 1


class Launches:
    """The launches of a list of steps, in order; steps without work are left out."""

    def __init__(
        self, owner: Context, layout: Layout, sizes: Sizes, words: Words, code: Code,
        status: int, *, dependent: bool,
    ) -> None:  # fmt: skip
        self._driver = owner.driver
        self._words = words
        self._status = np.array([status], np.int64)
        self._attribute = dependent_launch()
        self.count = len(layout.steps)
        self.faults = any(code[step.kernel].faults for step in layout.steps)
        self._ready: list[tuple[int, LaunchConfig, int, ctypes.Array[ctypes.c_void_p]]] = []
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
                self._ready.append((number, config, function.handle, parameters))

    def run(self, stream: int, only: int | None = None) -> None:
        """Queue all launches, or those of one step."""
        launch = self._driver.launch_raw
        for number, config, function, parameters in self._ready:
            if only is None or number == only:
                config.stream = stream
                answer = launch(ctypes.byref(config), function, parameters, None)
                if answer:
                    self._driver.fail("cuLaunchKernelEx", answer)

    def _config(self, function: Function, blocks: int, dependent: bool) -> LaunchConfig:
        config = LaunchConfig(blocks, 1, 1, function.threads, 1, 1, function.shared)
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
