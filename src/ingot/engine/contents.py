# SPDX-License-Identifier: Apache-2.0
"""The contents of an engine: header, description, program and the stored bytes of each tensor.

Made from a Graph by `compose` or from a file by `read`; both look the same from here on, so
saving, looking up a weight and parsing the graph do not ask where the contents came from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ingot.dtypes import from_numpy
from ingot.engine.description import Description, Port, StoredWeight
from ingot.engine.header import METADATA, PAD, Header, arrange, canonical_json
from ingot.engine.storage import digest, digests, stored_bytes, stored_form, stored_view
from ingot.errors import EngineError, GraphError
from ingot.ir.graph import Array, Graph, ListType, Value, Weight
from ingot.ir.nested import all_graphs, same_elements
from ingot.ir.text import print_graph

VERSION: Final = 1
VERSION_KEY: Final = "ingot.version"
CHECKSUM_KEY: Final = "ingot.checksum"
DESCRIPTION_KEY: Final = "ingot.description"
PROGRAM_KEY: Final = "ingot.program"
RESERVED_PREFIX: Final = "ingot."
BLANK_CHECKSUM: Final = "0" * 64
MAX_PROGRAM_IN_HEADER: Final = 16_000_000


@dataclass(frozen=True, eq=False)
class Contents:
    """One engine, composed or mapped.

    `stored` gives a tensor's bytes by its name; `release` gives memory of a mapped file back until
    it is read again.
    """

    header: Header
    description: Description
    program: str
    stored: Callable[[str], memoryview]
    release: Callable[[], None] = lambda: None

    @property
    def checksum(self) -> str:
        """SHA-256 over header and program, and through the digests over all weights."""
        return self.header.metadata[CHECKSUM_KEY]

    def tensor(self, name: str, weight: StoredWeight) -> Array:
        """The read-only elements in the tensor called `name`, read as `weight` says."""
        return stored_view(self.stored(name), weight.dtype, weight.shape)

    def weight(self, name: str) -> Array:
        """The read-only elements of the weight called `name`; EngineError where stripped."""
        weight = self.description.weights[name]
        if weight.tensor is None:
            raise EngineError(
                f"engine '{self.description.name}': weight '{name}' was stripped",
                cure="give the source weights with Engine.refit",
            )
        return self.tensor(weight.tensor, weight)

    def pieces(self) -> Iterator[bytes | memoryview]:
        """The bytes of the whole file, in order."""
        yield self.header.render()
        for name, entry in self.header.tensors.items():
            yield bytes(entry.size) if name.startswith(PAD) else self.stored(name)


def compose(graph: Graph, options: Mapping[str, Any], stripped: Collection[str] = ()) -> Contents:
    """The contents that stand for `graph`, leaving out the elements of `stripped` weights."""
    weights = nested_weights(graph)
    store = _Store.of({n: w.data for n, w in weights.items() if n not in stripped})
    program = print_graph(graph, {name: store.place.get(name, name) for name in weights})
    metadata = {VERSION_KEY: str(VERSION)}
    if len(program) <= MAX_PROGRAM_IN_HEADER:
        metadata[PROGRAM_KEY] = program
    else:
        store.add(PROGRAM_KEY, np.frombuffer(program.encode(), np.uint8))
    description = _describe(graph, weights, store, options)
    metadata[DESCRIPTION_KEY] = canonical_json(description.document())
    forms = {name: _form(array) for name, array in store.arrays.items()}
    header = _seal(Header(arrange(forms), metadata))
    return Contents(header, description, program, lambda n: stored_bytes(store.arrays[n]))


@dataclass(frozen=True, slots=True)
class _Store:
    """Tensors by name, their digests, and the tensor that each weight is in."""

    arrays: dict[str, Array]
    digests: dict[str, str]
    place: dict[str, str]

    @classmethod
    def of(cls, weights: Mapping[str, Array]) -> _Store:
        """Each distinct weight as one tensor under the first of its names."""
        store = cls({}, {}, {})
        known: dict[tuple[Any, ...], str] = {}
        names = sorted(weights)
        sums = digests(weights[name] for name in names)
        for name, checksum in zip(names, sums, strict=True):
            array = weights[name]
            tensor = known.setdefault((array.dtype, array.shape, checksum), _tensor_name(name))
            store.arrays.setdefault(tensor, array)
            store.digests[tensor] = checksum
            store.place[name] = tensor
        return store

    def add(self, name: str, array: Array) -> None:
        """One more tensor."""
        self.arrays[name] = array
        self.digests[name] = digest(stored_bytes(array))


def _tensor_name(weight: str) -> str:
    reserved = weight.startswith((RESERVED_PREFIX, "weight:")) or weight in ("", METADATA)
    return f"weight:{weight}" if reserved else weight


def _form(array: Array) -> tuple[str, tuple[int, ...], int]:
    return stored_form(from_numpy(array.dtype), array.shape)


def nested_weights(graph: Graph) -> dict[str, Weight]:
    """The weights of `graph` and of the graphs inside its attributes, by name.

    Raises GraphError where two different weights share a name.
    """
    weights: dict[str, Weight] = {}
    for inner in all_graphs(graph):
        for name, weight in inner.weights.items():
            if not same_elements(weights.setdefault(name, weight), weight):
                raise GraphError(
                    f"weight '{name}': two nested graphs use this name for different weights",
                    cure="rename one of them",
                )
    return weights


def _describe(
    graph: Graph, weights: Mapping[str, Weight], store: _Store, options: Mapping[str, Any]
) -> Description:
    return Description(
        name=graph.name,
        inputs=tuple(map(_port, graph.inputs)),
        outputs=tuple(map(_port, graph.outputs)),
        symbols=graph.symbols,
        nodes=len(graph.nodes),
        weights={
            name: StoredWeight(weight.value.dtype, weight.data.shape, store.place.get(name))
            for name, weight in weights.items()
        },
        digests=store.digests,
        options=options,
    )


def _port(value: Value) -> Port:
    container = value.type.container if isinstance(value.type, ListType) else ""
    return Port(value.name, value.dtype, value.shape, container)


def _seal(header: Header) -> Header:
    blank = {**header.metadata, CHECKSUM_KEY: BLANK_CHECKSUM}
    checksum = digest(Header(header.tensors, blank).render())
    return Header(header.tensors, {**blank, CHECKSUM_KEY: checksum})
