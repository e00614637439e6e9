# SPDX-License-Identifier: Apache-2.0
"""What follows a convolution and is linear in each channel goes into its weights.

The rules write the new weights as ops on the old ones. Folding then computes them and records the
derivation, so the rules never look at an element and a refit stays exact.
"""

from __future__ import annotations

from typing import Any, Final

from ingot.dims import Dim
from ingot.ir.graph import Value
from ingot.ir.pattern import Term, constant, either, op
from ingot.ir.rewrite import Site, rule


def _conv(x: Any, w: Any, b: Any) -> Any:
    return either(op.conv(x, constant(w), constant(b)), op.conv(x, constant(w)))


def _rebuilt(site: Site, x: Value, w: Any, b: Any) -> Term:
    """The matched convolution with other weights."""
    node = next(node for node in site.nodes if node.op == "conv")
    return op.conv(x, w, b, **node.attributes)


def _per_output(vector: Any, w: Value) -> Term:
    """A vector over output channels, shaped to multiply the weights."""
    return op.reshape(vector, shape=(w.shape[0], *[1] * (w.rank - 1)))


def _fold_batch_norm(
    site: Site, x: Value, w: Value, b: Value | None, scale: Value, bias: Value, mean: Value,
    variance: Value, epsilon: float,
) -> Term:  # fmt: skip
    factor = op.div(scale, op.sqrt(op.add(variance, epsilon)))
    shifted = op.neg(mean) if b is None else op.sub(b, mean)
    return _rebuilt(
        site, x, op.mul(w, _per_output(factor, w)), op.add(op.mul(shifted, factor), bias)
    )


def by_channel(c: Value, channels: Dim, rank: int) -> str | None:
    """None where `c` has one element in all, or one for each channel of a tensor of `rank`."""
    if all(size == 1 for size in c.shape) and c.rank <= rank:
        return None
    if c.rank == rank and c.shape[1] == channels and c.shape[0] == 1 and _ones(c.shape[2:]):
        return None
    if c.rank == rank - 1 and c.shape[0] == channels and _ones(c.shape[1:]):
        return None
    return f"%{c.name} is not one number a channel"


def _by_channel(w: Value, c: Value) -> str | None:
    return by_channel(c, w.shape[0], w.rank)


def _ones(shape: Any) -> bool:
    return all(size == 1 for size in shape)


def channel_vector(c: Value, channels: Dim) -> Term:
    """`c` as a vector over `channels`."""
    if all(size == 1 for size in c.shape):
        return op.expand(op.reshape(c, shape=(1,)), shape=(channels,))
    return op.reshape(c, shape=(channels,))


def _add_bias(site: Site, x: Value, w: Value, b: Value | None, c: Value) -> Term:
    vector = channel_vector(c, w.shape[0])
    return _rebuilt(site, x, w, vector if b is None else op.add(b, vector))


def _scale(site: Site, x: Value, w: Value, b: Value | None, c: Value) -> Term:
    vector = channel_vector(c, w.shape[0])
    scaled = op.mul(w, _per_output(vector, w))
    return _rebuilt(site, x, scaled, None if b is None else op.mul(b, vector))


RULES: Final = (
    rule("batch_norm_into_conv",
         lambda x, w, b, scale, bias, mean, variance, epsilon: op.batch_norm(
             _conv(x, w, b), constant(scale), constant(bias), constant(mean), constant(variance),
             epsilon=epsilon),
         replacement=_fold_batch_norm),
    rule("add_into_conv",
         lambda x, w, b, c: op.add(_conv(x, w, b), constant(c)),
         replacement=_add_bias, where=_by_channel),
    rule("multiply_into_conv",
         lambda x, w, b, c: op.mul(_conv(x, w, b), constant(c)),
         replacement=_scale, where=_by_channel),
)  # fmt: skip
