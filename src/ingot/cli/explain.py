# SPDX-License-Identifier: Apache-2.0
"""`ingot explain`: what casting does to a model, rewrite by rewrite, and what it nearly did."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from ingot.casting import Explanation, explain
from ingot.cli.shared import add_precision_options, write_json

MISSES_SHOWN = 20
FAILED = 1


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("model", metavar="MODEL.onnx", type=Path, help="model to cast")
    parser.add_argument(
        "--stop-at", type=int, metavar="N", help="do the first N rewrites only (to bisect)"
    )
    add_precision_options(parser)
    parser.add_argument("--rewrites", action="store_true", help="list every rewrite")
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """Cast with a record and tell; fails where a node stands in the way."""
    explanation = explain(options.model, stop_at=options.stop_at, precision=options.precision)
    if options.json:
        write_json(asdict(explanation), None)
    elif explanation.obstacles:
        _print_obstacles(explanation)
    else:
        _print(explanation, rewrites=options.rewrites)
    return FAILED if explanation.obstacles else 0


def _print_obstacles(explanation: Explanation) -> None:
    found, nodes, blocked = explanation.obstacles, explanation.nodes, explanation.blocked
    print(f"{len(found)} obstacles in {nodes} nodes, {blocked} nodes behind them not judged:")
    for obstacle in found:
        print(f"  {obstacle}")
    print("by operator:")
    for (op, reason), count in Counter((o.op, o.reason) for o in found).most_common():
        print(f"  {count:6} {op}: {reason}")


def _print(explanation: Explanation, *, rewrites: bool) -> None:
    read, left = explanation.read, explanation.left
    print(f"{sum(read.values())} nodes read, {sum(left.values())} left after casting:")
    for op, count in left.items():
        print(f"  {count:6} {op}")
    print(f"{len(explanation.rewrites)} rewrites:")
    if rewrites:
        for rewrite in explanation.rewrites:
            print(f"  {rewrite}")
    else:
        rules = Counter(rewrite.rule for rewrite in explanation.rewrites)
        for rule, count in rules.most_common():
            print(f"  {count:6} {rule}")
    if misses := explanation.misses:
        print(f"rules that nearly applied ({len(misses)}, the nearest first):")
        for miss in misses[:MISSES_SHOWN]:
            print(f"  {miss}")
