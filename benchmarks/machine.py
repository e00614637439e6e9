# SPDX-License-Identifier: Apache-2.0
"""What a result must say about where it was measured."""

from __future__ import annotations

import json
import os
import platform
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

import ingot
from ingot import host
from ingot.targets import open_target

PACKAGES = ("numpy", "llvmlite", "onnxruntime", "openvino")
RESULTS = Path(__file__).parent / "results"


def machine() -> dict[str, Any]:
    """CPU, cores and versions."""
    spec = open_target("cpu").spec
    return {
        "cpu": _cpu_name(),
        "cores": host.physical_cores(),
        "load_average": _load_average(),
        "vector_bits": spec.vector_bits,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "ingot": ingot.__version__,
        **{name: _version(name) for name in PACKAGES},
    }


def _load_average() -> float | None:
    """How many processes wanted to run over the last five minutes, this one included."""
    return round(os.getloadavg()[1], 1) if hasattr(os, "getloadavg") else None


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def write_results(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows beside the day and the machine that they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"date": date.today().isoformat(), "machine": machine(), "rows": rows}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
