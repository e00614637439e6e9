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


def linear_attention(
    q: Any, k: Any, v: Any, state: Any = None, decay: Any = None, beta: Any = None,
    *, rule: str, scale: float,
) -> Any:  # fmt: skip
    """One head at a time, with matrices."""
    batch, heads, length, depth = k.shape
    answers = np.zeros((*q.shape[:3], v.shape[3]))
    states = np.zeros((batch, heads, depth, v.shape[3]))
    for b, h in np.ndindex(batch, heads):
        memory = states[b, h] if state is None else np.array(state[b, h], float)
        for t in range(length):
            key, value = k[b, h, t], v[b, h, t]
            if "gated" in rule:
                memory = np.diag(np.exp(np.broadcast_to(decay[b, h, t], depth))) @ memory
            if "delta" in rule:
                value = beta[b, h % beta.shape[1], t, 0] * (value - memory.T @ key)
            memory = memory + np.outer(key, value)
            group = q.shape[1] // heads
            for member in range(h * group, (h + 1) * group):
                answers[b, member, t] = scale * memory.T @ q[b, member, t]
        states[b, h] = memory
    return answers, states


ORACLES = {
    "rotary": rotary,
    "cache_update": cache_update,
    "block_matmul": block_matmul,
    "linear_attention": linear_attention,
    "inverse": np.linalg.inv,
}
