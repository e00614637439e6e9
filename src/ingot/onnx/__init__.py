# SPDX-License-Identifier: Apache-2.0
"""Read ONNX models: a path, bytes or a ModelProto in, a Graph out, all or nothing.

`proto` turns the wire format into records, `reader` turns records into a Graph through the
mappings of `table`, one file per operator family under `ops`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from google.protobuf.message import EncodeError  # type: ignore[import-untyped]  # has no stubs

from ingot.errors import ModelError
from ingot.ir.graph import Array, Graph
from ingot.onnx.budget import Budget
from ingot.onnx.inputs import Profiles
from ingot.onnx.proto import parse_model
from ingot.onnx.reader import Reader
from ingot.onnx.source import Source
from ingot.onnx.tensors import TensorReader

__all__ = ["Model", "Profiles", "read"]


class Serializable(Protocol):
    """A ModelProto, or whatever else can write itself as one."""

    def SerializeToString(self) -> bytes:  # noqa: N802  (protobuf's name)
        """The model as bytes."""


Model = str | os.PathLike[str] | bytes | Serializable


def read(
    model: Model,
    profiles: Profiles | None = None,
    constants: Mapping[str, Array] | None = None,
    memory_limit: int | None = None,
) -> Graph:
    """The model as a Graph of stage "imported".

    `profiles` limits free sizes: by the size's name to (least, most), or by an input's name to its
    least and greatest shape. `constants` gives inputs a fixed value: they are no inputs of the
    Graph then, and sizes may follow from them. External data is looked for beside the model's file.
    `memory_limit` bounds the bytes that reading takes beside the mapped file. Raises ModelError for
    what is no valid model, ShapeError for sizes that contradict each other, ResourceError for a
    model that asks for more memory than it may, and UnsupportedError with every node that cannot be
    read.
    """
    budget = Budget(memory_limit)
    source, folder = _source(model, budget)
    try:
        record = parse_model(source)
        tensors = TensorReader(folder, budget)
        return Reader(record, tensors, profiles or {}, constants or {}, budget).graph()
    except RecursionError:
        raise ModelError(f"{source.label}: nests too deep", cure="simplify the model") from None


def _source(model: Model, budget: Budget) -> tuple[Source, Path | None]:
    if isinstance(model, bytes | bytearray | memoryview):
        return Source(bytes(model), "model", budget=budget), None
    if isinstance(model, str | os.PathLike):
        path = Path(model)
        return Source.open(path, f"model '{path}'", budget), path.parent
    serialize = getattr(model, "SerializeToString", None)
    if serialize is None:
        raise ModelError(
            f"a model of type {type(model).__name__} cannot be read",
            cure="pass a path, bytes or a ModelProto",
        )
    return Source(_serialized(serialize), "model", budget=budget), None


def _serialized(serialize: Callable[[], bytes]) -> bytes:
    try:
        return bytes(serialize())
    except (ValueError, EncodeError) as error:
        raise ModelError(
            f"the model cannot be serialized ({error})",
            cure="save it with external data and pass its path",
        ) from None
