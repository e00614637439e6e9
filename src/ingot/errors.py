# SPDX-License-Identifier: Apache-2.0
"""The error classes of the whole package.

Every error names the thing, the rule, the value that breaks it, and the cure:
`Conv 'stem': weight expects 3 input channels, input has 4; check the model's input layout`.
The text before the semicolon is the message, the text after it the cure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "CompileError",
    "DeviceError",
    "EngineError",
    "GraphError",
    "IngotError",
    "InputError",
    "ModelError",
    "Obstacle",
    "ResourceError",
    "RunError",
    "ShapeError",
    "TextError",
    "UnsupportedError",
    "UsageError",
]


class IngotError(Exception):
    """Base of every error that Ingot raises on purpose; prints as `message; cure`."""

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(f"{message}; {cure}" if cure else message)
        self.message = message
        self.cure = cure


class ModelError(IngotError):
    """A model cannot be read: truncated, garbage, cyclic, or with data missing or out of place."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One node that cannot be handled: its name, its operator, why, and what to do about it.

    `nearest` is the supported form that comes closest, empty where none does.
    """

    node: str
    op: str
    reason: str
    cure: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        text = f"{self.op} '{self.node}': {self.reason}"
        text = f"{text}; {self.cure}" if self.cure else text
        return f"{text} (nearest: {self.nearest})" if self.nearest else text


class UnsupportedError(IngotError):
    """A model or request is valid but not supported; `obstacles` lists every reason at once.

    Of a model's `nodes`, `blocked` ones lie behind an obstacle and could not be judged.
    """

    def __init__(
        self,
        message: str,
        *,
        obstacles: Iterable[Obstacle] = (),
        cure: str = "",
        nodes: int = 0,
        blocked: int = 0,
    ) -> None:
        self.obstacles = tuple(obstacles)
        self.nodes = nodes
        self.blocked = blocked
        lines = [message, *(f"  {obstacle}" for obstacle in self.obstacles)]
        super().__init__("\n".join(lines), cure=cure)


class ShapeError(IngotError):
    """Sizes contradict each other, or a size cannot be computed."""


class GraphError(IngotError):
    """A graph, kernel or plan breaks a rule of its form; found by a verifier."""


class TextError(IngotError):
    """A text form does not parse; `line` is the 1-based line number, 0 when unknown."""

    def __init__(self, message: str, *, line: int = 0, cure: str = "") -> None:
        super().__init__(f"line {line}: {message}" if line else message, cure=cure)
        self.line = line


class EngineError(IngotError):
    """An engine file is damaged, foreign, or from a release that this one cannot read."""


class InputError(IngotError):
    """Inputs given to a run do not fit: a wrong name, rank, size or element type."""


class RunError(IngotError):
    """A kernel met a fault in its data, such as an index out of range; the run has no result."""


class DeviceError(IngotError):
    """A device is missing, or refuses to work."""


class CompileError(IngotError):
    """Generated code does not compile or assemble."""


class ResourceError(IngotError):
    """Something exceeds a limit: memory, disk, time, or a bound on untrusted data."""


class UsageError(IngotError):
    """An option, environment variable, argument or command line is wrong."""
