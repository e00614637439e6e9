# SPDX-License-Identifier: Apache-2.0
"""Seconds to cast and to forge, and peak memory, each job in a process of its own.

    python -m benchmarks.budgets --folder /tmp/networks

Peak memory is the largest resident size of the process and its children together, looked at from
outside every few milliseconds; ONNX Runtime is measured in the same way.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machine import RESULTS, write_results
from benchmarks.networks import NAMES, network

ROOT = Path(__file__).parents[1]
PERIOD = 0.005
MEGABYTE = 1e6
HEADER = (
    f"{'network':22}{'cast s':>8}{'save s':>8}{'MB':>8}{'cold s':>8}{'warm s':>8}"
    f"{'cold MB':>9}{'warm MB':>9}{'peer MB':>9}"
)


@dataclass(frozen=True)
class Outcome:
    """What a task printed, and its peak memory in bytes."""

    facts: dict[str, Any]
    peak: int


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Casting, forging and memory budgets.")
    parser.add_argument("networks", nargs="*", default=list(NAMES))
    parser.add_argument("--folder", type=Path, required=True, help="where networks are kept")
    parser.add_argument("--output", type=Path, default=RESULTS / "budgets.json")
    options = parser.parse_args(arguments)
    rows = []
    print(HEADER)
    for name in options.networks:
        rows.append(measure(name, options.folder))
        print(_line(rows[-1]), flush=True)
    write_results(options.output, rows)
    return 0


def measure(name: str, folder: Path) -> dict[str, Any]:
    """Cast, forge without and with a warm cache, and ONNX Runtime."""
    chosen = network(name, folder)
    with tempfile.TemporaryDirectory() as scratch:
        engine, inputs, cache = (f"{scratch}/{part}" for part in ("engine", "inputs.npz", "cache"))
        np.savez(inputs, **chosen.inputs)  # type: ignore[arg-type]  # keywords are arrays
        cast = run_task("cast", str(chosen.model), engine)
        cold = run_task("forge", engine, inputs, cache)
        warm = run_task("forge", engine, inputs, cache)
        peer = run_task("onnxruntime", str(chosen.model), inputs)
    assert warm.facts["kernels_compiled"] == 0, "the second forging must find everything"
    return {
        "network": name,
        "cast_seconds": cast.facts["cast"],
        "save_seconds": cast.facts["save"],
        "engine_bytes": cast.facts["bytes"],
        "cast_peak_bytes": cast.peak,
        "forge_cold_seconds": cold.facts["forge"],
        "forge_warm_seconds": warm.facts["forge"],
        "kernels": cold.facts["kernels_compiled"],
        "cold_peak_bytes": cold.peak,
        "warm_peak_bytes": warm.peak,
        "onnxruntime_load_seconds": peer.facts["load"],
        "onnxruntime_peak_bytes": peer.peak,
    }


def run_task(task: str, *arguments: str) -> Outcome:
    """Run a task and watch its memory."""
    command = [sys.executable, "-m", "benchmarks.task", task, *arguments]
    path = os.pathsep.join(map(str, (ROOT, ROOT / "src")))
    environment = os.environ | {"PYTHONPATH": path}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _tree_bytes(process.pid))
        time.sleep(PERIOD)
    output, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"task {task} {' '.join(arguments)} failed")
    return Outcome(json.loads(output.splitlines()[-1]), peak)


def _tree_bytes(process: int) -> int:
    """Resident bytes of a process and everything below it; pages they share count for each."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
        children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    except OSError:
        return 0
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    resident = int(lines.get("VmRSS", "0 kB").split()[0]) << 10
    return resident + sum(_tree_bytes(int(child)) for child in children.split())


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['network']:22}{row['cast_seconds']:8.2f}{row['save_seconds']:8.2f}"
        f"{row['engine_bytes'] / MEGABYTE:8.1f}{row['forge_cold_seconds']:8.2f}"
        f"{row['forge_warm_seconds']:8.3f}{row['cold_peak_bytes'] / MEGABYTE:9.0f}"
        f"{row['warm_peak_bytes'] / MEGABYTE:9.0f}{row['onnxruntime_peak_bytes'] / MEGABYTE:9.0f}"
    )


if __name__ == "__main__":
    sys.exit(main())
