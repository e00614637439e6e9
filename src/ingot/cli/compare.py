# SPDX-License-Identifier: Apache-2.0
"""`ingot compare`: are a model's results right, as a whole or layer by layer."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import onnx

from ingot import knobs
from ingot.cli.measure import l2_error, largest_error
from ingot.cli.peers import open_peer
from ingot.cli.shared import (
    add_device_options,
    add_input_options,
    add_report_options,
    gather_inputs,
    open_session,
    open_source,
    write_json,
)
from ingot.engine import Engine
from ingot.ir.graph import Array, Graph, Value
from ingot.ops.evaluate import evaluate_graph

FAILED = 1


@dataclass(frozen=True, slots=True)
class Row:
    """How far one tensor is off."""

    name: str
    op: str
    l2_error: float
    largest_error: float


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("model", metavar="MODEL.onnx", type=Path, help="model to check")
    add_device_options(parser)
    add_input_options(parser)
    add_report_options(parser)
    parser.add_argument(
        "--against", choices=("onnxruntime", "reference"), default="onnxruntime",
        help="who tells what is right (default onnxruntime)",
    )  # fmt: skip
    parser.add_argument(
        "--every-layer", action="store_true",
        help="compare every tensor that both have; nothing is fused over them",
    )  # fmt: skip
    parser.add_argument(
        "--bound", type=float, default=1e-4, help="largest relative L2 error (default 1e-4)"
    )
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """Run both, compare, report; fails where an output is off by more than the bound."""
    engine = open_source(options.model, verbose=options.verbose)
    inputs = gather_inputs(options, engine)
    if options.every_layer:
        engine = Engine.from_graph(_open_up(engine.graph, _known_names(options, engine.graph)))
    with open_session(options, engine, "none") as session:
        found = session.run(inputs)
    expected = _expected(options, engine.graph, inputs)
    rows = _rows(engine.graph, found, expected)
    bad = [row for row in rows if not row.l2_error <= options.bound]
    if options.json:
        rows_json = [asdict(row) for row in rows]
        write_json({"bound": options.bound, "passed": not bad, "tensors": rows_json}, None)
    else:
        _print(rows, options.bound)
    return FAILED if bad else 0


def _known_names(options: argparse.Namespace, graph: Graph) -> frozenset[str]:
    """The names of tensors that the other side can tell."""
    if options.against == "reference":
        return frozenset(value.name for value in graph.values())
    model = onnx.load(options.model, load_external_data=False)
    return frozenset(name for node in model.graph.node for name in node.output)


def _open_up(graph: Graph, known: frozenset[str]) -> Graph:
    """`graph` with every node output in `known` as an output of the graph."""
    inner = (value for node in graph.nodes for value in node.outputs if value.name in known)
    return graph.replace(outputs=tuple(dict.fromkeys((*inner, *graph.outputs))))


def _expected(
    options: argparse.Namespace, graph: Graph, inputs: Mapping[str, Array]
) -> Mapping[str, Array]:
    if options.against == "reference":
        return evaluate_graph(graph, inputs)
    peer = open_peer("onnxruntime", _with_outputs(options.model, graph.outputs), _threads(options))
    return peer(inputs)


def _with_outputs(path: Path, outputs: tuple[Value, ...]) -> Path | bytes:
    """The model at `path`, or one that tells inner tensors too where `outputs` has some."""
    model = onnx.load(path)
    own = {output.name for output in model.graph.output}
    inner = [value.name for value in outputs if value.name not in own]
    if not inner:
        return path
    for name in inner:
        model.graph.output.append(onnx.ValueInfoProto(name=name))
    return bytes(model.SerializeToString())


def _threads(options: argparse.Namespace) -> int:
    return options.threads or knobs.THREADS.get()


def _rows(graph: Graph, found: Mapping[str, Array], expected: Mapping[str, Array]) -> list[Row]:
    ops = {value.name: node.op for node in graph.nodes for value in node.outputs}
    return [
        Row(
            name,
            ops.get(name, ""),
            l2_error(found[name], expected[name]),
            largest_error(found[name], expected[name]),
        )
        for name in found
    ]


def _print(rows: list[Row], bound: float) -> None:
    print(f"{'relative L2':>12} {'largest':>12}  tensor")
    for row in rows:
        mark = " " if row.l2_error <= bound else "!"
        op = f" ({row.op})" if row.op else ""
        print(f"{row.l2_error:12.3g} {row.largest_error:12.3g} {mark}{row.name}{op}")
