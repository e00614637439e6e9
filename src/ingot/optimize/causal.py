# SPDX-License-Identifier: Apache-2.0
"""Causal masks: a mask that lets each query see the keys up to its own position is an attribute.

Exporters compare positions and turn the answer into zeros and huge negative numbers, or store that
as a table. As an attribute it costs no memory, and a kernel skips the keys that nobody sees.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import BOOL
from ingot.ir.graph import Array, Node, Value
from ingot.ir.match import uniform
from ingot.ir.pattern import Term, apply
from ingot.ir.rewrite import Site, node_rule
from ingot.kernel.view import View
from ingot.optimize.affine import affine, extremes, spread

HUGE: Final = -1e9


def _causal(site: Site, node: Node) -> Term | str | None:
    """Attention whose mask is the causal frontier, shifted or not."""
    mask = node.inputs[3] if len(node.inputs) > 3 else None
    if mask is None or node.attributes["causal"]:
        return None
    seen, hidden = _split(site, mask)
    offset = _offset(site, seen, node) if seen is not None else None
    if offset is None:
        return "the mask is not the frontier of positions"
    low, _ = extremes(site, View("", mask.dtype, (), (), offset))
    if math.isfinite(hidden) and (low is None or low < 0):
        return "a query may see no key"
    q, k, v = node.inputs[:3]
    attributes = {**node.attributes, "causal": True, "offset": offset}
    return apply("attention", q, k, v, **attributes)


def _split(site: Site, mask: Value) -> tuple[Value | Array | None, float]:
    """Which keys the mask shows, and the number that hides the others."""
    data = site.editor.constant(mask)
    if mask.dtype == BOOL:
        return (mask if data is None else data), -math.inf
    if data is not None:
        wide = data.astype(np.float64)
        hidden = wide[wide != 0]
        right = hidden.size > 0 and bool((hidden <= _enough(mask)).all())
        return (wide == 0 if right else None), float(hidden.max()) if right else 0.0
    node = site.producer(mask)
    if node is None or node.op != "where":
        return None, 0.0
    shown, hidden_number = (uniform(site.editor.constant(side)) for side in node.inputs[1:])
    if shown != 0 or hidden_number is None or hidden_number > _enough(mask):
        return None, 0.0
    return node.inputs[0], hidden_number


def _enough(mask: Value) -> float:
    """A number that hides a key: far below every score, or the least of the element type."""
    least = {"float16": -65504.0}.get(mask.dtype.name, -math.inf)
    return max(HUGE, least)


def _offset(site: Site, seen: Value | Array, node: Node) -> Dim | None:
    """By how much query i sees beyond key i: `seen` is j <= i + offset; None where it is not."""
    q, k = node.inputs[0], node.inputs[1]
    assert q is not None and k is not None
    queries, keys = q.shape[-2], k.shape[-2]
    if not isinstance(seen, Value):
        return _offset_of_table(seen, queries, keys)
    data = site.editor.constant(seen)
    if data is not None:
        return _offset_of_table(data, queries, keys)
    if seen.rank < 2 or seen.shape[-2:] != (queries, keys):
        return None
    return _offset_of_comparison(site, seen)


def _offset_of_table(table: Array, queries: Dim, keys: Dim) -> int | None:
    if table.ndim < 2 or table.shape[-2:] != (queries, keys) or table.size != table[..., :, :].size:
        return None
    if math.prod(table.shape[:-2]) != 1:
        return None
    rows = table.reshape(table.shape[-2:])
    if rows.size == 0 or not rows[0].any():
        return None
    offset = int(rows[0].sum()) - 1
    frontier = np.arange(rows.shape[1]) <= np.arange(rows.shape[0])[:, None] + offset
    return offset if np.array_equal(rows, frontier) else None


def _offset_of_comparison(site: Site, seen: Value) -> Dim | None:
    comparison = site.producer(seen)
    if comparison is None or comparison.op not in FORMS:
        return None
    left, right = (affine(site, value) for value in comparison.inputs)
    if left is None or right is None:
        return None
    sign, strict = FORMS[comparison.op]
    row, column = spread(left, seen.shape), spread(right, seen.shape)
    if sign < 0:
        row, column = column, row
    strides = [a - b for a, b in zip(row.strides, column.strides, strict=True)]
    if strides[-2:] != [1, -1] or any(stride != 0 for stride in strides[:-2]):
        return None
    return row.offset - column.offset - strict


FORMS: Final = {"greater_equal": (1, 0), "greater": (1, 1), "less_equal": (-1, 0), "less": (-1, 1)}

RULES: Final = (node_rule("causal_mask", "attention", _causal),)
