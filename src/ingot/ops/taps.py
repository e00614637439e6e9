# SPDX-License-Identifier: Apache-2.0
"""Reading between elements: the weighted sum of the taps around a real place in a tensor.

Places and weights are fp64 on every target; elements are weighed in fp32 at least.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, FLOAT64, INT64, DType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr
from ingot.ops.read import Read, clamped, extent

# A position within the axis, and its weight in fp64; None for a weight of 1.
Tap: TypeAlias = tuple[Expr, Expr | None]


def wide(dtype: DType) -> DType:
    """The type in which elements of a float type are weighed."""
    return FLOAT64 if dtype == FLOAT64 else FLOAT32


def position(place: Expr, size: Dim) -> Expr:
    """A whole fp64 place as an index into an axis, the nearest one where it lies outside."""
    return clamped(expr.cast(place, INT64), size)


def last(size: Dim) -> Expr:
    """The last place of an axis."""
    return expr.cast(extent(size), FLOAT64) - 1.0


def inside(place: Expr, size: Dim) -> Expr:
    """Whether a place lies between the first and the last element of an axis."""
    return expr.logical_and(place >= 0.0, place <= last(size))


def linear_taps(place: Expr, size: Dim) -> list[Tap]:
    """The two neighbours of a place; those outside the axis weigh nothing."""
    base = expr.floor(place)
    share = place - base
    pairs = ((base, 1.0 - share), (base + 1.0, share))
    return [
        (position(tap, size), expr.where(inside(tap, size), weight, 0.0)) for tap, weight in pairs
    ]


def weighted(x: Read, lead: Sequence[Expr], taps: Sequence[Sequence[Tap]]) -> Expr:
    """The sum over all combinations of one tap an axis behind `lead`, in the wide type.

    A tap of weight 0 counts nothing, whatever lies there: outside it stands for no element.
    """
    if not taps:
        return expr.cast(x(*lead), wide(x.dtype))
    total: Expr | None = None
    for place, weight in taps[0]:
        value = weighted(x, (*lead, place), taps[1:])
        if weight is not None:
            weight = expr.cast(weight, value.dtype)
            nothing = Const(0.0, value.dtype)
            value = expr.where(expr.equal(weight, nothing), nothing, value * weight)
        total = value if total is None else total + value
    assert total is not None
    return total
