# SPDX-License-Identifier: Apache-2.0
"""The parent's end of a compiler process that runs `worker.py`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType

from ingot.targets.cpu import worker
from ingot.targets.cpu.worker import Machine

_TIMEOUT = 300.0  # seconds for one kernel


def can_start() -> bool:
    """Whether this interpreter can run `worker.py` as a script."""
    frozen = getattr(sys, "frozen", False)
    return bool(sys.executable) and not frozen and Path(worker.__file__).is_file()


class Helper:
    """A compiler process; used from one thread, killed from any."""

    def __init__(self, machine: Machine, *, timeout: float = _TIMEOUT) -> None:
        self._timeout = timeout
        self._late = False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the helper)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = _start(machine, self._errors.fileno())
        except OSError as error:
            self._errors.write(str(error).encode())

    def ready(self) -> bool:
        """Wait until the process serves; False when it cannot."""
        return self._process is not None and self._read(len(worker.HELLO)) == worker.HELLO

    def compile(self, text: str, _: Machine) -> bytes:
        """The object of `text`; raises RuntimeError with the reason when there is none."""
        timer = threading.Timer(self._timeout, self._expire)
        timer.daemon = True
        timer.start()
        try:
            return self._ask(text.encode())
        finally:
            timer.cancel()

    def complaint(self) -> str:
        """The end of what the process wrote to stderr."""
        self._errors.seek(0)
        return self._errors.read()[-2000:].decode(errors="replace").strip()

    def kill(self) -> None:
        """End the process now."""
        if self._process is not None:
            self._process.kill()

    def __enter__(self) -> Helper:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
        self._errors.close()

    def _ask(self, text: bytes) -> bytes:
        self._write(worker.LENGTH.pack(len(text)) + text)
        header = self._read(worker.ANSWER.size)
        if len(header) < worker.ANSWER.size:
            fate = f"took more than {self._timeout:.0f} s" if self._late else "ended"
            raise RuntimeError(f"the compiler process {fate} ({self.complaint()})")
        status, length = worker.ANSWER.unpack(header)
        payload = self._read(length)
        if status == worker.FAILED:
            raise RuntimeError(payload.decode(errors="replace"))
        return payload

    def _expire(self) -> None:
        self._late = True
        self.kill()

    def _write(self, data: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # the read that follows finds the process gone, and says why

    def _read(self, size: int) -> bytes:
        assert self._process is not None and self._process.stdout is not None
        return self._process.stdout.read(size)


def _start(machine: Machine, errors: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", *_arguments(machine)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _arguments(machine: Machine) -> list[str]:
    """The script, where it finds llvmlite in an isolated interpreter, and what it compiles for."""
    package = find_spec("llvmlite")
    places = [str(Path(package.origin).parent.parent)] if package and package.origin else []
    return [worker.__file__, json.dumps(places), json.dumps(list(machine))]
