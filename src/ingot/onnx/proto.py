# SPDX-License-Identifier: Apache-2.0
"""Adapter from the ONNX wire format to records: one small function per message.

The field numbers are those of `onnx.proto`. Unknown fields are skipped, as protobuf demands.
Weights are not read here: a tensor's payload stays a span of the mapped file.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from ingot.errors import IngotError, ModelError
from ingot.onnx.budget import NAME, NUMBER, RECORD, SMALL_RECORD
from ingot.onnx.records import (
    AttributeRecord,
    FunctionRecord,
    GraphRecord,
    ModelRecord,
    NodeRecord,
    SparseRecord,
    TensorRecord,
    ValueRecord,
)
from ingot.onnx.source import Source, Span
from ingot.onnx.wire import DAMAGED, LENGTH, damaged, fields, float32, packed_varints, signed, text

T = TypeVar("T")
DEEPEST: Final = 48
TYPED_FIELDS: Final = {
    4: "float_data",
    5: "int32_data",
    7: "int64_data",
    10: "double_data",
    11: "uint64_data",
}
TYPE_FORMS: Final = {1: "tensor", 4: "sequence", 5: "map", 7: "opaque", 8: "sparse", 9: "optional"}
ATTRIBUTE_KINDS: Final = {
    1: "float",
    2: "int",
    3: "string",
    4: "tensor",
    5: "graph",
    6: "floats",
    7: "ints",
    8: "strings",
    9: "tensors",
    10: "graphs",
    11: "sparse",
    12: "sparses",
    13: "type",
    14: "types",
}


def parse_model(source: Source) -> ModelRecord:
    """The whole model; raises ModelError for bytes that are none."""
    if not source.size:
        raise ModelError(f"{source.label}: is empty", cure=DAMAGED)
    ir_version, opsets, graphs, functions = 0, {}, [], {}
    for number, wire, value in fields(Span(source, 0, source.size)):
        if number == 1:
            ir_version = _int(value, source)
        elif number == 7:
            graphs.append(_graph(_span(value, wire, source), 0))
        elif number == 8:
            domain, version = _opset(_span(value, wire, source))
            opsets[domain] = version
        elif number == 25:
            function = _function(_span(value, wire, source))
            functions[function.key] = function
    if len(graphs) != 1:
        found = "no graph" if not graphs else f"{len(graphs)} graphs"
        raise ModelError(f"{source.label}: holds {found}, a model has one", cure=DAMAGED)
    return ModelRecord(ir_version, opsets, graphs[0], functions)


def parse_function(data: bytes, label: str) -> FunctionRecord:
    """A serialized FunctionProto."""
    source = Source(data, label)
    return _function(Span(source, 0, source.size))


def parse_attribute(data: bytes, label: str) -> AttributeRecord:
    """A serialized AttributeProto."""
    source = Source(data, label)
    return _attribute(Span(source, 0, source.size), 0)


def _span(value: int | Span, wire: int, source: Source) -> Span:
    if wire != LENGTH or not isinstance(value, Span):
        raise damaged(source, 0, "a message or text is stored as a number")
    return value


def _int(value: int | Span, source: Source) -> int:
    if isinstance(value, Span):
        raise damaged(source, value.start, "a number is stored as text")
    return signed(value)


def _text(value: int | Span) -> str:
    if not isinstance(value, Span):
        raise ModelError("a name in the model is stored as a number", cure=DAMAGED)
    value.source.budget.take(NAME + len(value), value.source.label)
    return text(value)


def _ints(value: int | Span) -> list[int]:
    """The ints of a repeated field, packed or one at a time."""
    if isinstance(value, Span):
        numbers = packed_varints(value)
        value.source.budget.take(NUMBER * numbers.size, value.source.label)
        return [int(item) for item in numbers]
    return [signed(value)]


def _floats(value: int | Span) -> list[float]:
    """The float32 values of a repeated field, packed or one at a time."""
    if not isinstance(value, Span):
        return [float32(value)]
    if len(value) % 4:
        raise damaged(value.source, value.start, "a packed field is cut off")
    value.source.budget.take(NUMBER * (len(value) // 4), value.source.label)
    data = value.source.data[value.start : value.stop]
    return list(struct.unpack(f"<{len(value) // 4}f", data))


def _opset(span: Span) -> tuple[str, int]:
    domain, version = "", 0
    for number, _, value in fields(span):
        if number == 1:
            domain = _text(value)
        elif number == 2:
            version = _int(value, span.source)
    return plain_domain(domain), version


def plain_domain(domain: str) -> str:
    """ONNX's own domain has two spellings; the empty one is kept."""
    return "" if domain == "ai.onnx" else domain


