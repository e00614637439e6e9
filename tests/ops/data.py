# SPDX-License-Identifier: Apache-2.0
"""Oracles of the ops that look at data: order, selection, running folds, random numbers.

Plain Python over single elements: what each op means, one element after the other.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

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
    moved = np.moveaxis(x, axis, -1)
    rows = [function(row) for row in moved.reshape(-1, moved.shape[-1]).tolist()] or [[]]
    made = np.array(rows).reshape(*moved.shape[:-1], -1) if moved.size else None
    return np.zeros(0) if made is None else np.moveaxis(made, -1, axis)


def argsort(x: Any, *, axis: int, descending: bool) -> Any:
    return along(lambda row: order(row, descending=descending), x, axis)


def top_k(x: Any, *, k: int, axis: int, descending: bool) -> Any:
    return along(lambda row: order(row, descending=descending)[:k], x, axis) if k else np.zeros(0)


ORACLES: Mapping[str, Oracle] = {"argsort": argsort, "top_k": top_k}
