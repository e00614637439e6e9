# SPDX-License-Identifier: Apache-2.0
"""One operator call as a mapping sees it: its inputs, its attributes, and the nodes to emit.

Inputs are values of the Graph where a node needs them, and known elements where a size or an axis
is wanted. Core ops are emitted under the names of the model, with the node as their origin.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Container, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import numpy as np

from ingot.dims import Dim, Guard, bounds, symbol, symbols
from ingot.dtypes import DType
from ingot.errors import ShapeError
from ingot.ir.graph import Attribute, SymbolRange, TensorType, Value
from ingot.onnx.attributes import REPORT, Attributes
from ingot.onnx.records import GraphRecord, NodeRecord
from ingot.onnx.tensor import Elements, Tensor, is_size
from ingot.onnx.tensors import TensorReader
from ingot.ops.build import Builder, Operand, record

LARGEST: Final = 1 << 48
DATA_DEPENDENT: Final = "compute it from input sizes or constants, or fix it when exporting"


Inline = Callable[["Call", GraphRecord, Sequence[Tensor]], "list[Tensor | None]"]


class Call(Attributes):
    """A node with its input tensors, in the middle of being read."""

    def __init__(
        self,
        node: NodeRecord,
        label: str,
        opset: int,
        inputs: Sequence[Tensor | None],
        builder: Builder,
        tensors: TensorReader,
        reserved: Container[str] = (),
        inline: Inline | None = None,
    ) -> None:
        """`reserved` names are the model's own, which no value on the way may take.

        `inline` reads a subgraph in place, for inputs given as tensors.
        """
        super().__init__(node, label, tensors)
        self.opset = opset
        self.inputs = tuple(inputs)
        self.builder = builder
        self._reserved = reserved
        self._inline = inline

    def with_input(self, index: int, value: Value) -> Call:
        """The same call with another value as the input at `index`; attributes are shared."""
        other = copy.copy(self)
        made = Tensor(value.name, value.type, value)
        other.inputs = (*self.inputs[:index], made, *self.inputs[index + 1 :])
        return other

    def __getitem__(self, index: int) -> Value:
        """The input at `index`, which must be given."""
        return self.tensor(index).value

    def __len__(self) -> int:
        return len(self.inputs)

    def has(self, index: int) -> bool:
        """Whether the optional input at `index` is given."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def get(self, index: int) -> Value | None:
        """The optional input at `index`, or None."""
        return self[index] if self.has(index) else None

    def tensor(self, index: int) -> Tensor:
        """The input at `index` with what is known of it; ModelError where it is left out."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            self.fail(f"input {index} is missing", "give it, the operator needs it")
        return found

    def type(self, index: int) -> TensorType:
        """The type of the input at `index`."""
        return self.tensor(index).type

    def shape(self, index: int = 0) -> tuple[Dim, ...]:
        """The shape of the input at `index`."""
        return self.tensor(index).type.shape

    def rank(self, index: int = 0) -> int:
        """The rank of the input at `index`."""
        return len(self.shape(index))

    def dtype(self, index: int = 0) -> DType:
        """The element type of the input at `index`."""
        return self.tensor(index).type.dtype

    def elements(self, index: int, what: str) -> Elements:
        """The known elements of an input that must be known now; refuses where they are not."""
        found = self.tensor(index).elements
        if found is None:
            self.refuse(
                f"{what} (input '{self.tensor(index).name}') is computed from data, "
                "it must follow from input sizes and constants",
                DATA_DEPENDENT,
            )
        return found

    def sizes(self, index: int, what: str) -> tuple[Dim, ...]:
        """The elements of an integer input as sizes."""
        found = [
            int(item) if isinstance(item, float) and item.is_integer() else item
            for item in self.elements(index, what).reshape(-1).tolist()
        ]
        if not all(map(is_size, found)):
            self.refuse(f"{what} must be integers, they are {found}", REPORT)
        return tuple(found)

    def size(self, index: int, what: str) -> Dim:
        """An input that must be one size."""
        found = self.sizes(index, what)
        if len(found) != 1:
            self.fail(f"{what} has {len(found)} elements", "it must have one")
        return found[0]

    def single(self, index: int, what: str) -> Any:
        """An input that must be one known number or size."""
        found = self.elements(index, what)
        if found.size != 1:
            self.fail(f"{what} has {found.size} elements", "it must have one")
        return found.item()

    def integers(self, index: int, what: str) -> tuple[int, ...]:
        """The elements of an input that must be plain integers."""
        found = self.sizes(index, what)
        return tuple(self.integer(size, what) for size in found)

    def integer(self, size: Dim, what: str) -> int:
        """`size`, which must not depend on input sizes."""
        if not isinstance(size, int):
            self.refuse(f"{what} depends on input sizes, it is {size}", DATA_DEPENDENT)
        return int(size)

    def numbers(self, index: int, what: str) -> tuple[float, ...]:
        """The elements of an input that must be constant numbers."""
        found = self.elements(index, what).reshape(-1).tolist()
        if not all(isinstance(item, int | float) for item in found):
            self.refuse(f"{what} depends on input sizes, it must be constant", DATA_DEPENDENT)
        return tuple(float(item) for item in found)

    def axis(self, axis: int, rank: int, what: str = "axis") -> int:
        """`axis` counted from the front; ModelError outside [-rank, rank)."""
        if not -rank <= axis < rank:
            self.fail(f"{what} is {axis}, the tensor has rank {rank}", "correct the model")
        return axis % rank

    def axes(self, axes: Sequence[int], rank: int) -> tuple[int, ...]:
        """Several axes, counted from the front; ModelError on a repeated one."""
        found = tuple(self.axis(axis, rank, "an axis") for axis in axes)
        if len(set(found)) != len(found):
            self.fail(f"axes {list(axes)} repeat an axis", "name each axis once")
        return found

    def make(self, op: str, *inputs: Operand, **attributes: Attribute) -> Value:
        """Emit a node on the way to the result."""
        return self._emit(op, inputs, self._inner(op), attributes)

    def result(self, op: str, *inputs: Operand, output: int = 0, **attributes: Attribute) -> Value:
        """Emit the node that makes the call's output number `output` and bears its name."""
        return self._emit(op, inputs, self._wish(output), attributes)

    def results(
        self, op: str, *inputs: Operand, outputs: Sequence[int | None], **attributes: Attribute
    ) -> tuple[Value, ...]:
        """Emit a node of several results: each is the output of that number, or on the way."""
        wishes = [self._inner(op) if number is None else self._wish(number) for number in outputs]
        return self._emit_all(op, inputs, wishes, attributes)

    def subgraph(self, name: str, *inputs: Value) -> tuple[Value, ...]:
        """The results of the subgraph attribute `name`, read in place."""
        record = self.graph_attribute(name)
        if len(record.inputs) != len(inputs):
            self.fail(f"subgraph '{name}' has {len(record.inputs)} inputs", "correct the model")
        assert self._inline is not None
        given = [Tensor(value.name, value.type, value) for value in inputs]
        found = self._inline(self, record, given)
        if any(tensor is None for tensor in found):
            self.refuse(f"its subgraph '{name}' cannot be read")
        return tuple(tensor.value for tensor in found if tensor is not None)

    def chain(self, steps: Sequence[tuple[str, Mapping[str, Any]]], output: int) -> Value:
        """Emit nodes that each take the one before; the last makes output number `output`."""
        value: tuple[Value, ...] = ()
        for op, attributes in steps[:-1]:
            value = (self.make(op, *value, **attributes),)
        op, attributes = steps[-1]
        return self._emit(op, value, self._wish(output), attributes)

    def constant(self, array: Any, dtype: DType | None = None) -> Value:
        """A constant tensor."""
        made = np.asarray(array) if dtype is None else np.asarray(array).astype(dtype.numpy)
        return self.builder.constant(made, self._inner("constant"))

    def guard(self, kind: str, left: Dim, right: Dim, reason: str) -> None:
        """Demand a relation of sizes when inputs are bound."""
        known = isinstance(left, int) and isinstance(right, int)
        if not known:
            guard = Guard(kind, left, right, f"{self.node.operator} '{self.label}': {reason}")
            self.builder.guards[guard] = None
            self._narrow(guard)

    def _narrow(self, guard: Guard) -> None:
        """Use what a guard says of a single symbol, so that what follows from it needs no guard."""
        if guard.kind != "ge":
            return
        margin = guard.left - guard.right
        for name in symbols(margin):
            rest = margin - symbol(name)
            if isinstance(rest, int):
                known = self.builder.symbols[name]
                self.builder.symbols[name] = SymbolRange(max(known.lo, -rest), known.hi)

    def require_equal(self, left: Dim, right: Dim, what: str) -> None:
        """Demand equal sizes: now where both are known, else when inputs are bound."""
        if isinstance(left, int) and isinstance(right, int) and left != right:
            self.fail(f"{what} must be equal, they are {left} and {right}", "correct the model")
        if left != right:
            self.guard("eq", left, right, f"{what} must be equal")

    def require_element(self, size: Dim) -> None:
        """Leave out an empty axis: its clamped ranges would make every later size two cases."""
        low, _ = self.bounds(size)
        if low is not None and low >= 1:
            return
        self.guard("ge", size, 1, "the axis must have an element")

    def bounds(self, size: Dim) -> tuple[int | None, int | None]:
        """The least and greatest value of a size."""
        ranges = self.builder.symbols
        spans = {name: (ranges[name].lo, ranges[name].hi) for name in symbols(size)}
        return bounds(size, spans)

    def _wish(self, output: int) -> str:
        outputs = self.node.outputs
        name = outputs[output] if output < len(outputs) else ""
        return name or f"{self.label}.{output}"

    def _inner(self, what: str) -> str:
        """The name of a value on the way to the result."""
        name = f"{self._wish(0)}/{what}"
        while name in self._reserved:
            name += "~"
        return name

    def _emit(
        self, op: str, inputs: Sequence[Operand], wish: str, attributes: Mapping[str, Any]
    ) -> Value:
        (value,) = self._emit_all(op, inputs, (wish,), attributes)
        return value

    def _emit_all(
        self, op: str, inputs: Sequence[Operand], wishes: Sequence[str],
        attributes: Mapping[str, Any],
    ) -> tuple[Value, ...]:  # fmt: skip
        origin = (self.label,)
        guards = len(self.builder.guards)
        try:
            made = self.builder.outputs(op, *inputs, names=wishes, origin=origin, **attributes)
        except ShapeError as error:
            self._check_types(op, inputs)
            raise self._shape_error(error) from None
        for value in made:
            self._check_sizes(value)
        for guard in islice(self.builder.guards, guards, None):
            self._narrow(guard)
        return made

    def _check_sizes(self, value: Value) -> None:
        if any(isinstance(size, int) and not 0 <= size <= LARGEST for size in value.shape):
            shape = ", ".join(map(str, value.shape))
            self.fail(f"its result would have the impossible shape [{shape}]", "correct the model")

    def _check_types(self, op: str, inputs: Sequence[Operand]) -> None:
        """Refuse a call whose element types the core op does not take."""
        for spec, value in zip(record(op).specs(len(inputs)), inputs, strict=True):
            if isinstance(value, Value) and value.dtype not in spec.domain:
                names = ", ".join(dtype.name for dtype in spec.domain)
                self.refuse(
                    f"tensors of {value.dtype.name} are not supported here",
                    f"cast to one of {names}",
                )

    def _shape_error(self, error: ShapeError) -> ShapeError:
        """The error of a record with the model's operator in front instead of ours."""
        _, found, rest = error.message.partition(f"'{self.label}': ")
        message = rest if found else error.message
        return ShapeError(f"{self.node.operator} '{self.label}': {message}", cure=error.cure)
