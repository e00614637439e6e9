# SPDX-License-Identifier: Apache-2.0
"""`ingot ops`: the operators that a Graph can hold."""

from __future__ import annotations

import argparse

from ingot.cli.shared import write_json
from ingot.errors import UsageError
from ingot.ops.op import Op
from ingot.ops.table import OPS


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("name", nargs="?", help="one operator, in full")
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """List all, or one in full."""
    if options.name is not None and options.name not in OPS:
        raise UsageError(f"operator '{options.name}': not in the table", cure="see `ingot ops`")
    chosen = [OPS[options.name]] if options.name else list(OPS.values())
    if options.json:
        write_json([_document(op) for op in chosen], None)
    else:
        for op in chosen:
            print(_full(op) if options.name else f"{op.name:<20} {op.kind:<12} {_first(op)}")
    return 0


def _document(op: Op) -> dict[str, object]:
    return {"name": op.name, "kind": op.kind, "signature": _signature(op), "doc": op.doc}


def _signature(op: Op) -> str:
    return ", ".join(
        [*(spec.name for spec in op.inputs), *(f"{spec.name}=" for spec in op.attributes)]
    )


def _first(op: Op) -> str:
    return op.doc.strip().split("\n", 1)[0]


def _full(op: Op) -> str:
    return f"{op.name}({_signature(op)})\n  {op.kind}\n\n  {op.doc.strip()}"
