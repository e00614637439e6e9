# SPDX-License-Identifier: Apache-2.0
"""Speed on this CPU against ONNX Runtime and OpenVINO, in pairs, in one process.

python -m benchmarks.cpu --folder /tmp/networks --threads 1 2
"""

from __future__ import annotations

import argparse
import gc
import sys
from functools import partial
from pathlib import Path
from typing import Any

import ingot
from benchmarks.machine import RESULTS, write_results
from benchmarks.networks import NAMES, SPEED, Network, network
from ingot.cli.measure import LEAST_PAIRS, clock, compare, interleave, l2_error
from ingot.cli.peers import PEERS, open_peer

HEADER = f"{'network':20} {'threads':>7} {'ours ms':>9}  peers: ms and how much faster we are"


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    rows = []
    print(HEADER)
    for name in options.networks:
        chosen = network(name, options.folder)
        engine = _engine(chosen, options.folder)
        for threads in options.threads:
            rows.append(_measure(chosen, engine, threads, options))
            print(_line(rows[-1]), flush=True)
    write_results(options.output, rows)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Speed on this CPU against peers.")
    parser.add_argument("networks", nargs="*", default=list(SPEED), help=f"of {', '.join(NAMES)}")
    parser.add_argument("--folder", type=Path, required=True, help="where networks are kept")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peers", nargs="+", default=list(PEERS), choices=list(PEERS))
    parser.add_argument("--pairs", type=_pairs, default=LEAST_PAIRS)
    parser.add_argument("--no-winograd", action="store_true")
    parser.add_argument("--output", type=Path, default=RESULTS / "cpu.json")
    return parser


def _pairs(text: str) -> int:
    if int(text) < LEAST_PAIRS:
        raise argparse.ArgumentTypeError(f"at least {LEAST_PAIRS} pairs make an interval")
    return int(text)


def _engine(chosen: Network, folder: Path) -> Path:
    """The network's engine, cast anew so that it is today's."""
    path = folder / f"{chosen.name}.ingot"
    ingot.build(chosen.model).save(path)
    return path


def _measure(
    chosen: Network, engine: Path, threads: int, options: argparse.Namespace
) -> dict[str, Any]:
    winograd = not options.no_winograd
    with ingot.load(
        engine, device="cpu", threads=threads, specialize="eager", winograd=winograd
    ) as session:
        peers = {name: open_peer(name, chosen.model, threads) for name in options.peers}
        expected = session.run(chosen.inputs)
        errors = {name: _error(peer(chosen.inputs), expected) for name, peer in peers.items()}
        runs = {name: partial(peer, chosen.inputs) for name, peer in peers.items()}
        engines = {"ingot": partial(session.run, chosen.inputs), **runs}
        times = interleave(engines, options.pairs, clock(threads))
    gc.collect()
    return {
        "network": chosen.name,
        "threads": threads,
        "clock": "cpu" if threads == 1 else "wall",
        "gflops_per_second": chosen.gflops / times["ingot"].median,
        "ingot": times["ingot"].document(),
        "peers": {
            name: {
                **times[name].document(),
                "ratio": compare(times["ingot"], times[name]).document(),
                "l2_error": errors[name],
            }
            for name in peers
        },
    }


def _error(found: dict[str, Any], expected: dict[str, Any]) -> float:
    return max(l2_error(expected[name], found[name]) for name in expected)


def _line(row: dict[str, Any]) -> str:
    parts = [f"{row['network']:20} {row['threads']:7} {row['ingot']['median_ms']:9.2f} "]
    for name, peer in row["peers"].items():
        ratio = peer["ratio"]
        parts.append(
            f" {name} {peer['median_ms']:.2f}, {ratio['median']:.2f}x"
            f" [{ratio['low']:.2f}, {ratio['high']:.2f}]"
        )
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())
