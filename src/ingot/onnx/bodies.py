# SPDX-License-Identifier: Apache-2.0
"""The body of a control-flow operator while it is read: a graph inside, names from around it.

What a body takes from outside becomes an input of it, except weights and small constants, which it
holds itself, so that its products pack them and its expressions fold them. Sizes are the same
inside and outside: a symbol of the outer graph needs no input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ingot.dims import Dim, symbols
from ingot.ir.graph import Graph, SymbolRange, Value, symbols_of
from ingot.ir.live import without_dead
from ingot.onnx.tensor import Tensor
from ingot.ops.build import Builder

Tensors = Mapping[str, Tensor | None]


class Scope(dict[str, Tensor | None]):
    """The tensors of a body by name; those of the graph around it are captured when asked for."""

    def __init__(self, outer: Tensors, capture: Callable[[str, Tensor], Tensor]) -> None:
        super().__init__()
        self._outer = outer
        self._capture = capture

    def __missing__(self, name: str) -> Tensor | None:
        found = self._outer[name]
        self[name] = None if found is None else self._capture(name, found)
        return self[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self._outer

    def get(self, name: str, default: Any = None) -> Any:
        """The tensor, captured where it lies outside; `default` where there is none."""
        if name not in self:
            return default
        return self[name]


class BodyBuilder(Builder):
    """Builds a body: names and symbols are one space with the builder around it."""

    def __init__(self, name: str, outer: Builder) -> None:
        super().__init__(name)
        self.outer = outer
        self.symbols = outer.symbols
        self.fresh = outer.fresh
        self.captured: dict[Value, Value] = {}

    def capture(self, name: str, tensor: Tensor) -> Tensor:
        """A tensor of the graph around the body, for use inside."""
        known = tensor.elements
        if known is not None and all(isinstance(x, int) for x in known.reshape(-1).tolist()):
            dtype = tensor.type.dtype.numpy
            array = np.array(known.reshape(-1).tolist(), dtype).reshape(known.shape)
            return Tensor(name, tensor.type, elements=known, make=lambda: self.constant(array))
        return Tensor(
            name, tensor.type, elements=known, make=lambda: self.inside(tensor.value),
            parts=None if tensor.parts is None else self._parts(tensor.parts),
        )  # fmt: skip

    def _parts(self, parts: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        return tuple(self.capture(part.name, part) for part in parts)

    def inside(self, value: Value) -> Value:
        """What stands for an outer value inside: the same weight, or an input."""
        weight = self._outer_weight(value)
        if weight:
            return value
        if value not in self.captured:
            self.captured[value] = Value(self.fresh(value.name), value.type)
        return self.captured[value]

    def _outer_weight(self, value: Value) -> bool:
        builder: Builder = self
        while isinstance(builder, BodyBuilder):
            builder = builder.outer
            found = builder.weights.get(value.name)
            if found is not None and found.value is value:
                self.weights[value.name] = found
                return True
        return False


@dataclass(frozen=True)
class Body:
    """A body that was read: its formal inputs, its results, and how to finish it."""

    builder: BodyBuilder
    inputs: tuple[Value, ...]
    outputs: tuple[Tensor, ...]
    visible: frozenset[str]

    def finish(self, captured: Sequence[Value] | None = None) -> Graph:
        """The body as a graph that takes its formal inputs and then `captured` outer values.

        Without `captured`, those that it needs.
        """
        values = self._distinct([tensor.value for tensor in self.outputs])
        names = self.builder.captured
        inner = [
            names.get(v) or Value(self.builder.fresh(v.name), v.type)
            for v in (names if captured is None else captured)
        ]
        graph = without_dead(self.builder.finish(values))
        graph = graph.replace(inputs=(*self.inputs, *inner))
        return graph.replace(symbols=used_symbols(graph))

    def sees(self, size: Dim) -> bool:
        """Whether a size of a result is known outside the body."""
        return symbols(size) <= self.visible

    def values(self) -> tuple[Value, ...]:
        """The results as values; what they capture is captured now."""
        return tuple(tensor.value for tensor in self.outputs)

    def _distinct(self, values: Sequence[Value]) -> list[Value]:
        """A graph has each output once."""
        made: list[Value] = []
        for value in values:
            weight = value.name in self.builder.weights
            again = value in made or weight
            made.append(self.builder.same(value) if again else value)
        return made


def used_symbols(graph: Graph) -> dict[str, SymbolRange]:
    """The ranges of the symbols that a graph mentions, in the order of its own table."""
    sizes = [size for value in graph.values() for size in value.shape]
    used = frozenset[str]().union(*map(symbols, sizes), *map(symbols_of, graph.nodes))
    used = used.union(graph.measured, *(guard.symbols for guard in graph.guards))
    return {name: span for name, span in graph.symbols.items() if name in used}
