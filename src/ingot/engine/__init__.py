# SPDX-License-Identifier: Apache-2.0
"""The engine file, where the two halves meet: the cast half writes it, the forge half reads it.

FORMAT.md gives the file on one page.
"""

from ingot.engine.check import Reason, Verdict, check
from ingot.engine.description import Port
from ingot.engine.engine import Engine, EngineInfo
from ingot.engine.read import is_engine

__all__ = ["Engine", "EngineInfo", "Port", "Reason", "Verdict", "check", "is_engine"]
