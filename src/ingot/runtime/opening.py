# SPDX-License-Identifier: Apache-2.0
"""What `load` and `preforge` are given, as forging takes it."""

from __future__ import annotations

from collections.abc import Mapping

from ingot.engine import Engine
from ingot.engine.read import Source, Verify
from ingot.ir.graph import Graph


def open_engine(engine: Engine | Graph | Source, verify: Verify) -> Engine:
    """The engine itself, that of a portable Graph, or the one in a file or in bytes."""
    if isinstance(engine, Engine):
        return engine
    if isinstance(engine, Graph):
        return Engine.from_graph(engine)
    return Engine.open(engine, verify=verify)


def forge_options(*, winograd: bool, tf32: bool) -> Mapping[str, bool]:
    """The options of forging by name: they choose among a target's candidates."""
    return {"winograd": winograd, "tf32": tf32}
