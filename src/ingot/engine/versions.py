# SPDX-License-Identifier: Apache-2.0
"""Reading engines of older releases: one small function for each version of the format.

`UPGRADES[n]` turns the metadata of a version n file into that of version n + 1. Files on disk stay
as they are. Version 1 is the first, so the table is empty until the format changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from ingot.engine.contents import VERSION, VERSION_KEY
from ingot.engine.header import DAMAGED
from ingot.errors import EngineError

Metadata = Mapping[str, str]
Upgrade = Callable[[Metadata], Metadata]
UPGRADES: Final[Mapping[int, Upgrade]] = MappingProxyType({})


def version_of(metadata: Metadata) -> int:
    """The format version that a file says it has; raises EngineError where it says none."""
    text = metadata.get(VERSION_KEY)
    if text is None:
        raise EngineError(
            "the file is a safetensors file, but holds no engine",
            cure="make one with ingot.build",
        )
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 10 and int(text) > 0):
        raise EngineError(f"engine version {text!r:.40}: not a number", cure=DAMAGED)
    return int(text)


def upgrade(
    metadata: Metadata, upgrades: Mapping[int, Upgrade] = UPGRADES, newest: int = VERSION
) -> Metadata:
    """The metadata as the newest version would have it; raises EngineError for later versions."""
    version = version_of(metadata)
    if version > newest:
        raise EngineError(
            f"engine version {version}: this release reads versions up to {newest}",
            cure="install a newer release, or build the engine again with this one",
        )
    for step in range(version, newest):
        metadata = {**upgrades[step](metadata), VERSION_KEY: str(step + 1)}
    return metadata
