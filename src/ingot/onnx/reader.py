# SPDX-License-Identifier: Apache-2.0
"""Records to Graph: the story of reading a model.

All or nothing: every node that cannot be read is listed, with reason and cure, in one error. Small
tensors that only carry sizes are computed while reading, so that shapes in the Graph are symbolic
sizes and not the results of nodes.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from ingot.dtypes import INT64, DType, from_numpy
from ingot.errors import ModelError, Obstacle, ShapeError, UnsupportedError
from ingot.ir.graph import Array, Attributes, Derivation, Graph, ListType, TensorType, Value
from ingot.ir.live import without_dead
from ingot.onnx.attributes import REPORT, Deferral, Refusal
from ingot.onnx.bodies import Body, BodyBuilder, Scope, used_symbols
from ingot.onnx.budget import NUMBER, Budget
from ingot.onnx.call import DATA_DEPENDENT, Call
from ingot.onnx.control import read_batched_scan, read_if, read_loop, read_scan
from ingot.onnx.diagnosis import STANDARD, guarded, nearest_form, neighbourhood, why_unsupported
from ingot.onnx.functions import has_function, instantiate, renamed, standard_function
from ingot.onnx.inputs import Profiles, Sizes, fixed_input, input_obstacle, limit_symbols, list_type
from ingot.onnx.lists import LISTS, map_nodes
from ingot.onnx.operator import Operator, Result
from ingot.onnx.order import live_nodes
from ingot.onnx.ranks import rank_told
from ingot.onnx.records import (
    FunctionRecord,
    GraphRecord,
    ModelRecord,
    NodeRecord,
    TensorRecord,
    ValueRecord,
)
from ingot.onnx.shapes import KNOWN_FLOATS, KNOWN_INTEGERS, RULES, evaluate
from ingot.onnx.table import find
from ingot.onnx.tensor import Elements, Tensor, elements_of
from ingot.onnx.tensors import ELEMENT_TYPES, TensorReader, type_name
from ingot.onnx.wire import DAMAGED
from ingot.ops.build import Builder

OLDEST: Final = 1
# No release will have more; what a newer opset changes is found by operator, not refused by number.
NEWEST: Final = 1000
CONTROL: Final = ("If", "Loop", "Scan")
DEEPEST: Final = 32


class Blocked(Exception):
    """A body with obstacles, which are listed already: nothing comes of it."""


class Reader:
    """Reads one model; the state is what is known so far of each tensor, and the obstacles.

    A tensor that cannot be had, because an obstacle lies before it, has the type that the model
    declares for it, so that what reads it is judged as well. Where none is declared it is None in
    `tensors`; what reads it is skipped, but operators without a mapping are listed all the same.
    """

    def __init__(
        self,
        model: ModelRecord,
        tensors: TensorReader,
        profiles: Profiles,
        constants: Mapping[str, Array],
        budget: Budget | None = None,
    ) -> None:
        self.model = model
        self.stored = tensors
        self.profiles = profiles
        self.constants = constants
        self.builder = Builder(model.graph.name or "model")
        self.tensors: dict[str, Tensor | None] = {}
        self.obstacles: list[Obstacle] = []
        self.budget = budget or Budget()
        self.budget.allow(_count(model.graph))
        self._opsets = model.opsets
        self._assumed: set[str] = set()
        self._nodes = self._blocked = self._refused = 0
        self._unreadable: dict[str, str] = {}
        self._reserved = _names(model.graph)
        self._prefixes = {part for name in self._reserved for part in _folders(name)}
        self._calls: Counter[str] = Counter()
        self._depth = self._bodies = 0

    def graph(self) -> Graph:
        """The whole model as a Graph; raises ModelError, ShapeError or UnsupportedError."""
        record = self.model.graph
        self._check_opset()
        self._add_initializers(record)
        self._add_inputs(record.inputs)
        wanted = _output_names(record)
        self._read_nodes(record.nodes, wanted, self.model.opsets, "")
        if self.obstacles:
            raise self._unsupported()
        outputs = {name: self._value(name) for name in wanted}
        graph = without_dead(self.builder.finish(outputs, "imported"))
        assert [value.name for value in graph.outputs] == wanted
        return graph.replace(symbols=used_symbols(graph)) if self._bodies else graph

    def _unsupported(self) -> UnsupportedError:
        count, nodes, blocked = len(self.obstacles), self._nodes, self._blocked
        return UnsupportedError(
            f"model '{self.model.graph.name}': {count} {'part' if count == 1 else 'parts'} of it "
            f"cannot be read; of {nodes} nodes {self._refused} stand in the way, {blocked} behind "
            f"them cannot be judged, {nodes - self._refused - blocked} remain",
            obstacles=self.obstacles,
            nodes=nodes,
            blocked=blocked,
        )

    def _check_opset(self) -> None:
        opset = self.model.opsets.get("", OLDEST)
        if opset > NEWEST:
            raise ModelError(
                f"model '{self.model.graph.name}': declares the impossible opset {opset}",
                cure=DAMAGED,
            )
        if opset < OLDEST:
            raise UnsupportedError(
                f"model '{self.model.graph.name}': is written for opset {opset}, the oldest that "
                f"is read is {OLDEST}",
                cure="export it again, or convert it with onnx.version_converter",
            )

    # Inputs and stored tensors.

    def _add_initializers(self, record: GraphRecord) -> None:
        for tensor in record.initializers:
            self._claim(tensor.name, "initializer")
            self.tensors[tensor.name] = self._initializer(tensor)
        for sparse in record.sparse_initializers:
            name = sparse.values.name
            self._claim(name, "initializer")
            self.tensors[name] = self._weight(name, self.stored.sparse(sparse))

    def _claim(self, name: str, what: str) -> None:
        if not name:
            raise ModelError(f"an {what} has no name", cure="name every tensor of the model")
        if name in self.tensors:
            raise ModelError(f"tensor '{name}': is declared twice", cure="rename one of them")

    def _initializer(self, record: TensorRecord) -> Tensor | None:
        if record.data_type in ELEMENT_TYPES:
            return self._weight(record.name, self.stored.array(record))
        self._unreadable[record.name] = type_name(record.data_type)
        return None

    def _weight(self, name: str, array: Array, fixed: bool = False) -> Tensor:
        """A stored tensor; a `fixed` one is no initializer of the model."""
        type_ = TensorType(from_numpy(array.dtype), tuple(array.shape))
        most = KNOWN_FLOATS if type_.dtype.is_float else KNOWN_INTEGERS
        known = elements_of(array) if array.size <= most and array.ndim < 3 else None
        builder = self.builder  # of the graph that holds it, wherever it is asked for

        def make() -> Value:
            return builder.weight(name, array, None if fixed else Derivation.source(name))

        return Tensor(name, type_, elements=known, make=make)

    def _ranked(self, value: ValueRecord) -> ValueRecord:
        """An input with the rank that its profile, else its readers, give it."""
        if value.kind != "tensor" or value.shape is not None:
            return value
        told = self.profiles.get(value.name, ())
        least = told[0] if told else None
        if isinstance(least, int):
            return value
        rank = len(least) if least is not None else self._rank_told(value.name)
        return value if rank is None else dataclasses.replace(value, shape=(None,) * rank)

    def _rank_told(self, name: str) -> int | None:
        return rank_told(self.model.graph, name, self.stored)

    def _add_inputs(self, inputs: Sequence[ValueRecord]) -> None:
        """Declare the inputs; one that an initializer or the caller gives a value to is none."""
        for value in inputs:
            if value.name in self.constants:
                array = fixed_input(value, self.constants[value.name])
                self.tensors[value.name] = self._weight(value.name, array, fixed=True)
        asked = [self._ranked(value) for value in inputs if value.name not in self.tensors]
        sizes = Sizes([value for value in asked if value.kind == "tensor"])
        made: list[Value] = []
        for value in asked:
            self._claim(value.name, "input")
            obstacle = input_obstacle(value)
            if obstacle is not None:
                self.obstacles.append(obstacle)
                self.tensors[value.name] = None
                continue
            if value.kind != "tensor":
                listed = self.builder.list_input(value.name, list_type(value))
                self.tensors[value.name] = Tensor(value.name, listed.type, listed)
                continue
            shape = sizes.shape(value)
            dtype = ELEMENT_TYPES[value.element_type]
            made.append(self.builder.input(value.name, dtype, shape))
            self.tensors[value.name] = Tensor(value.name, made[-1].type, made[-1])
        limit_symbols(self.builder.symbols, made, self.profiles)

    def _value(self, name: str) -> Value:
        tensor = self.tensors[name]
        if tensor is None:
            raise ModelError(f"output '{name}': cannot be read", cure=STANDARD)
        return tensor.value

    # Nodes.

    def _read_nodes(
        self,
        nodes: Sequence[NodeRecord],
        wanted: Sequence[str],
        opsets: Mapping[str, int],
        prefix: str,
    ) -> None:
        """Read the nodes that the `wanted` tensors need; `prefix` leads to them in messages."""

        def label(position: int) -> str:
            node = nodes[position]
            return prefix + (node.name or f"{node.op}_{position}")

        def title(position: int) -> str:
            return f"{nodes[position].operator} '{label(position)}'"

        order = live_nodes(nodes, wanted, self.tensors.__contains__, title)
        self._nodes += 0 if self._depth else len(order)
        outer, self._opsets = self._opsets, opsets
        for position in order:
            try:
                with guarded(title(position)):
                    self._read_node(nodes[position], label(position), opsets)
            except (ModelError, ShapeError) as error:
                error.add_note(neighbourhood(nodes, position, title(position), self.tensors))
                raise
        self._opsets = outer

    def _read_node(self, node: NodeRecord, label: str, opsets: Mapping[str, int]) -> None:
        inputs = [self.tensors[name] if name else None for name in node.inputs]
        opset = opsets.get(node.domain, 0)
        call = Call(
            node, label, opset, inputs, self.builder, self.stored, self._reserved, self._inlined
        )
        assumed = any(name in self._assumed for name in node.inputs)
        obstacles = len(self.obstacles)
        outputs: Sequence[Tensor | None] = ()
        try:
            self._check_readable(node)
            blocked = any(
                name and tensor is None for name, tensor in zip(node.inputs, inputs, strict=True)
            )
            outputs = self._outputs(call, blocked)
        except Refusal as refusal:
            # What an obstacle computes might have been known, had the obstacle been read.
            if not (assumed and refusal.cure == DATA_DEPENDENT):
                self.obstacles.append(self._obstacle(call, refusal))
        except (ModelError, ShapeError):
            if not assumed:
                raise
        if not self._depth:
            self._refused += len(self.obstacles) > obstacles
            self._blocked += len(self.obstacles) == obstacles and not outputs
        self._set_outputs(node, outputs, assumed)

    def _obstacle(self, call: Call, refusal: Refusal) -> Obstacle:
        nearest = nearest_form(call.node, call.opset)
        return Obstacle(call.label, call.node.operator, refusal.reason, refusal.cure, nearest)

    def _set_outputs(
        self, node: NodeRecord, outputs: Sequence[Tensor | None], assumed: bool
    ) -> None:
        for position, name in enumerate(node.outputs):
            if not name:
                continue
            made = outputs[position] if position < len(outputs) else None
            if made is None and self.obstacles:
                made, assumed = self._declared(name), True
            self.tensors[name] = made
            if assumed:
                self._assumed.add(name)

    def _declared(self, name: str) -> Tensor | None:
        """A tensor that cannot be had, of the type that the model declares for it."""
        graph = self.model.graph
        hints = {value.name: value for value in (*graph.declared, *graph.outputs)}
        hint = hints.get(name)
        if hint is None or hint.kind != "tensor" or input_obstacle(hint) is not None:
            return None
        sizes = Sizes((*graph.inputs, *hints.values()))
        made = self.builder.input(name, ELEMENT_TYPES[hint.element_type], sizes.shape(hint))
        return Tensor(name, made.type, made)

    def _check_readable(self, node: NodeRecord) -> None:
        for name in node.inputs:
            if name in self._unreadable:
                raise Refusal(
                    f"input '{name}' holds {self._unreadable[name]}",
                    "tensors of floats, integers and bools are supported",
                )

    def _outputs(self, call: Call, blocked: bool) -> Sequence[Tensor | None]:
        """The outputs of a call; where an input is blocked only whether it could be read."""
        node = call.node
        own = self.model.functions.get((node.domain, node.op, node.overload))
        if own is not None:
            return () if blocked else self._expanded(own, call)
        if node.op == "Identity" and not node.domain:
            return () if blocked else [call.tensor(0)]
        known = None if blocked else evaluate(call)
        if known is not None and not known[0].is_float:
            dtype, parts = known
            return [self._known(call, dtype, part, i) for i, part in enumerate(parts)]
        if node.op in CONTROL and not node.domain:
            try:
                return () if blocked else self._control(call)
            except Blocked:
                return ()
        if node.op in LISTS and not node.domain:
            return () if blocked else LISTS[node.op](call)
        if node.op == "SequenceMap" and not node.domain:
            return () if blocked else self._sequence_map(call)
        if not blocked:
            self._check_no_lists(call)
        operator = find(node.domain, node.op, call.opset)
        if operator is None:
            return self._standard(call, blocked)
        if blocked:
            return ()
        try:
            return self._mapped(operator, call, None if known is None else known[1])
        except Deferral:
            return self._standard(call, blocked)

    def _mapped(
        self, operator: Operator, call: Call, known: list[Elements] | None
    ) -> list[Tensor | None]:
        """The outputs that a mapping makes; known elements of float tensors stay with them."""
        result: Result = operator.read(call)
        call.check_attributes(operator.ignores)
        values = result if isinstance(result, tuple) else (result,)
        asked = [position for position, name in enumerate(call.node.outputs) if name]
        for position in asked:
            if position >= len(values) or values[position] is None:
                call.refuse(f"its output {position} is asked for and not supported", REPORT)
        parts: Sequence[Elements | None] = known or [None] * len(values)
        return [
            None if value is None else Tensor(value.name, value.type, value, part)
            for value, part in zip(values, parts, strict=True)
        ]

    def _known(self, call: Call, dtype: DType, elements: Elements, output: int) -> Tensor:
        """A tensor of known elements; it becomes nodes only where one needs the tensor itself."""
        self.budget.take(NUMBER * elements.size, f"{call.node.operator} '{call.label}'")

        def make() -> Value:
            flat = elements.reshape(-1).tolist()
            if all(isinstance(item, int) for item in flat):
                return call.constant(np.array(flat, dtype.numpy).reshape(elements.shape))
            steps: list[tuple[str, Attributes]] = [("sizes", {"values": tuple(flat)})]
            if elements.ndim != 1:
                steps.append(("reshape", {"shape": elements.shape}))
            if dtype != INT64:
                steps.append(("cast", {"to": dtype}))
            return call.chain(steps, output)

        type_ = TensorType(dtype, tuple(elements.shape))
        return Tensor(call.node.outputs[output], type_, elements=elements, make=make)

    # Nodes that stand for other nodes.

    def _standard(self, call: Call, blocked: bool) -> Sequence[Tensor | None]:
        """An operator without a mapping: its ONNX function body, or an obstacle."""
        node = call.node
        computed = node.op in RULES and not node.domain
        if not computed and not has_function(node, call.opset):
            raise Refusal(*why_unsupported(node, call.opset))
        if blocked:
            return ()
        types = [None if tensor is None else tensor.type for tensor in call.inputs]
        function = standard_function(node, call.opset, types)
        if function is None:
            raise Refusal(*why_unsupported(node, call.opset))
        return self._expanded(function, call)

    def _expanded(self, function: FunctionRecord, call: Call) -> list[Tensor | None]:
        """The outputs of a function call: its body, read in place."""
        self.budget.expand(len(function.nodes), f"{call.node.operator} '{call.label}'")
        nodes, actual = instantiate(function, call.node, self._prefix(call.label))
        wanted = [
            actual[formal]
            for formal, name in zip(function.outputs, call.node.outputs, strict=False)
            if name
        ]
        opsets = {**self.model.opsets, **function.opsets}
        self._nested(nodes, wanted, opsets, call)
        return [
            self.tensors.get(actual[formal])
            for formal, _ in zip(function.outputs, call.node.outputs, strict=False)
        ]

    def _branch(self, call: Call) -> list[Tensor | None]:
        """The outputs of an If whose condition is known: the branch taken, read in place."""
        condition = call.single(0, "the condition")
        branch = call.graph_attribute("then_branch" if condition else "else_branch")
        return self._inlined(call, branch, ())

    def _inlined(
        self, call: Call, record: GraphRecord, inputs: Sequence[Tensor]
    ) -> list[Tensor | None]:
        """The outputs of a subgraph that runs once, read in place."""
        inner = self._localized(record, self._prefix(call.label))
        for formal, tensor in zip(inner.inputs, inputs, strict=True):
            self.tensors[formal.name] = tensor
        self._add_initializers(inner)
        wanted = [value.name for value in inner.outputs]
        self._nested(inner.nodes, wanted, self._opsets, call)
        return [self.tensors.get(name) for name in wanted]

    def _sequence_map(self, call: Call) -> list[Tensor | None]:
        """SequenceMap as the nodes that it stands for."""
        nodes = map_nodes(call, self._prefix(call.label))
        wanted = [name for name in call.node.outputs if name]
        self._nested(nodes, wanted, self.model.opsets, call)
        return [self.tensors.get(name) for name in call.node.outputs]

    def _check_no_lists(self, call: Call) -> None:
        for tensor in call.inputs:
            if tensor is not None and isinstance(tensor.type, ListType):
                raise Refusal(
                    f"input '{tensor.name}' is a list of tensors", "take a tensor out of it first"
                )

    def _control(self, call: Call) -> Sequence[Tensor | None]:
        """The outputs of a control-flow operator."""
        match call.node.op:
            case "If":
                known = call.tensor(0).elements is not None
                return self._branch(call) if known else read_if(call, self._body)
            case "Loop":
                return read_loop(call, self._body)
            case _ if call.opset < 9:
                return read_batched_scan(call, self._body)
            case _:
                return read_scan(call, self._body)

    def _body(self, call: Call, record: GraphRecord, formals: Sequence[TensorType]) -> Body:
        """A subgraph as a graph of its own, for inputs of the types `formals`."""
        self.budget.expand(len(record.nodes), f"{call.node.operator} '{call.label}'")
        prefix = self._prefix(f"{call.label}/{record.name}" if record.name else call.label)
        inner = self._localized(record, prefix)
        self._bodies += 1
        builder, tensors, obstacles = self.builder, self.tensors, len(self.obstacles)
        visible = frozenset(builder.symbols)
        body = BodyBuilder(prefix, builder)
        try:
            self.builder, self.tensors = body, Scope(tensors, body.capture)
            inputs = []
            for value, type_ in zip(inner.inputs, formals, strict=True):
                made = Value(body.fresh(value.name), type_)
                self.tensors[value.name] = Tensor(value.name, type_, made)
                inputs.append(made)
            self._add_initializers(inner)
            wanted = [value.name for value in inner.outputs]
            self._nested(inner.nodes, wanted, self._opsets, call)
            found = [self.tensors[name] for name in wanted]
        finally:
            self.builder, self.tensors = builder, tensors
        outputs = tuple(tensor for tensor in found if tensor is not None)
        if len(outputs) < len(found) or len(self.obstacles) > obstacles:
            raise Blocked
        return Body(body, tuple(inputs), outputs, visible)

    def _localized(self, record: GraphRecord, prefix: str) -> GraphRecord:
        """A subgraph whose own tensors are called `prefix/name`."""
        local = {name for node in record.nodes for name in node.outputs}
        local |= {tensor.name for tensor in record.initializers}
        local |= {sparse.values.name for sparse in record.sparse_initializers}
        local |= {value.name for value in record.inputs}
        return renamed(record, lambda name: f"{prefix}/{name}" if name in local else name)

    def _nested(
        self,
        nodes: Sequence[NodeRecord],
        wanted: Sequence[str],
        opsets: Mapping[str, int],
        call: Call,
    ) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            call.fail(f"functions nest more than {DEEPEST} deep", "a function must not call itself")
        self._read_nodes(nodes, wanted, opsets, f"{call.label}/")
        self._depth -= 1

    def _prefix(self, label: str) -> str:
        """A name for the tensors inside this call that no other call has."""
        prefix = label
        while prefix in self._prefixes:
            self._calls[label] += 1
            prefix = f"{label}.{self._calls[label] + 1}"
        self._prefixes.add(prefix)
        return prefix


def _names(graph: GraphRecord) -> frozenset[str]:
    """The names of all tensors of the main graph."""
    stored = (tensor.name for tensor in graph.initializers)
    computed = (name for node in graph.nodes for name in node.outputs)
    return frozenset((*stored, *computed, *(value.name for value in graph.inputs)))


def _count(graph: GraphRecord) -> int:
    """The nodes of a graph and of those in it."""
    parts = (a.value for node in graph.nodes for a in node.attributes.values())
    return len(graph.nodes) + sum(_count(part) for part in parts if isinstance(part, GraphRecord))


def _folders(name: str) -> list[str]:
    """`a` and `a/b` of `a/b/c`."""
    return [name[:position] for position, letter in enumerate(name) if letter == "/"]


def _output_names(record: GraphRecord) -> list[str]:
    names = [value.name for value in record.outputs]
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated or not names:
        what = f"output '{repeated[0]}' is declared twice" if repeated else "has no outputs"
        raise ModelError(f"model '{record.name}': {what}", cure="correct the model")
    return names
