# SPDX-License-Identifier: Apache-2.0
"""What families must compute, in NumPy and double precision, written apart from the op records."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def windows(
    x: np.ndarray,
    window: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Sequence[int],
    fill: float,
) -> np.ndarray:
    """Every window of `x`: (images, channels, *outputs, *window)."""
    rank = len(window)
    around = [(0, 0), (0, 0), *zip(pads[:rank], pads[rank:], strict=True)]
    padded = np.pad(x.astype(np.float64), around, constant_values=fill)
    reach = [(size - 1) * step + 1 for size, step in zip(window, dilations, strict=True)]
    slid = sliding_window_view(padded, reach, tuple(range(2, 2 + rank)))
    outer = tuple(slice(None, None, step) for step in strides)
    inner = tuple(slice(None, None, step) for step in dilations)
    return slid[(slice(None), slice(None), *outer, *inner)]


def convolve(
    x: np.ndarray,
    weight: np.ndarray,
    strides: Sequence[int],
    pads: Sequence[int],
    dilations: Sequence[int],
    groups: int = 1,
) -> np.ndarray:
    """Convolution in groups."""
    window = weight.shape[2:]
    seen = windows(x, window, strides, dilations, pads, 0.0)
    outputs = seen.shape[2 : 2 + len(window)]
    images, filters = x.shape[0], weight.shape[0]
    depth = weight[0].size
    patches = np.moveaxis(seen, 1, 1 + len(window))
    patches = patches.reshape(images, int(np.prod(outputs)), groups, depth)
    matrix = weight.astype(np.float64).reshape(groups, filters // groups, depth)
    result = np.einsum("npgd,gfd->ngfp", patches, matrix)
    return result.reshape(images, filters, *outputs)


def error(got: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference beside the largest expected value (or 1)."""
    assert got.shape == expected.shape
    got = got.astype(expected.dtype)
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    return float(np.abs(got - expected).max(initial=0)) / scale
