# SPDX-License-Identifier: Apache-2.0
"""`ingot explain`: what casting does to a model, rewrite by rewrite, and what it nearly did."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from ingot import optimize
from ingot.cli.shared import write_json
from ingot.ir.edit import NearMiss, Record
from ingot.ir.graph import Graph
from ingot.ir.text import print_graph
from ingot.onnx import read

MISSES_SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("model", metavar="MODEL.onnx", type=Path, help="model to cast")
    parser.add_argument(
        "--stop-at", type=int, metavar="N", help="do the first N rewrites only (to bisect)"
    )
    parser.add_argument("--rewrites", action="store_true", help="list every rewrite")
    parser.add_argument("--text", action="store_true", help="print the graph that comes out")
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """Read, optimise with a record, tell."""
    before = read(options.model)
    record = Record(explain=True)
    after = optimize.run(before, stop_at=options.stop_at, report=record)
    misses = sorted(record.misses.values(), key=_distance)
    if options.json:
        write_json(_document(before, after, record, misses), None)
    elif options.text:
        print(print_graph(after), end="")
    else:
        _print(before, after, record, misses, rewrites=options.rewrites)
    return 0


def _distance(miss: NearMiss) -> tuple[int, int]:
    return miss.total - miss.matched, -miss.matched


def _document(
    before: Graph, after: Graph, record: Record, misses: Sequence[NearMiss]
) -> dict[str, object]:
    return {
        "nodes_read": len(before.nodes),
        "nodes_left": len(after.nodes),
        "operators": dict(Counter(node.op for node in after.nodes)),
        "rewrites": [asdict(rewrite) for rewrite in record.rewrites],
        "near_misses": [asdict(miss) for miss in misses],
    }


def _print(
    before: Graph,
    after: Graph,
    record: Record,
    misses: Sequence[NearMiss],
    *,
    rewrites: bool,
) -> None:
    print(f"{len(before.nodes)} nodes read, {len(after.nodes)} left after casting:")
    for op, count in Counter(node.op for node in after.nodes).most_common():
        print(f"  {count:6} {op}")
    print(f"{len(record.rewrites)} rewrites:")
    if rewrites:
        for rewrite in record.rewrites:
            print(f"  {rewrite}")
    else:
        for rule, count in Counter(rewrite.rule for rewrite in record.rewrites).most_common():
            print(f"  {count:6} {rule}")
    if misses:
        print(f"rules that nearly applied ({len(misses)}, the nearest first):")
        for miss in misses[:MISSES_SHOWN]:
            print(f"  {miss}")
