# SPDX-License-Identifier: Apache-2.0
"""Scaled dot-product attention, with a mask, a causal frontier, and grouped key-value heads."""

from __future__ import annotations

from typing import Any

from ingot.dims import Dim, symbol
from ingot.dtypes import BOOL
from ingot.ir.graph import TensorType
from ingot.ops.domains import BATCH, BOOLS, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.norm import composite
from ingot.ops.op import AttributeSpec, InputSpec, Op
from ingot.ops.require import Require, Shape

MASKED = float("-inf")


def _infer(
    require: Require, q: TensorType, k: TensorType, v: TensorType, mask: TensorType | None,
    *, scale: float, causal: bool, offset: Dim, softcap: float = 0.0,
) -> TensorType:  # fmt: skip
    require.that(softcap >= 0, f"softcap {softcap} must not be negative")
    require.that(q.rank == k.rank == v.rank >= 3, "q, k and v must have one rank of at least 3")
    require.equal(q.shape[-1], k.shape[-1], "depths of q and k")
    require.equal(k.shape[-2], v.shape[-2], "lengths of k and v")
    for axis in range(k.rank - 2):
        require.equal(k.shape[axis], v.shape[axis], f"sizes of k and v on axis {axis}")
        if axis != q.rank - 3:
            require.equal(q.shape[axis], k.shape[axis], f"sizes of q and k on axis {axis}")
    _check_heads(require, q.shape[-3], k.shape[-3])
    scores: Shape = (*q.shape[:-1], k.shape[-2])
    if mask is not None:
        require.that(mask.rank <= len(scores), f"the mask has rank {mask.rank}, too many axes")
        for size, whole in zip(mask.shape, scores[len(scores) - mask.rank :], strict=True):
            if size != 1:
                require.equal(size, whole, "sizes of the mask and of the scores")
    return TensorType(q.dtype, (*q.shape[:-1], v.shape[-1]))


def _check_heads(require: Require, queries: Dim, keys: Dim) -> None:
    if isinstance(queries, int) and isinstance(keys, int):
        require.that(
            queries == keys or (keys > 0 and queries % keys == 0),
            f"{queries} query heads do not share {keys} key heads evenly",
        )
    else:
        require.equal(queries, keys, "heads of q and k")


def _shared(o: Any, x: Any, heads: Dim) -> Any:
    """Key or value heads repeated so that there is one for each query head."""
    if x.shape[-3] == heads:
        return x
    *batch, kept, length, depth = x.shape
    times = heads // kept
    spread = o.reshape(x, shape=(*batch, kept, 1, length, depth))
    spread = o.expand(spread, shape=(*batch, kept, times, length, depth))
    return o.reshape(spread, shape=(*batch, heads, length, depth))


def _frontier(o: Any, queries: Dim, keys: Dim, offset: Dim) -> Any:
    """True where key j may be seen by query i: j <= i + offset."""
    zero, one = (o.reshape(o.sizes(values=(number,)), shape=()) for number in (0, 1))
    rows = o.add(o.iota(zero, one, length=queries), o.sizes(values=(offset,)))
    columns = o.iota(zero, one, length=keys)
    return o.less_equal(columns, o.reshape(rows, shape=(queries, 1)))


def _probabilities(o: Any, scores: Any, axis: int) -> Any:
    """Softmax whose wholly masked rows are 0."""
    top = o.reduce_max(scores, axes=(axis,), keep_dims=True)
    safe = o.where(o.equal(top, MASKED), 0.0, top)
    powers = o.exp(o.sub(scores, safe))
    total = o.reduce_sum(powers, axes=(axis,), keep_dims=True)
    return o.div(powers, o.where(o.equal(total, 0.0), 1.0, total))


def _capped(o: Any, scores: Any, softcap: float) -> Any:
    """Scores drawn into (-softcap, softcap); 0 is no cap."""
    return o.mul(o.tanh(o.div(scores, softcap)), softcap) if softcap else scores


