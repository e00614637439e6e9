# SPDX-License-Identifier: Apache-2.0
"""Every environment variable of the package, declared once: name, type, default, doc.

A knob is read when it is asked for, so a change of the environment counts at once. A value that
does not fit raises UsageError; none is ignored.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from ingot import host
from ingot.errors import UsageError

__all__ = ["ALL", "Knob"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Knob(Generic[T]):
    """One environment variable: `get()` gives its value, or the default where it is not set."""

    variable: str
    takes: str
    read: Callable[[str], T]
    default: Callable[[], T]
    doc: str

    def get(self) -> T:
        """The value in force; raises UsageError where the variable holds something else."""
        text = os.environ.get(self.variable, "")
        if not text:
            return self.default()
        try:
            return self.read(text)
        except ValueError:
            raise UsageError(
                f"{self.variable}: takes {self.takes}, is '{text}'",
                cure=f"set it to {self.takes}, or unset it",
            ) from None

    @contextmanager
    def override(self, text: str) -> Iterator[None]:
        """Set the variable within a `with` block."""
        before = os.environ.get(self.variable)
        os.environ[self.variable] = text
        try:
            yield
        finally:
            if before is None:
                os.environ.pop(self.variable, None)
            else:
                os.environ[self.variable] = before


_SWITCH = {"0": False, "off": False, "false": False, "1": True, "on": True, "true": True}


def _switch(text: str) -> bool:
    if text.lower() not in _SWITCH:
        raise ValueError(text)
    return _SWITCH[text.lower()]


def _at_least(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if value < least:
            raise ValueError(text)
        return value

    return read


def _one_of(*known: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return read


def _path_or_none(text: str) -> Path | None:
    return Path(text)


CACHE_DIR = Knob(
    "INGOT_CACHE_DIR",
    "a folder",
    Path,
    host.cache_directory,
    "Where forged plans and kernels are kept. They are native code: the folder must be your own.",
)
THREADS = Knob(
    "INGOT_THREADS",
    "a whole number of at least 1",
    _at_least(1),
    host.physical_cores,
    "How many threads a session computes with, where `load` is not told; default: physical cores.",
)
WORKERS = Knob(
    "INGOT_WORKERS",
    "a whole number of at least 1",
    _at_least(1),
    host.usable_cpus,
    "How many processes compile kernels; default: the CPUs this process may use.",
)
DEBUG = Knob(
    "INGOT_DEBUG",
    "a level, 0 to 3",
    _at_least(0),
    lambda: 0,
    "What is told on stderr: 1 decisions worth knowing, 2 stages with times, 3 details of each "
    "decision.",
)
TRACE: Knob[Path | None] = Knob(
    "INGOT_TRACE",
    "a file",
    _path_or_none,
    lambda: None,
    "Write a timeline of all stages as JSON (Chrome trace format) to this file at exit.",
)
VERIFY = Knob(
    "INGOT_VERIFY",
    "on or off",
    _switch,
    lambda: False,
    "Verify the graph after every pass.",
)

CUDA_GRAPHS = Knob(
    "INGOT_CUDA_GRAPHS",
    "whole_graph or off",
    _one_of("whole_graph", "off"),
    lambda: "whole_graph",
    "Whether a run on a GPU replays one CUDA graph, or launches kernel by kernel.",
)

CUDA_DEPENDENT_LAUNCH = Knob(
    "INGOT_CUDA_DEPENDENT_LAUNCH",
    "on or off",
    _switch,
    lambda: True,
    "Whether a kernel's blocks may start on a GPU that can do so before the kernel in front ends.",
)

ALL: tuple[Knob[object], ...] = (  # type: ignore[assignment]  # of many types
    CACHE_DIR, THREADS, WORKERS, DEBUG, TRACE, VERIFY, CUDA_GRAPHS,
    CUDA_DEPENDENT_LAUNCH,
)  # fmt: skip
