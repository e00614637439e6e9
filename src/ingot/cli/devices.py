# SPDX-License-Identifier: Apache-2.0
"""`ingot devices`: what this machine can compute with."""

from __future__ import annotations

import argparse

from ingot import targets
from ingot.cli.shared import write_json
from ingot.spec import DeviceSpec


def arguments(parser: argparse.ArgumentParser) -> None:
    """The verb's options."""
    parser.add_argument("--json", action="store_true", help="report as JSON")


def run(options: argparse.Namespace) -> int:
    """Probe and list."""
    specs = {name: targets.open_target(name).spec for name in targets.TARGETS}
    if options.json:
        write_json({name: spec.to_dict() for name, spec in specs.items()}, None)
        return 0
    for name, spec in specs.items():
        print(f"{name:<10} {_summary(spec)}")
    return 0


def _summary(spec: DeviceSpec) -> str:
    if spec.kind != "cpu":
        return spec.name
    caches = "/".join(f"{size >> 10}K" for size in (spec.l1, spec.l2, spec.l3))
    return (
        f"{spec.cpu or spec.name}: {spec.cores} cores, {spec.vector_bits}-bit vectors x"
        f" {spec.vector_registers}, caches {caches}"
    )
