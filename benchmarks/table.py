# SPDX-License-Identifier: Apache-2.0
"""The results as the tables of the README, between its `speed` and `budgets` markers.

python -m benchmarks.table            prints them
python -m benchmarks.table --write    puts them into README.md
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS

README = Path(__file__).parents[1] / "README.md"
MEGABYTE = 1e6


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Results as Markdown tables.")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--write", action="store_true", help="put them into README.md")
    options = parser.parse_args(arguments)
    text = README.read_text(encoding="utf-8")
    for name, make in (("speed", speed), ("budgets", budgets)):
        file = options.results / {"speed": "cpu.json", "budgets": "budgets.json"}[name]
        table = "\n".join(make(json.loads(file.read_text(encoding="utf-8"))))
        print(table, end="\n\n")
        text = replace(text, name, table)
    if options.write:
        README.write_text(text, encoding="utf-8")
    return 0


def replace(text: str, name: str, table: str) -> str:
    """`text` with `table` between the markers `name` and `/name`."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: f"{start}{table}\n{end}", text)


def where(machine: dict[str, Any]) -> str:
    """The machine, and whether others used it as well."""
    load, cores = machine["load_average"] or 0, machine["cores"]
    busy = f", shared with other work (load average {load})" if load > cores + 1 else ""
    return f"{machine['cpu']}, {cores} cores{busy}"


def speed(report: dict[str, Any]) -> Iterator[str]:
    """Milliseconds, and how much faster than each peer with its interval."""
    peers = list(report["rows"][0]["peers"])
    machine = report["machine"]
    versions = ", ".join(f"{name} {machine[name]}" for name in peers)
    yield f"Batch 1, fp32, {where(machine)}; {versions}.\n"
    yield f"| network | threads | Ingot ms | {' | '.join(f'over {peer}' for peer in peers)} |"
    yield "|---|---|---|" + "---|" * len(peers)
    for row in report["rows"]:
        ratios = (row["peers"][peer]["ratio"] for peer in peers)
        cells = (f"{r['median']:.2f}x ({r['low']:.2f} to {r['high']:.2f})" for r in ratios)
        time = row["ingot"]["median_ms"]
        yield f"| {row['network']} | {row['threads']} | {time:.1f} | {' | '.join(cells)} |"


def budgets(report: dict[str, Any]) -> Iterator[str]:
    """Seconds and megabytes."""
    yield f"{where(report['machine'])}.\n"
    yield "| network | cast s | engine MB | cold s | warm s | memory MB | ONNX Runtime's MB |"
    yield "|---|---|---|---|---|---|---|"
    for row in report["rows"]:
        yield (
            f"| {row['network']} | {row['cast_seconds']:.2f}"
            f" | {row['engine_bytes'] / MEGABYTE:.0f} | {row['forge_cold_seconds']:.2f}"
            f" | {row['forge_warm_seconds']:.2f} | {row['warm_peak_bytes'] / MEGABYTE:.0f}"
            f" | {row['onnxruntime_peak_bytes'] / MEGABYTE:.0f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
