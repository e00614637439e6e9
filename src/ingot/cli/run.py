# SPDX-License-Identifier: Apache-2.0
"""`ingot run`: run an engine or a model once and show or keep what comes out."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

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
from ingot.host import atomic_file
from ingot.ir.graph import Array


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    add_source(parser)
    add_device_options(parser)
    add_input_options(parser)
    add_report_options(parser)
    parser.add_argument("--output", type=Path, metavar="FILE.npz", help="keep the outputs")
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """Open, run, report."""
    engine = open_source(options.source, verbose=options.verbose)
    inputs = gather_inputs(options, engine)
    with open_session(options, engine, "none") as session:
        with timed("run", options.verbose):
            outputs = session.run(inputs)
        if options.output is not None:
            with atomic_file(options.output) as file:
                np.savez(file, **outputs)
        facts = {name: _facts(array) for name, array in outputs.items()}
        if options.json:
            write_json({"outputs": facts, "stats": session.stats.document()}, None)
        else:
            _print(facts)
    return 0


def _facts(array: Array) -> dict[str, object]:
    facts: dict[str, object] = {"dtype": str(array.dtype), "shape": list(array.shape)}
    if array.size:
        wide = array.astype(np.float64)
        facts |= {"min": wide.min(), "mean": wide.mean(), "max": wide.max()}
    return facts


def _print(facts: dict[str, dict[str, object]]) -> None:
    for name, fact in facts.items():
        shape = fact["shape"]
        assert isinstance(shape, list)
        values = ", ".join(
            f"{key} {fact[key]:.6g}" for key in ("min", "mean", "max") if key in fact
        )
        print(f"{name}: {fact['dtype']} {shape_text(shape)}  {values}")
