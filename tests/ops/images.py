# SPDX-License-Identifier: Apache-2.0
"""Oracles of the ops that sample images."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from tests.ops.reference import ints, run_onnx

Oracle = Callable[..., Any]


def cubic(x: Any, region: Any, shape: Any, rules: Mapping[str, Any]) -> Any:
    """Cubic resampling by Keys's kernel, one axis and one position at a time.

    `onnx.reference` computes the kernel in float32.
    """
    a = rules["cubic"]
    for axis, after in enumerate(shape):
        before = x.shape[axis]
        stretch = max(before / after, 1.0) if rules["antialias"] and after else 1.0
        rows = []
        for place in range(after if after != before else 0):
            center = (place + 0.5) * before / after - 0.5
            if region is not None:
                low, high = region[axis :: x.ndim]
                share = place / (after - 1) if after > 1 else 0.5
                center = (low + share * (high - low)) * (before - 1)
            row = 0.0
            total = 0.0
            reach = math.ceil(2 * stretch)
            for tap in range(math.floor(center) - reach, math.floor(center) + reach + 1):
                d = abs(center - tap) / stretch
                weight = (a + 2) * d**3 - (a + 3) * d**2 + 1
                if d > 1:
                    weight = a * d**3 - 5 * a * d**2 + 8 * a * d - 4 * a
                if d < 2 and (not rules["exclude_outside"] or 0 <= tap < before):
                    row = row + weight * x.take(min(max(tap, 0), before - 1), axis)
                    total += weight
            rows.append(row / total)
        x = np.stack(rows, axis) if rows else x
    return x


def resized(
    x: Any, region: Any = None, *, shape: Any, scales: Any, rounding: str, cropped: Any,
    **rules: Any,
) -> Any:  # fmt: skip
    coordinates = "tf_crop_and_resize" if region is not None else rules["coordinates"]
    sizes = None if scales else ints(*shape)
    factors = np.array(scales, np.float32) if scales else None
    attributes = {
        "mode": rules["mode"],
        "coordinate_transformation_mode": coordinates,
        "cubic_coeff_a": rules["cubic"],
        "exclude_outside": int(rules["exclude_outside"]),
        "antialias": int(rules["antialias"]),
        "extrapolation_value": rules["extrapolation"],
    }
    if 0 in x.shape or (x.shape == tuple(shape) and not cropped):
        return np.resize(x, shape)
    if coordinates == "half_pixel_unshifted":
        return unshifted(x, shape, scales, rules["mode"], rounding)
    if rules["mode"] == "cubic":
        return cubic(x, region, shape, rules)
    given = x.astype(np.int64) if x.dtype == bool else x
    return run_onnx("Resize", [given, region, factors, sizes], nearest_mode=rounding, **attributes)


def unshifted(x: Any, shape: Any, scales: Any, mode: str, rounding: str) -> Any:
    """Positions (i + 1/2) / scale along the last axis; what lies behind the edge is the edge."""
    size = x.shape[-1]
    places = (np.arange(shape[-1]) + 0.5) / (scales[-1] if scales else shape[-1] / size)
    if mode == "linear":
        rows = [np.interp(places, np.arange(size), row) for row in x.reshape(-1, size)]
        return np.reshape(rows, shape)
    nearest = np.floor(places + 0.5) if rounding == "round_prefer_ceil" else np.floor(places)
    return x[..., np.clip(nearest.astype(int), 0, size - 1)]


def grid_sampled(x: Any, grid: Any, *, mode: str, padding: str, align_corners: bool) -> Any:
    """By the definition of each tap, one place at a time."""
    sizes = x.shape[2:]
    result = np.zeros((*x.shape[:2], *grid.shape[1:-1]))
    for batch, *place in np.ndindex(x.shape[0], *grid.shape[1:-1]):
        taps = [
            list(grid_taps(coordinate, size, mode, padding, align_corners))
            for coordinate, size in zip(grid[(batch, *place)][::-1], sizes, strict=True)
        ]
        for chosen in itertools.product(*taps):
            if all(0 <= tap < size for (tap, _), size in zip(chosen, sizes, strict=True)):
                weight = math.prod(weight for _, weight in chosen)
                element = x[(batch, slice(None), *(tap for tap, _ in chosen))]
                result[(batch, slice(None), *place)] += weight * element
    return result


def grid_taps(
    coordinate: float, size: int, mode: str, padding: str, align_corners: bool
) -> Iterator[tuple[int, float]]:
    low, high = (0.0, size - 1.0) if align_corners else (-0.5, size - 0.5)
    place = low + (coordinate + 1) / 2 * (high - low)

    def inward(at: float) -> float:
        if padding == "border" and not low <= at <= high:
            return min(max(at, 0.0), size - 1.0)
        while padding == "reflection" and high > low and not low <= at <= high:
            at = 2 * low - at if at < low else 2 * high - at
        return at

    if mode == "nearest":
        yield int(inward(round(place))), 1.0
        return
    place = inward(place)
    base = math.floor(place)
    for tap in range(base - 1, base + 3):
        d = abs(place - tap)
        weight = max(1 - d, 0.0)
        if mode == "cubic":
            weight = 1.25 * d**3 - 2.25 * d**2 + 1
            if d > 1:
                weight = -0.75 * (d**3 - 5 * d**2 + 8 * d - 4)
        if weight:
            spot = int(inward(tap))
            yield min(max(spot, 0), size - 1) if padding == "border" else spot, weight


def deform_patches(
    x: Any, offset: Any, mask: Any = None, *, kernel: Any, strides: Any, dilations: Any,
    pads: Any, groups: int,
) -> Any:  # fmt: skip
    """Each tap sampled by a grid of one place."""
    rank, counts = len(kernel), offset.shape[2:]
    result = np.zeros((*x.shape[:2], *kernel, *counts))
    each = x.shape[1] // groups
    for batch, channel, *at in np.ndindex(*result.shape):
        tap, place = at[:rank], at[rank:]
        number = int(np.ravel_multi_index((channel // each, *tap), (groups, *kernel)))
        value = 0.0
        spots = [
            p * s - low + t * d + offset[(batch, number * rank + axis, *place)]
            for axis, (p, s, low, t, d) in enumerate(
                zip(place, strides, pads[:rank], tap, dilations, strict=True)
            )
        ]
        for corner in itertools.product((0, 1), repeat=rank):
            spot = [math.floor(p) + c for p, c in zip(spots, corner, strict=True)]
            if all(0 <= s < n for s, n in zip(spot, x.shape[2:], strict=True)):
                weight = math.prod(1 - abs(p - s) for p, s in zip(spots, spot, strict=True))
                value += weight * x[(batch, channel, *spot)]
        result[(batch, channel, *at)] = value
        if mask is not None:
            result[(batch, channel, *at)] *= mask[(batch, number, *place)]
    return result


def roi_aligned(
    x: Any, regions: Any, batches: Any, *, height: int, width: int, mode: str, samples: int,
    scale: float, half_pixel: bool,
) -> Any:  # fmt: skip
    if not len(regions):
        return np.zeros((0, x.shape[1], height, width))
    return run_onnx(
        "RoiAlign",
        [x, regions, batches],
        mode="max" if mode == "max" else "avg",
        output_height=height,
        output_width=width,
        sampling_ratio=samples,
        spatial_scale=scale,
        coordinate_transformation_mode="half_pixel" if half_pixel else "output_half_pixel",
    )


def columns_to_image(
    x: Any, *, image: Any, kernel: Any, strides: Any, dilations: Any, pads: Any
) -> Any:
    if 0 in x.shape:
        return np.zeros(0)
    if x.dtype.kind in "iu":
        x = x.astype(object)
    rank = len(kernel)
    counts = [
        (n + pads[k] + pads[k + rank] - (kernel[k] - 1) * dilations[k] - 1) // strides[k] + 1
        for k, n in enumerate(image)
    ]
    block = math.prod(kernel)
    result = np.zeros((x.shape[0], x.shape[1] // block, *image), x.dtype)
    for row in range(x.shape[1]):
        channel, tap = divmod(row, block)
        offset = np.unravel_index(tap, kernel)
        for column, place in enumerate(np.ndindex(*counts)):
            at = [
                p * s - low + k * d
                for p, s, low, k, d in zip(
                    place, strides, pads[:rank], offset, dilations, strict=True
                )
            ]
            if all(0 <= a < n for a, n in zip(at, image, strict=True)):
                result[(slice(None), channel, *at)] += x[:, row, column]
    return result


def max_pool_places(
    x: Any, *, kernel: Any, strides: Any, dilations: Any, pads: Any, ceil_mode: bool,
    column_major: bool,
) -> Any:  # fmt: skip
    """The number of each winner, looked up in an array of numbers."""
    rank = len(kernel)
    planes = math.prod(x.shape[2:])
    order = "F" if column_major else "C"
    numbers = np.arange(planes).reshape(x.shape[2:], order=order)
    counts = []
    for k in range(rank):
        room = x.shape[2 + k] + pads[k] + pads[rank + k] - (kernel[k] - 1) * dilations[k] - 1
        count = (-(-room // strides[k]) if ceil_mode else room // strides[k]) + 1
        if ceil_mode and (count - 1) * strides[k] >= x.shape[2 + k] + pads[k]:
            count -= 1
        counts.append(count)
    result = np.zeros((*x.shape[:2], *counts), np.int64)
    for batch, channel, *place in np.ndindex(*result.shape):
        at = [
            [p * s - low + t * d for t in range(size)]
            for p, s, low, d, size in zip(
                place, strides, pads[:rank], dilations, kernel, strict=True
            )
        ]
        spots = [
            spot
            for spot in itertools.product(*at)
            if all(0 <= a < n for a, n in zip(spot, x.shape[2:], strict=True))
        ]
        values = [x[(batch, channel, *spot)] for spot in spots]
        first = (batch * x.shape[1] + channel) * planes
        result[(batch, channel, *place)] = first + numbers[spots[int(np.argmax(values))]]
    return result


ORACLES: Mapping[str, Oracle] = {
    "resize": resized,
    "grid_sample": grid_sampled,
    "deform_patches": deform_patches,
    "roi_align": roi_aligned,
    "columns_to_image": columns_to_image,
    "max_pool_places": max_pool_places,
}
