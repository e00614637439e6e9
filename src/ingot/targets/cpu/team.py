# SPDX-License-Identifier: Apache-2.0
"""The threads that run a table of steps.

Workers are Python threads that enter compiled code once and stay there, without the interpreter's
lock, until the team stops. They start with the first run that can use them. A team stops when it is
closed, collected, or when the interpreter exits; after a fork the child drops its copy and starts
threads of its own when it runs something.
"""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from ingot import host, trace
from ingot.targets.cpu.block import Block, Words, address, words
from ingot.targets.cpu.code import Code
from ingot.targets.cpu.walk import (
    LINE,
    SPINS_IDLE,
    TIME_WORDS,
    Context,
    Control,
    Job,
    Record,
)

_ON_JOB = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
_ON_CONTROL = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_ON_WORKER = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)
_STATUS_WORDS = 3
_LINE_BYTES = 128
_EXIT_SECONDS = 10.0


class Launch(NamedTuple):
    """A kernel's address, its frame's address, and `extent` units to claim `chunk` at a time."""

    kernel: int
    frame: int
    extent: int
    chunk: int


class Table:
    """Steps in memory, with their counters, contexts and status; run by one thread at a time."""

    def __init__(self, launches: Sequence[Launch], threads: int, scratch: int) -> None:
        self._records = words(max(len(launches), 1) * Record.WORDS)
        self._counters = words(max(len(launches), 1) * (1 + threads) * LINE)
        self._scratch = Block(threads * scratch)
        self._contexts = words(threads * Context.WORDS)
        self._times = words((len(launches) + 1) * TIME_WORDS)
        self._job = words(Job.WORDS)
        self.status = words(_STATUS_WORDS)
        self.shared = self._fill_records(launches, threads) > 1 and threads > 1
        self._fill_contexts(threads, scratch)
        self._fill_job(len(launches), threads)
        self.address = address(self._job)

    def _fill_records(self, launches: Sequence[Launch], threads: int) -> int:
        """Write the step records; the largest number of chunks."""
        most = 0
        records = self._records.reshape(-1, Record.WORDS)
        counters = address(self._counters)
        for index, (kernel, frame, extent, chunk) in enumerate(launches):
            chunks = -(-extent // max(chunk, 1))
            counter = counters + index * (1 + threads) * LINE * 8
            records[index, : Record.COUNTER + 1] = kernel, frame, extent, chunk, chunks, counter
            most = max(most, chunks)
        return most

    def _fill_contexts(self, threads: int, scratch: int) -> None:
        for worker, context in enumerate(self._contexts.reshape(threads, Context.WORDS)):
            context[Context.STATUS] = address(self.status)
            context[Context.SCRATCH] = self._scratch.address + worker * scratch
            context[Context.WORKER] = worker

    def _fill_job(self, count: int, threads: int) -> None:
        self._job[Job.STEPS] = address(self._records)
        self._job[Job.COUNT] = count
        self._job[Job.THREADS] = threads
        self._job[Job.CONTEXTS] = address(self._contexts)
        self._job[Job.STATUS] = address(self.status)

    def join(self, control: Words) -> None:
        """Become a table of the team with this control block."""
        self._job[Job.CONTROL] = address(control)
        self._job[Job.ROUND] = self._job[Job.PROGRESS] = 0
        self._counters[:] = 0

    def time(self, on: bool) -> None:
        """Whether runs record when each step ends."""
        self._job[Job.TIMES] = address(self._times) if on else 0

    def seconds(self) -> list[float]:
        """How long each step of the last timed run took."""
        moments = _clock_seconds(self._times.reshape(-1, TIME_WORDS).tolist())
        return [after - before for before, after in pairwise(moments)]


def _clock_seconds(times: list[list[int]]) -> list[float]:
    """Seconds since the first of the recorded times."""
    if host.WINDOWS:
        frequency = ctypes.c_int64()
        ctypes.CDLL("kernel32.dll").QueryPerformanceFrequency(ctypes.byref(frequency))
        return [(ticks - times[0][0]) / frequency.value for ticks, _ in times]
    return [seconds - times[0][0] + nanoseconds * 1e-9 for seconds, nanoseconds in times]


class _Crew:
    """Workers and the control block that they listen to."""

    def __init__(self, code: Code, key: str) -> None:
        self.control = words(Control.WORDS)
        self.threads: list[threading.Thread] = []
        self._stop = _ON_CONTROL(code.address(key, "stop"))
        self._work = _ON_WORKER(code.address(key, "work"))
        self._code = code
        parking = host.parking()
        self.control[Control.WAIT] = parking.wait
        self.control[Control.WAKE] = parking.wake
        self.control[Control.YIELD] = parking.give_way
        self.control[Control.CLOCK] = host.clock_call()
        self.control[Control.SPINS] = SPINS_IDLE

    def hire(self, count: int) -> None:
        """Start workers 1 to `count`; goes on with fewer where the system refuses a thread."""
        for worker in range(1, count + 1):
            thread = threading.Thread(
                target=_enter,
                args=(self._work, self.control, worker, self._code),
                name=f"ingot-{worker}",
                daemon=True,
            )
            try:
                thread.start()
            except RuntimeError as error:
                trace.log(f"thread {worker} of {count} did not start: {error}")
                return
            self.threads.append(thread)

    def dismiss(self) -> None:
        """Stop the workers and wait for them."""
        if self.threads:
            self._stop(address(self.control))
        for thread in self.threads:
            thread.join(_EXIT_SECONDS)
        self.threads.clear()

    def idle(self) -> bool:
        """Whether no worker is inside a job."""
        return int(self.control[Control.ACTIVE]) == 0


def _enter(work: Callable[[int, int], None], control: Words, worker: int, _: Code) -> None:
    """A worker's life; the thread holds the memory and the code that it uses."""
    work(address(control), worker)


class Team:
    """Up to `threads` threads, the caller's included, that share the steps of a run."""

    def __init__(self, code: Code, key: str, threads: int) -> None:
        self.threads = threads
        self._code = code
        self._key = key
        self._run = _ON_JOB(code.address(key, "run"))
        self._run_alone = _ON_JOB(code.address(key, "run_alone"))
        self._tables: set[Table] = set()
        self._begin()
        _TEAMS.add(self)

    def _begin(self) -> None:
        # Reentrant: the collector may release a table while this thread starts workers.
        self._lock = threading.RLock()
        self._crew = _Crew(self._code, self._key)
        self._farewell = weakref.finalize(self, self._crew.dismiss)
        for table in self._tables:
            table.join(self._crew.control)

    def table(self, launches: Sequence[Launch], scratch: int = 0) -> Table:
        """A table of steps for this team; `scratch` bytes for each thread."""
        table = Table(launches, self.threads, -(-scratch // _LINE_BYTES) * _LINE_BYTES)
        table.join(self._crew.control)
        self._tables.add(table)
        return table

    def run(self, table: Table) -> int:
        """Run the steps; the status code. A team that is busy leaves the caller to work alone."""
        if table.shared and self._lock.acquire(blocking=False):
            try:
                if not self._crew.threads:
                    self._crew.hire(self.threads - 1)
                return int(self._run(table.address))
            finally:
                self._lock.release()
        return int(self._run_alone(table.address))

    def release(self, table: Table) -> None:
        """Wait until no worker can touch the table; it may be freed then."""
        with self._lock:
            self._tables.discard(table)
            while not self._crew.idle():
                threading.Event().wait(1e-4)

    def stop(self) -> None:
        """End the workers; a later run starts new ones."""
        with self._lock:
            self._farewell()
            self._begin()

    def forget(self) -> None:
        """Drop threads that a fork did not copy."""
        self._farewell.detach()
        self._begin()


_TEAMS: weakref.WeakSet[Team] = weakref.WeakSet()


def _after_fork() -> None:
    for team in list(_TEAMS):
        team.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
