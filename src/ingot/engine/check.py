# SPDX-License-Identifier: Apache-2.0
"""The quick check: can this release run a file well, told from its header alone.

Reads no weights. It may be wrong in the optimistic direction only: damage beyond the header shows
with `Engine.open(verify="full")`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal

from ingot.engine.contents import VERSION
from ingot.engine.read import Source, map_file, read, read_header
from ingot.engine.versions import version_of
from ingot.errors import EngineError


class Reason(enum.IntFlag):
    """Why a file is not simply valid; a set of bits."""

    MALFORMED = 1
    NEWER_VERSION = 2
    OLDER_VERSION = 4
    STRIPPED = 8


Validity = Literal["valid", "suboptimal", "invalid"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of `check`: validity, the reasons as bits, and a sentence for people."""

    validity: Validity
    reasons: Reason
    message: str


def check(source: Source) -> Verdict:
    """Whether a path or bytes hold an engine for this release.

    `invalid`: cannot be opened. `suboptimal`: opens, but is of an older version or needs
    `Engine.refit` first. Raises nothing for any content.
    """
    try:
        version = version_of(read_header(map_file(source))[0].metadata)
        if version > VERSION:
            message = f"version {version} is newer than {VERSION}, the newest that can be read"
            return Verdict("invalid", Reason.NEWER_VERSION, message)
        contents = read(source)
    except EngineError as error:
        return Verdict("invalid", Reason.MALFORMED, str(error))
    reasons, messages = Reason(0), []
    if version < VERSION:
        reasons |= Reason.OLDER_VERSION
        messages.append(f"version {version} is upgraded at every load")
    if any(weight.tensor is None for weight in contents.description.weights.values()):
        reasons |= Reason.STRIPPED
        messages.append("weights were stripped and must be given with refit")
    return Verdict("suboptimal" if reasons else "valid", reasons, "; ".join(messages))
