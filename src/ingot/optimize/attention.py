# SPDX-License-Identifier: Apache-2.0
"""Lifts of attention: softmax(q · kᵀ · scale + mask) · v, in the spellings of the exporters.

The scale stands on q, on k, on both (its root), or on the scores; the mask is added or absent.
Keys come transposed; the rule transposes them back, and the view rules merge that away.

A query whose row is masked wholly gives 0 by the op, with the guard that exporters write and also
without it, where the model itself gives NaN: hence the rule is for numbers only.

Exporters repeat keys and values for the query heads that share them; the op needs no copies.
"""

from __future__ import annotations

import math
from typing import Any, Final

from ingot.dims import Dim
from ingot.ir.graph import Node, Value
from ingot.ir.pattern import Term, apply, either, named, op, scalar
from ingot.ir.rewrite import Site, node_rule, rule


def _scaled(x: Any, factor: Any, divisor: Any) -> Any:
    """x times or over a number, or x itself."""
    return either(op.mul(x, scalar(factor)), op.div(x, scalar(divisor)), x)


def _scores(q: Any, kt: Any, numbers: tuple[Any, ...]) -> Any:
    q_by, q_over, k_by, k_over, s_by, s_over = numbers
    product = op.matmul(_scaled(q, q_by, q_over), _scaled(kt, k_by, k_over))
    return _scaled(product, s_by, s_over)


def _scale(*numbers: float | None) -> float:
    """The product of the factors over the divisors, which alternate."""
    scale = 1.0
    for factor, divisor in zip(numbers[::2], numbers[1::2], strict=True):
        scale = scale * (1.0 if factor is None else factor) / (1.0 if divisor is None else divisor)
    return scale


def _attention(
    q: Value, kt: Value, v: Value, mask: Value | None, q_by: float | None, q_over: float | None,
    k_by: float | None, k_over: float | None, s_by: float | None, s_over: float | None,
) -> Term:  # fmt: skip
    axes = tuple(range(kt.rank))
    k = op.transpose(kt, permutation=(*axes[:-2], axes[-1], axes[-2]))
    return op.attention(q, k, v, mask, scale=_scale(q_by, q_over, k_by, k_over, s_by, s_over))


def _over_keys(kt: Value, axis: int) -> str | None:
    return None if axis == kt.rank - 1 else "the softmax is not over the keys"


def _weighted(scores: Any, v: Any, axis: Any, p: Any) -> Any:
    """softmax(scores) · v, the rows that are NaN set to 0 or not."""
    chances = named(p, op.softmax(scores, axis=axis))
    return op.matmul(either(op.where(op.is_nan(chances), 0, chances), chances), v)


def _with_mask(
    q: Any, kt: Any, v: Any, mask: Any, axis: Any, p: Any,
    q_by: Any, q_over: Any, k_by: Any, k_over: Any, s_by: Any, s_over: Any,
) -> Any:  # fmt: skip
    scores = _scores(q, kt, (q_by, q_over, k_by, k_over, s_by, s_over))
    masked = either(op.where(mask, scores, -math.inf), scores + mask)
    return _weighted(masked, v, axis, p)


def _without_mask(
    q: Any, kt: Any, v: Any, axis: Any, p: Any,
    q_by: Any, q_over: Any, k_by: Any, k_over: Any, s_by: Any, s_over: Any,
) -> Any:  # fmt: skip
    scores = _scores(q, kt, (q_by, q_over, k_by, k_over, s_by, s_over))
    return _weighted(scores, v, axis, p)


def _share_heads(site: Site, node: Node) -> Term | str | None:
    """Attention whose keys and values are repeated for the query heads reads each once."""
    q, k, v, *mask = node.inputs
    assert q is not None and k is not None and v is not None
    keys, values = _kept_heads(site, k), _kept_heads(site, v)
    if keys is None or values is None:
        return None
    (one, kept), (other, same) = keys, values
    if kept != same or kept == q.shape[-3]:
        return "keys and values are not repeated alike"
    return apply("attention", q, one, other, *mask, **node.attributes)


def _kept_heads(site: Site, value: Value) -> tuple[Term, Dim] | None:
    """Heads (…, kept, length, depth) that `value` repeats, and how many; None where it does not.

    The way is heads apart, an axis of size 1 stretched, axes joined; the last two axes may be
    turned on it and turned back.
    """
    node, first = _past_turn(site, value)
    if node is None or node.op != "reshape":
        return None
    node, second = _past_turn(site, _input(node))
    if node is None or node.op != "expand" or first != second:
        return None
    wide, source = node.output.shape, _input(node)
    rank, joined = source.rank, value.shape
    narrow = (*wide[: rank - 3], 1, *wide[rank - 2 :]) if rank >= 4 else ()
    if narrow != source.shape or joined != (*wide[: rank - 4], wide[-4] * wide[-3], *wide[-2:]):
        return None
    shape = (*source.shape[:-3], *source.shape[-2:])
    return apply("reshape", source, shape=shape), source.shape[-4]


def _past_turn(site: Site, value: Value) -> tuple[Node | None, bool]:
    """The maker of `value`, or of what it is with its last two axes exchanged."""
    axes, turned = tuple(range(value.rank)), False
    exchanged = (*axes[:-2], *reversed(axes[-2:]))
    node = site.producer(value)
    while node is not None and node.op == "transpose":
        if node.attributes["permutation"] != exchanged:
            break
        node, turned = site.producer(_input(node)), not turned
    return node, turned


def _input(node: Node) -> Value:
    value = node.inputs[0]
    assert value is not None
    return value


RULES: Final = (
    node_rule("share_heads", "attention", _share_heads),
    rule("lift_attention", _with_mask, _without_mask,
         replacement=_attention, where=_over_keys, numbers_only=True),
)  # fmt: skip
