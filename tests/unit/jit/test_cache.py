# SPDX-License-Identifier: Apache-2.0
"""The runtime cache on disk: whole entries or none, shared by processes, never in the way."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest

from ingot import host, trace
from ingot.errors import UsageError
from ingot.jit.cache import Cache, open_cache

needs_posix = pytest.mark.skipif(os.name == "nt", reason="about POSIX modes")


@pytest.fixture
def cache(tmp_path) -> Cache:
    (tmp_path / "cache").mkdir()
    return Cache(tmp_path / "cache")


def said(events) -> str:
    return "\n".join(event["name"] for event in events)


def test_what_is_stored_is_loaded(cache, rng) -> None:
    contents = {f"entry-{i}": rng.bytes(int(rng.integers(0, 5000))) for i in range(20)}
    for name, content in contents.items():
        cache.store(name, content)
    assert {name: cache.load(name) for name in contents} == contents
    assert cache.load("another") is None


def test_names_of_any_kind(cache) -> None:
    names = ["../up", "a/b", "", "UPPER", "upper", "x" * 500, "nul\0", "é"]
    for name in names:
        cache.store(name, name.encode() + b"!")
    assert [cache.load(name) for name in names] == [name.encode() + b"!" for name in names]
    assert all(path.parent == cache.directory for path in cache.directory.iterdir())
    assert len(list(cache.directory.parent.iterdir())) == 1


def test_images_are_kept_by_key(cache, rng) -> None:
    images = {f"{i:032x}": rng.bytes(100) for i in range(5)}
    cache.store_images(images)
    assert cache.load_images([*images, "f" * 32]) == images


def test_storing_again_replaces(cache) -> None:
    for content in (b"one", b"two", b"three"):
        cache.store("entry", content)
    assert cache.load("entry") == b"three"
    assert len(cache.entries()) == 1


def test_every_damage_is_a_miss_and_is_said(cache, rng) -> None:
    cache.store("entry", rng.bytes(300))
    (path,) = cache.directory.iterdir()
    good = path.read_bytes()
    damaged = [good[:size] for size in range(0, len(good), 7)] + [good + b"x"]
    for _ in range(100):
        data = bytearray(good)
        data[rng.integers(len(data))] ^= 1 << rng.integers(8)
        damaged.append(bytes(data))
    for data in damaged:
        path.write_bytes(data)
        with trace.record() as events:
            assert cache.load("entry") is None
        assert "is damaged" in said(events)
    path.write_bytes(good)
    assert cache.load("entry") is not None


def test_an_entry_under_another_name_is_not_taken(cache) -> None:
    cache.store("entry", b"content")
    (path,) = cache.directory.iterdir()
    path.rename(path.with_name("other.entry"))
    assert cache.load("other") is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path) -> None:
    place = tmp_path / "file"
    place.write_text("in the way")
    with trace.record() as events:
        Cache(place).store("entry", b"content")
        assert Cache(place).load("entry") is None
    assert "cannot write" in said(events)


def test_pruning_removes_the_least_recently_used(cache) -> None:
    now = time.time()
    for number in range(10):
        cache.store(f"entry-{number}", bytes(1000))
        os.utime(cache._path(f"entry-{number}"), (now - 1000 * number, now - 1000 * number))
    each = cache.size() // 10
    assert each >= 1000
    removed = cache.prune(4 * each)
    assert [entry.name for entry in removed] == [f"entry-{n}" for n in range(9, 3, -1)]
    assert cache.size() == 4 * each
    removed = cache.prune(4 * each, max_age=1500)
    assert [entry.name for entry in removed] == ["entry-3", "entry-2"]
    assert len(cache.clear()) == 2
    assert cache.entries() == []


def test_use_counts_as_recent(cache) -> None:
    for name in ("first", "second"):
        cache.store(name, b"x")
        os.utime(cache._path(name), (1e9, 1e9))
    cache.load("first")
    assert [entry.name for entry in cache.entries()] == ["second", "first"]


def test_pruning_removes_what_killed_writers_left(cache) -> None:
    cache.store("entry", b"content")
    old, new = (cache.directory / f".entry.entry.{n}.ab12" for n in (1, 2))
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    cache.prune(1 << 20)
    assert not old.exists()
    assert new.exists()
    assert cache.load("entry") == b"content"


def test_a_named_directory_is_made(tmp_path) -> None:
    place = tmp_path / "a" / "b"
    assert open_cache(place).directory == place
    assert place.is_dir()
    if os.name != "nt":
        assert place.stat().st_mode & 0o777 == 0o700


def test_a_named_directory_that_cannot_be_made_is_an_error(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"cannot be made.*; name a directory"):
        open_cache(tmp_path / "file" / "below")


@pytest.fixture
def own(monkeypatch, tmp_path):
    """The user's own cache directory, in a home of this test."""
    monkeypatch.delenv("INGOT_CACHE_DIR", raising=False)
    monkeypatch.setattr(host, "cache_directory", lambda: tmp_path / "ingot")
    monkeypatch.setattr("ingot.knobs.CACHE_DIR", replaced(tmp_path / "ingot"))
    return tmp_path / "ingot"


def replaced(path):
    class Stub:
        @staticmethod
        def get():
            return path

    return Stub()


@needs_posix
def test_the_users_own_directory_is_private(own) -> None:
    assert open_cache().directory == own
    assert own.stat().st_mode & 0o777 == 0o700


@needs_posix
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o750, 0o705])
def test_a_directory_that_others_may_use_is_not_used(own, mode) -> None:
    own.mkdir()
    own.chmod(mode)
    with trace.record() as events:
        assert open_cache() is None
    assert "chmod 700" in said(events)


@needs_posix
def test_a_directory_of_another_user_or_a_link_is_not_used(own, monkeypatch, tmp_path) -> None:
    own.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: own.stat().st_uid + 1)
    with trace.record() as events:
        assert open_cache() is None
    assert "another user" in said(events)
    own.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    own.symlink_to(tmp_path / "elsewhere")
    with trace.record() as events:
        assert open_cache() is None
    assert "not a directory" in said(events)


def test_the_environment_names_a_directory(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("INGOT_CACHE_DIR", str(tmp_path / "named"))
    assert open_cache().directory == tmp_path / "named"


def write_and_read(directory, seed: int) -> None:
    cache = Cache(directory)
    for turn in range(200):
        name = f"entry-{(seed + turn) % 5}"
        cache.store(name, name.encode() * (1000 + seed))
        found = cache.load(name)
        assert found is not None
        assert len(found) % len(name) == 0
        assert found == name.encode() * (len(found) // len(name))


def test_processes_share_a_cache(cache) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(target=write_and_read, args=(cache.directory, seed)) for seed in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * 4
    assert len(list(cache.directory.iterdir())) == 5


WRITER = """
import sys
from pathlib import Path
from ingot.jit.cache import Cache
cache = Cache(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    number += 1
    cache.store("entry", bytes([number % 256]) * 2_000_000)
"""


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_a_killed_writer_leaves_whole_entries(cache, rng) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(5):
        command = [sys.executable, "-c", WRITER, str(cache.directory)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as writer:
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(0.05 + 0.1 * rng.random())
            writer.send_signal(signal.SIGKILL)
        with trace.record() as events:
            content = cache.load("entry")
        assert content is not None
        assert content == content[:1] * 2_000_000
        assert "damaged" not in said(events)
