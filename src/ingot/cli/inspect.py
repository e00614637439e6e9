# SPDX-License-Identifier: Apache-2.0
"""`ingot inspect`: what is in an engine file, without forging it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingot.cli.shared import write_json
from ingot.engine import Engine, Port, check
from ingot.ir.graph import TensorType
from ingot.ir.text import print_graph


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("engine", metavar="ENGINE", type=Path, help="engine file")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--text", action="store_true", help="the program as text")
    form.add_argument("--json", action="store_true", help="everything but the program as JSON")
    parser.add_argument(
        "--verify", choices=("header", "full"), default="header", help="full: check every weight"
    )


def run(options: argparse.Namespace) -> int:
    """Open and show."""
    engine = Engine.open(options.engine, verify=options.verify)
    if options.text:
        print(engine.text if engine.stripped else print_graph(engine.graph), end="")
    elif options.json:
        write_json(_document(engine, options.engine), None)
    else:
        _print(engine, options.engine)
    return 0


def _document(engine: Engine, path: Path) -> dict[str, Any]:
    verdict = check(path)
    return {
        **asdict(engine.info),
        "key": engine.key,
        "validity": verdict.validity,
        "reasons": int(verdict.reasons),
        "inputs": [_port(port) for port in engine.inputs],
        "outputs": [_port(port) for port in engine.outputs],
        "symbols": {name: [span.lo, span.hi] for name, span in engine.symbols.items()},
    }


def _port(port: Port) -> dict[str, Any]:
    shape = [size if isinstance(size, int) else str(size) for size in port.shape]
    document: dict[str, Any] = {"name": port.name, "dtype": port.dtype.name, "shape": shape}
    return {**document, "container": port.container} if port.container else document


def _print(engine: Engine, path: Path) -> None:
    info, verdict = engine.info, check(path)
    print(f"{info.name}: format version {info.version}, {verdict.validity}")
    if verdict.message:
        print(f"  {verdict.message}")
    print(f"  {info.nodes} nodes, {info.weights} weights, {info.parameters:,} parameters")
    print(f"  {info.bytes / 1e6:.1f} MB, key {engine.key[:16]}")
    for title, ports in (("input", engine.inputs), ("output", engine.outputs)):
        for port in ports:
            kind = f"{port.container}_" if port.container else ""
            print(f"  {title} {port.name}: {kind}{TensorType(port.dtype, port.shape)}")
    for name, span in engine.symbols.items():
        print(f"  size {name}: {span.lo}..{'' if span.hi is None else span.hi}")
