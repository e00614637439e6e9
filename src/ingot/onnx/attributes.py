# SPDX-License-Identifier: Apache-2.0
"""The attributes of one operator call, by type, and the ways to give up on the call.

Every access says what it expects; a model that gives something else ends in an error that names
node, operator and attribute. `refuse` makes an obstacle: the model is fine, we cannot read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NoReturn

from ingot.dtypes import DType
from ingot.errors import ModelError
from ingot.ir.graph import Array
from ingot.onnx.records import GraphRecord, NodeRecord, SparseRecord, TensorRecord
from ingot.onnx.tensors import ELEMENT_TYPES, TensorReader, type_name

REPORT: Final = "export with another operator or opset, or ask for support"


class Refusal(Exception):
    """A mapping cannot read this call; becomes an Obstacle with the node's name."""

    def __init__(self, reason: str, cure: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure


class Deferral(Exception):
    """A mapping leaves this form of the operator to ONNX's function body."""


class Attributes:
    """A node's attributes; remembers which ones were looked at."""

    def __init__(self, node: NodeRecord, label: str, tensors: TensorReader) -> None:
        self.node = node
        self.label = label
        self._tensors = tensors
        self._looked_at: set[str] = set()

    def int_attribute(self, name: str, default: int | None = None) -> int:
        """An int attribute."""
        found: int = self._attribute(name, "int", default)
        return found

    def bool_attribute(self, name: str, default: bool = False) -> bool:
        """An int attribute that means yes or no."""
        return bool(self._attribute(name, "int", int(default)))

    def float_attribute(self, name: str, default: float | None = None) -> float:
        """A float attribute."""
        found: float = self._attribute(name, "float", default)
        return found

    def text_attribute(self, name: str, default: str | None = None) -> str:
        """A string attribute."""
        raw = self._attribute(name, "string", None if default is None else default.encode())
        return str(raw.decode("utf-8", "replace"))

    def texts_attribute(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(raw.decode("utf-8", "replace") for raw in self._attribute(name, "strings", ()))

    def ints_attribute(self, name: str, default: Sequence[int] | None = None) -> tuple[int, ...]:
        """A list of ints."""
        return tuple(self._attribute(name, "ints", None if default is None else tuple(default)))

    def floats_attribute(
        self, name: str, default: Sequence[float] | None = None
    ) -> tuple[float, ...]:
        """A list of floats."""
        return tuple(self._attribute(name, "floats", None if default is None else tuple(default)))

    def array_attribute(self, name: str) -> Array:
        """A tensor attribute."""
        stored: TensorRecord = self._attribute(name, "tensor", None)
        return self._tensors.array(stored)

    def sparse_attribute(self, name: str) -> Array:
        """A sparse tensor attribute, made dense."""
        stored: SparseRecord = self._attribute(name, "sparse", None)
        return self._tensors.sparse(stored)

    def graph_attribute(self, name: str) -> GraphRecord:
        """A subgraph attribute."""
        found: GraphRecord = self._attribute(name, "graph", None)
        return found

    def given(self, name: str) -> bool:
        """Whether the attribute is there."""
        self._looked_at.add(name)
        return name in self.node.attributes

    def check_attributes(self, ignored: Sequence[str]) -> None:
        """Refuse a call with attributes that nothing has looked at."""
        for name in self.node.attributes:
            if name not in self._looked_at and name not in ignored:
                self.refuse(f"attribute '{name}' is not supported", "export without it")

    def choice_attribute(self, name: str, default: str, choices: Sequence[str]) -> str:
        """A string attribute that must be one of `choices`."""
        found = self.text_attribute(name, default)
        if found not in choices:
            self.fail(f"attribute '{name}' is '{found}'", f"it must be one of {', '.join(choices)}")
        return found

    def type_attribute(self, name: str, default: int | None = None) -> DType:
        """An int attribute that is an ONNX element type."""
        return self.known_type(self.int_attribute(name, default), f"attribute '{name}'")

    def known_type(self, code: int, what: str) -> DType:
        """The element type of an ONNX type code; refuses types that no tensor has here."""
        found = ELEMENT_TYPES.get(code)
        if found is None:
            self.refuse(f"{what} asks for {type_name(code)}", "use a float, integer or bool type")
        return found

    def refuse(self, reason: str, cure: str = REPORT) -> NoReturn:
        """Give up on this call: the model is right, it cannot be read."""
        raise Refusal(reason, cure)

    def defer(self) -> NoReturn:
        """Leave this form of the operator to ONNX's own function body."""
        raise Deferral

    def fail(self, rule: str, cure: str) -> NoReturn:
        """The model is wrong."""
        raise self.error(rule, cure)

    def error(self, rule: str, cure: str) -> ModelError:
        """The error for a model that breaks `rule` at this call."""
        return ModelError(f"{self.node.operator} '{self.label}': {rule}", cure=cure)

    def _attribute(self, name: str, kind: str, default: Any) -> Any:
        self._looked_at.add(name)
        found = self.node.attributes.get(name)
        if found is None:
            if default is None:
                self.fail(f"attribute '{name}' is missing", "give it, the operator needs it")
            return default
        if found.kind == kind:
            return found.value
        if not found.value and kind.endswith("s") and found.kind.endswith("s"):
            return ()
        raise self.error(
            f"attribute '{name}' must be {kind}, it is {found.kind}", "correct the model"
        )
