# SPDX-License-Identifier: Apache-2.0
"""Sampling at places that a tensor names: an image warped by a grid, and patches under offsets."""

from __future__ import annotations

import math
from typing import Any

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, FLOAT64, INT64
from ingot.ir.graph import TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr
from ingot.ops.domains import BATCH, ELEMENTS, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.indexed import meaning
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, extent
from ingot.ops.require import Require, Shape
from ingot.ops.taps import Tap, inside, last, linear_taps, position, weighted
from ingot.ops.window import DILATIONS, PADS, STRIDES, Windows

CUBIC = -0.75

# --- grid_sample


def _infer(
    require: Require, x: TensorType, grid: TensorType,
    *, mode: str, padding: str, align_corners: bool,
) -> TensorType:  # fmt: skip
    rank = x.rank - 2
    require.that(rank >= 1, f"x has rank {x.rank}, it needs batch, channels and a spatial axis")
    require.that(grid.rank == x.rank, f"x has rank {x.rank}, grid has rank {grid.rank}")
    require.equal(grid.shape[-1], rank, "coordinates in grid and spatial axes of x")
    require.equal(x.shape[0], grid.shape[0], "batch sizes of x and grid")
    require.that(
        mode == "nearest" or x.dtype.is_float, f"{mode} taps need a float type, x is {x.dtype}"
    )
    for axis, size in enumerate(x.shape[2:]):
        if padding != "zeros":
            require.at_least(size, 1, f"spatial axis {axis} must not be empty to be sampled")
    return TensorType(x.dtype, (*x.shape[:2], *grid.shape[1:-1]))


def _lower(
    index: Index, x: Read, grid: Read, *, mode: str, padding: str, align_corners: bool
) -> Expr:
    batch, channel, *place = index
    rank = x.rank - 2
    outside: list[Expr] = []
    taps: list[list[Tap]] = []
    for axis, size in enumerate(x.shape[2:]):
        coordinate = expr.cast(grid(batch, *place, Const(rank - 1 - axis, INT64)), FLOAT64)
        at = _place(coordinate, size, align_corners)
        if mode == "nearest":
            at = _brought_in(expr.round_even(at), size, padding, align_corners)
            outside.append(expr.logical_not(inside(at, size)))
            taps.append([(position(at, size), None)])
        else:
            at = _brought_in(at, size, padding, align_corners)
            taps.append(_taps(at, size, mode, padding, align_corners))
    if mode != "nearest":
        return expr.cast(weighted(x, (batch, channel), taps), x.dtype)
    value = x(batch, channel, *(tap for ((tap, _),) in taps))
    for condition in outside if padding == "zeros" else ():
        value = expr.where(condition, Const(0, x.dtype), value)
    return value


def _place(coordinate: Expr, size: Dim, align_corners: bool) -> Expr:
    """-1 … 1 as a place: between the centres of the outermost elements, or between their edges."""
    length = expr.cast(extent(size), FLOAT64)
    if align_corners:
        return (coordinate + 1.0) * 0.5 * (length - 1.0)
    return ((coordinate + 1.0) * length - 1.0) * 0.5


def _brought_in(place: Expr, size: Dim, padding: str, align_corners: bool) -> Expr:
    if padding == "border":
        margin = 0.0 if align_corners else 0.5
        beyond = expr.logical_or(place < -margin, place > last(size) + margin)
        return expr.where(beyond, expr.minimum(expr.maximum(place, 0.0), last(size)), place)
    return _reflected(place, size, align_corners) if padding == "reflection" else place


def _reflected(place: Expr, size: Dim, align_corners: bool) -> Expr:
    """A place mirrored at the borders until it lies between them."""
    margin = 0.0 if align_corners else 0.5
    span = expr.maximum(last(size) + 2.0 * margin, 1.0)
    distance = expr.abs(place + margin)
    turns = expr.floor(distance / span)
    rest = distance - turns * span
    odd = expr.floor(turns * 0.5) * 2.0 < turns
    mirrored = expr.where(odd, last(size) + margin - rest, rest - margin)
    return expr.minimum(expr.maximum(mirrored, -margin), last(size) + margin)


