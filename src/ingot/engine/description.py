# SPDX-License-Identifier: Apache-2.0
"""The description: what an engine tells about its program without reading it.

Names, types and sizes of inputs and outputs, symbols, weights and where they lie. A warm start
works from the description and a cached Plan alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ingot import dims, dtypes
from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.engine.header import DAMAGED, MAX_RANK
from ingot.errors import EngineError, IngotError
from ingot.ir.graph import SymbolRange

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Port:
    """A named input or output: element type and symbolic shape.

    A `container` ("sequence", "optional_tensor", …) makes it a list of such tensors, with -1 for
    sizes that differ.
    """

    name: str
    dtype: DType
    shape: tuple[Dim, ...]
    container: str = ""


@dataclass(frozen=True, slots=True)
class StoredWeight:
    """Type and sizes of a weight, and the tensor that holds it (None: stripped)."""

    dtype: DType
    shape: tuple[int, ...]
    tensor: str | None


@dataclass(frozen=True, slots=True)
class Description:
    """Everything about an engine but its program and the elements of its weights."""

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    symbols: Mapping[str, SymbolRange]
    nodes: int
    weights: Mapping[str, StoredWeight]
    digests: Mapping[str, str]
    options: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """The JSON form that FORMAT.md gives."""
        return {
            "name": self.name,
            "inputs": [_port_document(port) for port in self.inputs],
            "outputs": [_port_document(port) for port in self.outputs],
            "symbols": {name: [span.lo, span.hi] for name, span in self.symbols.items()},
            "nodes": self.nodes,
            "weights": {
                name: {"dtype": w.dtype.name, "shape": list(w.shape), "tensor": w.tensor}
                for name, w in self.weights.items()
            },
            "digests": dict(self.digests),
            "options": dict(self.options),
        }

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> Description:
        """The description in a JSON document from a file; raises EngineError."""
        try:
            return cls(
                name=_of(str, document["name"]),
                inputs=tuple(_port(port) for port in _of(list, document["inputs"])),
                outputs=tuple(_port(port) for port in _of(list, document["outputs"])),
                symbols=_table(_symbol, document["symbols"]),
                nodes=_size(document["nodes"]),
                weights=_table(_weight, document["weights"]),
                digests=_table(_hex_digest, document["digests"]),
                options=_of(dict, document["options"]),
            )
        except (KeyError, TypeError, ValueError, RecursionError, IngotError) as error:
            raise EngineError(f"engine description: {error!r}", cure=DAMAGED) from None


def _port_document(port: Port) -> dict[str, Any]:
    shape = [size if isinstance(size, int) else str(size) for size in port.shape]
    document: dict[str, Any] = {"name": port.name, "dtype": port.dtype.name, "shape": shape}
    return {**document, "container": port.container} if port.container else document


def _of(kind: type[_T], value: Any) -> _T:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.60} is no {kind.__name__}")
    return value


def _size(value: Any) -> int:
    if _of(int, value) < 0:
        raise ValueError(f"size {value} is negative")
    return int(value)


def _table(read: Callable[[Any], _T], value: Any) -> dict[str, _T]:
    return {name: read(entry) for name, entry in _of(dict, value).items()}


def _port(value: Any) -> Port:
    entry = _of(dict, value)
    container = _of(str, entry.get("container", ""))
    shape = tuple(
        dims.parse(size)
        if isinstance(size, str)
        else -1
        if size == -1 and container
        else _size(size)
        for size in _of(list, entry["shape"])
    )
    dtype = dtypes.by_name(_of(str, entry["dtype"]))
    return Port(_of(str, entry["name"]), dtype, shape, container)


def _symbol(value: Any) -> SymbolRange:
    low, high = _of(list, value)
    return SymbolRange(_size(low), None if high is None else _size(high))


def _weight(value: Any) -> StoredWeight:
    entry = _of(dict, value)
    tensor = entry["tensor"]
    shape = tuple(_size(size) for size in _of(list, entry["shape"]))
    if len(shape) > MAX_RANK:
        raise ValueError(f"rank {len(shape)} is over {MAX_RANK}")
    dtype = dtypes.by_name(_of(str, entry["dtype"]))
    return StoredWeight(dtype, shape, None if tensor is None else _of(str, tensor))


def _hex_digest(value: Any) -> str:
    if len(bytes.fromhex(_of(str, value))) != 32:
        raise ValueError(f"digest {value!r:.80} is no SHA-256")
    return str(value)
