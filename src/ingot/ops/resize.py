# SPDX-License-Identifier: Apache-2.0
"""Resize: a tensor resampled on a grid of another size, by nearest, linear or cubic taps.

Each result position maps to a real coordinate in the input; taps around it are weighted. The rule
is separable, so an axis that keeps its size costs nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ingot.dims import evaluate
from ingot.dtypes import BOOL, FLOAT32, FLOAT64, INT64, DType
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr
from ingot.ops.axes import fold_variables, replaced
from ingot.ops.domains import BATCH, ELEMENTS, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.grid import COORDINATES, ROUNDINGS, Crop, Grid
from ingot.ops.matmul import widened
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read
from ingot.ops.require import Require, Shape
from ingot.ops.window import integers


def _grids(
    before: Shape, shape: Shape, scales: tuple[float, ...], cropped: tuple[int, ...], **rules: Any
) -> list[Grid]:
    factors = scales or (None,) * len(shape)
    crops = [axis in cropped for axis in range(len(shape))]
    return [Grid(*facts, **rules) for facts in zip(before, shape, factors, crops, strict=True)]


def _infer(
    require: Require, x: TensorType, region: TensorType | None, *, shape: Shape,
    scales: tuple[float, ...], mode: str, **rules: Any,
) -> TensorType:  # fmt: skip
    require.that(len(shape) == x.rank, f"the new shape must name each of the {x.rank} axes")
    require.that(len(scales) in (0, x.rank), f"scales must name each of the {x.rank} axes or none")
    require.that(min(scales, default=1.0) > 0, f"scales {scales} must be positive")
    require.that(
        mode == "nearest" or x.dtype.is_float, f"{mode} taps need a float type, x is {x.dtype}"
    )
    require.that(not rules["antialias"] or mode != "nearest", "nearest taps have no filter")
    _check_region(require, x, region, rules["coordinates"], rules["cropped"])
    for axis, grid in enumerate(_grids(x.shape, shape, scales, mode=mode, **rules)):
        if not grid.keeps and grid.after != 0:
            require.at_least(grid.before, 1, f"axis {axis} must not be empty to be resampled")
    return TensorType(x.dtype, tuple(shape))


def _check_region(
    require: Require, x: TensorType, region: TensorType | None, coordinates: str,
    cropped: tuple[int, ...],
) -> None:  # fmt: skip
    crops = coordinates == "crop_and_resize"
    require.that((region is not None) == crops, f"{coordinates} and a region do not fit")
    require.that(crops or not cropped, "axes are cropped, but coordinates are not")
    if region is not None:
        require.that(region.rank == 1, f"region has rank {region.rank}, it must be a vector")
        require.equal(region.shape[0], 2 * x.rank, "entries of region and ends of all axes")


def _evaluate(
    x: Array, region: Array | None, *, shape: tuple[int, ...], scales: tuple[float, ...],
    **rules: Any,
) -> Array:  # fmt: skip
    result = x if rules["mode"] == "nearest" else widened(x)
    grids = _grids(x.shape, shape, scales, **rules)
    for axis, grid in enumerate(grids):
        if not grid.keeps:
            ends = (0.0, 0.0) if region is None else tuple(map(float, region[axis :: x.ndim]))
            result = _resampled(result, axis, grid, ends)
    return result.astype(x.dtype)


def _resampled(x: Array, axis: int, grid: Grid, ends: tuple[float, ...]) -> Array:
    places, last = _coordinates(grid, ends), integers((grid.before,))[0] - 1
    spread = (-1, *[1] * (x.ndim - axis - 1))
    if grid.mode == "nearest":
        made = np.take(x, np.clip(_nearest(grid, places), 0, last), axis)
    else:
        made = _weighted(x, axis, spread, _weights(grid, places, last), last)
    if grid.coordinates == "crop_and_resize":
        beyond = (~((places >= 0) & (places <= last))).reshape(spread)
        made = np.where(beyond, np.asarray(grid.extrapolation).astype(x.dtype), made)
    return made


def _weighted(x: Array, axis: int, spread: Any, taps: tuple[Array, Array], last: int) -> Array:
    total: Any = 0.0
    for tap, weight in zip(np.clip(taps[0], 0, last).T, taps[1].T, strict=True):
        total = total + np.take(x, tap, axis) * weight.reshape(spread)
    return np.asarray(total)


def _weights(grid: Grid, places: Array, last: int) -> tuple[Array, Array]:
    """Positions and weights of all taps, a row for each place."""
    reach = evaluate(grid.reach, {}) if grid.antialias else grid.support
    taps = np.floor(places).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
    distance = np.abs(places[:, None] - taps)
    if grid.antialias:
        distance = distance * min(_factor(grid), 1.0)
    linear = grid.mode == "linear"
    weights = np.maximum(1 - distance, 0.0) if linear else _cubic(distance, grid.cubic)
    if grid.exclude_outside:
        weights = weights * ((taps >= 0) & (taps <= last))
    if grid.exclude_outside or grid.antialias:
        weights = weights / weights.sum(1, keepdims=True)
    return taps, weights


def _factor(grid: Grid) -> float:
    before, after = integers((grid.before, grid.after))
    return after / before if grid.scale is None else grid.scale


def _coordinates(grid: Grid, ends: tuple[float, ...]) -> Array:
    before, after = integers((grid.before, grid.after))
    i = np.arange(after, dtype=np.float64)
    scale = _factor(grid)
    exact = after if grid.scale is None else before * scale
    unshifted = (i + 0.5) / scale
    if grid.coordinates == "half_pixel_unshifted":
        return unshifted
    centred = unshifted - 0.5
    if grid.coordinates == "half_pixel_symmetric":
        return np.asarray(before * 0.5 * (1.0 - after / (scale * before)) + centred)
    if grid.coordinates == "pytorch_half_pixel":
        return centred if after > 1 else i
    if grid.coordinates == "align_corners":
        return i * 0.0 if exact == 1 else i * (before - 1) / (exact - 1)
    if grid.coordinates == "crop_and_resize":
        low, high = ends
        step = i * 0.0 + 0.5 * (high - low) if exact == 1 else i * (high - low) / (exact - 1)
        return (step + low) * (before - 1)
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
    index: Index, x: Read, region: Read | None, *, shape: Shape, scales: tuple[float, ...],
    **rules: Any,
) -> Expr:  # fmt: skip
    grids = _grids(x.shape, shape, scales, **rules)
    axes = [axis for axis, grid in enumerate(grids) if not grid.keeps]
    crops = [_crop(region, axis, x.rank) for axis in range(x.rank)]
    value = _sampled(index, x, axes, grids, crops)
    if region is not None:
        for axis in axes:
            outside = Const(_constant(grids[axis].extrapolation, x.dtype), x.dtype)
            value = expr.where(grids[axis].beyond(index[axis], crops[axis]), outside, value)
    return value


def _crop(region: Read | None, axis: int, rank: int) -> Crop:
    """Where an axis of the result begins and ends, from 0 to 1 along the input."""
    if region is None:
        return Const(0, FLOAT64), Const(1, FLOAT64)
    first, last = (region(Const(place, INT64)) for place in (axis, axis + rank))
    return expr.cast(first, FLOAT64), expr.cast(last, FLOAT64)


def _constant(value: float, dtype: DType) -> float | int | bool:
    return value if dtype.is_float else bool(value) if dtype == BOOL else int(value)


def _sampled(index: Index, x: Read, axes: list[int], grids: list[Grid], crops: list[Crop]) -> Expr:
    """The weighted sum over the taps of the first of `axes`, each resampled along the rest."""
    if not axes:
        return x(*index)
    axis, *rest = axes
    if grids[axis].antialias:
        return _filtered(index, x, axes, grids, crops)
    total: Expr | None = None
    for position, weight in grids[axis].taps(index[axis], crops[axis]):
        value = _sampled(replaced(index, axis, position), x, rest, grids, crops)
        if weight is not None:
            value = value * _narrowed(weight, x.dtype)
        total = value if total is None else total + value
    assert total is not None
    return total


def _filtered(index: Index, x: Read, axes: list[int], grids: list[Grid], crops: list[Crop]) -> Expr:
    """A fold over the taps of a stretched filter, whose number depends on the sizes."""
    axis, *rest = axes
    grid, (tap,) = grids[axis], fold_variables(index, 1)
    taps = ((tap, grid.reach * 2 + 1),)
    position, weight = grid.stretched(index[axis], crops[axis], tap)
    share = _narrowed(weight / expr.reduce("sum", taps, weight), x.dtype)
    value = _sampled(replaced(index, axis, position), x, rest, grids, crops)
    return expr.reduce("sum", taps, value * share)


def _narrowed(weight: Expr, dtype: DType) -> Expr:
    return weight if dtype == FLOAT64 else expr.cast(weight, dtype)


def _case(
    x: Shape, shape: Shape, scales: tuple[float, ...] = (), only: tuple[DType, ...] = REALS,
    region: tuple[float, ...] = (), **rules: Any,
) -> Example:  # fmt: skip
    ends = [Sample((len(region),), FLOAT32, values=region)] if region else []
    if region:
        rules["coordinates"] = "crop_and_resize"
    attributes = {"shape": shape, "scales": scales, **rules}
    return Example((Sample(x), *ends), attributes, {"batch": 3}, only)


RESIZE = Op(
    name="resize", kind="index",
    inputs=(InputSpec("x", ELEMENTS), InputSpec("region", REALS, "R", optional=True)),
    attributes=(
        AttributeSpec("shape", "dims", doc="the new shape"),
        AttributeSpec("scales", "floats", (), doc="factor of each axis; the ratio of sizes if ()"),
        AttributeSpec("mode", "str", "nearest", ("nearest", "linear", "cubic"), "the taps"),
        AttributeSpec("coordinates", "str", "half_pixel", COORDINATES, "where a result lies"),
        AttributeSpec("rounding", "str", "round_prefer_floor", ROUNDINGS, "of nearest"),
        AttributeSpec("cubic", "float", -0.75, doc="the coefficient of cubic taps"),
        AttributeSpec("exclude_outside", "bool", False, doc="leave out taps beyond the edges"),
        AttributeSpec("antialias", "bool", False, doc="stretch the taps where an axis shrinks"),
        AttributeSpec("cropped", "ints", (), doc="axes that the region cuts a part from"),
        AttributeSpec("extrapolation", "float", 0.0, doc="what stands outside x, when cropped"),
    ),
    infer_rule=_infer, evaluate_rule=_evaluate, lower_rule=_lower, precision=Bound(norm=8),
    doc="x resampled on a grid of another size; taps beyond an edge read the edge. A region names "
    "where each axis of the result begins and, after all of those, ends, from 0 to 1.",
    examples=(
        _case((1, 2, 3, 4), (1, 2, 6, 8), (1.0, 1.0, 2.0, 2.0), ELEMENTS),
        _case((1, 2, 5, 7), (1, 2, 8, 3), (), ELEMENTS, rounding="floor", coordinates="asymmetric"),
        _case((2, 5), (2, 8), rounding="round_prefer_ceil"),
        _case((2, 5), (2, 8), (1.0, 1.75), rounding="ceil"),
        _case((1, 1, 4, 5), (1, 1, 8, 9), mode="linear"),
        _case((1, 2, 4, 5), (1, 2, 3, 9), mode="linear", coordinates="align_corners"),
        _case((2, 6), (2, 1), mode="linear", coordinates="pytorch_half_pixel"),
        _case((2, 6), (2, 9), (1.0, 1.625), mode="linear", coordinates="half_pixel_symmetric"),
        _case((2, 5), (2, 7), coordinates="half_pixel_unshifted", rounding="round_prefer_ceil"),
        _case((2, 6), (2, 9), (1.0, 1.625), mode="linear", coordinates="half_pixel_unshifted"),
        _case((1, 1, 4, 5), (1, 1, 8, 7), mode="cubic"),
        _case((2, 4), (2, 9), mode="cubic", exclude_outside=True, cubic=-0.5),
        _case((2, 3), (2, 6), (1.0, 2.0), coordinates="half_pixel_unshifted", rounding="floor"),
        _case((0, 3), (0, 6), mode="linear"),
        _case((1, 1), (1, 3), mode="cubic"),
        _case((BATCH, 2, 3, 3), (BATCH, 2, 6, 6), mode="linear"),
        _case((2, BATCH), (2, BATCH * 2), (), ELEMENTS),
        _case((2, 5), (2, 7), (1.0, 1.5), mode="linear", coordinates="align_corners"),
        _case((2, 9, 4), (2, 4, 4), mode="linear", antialias=True),
        _case((2, 11), (2, 4), (), mode="cubic", antialias=True),
        _case((2, 7), (2, 3), mode="cubic", antialias=True, exclude_outside=True),
        _case((2, 3), (2, 5), mode="linear", antialias=True),
        _case((2, BATCH), (2, 2), mode="linear", antialias=True),
        _case((1, 6, 5), (1, 4, 3), (), ELEMENTS, (0.0, 0.2, 0.1, 1.0, 0.8, 1.3), cropped=(1, 2),
              extrapolation=3.0),
        _case((2, 6), (2, 5), region=(0.0, -0.3, 1.0, 0.9), cropped=(1,), mode="linear",
              extrapolation=1.5),
        _case((2, 6), (2, 1), region=(0.0, 0.2, 1.0, 0.9), cropped=(1,), mode="cubic"),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (RESIZE,)