def _taps(place: Expr, size: Dim, mode: str, padding: str, align_corners: bool) -> list[Tap]:
    base = expr.floor(place)
    share = place - base
    pairs: tuple[tuple[float, Expr], ...] = ((0.0, 1.0 - share), (1.0, share))
    if mode == "cubic":
        pairs = tuple(zip((-1.0, 0.0, 1.0, 2.0), _cubic(share), strict=True))
    found: list[Tap] = []
    for offset, weight in pairs:
        tap = base + offset
        if padding == "zeros":
            weight = expr.where(inside(tap, size), weight, 0.0)
        elif padding == "reflection":
            tap = _reflected(tap, size, align_corners)
        found.append((position(tap, size), weight))
    return found


def _cubic(t: Expr) -> list[Expr]:
    """The weights of four neighbours by Keys's kernel."""

    def near(d: Expr) -> Expr:
        return ((CUBIC + 2.0) * d - (CUBIC + 3.0)) * d * d + 1.0

    def far(d: Expr) -> Expr:
        return ((CUBIC * d - 5.0 * CUBIC) * d + 8.0 * CUBIC) * d - 4.0 * CUBIC

    return [far(t + 1.0), near(t), near(1.0 - t), far(2.0 - t)]


def _case(x: Shape, grid: Shape, only: Any = REALS, **attributes: Any) -> Example:
    rules = {"mode": "linear", "padding": "zeros", "align_corners": False, **attributes}
    places = Sample(grid, FLOAT32, low=-1.6, high=1.6)
    return Example((Sample(x), places), rules, {"batch": 3}, only)


GRID_SAMPLE = Op(
    name="grid_sample", kind="index",
    inputs=(InputSpec("x", ELEMENTS), InputSpec("grid", REALS, "G")),
    attributes=(
        AttributeSpec("mode", "str", "linear", ("nearest", "linear", "cubic"), "the taps"),
        AttributeSpec("padding", "str", "zeros", ("zeros", "border", "reflection"),
                      "what stands outside x"),
        AttributeSpec("align_corners", "bool", False,
                      doc="whether -1 and 1 are the centres of the outermost elements"),
    ),
    infer_rule=_infer, lower_rule=_lower, evaluate_rule=meaning("grid_sample", _infer, _lower),
    precision=Bound(norm=5),
    doc="x sampled where grid says: along its last axis lie coordinates from -1 to 1, those of the "
    "last spatial axis first.",
    examples=(
        _case((1, 2, 5, 6), (1, 4, 7, 2), ELEMENTS, mode="nearest"),
        _case((2, 1, 5, 6), (2, 3, 3, 2), ELEMENTS, mode="nearest", padding="reflection"),
        _case((1, 2, 5, 6), (1, 4, 3, 2), mode="nearest", padding="border", align_corners=True),
        _case((2, 3, 5, 6), (2, 4, 7, 2)),
        _case((2, 3, 5, 6), (2, 4, 3, 2), align_corners=True),
        _case((1, 2, 5, 6), (1, 4, 3, 2), padding="border"),
        *(_case((1, 2, 5, 6), (1, 4, 3, 2), (FLOAT32,), padding="reflection", align_corners=align)
          for align in (False, True)),
        *(_case((1, 2, 5, 4), (1, 3, 3, 2), (FLOAT32, FLOAT64), mode="cubic", padding=padding)
          for padding in ("zeros", "border", "reflection")),
        _case((1, 2, 3, 4, 5), (1, 2, 3, 2, 3)),
        _case((1, 1, 9), (1, 5, 1), mode="cubic", align_corners=True),
        _case((1, 1, 1, 1), (1, 2, 2, 2), align_corners=True),
        _case((1, 1, 0, 3), (1, 2, 2, 2)),
        _case((1, 2, 3, 3), (1, 0, 2, 2)),
        _case((BATCH, 2, 4, 4), (BATCH, 3, 3, 2)),
    ),
)  # fmt: skip


# --- deform_patches


