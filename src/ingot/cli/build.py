# SPDX-License-Identifier: Apache-2.0
"""`ingot build`: cast a model, write the engine."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from pathlib import Path

import ingot
from ingot.cli.shared import (
    add_precision_options,
    add_report_options,
    progress,
    timed,
    write_json,
)
from ingot.errors import UsageError

Shape = tuple[int, ...]
_SHAPE = re.compile(r"\d+(x\d+)*")


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("model", metavar="MODEL.onnx", type=Path, help="model to cast")
    parser.add_argument(
        "-o", "--output", type=Path, help="engine to write (default: MODEL.ingot beside the model)"
    )
    parser.add_argument(
        "--profile", action="append", default=[], metavar="NAME:MIN..[OPT..]MAX",
        help="limits of a free size (batch:1..64) or an input (x:1x3x64x64..8x3x512x512)",
    )  # fmt: skip
    parser.add_argument("--strip-weights", action="store_true", help="leave out what refit gives")
    parser.add_argument(
        "--refittable", action="store_true", help="no rewrite that looks at the values of weights"
    )
    parser.add_argument(
        "--strict-nans", action="store_true", help="no rewrite that is right for numbers only"
    )
    add_precision_options(parser)
    parser.add_argument("--memory-limit", type=int, metavar="MB", help="most that weights may take")
    parser.add_argument("--verify", action="store_true", help="verify the graph after every pass")
    parser.add_argument("--json", action="store_true", help="report as JSON")
    add_report_options(parser)


def run(options: argparse.Namespace) -> int:
    """Cast, save, report."""
    output: Path = options.output or options.model.with_suffix(".ingot")
    if output.resolve() == options.model.resolve():
        raise UsageError(f"--output '{output}': is the model itself", cure="name another file")
    limit = options.memory_limit
    start = time.perf_counter()
    with timed("cast", options.verbose), progress("casting") as report:
        engine = ingot.build(
            options.model,
            profiles=parse_profiles(options.profile),
            strip_weights=options.strip_weights,
            refittable=options.refittable,
            strict_nans=options.strict_nans,
            precision=options.precision,
            memory_limit=None if limit is None else limit * 1_000_000,
            verify=options.verify,
            progress=report,
        )
    cast = time.perf_counter() - start
    with timed("save", options.verbose):
        engine.save(output)
    _report(options, engine, output, cast)
    return 0


def parse_profiles(texts: Sequence[str]) -> dict[str, tuple[int, ...] | tuple[Shape, ...]]:
    """`NAME:MIN..OPT..MAX` texts: whole numbers for a free size, `1x3x64x64` for an input."""
    profiles: dict[str, tuple[int, ...] | tuple[Shape, ...]] = {}
    for text in texts:
        name, _, limits = text.rpartition(":")
        parts = limits.split("..")
        if not name or len(parts) not in (2, 3) or not all(map(_SHAPE.fullmatch, parts)):
            raise UsageError(f"--profile '{text}': must be NAME:MIN..MAX or NAME:MIN..OPT..MAX")
        if "x" in limits:
            profiles[name] = tuple(tuple(map(int, part.split("x"))) for part in parts)
        else:
            profiles[name] = tuple(map(int, parts))
    return profiles


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
