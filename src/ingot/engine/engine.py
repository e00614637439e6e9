# SPDX-License-Identifier: Apache-2.0
"""Engine: the portable artefact, in memory or as a mapped file.

`ingot.build` makes one from a model, `Engine.open` from a file; `ingot.load` forges it for a
device. An engine is data and never changes: stripping and refitting give new ones.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from ingot.engine.contents import VERSION, Contents, compose, nested_weights
from ingot.engine.description import Port
from ingot.engine.header import DAMAGED
from ingot.engine.read import Source, Verify, read
from ingot.engine.refit import refit_graph, source_names
from ingot.engine.storage import stored_form
from ingot.engine.write import write_file
from ingot.errors import EngineError, IngotError
from ingot.ir.graph import Array, Graph, SymbolRange, TensorType
from ingot.ir.text import parse_graph
from ingot.ops import verify as verify_graph

NO_OPTIONS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Facts about an engine, without its program: what `ingot inspect` shows first.

    `weight_bytes` counts stored weights, equal ones once; `bytes` is the size of the file.
    """

    name: str
    version: int
    nodes: int
    weights: int
    parameters: int
    weight_bytes: int
    bytes: int
    stripped: tuple[str, ...]
    options: Mapping[str, Any]


class Engine:
    """A portable model: its optimised graph and weights, ready to be saved or forged."""

    def __init__(
        self,
        contents: Contents | None,
        graph: Graph | None,
        options: Mapping[str, Any],
        cast_seconds: float | None = None,
    ) -> None:
        """Use `Engine.from_graph` or `Engine.open`."""
        self._given_contents = contents
        self._given_graph = graph
        self._options = options
        self.cast_seconds = cast_seconds

    @classmethod
    def from_graph(
        cls,
        graph: Graph,
        *,
        options: Mapping[str, Any] = NO_OPTIONS,
        cast_seconds: float | None = None,
    ) -> Engine:
        """The engine of a portable graph.

        `options` (JSON values) are recorded in the file; `cast_seconds` only in this object.
        """
        return cls(None, graph, options, cast_seconds)

    @classmethod
    def open(cls, source: Source, *, verify: Verify = "header") -> Engine:
        """An engine from a path (mapped, not read) or from bytes.

        `verify="header"` checks header and program, `"full"` also every weight. Raises EngineError
        for a file that is damaged, foreign or from a newer release.
        """
        contents = read(source, verify)
        return cls(contents, None, contents.description.options)

    @cached_property
    def _contents(self) -> Contents:
        if self._given_contents is not None:
            return self._given_contents
        assert self._given_graph is not None
        return compose(self._given_graph, self._options)

    @cached_property
    def graph(self) -> Graph:
        """The program, parsed and verified on first use. Raises EngineError where stripped."""
        if self._given_graph is not None:
            return self._given_graph
        if self.stripped:
            raise EngineError(
                f"engine '{self.name}': {len(self.stripped)} weights were stripped",
                cure="give the source weights with Engine.refit",
            )
        return self._parse()

    def _parse(self) -> Graph:
        stored = {w.tensor or name: w for name, w in self._contents.description.weights.items()}

        def elements(name: str, declared: TensorType) -> Array:
            weight = stored[name]
            if weight.tensor is None:
                return np.broadcast_to(np.zeros((), weight.dtype.numpy), weight.shape)
            return self._contents.tensor(name, weight)

        try:
            graph = parse_graph(self._contents.program, elements)
            verify_graph(graph)
        except (IngotError, KeyError, RecursionError) as error:
            raise EngineError(f"engine program: {error}", cure=DAMAGED) from error
        return graph

    @property
    def text(self) -> str:
        """The program as stored: the graph's text form, weights by reference."""
        return self._contents.program

    @property
    def name(self) -> str:
        """The model's name."""
        return self._contents.description.name

    @property
    def inputs(self) -> tuple[Port, ...]:
        """Name, element type and symbolic shape of each input."""
        return self._contents.description.inputs

    @property
    def outputs(self) -> tuple[Port, ...]:
        """Name, element type and symbolic shape of each output."""
        return self._contents.description.outputs

    @property
    def symbols(self) -> Mapping[str, SymbolRange]:
        """The free sizes and their bounds."""
        return self._contents.description.symbols

    @property
    def weights(self) -> Mapping[str, Array]:
        """Read-only weights by name, views of the mapped file; EngineError where stripped."""
        return _Weights(self._contents)

    def release_memory(self) -> None:
        """Give the memory of weights of a mapped file back; they are paged in when read again."""
        self._contents.release()

    @property
    def stripped(self) -> tuple[str, ...]:
        """The names of the weights that are not in the engine, sorted."""
        weights = self._contents.description.weights
        return tuple(sorted(name for name, weight in weights.items() if weight.tensor is None))

    @property
    def key(self) -> str:
        """A digest of everything in the engine, known from its header alone."""
        return self._contents.checksum

    @property
    def info(self) -> EngineInfo:
        """Facts about the engine."""
        description, header = self._contents.description, self._contents.header
        weights = description.weights.values()
        tensors = {weight.tensor: weight for weight in weights if weight.tensor is not None}
        return EngineInfo(
            name=description.name,
            version=VERSION,
            nodes=description.nodes,
            weights=len(weights),
            parameters=sum(math.prod(weight.shape) for weight in weights),
            weight_bytes=sum(stored_form(w.dtype, w.shape)[2] for w in tensors.values()),
            bytes=len(header.render()) + header.data_size,
            stripped=self.stripped,
            options=description.options,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the engine to `path`, whole or not at all; raises EngineError."""
        write_file(Path(path), self._contents.pieces())

    def to_bytes(self) -> bytes:
        """The engine as the bytes that `save` writes."""
        return b"".join(self._contents.pieces())

    @property
    def refit_sources(self) -> frozenset[str]:
        """The names of the source initializers that weights derive from."""
        return source_names(nested_weights(self._skeleton).values())

    def strip(self) -> Engine:
        """The same engine without the elements of weights that `refit` can make again."""
        graph = self.graph
        weights = nested_weights(graph).items()
        stripped = {name for name, weight in weights if weight.derivation is not None}
        return Engine(compose(graph, self._options, stripped), None, self._options)

    def refit(self, sources: Mapping[str, Array]) -> Engine:
        """The same engine with weights made from new source initializers, by name.

        Raises InputError where a source is missing, unknown or of another type or size.
        """
        return Engine.from_graph(
            refit_graph(self._skeleton, sources, self.stripped), options=self._options
        )

    @property
    def _skeleton(self) -> Graph:
        """The graph; zeros stand for stripped elements."""
        return self._parse() if self.stripped else self.graph

    def __repr__(self) -> str:
        info = self.info
        return f"<Engine {info.name!r}: {info.nodes} nodes, {info.parameters} parameters>"


class _Weights(Mapping[str, Array]):
    """Weights by name, each made a view when it is asked for."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents

    def __getitem__(self, name: str) -> Array:
        return self._contents.weight(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._contents.description.weights)

    def __len__(self) -> int:
        return len(self._contents.description.weights)