def _infer_patches(
    require: Require, x: TensorType, offset: TensorType, mask: TensorType | None, *,
    kernel: tuple[int, ...], strides: tuple[int, ...], dilations: tuple[int, ...],
    pads: tuple[int, ...], groups: int,
) -> TensorType:  # fmt: skip
    windows = Windows(kernel, strides, dilations, pads)
    rank = windows.rank
    require.that(x.rank == rank + 2, f"x has rank {x.rank}, the kernel expects {rank + 2}")
    require.that(offset.rank == x.rank, f"offset has rank {offset.rank}, x has rank {x.rank}")
    require.that(groups >= 1, f"groups {groups} must be at least 1")
    require.equal(x.shape[1] % groups, 0, "what channels leave over after grouping")
    windows.check(require)
    counts = windows.counts(require, x.shape[2:])
    for part, name, each in ((offset, "offset", rank), (mask, "mask", 1)):
        if part is None:
            continue
        require.equal(part.shape[0], x.shape[0], f"batch sizes of x and {name}")
        channels = groups * math.prod(kernel) * each
        require.equal(part.shape[1], channels, f"channels of {name} and places of the windows")
        for axis, (size, count) in enumerate(zip(part.shape[2:], counts, strict=True)):
            require.equal(size, count, f"size of {name} and windows on spatial axis {axis}")
    return TensorType(x.dtype, (*x.shape[:2], *kernel, *counts))


def _lower_patches(
    index: Index, x: Read, offset: Read, mask: Read | None, *,
    kernel: tuple[int, ...], strides: tuple[int, ...], dilations: tuple[int, ...],
    pads: tuple[int, ...], groups: int,
) -> Expr:  # fmt: skip
    windows = Windows(kernel, strides, dilations, pads)
    rank = windows.rank
    batch, channel, *rest = index
    taps, place = rest[:rank], rest[rank:]
    group = channel // extent(x.shape[1] // groups) if groups > 1 else Const(0, INT64)
    tap: Expr = group
    for position_, size in zip(taps, kernel, strict=True):
        tap = tap * size + position_
    around: list[list[Tap]] = []
    starts = windows.positions(place, taps)
    for axis, (start, length) in enumerate(zip(starts, x.shape[2:], strict=True)):
        moved = expr.cast(offset(batch, tap * rank + axis, *place), FLOAT64)
        around.append(linear_taps(expr.cast(start, FLOAT64) + moved, length))
    value = weighted(x, (batch, channel), around)
    if mask is not None:
        value = value * expr.cast(mask(batch, tap, *place), value.dtype)
    return expr.cast(value, x.dtype)


def _patches_case(
    x: Shape, kernel: tuple[int, ...], counts: Shape, masked: bool = False, groups: int = 1,
    **geometry: tuple[int, ...],
) -> Example:  # fmt: skip
    rank = len(kernel)
    places = groups * math.prod(kernel)
    attributes = {
        "kernel": kernel, "strides": (1,) * rank, "dilations": (1,) * rank,
        "pads": (0,) * (2 * rank), "groups": groups, **geometry,
    }  # fmt: skip
    inputs = [Sample(x), Sample((x[0], places * rank, *counts), low=-2, high=2)]
    if masked:
        inputs.append(Sample((x[0], places, *counts), low=0, high=1))
    return Example(tuple(inputs), attributes, {"batch": 3})


DEFORM_PATCHES = Op(
    name="deform_patches", kind="index",
    inputs=(InputSpec("x", REALS), InputSpec("offset", REALS),
            InputSpec("mask", REALS, optional=True)),
    attributes=(
        AttributeSpec("kernel", "ints", doc="size of the window on each spatial axis"),
        STRIDES, DILATIONS, PADS,
        AttributeSpec("groups", "int", 1, doc="groups of channels with offsets of their own"),
    ),
    infer_rule=_infer_patches, lower_rule=_lower_patches, precision=Bound(norm=4),
    evaluate_rule=meaning("deform_patches", _infer_patches, _lower_patches),
    doc="For each channel, place of the window and window, the element at that place moved by its "
    "offset, times its mask; between elements linear, outside 0.",
    examples=(
        _patches_case((1, 2, 5, 6), (2, 2), (4, 5)),
        _patches_case((2, 4, 5, 6), (3, 2), (3, 4), True, 2, strides=(2, 2), pads=(1, 1, 1, 1)),
        _patches_case((1, 2, 7, 7), (2, 2), (5, 4), dilations=(2, 3)),
        _patches_case((1, 1, 6), (3,), (4,), True),
        _patches_case((1, 1, 1, 1), (1, 1), (1, 1)),
        _patches_case((0, 2, 3, 3), (2, 2), (2, 2)),
        _patches_case((BATCH, 2, 4, 4), (2, 2), (3, 3), True),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (GRID_SAMPLE, DEFORM_PATCHES)
