# SPDX-License-Identifier: Apache-2.0
"""Oracles of the ops that look at data: order, selection, running folds, random numbers.

Plain Python over single elements: what each op means, one element after the other.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from tests.ops.reference import run_onnx

Oracle = Callable[..., Any]
RAW = frozenset({"bit_cast"})  # oracles that want floats in their own type


def before(a: Any, b: Any) -> int:
    """How two elements compare: NaN is greater than every number."""
    if math.isnan(a) or math.isnan(b):
        return int(math.isnan(a)) - int(math.isnan(b))
    return int(a > b) - int(a < b)


def order(row: list[Any], *, descending: bool) -> list[int]:
    """The positions of elements in order; Python's sort is stable."""
    sign = -1 if descending else 1
    key = functools.cmp_to_key(lambda i, j: sign * before(row[i], row[j]))
    return sorted(range(len(row)), key=key)


def along(function: Callable[[list[Any]], list[Any]], x: Any, axis: int) -> Any:
    """`function` of every line along an axis."""
    if not x.size:
        return x
    moved = np.moveaxis(x, axis, -1)
    rows = [function(row) for row in moved.reshape(-1, moved.shape[-1]).tolist()]
    return np.moveaxis(np.array(rows).reshape(*moved.shape[:-1], -1), -1, axis)


def argsort(x: Any, *, axis: int, descending: bool) -> Any:
    return along(lambda row: order(row, descending=descending), x, axis)


def top_k(x: Any, *, k: int, axis: int, descending: bool) -> Any:
    return along(lambda row: order(row, descending=descending)[:k], x, axis) if k else np.zeros(0)


def argsort_rows(x: Any) -> Any:
    rows = x.tolist()

    def compare(i: int, j: int) -> int:
        pairs = zip(rows[i], rows[j], strict=True)
        return next((way for a, b in pairs if (way := before(a, b))), 0)

    return np.array(sorted(range(len(rows)), key=functools.cmp_to_key(compare)), np.int64)


def run_starts(x: Any) -> Any:
    rows = [np.asarray(row).reshape(-1).tolist() for row in x]
    same = [
        all(before(p, q) == 0 for p, q in zip(a, b, strict=True))
        for a, b in itertools.pairwise(rows)
    ]
    return np.array([True, *(not flag for flag in same)][: len(rows)], np.bool_)


def nonzero(x: Any, *, size: int) -> Any:
    found = [index for index in np.ndindex(*x.shape) if x[index]]
    assert len(found) == size
    return np.array(found, np.int64).reshape(size, x.ndim).T


def suppress_boxes(
    boxes: Any, scores: Any, overlap: Any, least: Any = None, *, limit: int, center_point: bool
) -> Any:
    """ONNX's own reference, its triples put into a table."""
    inputs = [
        boxes.astype(np.float32), scores.astype(np.float32), np.array([limit]),
        overlap.astype(np.float32).reshape(1),
        None if least is None else least.astype(np.float32).reshape(1),
    ]  # fmt: skip
    table = np.full((*scores.shape[:2], limit), -1)
    if not scores.size or not limit:
        return table
    chosen = run_onnx("NonMaxSuppression", inputs, center_point_box=int(center_point))
    used: dict[tuple[int, int], int] = {}
    for image, group, box in chosen.tolist():
        place = used.get((image, group), 0)
        table[image, group, place] = box
        used[image, group] = place + 1
    return table


def running(combine: Callable[[Any, Any], Any], neutral: int) -> Oracle:
    """A fold that keeps every step, over Python's own numbers."""

    def oracle(x: Any, *, axis: int, exclusive: bool, reverse: bool) -> Any:
        def fold(row: list[Any]) -> list[Any]:
            steps = list(itertools.accumulate(row[::-1] if reverse else row, combine))
            steps = [type(row[0])(neutral), *steps[:-1]] if exclusive else steps
            return steps[::-1] if reverse else steps

        moved = np.moveaxis(x, axis, -1)
        rows = [fold(row) for row in moved.reshape(-1, moved.shape[-1] or 1).tolist()]
        kind = object if x.dtype.kind in "iu" else x.dtype
        return np.moveaxis(np.array(rows, kind).reshape(moved.shape), -1, axis)

    return oracle


