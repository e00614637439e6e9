# SPDX-License-Identifier: Apache-2.0
"""The walk and its threads: right results at any number of threads, idle when there is no work."""

import ctypes
import gc
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from tests.unit.targets.cpu.handwritten import WALK

from ingot import trace
from ingot.targets.cpu.block import address, words
from ingot.targets.cpu.code import Code
from ingot.targets.cpu.team import Launch, Table, Team

THREADS = (1, 2, 3, 4)


class Chain:
    """Steps that each mix the whole of the last step's result, so a missing wait shows."""

    def __init__(self, code: Code, team: Team, rng: np.random.Generator, steps: int) -> None:
        self.size = int(rng.integers(1, 400))
        self.buffers = [words(self.size) for _ in range(steps + 1)]
        self.frames = [words(4) for _ in range(steps)]
        launches = []
        for index, frame in enumerate(self.frames):
            source, result = self.buffers[index : index + 2]
            frame[:] = index, address(source), address(result), self.size
            chunk = int(rng.choice([self.size, 1, 7, max(1, self.size // 8)]))
            launches.append(Launch(code.address("mirror"), address(frame), self.size, chunk))
        self.table: Table = team.table(launches)

    def check(self, team: Team, rng: np.random.Generator) -> None:
        expected = rng.integers(-99, 99, self.size)
        self.buffers[0][:] = expected
        assert team.run(self.table) == 0
        for _ in self.frames:
            expected = 3 * expected + expected[::-1]
        np.testing.assert_array_equal(self.buffers[-1], expected)


@pytest.mark.parametrize("threads", THREADS)
def test_random_tables_give_right_results(code, rng, threads) -> None:
    team = Team(code, WALK, threads)
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        chain = Chain(code, team, rng, int(rng.integers(1, 60)))
        for _ in range(rng.integers(1, 40)):
            chain.check(team, rng)
            if rng.random() < 0.02:
                time.sleep(rng.random() * 0.002)
        team.release(chain.table)
    team.stop()


def test_tables_of_one_team_take_turns(code, rng) -> None:
    team = Team(code, WALK, 3)
    chains = [Chain(code, team, rng, steps) for steps in (1, 5, 40, 3)]
    for _ in range(500):
        chains[rng.integers(len(chains))].check(team, rng)
    team.stop()


def test_two_threads_run_at_once_one_with_the_team_one_alone(code) -> None:
    team = Team(code, WALK, 2)
    failures = []

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        try:
            chain = Chain(code, team, rng, 20)
            for _ in range(300):
                chain.check(team, rng)
        except AssertionError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    team.stop()


def test_idle_workers_use_no_cpu_and_wake_for_the_next_run(code, rng) -> None:
    team = Team(code, WALK, 4)
    chain = Chain(code, team, rng, 30)
    for _ in range(20):
        chain.check(team, rng)
        time.sleep(0.005)  # long enough for every worker to fall asleep
    before = time.process_time()
    time.sleep(0.4)
    assert time.process_time() - before < 0.05
    chain.check(team, rng)
    team.stop()


def test_one_thread_starts_no_worker(code, rng) -> None:
    before = threading.active_count()
    team = Team(code, WALK, 1)
    chain = Chain(code, team, rng, 10)
    chain.check(team, rng)
    assert threading.active_count() == before


def test_stop_ends_the_workers_and_a_later_run_starts_new_ones(code, rng) -> None:
    team = Team(code, WALK, 3)
    chain = Chain(code, team, rng, 10)
    before = threading.active_count()
    for _ in range(3):
        while threading.active_count() == before:
            chain.check(team, rng)
        team.stop()
        assert threading.active_count() == before
    chain.check(team, rng)
    team.stop()


def test_a_team_that_is_collected_ends_its_workers(code, rng) -> None:
    before = threading.active_count()
    team = Team(code, WALK, 2)
    chain = Chain(code, team, rng, 10)
    while threading.active_count() == before:
        chain.check(team, rng)
    del team, chain
    gc.collect()
    assert threading.active_count() == before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
def test_a_forked_child_runs_with_threads_of_its_own(code, rng) -> None:
    team = Team(code, WALK, 2)
    chain = Chain(code, team, rng, 20)
    for _ in range(20):
        chain.check(team, rng)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            for _ in range(50):
                chain.check(team, rng)
            team.stop()
            status = 0
        finally:
            os._exit(status)
    for _ in range(50):
        chain.check(team, rng)
    assert os.waitpid(child, 0)[1] == 0
    team.stop()


EXIT = """
import numpy as np
from ingot.targets.cpu.code import Code
from ingot.targets.cpu.team import Team
from tests.unit.targets.cpu import handwritten
from tests.unit.targets.cpu.test_team import Chain
mirror = handwritten.image(handwritten.MIRROR)
code = Code({"mirror": mirror, handwritten.WALK: handwritten.walk_image()})
team = Team(code, handwritten.WALK, 3)
rng = np.random.default_rng(1)
chain = Chain(code, team, rng, 10)
for _ in range(10):
    chain.check(team, rng)
print("done")
"""


def test_an_interpreter_with_a_live_team_exits_cleanly() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", EXIT],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")


def test_denormals_are_kept_and_the_callers_mode_is_restored(code) -> None:
    """Flush-to-zero, set by the caller, does not reach the kernel and is still set afterwards."""
    library = ctypes.CDLL(None)
    environment = ctypes.create_string_buffer(64)
    try:
        get, put = library.fegetenv, library.fesetenv
    except AttributeError:
        pytest.skip("the C library has no fegetenv")
    get(environment)
    saved = bytes(environment.raw)
    if sys.maxsize < 2**32 or os.uname().machine != "x86_64":
        pytest.skip("knows the layout of x86-64 only")
    team = Team(code, WALK, 1)
    # A third of the smallest normal number times one is denormal.
    source = np.array([np.finfo(np.float32).tiny / 3, 1.0], np.float32)
    result = np.zeros(1, np.float32)
    frame = words(3)
    frame[:] = 0, source.ctypes.data, result.ctypes.data
    table = team.table([Launch(code.address("product"), address(frame), 1, 1)])
    expected = float(source[0])
    mxcsr = int.from_bytes(saved[28:32], "little") | 0x8040  # flush to zero, denormals are zero
    put(ctypes.create_string_buffer(saved[:28] + mxcsr.to_bytes(4, "little") + saved[32:], 64))
    try:
        team.run(table)
        get(environment)
        after = int.from_bytes(environment.raw[28:32], "little")
    finally:
        put(ctypes.create_string_buffer(saved, 64))
    assert after & 0x8040 == 0x8040
    assert float(result[0]) == expected > 0


def test_a_timed_run_records_each_step(code, rng) -> None:
    team = Team(code, WALK, 2)
    chain = Chain(code, team, rng, 12)
    chain.table.time(True)
    start = time.perf_counter()
    chain.check(team, rng)
    whole = time.perf_counter() - start
    seconds = chain.table.seconds()
    assert len(seconds) == 12
    assert min(seconds) >= 0
    assert 0 < sum(seconds) < whole
    team.stop()


def test_workers_that_are_not_there_are_not_waited_for(code, rng, monkeypatch) -> None:
    monkeypatch.setattr("ingot.targets.cpu.team._Crew.hire", lambda crew, count: None)
    team = Team(code, WALK, 4)
    chain = Chain(code, team, rng, 40)
    assert chain.table.shared
    for _ in range(50):
        chain.check(team, rng)


def test_threads_that_cannot_be_started_are_done_without(code, rng, monkeypatch) -> None:
    def refuse(thread) -> None:
        raise RuntimeError("can't start new thread")

    team = Team(code, WALK, 4)
    chain = Chain(code, team, rng, 40)
    with monkeypatch.context() as patch, trace.record() as events:
        patch.setattr(threading.Thread, "start", refuse)
        chain.check(team, rng)
    assert "can't start new thread" in events[0]["name"]
    chain.check(team, rng)
    team.stop()
