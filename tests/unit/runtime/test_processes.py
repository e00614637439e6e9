# SPDX-License-Identifier: Apache-2.0
"""Real sessions and the process around them: threads, forks, exits, warm starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import ingot
from ingot.ops.evaluate import evaluate_graph

ROOT = Path(__file__).parents[3]
DIGITS = ROOT / "examples" / "digits" / "digits.onnx"
KEPT = ROOT / "tests" / "engines" / "version-1.ingot"
PREAMBLE = f"""
import os, sys, time
import numpy as np
import ingot
engine = ingot.build({str(DIGITS)!r})
def images(batch, seed=0):
    return {{"image": np.random.default_rng(seed).random((batch, 1, 8, 8), np.float32)}}
def same(a, b):
    assert np.allclose(a["logits"], b["logits"], rtol=1e-4, atol=1e-5)
"""


def images(batch, seed=0):
    return {"image": np.random.default_rng(seed).random((batch, 1, 8, 8), np.float32)}


@pytest.fixture(scope="module")
def digits():
    return ingot.build(DIGITS)


def assert_right(engine, found, given):
    for name, expected in evaluate_graph(engine.graph, given).items():
        error = np.linalg.norm(found[name] - expected) / np.linalg.norm(expected)
        assert error < 2e-6


def run_script(body, tmp_path, *, timeout=60, returncode=0, **environment):
    """Run a script in a fresh interpreter, with a cache of its own."""
    variables = {
        "PYTHONPATH": str(ROOT / "src"),
        "INGOT_CACHE_DIR": str(tmp_path / "cache"),
        "INGOT_THREADS": "2",
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + body],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == returncode, done.stderr
    return done


@pytest.mark.parametrize("specialize", ["lazy", "eager", "none"])
def test_strategies_agree(digits, specialize):
    with ingot.load(digits, device="cpu", specialize=specialize, threads=2) as session:
        for batch in (1, 5, 1, 2):
            assert_right(digits, session.run(images(batch, batch)), images(batch, batch))
        session.wait_ready()
        for batch in (5, 2, 1):
            assert_right(digits, session.run(images(batch, 9)), images(batch, 9))


def test_an_empty_batch(digits):
    with ingot.load(digits, device="cpu") as session:
        assert session.run(images(0))["logits"].shape == (0, 10)


def test_a_graph_is_loaded_as_it_is(digits):
    with ingot.load(digits.graph, device="cpu", specialize="none") as session:
        assert_right(digits, session.run(images(2)), images(2))


def test_two_sessions_at_once(digits):
    one = ingot.load(digits, device="cpu", threads=2)
    two = ingot.load(digits, device="cpu", threads=1, specialize="eager")
    with one, two, ThreadPoolExecutor(2) as threads:
        given = [images(1 + case % 4, case) for case in range(40)]
        first = threads.map(one.run, given)
        second = threads.map(two.run, given)
        for inputs, a, b in zip(given, first, second, strict=True):
            assert_right(digits, a, inputs)
            assert_right(digits, b, inputs)


def test_four_threads_on_one_session_and_its_clone(digits):
    with ingot.load(digits, device="cpu", threads=2) as session:
        clone = session.clone()
        given = [images(1 + case % 3, case) for case in range(80)]
        with clone, ThreadPoolExecutor(4) as threads:
            runs = [(session, clone)[case % 2].run for case in range(80)]
            found = threads.map(lambda run, inputs: run(inputs), runs, given)
            for inputs, outputs in zip(given, found, strict=True):
                assert_right(digits, outputs, inputs)


def test_bound_outputs_are_written_in_place(digits):
    mine = np.full((3, 10), np.nan, np.float32)
    with ingot.load(digits, device="cpu") as session:
        for seed in range(3):
            assert session.run(images(3, seed), {"logits": mine})["logits"] is mine
            assert_right(digits, {"logits": mine}, images(3, seed))


def test_a_profile_names_source_nodes_and_rates(digits):
    with ingot.load(digits, device="cpu", specialize="eager") as session:
        session.run(images(64))
        profile = session.profile(repeats=3)
    nodes = {node for step in profile.steps for node in step.nodes}
    assert "/7/Gemm" in nodes
    assert all(step.candidate and step.kernel for step in profile.steps)
    assert profile.milliseconds == pytest.approx(sum(s.milliseconds for s in profile.steps))
    assert max(step.gflops for step in profile.steps) > 1
    assert str(profile).count("\n") == len(profile.steps) + 1


def test_a_warm_start_needs_neither_graph_nor_compiler(digits, tmp_path):
    path = tmp_path / "digits.ingot"
    digits.save(path)
    body = f"""
session = ingot.load({str(path)!r}, device="cpu", specialize="eager")
outputs = session.run(images(2))
stats, total = session.stats, outputs["logits"].sum()
print(stats.kernels_compiled, stats.plans_cached, "llvmlite" in sys.modules, total)
"""
    cold = run_script(body, tmp_path).stdout.split()
    warm = run_script(body, tmp_path).stdout.split()
    assert int(cold[0]) > 0 and cold[1] == "0"
    assert warm[:3] == ["0", "1", "False"]
    assert warm[3] == cold[3]


def test_sessions_may_live_when_the_interpreter_ends(tmp_path):
    body = """
sessions = [ingot.load(engine, device="cpu", specialize="lazy", threads=2) for _ in range(2)]
for batch in (1, 2, 3, 4, 5, 6):
    for session in sessions:
        session.run(images(batch))
print(sessions[0].state)
"""
    start = time.perf_counter()
    run_script(body, tmp_path)
    assert time.perf_counter() - start < 45


def test_a_session_is_freed_without_close(tmp_path):
    body = """
import threading
for _ in range(20):
    session = ingot.load(engine, device="cpu", specialize="eager", threads=2)
    session.run(images(2))
    del session
time.sleep(0.2)
assert threading.active_count() < 8, threading.enumerate()
"""
    run_script(body, tmp_path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("specialize", ["lazy", "eager"])
def test_fork_with_live_sessions(specialize, tmp_path):
    body = f"""
session = ingot.load(engine, device="cpu", specialize={specialize!r}, threads=2)
expected = session.run(images(3))
child = os.fork()
if child == 0:
    same(session.run(images(3)), expected)
    session.run(images(4))
    with ingot.load(engine, device="cpu", threads=2) as other:
        same(other.run(images(3)), expected)
    sys.exit(0)
same(session.run(images(3)), expected)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
same(session.run(images(3)), expected)
"""
    run_script(body, tmp_path)


def test_an_interrupt_ends_the_process(tmp_path):
    # A shell starts its background jobs with the signal ignored.
    body = """
import signal, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
session = ingot.load(engine, device="cpu", specialize="lazy", threads=2)
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
while True:
    session.run(images(8))
"""
    done = run_script(body, tmp_path, returncode=-2 if os.name != "nt" else 1)
    assert "KeyboardInterrupt" in done.stderr
