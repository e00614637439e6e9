# SPDX-License-Identifier: Apache-2.0
"""The Graph: what every stage from the reader to legalisation reads and returns.

Everything here is immutable. Values and nodes are compared by identity; a changed graph is a new
Graph that shares the unchanged nodes. Sizes are `Dim`s, so a graph serves every shape in the
ranges of its symbols.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeAlias, Union

import numpy as np

from ingot.dims import Dim, Expression, Guard, symbols
from ingot.dtypes import DType, from_numpy

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Attribute: TypeAlias = Union[
    int, float, bool, str, DType, Expression, "Graph", tuple["Attribute", ...], None
]
Attributes: TypeAlias = Mapping[str, Attribute]

STAGES: Final = ("imported", "portable", "legal")
NO_ATTRIBUTES: Final[Attributes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TensorType:
    """Element type and symbolic shape of a tensor. Compared by content."""

    dtype: DType
    shape: tuple[Dim, ...]

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.shape)

    def __str__(self) -> str:
        return f"{self.dtype.name}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, slots=True)
class ListType(TensorType):
    """Element type and shape of the tensors in a list; a size that differs or is unknown is -1.

    `container` is "sequence", "any_sequence" (tensors of any rank), "empty_sequence",
    "optional_tensor", or one of the sequences behind "optional_": a list of at most one list.
    Lists exist between the steps of a script only: no kernel sees one.
    """

    container: str = "sequence"

    def __str__(self) -> str:
        return f"{self.container}_{self.dtype.name}[{', '.join(map(str, self.shape))}]"


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """A named tensor: a graph input, a weight, or an output of one node. Compared by identity."""

    name: str
    type: TensorType

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.type.dtype

    @property
    def shape(self) -> tuple[Dim, ...]:
        """The symbolic shape."""
        return self.type.shape

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self.type.shape)

    def __repr__(self) -> str:
        return f"%{self.name}: {self.type}"


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One application of an op. An absent optional input is None. Compared by identity.

    `origin` names the nodes of the source model it came from, `made_by` the rule that made it.
    """

    op: str
    inputs: tuple[Value | None, ...]
    outputs: tuple[Value, ...]
    attributes: Attributes = field(default_factory=lambda: NO_ATTRIBUTES)
    origin: tuple[str, ...] = ()
    made_by: str = ""

    @property
    def output(self) -> Value:
        """The only output; ValueError where there is more than one."""
        (value,) = self.outputs
        return value

    @property
    def name(self) -> str:
        """The name a message uses: the source node's where known, else the first output's."""
        return self.origin[0] if self.origin else self.outputs[0].name if self.outputs else self.op

    def replace(self, **changes: Any) -> Node:
        """The same node with some fields changed."""
        return dataclasses.replace(self, **changes)

    def __repr__(self) -> str:
        results = ", ".join(map(repr, self.outputs))
        inputs = ", ".join("none" if value is None else f"%{value.name}" for value in self.inputs)
        return f"{results} = {self.op}({inputs})"


@dataclass(frozen=True)
class Derivation:
    """How a weight follows from the source model: a constant expression over its initializers.

    Three forms: `source` (attribute `name`: an initializer), `constant` (a small array in `data`),
    and any op of the table over `args`. Compared by content.
    """

    op: str
    attributes: tuple[tuple[str, Attribute], ...] = ()
    args: tuple[Derivation, ...] = ()
    data: Constant | None = None

    @staticmethod
    def source(name: str) -> Derivation:
        """The initializer called `name`, as the source model stores it."""
        return Derivation("source", (("name", name),))

    @staticmethod
    def constant(array: Array) -> Derivation:
        """A small array that no initializer holds."""
        return Derivation("constant", data=Constant.of(array))

    @staticmethod
    def apply(op: str, *args: Derivation, **attributes: Attribute) -> Derivation:
        """The op called `op` applied to other derivations."""
        return Derivation(op, tuple(sorted(attributes.items())), args)

    @property
    def is_source(self) -> bool:
        """Whether this is an initializer, untouched."""
        return self.op == "source"

    @property
    def source_name(self) -> str:
        """The initializer's name; only of a source."""
        return str(dict(self.attributes)["name"])

    def sources(self) -> frozenset[str]:
        """The names of all initializers that this depends on."""
        if self.is_source:
            return frozenset((self.source_name,))
        return frozenset().union(*(arg.sources() for arg in self.args))


@dataclass(frozen=True)
class Constant:
    """A small array as a hashable value: dtype, shape, and bytes in row-major order."""

    dtype: DType
    shape: tuple[int, ...]
    content: bytes

    @staticmethod
    def of(array: Array) -> Constant:
        """The constant with the elements of `array`."""
        return Constant(from_numpy(array.dtype), tuple(array.shape), array.tobytes())

    def array(self) -> Array:
        """The elements, read-only."""
        return np.frombuffer(self.content, self.dtype.numpy).reshape(self.shape)


