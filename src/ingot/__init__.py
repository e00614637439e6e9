# SPDX-License-Identifier: Apache-2.0
"""Ingot: cast a deep-learning model once into a portable engine, forge it on the user's device.

This module only re-exports, lazily: `import ingot` loads neither the half that casts nor the half
that forges; the first use of a name loads what that name needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingot.casting import build as build
    from ingot.dtypes import DType as DType
    from ingot.engine import Engine as Engine
    from ingot.errors import CompileError as CompileError
    from ingot.errors import DeviceError as DeviceError
    from ingot.errors import EngineError as EngineError
    from ingot.errors import GraphError as GraphError
    from ingot.errors import IngotError as IngotError
    from ingot.errors import InputError as InputError
    from ingot.errors import ModelError as ModelError
    from ingot.errors import ResourceError as ResourceError
    from ingot.errors import RunError as RunError
    from ingot.errors import ShapeError as ShapeError
    from ingot.errors import TextError as TextError
    from ingot.errors import UnsupportedError as UnsupportedError
    from ingot.errors import UsageError as UsageError
    from ingot.runtime import Session as Session
    from ingot.runtime import load as load
    from ingot.runtime import preforge as preforge
    from ingot.spec import DeviceSpec as DeviceSpec

_HOMES = {
    "build": "ingot.casting",
    "load": "ingot.runtime",
    "preforge": "ingot.runtime",
    "Engine": "ingot.engine",
    "Session": "ingot.runtime",
    "DeviceSpec": "ingot.spec",
    "DType": "ingot.dtypes",
    "CompileError": "ingot.errors",
    "DeviceError": "ingot.errors",
    "EngineError": "ingot.errors",
    "GraphError": "ingot.errors",
    "IngotError": "ingot.errors",
    "InputError": "ingot.errors",
    "ModelError": "ingot.errors",
    "ResourceError": "ingot.errors",
    "RunError": "ingot.errors",
    "ShapeError": "ingot.errors",
    "TextError": "ingot.errors",
    "UnsupportedError": "ingot.errors",
    "UsageError": "ingot.errors",
}
_MODULES = ("dtypes", "errors", "knobs", "spec", "trace")

__version__ = "0.1.0"
__all__ = ["__version__", *_HOMES]  # noqa: PLE0604  (the table holds the names)


def __getattr__(name: str) -> Any:
    """Load the public name on first use (PEP 562)."""
    if name in _MODULES:
        return import_module(f"ingot.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module 'ingot' has no attribute '{name}'")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