def _graph(span: Span, depth: int) -> GraphRecord:
    if depth > DEEPEST:
        raise ModelError(f"{span.source.label}: subgraphs nest too deep", cure=DAMAGED)
    source, name = span.source, ""
    nodes: list[NodeRecord] = []
    inputs: list[ValueRecord] = []
    outputs: list[ValueRecord] = []
    declared: list[ValueRecord] = []
    tensors: list[TensorRecord] = []
    sparse: list[SparseRecord] = []
    for number, wire, value in fields(span):
        if number == 1:
            nodes.append(_placed_node(_span(value, wire, source), depth, nodes))
        elif number == 2:
            name = _text(value)
        elif number == 5:
            tensors.append(_tensor(_span(value, wire, source)))
        elif number == 11:
            inputs.append(_value(_span(value, wire, source)))
        elif number == 12:
            outputs.append(_value(_span(value, wire, source)))
        elif number == 13:
            declared.append(_value(_span(value, wire, source)))
        elif number == 15:
            sparse.append(_sparse(_span(value, wire, source)))
    return GraphRecord(
        name,
        tuple(nodes),
        tuple(inputs),
        tuple(outputs),
        tuple(tensors),
        tuple(sparse),
        tuple(declared),
    )


def _placed_node(span: Span, depth: int, before: Sequence[NodeRecord]) -> NodeRecord:
    """A node; an error in it tells where in the graph it stands."""
    try:
        return _node(span, depth)
    except IngotError as error:
        follows = f", after {before[-1].operator} '{before[-1].name}'" if before else ""
        error.add_note(f"while reading node {len(before)} of a graph{follows}")
        raise


def _node(span: Span, depth: int) -> NodeRecord:
    span.source.budget.take(RECORD, span.source.label)
    inputs: list[str] = []
    outputs: list[str] = []
    attributes: dict[str, AttributeRecord] = {}
    name = op = domain = overload = ""
    for number, _, value in fields(span):
        if number == 1:
            inputs.append(_text(value))
        elif number == 2:
            outputs.append(_text(value))
        elif number == 3:
            name = _text(value)
        elif number == 4:
            op = _text(value)
        elif number == 5 and isinstance(value, Span):
            attribute = _attribute(value, depth)
            attributes[attribute.name] = attribute
        elif number == 7:
            domain = plain_domain(_text(value))
        elif number == 8:
            overload = _text(value)
    return NodeRecord(op, domain, name, tuple(inputs), tuple(outputs), attributes, overload)


def _function(span: Span) -> FunctionRecord:
    inputs: list[str] = []
    outputs: list[str] = []
    names: list[str] = []
    nodes: list[NodeRecord] = []
    defaults: dict[str, AttributeRecord] = {}
    opsets: dict[str, int] = {}
    name = domain = overload = ""
    for number, wire, value in fields(span):
        if number == 1:
            name = _text(value)
        elif number == 4:
            inputs.append(_text(value))
        elif number == 5:
            outputs.append(_text(value))
        elif number == 6:
            names.append(_text(value))
        elif number == 7:
            nodes.append(_node(_span(value, wire, span.source), 0))
        elif number == 9:
            imported, version = _opset(_span(value, wire, span.source))
            opsets[imported] = version
        elif number == 10:
            domain = plain_domain(_text(value))
        elif number == 11:
            default = _attribute(_span(value, wire, span.source), 0)
            defaults[default.name] = default
        elif number == 13:
            overload = _text(value)
    return FunctionRecord(
        name,
        domain,
        overload,
        tuple(inputs),
        tuple(outputs),
        (*names, *defaults),
        defaults,
        tuple(nodes),
        opsets,
    )


def _attribute(span: Span, depth: int) -> AttributeRecord:
    span.source.budget.take(SMALL_RECORD, span.source.label)
    name = reference = ""
    declared = 0
    single: dict[str, object] = {}
    lists: dict[str, list[object]] = {}
    source = span.source
    for number, wire, value in fields(span):
        source.budget.take(NUMBER, source.label)
        if number == 1:
            name = _text(value)
        elif number == 20:
            declared = _int(value, source)
        elif number == 21:
            reference = _text(value)
        elif number == 2 and isinstance(value, int):
            single["float"] = float32(value)
        elif number == 3:
            single["int"] = _int(value, source)
        elif number == 4 and isinstance(value, Span):
            single["string"] = bytes(source.data[value.start : value.stop])
        elif number == 7:
            lists.setdefault("floats", []).extend(_floats(value))
        elif number == 8:
            lists.setdefault("ints", []).extend(_ints(value))
        elif number == 9 and isinstance(value, Span):
            lists.setdefault("strings", []).append(bytes(source.data[value.start : value.stop]))
        elif number in _MESSAGES:
            kind, parse = _MESSAGES[number]
            item = parse(_span(value, wire, source), depth + 1)
            if kind.endswith("s"):
                lists.setdefault(kind, []).append(item)
            else:
                single[kind] = item
    return _finish_attribute(name, reference, declared, single, lists)


