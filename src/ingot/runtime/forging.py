# SPDX-License-Identifier: Apache-2.0
"""Plans of one engine on one device, each forged and loaded once.

A Loaded program is everything about a plan that does not change from run to run: code and packed
weights. A session and its clones share them; executables with their own memory are bound to them.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ingot import trace
from ingot.engine import Engine
from ingot.jit import Forged, forge
from ingot.jit.cache import Cache
from ingot.plan import Plan
from ingot.targets.base import Device, Executable, Module, Progress, Target

KEPT: Final = 8
GENERIC: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, eq=False, slots=True)
class Loaded:
    """A plan with its code and constants on the device."""

    plan: Plan
    module: Module
    constants: Any

    def bind(self, device: Device, binding: Mapping[str, int]) -> Executable:
        """An executable for these sizes; raises InputError where they break a guard."""
        for guard in self.plan.guards:
            guard.check(binding)
        return device.bind(self.plan, self.module, binding, self.constants)


@dataclass(slots=True)
class Counts:
    """What forging has done so far."""

    seconds: float = 0.0
    plans: int = 0
    plans_cached: int = 0
    kernels_compiled: int = 0
    kernels_cached: int = 0

    def add(self, forged: Forged, seconds: float) -> None:
        """Count one forged plan."""
        self.seconds += seconds
        self.plans += 1
        self.plans_cached += forged.plan_cached
        self.kernels_compiled += forged.kernels_compiled
        self.kernels_cached += len(forged.images) - forged.kernels_compiled


class Forge:
    """Makes and keeps Loaded programs; used by several threads."""

    def __init__(
        self,
        engine: Engine,
        target: Target,
        device: Device,
        options: Mapping[str, bool],
        cache: Cache | None,
        progress: Progress | None,
    ) -> None:
        self.engine = engine
        self.target = target
        self.counts = Counts()
        self._device = device
        self._options = options
        self._cache = cache
        self._progress = progress
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[tuple[str, int], ...], Loaded] = OrderedDict()

    def loaded(self, binding: Mapping[str, int], progress: Progress | None = None) -> Loaded:
        """The program with these sizes made constant; the generic one where there are none.

        Raises CompileError, or InputError where the sizes break a guard.
        """
        key = tuple(sorted(binding.items()))
        found = self._kept.get(key)
        if found is not None:
            return found
        with self._lock:
            if key not in self._kept:
                self._keep(key, self._load(binding, progress or self._progress))
            return self._kept[key]

    def _load(self, binding: Mapping[str, int], progress: Progress | None) -> Loaded:
        start = time.perf_counter()
        engine = self.engine
        with trace.span("forge", engine=engine.name, **binding):
            forged = forge(
                engine.key, lambda: engine.graph, self.target, binding, self._options,
                self._cache, progress,
            )  # fmt: skip
            module = self._device.load(forged.images)
            weights = {**engine.weights, **forged.plan.arrays()}
            constants = self._device.setup(forged.plan, module, weights, engine.release_memory)
            engine.release_memory()
        self.counts.add(forged, time.perf_counter() - start)
        return Loaded(forged.plan, module, constants)

    def _keep(self, key: tuple[tuple[str, int], ...], program: Loaded) -> None:
        """Keep the generic program and the specialised ones made last."""
        self._kept[key] = program
        specialised = [kept for kept in self._kept if kept]
        for old in specialised[:-KEPT]:
            del self._kept[old]

    def renew_lock(self) -> None:
        """After a fork: the thread that held the lock does not exist in the child."""
        self._lock = threading.Lock()
