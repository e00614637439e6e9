# SPDX-License-Identifier: Apache-2.0
"""`ingot bench`: how fast an engine or a model runs, alone or in pairs with a peer."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ingot import knobs
from ingot.cli.measure import LEAST_PAIRS, clock, compare, interleave, l2_error
from ingot.cli.peers import PEERS, open_peer
from ingot.cli.shared import (
    add_device_options,
    add_input_options,
    add_report_options,
    add_source,
    gather_inputs,
    open_session,
    open_source,
    shape_text,
    timed,
    write_json,
)
from ingot.engine import is_engine
from ingot.errors import UsageError
from ingot.ir.graph import Array
from ingot.runtime import Session


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    add_source(parser)
    add_device_options(parser)
    add_input_options(parser)
    add_report_options(parser)
    parser.add_argument("--against", choices=tuple(PEERS), help="take turns with this runtime")
    parser.add_argument("--model", type=Path, help="the ONNX model, where ENGINE is compared")
    parser.add_argument(
        "--runs",
        type=int,
        default=30,
        help=f"timed runs (default 30, pairs: {LEAST_PAIRS} or more)",
    )
    parser.add_argument("--profile", action="store_true", help="show the time of every step")
    parser.add_argument("--json", type=Path, metavar="FILE", help="report as JSON (- for stdout)")


def run(options: argparse.Namespace) -> int:
    """Forge for the shapes at hand, warm up, time, report."""
    if options.runs < LEAST_PAIRS:
        raise UsageError(f"--runs {options.runs}: must be at least {LEAST_PAIRS}")
    engine = open_source(options.source, verbose=options.verbose)
    inputs = gather_inputs(options, engine)
    with open_session(options, engine, "eager") as session:
        with timed("prepare", options.verbose):
            session.prepare({name: array.shape for name, array in inputs.items()})
        report = _measure(options, session, inputs)
        report["stats"] = session.stats.document()
        if options.profile:
            profile = session.profile(inputs)
            report["profile"] = profile.document()
    if options.json is not None:
        write_json(report, options.json)
    if str(options.json) != "-":
        _print(report)
        if options.profile:
            print(profile)
    return 0


def _measure(
    options: argparse.Namespace, session: Session, inputs: dict[str, Array]
) -> dict[str, Any]:
    threads = options.threads or knobs.THREADS.get()
    report: dict[str, Any] = {
        "model": session.name,
        "device": session.stats.device,
        "threads": threads,
        "clock": "cpu" if threads == 1 else "wall",
        "shapes": {name: list(array.shape) for name, array in inputs.items()},
    }
    engines = {"ingot": lambda: session.run(inputs)}
    if options.against:
        peer = open_peer(options.against, _model(options), threads)
        report["l2_error"] = _error(session.run(inputs), peer(inputs))
        engines[options.against] = lambda: peer(inputs)
    times = interleave(engines, options.runs, clock(threads))
    report["times"] = {name: taken.document() for name, taken in times.items()}
    if options.against:
        report["ratio"] = compare(times["ingot"], times[options.against]).document()
    return report


def _model(options: argparse.Namespace) -> Path:
    if options.model is not None:
        return Path(options.model)
    if is_engine(options.source):
        raise UsageError("--against: an engine file is no ONNX model", cure="give it with --model")
    return Path(options.source)


def _error(found: dict[str, Array], expected: dict[str, Array]) -> float:
    return max((l2_error(found[name], expected[name]) for name in found), default=0.0)


def _print(report: dict[str, Any]) -> None:
    shapes = ", ".join(f"{name} {shape_text(shape)}" for name, shape in report["shapes"].items())
    clock_name = f"{report['clock']} time"
    print(f"{report['model']} on {report['device']}, {report['threads']} threads, {shapes}")
    for name, times in report["times"].items():
        print(
            f"  {name:<12} median {times['median_ms']:.3f} ms, best {times['best_ms']:.3f} ms"
            f" ({clock_name})"
        )
    if "ratio" in report:
        ratio = report["ratio"]
        print(
            f"  ingot is {ratio['median']:.2f}x as fast"
            f" (95 % interval {ratio['low']:.2f} to {ratio['high']:.2f}, {ratio['pairs']} pairs),"
            f" relative L2 error {report['l2_error']:.2g}"
        )
