# SPDX-License-Identifier: Apache-2.0
"""Session: an engine opened on a device, with memory and inputs.

A run checks its inputs, finds the executable for their shapes and launches it. Executables are kept
per shape. How a new shape is served is the strategy: `lazy` runs the generic program at once while
a specialised one is forged in the background, `eager` forges first, `none` stays generic.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Final, Literal

from ingot import trace
from ingot.engine import Engine, Port
from ingot.errors import ResourceError, UsageError
from ingot.ir.graph import Array
from ingot.runtime.background import Background
from ingot.runtime.forging import GENERIC, Forge, Program
from ingot.runtime.limits import Limits
from ingot.runtime.ports import Shapes, read_inputs, sample_inputs, shape_of, solve_binding
from ingot.runtime.profile import Profile
from ingot.runtime.runner import Runner
from ingot.runtime.stats import Stats
from ingot.targets.base import Device

Specialize = Literal["lazy", "eager", "none"]
State = Literal["ready", "specializing", "closed"]
SHAPES_KEPT: Final = 8


@dataclass(frozen=True, eq=False, slots=True)
class _Bound:
    """What serves inputs of one shape; `better` is the specialised program on its way."""

    runner: Runner
    binding: Mapping[str, int]
    better: Future[Program] | None


@dataclass(eq=False)
class Core:
    """What a session and its clones share; closed with the last of them.

    `device` is only forged for: each session runs on a clone of it.
    """

    engine: Engine
    device: Device
    forge: Forge
    background: Background
    specialize: Specialize
    limits: Limits
    users: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acquire(self) -> None:
        """One user more."""
        with self.lock:
            self.users += 1

    def release(self) -> None:
        """One user less."""
        with self.lock:
            self.users -= 1
            last = not self.users
        if last:
            self.background.close()
            self.device.close()

    def after_fork(self) -> None:
        """In a forked child: locks may be held, and work goes on, in the parent only."""
        self.lock = threading.Lock()
        self.forge.renew_lock()
        self.background = Background(self.forge)


class Session:
    """An engine ready to run on a device. Made by `ingot.load`; safe to use from many threads."""

    def __init__(self, core: Core) -> None:
        """Use `ingot.load` or `Session.clone`."""
        core.acquire()
        self._core = core
        self._device = core.device.clone()
        self._lock = threading.RLock()
        self._bound: OrderedDict[Shapes, _Bound] = OrderedDict()
        self._closed = False
        _sessions.add(self)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._core.engine.name

    @property
    def inputs(self) -> tuple[Port, ...]:
        """Name, element type and symbolic shape of each input."""
        return self._core.engine.inputs

    @property
    def outputs(self) -> tuple[Port, ...]:
        """Name, element type and symbolic shape of each output."""
        return self._core.engine.outputs

    @property
    def state(self) -> State:
        """`specializing` while a better program for a seen shape is on its way, else `ready`."""
        with self._lock:
            if self._closed:
                return "closed"
            waiting = any(b.better is not None and not b.better.done() for b in self._all())
            return "specializing" if waiting else "ready"

    def run(
        self,
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any] | None = None,
        *,
        stream: int | None = None,
    ) -> dict[str, Any]:
        """Compute all outputs, by name, from all inputs, by name.

        Outputs are fresh arrays, except those that `outputs` binds to the caller's own. Raises
        InputError for inputs that do not fit, RunError for a fault in their data and ResourceError
        where memory or `time_limit` does not suffice; the session stays usable after each.

        On a GPU both may be arrays in its memory, of any library that speaks DLPack or
        `__cuda_array_interface__`. `stream` is the handle of a stream of the caller's to queue the
        run in; it is not waited for where inputs and outputs are all on the device.
        """
        with self._lock:
            self._device.use_stream(stream)
            try:
                arrays, bound = self._prepare(inputs)
                results = bound.runner.run(self.outputs, arrays, outputs, self._device.adopt)
            except (MemoryError, OverflowError):
                raise ResourceError(
                    f"session '{self.name}': these inputs need more memory than there is",
                    cure="run smaller inputs",
                ) from None
            return results if outputs is None else {**results, **outputs}

    def prepare(self, shapes: Mapping[str, Sequence[int]]) -> None:
        """Forge and bind for inputs of these shapes, by name, so that the first run is fast.

        Raises InputError where the shapes do not fit, CompileError where forging fails.
        """
        with self._lock:
            self._check_open()
            missing = [port.name for port in self.inputs if port.name not in shapes]
            if missing or len(shapes) != len(self.inputs):
                raise UsageError(f"shapes {sorted(shapes)}: must name each input of '{self.name}'")
            self._find(tuple(tuple(shapes[port.name]) for port in self.inputs))
        self.wait_ready()

    def wait_ready(self, timeout: float | None = None) -> bool:
        """Wait until every shape seen so far runs at full speed; False after `timeout` seconds.

        Raises CompileError where specialising failed; the generic program then goes on serving.
        """
        with self._lock:
            self._check_open()
            waiting = [bound.better for bound in self._all() if bound.better is not None]
        done = not wait(waiting, timeout).not_done
        with self._lock:
            for shapes in list(self._bound):
                self._improve(shapes)
        return done

    def profile(self, inputs: Mapping[str, Any] | None = None, *, repeats: int = 10) -> Profile:
        """The median time of each step over `repeats` runs.

        Without `inputs`, random ones of the shapes last used. Raises as `run` does.
        """
        if repeats < 1:
            raise UsageError(f"repeats={repeats}: must be at least 1")
        with self._lock:
            self._device.use_stream(None)
            arrays, bound = self._prepare(self._samples() if inputs is None else inputs)
            return bound.runner.profile(self.outputs, arrays, repeats)

    @property
    def stats(self) -> Stats:
        """What the session and its clones have cost so far."""
        engine, counts = self._core.engine, self._core.forge.counts
        with self._lock:
            memory = self._memory()
        return Stats(
            device=self._core.forge.target.spec.name,
            cast_seconds=engine.cast_seconds,
            forge_seconds=counts.seconds,
            plans=counts.plans,
            plans_cached=counts.plans_cached,
            kernels_compiled=counts.kernels_compiled,
            kernels_cached=counts.kernels_cached,
            weight_bytes=engine.info.weight_bytes,
            memory_bytes=memory,
        )

    def clone(self) -> Session:
        """Another session that shares weights and code and has its own memory and threads."""
        with self._lock:
            self._check_open()
            return Session(self._core)

    def close(self) -> None:
        """Give memory and threads back; closing twice does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for bound in self._all():
                bound.runner.close()
            self._bound.clear()
            self._device.close()
            self._core.release()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Session {self.name!r} on {self._core.forge.target.spec.name}: {self.state}>"

    def _check_open(self) -> None:
        if self._closed:
            raise UsageError(f"session '{self.name}': closed", cure="load the engine again")

    def _all(self) -> list[_Bound]:
        return list(self._bound.values())

    def _prepare(self, inputs: Mapping[str, Any]) -> tuple[dict[str, Array], _Bound]:
        self._check_open()
        arrays = read_inputs(self.inputs, inputs, self._device.adopt)
        return arrays, self._find(tuple(map(shape_of, arrays.values())))

    def _find(self, shapes: Shapes) -> _Bound:
        """What serves these shapes best at this moment."""
        if shapes in self._bound:
            self._bound.move_to_end(shapes)
            if _succeeded(self._bound[shapes].better):
                self._improve(shapes)
            return self._bound[shapes]
        self._make_room()
        self._bound[shapes] = self._bind(shapes)
        return self._bound[shapes]

    def _bind(self, shapes: Shapes) -> _Bound:
        core = self._core
        binding = solve_binding(self.inputs, core.engine.symbols, shapes)
        eager = core.specialize == "eager"
        program = core.forge.loaded(binding if eager else GENERIC)
        runner = program.bind(self._device, binding, core.limits)
        self._check_limit(runner)
        better = core.background.request(binding) if self._wants_better(binding) else None
        return _Bound(runner, binding, better)

    def _wants_better(self, binding: Mapping[str, int]) -> bool:
        return self._core.specialize == "lazy" and bool(binding)

    def _improve(self, shapes: Shapes) -> None:
        """Put the specialised program in place where it is done; raises what forging raised.

        Where it takes more memory than there may be, the generic one goes on serving.
        """
        bound = self._bound[shapes]
        if bound.better is None or not bound.better.done():
            return
        self._bound[shapes] = replace(bound, better=None)
        try:
            program = bound.better.result()
        except CancelledError:
            return
        try:
            runner = program.bind(self._device, bound.binding, self._core.limits)
        except ResourceError as error:
            trace.log(f"session '{self.name}': the generic program serves on: {error}")
            return
        self._bound[shapes] = replace(bound, runner=runner, better=None)
        bound.runner.close()

    def _memory(self) -> int:
        """Bytes of activations: the executables of one device share one arena."""
        return max((bound.runner.memory for bound in self._all()), default=0)

    def _make_room(self) -> None:
        """Let the shape that was used longest ago go where there are too many."""
        while len(self._bound) >= SHAPES_KEPT:
            _, oldest = self._bound.popitem(last=False)
            oldest.runner.close()
            if oldest.better is not None:
                oldest.better.cancel()

    def _check_limit(self, runner: Runner) -> None:
        limit, needed = self._core.limits.memory, runner.memory
        if limit is not None and needed > limit:
            runner.close()
            raise ResourceError(
                f"session '{self.name}': needs {needed} bytes, memory_limit is {limit}",
                cure="raise memory_limit or run smaller inputs",
            )

    def _samples(self) -> dict[str, Array]:
        """Random inputs of the shapes last used, or of the only possible ones."""
        self._check_open()
        if self._bound:
            shapes: Any = next(reversed(self._bound))
        else:
            shapes = [port.shape for port in self.inputs]
        if not all(isinstance(size, int) for shape in shapes for size in shape):
            raise UsageError("profile: shapes are not known yet", cure="pass inputs, or run first")
        by_name = {port.name: shape for port, shape in zip(self.inputs, shapes, strict=True)}
        return sample_inputs(self.inputs, by_name)

    def _after_fork(self) -> None:
        self._lock = threading.RLock()
        self._core.after_fork()
        for shapes, bound in self._bound.items():
            if bound.better is not None and not bound.better.done():
                self._bound[shapes] = replace(bound, better=None)


def _succeeded(future: Future[Program] | None) -> bool:
    if future is None or not future.done() or future.cancelled():
        return False
    return future.exception() is None


_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


def _renew_sessions() -> None:
    for session in list(_sessions):
        session._after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_sessions)