def _finish_attribute(
    name: str,
    reference: str,
    declared: int,
    single: dict[str, object],
    lists: dict[str, list[object]],
) -> AttributeRecord:
    """Pick the value of the declared kind; old models declare none, so the filled field counts."""
    filled = [*single, *lists]
    kind = ATTRIBUTE_KINDS.get(declared, "") if declared else (filled[0] if filled else "")
    if not kind and not reference:
        found = f"the unknown type {declared}" if declared else "no value"
        raise ModelError(f"attribute '{name}' has {found}", cure=DAMAGED)
    if kind in lists or kind.endswith("s"):
        return AttributeRecord(name, kind, tuple(lists.get(kind, ())), reference)
    value = single.get(kind, _EMPTY.get(kind))
    if value is None and not reference:
        raise ModelError(f"attribute '{name}' is declared {kind} and has none", cure=DAMAGED)
    return AttributeRecord(name, kind, value, reference)


_EMPTY: Final[dict[str, object]] = {"int": 0, "float": 0.0, "string": b""}


def _tensor(span: Span) -> TensorRecord:
    source = span.source
    source.budget.take(RECORD, source.label)
    dims: list[int] = []
    typed: list[Span | int] = []
    external: dict[str, str] = {}
    name = field = ""
    raw: Span | None = None
    data_type = location = strings = 0
    for number, wire, value in fields(span):
        source.budget.take(NUMBER, source.label)
        if number == 1:
            dims.extend(_ints(value))
        elif number == 2:
            data_type = _int(value, source)
        elif number in TYPED_FIELDS:
            field = TYPED_FIELDS[number]
            typed.append(value)
        elif number == 6:
            strings += 1
        elif number == 8:
            name = _text(value)
        elif number == 9:
            raw = _span(value, wire, source)
        elif number == 13:
            key, content = _entry(_span(value, wire, source))
            external[key] = content
        elif number == 14:
            location = _int(value, source)
    return TensorRecord(
        name,
        tuple(dims),
        data_type,
        raw,
        field,
        tuple(typed),
        external if location == 1 else None,
        strings,
    )


def _sparse(span: Span) -> SparseRecord:
    parts: dict[int, TensorRecord] = {}
    dims: list[int] = []
    for number, wire, value in fields(span):
        if number in (1, 2):
            parts[number] = _tensor(_span(value, wire, span.source))
        elif number == 3:
            dims.extend(_ints(value))
    if len(parts) != 2:
        raise damaged(span.source, span.start, "a sparse tensor lacks its values or its indices")
    return SparseRecord(parts[1], parts[2], tuple(dims))


def _entry(span: Span) -> tuple[str, str]:
    parts = {number: _text(value) for number, _, value in fields(span) if number in (1, 2)}
    return parts.get(1, ""), parts.get(2, "")


def _value(span: Span) -> ValueRecord:
    span.source.budget.take(SMALL_RECORD, span.source.label)
    name, declared = "", ValueRecord("", kind="untyped")
    for number, wire, value in fields(span):
        if number == 1:
            name = _text(value)
        elif number == 2:
            declared = _type(_span(value, wire, span.source))
    return ValueRecord(name, declared.kind, declared.element_type, declared.shape)


def _type(span: Span, depth: int = 0) -> ValueRecord:
    for number, wire, value in fields(span):
        if number == 1:
            return _tensor_type(_span(value, wire, span.source))
        if number in TYPE_FORMS:
            return _container(_span(value, wire, span.source), TYPE_FORMS[number], depth)
    return ValueRecord("", kind="untyped")


def _container(span: Span, kind: str, depth: int) -> ValueRecord:
    """The type of a sequence or optional, with that of what it holds."""
    if kind not in ("sequence", "optional") or depth > 1:
        return ValueRecord("", kind=kind)
    for number, wire, value in fields(span):
        if number == 1:
            inner = _type(_span(value, wire, span.source), depth + 1)
            name = kind if (kind, inner.kind) == ("sequence", "tensor") else f"{kind}_{inner.kind}"
            return ValueRecord("", name, inner.element_type, inner.shape)
    return ValueRecord("", kind=kind)


def _tensor_type(span: Span) -> ValueRecord:
    element_type, shape = 0, None
    for number, wire, value in fields(span):
        if number == 1:
            element_type = _int(value, span.source)
        elif number == 2:
            inner = fields(_span(value, wire, span.source))
            shape = tuple(_dimension(_span(v, w, span.source)) for n, w, v in inner if n == 1)
    return ValueRecord("", "tensor", element_type, shape)


def _dimension(span: Span) -> int | str | None:
    span.source.budget.take(NAME, span.source.label)
    for number, _, value in fields(span):
        if number == 1:
            return _int(value, span.source)
        if number == 2:
            return _text(value) or None
    return None


def _drop_depth(parse: Callable[[Span], T]) -> Callable[[Span, int], T]:
    return lambda span, depth: parse(span)


_MESSAGES: Final[dict[int, tuple[str, Callable[[Span, int], object]]]] = {
    5: ("tensor", _drop_depth(_tensor)),
    6: ("graph", _graph),
    10: ("tensors", _drop_depth(_tensor)),
    11: ("graphs", _graph),
    14: ("type", _drop_depth(_type)),
    15: ("types", _drop_depth(_type)),
    22: ("sparse", _drop_depth(_sparse)),
    23: ("sparses", _drop_depth(_sparse)),
}
