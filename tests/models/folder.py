# SPDX-License-Identifier: Apache-2.0
"""Every network of a folder: cast, forged, run at several sizes, checked and timed.

    python -m tests.models.folder FOLDER [--only REGEX] [--cast-only] [--small] [--json FILE]

The folder holds `catalog.json`, skeletons, and `materialize.py`, which fills them in. Each network
runs in a process of its own. What is right depends on the precision. float32 is compared with ONNX
Runtime, in two halves where nearly equal candidates are chosen from (`tests.models.choices`). Half
precision is compared with the same network in single precision, beside the error that ONNX Runtime
and the reference target make (at sizes that are too large for it: rounding at every operator).
Quantized networks are compared with the reference target, beside ONNX Runtime without optimisation.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from benchmarks.machine import write_results
from tests.models import choices
from tests.models.networks import widened

import ingot
from ingot.errors import IngotError

FLOAT32_BOUND = 1e-4
SECONDS = 900
REFERENCE_GFLOPS = 100  # the reference target takes minutes for more
Arrays = dict[str, np.ndarray]


@dataclass
class Row:
    """One network at one set of sizes."""

    name: str
    sizes: str = ""
    cast: float = 0.0
    forge: float = 0.0
    error: float = float("nan")
    bound: float = float("nan")
    ratio: float = float("nan")
    problem: str = ""
    obstacles: list[str] = field(default_factory=list)

    @property
    def right(self) -> bool:
        return not self.problem and self.error <= self.bound

    def document(self) -> dict[str, Any]:
        """The row for a file; what could not be measured is None."""
        return {key: None if value != value else value for key, value in asdict(self).items()}

    def __str__(self) -> str:
        verdict = self.problem or ("ok" if self.right else "WRONG")
        return (
            f"{self.name:28} {self.sizes:38} cast {self.cast:5.1f} forge {self.forge:5.1f} "
            f"error {self.error:8.2g} of {self.bound:8.2g} time {self.ratio:5.2f}x  {verdict}"
        )


class Folder:
    """A folder of skeletons."""

    def __init__(self, path: Path) -> None:
        self.path = path
        spec = importlib.util.spec_from_file_location("folder_materialize", path / "materialize.py")
        assert spec is not None and spec.loader is not None
        self.tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.tool)
        self.catalog: Mapping[str, Any] = json.loads((path / "catalog.json").read_text())["models"]

    def materialized(self, name: str, where: Path) -> Path:
        """The network with weights, as a file under `where`."""
        made = where / "model.onnx"
        self.tool.materialize(str(self.path / self.catalog[name]["file"]), str(made), seed=0)
        return made

    def sizes(self, name: str, small: bool) -> Iterator[dict[str, int]]:
        """Sizes to try: small ones, the usual ones, and others."""
        entry = self.catalog[name]
        usual = {dim: rule["default"] for dim, rule in entry["dims"].items()}
        check = {**usual, **entry["check"].get("dims", {})}
        yield check
        other = {dim: _next(size, entry["dims"][dim]) for dim, size in check.items()}
        if other != check:
            yield other
        if not small and usual != check:
            yield usual

    def feeds(self, name: str, sizes: Mapping[str, int]) -> Arrays:
        """Random inputs of these sizes."""
        return dict(self.tool.make_inputs(self.catalog[name], seed=0, **sizes))


def _next(size: int, rule: Mapping[str, int]) -> int:
    """Another size, the next that the rule allows."""
    grown = size + rule["multiple_of"]
    return grown if grown <= rule["max"] else size


def relative(found: Arrays, exact: Arrays) -> float:
    """The greatest relative L2 error of any output; infinite where the form differs."""
    worst = 0.0
    for name, wide in exact.items():
        got = found[name].astype(np.float64)
        if got.shape != wide.shape or not np.isfinite(got).all():
            return float("inf")
        if wide.size:
            scale = np.linalg.norm(wide.astype(np.float64)) or 1.0
            worst = max(worst, float(np.linalg.norm(got - wide) / scale))
    return worst


class OnnxRuntime:
    """The network in ONNX Runtime, at one thread."""

    def __init__(self, path: Path, optimised: bool = True) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        if not optimised:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        self.session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self.names = [output.name for output in self.session.get_outputs()]

    def run(self, feeds: Arrays) -> Arrays:
        return dict(zip(self.names, self.session.run(self.names, feeds), strict=True))


def asked(path: Path, feeds: Arrays, optimised: bool = True) -> Arrays:
    """What ONNX Runtime gives; nothing where it lacks an operator or a type.

    The session ends with the question: several of a large network do not fit in memory at once.
    """
    try:
        return OnnxRuntime(path, optimised).run(feeds)
    except Exception:  # of several unrelated classes
        return {}


def in_single(path: Path, feeds: Arrays, *, rounding: bool = False) -> Arrays:
    """What the network gives in single precision; see `widened`."""
    made = path.parent / ("rounded.onnx" if rounding else "wide.onnx")
    if not made.exists():
        _save_widened(path, made, rounding)
    wide = {n: a.astype(np.float32) if a.dtype.itemsize == 2 else a for n, a in feeds.items()}
    return OnnxRuntime(made, optimised=not rounding).run(wide)


def _save_widened(path: Path, made: Path, rounding: bool) -> None:
    """Write it to a file, so that no copy is left in memory."""
    model = widened(onnx.load(path), rounding=rounding)
    onnx.save(model, made, save_as_external_data=True, location=f"{made.name}.data")


@dataclass(frozen=True)
class Judge:
    """Says how far outputs are off, and how far they may be."""

    precision: str
    path: Path
    engine: ingot.Engine
    device: str

    def judge(self, feeds: Arrays, found: Arrays, brief: bool) -> tuple[float, float]:
        """Error and bound; `brief` where the reference target would take too long."""
        if self.precision == "fp32":
            return self._single(feeds, found), FLOAT32_BOUND
        if "QDQ" in self.precision:
            return self._quantized(feeds, found)
        exact = in_single(self.path, feeds)
        error, theirs = relative(found, exact), asked(self.path, feeds)
        bound = relative(theirs, exact) if theirs else 0.0
        if error > 2 * bound:
            rounded = in_single(self.path, feeds, rounding=True) if brief else self._plain(feeds)
            bound = max(bound, relative(rounded, exact))
        return error, 2 * bound

    def _single(self, feeds: Arrays, found: Arrays) -> float:
        error = relative(found, OnnxRuntime(self.path).run(feeds))
        if error <= FLOAT32_BOUND:
            return error
        parts = choices.judged(self.path, feeds, self.device, asked, relative)
        return error if parts is None else parts

    def _quantized(self, feeds: Arrays, found: Arrays) -> tuple[float, float]:
        exact, theirs = self._plain(feeds), asked(self.path, feeds, optimised=False)
        return relative(found, exact), 1.25 * relative(theirs, exact) if theirs else 1e-2

    def _plain(self, feeds: Arrays) -> Arrays:
        """What the reference target gives."""
        with ingot.load(self.engine, device="reference") as session:
            return dict(session.run(feeds))


def opened(engine: ingot.Engine, device: str) -> ingot.Session:
    """A session that forges for the sizes at hand."""
    return ingot.load(engine, device=device, threads=1, specialize="eager")


def ratio(session: ingot.Session, path: Path, feeds: Arrays) -> float:
    """Our time over ONNX Runtime's, by the process's CPU time, at one thread."""
    try:
        peer = OnnxRuntime(path)
        ours, theirs = lambda: session.run(feeds), lambda: peer.run(feeds)
        ours(), theirs()
        pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(3)]
    except Exception:  # nothing to compare with
        return float("nan")
    return float(np.median([a / b for a, b in pairs]))


def _seconds(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def rows(folder: Folder, name: str, options: argparse.Namespace) -> Iterator[Row]:
    """The table's rows of one network."""
    with tempfile.TemporaryDirectory(prefix="ingot-model-") as temporary:
        where = Path(temporary)
        path = folder.materialized(name, where)
        start = time.perf_counter()
        try:
            engine = ingot.build(path)
        except IngotError as error:
            found = [str(o) for o in getattr(error, "obstacles", ())]
            yield Row(name, problem=str(error).splitlines()[0][:300], obstacles=found)
            return
        cast = time.perf_counter() - start
        if options.cast_only:
            yield Row(name, cast=cast, error=0.0, bound=0.0)
            return
        yield from _ran(folder, name, path, engine, cast, options)