def philox(counter: int, seed: int) -> list[int]:
    """Philox-4x32-10 as its authors print it."""
    words = [counter % 2**32, counter >> 32, 0, 0]
    key = [seed % 2**32, (seed >> 32) % 2**32]
    for _ in range(10):
        first, second = 0xD2511F53 * words[0], 0xCD9E8D57 * words[2]
        words = [
            (second >> 32) ^ words[1] ^ key[0], second % 2**32,
            (first >> 32) ^ words[3] ^ key[1], first % 2**32,
        ]  # fmt: skip
        key = [(key[0] + 0x9E3779B9) % 2**32, (key[1] + 0xBB67AE85) % 2**32]
    return words


def fraction(counter: int, seed: int, count: int, above: int = 0) -> float:
    """A number in [0, 1) from the leading `count` bits of 64."""
    high, low, *_ = philox(counter, seed)
    return (((high << 32 | low) >> (64 - count)) + above) / 2**count


def random_uniform(*, shape: Any, dtype: Any, seed: int, low: float, high: float) -> Any:
    count = {"float64": 53, "float16": 11, "bfloat16": 8}.get(dtype.name, 24)
    units = [fraction(k, seed, count) for k in range(math.prod(shape))]
    return low + (high - low) * np.array(units).reshape(shape)


def random_normal(*, shape: Any, dtype: Any, seed: int, mean: float, scale: float) -> Any:
    count = 53 if dtype.name == "float64" else 24
    drawn = [
        math.sqrt(-2 * math.log(fraction(2 * k, seed, count, above=1)))
        * math.cos(2 * math.pi * fraction(2 * k + 1, seed, count))
        for k in range(math.prod(shape))
    ]
    return mean + scale * np.array(drawn).reshape(shape)


def reverse_sequence(x: Any, lengths: Any, *, batch_axis: int, time_axis: int) -> Any:
    result = x.copy()
    for index in np.ndindex(*x.shape):
        length, place = lengths[index[batch_axis]], list(index)
        if index[time_axis] < length:
            place[time_axis] = length - 1 - index[time_axis]
            result[index] = x[tuple(place)]
    return result


def tensor_scatter(x: Any, update: Any, start: Any, *, axis: int, circular: bool) -> Any:
    result = x.copy()
    for index in np.ndindex(*update.shape):
        place = list(index)
        place[axis] += int(start[index[0]])
        if circular:
            place[axis] %= x.shape[axis]
        result[tuple(place)] = update[index]
    return result


def bit_cast(x: Any, *, to: Any) -> Any:
    return np.frombuffer(x.tobytes(), to.numpy).reshape(x.shape)


def count_ngrams(x: Any, pool: Any, *, distance: int) -> Any:
    def count(row: list[int], entry: list[int]) -> int:
        reach = (len(entry) - 1) * distance
        runs = (row[start : start + reach + 1 : distance] for start in range(len(row) - reach))
        return sum(run == entry for run in runs)

    table = [[count(row, entry) for entry in pool.tolist()] for row in x.tolist()]
    return np.array(table, np.int64).reshape(len(x), len(pool))


ORACLES: Mapping[str, Oracle] = {
    "argsort": argsort,
    "argsort_rows": argsort_rows,
    "bit_cast": bit_cast,
    "count_ngrams": count_ngrams,
    "determinant": np.linalg.det,
    "cumprod": running(operator.mul, 1),
    "cumsum": running(operator.add, 0),
    "nonzero": nonzero,
    "random_normal": random_normal,
    "random_uniform": random_uniform,
    "reverse_sequence": reverse_sequence,
    "run_starts": run_starts,
    "suppress_boxes": suppress_boxes,
    "tensor_scatter": tensor_scatter,
    "top_k": top_k,
}
