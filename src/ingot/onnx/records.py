# SPDX-License-Identifier: Apache-2.0
"""Neutral records of a model: what the reader works on, whoever delivered it.

An adapter (`proto` for the ONNX wire format) fills these records; `reader` turns them into a
Graph and never sees a protobuf object. Records hold names and small values; tensor payloads stay
where they are until `tensors` looks at them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ingot.onnx.source import Span


@dataclass(frozen=True, slots=True)
class TensorRecord:
    """One stored tensor: its description, and where its payload lies.

    Exactly one of `raw` (little-endian bytes), `typed` (packed values of the field that is named
    in `field`) and `external` (location, offset, length as text) is filled for a tensor with
    elements.
    """

    name: str
    dims: tuple[int, ...]
    data_type: int
    raw: Span | None = None
    field: str = ""
    typed: tuple[Span | int, ...] = ()
    external: Mapping[str, str] | None = None
    strings: int = 0


@dataclass(frozen=True, slots=True)
class SparseRecord:
    """A sparse tensor: values, their linear or per-axis indices, and the dense shape."""

    values: TensorRecord
    indices: TensorRecord
    dims: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ValueRecord:
    """A declared input or output: `kind` is "tensor" or what it is instead.

    A size is an int, a name, or None where the model does not say; `shape` is None where not even
    the rank is known, `element_type` 0 where the type is not stated.
    """

    name: str
    kind: str = "tensor"
    element_type: int = 0
    shape: tuple[int | str | None, ...] | None = None


@dataclass(frozen=True, slots=True)
class AttributeRecord:
    """A node attribute: its kind ("int", "floats", "tensor", ...) and a value of that kind.

    Strings are bytes and repeated kinds tuples. Inside a function body `reference` may name an
    attribute of the call, which then stands for the value.
    """

    name: str
    kind: str
    value: object
    reference: str = ""


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """One operator call. An empty input or output name means that it is left out."""

    op: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, AttributeRecord]
    overload: str = ""

    @property
    def operator(self) -> str:
        """The operator with its domain, where that is not ONNX's own."""
        return f"{self.domain}.{self.op}" if self.domain else self.op


@dataclass(frozen=True, slots=True)
class GraphRecord:
    """A graph or subgraph as the model states it, nodes in file order.

    `declared` are types of tensors on the way, which exporters may add: hints, and often missing.
    """

    name: str
    nodes: tuple[NodeRecord, ...]
    inputs: tuple[ValueRecord, ...]
    outputs: tuple[ValueRecord, ...]
    initializers: tuple[TensorRecord, ...]
    sparse_initializers: tuple[SparseRecord, ...] = ()
    declared: tuple[ValueRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionRecord:
    """A function: formal inputs, outputs, attribute names with and without defaults, and body."""

    name: str
    domain: str
    overload: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[str, ...]
    defaults: Mapping[str, AttributeRecord]
    nodes: tuple[NodeRecord, ...]
    opsets: Mapping[str, int]

    @property
    def key(self) -> tuple[str, str, str]:
        """What a node must say to call this function."""
        return (self.domain, self.name, self.overload)


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A whole model."""

    ir_version: int
    opsets: Mapping[str, int]
    graph: GraphRecord
    functions: Mapping[tuple[str, str, str], FunctionRecord] = field(default_factory=dict)
