# SPDX-License-Identifier: Apache-2.0
"""Spans, messages and the timeline.

`with trace.span("fold", graph=name):` marks a stage. `INGOT_DEBUG=n` tells on stderr what happens:
1 `log` (decisions worth knowing, such as a fallback), 2 spans with their times, 3 `detail`.
`INGOT_TRACE=FILE` writes the whole as a JSON timeline that Chrome's and Perfetto's viewers open.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingot import knobs

__all__ = ["detail", "log", "record", "span", "write_timeline"]

_LOG, _SPAN, _DETAIL = 1, 2, 3


class _Recorder:
    """The events of this process; off until a timeline is asked for."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.recording = False

    def add(
        self, phase: str, name: str, start: float, arguments: dict[str, Any], **more: Any
    ) -> None:
        if not self.recording:
            return
        event = {"name": name, "ph": phase, "ts": start * 1e6, "pid": os.getpid()}
        event["tid"] = threading.get_native_id()
        event["args"] = {key: _plain(value) for key, value in arguments.items()}
        self.events.append(event | more)


_recorder = _Recorder()


@contextmanager
def span(name: str, **arguments: Any) -> Iterator[None]:
    """Mark the block as the stage `name`; times it for the timeline and for INGOT_DEBUG=2."""
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - start
        _recorder.add("X", name, start, arguments, dur=seconds * 1e6)
        if knobs.DEBUG.get() >= _SPAN:
            listed = "".join(f" {key}={_plain(value)}" for key, value in arguments.items())
            _tell(f"{name}{listed}: {seconds * 1e3:.1f} ms")


def log(message: str, **arguments: Any) -> None:
    """Say something that a user may want to know, such as a fallback; told from INGOT_DEBUG=1."""
    _say(_LOG, "", message, arguments)


def detail(stage: str, message: str, **arguments: Any) -> None:
    """Say why a stage did what it did; told from INGOT_DEBUG=3."""
    _say(_DETAIL, stage, message, arguments)


@contextmanager
def record() -> Iterator[list[dict[str, Any]]]:
    """Record events within a `with` block and give them as a list, oldest first."""
    before, _recorder.recording = _recorder.recording, True
    first = len(_recorder.events)
    events: list[dict[str, Any]] = []
    try:
        yield events
    finally:
        events += _recorder.events[first:]
        _recorder.recording = before
        if not before:
            del _recorder.events[first:]


def write_timeline(path: Path) -> None:
    """Write everything recorded so far as a Chrome trace."""
    path.write_text(json.dumps({"traceEvents": _recorder.events}), encoding="utf-8")


def _say(level: int, stage: str, message: str, arguments: dict[str, Any]) -> None:
    title = f"{stage}: {message}" if stage else message
    _recorder.add("i", title, time.perf_counter(), arguments, s="t")
    if knobs.DEBUG.get() >= level:
        listed = "".join(f" {key}={_plain(value)}" for key, value in arguments.items())
        _tell(f"{title}{listed}")


def _tell(text: str) -> None:
    print(f"ingot: {text}", file=sys.stderr)


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str | bool) else str(value)


def _start() -> None:
    path = knobs.TRACE.get()
    if path is not None:
        _recorder.recording = True
        atexit.register(write_timeline, path)


_start()
