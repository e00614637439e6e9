# SPDX-License-Identifier: Apache-2.0
"""Lists of tensors: ONNX's sequences, and optionals as lists of at most one thing.

A list is Python's own; tensors in it are never written to, so lists share them. A size of the
elements that differs or is not known is -1 in the list's type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from ingot.dtypes import BOOL, INT64, DType
from ingot.ir.graph import Array, ListType, TensorType
from ingot.ops.script import Item, RunBody, ScriptFault, ScriptOp, Types, whole

Items = Sequence[Item]


def _list_of(types: Types, dtype: DType, container: str, **_: Any) -> list[TensorType]:
    return [ListType(dtype, (), container)]


def _grown(types: Types, container: str, **_: Any) -> list[TensorType]:
    tensor = types[1]
    assert tensor is not None
    return [ListType(tensor.dtype, (), container)]


def _shrunk(types: Types, container: str, **_: Any) -> list[TensorType]:
    first = types[0]
    assert first is not None
    return [ListType(first.dtype, (), container)]


def _element(types: Types, **_: Any) -> list[TensorType]:
    first = types[0]
    assert isinstance(first, ListType)
    inner = first.container.removeprefix("optional_")
    if inner in (first.container, "tensor"):
        return [TensorType(first.dtype, first.shape)]
    return [ListType(first.dtype, first.shape, inner)]


def _same(types: Types, **_: Any) -> list[TensorType]:
    first = types[0]
    assert first is not None
    return [first]


def _pass(items: Items, run: RunBody, shapes: Any) -> Items:
    return [items[0]]


def _make(items: Items, run: RunBody, **_: Any) -> Items:
    return [list(items)]


def _at(items: Items, run: RunBody, shapes: Any) -> Items:
    sequence, position = items
    return [sequence[_position(position, len(sequence))]]


def _insert(items: Items, run: RunBody, **_: Any) -> Items:
    sequence, item = items[:2]
    made = list(sequence)
    at = len(made) if len(items) < 3 or items[2] is None else _position(items[2], len(made) + 1, 1)
    made.insert(at, item)
    return [made]


def _erase(items: Items, run: RunBody, **_: Any) -> Items:
    made = list(items[0])
    given = len(items) > 1 and items[1] is not None
    del made[_position(items[1] if given else np.array(-1), len(made))]
    return [made]


def _length(items: Items, run: RunBody, shapes: Any) -> Items:
    return [np.array(len(items[0]), np.int64)]


def _has(items: Items, run: RunBody, shapes: Any) -> Items:
    return [np.array(len(items[0]) > 0)]


def _get(items: Items, run: RunBody, shapes: Any) -> Items:
    if not items[0]:
        raise ScriptFault("the optional is empty", cure="ask OptionalHasElement first")
    return [items[0][0]]


def _position(item: Item, length: int, extra: int = 0) -> int:
    """A position from either end; raises ScriptFault outside the list."""
    position = whole(item)
    count = length - extra
    if not -count <= position < length:
        raise ScriptFault(
            f"position {position} is outside a sequence of {count}",
            cure="check the input that tells the position",
        )
    return position + count if position < 0 else position


def _joined(items: Items, run: RunBody, axis: int, new_axis: bool, shapes: Any) -> Items:
    if not items[0]:
        raise ScriptFault("an empty sequence cannot be joined", cure="give it a tensor")
    join = np.stack if new_axis else np.concatenate
    try:
        return [np.ascontiguousarray(join(items[0], axis))]
    except ValueError as error:
        raise ScriptFault(f"the tensors of the sequence do not fit: {error}") from None


def _split(items: Items, run: RunBody, axis: int, keep: bool, shapes: Any, **_: Any) -> Items:
    x, parts = items[0], items[1]
    size = x.shape[axis]
    if np.ndim(parts) == 0:
        each = whole(parts)
        if each < 1:
            raise ScriptFault(f"parts of size {each} cannot be", cure="check the input 'split'")
        ends = list(range(each, size, each))
    else:
        if int(np.sum(parts)) != size:
            raise ScriptFault(f"parts {parts.tolist()} do not add up to {size}")
        ends = np.cumsum(parts)[:-1].tolist()
    pieces = np.split(x, ends, axis) if size or ends else []
    return [[_piece(piece, axis, keep) for piece in pieces]]


def _piece(piece: Array, axis: int, keep: bool) -> Array:
    return np.ascontiguousarray(piece if keep else np.squeeze(piece, axis))


def _tensor(types: Types, **_: Any) -> list[TensorType]:
    first = types[0]
    assert first is not None
    return [TensorType(first.dtype, ())]


def _number(types: Types, **_: Any) -> list[TensorType]:
    return [TensorType(INT64, ())]


def _flag(types: Types, **_: Any) -> list[TensorType]:
    return [TensorType(BOOL, ())]


OPS: Final = (
    ScriptOp(
        "list_make", _list_of, _make,
        "The list of the inputs: a sequence, or an optional of nothing or one thing.",
        ("dtype", "container"),
    ),
    ScriptOp(
        "list_split", _list_of, _split,
        "A tensor cut along `axis` into parts of the sizes, or of the one size, in the second "
        "input; without `keep` the axis is dropped.",
        ("dtype", "container", "axis", "keep"),
    ),
    ScriptOp("list_identity", _same, _pass, "The list itself."),
    ScriptOp("list_at", _element, _at, "The tensor at a position, counted from either end."),
    ScriptOp(
        "list_insert", _grown, _insert, "A list with a tensor more, by default last.",
        ("container",),
    ),
    ScriptOp(
        "list_erase", _shrunk, _erase, "A list with a tensor less, by default the last.",
        ("container",),
    ),
    ScriptOp("list_length", _number, _length, "How many tensors a list has."),
    ScriptOp(
        "list_join", _tensor, _joined,
        "The tensors of a list put together along `axis`, which is a new one where `new_axis`.",
        ("axis", "new_axis"),
    ),
    ScriptOp("optional_has", _flag, _has, "Whether an optional has something."),
    ScriptOp("optional_get", _element, _get, "What an optional has; RunError where it is empty."),
)  # fmt: skip
