# SPDX-License-Identifier: Apache-2.0
"""Processes that fork or end while threads are inside a run: clean, quick, and right."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import ingot

DIGITS = next((Path(__file__).parents[2] / "examples" / "digits").glob("*.onnx"))
SCRIPT = """
import os, sys, threading, time
import numpy as np
import ingot

def busy(strategy):
    session = ingot.load(ingot.build(sys.argv[1]), device="cpu", threads=2, specialize=strategy)
    x = {"image": np.random.default_rng(0).uniform(0, 1, (64, 1, 8, 8)).astype(np.float32)}
    first = session.run(x)
    def forever():
        while True:
            session.run(x)
    for _ in range(4):
        threading.Thread(target=forever, daemon=True).start()
    time.sleep(0.2)
    return session, x, first
"""
ENDING = """
busy("lazy")
print("the end")
"""
# Python 3.12 warns that forking while threads run is a risk: that is what is tested.
FORKING = """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)
session, x, first = busy("eager")
for _ in range(10):
    child = os.fork()
    if child == 0:
        try:
            found = session.run(x)
            with session.clone() as clone:
                again = clone.run(x)
            same = all(np.array_equal(found[k], first[k]) for k in first)
            os._exit(0 if same and np.array_equal(again["logits"], first["logits"]) else 3)
        except BaseException:
            os._exit(4)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print("the end")
"""


def run(script: str, folder: Path) -> None:
    variables = {
        "PYTHONPATH": str(Path(ingot.__file__).parents[1]),
        "INGOT_CACHE_DIR": str(folder / "cache"),
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT + script, str(DIGITS)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "the end\n", "")


def test_an_interpreter_ends_while_threads_run(tmp_path: Path) -> None:
    run(ENDING, tmp_path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_process_forks_while_threads_run(tmp_path: Path) -> None:
    run(FORKING, tmp_path)
