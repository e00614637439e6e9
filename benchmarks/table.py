# SPDX-License-Identifier: Apache-2.0
"""The results as tables, between the markers of their names in README.md and docs/benchmarks.md.

python -m benchmarks.table            prints them
python -m benchmarks.table --write    puts them into the pages
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.machine import RESULTS

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGE = ROOT / "docs" / "benchmarks.md"
MEGABYTE = 1e6


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Results as Markdown tables.")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--write", action="store_true", help="put them into the pages")
    options = parser.parse_args(arguments)
    for name, file, page, make in (
        ("speed", "cpu.json", README, speed),
        ("budgets", "budgets.json", README, budgets),
        ("networks", "networks.json", PAGE, networks),
    ):
        report = json.loads((options.results / file).read_text(encoding="utf-8"))
        table = "\n".join(make(report))
        print(table, end="\n\n")
        if options.write:
            text = page.read_text(encoding="utf-8")
            page.write_text(replace(text, name, table), encoding="utf-8")
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


def networks(report: dict[str, Any]) -> Iterator[str]:
    """The greatest error of each network with its bound there, and the times over a peer's."""
    machine = report["machine"]
    yield (
        f"{where(machine)}, {machine['vector_bits']}-bit vectors, one thread, {report['date']}; "
        f"onnxruntime {machine['onnxruntime']}.\n"
    )
    yield "| network | sizes | error | allowed | time over ONNX Runtime's |"
    yield "|---|---|---|---|---|"
    for name, group in groupby(report["rows"], key=lambda row: row["name"]):
        rows = list(group)
        worst = max(rows, key=lambda row: row["error"] / row["bound"])
        times = sorted(row["ratio"] for row in rows if row["ratio"] is not None)
        ends = dict.fromkeys((times[0], times[-1])) if times else ()
        spread = " to ".join(f"{time:.2f}x" for time in ends) or "it cannot run it"
        yield f"| {name} | {len(rows)} | {worst['error']:.1g} | {worst['bound']:.1g} | {spread} |"


if __name__ == "__main__":
    sys.exit(main())
