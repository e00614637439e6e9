# SPDX-License-Identifier: Apache-2.0
"""What is supported of ONNX: every operator that can be read, since when, and with what limits.

The limits are the refusals that stand in the mappings themselves, read from their sources, so that
the table cannot say anything else than the code does.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import FunctionType, ModuleType
from typing import Any, Final

from onnx import defs

from ingot.onnx.operator import Operator
from ingot.onnx.reader import CONTROL
from ingot.onnx.table import OPERATORS

DEEPEST: Final = 4


@dataclass(frozen=True)
class Support:
    """One operator: the opsets in which a form of it begins, what makes it, and its limits.

    `way` is "mapping", "control flow" or "function" (the body that ONNX gives).
    """

    domain: str
    name: str
    since: tuple[int, ...]
    way: str
    limits: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The operator with its domain, where that is not ONNX's own."""
        return f"{self.domain}.{self.name}" if self.domain else self.name


def supported() -> list[Support]:
    """Every operator that can be read, ONNX's own first."""
    found = [
        Support(domain, name, tuple(sorted(o.since for o in forms)), "mapping", _limits(forms))
        for (domain, name), forms in OPERATORS.items()
    ]
    known = {(support.domain, support.name) for support in found} | OPERATORS.keys()
    found += [Support("", name, (1,), "control flow") for name in CONTROL]
    found += [
        Support("", schema.name, (schema.since_version,), "function")
        for schema in defs.get_all_schemas()
        if not schema.domain and _has_body(schema) and ("", schema.name) not in known
    ]
    return sorted(found, key=lambda support: (support.domain, support.name))


def _has_body(schema: Any) -> bool:
    return bool(schema.has_function or schema.has_context_dependent_function)


def _limits(forms: tuple[Operator, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for form in forms:
        read = form.read
        if isinstance(read, FunctionType):
            found.update(dict.fromkeys(refusals(read)))
    return tuple(found)


def refusals(function: FunctionType) -> list[str]:
    """What a mapping, with the functions of its module that it calls, refuses."""
    module = inspect.getmodule(function)
    if module is None:
        return []
    functions = _functions(module)
    name = function.__qualname__.partition(".")[0]
    return list(dict.fromkeys(_refusals(functions, name, DEEPEST)))


@lru_cache(None)
def _functions(module: ModuleType) -> Mapping[str, ast.FunctionDef]:
    tree = ast.parse(inspect.getsource(module))
    return {part.name: part for part in tree.body if isinstance(part, ast.FunctionDef)}


def _refusals(functions: Mapping[str, ast.FunctionDef], name: str, depth: int) -> Iterator[str]:
    if name not in functions or not depth:
        return
    for part in ast.walk(functions[name]):
        if not isinstance(part, ast.Call):
            continue
        if isinstance(part.func, ast.Attribute) and part.func.attr == "refuse" and part.args:
            yield from _text(part.args[0])
        elif isinstance(part.func, ast.Name) and part.func.id != name:
            yield from _refusals(functions, part.func.id, depth - 1)


def _text(expression: ast.expr) -> Iterator[str]:
    """A message as it stands in the source, with … for what is filled in."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        yield expression.value
    elif isinstance(expression, ast.JoinedStr):
        parts = (
            part.value if isinstance(part, ast.Constant) else "…" for part in expression.values
        )
        yield "".join(map(str, parts))
