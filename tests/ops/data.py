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


ORACLES: Mapping[str, Oracle] = {
    "argsort": argsort,
    "argsort_rows": argsort_rows,
    "cumprod": running(operator.mul, 1),
    "cumsum": running(operator.add, 0),
    "nonzero": nonzero,
    "run_starts": run_starts,
    "suppress_boxes": suppress_boxes,
    "top_k": top_k,
}
