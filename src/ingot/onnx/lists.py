# SPDX-License-Identifier: Apache-2.0
"""Sequences and optionals: settled while reading where their length is known, else kept as lists.

A list whose parts are known is those tensors and no node: SequenceAt of a SequenceConstruct is the
tensor itself. A list that comes from outside, from a branch or a loop, or that is cut where only
the data says, is a value that the runtime holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import BOOL, FLOAT32, INT64, DType
from ingot.ir.graph import ListType, TensorType, Value
from ingot.onnx.call import Call
from ingot.onnx.records import AttributeRecord, GraphRecord, NodeRecord, ValueRecord
from ingot.onnx.tensor import Tensor
from ingot.ops.script import join_types

ReadList = Callable[[Call], list[Tensor]]


def _name(call: Call, output: int = 0) -> str:
    return call.node.outputs[output] or f"{call.label}.{output}"


def _list(call: Call, index: int) -> Tensor:
    tensor = call.tensor(index)
    if not isinstance(tensor.type, ListType):
        call.fail(f"input {index} is a tensor", "it must be a sequence")
    return tensor


def _type(tensor: Tensor) -> ListType:
    assert isinstance(tensor.type, ListType)
    return tensor.type


def _known(call: Call, parts: Sequence[Tensor], dtype: DType) -> Tensor:
    """A sequence of known tensors."""
    type_ = ListType(dtype, (), "empty_sequence")
    for part in parts:
        one = ListType(part.type.dtype, part.shape, "sequence")
        joined = join_types(type_, one)
        if not isinstance(joined, ListType):
            call.fail("the tensors of a sequence have different element types", "correct the model")
        type_ = joined
    return _listed(call, type_, parts)


def _listed(call: Call, type_: ListType, parts: Sequence[Tensor]) -> Tensor:
    """A list of known parts; it becomes a value only where one is needed."""
    name, origin, builder = _name(call), (call.label,), call.builder

    def make() -> Value:
        (value,) = builder.script(
            "list_make", *(part.value for part in parts), shapes=(type_.shape,), names=(name,),
            origin=origin, dtype=type_.dtype, container=type_.container,
        )  # fmt: skip
        return value

    return Tensor(name, type_, make=make, parts=tuple(parts))


def _emit(
    call: Call,
    op: str,
    inputs: Sequence[Value | None],
    shape: Sequence[Dim | None],
    **attributes: object,
) -> Tensor:
    (value,) = call.builder.script(
        op, *inputs, shapes=(shape,), names=(_name(call),), origin=(call.label,), **attributes
    )
    return Tensor(value.name, value.type, value)


def _told(type_: TensorType) -> tuple[Dim | None, ...]:
    """The shape of a tensor out of a list."""
    return tuple(None if size == -1 else size for size in type_.shape)


def _position(call: Call, index: int, length: int, behind: int = 0) -> int | None:
    """A known position from the front; None where it is computed from data.

    `behind` positions more than the tensors that are there may be named from the front.
    """
    found = call.tensor(index).elements
    if found is None or not all(isinstance(item, int) for item in found.reshape(-1).tolist()):
        return None
    position = call.integer(call.size(index, "the position"), "the position")
    if not -length <= position < length + behind:
        call.fail(f"position {position} is outside a sequence of {length}", "correct the model")
    return position + length if position < 0 else position


def _scalar(call: Call, index: int) -> Value:
    value = call[index]
    return value if value.rank == 0 else call.make("reshape", value, shape=())


def _ranked(call: Call, type_: ListType) -> ListType:
    if type_.container != "sequence":
        call.refuse(
            f"the rank of the tensors in '{call.tensor(0).name}' is not known",
            "declare the shape of the sequence's tensors",
        )
    return type_


def _construct(call: Call) -> list[Tensor]:
    parts = [call.tensor(index) for index in range(len(call))]
    return [_known(call, parts, parts[0].type.dtype)]


def _empty(call: Call) -> list[Tensor]:
    dtype = call.type_attribute("dtype") if call.given("dtype") else FLOAT32
    return [_known(call, (), dtype)]


def _at(call: Call) -> list[Tensor]:
    sequence = _list(call, 0)
    if sequence.parts is not None:
        position = _position(call, 1, len(sequence.parts))
        if position is not None:
            return [sequence.parts[position]]
    type_ = _ranked(call, _type(sequence))
    return [_emit(call, "list_at", (sequence.value, _scalar(call, 1)), _told(type_))]


def _insert(call: Call) -> list[Tensor]:
    sequence, tensor = _list(call, 0), call.tensor(1)
    if sequence.parts is not None:
        parts = list(sequence.parts)
        position = _position(call, 2, len(parts), 1) if call.has(2) else len(parts)
        if position is not None:
            return [_known(call, [*parts[:position], tensor, *parts[position:]], tensor.type.dtype)]
    joined = join_types(sequence.type, ListType(tensor.type.dtype, tensor.shape, "sequence"))
    if not isinstance(joined, ListType):
        call.fail(f"a tensor of {tensor.type.dtype} joins {sequence.type}", "correct the model")
    at = _scalar(call, 2) if call.has(2) else None
    inputs = (sequence.value, tensor.value, at)
    return [_emit(call, "list_insert", inputs, joined.shape, container=joined.container)]


def _erase(call: Call) -> list[Tensor]:
    sequence = _list(call, 0)
    if sequence.parts is not None:
        parts = list(sequence.parts)
        position = _position(call, 1, len(parts)) if call.has(1) else len(parts) - 1
        if position is not None and parts:
            return [_known(call, parts[:position] + parts[position + 1 :], sequence.type.dtype)]
    type_ = _type(sequence)
    at = _scalar(call, 1) if call.has(1) else None
    inputs = (sequence.value, at)
    return [_emit(call, "list_erase", inputs, type_.shape, container=type_.container)]


def _length(call: Call) -> list[Tensor]:
    sequence = _list(call, 0)
    if sequence.parts is None:
        return [_emit(call, "list_length", (sequence.value,), ())]
    count = np.empty((), object)
    count[()] = len(sequence.parts)
    value = np.int64(len(sequence.parts))
    make = lambda: call.constant(value)  # noqa: E731  (Tensor calls it when needed)
    return [Tensor(_name(call), TensorType(INT64, ()), elements=count, make=make)]


def _split(call: Call) -> list[Tensor]:
    axis = call.axis(call.int_attribute("axis", 0), call.rank())
    keep = call.bool_attribute("keepdims", True) or call.has(1)
    size, shape = call.shape()[axis], call.shape()
    sizes = _part_sizes(call, size)
    if sizes is not None:
        return [_known(call, _parts(call, axis, sizes, keep=keep), call.dtype())]
    rest = (*shape[:axis], *((-1,) if keep else ()), *shape[axis + 1 :])
    sized = not call.has(1) or call.rank(1) == 0
    given = call[1] if call.has(1) else call.constant(np.int64(1))
    if keep and not call.has(1):
        rest = (*shape[:axis], 1, *shape[axis + 1 :])
    elif sized and call.has(1) and call.tensor(1).elements is not None and size == 0:
        rest = shape
    return [
        _emit(
            call, "list_split", (call[0], given), rest,
            dtype=call.dtype(), container="sequence", axis=axis, keep=keep,
        )
    ]  # fmt: skip


def _part_sizes(call: Call, size: Dim) -> list[int] | None:
    """The sizes of the parts, where all of them are known."""
    if not call.has(1):
        return [1] * size if isinstance(size, int) else None
    if call.tensor(1).elements is None:
        return None
    given = call.integers(1, "the split")
    if call.rank(1) == 1:
        call.require_equal(sum(given), size, "the sum of the split and the axis")
        return list(given)
    if given[0] < 1:
        call.fail(f"parts of size {given[0]}", "they must have an element")
    if not isinstance(size, int):
        return None
    whole, rest = divmod(size, given[0])
    return [given[0]] * whole + [rest] * bool(rest)


def _parts(call: Call, axis: int, sizes: Sequence[int], *, keep: bool) -> list[Tensor]:
    shape, start, parts = call.shape(), 0, []
    for size in sizes:
        starts, ends = [0] * len(shape), list(shape)
        starts[axis], ends[axis] = start, start + size
        steps = (1,) * len(shape)
        part = call.make("slice", call[0], starts=tuple(starts), ends=tuple(ends), steps=steps)
        if not keep:
            part = call.make("reshape", part, shape=(*shape[:axis], *shape[axis + 1 :]))
        parts.append(Tensor(part.name, part.type, part))
        start += size
    return parts


def _concat(call: Call) -> list[Tensor]:
    sequence, new_axis = _list(call, 0), call.bool_attribute("new_axis")
    if sequence.parts:
        rank = len(sequence.parts[0].shape) + new_axis
        axis = call.axis(call.int_attribute("axis"), rank)
        values = [part.value for part in sequence.parts]
        if new_axis:
            values = [_widened(call, value, axis) for value in values]
        made = call.result("concat", *values, axis=axis)
        return [Tensor(made.name, made.type, made)]
    shape = list(_told(_ranked(call, _type(sequence))))
    axis = call.axis(call.int_attribute("axis"), len(shape) + new_axis)
    if new_axis:
        shape.insert(axis, None)
    else:
        shape[axis] = None
    return [_emit(call, "list_join", (sequence.value,), shape, axis=axis, new_axis=new_axis)]


def _widened(call: Call, value: Value, axis: int) -> Value:
    return call.make("reshape", value, shape=(*value.shape[:axis], 1, *value.shape[axis:]))


def _optional(call: Call) -> list[Tensor]:
    if call.has(0):
        tensor = call.tensor(0)
        lists = isinstance(tensor.type, ListType)
        container = f"optional_{_type(tensor).container}" if lists else "optional_tensor"
        type_ = ListType(tensor.type.dtype, tensor.shape, container)
        return [_listed(call, type_, (tensor,))]
    record = call.node.attributes["type"].value if call.given("type") else None
    if not isinstance(record, ValueRecord):
        call.fail("it has neither an input nor a type", "correct the model")
    return [_listed(call, list_type(call, record, optional=True), ())]


def list_type(call: Call, record: ValueRecord, *, optional: bool) -> ListType:
    """The type of an optional that a type record describes the content of."""
    dtype = call.known_type(record.element_type, "the type")
    if record.kind == "sequence":
        return ListType(dtype, (), "optional_any_sequence")
    shape = tuple(size if isinstance(size, int) else -1 for size in record.shape or ())
    return ListType(dtype, shape, "optional_tensor")


def _has(call: Call) -> list[Tensor]:
    known: bool | None = False
    if call.has(0):
        tensor = call.tensor(0)
        optional = isinstance(tensor.type, ListType) and "optional" in tensor.type.container
        known = None if optional else True
        if optional and tensor.parts is not None:
            known = bool(tensor.parts)
    if known is None:
        return [_emit(call, "optional_has", (call[0],), ())]
    flag = np.empty((), object)
    flag[()] = known
    make = lambda: call.constant(np.bool_(known))  # noqa: E731  (Tensor calls it when needed)
    return [Tensor(_name(call), TensorType(BOOL, ()), elements=flag, make=make)]


def _get(call: Call) -> list[Tensor]:
    tensor = call.tensor(0)
    if not isinstance(tensor.type, ListType) or "optional" not in tensor.type.container:
        return [tensor]
    if tensor.parts is not None:
        if not tensor.parts:
            call.fail("the optional is empty", "ask OptionalHasElement first")
        return [tensor.parts[0]]
    plain = tensor.type.container == "optional_tensor"
    shape = _told(tensor.type) if plain else tensor.type.shape
    return [_emit(call, "optional_get", (tensor.value,), shape)]


def map_nodes(call: Call, prefix: str) -> list[NodeRecord]:
    """SequenceMap as a Loop over positions, with lists that grow."""
    body, node = call.graph_attribute("body"), call.node

    def own(name: str) -> str:
        return f"{prefix}/{name}"

    def simple(op: str, inputs: Sequence[str], output: str) -> NodeRecord:
        return NodeRecord(op, "", "", tuple(inputs), (output,), {})

    taken, given = [], zip(node.inputs, body.inputs, strict=True)
    for position, (name, formal) in enumerate(given):
        lists = isinstance(call.tensor(position).type, ListType)
        inputs = (name, own("turn")) if lists else (name,)
        taken.append(simple("SequenceAt" if lists else "Identity", inputs, formal.name))
    grown = [
        simple("SequenceInsert", (own(f"before_{k}"), value.name), own(f"behind_{k}"))
        for k, value in enumerate(body.outputs)
    ]
    kept = simple("Identity", (own("on"),), own("goes_on"))
    loop_body = GraphRecord(
        body.name or "body",
        (kept, *taken, *body.nodes, *grown),
        tuple(map(_value, (own("turn"), own("on"), *(one.inputs[0] for one in grown)))),
        tuple(map(_value, (own("goes_on"), *(one.outputs[0] for one in grown)))),
        body.initializers,
        body.sparse_initializers,
    )
    empty = [simple("SequenceEmpty", (), own(f"empty_{k}")) for k in range(len(body.outputs))]
    loop = NodeRecord(
        "Loop", "", "", (own("count"), "", *(one.outputs[0] for one in empty)),
        node.outputs, {"body": AttributeRecord("body", "graph", loop_body)},
    )  # fmt: skip
    return [simple("SequenceLength", (node.inputs[0],), own("count")), *empty, loop]


def _value(name: str) -> ValueRecord:
    return ValueRecord(name)


LISTS: Final[dict[str, ReadList]] = {
    "SequenceConstruct": _construct,
    "SequenceEmpty": _empty,
    "SequenceAt": _at,
    "SequenceInsert": _insert,
    "SequenceErase": _erase,
    "SequenceLength": _length,
    "SplitToSequence": _split,
    "ConcatFromSequence": _concat,
    "Optional": _optional,
    "OptionalHasElement": _has,
    "OptionalGetElement": _get,
}
