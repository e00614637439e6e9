# SPDX-License-Identifier: Apache-2.0
"""Lifts of normalisations: LayerNorm and RMSNorm from means, differences and roots."""

from __future__ import annotations

from typing import Any, Final

from ingot.ir.graph import Value
from ingot.ir.pattern import Term, constant, either, op, scalar
from ingot.ir.rewrite import rule


def _mean(x: Any, axes: Any) -> Any:
    return op.reduce_mean(x, axes=axes, keep_dims=True)


def _over_root(x: Any, variance: Any, epsilon: Any) -> Any:
    """x / √(variance + epsilon), in the ways that it is written."""
    stable = variance + scalar(epsilon)
    return either(op.div(x, op.sqrt(stable)), op.mul(x, op.rsqrt(stable)))


def _normalised(x: Any, axes: Any, epsilon: Any) -> Any:
    centred = x - _mean(x, axes)
    return _over_root(centred, _mean(op.mul(centred, centred), axes), epsilon)


def _root_mean_square(x: Any, axes: Any, epsilon: Any) -> Any:
    return _over_root(x, _mean(op.mul(x, x), axes), epsilon)


def _last_axes(x: Value, axes: tuple[int, ...], scale: Value, bias: Value | None) -> str | None:
    first = x.rank - len(axes)
    if sorted(axes) != list(range(first, x.rank)):
        return "the axes are not the last ones"
    for tensor in (scale, bias):
        if tensor is not None and tensor.shape != x.shape[first:]:
            return f"%{tensor.name} is not of the normalised shape"
    return None


def _first(x: Value, axes: tuple[int, ...]) -> int:
    return x.rank - len(axes)


def _layer_norm(x: Value, scale: Value, bias: Value, axes: Any, epsilon: float) -> Term:
    return op.layer_norm(x, scale, bias, axis=_first(x, axes), epsilon=epsilon)


RULES: Final = (
    rule("lift_layer_norm",
         lambda x, scale, bias, axes, epsilon:
             _normalised(x, axes, epsilon) * constant(scale) + constant(bias),
         replacement=_layer_norm, where=_last_axes),
    rule("lift_rms_norm",
         lambda x, scale, axes, epsilon: _root_mean_square(x, axes, epsilon) * constant(scale),
         replacement=lambda x, scale, axes, epsilon:
             op.rms_norm(x, scale, axis=_first(x, axes), epsilon=epsilon),
         where=_last_axes),
)  # fmt: skip
