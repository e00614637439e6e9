# SPDX-License-Identifier: Apache-2.0
"""The machine underneath: files that appear whole, code pages, parking, cores."""

import ctypes
import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingot import host
from ingot.errors import ResourceError

needs_linux = pytest.mark.skipif(not host.LINUX, reason="futexes are Linux's")
needs_x86 = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="the machine code is x86-64"
)


@pytest.fixture(params=["nameless", "named"])
def way(request, monkeypatch):
    """Both ways to write a file atomically, whichever this system has."""
    if request.param == "named":
        monkeypatch.setattr(host, "_nameless_file", lambda folder: None)
    return request.param


def test_a_file_appears_whole_and_replaces_the_old_one(tmp_path, way):
    path = tmp_path / "engine"
    path.write_bytes(b"old")
    with host.atomic_file(path) as file:
        file.write(b"new and ")
        assert path.read_bytes() == b"old"
        file.write(b"longer")
    assert path.read_bytes() == b"new and longer"
    assert os.listdir(tmp_path) == ["engine"]


def test_a_failed_block_leaves_nothing(tmp_path, way):
    with pytest.raises(KeyError), host.atomic_file(tmp_path / "engine") as file:
        file.write(b"part")
        raise KeyError
    assert os.listdir(tmp_path) == []


def test_a_missing_folder_is_an_error(tmp_path, way):
    with pytest.raises(FileNotFoundError), host.atomic_file(tmp_path / "no" / "engine"):
        pass


@needs_linux
def test_a_killed_writer_leaves_nothing(tmp_path):
    code = (
        "import sys, os, signal\nfrom ingot import host\n"
        "with host.atomic_file(sys.argv[1]) as file:\n"
        "    file.write(bytes(1 << 20)); file.flush(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = os.environ | {"PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run([sys.executable, "-c", code, str(tmp_path / "engine")], env=environment)
    assert run.returncode == -signal.SIGKILL
    assert os.listdir(tmp_path) == []


@needs_x86
def test_code_pages_run_what_was_written():
    pages = host.CodePages(10)
    returns_42 = bytes.fromhex("b82a000000c3")
    pages.write(4, returns_42)
    pages.seal()
    assert ctypes.CFUNCTYPE(ctypes.c_int)(pages.address + 4)() == 42
    pages.close()
    pages.close()


@needs_linux
def test_sealed_pages_are_executable_and_not_writable():
    pages = host.CodePages(5000)
    assert pages.size % os.sysconf("SC_PAGESIZE") == 0
    assert permissions(pages.address).startswith("rw-")
    pages.seal()
    assert permissions(pages.address).startswith("r-x")
    pages.close()


def permissions(address: int) -> str:
    for line in Path("/proc/self/maps").read_text().splitlines():
        area, allowed, *_ = line.split()
        first, last = (int(part, 16) for part in area.split("-"))
        if first <= address < last:
            return allowed
    raise AssertionError(f"{address:#x} is not mapped")


@pytest.mark.parametrize(("offset", "size"), [(-1, 4), (4090, 10), (5000, 1)])
def test_code_outside_the_pages_is_refused(offset, size):
    pages = host.CodePages(4096)
    with pytest.raises(ResourceError, match="exceed 4096"):
        pages.write(offset, bytes(size))
    pages.close()


@needs_linux
def test_a_futex_that_changed_does_not_park():
    park = host.parking()
    call = ctypes.CFUNCTYPE(ctypes.c_long, *[ctypes.c_long] * 7)(park.wait)
    word = ctypes.c_int32(5)
    at = ctypes.addressof(word)
    assert call(park.number, at, park.wait_operation, 4, 0, 0, 0) == -1
    assert call(park.number, at, park.wake_operation, 1, 0, 0, 0) == 0
    assert ctypes.CFUNCTYPE(ctypes.c_int)(park.give_way)() == 0


@needs_linux
def test_the_clock_is_steady_and_in_nanoseconds():
    read = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.c_void_p)(host.clock_call())
    time_spec = (ctypes.c_int64 * 2)()
    before = time.monotonic_ns()
    assert read(time.CLOCK_MONOTONIC, ctypes.addressof(time_spec)) == 0
    assert before <= time_spec[0] * 10**9 + time_spec[1] <= time.monotonic_ns()


def test_cores_are_counted_within_what_this_process_may_use():
    assert 1 <= host.physical_cores() <= host.usable_cpus() <= os.cpu_count()


@needs_linux
def test_affinity_limits_the_cores():
    code = (
        "import os; from ingot import host\n"
        "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); print(host.physical_cores())"
    )
    environment = os.environ | {"PYTHONPATH": ":".join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert run.stdout.strip() == "1"


def test_the_cache_folder_follows_the_system(monkeypatch):
    monkeypatch.setattr(host, "MACOS", False)
    monkeypatch.setattr(host, "WINDOWS", False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert host.cache_directory() == Path("/somewhere/ingot")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert host.cache_directory() == Path.home() / ".cache" / "ingot"
    monkeypatch.setattr(host, "MACOS", True)
    assert host.cache_directory() == Path.home() / "Library" / "Caches" / "ingot"


def test_cache_sizes_are_bytes():
    assert all(size == 0 or size >= 1 << 10 for size in host.cache_sizes())
