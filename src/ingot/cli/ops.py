# SPDX-License-Identifier: Apache-2.0
"""`ingot ops`: the operators of ONNX that are read, and those that a Graph can hold."""

from __future__ import annotations

import argparse

from ingot.cli.shared import write_json
from ingot.errors import UsageError
from ingot.onnx.support import Support, supported
from ingot.ops.op import Op
from ingot.ops.table import OPS


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("name", nargs="?", help="one operator, in full")
    parser.add_argument("--core", action="store_true", help="those of a Graph, not those of ONNX")
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """List all, or one in full."""
    core = list(OPS.values()) if options.core or options.name else []
    read = [] if options.core else supported()
    if options.name is not None:
        core = [op for op in core if op.name == options.name]
        read = [one for one in read if options.name in (one.name, one.title)]
        if not core and not read:
            raise UsageError(f"operator '{options.name}': not in the table", cure="see `ingot ops`")
    if options.json:
        write_json([*map(_read_document, read), *map(_core_document, core)], None)
        return 0
    for one in read:
        print(_read_full(one) if options.name else _read_line(one))
    for op in core:
        print(_full(op) if options.name else f"{op.name:<20} {op.kind:<12} {_first(op)}")
    return 0


def _read_document(support: Support) -> dict[str, object]:
    return {
        "name": support.title,
        "kind": "onnx",
        "since": list(support.since),
        "way": support.way,
        "limits": list(support.limits),
    }


def _read_line(support: Support) -> str:
    limits = f"{len(support.limits)} limits" if support.limits else ""
    return f"{support.title:<44} since {_since(support):<12} {support.way:<14} {limits}".rstrip()


def _read_full(support: Support) -> str:
    lines = [f"{support.title} (ONNX)", f"  forms since opset {_since(support)}, {support.way}"]
    lines += [f"  refused: {limit}" for limit in support.limits]
    return "\n".join(lines)


def _since(support: Support) -> str:
    return ", ".join(map(str, support.since))


def _core_document(op: Op) -> dict[str, object]:
    return {"name": op.name, "kind": op.kind, "signature": _signature(op), "doc": op.doc}


def _signature(op: Op) -> str:
    return ", ".join(
        [*(spec.name for spec in op.inputs), *(f"{spec.name}=" for spec in op.attributes)]
    )


def _first(op: Op) -> str:
    return op.doc.strip().split("\n", 1)[0]


def _full(op: Op) -> str:
    return f"{op.name}({_signature(op)})\n  {op.kind}\n\n  {op.doc.strip()}"