def _ran(
    folder: Folder,
    name: str,
    path: Path,
    engine: ingot.Engine,
    cast: float,
    options: argparse.Namespace,
) -> Iterator[Row]:
    judge = Judge(folder.catalog[name]["precision"], path, engine, options.device)
    usual = {dim: rule["default"] for dim, rule in folder.catalog[name]["dims"].items()}
    large = folder.catalog[name]["gflops"] > REFERENCE_GFLOPS
    for sizes in folder.sizes(name, options.small):
        row = Row(name, " ".join(f"{k}={v}" for k, v in sizes.items()), cast)
        try:
            feeds = folder.feeds(name, sizes)
            start = time.perf_counter()
            with opened(engine, options.device) as session:
                found = session.run(feeds)
                row.forge = time.perf_counter() - start
            # One runtime at a time holds a large network's weights.
            row.error, row.bound = judge.judge(feeds, found, large and sizes == usual)
            with opened(engine, options.device) as session:
                row.ratio = ratio(session, path, feeds)
        except IngotError as error:
            row.problem = f"{type(error).__name__}: {str(error)[:300]}"
        except Exception as error:  # the table goes on
            row.problem = f"{type(error).__name__}: {str(error)[:200]}"
        yield row


def in_process(folder: Path, name: str, more: Sequence[str]) -> list[Row]:
    """The rows of one network, from a process of its own."""
    command = [sys.executable, "-m", "tests.models.folder", str(folder), "--one", name, *more]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return [Row(name, problem=f"takes more than {SECONDS} s")]
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    found = [Row(**json.loads(line)) for line in lines]
    if done.returncode or not found:
        found.append(Row(name, problem=f"exit {done.returncode}: {done.stderr[-300:]}"))
    return found


def main() -> int:
    """Print the table; 1 where anything in it is not right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", metavar="REGEX")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--cast-only", action="store_true")
    parser.add_argument("--small", action="store_true", help="not the usual sizes")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = Folder(options.folder)
    if options.one:
        for row in rows(folder, options.one, options):
            print(json.dumps(asdict(row)), flush=True)
        return 0
    more = [f"--device={options.device}"]
    more += ["--cast-only"] * options.cast_only + ["--small"] * options.small
    table: list[Row] = []
    for name in sorted(name for name in folder.catalog if re.search(options.only, name)):
        for row in in_process(options.folder, name, more):
            table.append(row)
            print(row, *(f"\n    {obstacle}" for obstacle in row.obstacles[:6]), flush=True)
    if options.json:
        write_results(options.json, [row.document() for row in table])
    wrong = sum(not row.right for row in table)
    print(f"{len(table) - wrong} of {len(table)} right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
