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
from functools import partial
from typing import Any, Final

from ingot import dims, trace
from ingot.engine import Engine
from ingot.errors import ResourceError
from ingot.ir.graph import Graph
from ingot.ir.text import parse_graph
from ingot.jit import Forged, forge
from ingot.jit.cache import Cache
from ingot.plan import Plan
from ingot.runtime.limits import NO_LIMITS, Limits
from ingot.runtime.runner import PlanRunner
from ingot.runtime.script import ScriptRunner
from ingot.targets.base import Device, Module, Progress, Target

KEPT: Final = 8
GENERIC: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, eq=False, slots=True)
class Loaded:
    """A plan with its code and constants on the device."""

    plan: Plan
    module: Module
    constants: Any

    def bind(
        self, device: Device, binding: Mapping[str, int], limits: Limits = NO_LIMITS
    ) -> PlanRunner:
        """A runner for these sizes; raises InputError where they break a guard.

        Raises ResourceError, before any memory is taken, where it would be more than `limits` say.
        """
        for guard in self.plan.guards:
            guard.check(binding)
        if limits.memory is not None:
            check_memory(self.plan, binding, limits.memory)
        executable = device.bind(self.plan, self.module, binding, self.constants)
        return PlanRunner(self.plan, executable, binding)


@dataclass(frozen=True, eq=False, slots=True)
class LoadedScript:
    """A script with the plans of its segments on the device."""

    script: Graph
    segments: tuple[Loaded, ...]

    def bind(
        self, device: Device, binding: Mapping[str, int], limits: Limits = NO_LIMITS
    ) -> ScriptRunner:
        """A runner for inputs of these sizes; raises InputError where they break a guard.

        Its segments are bound, each within `limits`, when their sizes are known.
        """
        binds = [partial(segment.bind, device, limits=limits) for segment in self.segments]
        plans = [segment.plan for segment in self.segments]
        return ScriptRunner(self.script, plans, binds, binding, device.copy, limits)


def check_memory(plan: Plan, binding: Mapping[str, int], limit: int) -> None:
    """Refuse sizes whose outputs and largest intermediate alone take more than `limit` bytes."""
    outputs = {port.buffer for port in plan.outputs}
    sizes = {name: dims.evaluate(b.bytes, binding) for name, b in plan.buffers.items()}
    arena = (sizes[name] for name, b in plan.buffers.items() if b.kind == "arena")
    needed = sum(sizes[name] for name in outputs) + max(arena, default=0)
    if needed > limit:
        raise ResourceError(
            f"session '{plan.name}': needs at least {needed} bytes, memory_limit is {limit}",
            cure="raise memory_limit or run smaller inputs",
        )


Program = Loaded | LoadedScript


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
        self.plans += len(forged.plans)
        self.plans_cached += len(forged.plans) * forged.plan_cached
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
        self._kept: OrderedDict[tuple[tuple[str, int], ...], Program] = OrderedDict()

    def loaded(self, binding: Mapping[str, int], progress: Progress | None = None) -> Program:
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

    def _load(self, binding: Mapping[str, int], progress: Progress | None) -> Program:
        start = time.perf_counter()
        engine = self.engine
        with trace.span("forge", engine=engine.name, **binding):
            forged = forge(
                engine.key, lambda: engine.graph, self.target, binding, self._options,
                self._cache, progress,
            )  # fmt: skip
            module = self._device.load(forged.images)
            program = self._set_up(forged, module)
            engine.release_memory()
        self.counts.add(forged, time.perf_counter() - start)
        return program

    def _set_up(self, forged: Forged, module: Module) -> Program:
        """Pack the weights of every plan."""
        engine = self.engine
        loaded = []
        for plan in forged.plans:
            weights = {**engine.weights, **plan.arrays()}
            constants = self._device.setup(plan, module, weights, engine.release_memory)
            loaded.append(Loaded(plan, module, constants))
        if forged.script is None:
            (program,) = loaded
            return program
        script = parse_graph(forged.script, lambda name, type_: engine.weights[name])
        return LoadedScript(script, tuple(loaded))

    def _keep(self, key: tuple[tuple[str, int], ...], program: Program) -> None:
        """Keep the generic program and the specialised ones made last."""
        self._kept[key] = program
        specialised = [kept for kept in self._kept if kept]
        for old in specialised[:-KEPT]:
            del self._kept[old]

    def renew_lock(self) -> None:
        """After a fork: the thread that held the lock does not exist in the child."""
        self._lock = threading.Lock()
