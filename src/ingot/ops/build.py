# SPDX-License-Identifier: Apache-2.0
"""Builder: the one way to make a Graph node by node, typed by the records as it grows.

The ONNX reader, the network API, decompositions and tests all build through it, so a node with a
wrong shape or a missing attribute cannot come to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from ingot.dims import Dim, Expression, Guard, symbol, symbols
from ingot.dtypes import INT64, DType, from_numpy
from ingot.errors import GraphError
from ingot.ir.graph import (
    Array,
    Attribute,
    Attributes,
    Constant,
    Derivation,
    Graph,
    ListType,
    Node,
    SymbolRange,
    TensorType,
    Value,
    Weight,
    fresh_names,
)
from ingot.ops.op import Op
from ingot.ops.require import Require
from ingot.ops.table import OPS, SCRIPT_OPS

Operand = Value | int | float | bool | None
SMALL = 16


def record(name: str) -> Op:
    """The record of the op called `name`; raises GraphError for any other name."""
    try:
        return OPS[name]
    except KeyError:
        raise GraphError(
            f"op '{name}': no record has this name", cure="see `ingot ops --core`"
        ) from None


class Builder:
    """A Graph under construction."""

    def __init__(
        self,
        name: str = "graph",
        *,
        symbols: Mapping[str, SymbolRange] | None = None,
        taken: Iterable[str] = (),
    ) -> None:
        """`symbols` gives ranges of known symbols; names in `taken` are never given to a value."""
        self.name = name
        self.nodes: list[Node] = []
        self.weights: dict[str, Weight] = {}
        self.guards: dict[Guard, None] = {}
        self.symbols: dict[str, SymbolRange] = dict(symbols or {})
        self.fresh: Callable[[str], str] = fresh_names(taken)
        self.measured: dict[str, Value] = {}
        self._inputs: list[Value] = []
        self._constants: dict[Constant, Value] = {}
        self._scalars: dict[Value, Value] = {}

    def input(self, name: str, dtype: DType, shape: Sequence[Dim]) -> Value:
        """A new graph input; its symbols join the graph's with an unbounded range if new."""
        value = self._value(name, TensorType(dtype, tuple(shape)))
        self._inputs.append(value)
        return value

    def list_input(self, name: str, type_: ListType) -> Value:
        """A new graph input that is a list of tensors."""
        value = Value(self.fresh(name), type_)
        self._inputs.append(value)
        return value

    def weight(self, name: str, array: Array, derivation: Derivation | None = None) -> Value:
        """A constant tensor that holds `array`, by reference and read-only."""
        data = array.view()
        data.flags.writeable = False
        value = self._value(name, TensorType(from_numpy(data.dtype), tuple(data.shape)))
        self.weights[value.name] = Weight(value, data, derivation)
        return value

    def constant(self, array: Array, name: str = "constant") -> Value:
        """A constant that follows from no initializer; equal small ones are one value."""
        array = np.asarray(array)
        if array.size > SMALL:
            return self.weight(name, array)
        key = Constant.of(array)
        if key not in self._constants:
            derivation = Derivation("constant", data=key)
            self._constants[key] = self.weight(name, key.array(), derivation)
        return self._constants[key]

    def node(
        self,
        op: str,
        *inputs: Operand,
        names: Sequence[str] = (),
        origin: tuple[str, ...] = (),
        made_by: str = "",
        **attributes: Attribute,
    ) -> Value:
        """Apply `op` and return its only output; see `outputs`."""
        (value,) = self.outputs(
            op, *inputs, names=names, origin=origin, made_by=made_by, **attributes
        )
        return value

    def outputs(
        self,
        op: str,
        *inputs: Operand,
        names: Sequence[str] = (),
        origin: tuple[str, ...] = (),
        made_by: str = "",
        **attributes: Attribute,
    ) -> tuple[Value, ...]:
        """Apply `op` and return its outputs, called `names` where given.

        A number among `inputs` becomes a scalar constant of the last tensor's element type; absent
        inputs at the end leave no trace. Raises GraphError for an unknown op or attribute,
        ShapeError where the op's shape rule is broken.
        """
        values = self._stretched(op, self._operands(inputs), origin, made_by)
        subject = f"{op} '{(*origin, *names, op)[0]}'"
        types = tuple(None if value is None else value.type for value in values)
        complete, results, guards = infer(op, types, attributes, subject, self.symbols)
        self.guards.update(dict.fromkeys(guards))
        wishes = (*names, *[op] * (len(results) - len(names)))
        made = tuple(map(self._value, wishes, results))
        self.nodes.append(Node(op, values, made, complete, origin, made_by))
        return made

    def _stretched(
        self, op: str, values: tuple[Value | None, ...], origin: tuple[str, ...], made_by: str
    ) -> tuple[Value | None, ...]:
        """Operands of an elementwise op, expanded where only a run tells which of them stretch."""
        if op not in OPS or OPS[op].kind != "elementwise":
            return values
        shapes = {value.shape for value in values if value is not None}
        shape = requirements(op, self.symbols).stretched(tuple(shapes)) if len(shapes) > 1 else None
        if shape is None:
            return values
        return tuple(value and self._expanded(value, shape, origin, made_by) for value in values)

    def _expanded(
        self, value: Value, shape: tuple[Dim, ...], origin: tuple[str, ...], made_by: str
    ) -> Value:
        """`value` with its sizes those of `shape`, aligned right; sizes of 1 stay."""
        tail = shape[len(shape) - len(value.shape) :]
        wide = tuple(1 if size == 1 else full for size, full in zip(value.shape, tail, strict=True))
        if wide == value.shape:
            return value
        return self.node("expand", value, shape=wide, origin=origin, made_by=made_by)

    def measure(self, value: Value, low: int = 0, high: Dim | None = None) -> Dim:
        """The content of `value`, an integer tensor of one element, as a size.

        A constant is that number at once, and a value measured before the same symbol. Else the
        size is known when the graph runs: a run fails with RunError where it is not within `low`
        (at least 0) and `high`.
        """
        known = self._known_size(value)
        if known is not None:
            return known
        scalar = self._scalar(value)
        for name, other in self.measured.items():
            if other is scalar:
                return symbol(name)
        size = self.new_symbol(value.name, low, high if isinstance(high, int) else None)
        self.measured[str(size)] = scalar
        if high is not None and not isinstance(high, int):
            self.guards[Guard("le", size, high, f"the size in %{value.name}")] = None
        return size

    def script(
        self,
        op: str,
        *inputs: Operand,
        shapes: Sequence[Sequence[Dim | None]],
        names: Sequence[str] = (),
        origin: tuple[str, ...] = (),
        **attributes: Any,
    ) -> tuple[Value, ...]:
        """Apply an op of `ops.script` and return its results, of these shapes.

        A size that is None is a new symbol, which the node tells when it has run.
        """
        told = [(k, a) for k, s in enumerate(shapes) for a, size in enumerate(s) if size is None]
        wishes = [names[k] if k < len(names) else op for k, _ in told]
        fresh = {place: self.new_symbol(wish) for place, wish in zip(told, wishes, strict=True)}
        full = tuple(
            tuple(fresh[k, axis] if size is None else size for axis, size in enumerate(shape))
            for k, shape in enumerate(shapes)
        )
        made = self.outputs(
            op, *inputs, names=names, origin=origin, shapes=full, told=tuple(told), **attributes
        )
        for size, value in zip(fresh.values(), made[len(shapes) :], strict=True):
            self.measured[str(size)] = value
        return made[: len(shapes)]

    def new_symbol(self, wish: str, low: int = 0, high: int | None = None) -> Expression:
        """A size by a name that resembles `wish` and is not taken."""
        name = self._symbol_name(wish)
        self.symbols[name] = SymbolRange(low, high)
        return symbol(name)

    def _known_size(self, value: Value) -> int | None:
        """The content of a scalar constant, where it can be a size."""
        weight = self.weights.get(value.name)
        if weight is None or weight.value is not value or weight.data.size != 1:
            return None
        number = int(weight.data.item())
        return number if number >= 0 else None

    def _scalar(self, value: Value) -> Value:
        """`value` as an int64 scalar, made once."""
        if value not in self._scalars:
            scalar = value if value.dtype == INT64 else self.node("cast", value, to=INT64)
            if scalar.shape != ():
                scalar = self.node("reshape", scalar, shape=())
            self._scalars[value] = scalar
        return self._scalars[value]

    def _symbol_name(self, wish: str) -> str:
        """A symbol that resembles `wish` and is not taken."""
        word = re.sub("[^A-Za-z0-9_]", "_", wish)
        name = f"n_{word}"
        while name in self.symbols:
            name += "_"
        return name

    def add(self, node: Node) -> None:
        """Append a node that was made elsewhere, as it is."""
        self.nodes.append(node)

    def finish(
        self, outputs: Sequence[Value] | Mapping[str, Value], stage: str = "imported"
    ) -> Graph:
        """The graph with the given outputs; a mapping also names them, by identity where needed."""
        if isinstance(outputs, Mapping):
            outputs = [self._named(name, value) for name, value in outputs.items()]
        return Graph(
            name=self.name,
            inputs=tuple(self._inputs),
            outputs=tuple(outputs),
            nodes=tuple(self.nodes),
            weights=self.weights,
            symbols=self.symbols,
            guards=tuple(self.guards),
            stage=stage,
            measured=self.measured,
        )

    def _named(self, name: str, value: Value) -> Value:
        return value if value.name == name else self.same(value, name)

    def same(self, value: Value, name: str = "identity") -> Value:
        """The same tensor or list as a value of its own."""
        if not isinstance(value.type, ListType):
            return self.node("identity", value, names=(name,))
        (made,) = self.script("list_identity", value, shapes=(value.shape,), names=(name,))
        return made

    def _value(self, name: str, type_: TensorType) -> Value:
        for size in type_.shape:
            for free in symbols(size):
                self.symbols.setdefault(free, SymbolRange())
        return Value(self.fresh(name), type_)

    def _operands(self, inputs: Sequence[Operand]) -> tuple[Value | None, ...]:
        tensors = [value for value in inputs if isinstance(value, Value)]

        def operand(value: Operand) -> Value | None:
            if value is None or isinstance(value, Value):
                return value
            return self.constant(np.array(value).astype(tensors[-1].dtype.numpy))

        given = list(map(operand, inputs))
        while given and given[-1] is None:
            given.pop()
        return tuple(given)


def infer(
    op: str,
    types: Sequence[TensorType | None],
    attributes: Attributes,
    subject: str,
    ranges: Mapping[str, SymbolRange],
) -> tuple[dict[str, Any], tuple[TensorType, ...], tuple[Guard, ...]]:
    """Complete attributes, output types and new guards of one application of `op`."""
    if op in SCRIPT_OPS:
        scripted = SCRIPT_OPS[op]
        complete = scripted.complete(attributes, subject)
        return complete, tuple(scripted.infer(types, complete, subject)), ()
    entry = record(op)
    complete = entry.complete(attributes, subject)
    require = requirements(subject, ranges)
    return complete, entry.infer(types, complete, require), tuple(require.guards)


def requirements(subject: str, ranges: Mapping[str, SymbolRange]) -> Require:
    """What collects the guards of one node, with the ranges of the graph's symbols."""
    return Require(subject, {name: (span.lo, span.hi) for name, span in ranges.items()})
