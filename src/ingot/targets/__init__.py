# SPDX-License-Identifier: Apache-2.0
"""Targets by name: the door behind which code generators and device libraries are loaded.

Each target is a folder with a module `target` that has `make_target(spec)`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from ingot.errors import UsageError
from ingot.spec import DeviceSpec, by_name, names
from ingot.targets.base import Target

TARGETS: Final = ("cpu", "reference", "null")


def open_target(device: str | DeviceSpec) -> Target:
    """The target for a device: "cpu" is this machine's, a spec or its name any other's.

    Only that target's code is loaded. Raises UsageError for an unknown name, DeviceError where this
    machine's CPU is not supported.
    """
    spec = None if device == "cpu" else _spec(device)
    kind = "cpu" if spec is None else spec.kind
    module = import_module(f"ingot.targets.{kind}.target")
    return cast(Target, module.make_target(spec))


def _spec(device: str | DeviceSpec) -> DeviceSpec:
    if isinstance(device, DeviceSpec):
        return device
    if device not in names():
        known = ", ".join(dict.fromkeys((*TARGETS, *names())))
        raise UsageError(f"device '{device}': unknown", cure=f"use one of {known}")
    return by_name(device)
