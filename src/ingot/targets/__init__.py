# SPDX-License-Identifier: Apache-2.0
"""Targets by name: the door behind which code generators and device libraries are loaded.

Each target is a folder with a module `target` that has `make_target(spec)`. What only compiling
needs may lie in a module `compiler` beside it: a warm start does without.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Final, cast

from ingot import spec as specs
from ingot import trace
from ingot.errors import UsageError
from ingot.spec import DeviceSpec
from ingot.targets.base import Target

TARGETS: Final = ("cpu", "cuda", "reference", "null")
FIRST: Final = ("cuda",)  # what "auto" takes rather than the CPU


def open_target(name: str, spec: DeviceSpec | None = None) -> Target:
    """The target called `name`, compiling for `spec`, by default for this machine.

    The name of a spec, such as "avx2", stands for its target with that spec, "cuda:1" for the
    second GPU, "auto" for a GPU where there is a usable one, else the CPU. Only that target's code
    is loaded. Raises UsageError for an unknown name or a spec of another target, DeviceError where
    this machine has no such device or it is not supported.
    """
    if name == "auto":
        name = choose_target()
    name, _, number = name.partition(":")
    index = {"index": int(number)} if name == "cuda" and number.isdecimal() else {}
    if number and not index:
        raise UsageError(f"device '{name}:{number}': unknown", cure="use cuda:0, cuda:1, …")
    if name not in TARGETS and name in specs.names() and spec is None:
        spec = specs.by_name(name)
        name = spec.kind
    if name not in TARGETS:
        known = ", ".join(dict.fromkeys((*TARGETS, *specs.names())))
        raise UsageError(f"device '{name}': unknown", cure=f"use one of {known}")
    if spec is not None and spec.kind != name:
        raise UsageError(
            f"device '{name}': the spec '{spec.name}' is for {spec.kind}",
            cure=f"open the target '{spec.kind}'",
        )
    module = import_module(f"ingot.targets.{name}.target")
    return cast(Target, module.make_target(spec, **index))


def choose_target() -> str:
    """What "auto" stands for on this machine; `trace` is told what was passed over, and why."""
    for name in FIRST:
        obstacle = import_module(f"ingot.targets.{name}.probe").obstacle()
        if not obstacle:
            return name
        trace.log(f"device 'auto': not {name}: {obstacle}")
    return "cpu"


def load_compiler(name: str) -> ModuleType:
    """The module `compiler` of a target, loaded when something is compiled for the first time."""
    return import_module(f"ingot.targets.{name}.compiler")
