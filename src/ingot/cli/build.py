# SPDX-License-Identifier: Apache-2.0
"""`ingot build`: cast a model, write the engine."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import ingot
from ingot.cli.shared import add_report_options, progress, timed, write_json
from ingot.errors import UsageError


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("model", metavar="MODEL.onnx", type=Path, help="model to cast")
    parser.add_argument(
        "-o", "--output", type=Path, help="engine to write (default: MODEL.ingot beside the model)"
    )
    parser.add_argument(
        "--profile", action="append", default=[], metavar="SIZE:MIN..MAX",
        help="range of a free size, as in batch:1..64",
    )  # fmt: skip
    parser.add_argument("--strip-weights", action="store_true", help="leave out what refit gives")
    parser.add_argument("--verify", action="store_true", help="verify the graph after every pass")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    add_report_options(parser)


def run(options: argparse.Namespace) -> int:
    """Cast, save, report."""
    output: Path = options.output or options.model.with_suffix(".ingot")
    if output.resolve() == options.model.resolve():
        raise UsageError(f"--output '{output}': is the model itself", cure="name another file")
    start = time.perf_counter()
    with timed("cast", options.verbose), progress("casting") as report:
        engine = ingot.build(options.model, progress=report)
    cast = time.perf_counter() - start
    with timed("save", options.verbose):
        engine.save(output)
    _report(options, engine, output, cast)
    return 0


def _report(options: argparse.Namespace, engine: ingot.Engine, output: Path, cast: float) -> None:
    size = output.stat().st_size
    facts = {
        "engine": str(output),
        "nodes": engine.info.nodes,
        "parameters": engine.info.parameters,
        "bytes": size,
        "cast_seconds": cast,
    }
    if options.json:
        write_json(facts, None)
    else:
        print(
            f"{output}: {engine.info.nodes} nodes, {engine.info.parameters:,} parameters,"
            f" {size / 1e6:.1f} MB, cast in {cast:.2f} s"
        )
