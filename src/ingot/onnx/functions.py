# SPDX-License-Identifier: Apache-2.0
"""Functions: operators whose meaning is a body of other nodes.

A model brings its own, and ONNX defines many operators so. A call is replaced by the nodes of the
body with formal names replaced by actual ones and attribute references by attributes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import onnx
from onnx import defs, helper

from ingot.ir.graph import TensorType
from ingot.onnx.proto import parse_attribute, parse_function
from ingot.onnx.records import (
    AttributeRecord,
    FunctionRecord,
    GraphRecord,
    NodeRecord,
    SparseRecord,
    TensorRecord,
    ValueRecord,
)
from ingot.onnx.tensors import ELEMENT_TYPES

Rename = Callable[[str], str]
NEWEST = (1 << 31) - 1
CODES = {dtype: code for code, dtype in ELEMENT_TYPES.items()}


def has_function(node: NodeRecord, opset: int) -> bool:
    """Whether ONNX may give a body for this operator in this opset."""
    schema = _schema(node, opset)
    return schema is not None and bool(
        schema.function_opset_versions or schema.context_dependent_function_opset_versions
    )


def standard_function(
    node: NodeRecord, opset: int, types: Sequence[TensorType | None]
) -> FunctionRecord | None:
    """The body that ONNX gives for this call in this opset, or None where it has none.

    A body is in the opset that it declares, which may be another than the model's.
    """
    schema = _schema(node, opset)
    if schema is None:
        return None
    if schema.function_opset_versions:
        version = _nearest(schema.function_opset_versions, opset)
        body = schema.get_function_with_opset_version(version)
    else:
        version = _nearest(schema.context_dependent_function_opset_versions, opset)
        call = _call_proto(node)
        if version is None or call is None:
            return None
        described = [_type_proto(type_) for type_ in types]
        make = schema.get_context_dependent_function_with_opset_version
        try:
            body = make(version, call.SerializeToString(), described)
        except (ValueError, RuntimeError, TypeError, IndexError):
            return None
    content = body if isinstance(body, bytes) else body.SerializeToString()
    if not content:
        return None
    function = parse_function(content, f"the function body of {node.operator}")
    return dataclasses.replace(function, defaults={**_defaults(schema), **function.defaults})


def _schema(node: NodeRecord, opset: int) -> Any:
    try:
        return defs.get_schema(node.op, min(max(opset, 1), NEWEST), node.domain)
    except defs.SchemaError:
        return None


def _nearest(versions: Sequence[int], opset: int) -> int | None:
    """The newest version not after `opset`, else the oldest."""
    older = [version for version in versions if version <= opset]
    return max(older) if older else min(versions, default=None)


def _defaults(schema: Any) -> dict[str, AttributeRecord]:
    """The default values that an operator's schema gives its attributes."""
    found = {}
    for name, attribute in schema.attributes.items():
        if attribute.default_value.type:
            content = attribute.default_value.SerializeToString()
            found[name] = parse_attribute(content, f"the schema of {schema.name}")
    return found


def _call_proto(node: NodeRecord) -> onnx.NodeProto | None:
    """The call as ONNX's own record; None where an attribute is no plain value."""
    values = {name: record.value for name, record in node.attributes.items()}
    plain = (int, float, str, bytes, tuple)
    if not all(isinstance(value, plain) for value in values.values()):
        return None
    empty = {name for name, value in values.items() if value == ()}
    kept: dict[str, Any] = {name: values[name] for name in values if name not in empty}
    return helper.make_node(node.op, node.inputs, node.outputs, domain=node.domain, **kept)


def _type_proto(type_: TensorType | None) -> bytes:
    if type_ is None:
        return b""
    sizes = [size if isinstance(size, int) else str(size) for size in type_.shape]
    code = CODES[type_.dtype]
    return bytes(helper.make_tensor_type_proto(code, sizes).SerializeToString())


def instantiate(
    function: FunctionRecord, call: NodeRecord, prefix: str
) -> tuple[list[NodeRecord], dict[str, str]]:
    """The body's nodes for one call, and the actual name of every formal input and output.

    Outputs take the call's names; other tensors of the body are called `prefix/name`.
    """
    actual = dict.fromkeys((*function.inputs, *function.outputs), "")
    actual |= dict(zip(function.inputs, call.inputs, strict=False))
    passed = set(function.inputs)
    for formal, name in zip(function.outputs, call.outputs, strict=False):
        if formal not in passed:
            actual[formal] = name or f"{prefix}/{formal}"
    for formal in function.outputs:
        actual[formal] = actual[formal] or f"{prefix}/{formal}"
    attributes = {**function.defaults, **call.attributes}

    def rename(name: str) -> str:
        return actual.get(name, f"{prefix}/{name}") if name else ""

    return [rewritten(node, rename, attributes) for node in function.nodes], actual


def rewritten(
    node: NodeRecord, rename: Rename, attributes: Mapping[str, AttributeRecord] | None = None
) -> NodeRecord:
    """A node under other tensor names, references resolved to `attributes` or dropped."""
    resolved: dict[str, AttributeRecord] = {}
    for name, attribute in node.attributes.items():
        if attribute.reference and attributes is not None:
            if attribute.reference not in attributes:
                continue
            found = attributes[attribute.reference]
            attribute = dataclasses.replace(found, name=name)
        resolved[name] = _renamed_attribute(attribute, rename, attributes)
    return dataclasses.replace(
        node,
        inputs=tuple(map(rename, node.inputs)),
        outputs=tuple(map(rename, node.outputs)),
        attributes=resolved,
    )


def _renamed_attribute(
    attribute: AttributeRecord,
    rename: Rename,
    attributes: Mapping[str, AttributeRecord] | None,
) -> AttributeRecord:
    if isinstance(attribute.value, GraphRecord):
        return dataclasses.replace(attribute, value=renamed(attribute.value, rename, attributes))
    return attribute


def renamed(
    graph: GraphRecord, rename: Rename, attributes: Mapping[str, AttributeRecord] | None = None
) -> GraphRecord:
    """A subgraph under other tensor names."""

    def value(record: ValueRecord) -> ValueRecord:
        return dataclasses.replace(record, name=rename(record.name))

    def tensor(record: TensorRecord) -> TensorRecord:
        return dataclasses.replace(record, name=rename(record.name))

    def sparse(record: SparseRecord) -> SparseRecord:
        return dataclasses.replace(record, values=tensor(record.values))

    return GraphRecord(
        graph.name,
        tuple(rewritten(node, rename, attributes) for node in graph.nodes),
        tuple(map(value, graph.inputs)),
        tuple(map(value, graph.outputs)),
        tuple(map(tensor, graph.initializers)),
        tuple(map(sparse, graph.sparse_initializers)),
        tuple(map(value, graph.declared)),
    )
