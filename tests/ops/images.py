# SPDX-License-Identifier: Apache-2.0
"""Oracles of the ops that sample images."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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
    if rules["mode"] == "cubic":
        return cubic(x, region, shape, rules)
    given = x.astype(np.int64) if x.dtype == bool else x
    return run_onnx("Resize", [given, region, factors, sizes], nearest_mode=rounding, **attributes)


ORACLES: Mapping[str, Oracle] = {
    "resize": resized,
}
