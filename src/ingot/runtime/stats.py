# SPDX-License-Identifier: Apache-2.0
"""What a session has cost: seconds, kernels, cache hits, memory."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stats:
    """A snapshot. Plans and kernels count over all shapes that the session has seen.

    `cast_seconds` is None for an engine that came from a file. `weight_bytes` are the engine's
    weights, `memory_bytes` what the session holds beside them on the device.
    """

    device: str
    cast_seconds: float | None
    forge_seconds: float
    plans: int
    plans_cached: int
    kernels_compiled: int
    kernels_cached: int
    weight_bytes: int
    memory_bytes: int

    def document(self) -> dict[str, Any]:
        """The snapshot as JSON values."""
        return asdict(self)
