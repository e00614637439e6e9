# SPDX-License-Identifier: Apache-2.0
"""One job in a process of its own, for `budgets`: cast, forge, or ten runs. Prints JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RUNS = 10


def cast(model: str, engine: str) -> dict[str, float]:
    import ingot  # noqa: PLC0415  (a task loads only what it measures)

    build, engine_class = ingot.build, ingot.Engine
    start = time.perf_counter()
    made = build(model)
    built = time.perf_counter()
    made.save(engine)
    saved = time.perf_counter()
    assert isinstance(made, engine_class)
    return {"cast": built - start, "save": saved - built, "bytes": Path(engine).stat().st_size}


def forge(engine: str, inputs: str, cache: str) -> dict[str, float]:
    import ingot  # noqa: PLC0415  (as above)

    load = ingot.load
    given = _inputs(inputs)
    start = time.perf_counter()
    session = load(engine, device="cpu", cache_dir=cache, specialize="eager")
    session.prepare({name: array.shape for name, array in given.items()})
    seconds = time.perf_counter() - start
    for _ in range(RUNS):
        session.run(given)
    compiled = session.stats.kernels_compiled
    session.close()
    return {"forge": seconds, "kernels_compiled": compiled}


def onnxruntime(model: str, inputs: str) -> dict[str, float]:
    import onnxruntime as library  # noqa: PLC0415  (as above)

    given = _inputs(inputs)
    start = time.perf_counter()
    session = library.InferenceSession(model, providers=["CPUExecutionProvider"])
    seconds = time.perf_counter() - start
    for _ in range(RUNS):
        session.run(None, given)
    return {"load": seconds}


def _inputs(path: str) -> dict[str, np.ndarray]:
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


TASKS: dict[str, Callable[..., dict[str, float]]] = {
    "cast": cast,
    "forge": forge,
    "onnxruntime": onnxruntime,
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
