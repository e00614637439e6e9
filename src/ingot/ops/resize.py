# SPDX-License-Identifier: Apache-2.0
"""Resize: a tensor resampled on a grid of another size, by nearest, linear or cubic taps.

Each result position maps to a real coordinate in the input; taps around it are weighted. The rule
is separable, so an axis that keeps its size costs nothing. Coordinates are computed in fp64 on
every target, so that all agree where a coordinate falls exactly between two elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import FLOAT64, INT64, DType
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr
from ingot.ops.axes import replaced
from ingot.ops.domains import BATCH, ELEMENTS, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.matmul import widened
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require, Shape
from ingot.ops.window import integers

COORDINATES = (
    "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
)  # fmt: skip
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


@dataclass(frozen=True)
class Grid:
    """How one axis is resampled; `scale` None means the ratio of the sizes."""

    before: Dim
    after: Dim
    scale: float | None
    mode: str
    coordinates: str
    rounding: str
    cubic: float
    exclude_outside: bool

    @property
    def keeps(self) -> bool:
        """Whether every element stays where it is."""
        return self.before == self.after and self.scale in (None, 1.0)

    def taps(self, index: Expr) -> list[tuple[Expr, Expr | None]]:
        """Input positions (clamped) and weights (fp64; None: 1) for a result position."""
        place = self._coordinate(expr.cast(index, FLOAT64))
        if self.mode == "nearest":
            return [(self._position(self._rounded(place)), None)]
        base = expr.floor(place)
        offsets = (0, 1) if self.mode == "linear" else (-1, 0, 1, 2)
        weights = self._weights(place - base)
        if self.exclude_outside:
            weights = self._inside_only(base, offsets, weights)
        pairs = zip(offsets, weights, strict=True)
        return [(self._position(base + offset), weight) for offset, weight in pairs]

    def _coordinate(self, i: Expr) -> Expr:
        before = expr.cast(extent(self.before), FLOAT64)
        after = expr.cast(extent(self.after), FLOAT64)
        scale = after / before if self.scale is None else Const(self.scale, FLOAT64)
        centred = (i + 0.5) / scale - 0.5
        if self.coordinates == "half_pixel":
            return centred
        if self.coordinates == "half_pixel_symmetric":
            return before * 0.5 * (1.0 - after / (scale * before)) + centred
        if self.coordinates == "pytorch_half_pixel":
            return expr.where(after > 1, centred, 0.0)
        if self.coordinates == "align_corners":
            return i * (before - 1) / expr.maximum(after - 1, 1)
        return i / scale

    def _rounded(self, place: Expr) -> Expr:
        if self.rounding == "round_prefer_floor":
            return expr.ceil(place - 0.5)
        if self.rounding == "round_prefer_ceil":
            return expr.floor(place + 0.5)
        return expr.floor(place) if self.rounding == "floor" else expr.ceil(place)

    def _position(self, place: Expr) -> Expr:
        return clamped(expr.cast(place, INT64), self.before)

    def _weights(self, t: Expr) -> list[Expr]:
        if self.mode == "linear":
            return [1.0 - t, t]
        a = self.cubic

        def near(d: Expr) -> Expr:
            return ((a + 2) * d - (a + 3)) * d * d + 1.0

        def far(d: Expr) -> Expr:
            return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

        return [far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)]

    def _inside_only(
        self, base: Expr, offsets: tuple[int, ...], weights: list[Expr]
    ) -> list[Expr]:
        last = expr.cast(extent(self.before), FLOAT64) - 1
        kept: list[Expr] = []
        for offset, weight in zip(offsets, weights, strict=True):
            place = base + offset
            inside = expr.logical_and(place >= 0, place <= last)
            kept.append(expr.where(inside, weight, 0.0))
        total = kept[0]
        for weight in kept[1:]:
            total = total + weight
        return [weight / total for weight in kept]


def _grids(before: Shape, shape: Shape, scales: tuple[float, ...], **rules: Any) -> list[Grid]:
    factors = scales or (None,) * len(shape)
    return [Grid(*sizes, **rules) for sizes in zip(before, shape, factors, strict=True)]


def _infer(
    require: Require, x: TensorType, *, shape: Shape, scales: tuple[float, ...], mode: str,
    **rules: Any,
) -> TensorType:  # fmt: skip
    require.that(len(shape) == x.rank, f"the new shape must name each of the {x.rank} axes")
    require.that(len(scales) in (0, x.rank), f"scales must name each of the {x.rank} axes or none")
    require.that(min(scales, default=1.0) > 0, f"scales {scales} must be positive")
    require.that(
        mode == "nearest" or x.dtype.is_float, f"{mode} taps need a float type, x is {x.dtype}"
    )
    for axis, grid in enumerate(_grids(x.shape, shape, scales, mode=mode, **rules)):
        if not grid.keeps and grid.after != 0:
            require.at_least(grid.before, 1, f"axis {axis} must not be empty to be resampled")
    return TensorType(x.dtype, tuple(shape))


def _evaluate(
    x: Array, *, shape: tuple[int, ...], scales: tuple[float, ...], **rules: Any
) -> Array:
    result = x if rules["mode"] == "nearest" else widened(x)
    for axis, grid in enumerate(_grids(x.shape, shape, scales, **rules)):
        if not grid.keeps:
            result = _resampled(result, axis, grid)
    return result.astype(x.dtype)


def _resampled(x: Array, axis: int, grid: Grid) -> Array:
    places, last = _coordinates(grid), integers((grid.before,))[0] - 1
    if grid.mode == "nearest":
        return np.take(x, np.clip(_nearest(grid, places), 0, last), axis)
    base = np.floor(places).astype(np.int64)
    offsets = np.array((0, 1) if grid.mode == "linear" else (-1, 0, 1, 2))
    taps = base[:, None] + offsets
    distance = np.abs(places[:, None] - taps)
    weights = 1 - distance if grid.mode == "linear" else _cubic(distance, grid.cubic)
    if grid.exclude_outside:
        weights = weights * ((taps >= 0) & (taps <= last))
        weights = weights / weights.sum(1, keepdims=True)
    spread = (-1, *[1] * (x.ndim - axis - 1))
    total: Any = 0.0
    for tap, weight in zip(np.clip(taps, 0, last).T, weights.T, strict=True):
        total = total + np.take(x, tap, axis) * weight.reshape(spread)
    return np.asarray(total)


def _coordinates(grid: Grid) -> Array:
    before, after = integers((grid.before, grid.after))
    i = np.arange(after, dtype=np.float64)
    scale = after / before if grid.scale is None else grid.scale
    centred = (i + 0.5) / scale - 0.5
    if grid.coordinates == "half_pixel_symmetric":
        return np.asarray(before * 0.5 * (1.0 - after / (scale * before)) + centred)
    if grid.coordinates == "pytorch_half_pixel":
        return centred if after > 1 else i
    if grid.coordinates == "align_corners":
        return i * (before - 1) / max(after - 1, 1)
    return i / scale if grid.coordinates == "asymmetric" else centred


def _nearest(grid: Grid, places: Array) -> Array:
    rounding: dict[str, Any] = {
        "round_prefer_floor": lambda p: np.ceil(p - 0.5),
        "round_prefer_ceil": lambda p: np.floor(p + 0.5),
        "floor": np.floor,
        "ceil": np.ceil,
    }
    return np.asarray(rounding[grid.rounding](places)).astype(np.int64)


def _cubic(distance: Array, a: float) -> Array:
    near = ((a + 2) * distance - (a + 3)) * distance**2 + 1
    far = ((distance - 5) * distance + 8) * distance * a - 4 * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))


def _lower(
    index: Index, x: Read, *, shape: Shape, scales: tuple[float, ...], **rules: Any
) -> Expr:
    grids = _grids(x.shape, shape, scales, **rules)
    axes = [axis for axis, grid in enumerate(grids) if not grid.keeps]
    return _sampled(index, x, axes, grids)


def _sampled(index: Index, x: Read, axes: list[int], grids: list[Grid]) -> Expr:
    """The weighted sum over the taps of the first of `axes`, each resampled along the rest."""
    if not axes:
        return x(*index)
    axis, *rest = axes
    total: Expr | None = None
    for position, weight in grids[axis].taps(index[axis]):
        value = _sampled(replaced(index, axis, position), x, rest, grids)
        if weight is not None:
            value = value * _narrowed(weight, x.dtype)
        total = value if total is None else total + value
    assert total is not None
    return total


def _narrowed(weight: Expr, dtype: DType) -> Expr:
    return weight if dtype == FLOAT64 else expr.cast(weight, dtype)


def _case(
    x: Shape, shape: Shape, scales: tuple[float, ...] = (), only: tuple[DType, ...] = REALS,
    **rules: Any,
) -> Example:  # fmt: skip
    return Example((Sample(x),), {"shape": shape, "scales": scales, **rules}, {"batch": 3}, only)


RESIZE = Op(
    name="resize", kind="index", inputs=(InputSpec("x", ELEMENTS),),
    attributes=(
        AttributeSpec("shape", "dims", doc="the new shape"),
        AttributeSpec("scales", "floats", (), doc="factor of each axis; the ratio of sizes if ()"),
        AttributeSpec("mode", "str", "nearest", ("nearest", "linear", "cubic"), "the taps"),
        AttributeSpec("coordinates", "str", "half_pixel", COORDINATES, "where a result lies"),
        AttributeSpec("rounding", "str", "round_prefer_floor", ROUNDINGS, "of nearest"),
        AttributeSpec("cubic", "float", -0.75, doc="the coefficient of cubic taps"),
        AttributeSpec("exclude_outside", "bool", False, doc="leave out taps beyond the edges"),
    ),
    infer_rule=_infer, evaluate_rule=_evaluate, lower_rule=_lower, precision=Bound(norm=2),
    doc="x resampled on a grid of another size; taps beyond an edge read the edge.",
    examples=(
        _case((1, 2, 3, 4), (1, 2, 6, 8), (1.0, 1.0, 2.0, 2.0), ELEMENTS),
        _case((1, 2, 5, 7), (1, 2, 8, 3), (), ELEMENTS, rounding="floor", coordinates="asymmetric"),
        _case((2, 5), (2, 8), rounding="round_prefer_ceil"),
        _case((2, 5), (2, 8), (1.0, 1.75), rounding="ceil"),
        _case((1, 1, 4, 5), (1, 1, 8, 9), mode="linear"),
        _case((1, 2, 4, 5), (1, 2, 3, 9), mode="linear", coordinates="align_corners"),
        _case((2, 6), (2, 1), mode="linear", coordinates="pytorch_half_pixel"),
        _case((2, 6), (2, 9), (1.0, 1.625), mode="linear", coordinates="half_pixel_symmetric"),
        _case((1, 1, 4, 5), (1, 1, 8, 7), mode="cubic"),
        _case((2, 4), (2, 9), mode="cubic", exclude_outside=True, cubic=-0.5),
        _case((0, 3), (0, 6), mode="linear"),
        _case((1, 1), (1, 3), mode="cubic"),
        _case((BATCH, 2, 3, 3), (BATCH, 2, 6, 6), mode="linear"),
        _case((2, BATCH), (2, BATCH * 2), (), ELEMENTS),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (RESIZE,)
