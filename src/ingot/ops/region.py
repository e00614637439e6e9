# SPDX-License-Identifier: Apache-2.0
"""RoiAlign: regions of an image, named by a tensor, brought to one size by sampling each bin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import FLOAT64, INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, checked_index, reduce
from ingot.ops.axes import fold_variables
from ingot.ops.domains import BATCH, INDICES, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.gather import normalised
from ingot.ops.matmul import widened
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read
from ingot.ops.require import Require
from ingot.ops.taps import last, position, wide


def _infer(
    require: Require, x: TensorType, regions: TensorType, batches: TensorType, *,
    height: int, width: int, **rules: Any,
) -> TensorType:  # fmt: skip
    require.that(x.rank == 4, f"x has rank {x.rank}, it must be an image batch of rank 4")
    require.that(regions.rank == 2, f"regions have rank {regions.rank}, they must be rows of 4")
    require.equal(regions.shape[1], 4, "corners of a region: left, top, right, bottom")
    require.that(batches.rank == 1, f"batches has rank {batches.rank}, it must be a vector")
    count = require.equal(regions.shape[0], batches.shape[0], "regions and their batch indices")
    require.that(height >= 1 and width >= 1, f"a result of {height} x {width} holds nothing")
    require.that(rules["samples"] >= 0, f"samples {rules['samples']} must not be negative")
    for size in x.shape[2:]:
        require.at_least(size, 1, "the image must not be empty")
    return TensorType(x.dtype, (count, x.shape[1], height, width))


# --- the lowering


class _Line:
    """The samples of one bin along one axis."""

    def __init__(self, low: Expr, high: Expr, bins: int, size: Dim, rules: Any) -> None:
        shift = 0.5 if rules["half_pixel"] else 0.0
        self.start = low * rules["scale"] - shift
        length = high * rules["scale"] - shift - self.start
        if not rules["half_pixel"]:
            length = expr.maximum(length, 1.0)
        self.bin = length / float(bins)
        self.size = size
        self.samples = rules["samples"]

    @property
    def limit(self) -> Dim:
        """More samples of one bin never lie on the image: they are more than half apart."""
        return self.samples or self.size * 2 + 3

    @property
    def count(self) -> Expr:
        """How many samples a bin has, in fp64."""
        if self.samples:
            return Const(float(self.samples), FLOAT64)
        return expr.maximum(expr.ceil(self.bin), 0.0)

    def first(self, index: Expr) -> Expr:
        """The first sample of bin `index` that may lie on the image."""
        if self.samples:
            return Const(0.0, FLOAT64)
        start = self.start + expr.cast(index, FLOAT64) * self.bin
        before = expr.floor((-1.0 - start) * expr.maximum(self.count, 1.0) / self.bin - 0.5)
        return expr.maximum(expr.where(self.bin > 0.0, before, 0.0), 0.0)

    def taps(self, index: Expr, number: Expr) -> tuple[Expr, list[tuple[Expr, Expr]]]:
        """Whether sample `number` counts, and its two neighbours with their weights."""
        sample = self.first(index) + expr.cast(number, FLOAT64)
        share = (sample + 0.5) * self.bin / expr.maximum(self.count, 1.0)
        place = self.start + expr.cast(index, FLOAT64) * self.bin + share
        known = expr.logical_and(place >= -1.0, place <= last(self.size) + 1.0)
        counts = expr.logical_and(sample < self.count, known)
        if not self.samples:
            counts = expr.logical_and(number < expr.cast(self.count, INT64), counts)
        at = expr.minimum(expr.maximum(place, 0.0), last(self.size))
        base = expr.floor(at)
        near = position(base, self.size), 1.0 - (at - base)
        return counts, [near, (position(base + 1.0, self.size), at - base)]


def _lower(
    index: Index, x: Read, regions: Read, batches: Read, *, height: int, width: int,
    mode: str, **rules: Any,
) -> Expr:  # fmt: skip
    region, channel, row, column = index
    image = checked_index(batches(region), x.shape[0])
    corners = [expr.cast(regions(region, Const(k, INT64)), FLOAT64) for k in range(4)]
    lines = (
        _Line(corners[1], corners[3], height, x.shape[2], rules),
        _Line(corners[0], corners[2], width, x.shape[3], rules),
    )
    down, across = fold_variables(index, 2)
    on_row, rows = lines[0].taps(row, down)
    on_column, columns = lines[1].taps(column, across)
    dtype = wide(x.dtype)
    parts = [
        expr.cast(x(image, channel, y, x_), dtype) * expr.cast(v * w, dtype)
        for y, v in rows
        for x_, w in columns
    ]
    axes = ((down, lines[0].limit), (across, lines[1].limit))
    counted = expr.logical_and(on_row, on_column)
    if mode == "max":
        return expr.cast(_greatest(parts, counted, axes, lines), x.dtype)
    total = reduce("sum", axes, expr.where(counted, parts[0] + parts[1] + parts[2] + parts[3], 0.0))
    samples = expr.maximum(lines[0].count * lines[1].count, 1.0)
    return expr.cast(total / expr.cast(samples, dtype), x.dtype)


def _greatest(parts: list[Expr], counted: Expr, axes: Any, lines: tuple[_Line, _Line]) -> Expr:
    """The greatest weighted element; a sample off the image is a 0 among them."""
    value = expr.maximum(expr.maximum(parts[0], parts[1]), expr.maximum(parts[2], parts[3]))
    lowest = Const(-math.inf, value.dtype)
    best = reduce("max", axes, expr.where(counted, value, lowest))
    seen = reduce("sum", axes, expr.where(counted, Const(1.0, FLOAT64), 0.0))
    off = seen < lines[0].count * lines[1].count
    best = expr.where(off, expr.maximum(best, 0.0), best)
    return expr.where(expr.equal(seen, 0.0), Const(0.0, value.dtype), best)


# --- the meaning


def _evaluate(
    x: Array, regions: Array, batches: Array, *, height: int, width: int, mode: str, **rules: Any
) -> Array:
    images = normalised(batches, x.shape[0])
    values = widened(x)
    result = np.zeros((len(regions), x.shape[1], height, width))
    for number, corners in enumerate(regions.astype(np.float64)):
        down = _samples(corners[1], corners[3], height, x.shape[2], rules)
        across = _samples(corners[0], corners[2], width, x.shape[3], rules)
        for place in np.ndindex(height, width):
            picked = _picked(values[images[number]], down[place[0]], across[place[1]])
            result[(number, slice(None), *place)] = _pooled(picked, mode)
    return result.astype(x.dtype)


def _samples(low: float, high: float, bins: int, size: int, rules: Any) -> list[Any]:
    """For each bin the two neighbours of each sample and their weights."""
    shift = 0.5 if rules["half_pixel"] else 0.0
    start = low * rules["scale"] - shift
    length = high * rules["scale"] - shift - start
    if not rules["half_pixel"]:
        length = max(length, 1.0)
    each = length / bins
    count = rules["samples"] or max(math.ceil(each), 0)
    places = (
        start + np.arange(bins)[:, None] * each + (np.arange(count) + 0.5) * each / max(count, 1)
    )
    on = (places >= -1.0) & (places <= size)
    at = np.clip(places, 0.0, size - 1.0)
    base = np.floor(at).astype(np.int64)
    neighbours = np.stack((base, np.minimum(base + 1, size - 1)), -1)
    weights = np.stack((1.0 - (at - base), at - base), -1) * on[..., None]
    return list(zip(neighbours, weights, strict=True))


def _picked(image: Array, down: Any, across: Any) -> Array:
    """Weighted neighbours of all samples: (channels, down, across, 2, 2)."""
    (rows, v), (columns, w) = down, across
    elements = image[:, rows[:, None, :, None], columns[None, :, None, :]]
    return np.asarray(elements * (v[:, None, :, None] * w[None, :, None, :]))


def _pooled(picked: Array, mode: str) -> Array:
    if not picked[0].size:
        return np.zeros(len(picked))
    if mode == "max":
        return np.asarray(picked.max((1, 2, 3, 4)))
    return np.asarray(picked.sum((3, 4)).mean((1, 2)))


def _case(
    x: tuple[int, ...], count: Dim, low: float = -1.0, high: float = 9.0, **rules: Any
) -> Example:
    given = {
        "height": 2, "width": 3, "mode": "mean", "samples": 0, "scale": 1.0, "half_pixel": True,
        **rules,
    }  # fmt: skip
    batches = Sample((count,), INT64, low=0, high=max(x[0] - 1, 0))
    return Example(
        (Sample(x), Sample((count, 4), low=low, high=high), batches), given, {"batch": 3}
    )


ROI_ALIGN = Op(
    name="roi_align", kind="contract",
    inputs=(InputSpec("x", REALS), InputSpec("regions", REALS), InputSpec("batches", INDICES, "I")),
    attributes=(
        AttributeSpec("height", "int", doc="rows of the result"),
        AttributeSpec("width", "int", doc="columns of the result"),
        AttributeSpec("mode", "str", "mean", ("mean", "max"), "how samples of a bin are pooled"),
        AttributeSpec("samples", "int", 0, doc="samples of a bin along an axis; 0: one an element"),
        AttributeSpec("scale", "float", 1.0, doc="from coordinates of regions to those of x"),
        AttributeSpec("half_pixel", "bool", True, doc="whether centres of elements lie at halves"),
    ),
    infer_rule=_infer, evaluate_rule=_evaluate, lower_rule=_lower, can_fault=True,
    precision=Bound(norm=4),
    doc="For each region (left, top, right, bottom) of the image that batches names, a grid of "
    "bins; each is the mean, or the greatest weighted neighbour, of the samples in it.",
    examples=(
        _case((2, 3, 6, 7), 4, samples=2),
        _case((2, 2, 6, 7), 4),
        _case((1, 2, 5, 6), 3, -9.0, 14.0, half_pixel=False, scale=0.5),
        _case((2, 2, 6, 7), 4, mode="max", samples=2, half_pixel=False),
        _case((1, 2, 6, 5), 3, -9.0, 14.0, mode="max"),
        _case((1, 1, 1, 1), 1, height=1, width=1, samples=1),
        _case((1, 2, 4, 4), 0, samples=2),
        _case((2, 2, 5, 5), BATCH, samples=3),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (ROI_ALIGN,)
