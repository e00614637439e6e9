# SPDX-License-Identifier: Apache-2.0
"""Ten thousand mutated models: a documented error or the right result, each within its limits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest
from onnx import parser
from tests.fuzz.mutants import SECONDS, mutant, seeds, tried

ROOT = Path(__file__).parents[2]
QUICK, WHOLE, RUN = 120, 10_000, 500


def run(start: int, count: int, cache: Path) -> None:
    """Try mutants in a process of their own; whatever takes it down names its mutant."""
    environment = {**os.environ, "INGOT_CACHE_DIR": str(cache), "INGOT_VERIFY": "on"}
    environment["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    command = [sys.executable, "-m", "tests.fuzz.mutants", str(start), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    told = [line for line in done.stdout.splitlines() if not line.startswith("mutant ")]
    last = [line for line in done.stdout.splitlines() if line.startswith("mutant ")][-1:]
    assert done.returncode == 0, "\n".join((*told[-60:], f"last: {last}", done.stderr[-2000:]))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    return folder


def test_the_first_mutants(cache: Path) -> None:
    run(0, QUICK, cache)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, WHOLE, RUN))
def test_every_mutant(start: int, cache: Path) -> None:
    run(start, RUN, cache)


ENDLESS = """<ir_version: 9, opset_import: ["" : 19]>
net (float[3] x) => (float[3] y, float[t, 3] all) {
    yes = Constant <value = bool {1}> ()
    y, all = Loop (, yes, x) <body = turn (int64 i, bool on, float[3] v) =>
        (bool again, float[3] w, float[3] s) { again = Identity (on) w = Neg (v) s = Abs (v) }>
}"""


def test_a_loop_that_never_ends_is_an_error_long_before_the_alarm() -> None:
    start = monotonic()
    assert tried(parser.parse_model(ENDLESS).SerializeToString(), 0) == "ResourceError"
    assert monotonic() - start < SECONDS / 2


def test_mutants_are_the_same_at_every_call() -> None:
    corpus = seeds()[:100]
    assert [mutant(corpus, n) for n in range(20)] == [mutant(corpus, n) for n in range(20)]
