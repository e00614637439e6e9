# SPDX-License-Identifier: Apache-2.0
"""Oracles of what transformers are made of: rotations, caches, products with packed weights."""

from __future__ import annotations

from typing import Any

import numpy as np


def rotary(x: Any, cos: Any, sin: Any, *, interleaved: bool) -> Any:
    """Pairs as complex numbers times e^(i angle)."""
    half = cos.shape[-1]
    pairs = np.empty((*x.shape[:-1], half), complex)
    first = x[..., 0 : 2 * half : 2] if interleaved else x[..., :half]
    second = x[..., 1 : 2 * half : 2] if interleaved else x[..., half : 2 * half]
    pairs.real, pairs.imag = first, second
    turned = pairs * (cos + 1j * sin)
    result = x.copy()
    if interleaved:
        result[..., 0 : 2 * half : 2], result[..., 1 : 2 * half : 2] = turned.real, turned.imag
    else:
        result[..., : 2 * half] = np.concatenate([turned.real, turned.imag], -1)
    return result


def cache_update(cache: Any, rows: Any, start: Any, *, length: int) -> Any:
    """Row by row."""
    result = np.zeros((*cache.shape[:-2], length, cache.shape[-1]), cache.dtype)
    for place in np.ndindex(*result.shape[:-1]):
        *front, row = place
        step = row - int(start[place[0]])
        if 0 <= step < rows.shape[-2]:
            result[place] = rows[(*front, step)]
        elif row < cache.shape[-2]:
            result[place] = cache[place]
    return result


def block_matmul(
    x: Any, codes: Any, scales: Any, zeros: Any = None, *, bits: int, block: int
) -> Any:
    """The weights one column and one element at a time."""
    columns, depth = len(codes), x.shape[-1]
    weights = np.zeros((depth, columns))
    for column in range(columns):
        stream = int.from_bytes(codes[column].tobytes(), "little")
        for row in range(depth):
            code = stream >> (bits * row) & (2**bits - 1)
            middle = 2 ** (bits - 1)
            zero = middle if zeros is None else float(zeros[column, row // block])
            weights[row, column] = (code - zero) * float(scales[column, row // block])
    return x @ weights


ORACLES = {"rotary": rotary, "cache_update": cache_update, "block_matmul": block_matmul}
