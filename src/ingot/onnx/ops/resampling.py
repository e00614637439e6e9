# SPDX-License-Identifier: Apache-2.0
"""Resizing by factors that are computed when the graph runs: elements are gathered along each axis.

Coordinates are computed in float32, as the factors are: the quotient of two sizes leads from the
last element of one to the last element of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, TypeAlias

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.measure import measure, producer, scalar_of
from ingot.onnx.ops.arithmetic import converted
from ingot.onnx.ops.heads import sequence

# A factor that is known, or the float32 scalar that holds it.
Factor: TypeAlias = float | Value
DEPTH = 8


@dataclass(frozen=True)
class Rules:
    """How result positions map to elements."""

    mode: str
    coordinates: str = "asymmetric"
    rounding: str = "floor"
    cubic: float = -0.75
    exclude_outside: bool = False
    antialias: bool = False
    extrapolation: float = 0.0
    region: Value | None = None
    cropped: tuple[int, ...] = ()

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the core op."""
        fields = vars(self).items()
        return {name: value for name, value in fields if name != "region"}


def factors_of(call: Call, index: int) -> list[Factor]:
    """The elements of a vector of factors, those that are stated as numbers."""
    return _factors(call, converted(call, call[index], FLOAT32), DEPTH)


def _factors(call: Call, value: Value, depth: int) -> list[Factor]:
    """The elements of a vector or scalar, seen through what put them together."""
    weight = call.builder.weights.get(value.name)
    if weight is not None and weight.value is value:
        return [float(item) for item in weight.data.reshape(-1).astype(np.float64)]
    node = producer(call, value) if depth else None
    parts = [] if node is None else [one for one in node.inputs if one is not None]
    if node is not None and node.op == "concat":
        return [factor for part in parts for factor in _factors(call, part, depth - 1)]
    if node is not None and node.op in ("reshape", "identity"):
        return _factors(call, parts[0], depth - 1)
    count = call.integer(value.shape[0] if value.rank else 1, "the number of scales")
    return [_element(call, value, position) for position in range(count)]


def _element(call: Call, value: Value, position: int) -> Value:
    if value.rank and value.shape[0] != 1:
        starts, ends = (position,), (position + 1,)
        value = call.make("slice", value, starts=starts, ends=ends, steps=(1,))
    return value if value.rank == 0 else call.make("reshape", value, shape=())


def product_of(call: Call, size: Dim, factor: Value) -> Dim:
    """A size times a factor, rounded down, as it is when the graph runs."""
    wide = call.make("cast", scalar_of(call, size), to=FLOAT32)
    whole = call.make("floor", call.make("mul", wide, factor))
    return measure(call, call.make("cast", whole, to=INT64))


def common_factor(call: Call, pairs: Sequence[tuple[Dim, Dim]], largest: bool) -> Value:
    """The least quotient of sizes, or the largest."""
    quotients = [
        call.make("div", *(call.make("cast", scalar_of(call, n), to=FLOAT32) for n in pair))
        for pair in pairs
    ]
    op = "maximum" if largest else "minimum"
    return reduce(lambda a, b: call.make(op, a, b), quotients)


def nearest_product(call: Call, size: Dim, factor: Value) -> Dim:
    """A size times a factor as the nearest integer, halves up, as it is when the graph runs."""
    exact = call.make("mul", call.make("cast", scalar_of(call, size), to=FLOAT32), factor)
    whole = call.make("floor", call.make("add", exact, 0.5))
    return measure(call, call.make("cast", whole, to=INT64))


def resampled(call: Call, x: Value, axis: int, after: Dim, factor: Value, rules: Rules) -> Value:
    """`x` with `after` elements along an axis, `factor` times as dense."""
    before, places = x.shape[axis], _places(call, x.shape[axis], after, factor, rules)
    if rules.mode == "nearest":
        return call.make(
            "gather", x, _index(call, _rounded(call, places, rules), before), axis=axis
        )
    base = call.make("floor", places)
    rest = call.make("sub", places, base)
    offsets = (0, 1) if rules.mode == "linear" else (-1, 0, 1, 2)
    taps = [call.make("add", base, float(offset)) for offset in offsets]
    total: Value | None = None
    for tap, weight in zip(taps, _weights(call, rest, taps, before, rules), strict=True):
        found = call.make("gather", x, _index(call, tap, before), axis=axis)
        column = call.make("reshape", weight, shape=(after, *[1] * (x.rank - axis - 1)))
        part = call.make("mul", found, converted(call, column, x.dtype))
        total = part if total is None else call.make("add", total, part)
    assert total is not None
    return total