def _attention(
    o: Any, q: Any, k: Any, v: Any, mask: Any,
    *, scale: float, causal: bool, offset: Dim, softcap: float = 0.0,
) -> Any:  # fmt: skip
    rank, heads = q.rank, q.shape[-3]
    order = (*range(rank - 2), rank - 1, rank - 2)
    k, v = _shared(o, k, heads), _shared(o, v, heads)
    scores = o.mul(o.matmul(q, o.transpose(k, permutation=order)), scale)
    scores = _capped(o, scores, softcap)
    if mask is not None:
        scores = o.where(mask, scores, MASKED) if mask.dtype == BOOL else o.add(scores, mask)
    if causal:
        seen = _frontier(o, q.shape[-2], k.shape[-2], offset)
        scores = o.where(seen, scores, MASKED)
    if mask is None and not causal:
        return o.matmul(o.softmax(scores, axis=rank - 1), v)
    return o.matmul(_probabilities(o, scores, rank - 1), v)


def _case(q: Shape, k: Shape, v: Shape, mask: Sample | None = None, **attributes: Any) -> Example:
    inputs = (Sample(q), Sample(k), Sample(v), *([] if mask is None else [mask]))
    return Example(inputs, {"scale": 0.25, **attributes}, {"batch": 3, "length": 7})


LENGTH = symbol("length")
SEEN = Sample((5, 7), BOOL)
EXAMPLES = (
    _case((1, 2, 5, 8), (1, 2, 7, 8), (1, 2, 7, 6)),
    _case((2, 5, 16), (2, 9, 16), (2, 9, 16)),
    _case((1, 3, 33, 32), (1, 3, 50, 32), (1, 3, 50, 32), Sample((1, 1, 33, 50)), scale=0.03),
    _case((1, 2, 5, 8), (1, 2, 7, 8), (1, 2, 7, 6), SEEN),
    _case((2, 2, 5, 8), (2, 2, 7, 8), (2, 2, 7, 6), Sample((2, 1, 1, 7))),
    _case((1, 2, 6, 4), (1, 2, 6, 4), (1, 2, 6, 4), causal=True),
    _case((1, 2, 4, 4), (1, 2, 6, 4), (1, 2, 6, 4), causal=True, offset=2),
    _case((1, 4, 5, 8), (1, 2, 5, 8), (1, 2, 5, 8)),
    _case((2, 6, 1, 8), (2, 2, 33, 8), (2, 2, 33, 8)),
    _case((1, 4, 3, 8), (1, 2, 9, 8), (1, 2, 9, 4), causal=True, offset=6),
    _case((1, 2, 5, 8), (1, 2, 7, 8), (1, 2, 7, 6), SEEN, softcap=2.0),
    _case((BATCH, 4, 1, 8), (BATCH, 2, LENGTH, 8), (BATCH, 2, LENGTH, 8)),
    _case((0, 2, 5, 8), (0, 2, 5, 8), (0, 2, 5, 8)),
    _case((BATCH, 2, LENGTH, 4), (BATCH, 2, LENGTH, 4), (BATCH, 2, LENGTH, 4)),
    _case((BATCH, 2, LENGTH, 4), (BATCH, 2, LENGTH, 4), (BATCH, 2, LENGTH, 4), causal=True),
)

ATTENTION = composite(
    "attention",
    (
        InputSpec("q", REALS), InputSpec("k", REALS), InputSpec("v", REALS),
        InputSpec("mask", (*REALS, *BOOLS), "M", optional=True),
    ),
    (
        AttributeSpec("scale", "float", doc="factor of q · k"),
        AttributeSpec("causal", "bool", False, doc="query i sees key j only if j <= i + offset"),
        AttributeSpec("offset", "dim", 0, doc="how far the causal frontier is shifted"),
        AttributeSpec("softcap", "float", 0.0, doc="c · tanh(score / c) takes a score's place"),
    ),
    _infer, _attention, precision=Bound(relative=2, norm=16), examples=EXAMPLES,
    doc="softmax(q · kᵀ · scale + mask) · v over the last two axes; a bool mask keeps where True; "
    "a query that sees no key gives 0; fewer key heads are shared by groups of query heads.",
)  # fmt: skip

OPS: tuple[Op, ...] = (ATTENTION,)
