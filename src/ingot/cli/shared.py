# SPDX-License-Identifier: Apache-2.0
"""Options and steps that several verbs share: devices, inputs, engines or models, progress."""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import ingot
from ingot import dims
from ingot.dims import Dim
from ingot.engine import Engine, Port, is_engine
from ingot.errors import InputError, UsageError
from ingot.ir.graph import Array, SymbolRange
from ingot.runtime import Session, Specialize, sample_inputs

_SHAPE = re.compile(r"(.+):((?:\d+x)*\d+|scalar)")
_CLEAR_LINE = "\r\x1b[K"


def add_source(parser: argparse.ArgumentParser) -> None:
    """The positional argument of verbs that take an engine or a model."""
    parser.add_argument("source", metavar="ENGINE|MODEL", type=Path, help="engine or ONNX model")


def add_device_options(parser: argparse.ArgumentParser) -> None:
    """Options that go to `ingot.load`."""
    known = "auto, cpu, cuda, cuda:1 or reference (default auto)"
    parser.add_argument("--device", default="auto", help=known)
    parser.add_argument("--threads", type=int, help="computing threads (default: physical cores)")
    parser.add_argument(
        "--time-limit", type=float, metavar="SECONDS", help="most that a run with loops may take"
    )
    parser.add_argument("--cache-dir", type=Path, help="runtime cache (default: the user's)")
    parser.add_argument(
        "--no-winograd", action="store_true", help="no Winograd convolutions (they round otherwise)"
    )
    parser.add_argument(
        "--tf32", action="store_true", help="let a GPU round operands of products to 11 bits"
    )


def add_precision_options(parser: argparse.ArgumentParser) -> None:
    """Options that say what to compute float32 networks in."""
    narrow = parser.add_mutually_exclusive_group()
    narrow.add_argument(
        "--fp16", action="store_const", dest="precision", const="float16",
        help="compute float32 networks in float16 where that is safe",
    )  # fmt: skip
    narrow.add_argument(
        "--bf16", action="store_const", dest="precision", const="bfloat16",
        help="the same in bfloat16",
    )  # fmt: skip


def add_input_options(parser: argparse.ArgumentParser) -> None:
    """Options that say what to run on."""
    parser.add_argument(
        "--input", action="append", default=[], metavar="NAME=FILE.npy", help="one input's array"
    )
    parser.add_argument("--inputs", type=Path, metavar="FILE.npz", help="all inputs' arrays")
    parser.add_argument(
        "--shape", action="append", default=[], metavar="NAME:1x3x224x224",
        help="random input of this shape; free sizes without one are 1",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="seed of random inputs (default 0)")


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Options on what to tell."""
    parser.add_argument("--verbose", action="store_true", help="tell what took how long")


def open_source(path: Path, *, verbose: bool = False) -> Engine:
    """The engine at `path`, or the one cast from the ONNX model there."""
    if is_engine(path):
        with timed("open", verbose):
            return ingot.Engine.open(path)
    with timed("cast", verbose), progress("casting") as report:
        return ingot.build(path, progress=report)


def open_session(options: argparse.Namespace, engine: Engine, specialize: Specialize) -> Session:
    """A session with the device options."""
    with timed("forge", options.verbose), progress("forging") as report:
        return ingot.load(
            engine,
            device=options.device,
            threads=options.threads,
            cache_dir=options.cache_dir,
            specialize=specialize,
            winograd=not options.no_winograd,
            tf32=options.tf32,
            time_limit=options.time_limit,
            progress=report,
        )


def gather_inputs(options: argparse.Namespace, engine: Engine) -> dict[str, Array]:
    """The arrays of --inputs and --input, and random ones for the rest."""
    given = _load_inputs(options)
    ports = {port.name: port for port in engine.inputs}
    shapes = parse_shapes(options.shape)
    if unknown := (given.keys() | shapes.keys()) - ports.keys():
        raise InputError(
            f"input '{min(unknown)}': the model has no such input",
            cure=f"its inputs are {', '.join(ports)}",
        )
    rest = [port for port in engine.inputs if port.name not in given]
    known = shapes | {name: array.shape for name, array in given.items()}
    full = full_shapes(rest, engine.symbols, known, ports)
    return given | sample_inputs(rest, full, options.seed)


def _load_inputs(options: argparse.Namespace) -> dict[str, Array]:
    given: dict[str, Array] = {}
    try:
        if options.inputs is not None:
            with np.load(options.inputs, allow_pickle=False) as arrays:
                given |= {name: arrays[name] for name in arrays.files}
        for text in options.input:
            name, separator, file = text.partition("=")
            if not separator:
                raise UsageError(f"--input '{text}': must be NAME=FILE.npy")
            given[name] = np.load(file, allow_pickle=False)
    except (ValueError, EOFError, AttributeError) as error:
        raise InputError(f"input file: {error}", cure="give .npy or .npz files") from error
    return given


def parse_shapes(texts: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """`NAME:1x3x224x224` texts as shapes by name; `scalar` is the empty shape."""
    shapes = {}
    for text in texts:
        match = _SHAPE.fullmatch(text)
        if match is None:
            raise UsageError(f"--shape '{text}': must be NAME:1x3x224x224 or NAME:scalar")
        scalar = match[2] == "scalar"
        shapes[match[1]] = () if scalar else tuple(map(int, match[2].split("x")))
    return shapes


def full_shapes(
    wanted: Sequence[Port],
    symbols: Mapping[str, SymbolRange],
    known: Mapping[str, tuple[int, ...]],
    ports: Mapping[str, Port],
) -> dict[str, tuple[int, ...]]:
    """Shapes for the `wanted` inputs; a size that no known shape tells is the smallest, not 0."""
    binding = {name: max(span.lo, 1) for name, span in symbols.items()}
    binding |= dims.solve([(f"input '{n}'", ports[n].shape, shape) for n, shape in known.items()])
    return {port.name: tuple(_size(size, binding) for size in port.shape) for port in wanted}


def _size(size: Dim, binding: Mapping[str, int]) -> int:
    return size if isinstance(size, int) else dims.evaluate(size, binding)


def shape_text(shape: Sequence[object]) -> str:
    """`1x3x224x224`; `scalar` for the empty shape."""
    return "x".join(map(str, shape)) or "scalar"


@contextmanager
def timed(what: str, verbose: bool) -> Iterator[None]:
    """Tell on stderr how long the block took, where wanted."""
    start = time.perf_counter()
    yield
    if verbose:
        print(f"{what}: {time.perf_counter() - start:.3f} s", file=sys.stderr)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int, int], None] | None]:
    """A callback that shows progress in one line on a terminal; None where there is none."""
    if not sys.stderr.isatty():
        yield None
        return

    def report(stage: str, done: int, total: int) -> None:
        count = f" {done}/{total}" if total else ""
        print(f"{_CLEAR_LINE}{title}: {stage}{count}", end="", file=sys.stderr, flush=True)

    try:
        yield report
    finally:
        print(_CLEAR_LINE, end="", file=sys.stderr, flush=True)


def write_json(document: Any, file: Path | None) -> None:
    """Write JSON to `file`; to standard output where it is None or `-`."""
    text = json.dumps(document, indent=2)
    if file is None or str(file) == "-":
        print(text)
    else:
        file.write_text(text + "\n", encoding="utf-8")
