# SPDX-License-Identifier: Apache-2.0
"""If, Loop and Scan: bodies are read as graphs of their own, results get the sizes they can have.

A size that branches disagree on, that a body measures, or that changes from turn to turn is one
that the node tells when it has run. A value that a loop carries on has the type that its body gives
back: where a size changes, the body is read again with a size of its own in that place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.dtypes import BOOL, INT64
from ingot.ir.graph import Attribute, ListType, TensorType, Value
from ingot.onnx.bodies import Body, BodyBuilder
from ingot.onnx.call import Call
from ingot.onnx.records import GraphRecord
from ingot.onnx.tensor import Tensor
from ingot.ops.script import join_types

# Reads a subgraph whose formal inputs have these types.
ReadBody = Callable[[Call, GraphRecord, Sequence[TensorType]], Body]
Shape = tuple[Dim | None, ...]
SCALAR = TensorType(INT64, ())
FLAG = TensorType(BOOL, ())


def read_if(call: Call, read: ReadBody) -> list[Tensor]:
    """If, whose condition is known when it runs."""
    bodies = [read(call, call.graph_attribute(f"{name}_branch"), ()) for name in ("then", "else")]
    first, second = bodies
    if len(first.outputs) != len(second.outputs):
        call.fail("its branches have different numbers of outputs", "correct the model")
    pairs = list(zip(first.outputs, second.outputs, strict=True))
    types = [_either(call, a.type, b.type) for a, b in pairs]
    both = zip(types, pairs, strict=True)
    shapes = [_common(first, second, t, (a.type, b.type)) for t, (a, b) in both]
    captured = _captured(bodies)
    graphs = [body.finish(captured) for body in bodies]
    condition = _scalar(call, call[0])
    return _emit(
        call, "if", (condition, *captured), shapes, then_body=graphs[0], else_body=graphs[1]
    )


def read_loop(call: Call, read: ReadBody) -> list[Tensor]:
    """Loop: a limit, a condition, or both; carried values and stacked items."""
    record = call.graph_attribute("body")
    state = [call.tensor(index) for index in range(2, len(call))]
    if len(record.inputs) != len(state) + 2 or len(record.outputs) < len(state) + 1:
        call.fail("its body does not fit the number of its inputs", "correct the model")
    body, types = _settled(call, state, lambda t: read(call, record, (SCALAR, FLAG, *t)), 1)
    body, wrapped = _wrapped(body, types)
    limit = call.get(0) if call.has(0) else None
    condition = call.get(1) if call.has(1) else None
    turns = _turns(call, body)
    values = [tensor.value for tensor in state]
    items = body.outputs[1 + len(state) :]
    shapes = [_outside(body, type_) for type_ in types]
    shapes += [(turns, *_outside(body, item.type)) for item in items]
    captured = _captured([body])
    graph = body.finish(captured)
    inputs = (_scalar(call, limit), _scalar(call, condition), *values, *captured)
    made = _emit(call, "loop", inputs, shapes, wrapped, body=graph, carried=len(state))
    return [_unwrapped(call, one, k) if k in wrapped else one for k, one in enumerate(made)]


def _wrapped(body: Body, types: Sequence[TensorType]) -> tuple[Body, set[int]]:
    """The body with results made optional where an optional goes in and its content comes out."""
    outputs, changed = list(body.outputs), set[int]()
    for position, type_ in enumerate(types):
        tensor = outputs[position + 1]
        if not isinstance(type_, ListType) or _optional(type_) == _optional(tensor.type):
            continue
        (value,) = body.builder.script(
            "list_make", tensor.value, shapes=(type_.shape,), dtype=type_.dtype,
            container=type_.container,
        )  # fmt: skip
        outputs[position + 1] = Tensor(value.name, value.type, value)
        changed.add(position)
    return dataclasses.replace(body, outputs=tuple(outputs)), changed


def _unwrapped(call: Call, tensor: Tensor, output: int) -> Tensor:
    names = (call.node.outputs[output] or f"{call.label}.{output}",)
    (value,) = call.builder.script(
        "optional_get", tensor.value, shapes=(tensor.shape,), names=names, origin=(call.label,)
    )
    return Tensor(value.name, value.type, value)


def _optional(type_: TensorType) -> bool:
    return isinstance(type_, ListType) and type_.container.startswith("optional_")


def read_scan(call: Call, read: ReadBody) -> list[Tensor]:
    """Scan of opset 9 and newer."""
    scan = _Scan.of(call, [call.tensor(index) for index in range(len(call))])
    body, types = _settled(
        call, scan.state, lambda t: read(call, scan.record, (*t, *scan.slices(call))), 0
    )
    length = scan.length(call)
    items = body.outputs[len(scan.state) :]
    axes = scan.output_axes(call, [item.type.rank + 1 for item in items])
    shapes = [_outside(body, type_) for type_ in types]
    for item, axis in zip(items, axes, strict=True):
        inner = _outside(body, item.type)
        shapes.append((*inner[:axis], length, *inner[axis:]))
    captured = _captured([body])
    graph = body.finish(captured)
    values = [tensor.value for tensor in scan.state]
    inputs = (*values, *(tensor.value for tensor in scan.inputs), *captured)
    return _emit(
        call, "scan", inputs, shapes,
        body=graph, carried=len(scan.state), scanned=len(scan.inputs),
        input_axes=scan.axes, input_reversed=scan.backwards,
        output_axes=tuple(axes), output_reversed=scan.output_backwards(call, len(items)),
    )  # fmt: skip


def read_batched_scan(call: Call, read: ReadBody) -> list[Tensor]:
    """Scan of opset 8: every input has a batch axis in front, and each batch is scanned alone."""
    if call.has(0):
        call.refuse("input 'sequence_lens' is not supported", "export for opset 9 or newer")
    tensors = [call.tensor(index) for index in range(1, len(call))]
    inner = [Tensor(t.name, TensorType(t.type.dtype, t.shape[1:]), t.value) for t in tensors]
    scan = _Scan.of(call, inner)
    body, types = _settled(
        call, scan.state, lambda t: read(call, scan.record, (*t, *scan.slices(call))), 0
    )
    length = scan.length(call)
    items = body.outputs[len(scan.state) :]
    shapes = [_outside(body, type_) for type_ in types]
    shapes += [(length, *_outside(body, item.type)) for item in items]
    if any(size is None for shape in shapes for size in shape):
        call.refuse("its body makes sizes that are known at run time only", "export for opset 9")
    captured = _captured([body])
    graph = body.finish(captured)
    once = BodyBuilder(f"{call.label}/batch", call.builder)
    formal = [once.input(t.name, t.type.dtype, t.type.shape) for t in inner]
    around = [once.inside(value) for value in captured]
    given = call.ints_attribute("directions", (0,) * len(scan.inputs))
    backwards = tuple(flag == 1 for flag in given)
    made = once.script(
        "scan", *formal, *around, shapes=shapes, origin=(call.label,),
        body=graph, carried=len(scan.state), scanned=len(scan.inputs),
        input_axes=(0,) * len(scan.inputs), input_reversed=backwards,
        output_axes=(0,) * len(items), output_reversed=(False,) * len(items),
    )  # fmt: skip
    outer = Body(once, tuple(formal), tuple(Tensor(v.name, v.type, v) for v in made), body.visible)
    batch = tensors[0].shape[0] if tensors else 1
    return _emit(
        call, "scan", (*(t.value for t in tensors), *captured),
        [(batch, *shape) for shape in shapes],
        body=outer.finish(captured), carried=0, scanned=len(tensors),
        input_axes=(0,) * len(tensors), input_reversed=(False,) * len(tensors),
        output_axes=(0,) * len(shapes), output_reversed=(False,) * len(shapes),
    )  # fmt: skip


@dataclass(frozen=True)
class _Scan:
    """The parts of a Scan: carried state, scanned inputs with their axes and directions."""

    record: GraphRecord
    state: list[Tensor]
    inputs: list[Tensor]
    axes: tuple[int, ...]
    backwards: tuple[bool, ...]

    @staticmethod
    def of(call: Call, tensors: list[Tensor]) -> _Scan:
        record, count = call.graph_attribute("body"), call.int_attribute("num_scan_inputs")
        if not 0 < count <= len(tensors) or len(record.inputs) != len(tensors):
            call.fail("its body does not fit the number of its inputs", "correct the model")
        state, inputs = tensors[: len(tensors) - count], tensors[len(tensors) - count :]
        given = call.ints_attribute("scan_input_axes", (0,) * count)
        directions = call.ints_attribute("scan_input_directions", (0,) * count)
        if len(given) != count or len(directions) != count:
            call.fail("axes and directions must be given for each input", "correct the model")
        axes = tuple(call.axis(a, t.type.rank) for a, t in zip(given, inputs, strict=True))
        return _Scan(record, state, inputs, axes, tuple(flag == 1 for flag in directions))

    def slices(self, call: Call) -> list[TensorType]:
        """What a turn takes of each scanned input."""
        types = []
        for tensor, axis in zip(self.inputs, self.axes, strict=True):
            shape = tensor.shape
            types.append(TensorType(tensor.type.dtype, (*shape[:axis], *shape[axis + 1 :])))
        return types

    def length(self, call: Call) -> Dim:
        """How many turns there are."""
        lengths = [t.shape[axis] for t, axis in zip(self.inputs, self.axes, strict=True)]
        for other in lengths[1:]:
            call.require_equal(lengths[0], other, "the lengths of the scanned inputs")
        return lengths[0]

    def output_axes(self, call: Call, ranks: Sequence[int]) -> list[int]:
        """Where each stacked output gets its axis."""
        given = call.ints_attribute("scan_output_axes", (0,) * len(ranks))
        if len(given) != len(ranks):
            call.fail("attribute 'scan_output_axes' does not fit its outputs", "correct the model")
        return [call.axis(axis, rank) for axis, rank in zip(given, ranks, strict=True)]

    def output_backwards(self, call: Call, count: int) -> tuple[bool, ...]:
        """Which outputs are stacked from the end."""
        given = call.ints_attribute("scan_output_directions", (0,) * count)
        return tuple(flag == 1 for flag in given)


def _settled(
    call: Call, state: Sequence[Tensor], read: Callable[[Sequence[TensorType]], Body], skip: int
) -> tuple[Body, list[TensorType]]:
    """The body, and the types of the carried values inside, that fit each other."""
    types, loose = [tensor.type for tensor in state], set[str]()
    while True:
        body = read(types)
        made = [tensor.type for tensor in body.outputs[skip : skip + len(types)]]
        wider = [_wider(call, loose, a, b) for a, b in zip(types, made, strict=True)]
        if wider == types:
            return dataclasses.replace(body, visible=body.visible - loose), types
        types = wider


def _wider(call: Call, loose: set[str], before: TensorType, after: TensorType) -> TensorType:
    """A type for a carried value that comes as `before` and goes on as `after`.

    `loose` are the symbols of sizes that change from turn to turn, new ones join.
    """
    if isinstance(before, ListType):
        if _optional(before) and isinstance(after, ListType) and not _optional(after):
            after = dataclasses.replace(after, container=f"optional_{after.container}")
        return _either(call, before, after)
    if before.dtype != after.dtype or before.rank != after.rank or isinstance(after, ListType):
        call.refuse(f"a carried value is {before} and becomes {after}", "keep its type and rank")
    shape: list[Dim] = []
    for a, b in zip(before.shape, after.shape, strict=True):
        if a == b or str(a) in loose:
            shape.append(a)
            continue
        shape.append(call.builder.new_symbol(f"{call.label}_carried"))
        loose.add(str(shape[-1]))
    return TensorType(before.dtype, tuple(shape))


def _outside(body: Body, type_: TensorType) -> Shape:
    """The shape of a result as the graph around sees it; None where the node tells a size."""
    if isinstance(type_, ListType):
        return tuple(size if body.sees(size) else -1 for size in type_.shape)
    return tuple(size if body.sees(size) else None for size in type_.shape)


def _turns(call: Call, body: Body) -> Dim | None:
    """How often a loop runs, where only its limit ends it."""
    goes_on = body.outputs[0]
    always = goes_on.elements is not None and goes_on.elements.reshape(-1).tolist() == [True]
    same = not always and goes_on.value is body.inputs[1]
    if call.has(1):
        start = call.tensor(1).elements
        same = same and start is not None and start.reshape(-1).tolist() == [True]
        always = always and start is not None and start.reshape(-1).tolist() == [True]
    if not (always or same) or not call.has(0) or call.tensor(0).elements is None:
        return None
    limit = call.size(0, "the limit")
    low, _ = call.bounds(limit)
    return limit if low is not None and low >= 0 else None


def _either(call: Call, one: TensorType, other: TensorType) -> TensorType:
    """The type that stands for two."""
    joined = join_types(one, other)
    if joined is None:
        call.refuse(f"a result is {one} or {other}", "let it have one type and rank")
    return joined


def _common(first: Body, second: Body, type_: TensorType, results: Sequence[TensorType]) -> Shape:
    """The shape of what either branch gives, which stands for `type_`."""
    if isinstance(type_, ListType):
        return _outside(first, type_)
    pairs = zip(_outside(first, results[0]), _outside(second, results[1]), strict=True)
    return tuple(a if a == b else None for a, b in pairs)


def _captured(bodies: Sequence[Body]) -> list[Value]:
    """The outer values that bodies take, each once."""
    for body in bodies:
        body.values()
    return list(dict.fromkeys(value for body in bodies for value in body.builder.captured))


def _scalar(call: Call, value: Value | None) -> Value | None:
    if value is None or value.shape == ():
        return value
    return call.make("reshape", value, shape=())


def _emit(
    call: Call,
    op: str,
    inputs: Sequence[Value | None],
    shapes: Sequence[Shape],
    inner: Container[int] = (),
    **attributes: Attribute,
) -> list[Tensor]:
    """The control-flow node; its results but `inner` ones bear the names of the call's outputs."""
    names = [
        name if name and k not in inner else f"{call.label}.{k}"
        for k, name in enumerate(call.node.outputs)
    ]
    made = call.builder.script(
        op, *inputs, shapes=shapes, names=names, origin=(call.label,), **attributes
    )
    return [Tensor(value.name, value.type, value) for value in made]
