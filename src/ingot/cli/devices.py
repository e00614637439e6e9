# SPDX-License-Identifier: Apache-2.0
"""`ingot devices`: what this machine can compute with."""

from __future__ import annotations

import argparse

from ingot import targets
from ingot.cli.shared import write_json
from ingot.errors import DeviceError
from ingot.spec import DeviceSpec


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """Probe and list."""
    found = {name: _probe(name) for name in targets.TARGETS}
    if options.json:
        specs = {name: spec for name, spec in found.items() if isinstance(spec, DeviceSpec)}
        write_json({name: spec.to_dict() for name, spec in specs.items()}, None)
        return 0
    for name, spec in found.items():
        told = _summary(spec) if isinstance(spec, DeviceSpec) else f"not here: {spec.message}"
        print(f"{name:<10} {told}")
    print(f"{'auto':<10} {targets.choose_target()}")
    return 0


def _probe(name: str) -> DeviceSpec | DeviceError:
    """The spec of a target's device, or why there is none."""
    try:
        return targets.open_target(name).spec
    except DeviceError as error:
        return error


def _summary(spec: DeviceSpec) -> str:
    if spec.kind == "cuda":
        return (
            f"{spec.name}: {spec.cpu}, {spec.cores} multiprocessors,"
            f" {spec.shared_memory >> 10}K shared memory a block,"
            f" {spec.memory_bandwidth / 1e9:.0f} GB/s"
        )
    if spec.kind != "cpu":
        return spec.name
    caches = "/".join(f"{size >> 10}K" for size in (spec.l1, spec.l2, spec.l3))
    return (
        f"{spec.cpu or spec.name}: {spec.cores} cores, {spec.vector_bits}-bit vectors x"
        f" {spec.vector_registers}, caches {caches}"
    )
