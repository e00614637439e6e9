# SPDX-License-Identifier: Apache-2.0
"""What differs between Linux, macOS and Windows: folders, files, cores, code pages, parking.

Everything else in the package is the same everywhere and asks here.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from ingot.errors import DeviceError, ResourceError

__all__ = [
    "CodePages",
    "Parking",
    "atomic_file",
    "cache_directory",
    "cache_sizes",
    "clock_call",
    "library_folders",
    "parking",
    "physical_cores",
    "usable_cpus",
]

WINDOWS = sys.platform == "win32"
MACOS = sys.platform == "darwin"
LINUX = sys.platform.startswith("linux")

_CPUS = Path("/sys/devices/system/cpu")


# Folders and files.


def cache_directory() -> Path:
    """The folder for this user's runtime cache; it need not exist yet."""
    if WINDOWS:
        return _folder("LOCALAPPDATA", "AppData/Local") / "ingot" / "cache"
    if MACOS:
        return Path.home() / "Library" / "Caches" / "ingot"
    return _folder("XDG_CACHE_HOME", ".cache") / "ingot"


def _folder(variable: str, below_home: str) -> Path:
    text = os.environ.get(variable, "")
    return Path(text) if os.path.isabs(text) else Path.home() / below_home


@contextmanager
def atomic_file(path: str | os.PathLike[str], *, durable: bool = True) -> Iterator[IO[bytes]]:
    """A file to write that takes the name `path` only when the block ends without an error.

    Readers see the old file or the whole new one. Where the system can, the file has no name until
    then, so not even a killed process leaves a part of it behind. `durable` waits until the data
    is on the disk, so that the file outlives a power cut.
    """
    target = Path(path)
    nameless = _nameless_file(target.parent)
    if nameless is None:
        yield from _named_file(target, durable)
        return
    with nameless as file:
        yield file
        _flush(file, durable)
        _give_name(file.fileno(), target)


def _nameless_file(folder: Path) -> IO[bytes] | None:
    flag = getattr(os, "O_TMPFILE", 0)
    if not flag or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.fdopen(os.open(folder, os.O_RDWR | flag, 0o666), "w+b")
    except (IsADirectoryError, NotADirectoryError, FileNotFoundError, PermissionError):
        raise
    except OSError:
        return None


def _give_name(descriptor: int, target: Path) -> None:
    """Link under a name of its own, then rename: a link alone cannot replace a file."""
    name = _spare_name(target)
    os.link(f"/proc/self/fd/{descriptor}", name, src_dir_fd=0, follow_symlinks=True)
    try:
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _spare_name(target: Path) -> str:
    return str(target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}"))


def _flush(file: IO[bytes], durable: bool) -> None:
    file.flush()
    if durable:
        os.fsync(file.fileno())


