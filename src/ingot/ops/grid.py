# SPDX-License-Identifier: Apache-2.0
"""The grid of one resized axis: where a result position lies in the input, and how taps weigh.

Coordinates and weights are expressions in fp64 on every target, so that all agree where a
coordinate falls exactly between two elements. A factor and a size may disagree, since a size is
whole: 7 is the size of 5 enlarged 1.5 times. Coordinates follow the factor, so corners are aligned
with the end of 7.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

from ingot.dims import Dim, ceil_div, maximum
from ingot.dtypes import FLOAT64, INT64
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr
from ingot.ops.read import clamped, extent

COORDINATES = (
    "half_pixel", "half_pixel_symmetric", "half_pixel_unshifted", "pytorch_half_pixel",
    "align_corners", "asymmetric", "crop_and_resize",
)  # fmt: skip
Crop: TypeAlias = tuple[Expr, Expr]
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


@dataclass(frozen=True)
class Grid:
    """How one axis is resampled; `scale` None means the ratio of the sizes.

    A `cropped` axis is resampled between two places that the region names.
    """

    before: Dim
    after: Dim
    scale: float | None
    cropped: bool
    mode: str
    coordinates: str
    rounding: str
    cubic: float
    exclude_outside: bool
    antialias: bool
    extrapolation: float

    @property
    def keeps(self) -> bool:
        """Whether every element stays where it is."""
        return self.before == self.after and self.scale in (None, 1.0) and not self.cropped

    @property
    def repeats(self) -> int | None:
        """How often each element stands in the result, where every one does so often."""
        if self.mode != "nearest" or self.scale is None or self.cropped:
            return None
        factor = round(self.scale)
        whole = factor == self.scale and self.after == self.before * factor
        centred = self.coordinates in ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel")
        nearest = self.rounding.startswith("round") if centred else self.rounding == "floor"
        fits = centred or self.coordinates in ("asymmetric", "half_pixel_unshifted")
        return factor if whole and nearest and fits and self.after != 1 else None

    @property
    def support(self) -> int:
        """How far the filter reaches to either side, before it is stretched."""
        return 1 if self.mode == "linear" else 2

    @property
    def reach(self) -> Dim:
        """How far the stretched filter reaches to either side."""
        if self.scale is not None:
            return math.ceil(self.support / min(self.scale, 1.0))
        stretched = ceil_div(self.before * self.support, maximum(self.after, 1))
        return maximum(stretched, self.support)

    def taps(self, index: Expr, crop: Crop) -> list[tuple[Expr, Expr | None]]:
        """Input positions (clamped) and weights (fp64; None: 1) for a result position."""
        if self.repeats is not None:
            return [(index // self.repeats, None)]
        place = self.place(index, crop)
        if self.mode == "nearest":
            return [(self._position(self._rounded(place)), None)]
        base = expr.floor(place)
        offsets = (0, 1) if self.mode == "linear" else (-1, 0, 1, 2)
        weights = self._weights(place - base)
        if self.exclude_outside:
            weights = self._inside_only(base, offsets, weights)
        pairs = zip(offsets, weights, strict=True)
        return [(self._position(base + offset), weight) for offset, weight in pairs]

    def stretched(self, index: Expr, crop: Crop, tap: Expr) -> tuple[Expr, Expr]:
        """Position (clamped) and weight, not normalised, of tap 0 … 2 `reach` of the filter."""
        place = self.place(index, crop)
        source = expr.floor(place) + expr.cast(tap - extent(self.reach), FLOAT64)
        distance = expr.abs(source - place) * expr.minimum(self._scale(), 1.0)
        if self.mode == "linear":
            weight = expr.maximum(1.0 - distance, 0.0)
        else:
            weight = expr.where(distance <= 1.0, self._near(distance), self._far(distance))
            weight = expr.where(distance < 2.0, weight, 0.0)
        if self.exclude_outside:
            weight = expr.where(self._inside(source), weight, 0.0)
        return self._position(source), weight

    def _scale(self) -> Expr:
        if self.scale is not None:
            return Const(self.scale, FLOAT64)
        sizes = (expr.cast(extent(size), FLOAT64) for size in (self.after, self.before))
        return expr.div(*sizes)

    def place(self, index: Expr, crop: Crop) -> Expr:
        """The coordinate of result position `index`."""
        i = expr.cast(index, FLOAT64)
        before = expr.cast(extent(self.before), FLOAT64)
        after = expr.cast(extent(self.after), FLOAT64)
        scale = self._scale()
        exact = after if self.scale is None else before * scale
        if self.coordinates == "crop_and_resize":
            low, high = crop
            step = expr.where(
                expr.equal(exact, 1.0), 0.5 * (high - low), i * (high - low) / (exact - 1.0)
            )
            return (step + low) * (before - 1.0)
        unshifted = _divided(i + 0.5, scale)
        if self.coordinates == "half_pixel_unshifted":
            return unshifted
        centred = unshifted - 0.5
        if self.coordinates == "half_pixel":
            return centred
        if self.coordinates == "half_pixel_symmetric":
            return before * 0.5 * (1.0 - after / (scale * before)) + centred
        if self.coordinates == "pytorch_half_pixel":
            return expr.where(after > 1, centred, 0.0)
        if self.coordinates == "align_corners":
            aligned = i * (before - 1) / (exact - 1)
            return expr.where(expr.equal(exact, 1.0), 0.0, aligned)
        return _divided(i, scale)

    def beyond(self, index: Expr, crop: Crop) -> Expr:
        """Whether the coordinate of a result position lies outside the input."""
        place = self.place(index, crop)
        last = expr.cast(extent(self.before), FLOAT64) - 1.0
        return expr.logical_not(expr.logical_and(place >= 0.0, place <= last))

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
        return [
            self._far(t + 1.0), self._near(t), self._near(1.0 - t), self._far(2.0 - t)
        ]  # fmt: skip

    def _near(self, d: Expr) -> Expr:
        return ((self.cubic + 2) * d - (self.cubic + 3)) * d * d + 1.0

    def _far(self, d: Expr) -> Expr:
        a = self.cubic
        return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a

    def _inside(self, place: Expr) -> Expr:
        last = expr.cast(extent(self.before), FLOAT64) - 1
        return expr.logical_and(place >= 0, place <= last)

    def _inside_only(self, base: Expr, offsets: tuple[int, ...], weights: list[Expr]) -> list[Expr]:
        kept = [
            expr.where(self._inside(base + offset), weight, 0.0)
            for offset, weight in zip(offsets, weights, strict=True)
        ]
        total = kept[0]
        for weight in kept[1:]:
            total = total + weight
        return [weight / total for weight in kept]


def _divided(place: Expr, scale: Expr) -> Expr:
    """A quotient; by a power of two it is an exact product."""
    if isinstance(scale, Const) and math.frexp(scale.value)[0] == 0.5:
        return place * (1.0 / scale.value)
    return place / scale