@dataclass(frozen=True, eq=False, slots=True)
class Weight:
    """A constant tensor: the value that nodes refer to, its elements, and where they came from.

    `data` is a read-only view and may lie in a mapped file. `derivation` is None for a constant
    that is no initializer of the source model and follows from none.
    """

    value: Value
    data: Array
    derivation: Derivation | None = None

    def __post_init__(self) -> None:
        if self.data.flags.writeable:
            frozen = self.data.view()
            frozen.flags.writeable = False
            object.__setattr__(self, "data", frozen)


@dataclass(frozen=True, slots=True)
class SymbolRange:
    """The sizes that a symbol may take: `lo` to `hi` inclusive; hi None is unbounded."""

    lo: int = 0
    hi: int | None = None


@dataclass(frozen=True, eq=False)
class Graph:
    """Tensors and ops in topological order, with weights, symbols and guards.

    Names of inputs and outputs are the source model's. `weights` is keyed by value name. A symbol
    in `measured` is no size of an input: its number is the content of that value, an int64 scalar
    that the graph computes before anything has the size.
    """

    name: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    nodes: tuple[Node, ...]
    weights: Mapping[str, Weight] = field(default_factory=dict)
    symbols: Mapping[str, SymbolRange] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()
    stage: str = "imported"
    measured: Mapping[str, Value] = field(default_factory=dict)

    @cached_property
    def _users(self) -> Mapping[Value, tuple[Node, ...]]:
        lists: dict[Value, list[Node]] = {}
        for node in self.nodes:
            for value in dict.fromkeys(node.inputs):
                if value is not None:
                    lists.setdefault(value, []).append(node)
        return {value: tuple(nodes) for value, nodes in lists.items()}

    @cached_property
    def _producers(self) -> Mapping[Value, Node]:
        return {value: node for node in self.nodes for value in node.outputs}

    def users(self) -> Mapping[Value, tuple[Node, ...]]:
        """Each used value to the nodes that read it, in order, each once; others are absent."""
        return self._users

    def producer(self, value: Value) -> Node | None:
        """The node that makes `value`; None for graph inputs and weights."""
        return self._producers.get(value)

    def values(self) -> Iterator[Value]:
        """All values: inputs, weights, then node outputs in order."""
        yield from self.inputs
        for weight in self.weights.values():
            yield weight.value
        for node in self.nodes:
            yield from node.outputs

    def constant(self, value: Value | None) -> Array | None:
        """The elements of `value` where it is a weight, else None."""
        if value is None:
            return None
        weight = self.weights.get(value.name)
        return weight.data if weight is not None and weight.value is value else None

    def replace(self, **changes: Any) -> Graph:
        """The same graph with some fields changed."""
        return dataclasses.replace(self, **changes)

    def used_symbols(self) -> frozenset[str]:
        """The names of all symbols that occur in types."""
        types = {value.type for value in self.values()}
        return frozenset().union(*(symbols(d) for t in types for d in t.shape))

    def __repr__(self) -> str:
        return f"<Graph {self.name!r}: {len(self.nodes)} nodes, stage {self.stage}>"


def sizes_in(attributes: Attributes) -> Iterator[Expression]:
    """The symbolic sizes among attributes, inside tuples too; those of nested graphs are not."""
    for attribute in attributes.values():
        yield from _sizes_of(attribute)


def _sizes_of(attribute: Attribute) -> Iterator[Expression]:
    if isinstance(attribute, Expression):
        yield attribute
    elif isinstance(attribute, tuple):
        for part in attribute:
            yield from _sizes_of(part)


def graphs_in(attributes: Attributes) -> Iterator[Graph]:
    """The graphs among attributes, in order."""
    for attribute in attributes.values():
        for part in attribute if isinstance(attribute, tuple) else (attribute,):
            if isinstance(part, Graph):
                yield part


def symbols_of(node: Node) -> frozenset[str]:
    """The names of all symbols that a node needs: of its outputs, attributes and nested graphs."""
    sizes = [size for value in node.outputs for size in value.shape if isinstance(size, Expression)]
    found = frozenset[str]().union(*map(symbols, (*sizes, *sizes_in(node.attributes))))
    return found.union(*(graph.symbols.keys() for graph in graphs_in(node.attributes)))


def fresh_names(taken: Iterable[str]) -> Callable[[str], str]:
    """A function that turns a wished name into one not in `taken` and never returned before."""
    used = set(taken)
    counters: dict[str, int] = {}

    def fresh(wish: str) -> str:
        name = wish
        while name in used:
            counters[wish] = counters.get(wish, 0) + 1
            name = f"{wish}.{counters[wish]}"
        used.add(name)
        return name

    return fresh