def _named_file(target: Path, durable: bool) -> Iterator[IO[bytes]]:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            _flush(file, durable)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def library_folders(vendor: str) -> Iterator[Path]:
    """Where a vendor's libraries may lie: folders of its Python wheels, then installed toolkits."""
    for entry in sys.path:
        folder = Path(entry or ".") / vendor
        if folder.is_dir():
            yield from sorted(folder.iterdir(), reverse=True)
    for variable in ("CUDA_PATH", "CUDA_HOME"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
    yield Path("/usr/local/cuda")


# Cores and caches.


def usable_cpus() -> int:
    """How many logical CPUs this process may use: affinity and container limits count."""
    count = len(os.sched_getaffinity(0)) if LINUX else os.cpu_count() or 1
    quota = _cpu_quota() if LINUX else None
    return max(1, count if quota is None else min(count, quota))


def _cpu_quota() -> int | None:
    """The CPU limit of the control group, rounded up; None where there is none."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if quota == "max" else -(-int(quota) // int(period))
    except (OSError, ValueError):
        return None


def physical_cores() -> int:
    """How many physical cores this process may use; logical CPUs where the system does not say."""
    if not LINUX:
        return usable_cpus()
    cores = set()
    for cpu in os.sched_getaffinity(0):
        try:
            cores.add((_CPUS / f"cpu{cpu}/topology/thread_siblings_list").read_text())
        except OSError:
            return usable_cpus()
    return min(len(cores), usable_cpus())


@lru_cache(1)
def cache_sizes() -> tuple[int, int, int]:
    """Bytes of the first-level data, second-level and last-level cache; 0 where unknown."""
    sizes = {1: 0, 2: 0, 3: 0}
    for index in _CPUS.glob("cpu0/cache/index*"):
        with suppress(OSError, ValueError):
            if (index / "type").read_text().strip() != "Instruction":
                level = int((index / "level").read_text())
                sizes[level] = _byte_count((index / "size").read_text().strip())
    return sizes[1], sizes[2], sizes[3]


def _byte_count(text: str) -> int:
    unit = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}.get(text[-1:])
    return int(text[:-1]) * unit if unit else int(text)


# Parking: how a thread in compiled code sleeps and is woken.


@dataclass(frozen=True, slots=True)
class Parking:
    """The calls with which compiled code parks a thread on a 32-bit word.

    kind "futex": `wait` and `wake` are the C function `syscall`, called as `(number, word,
    operation, value, null, null, 0)` with `wait_operation` or `wake_operation`.
    kind "address": `wait(word, &value, 4, 0xffffffff)` and `wake(word)` (Windows).
    kind "ulock": `wait(1, word, value, 0)` and `wake(0x101, word, 0)` (macOS).
    `give_way` is a function without arguments that lets another thread run.
    """

    kind: str
    wait: int
    wake: int
    give_way: int
    number: int = 0
    wait_operation: int = 128
    wake_operation: int = 129


_FUTEX_NUMBERS = {"x86_64": 202, "amd64": 202, "aarch64": 98, "arm64": 98, "riscv64": 98}


@lru_cache(1)
def parking() -> Parking:
    """The parking calls of this machine; raises DeviceError where there are none."""
    if WINDOWS:
        library = ctypes.CDLL("api-ms-win-core-synch-l1-2-0.dll")
        kernel = ctypes.CDLL("kernel32.dll")
        wait, wake = _address(library, "WaitOnAddress"), _address(library, "WakeByAddressAll")
        return Parking("address", wait, wake, _address(kernel, "SwitchToThread"))
    process = ctypes.CDLL(None)
    give_way = _address(process, "sched_yield")
    if MACOS:
        wait, wake = _address(process, "__ulock_wait"), _address(process, "__ulock_wake")
        return Parking("ulock", wait, wake, give_way)
    number = _FUTEX_NUMBERS.get(platform.machine().lower())
    if number is None:
        raise DeviceError(
            f"threads: no way to park one is known on {platform.machine()} {sys.platform}",
            cure="load with threads=1",
        )
    call = _address(process, "syscall")
    return Parking("futex", call, call, give_way, number)


@lru_cache(1)
def clock_call() -> int:
    """The function with which compiled code reads a steady clock.

    `clock_gettime(id, &timespec)`, on Windows `QueryPerformanceCounter(&ticks)`.
    """
    if WINDOWS:
        return _address(ctypes.CDLL("kernel32.dll"), "QueryPerformanceCounter")
    return _address(ctypes.CDLL(None), "clock_gettime")


def _address(library: ctypes.CDLL, name: str) -> int:
    return ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0


# Code pages.


class CodePages:
    """Memory for machine code: first writable, then sealed executable, never both at once.

    Fill it through `buffer`, whose first byte lies at `address`; then `seal()`. `close()` gives the
    pages back; no code may run in them after that.
    """

    def __init__(self, size: int) -> None:
        self.size = -(-max(size, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
        self.address = _map_pages(self.size)
        self.buffer = (ctypes.c_char * self.size).from_address(self.address)

    def write(self, offset: int, code: bytes) -> None:
        """Copy `code` to `offset`; only before `seal()`."""
        if offset < 0 or offset + len(code) > self.size:
            raise ResourceError(f"code pages: {len(code)} bytes at {offset} exceed {self.size}")
        ctypes.memmove(self.address + offset, code, len(code))

    def seal(self) -> None:
        """Make the pages executable and read-only."""
        _protect_pages(self.address, self.size)

    def close(self) -> None:
        """Give the pages back."""
        if self.address:
            _unmap_pages(self.address, self.size)
            self.address = 0


_READ, _WRITE, _EXECUTE = 1, 2, 4
_WINDOWS_READ_WRITE, _WINDOWS_READ_EXECUTE = 0x04, 0x20
_WINDOWS_COMMIT_RESERVE, _WINDOWS_RELEASE = 0x3000, 0x8000


@lru_cache(1)
def _memory_calls() -> tuple[Any, Any, Any]:
    """(map, protect, unmap) of the system's library, with their argument types set."""
    pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    if WINDOWS:
        kernel = ctypes.CDLL("kernel32.dll")
        allocate, protect, free = kernel.VirtualAlloc, kernel.VirtualProtect, kernel.VirtualFree
        allocate.argtypes = [pointer, size, ctypes.c_uint32, ctypes.c_uint32]
        protect.argtypes = [pointer, size, ctypes.c_uint32, pointer]
        free.argtypes = [pointer, size, ctypes.c_uint32]
        allocate.restype = pointer
        return allocate, protect, free
    process = ctypes.CDLL(None, use_errno=True)
    process.mmap.argtypes = [pointer, size, number, number, number, ctypes.c_int64]
    process.mmap.restype = pointer
    process.mprotect.argtypes = [pointer, size, number]
    process.munmap.argtypes = [pointer, size]
    return process.mmap, process.mprotect, process.munmap


def _map_pages(size: int) -> int:
    allocate = _memory_calls()[0]
    if WINDOWS:
        address = allocate(None, size, _WINDOWS_COMMIT_RESERVE, _WINDOWS_READ_WRITE)
    else:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
        address = allocate(None, size, _READ | _WRITE, flags, -1, 0)
    if address is None or address == ctypes.c_void_p(-1).value:
        raise ResourceError(f"code pages: {size} bytes cannot be mapped", cure="free some memory")
    return int(address)


def _protect_pages(address: int, size: int) -> None:
    protect = _memory_calls()[1]
    if WINDOWS:
        before = ctypes.c_uint32()
        done = protect(address, size, _WINDOWS_READ_EXECUTE, ctypes.byref(before)) != 0
    else:
        done = protect(address, size, _READ | _EXECUTE) == 0
    if not done:
        raise DeviceError(
            "code pages: the system refuses to make memory executable",
            cure="allow this process to run generated code, or use device='reference'",
        )


def _unmap_pages(address: int, size: int) -> None:
    free = _memory_calls()[2]
    if WINDOWS:
        free(address, 0, _WINDOWS_RELEASE)
    else:
        free(address, size)