def _places(call: Call, before: Dim, after: Dim, factor: Value, rules: Rules) -> Value:
    """Where each result position lies."""
    i = call.make("cast", sequence(call, after, (after,)), to=FLOAT32)
    if rules.coordinates == "asymmetric":
        return call.make("div", i, factor)
    one = call.constant(np.float32(1))
    size, count = (call.make("cast", scalar_of(call, n), to=FLOAT32) for n in (before, after))
    exact = call.make("mul", size, factor)
    if rules.coordinates == "align_corners":
        steps = call.make("mul", i, call.make("sub", size, one))
        aligned = call.make("div", steps, call.make("sub", exact, one))
        single = call.make("equal", exact, one)
        return call.make("where", single, call.constant(np.float32(0)), aligned)
    unshifted = call.make("div", call.make("add", i, 0.5), factor)
    if rules.coordinates == "half_pixel_unshifted":
        return unshifted
    centred = call.make("sub", unshifted, 0.5)
    if rules.coordinates == "pytorch_half_pixel":
        many = call.make("greater", count, one)
        return call.make("where", many, centred, call.constant(np.float32(0)))
    if rules.coordinates == "half_pixel_symmetric":
        lost = call.make("sub", one, call.make("div", count, exact))
        return call.make("add", call.make("mul", call.make("mul", size, 0.5), lost), centred)
    return centred


def _rounded(call: Call, places: Value, rules: Rules) -> Value:
    if rules.rounding == "round_prefer_floor":
        return call.make("ceil", call.make("sub", places, 0.5))
    if rules.rounding == "round_prefer_ceil":
        return call.make("floor", call.make("add", places, 0.5))
    return call.make(rules.rounding, places)


def _index(call: Call, places: Value, size: Dim) -> Value:
    """Positions, moved into the axis."""
    whole = call.make("maximum", call.make("cast", places, to=INT64), scalar_of(call, 0))
    return call.make("minimum", whole, scalar_of(call, size - 1))


def _weights(
    call: Call, rest: Value, taps: Sequence[Value], before: Dim, rules: Rules
) -> list[Value]:
    """What each tap weighs, `rest` being the way from the second-last but one to the place."""
    other = call.make("sub", call.constant(np.float32(1)), rest)
    if rules.mode == "linear":
        found = [other, rest]
    else:
        far = [_far(call, call.make("add", way, 1.0), rules.cubic) for way in (rest, other)]
        near = [_near(call, way, rules.cubic) for way in (rest, other)]
        found = [far[0], near[0], near[1], far[1]]
    return _inside_only(call, found, taps, before) if rules.exclude_outside else found


def _near(call: Call, way: Value, a: float) -> Value:
    """((a + 2) d - (a + 3)) d² + 1."""
    inner = call.make("sub", call.make("mul", way, a + 2), a + 3)
    square = call.make("mul", way, way)
    return call.make("add", call.make("mul", inner, square), 1.0)


def _far(call: Call, way: Value, a: float) -> Value:
    """((a d - 5 a) d + 8 a) d - 4 a."""
    inner = call.make("sub", call.make("mul", way, a), 5 * a)
    inner = call.make("add", call.make("mul", inner, way), 8 * a)
    return call.make("sub", call.make("mul", inner, way), 4 * a)


def _inside_only(
    call: Call, weights: Sequence[Value], taps: Sequence[Value], before: Dim
) -> list[Value]:
    """The weights of taps within the axis alone, which sum up to 1 again."""
    last = call.make("cast", scalar_of(call, before - 1), to=FLOAT32)
    zero = call.constant(np.float32(0))
    kept = []
    for weight, tap in zip(weights, taps, strict=True):
        first, end = call.make("greater_equal", tap, zero), call.make("less_equal", tap, last)
        kept.append(call.make("where", call.make("logical_and", first, end), weight, zero))
    total = kept[0]
    for weight in kept[1:]:
        total = call.make("add", total, weight)
    return [call.make("div", weight, total) for weight in kept]
