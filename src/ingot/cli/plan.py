# SPDX-License-Identifier: Apache-2.0
"""`ingot plan`: forge an engine for devices that are not there, into a cache to ship with it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import ingot
from ingot.cli.shared import (
    add_report_options,
    add_source,
    open_source,
    progress,
    timed,
    write_json,
)
from ingot.errors import UsageError
from ingot.runtime import Preforged


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    add_source(parser)
    parser.add_argument(
        "--for", dest="devices", action="append", required=True, metavar="NAME,…",
        help="device specs, such as avx2, avx512, sm_86, sm_120",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="CACHE",
        help="the cache's folder; what is there stays",
    )  # fmt: skip
    parser.add_argument(
        "--sizes", action="append", default=[], metavar="NAME=SIZE,…",
        help="a set of free sizes to specialise for (batch=1,seq=128); may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--no-winograd", action="store_true", help="no Winograd convolutions (they round otherwise)"
    )
    parser.add_argument(
        "--tf32", action="store_true", help="let a GPU round operands of products to 11 bits"
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")
    add_report_options(parser)


def run(options: argparse.Namespace) -> int:
    """Forge for each device, report."""
    devices = [name for names in options.devices for name in names.split(",") if name]
    sizes = parse_sizes(options.sizes)
    engine = open_source(options.source, verbose=options.verbose)
    with timed("plan", options.verbose), progress("forging") as report:
        made = ingot.preforge(
            engine,
            devices=devices,
            cache_dir=options.output,
            sizes=sizes,
            winograd=not options.no_winograd,
            tf32=options.tf32,
            progress=report,
        )
    if options.json:
        write_json({"cache": str(options.output), "devices": [m.document() for m in made]}, None)
    else:
        _print(options.output, made)
    return 0


def parse_sizes(texts: Sequence[str]) -> list[dict[str, int]]:
    """`NAME=SIZE,NAME=SIZE` texts as sizes by name."""
    found = []
    for text in texts:
        pairs = [part.partition("=") for part in text.split(",")]
        if not all(name and number.isdecimal() for name, _, number in pairs):
            raise UsageError(f"--sizes '{text}': must be NAME=SIZE,NAME=SIZE,…")
        found.append({name: int(number) for name, _, number in pairs})
    return found


def _print(folder: Path, made: Sequence[Preforged]) -> None:
    for one in made:
        print(
            f"{folder}: {one.device}: {one.plans} plans, {one.kernels_compiled} kernels compiled,"
            f" {one.kernels_cached} there already, {one.seconds:.2f} s"
        )
