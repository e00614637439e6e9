# SPDX-License-Identifier: Apache-2.0
"""Rotary position embedding, and the cache of keys and values that grows as tokens come."""

from __future__ import annotations

from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import FLOAT16, FLOAT32, INT64
from ingot.errors import RunError
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Expr, checked_index
from ingot.ops.domains import BATCH, ELEMENTS, INDICES, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.norm import composite
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require, Shape

# --- rotary


def _infer_rotary(
    require: Require, x: TensorType, cos: TensorType, sin: TensorType, *, interleaved: bool
) -> TensorType:
    require.that(x.rank >= 1 and cos.rank == x.rank, "x and cos must have one rank of at least 1")
    require.that(cos.rank == sin.rank, "cos and sin must have one rank")
    for axis in range(x.rank):
        require.equal(cos.shape[axis], sin.shape[axis], f"sizes of cos and sin on axis {axis}")
    for axis in range(x.rank - 1):
        if cos.shape[axis] != 1:
            require.equal(cos.shape[axis], x.shape[axis], f"sizes of cos and x on axis {axis}")
    require.at_least(x.shape[-1], 2 * cos.shape[-1], "x must be as deep as what is turned")
    return x


def _part(o: Any, x: Any, start: int, end: int, step: int = 1) -> Any:
    front = (0,) * (x.rank - 1)
    ends = (*x.shape[:-1], end)
    return o.slice(x, starts=(*front, start), ends=ends, steps=(*[1] * (x.rank - 1), step))


def _rotary(o: Any, x: Any, cos: Any, sin: Any, *, interleaved: bool) -> Any:
    half, depth = cos.shape[-1], x.shape[-1]
    if interleaved:
        real, imaginary = _part(o, x, 0, 2 * half, 2), _part(o, x, 1, 2 * half, 2)
    else:
        real, imaginary = _part(o, x, 0, half), _part(o, x, half, 2 * half)
    first = o.sub(o.mul(real, cos), o.mul(imaginary, sin))
    second = o.add(o.mul(real, sin), o.mul(imaginary, cos))
    turned = _woven(o, first, second) if interleaved else o.concat(first, second, axis=x.rank - 1)
    if depth == 2 * half:
        return turned
    return o.concat(turned, _part(o, x, 2 * half, depth), axis=x.rank - 1)


def _woven(o: Any, first: Any, second: Any) -> Any:
    """Two tensors whose elements take turns along the last axis."""
    pair = (*first.shape, 1)
    both = [o.reshape(part, shape=pair) for part in (first, second)]
    shape = (*first.shape[:-1], 2 * first.shape[-1])
    return o.reshape(o.concat(*both, axis=first.rank), shape=shape)


def _rotary_cases() -> tuple[Example, ...]:
    shapes: tuple[tuple[Shape, Shape], ...] = (
        ((2, 3, 5, 8), (1, 1, 5, 4)), ((2, 3, 5, 8), (2, 1, 5, 4)), ((3, 37, 12), (3, 37, 4)),
        ((1, 2, 1, 64), (1, 1, 1, 32)), ((0, 2, 4), (1, 2, 2)), ((4, 6), (4, 1)),
        ((BATCH, 2, 7, 8), (BATCH, 1, 7, 4)),
    )  # fmt: skip
    return tuple(
        Example((Sample(x), Sample(cos), Sample(cos)), {"interleaved": woven}, {"batch": 3})
        for x, cos in shapes
        for woven in (False, True)
    )


ROTARY = composite(
    "rotary", (InputSpec("x", REALS), InputSpec("cos", REALS), InputSpec("sin", REALS)),
    (AttributeSpec("interleaved", "bool", False, doc="pairs are neighbours, else half apart"),),
    _infer_rotary, _rotary, precision=Bound(relative=1, norm=1), examples=_rotary_cases(),
    doc="Pairs of the first 2 n elements of each row turned by n angles, given as their cosines "
    "and sines; the rest of the row stays.",
)  # fmt: skip


# --- cache_update


def _infer_update(
    require: Require, cache: TensorType, rows: TensorType, start: TensorType, *, length: Dim
) -> TensorType:
    require.that(cache.rank == rows.rank >= 3, "cache and rows must have one rank of at least 3")
    for axis in range(cache.rank):
        if axis != cache.rank - 2:
            why = f"sizes of cache and rows on axis {axis}"
            require.equal(cache.shape[axis], rows.shape[axis], why)
    require.that(start.rank == 1, "there is one start for each batch entry")
    require.equal(start.shape[0], rows.shape[0], "starts and batch entries")
    require.at_least(length, rows.shape[-2], "the rows must fit")
    return TensorType(cache.dtype, (*cache.shape[:-2], length, cache.shape[-1]))


def _update(cache: Array, rows: Array, start: Array, *, length: int) -> Array:
    result = np.zeros((*cache.shape[:-2], length, cache.shape[-1]), cache.dtype)
    kept, count = min(length, cache.shape[-2]), rows.shape[-2]
    result[..., :kept, :] = cache[..., :kept, :]
    for entry, first in enumerate(start.tolist()):
        if not 0 <= first < max(length - count, 0) + 1:
            raise RunError(
                f"start {first}: {count} rows do not fit there, the cache has {length}",
                cure="check the input that holds the starts",
            )
        result[entry, ..., first : first + count, :] = rows[entry]
    return result


def _lower_update(index: Index, cache: Read, rows: Read, start: Read, *, length: Dim) -> Expr:
    *front, row, column = index
    count = extent(rows.shape[-2])
    last = expr.maximum(count - 1, 0)
    begin = checked_index(start(index[0]), length, wrap=False)
    step = row - (checked_index(begin + last, length, wrap=False) - last)
    new = expr.logical_and(step >= 0, step < count)
    old = cache(*front, clamped(row, cache.shape[-2]), column)
    kept = expr.where(row < extent(cache.shape[-2]), old, 0)
    return expr.where(new, rows(*front, clamped(step, rows.shape[-2]), column), kept)


def _update_case(cache: Shape, rows: Shape, starts: tuple[float, ...], length: Dim) -> Example:
    start = Sample((rows[0],), INT64, values=starts)
    only = (FLOAT32, FLOAT16, INT64)
    return Example((Sample(cache), Sample(rows), start), {"length": length}, {"batch": 3}, only)


CACHE_UPDATE = Op(
    name="cache_update", kind="index", can_fault=True,
    inputs=(InputSpec("cache", ELEMENTS), InputSpec("rows", ELEMENTS),
            InputSpec("start", INDICES, "I")),
    attributes=(AttributeSpec("length", "dim", doc="rows of the result"),),
    infer_rule=_infer_update, evaluate_rule=_update, lower_rule=_lower_update,
    doc="The cache with `rows` written over axis -2 from each batch entry's start on; rows that "
    "neither holds are 0.",
    examples=(
        _update_case((2, 3, 6, 5), (2, 3, 1, 5), (2, 5), 6),
        _update_case((2, 3, 4, 5), (2, 3, 3, 5), (4, 2), 7),
        _update_case((1, 2, 0, 8), (1, 2, 4, 8), (0,), 4),
        _update_case((2, 1, 4), (2, 2, 4), (0, 1), 3),
        _update_case((3, 2, 9, 4), (3, 2, 2, 4), (0, 7, 3), 9),
        _update_case((1, 2, BATCH, 4), (1, 2, 1, 4), (2,), BATCH + 1),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (ROTARY, CACHE_UPDATE)
