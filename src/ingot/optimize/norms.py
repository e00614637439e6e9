# SPDX-License-Identifier: Apache-2.0
"""Lifts of normalisations: LayerNorm and RMSNorm from means, differences and roots.

The lift finds the normalisation by itself; a scale and a bias that follow then join it.
"""

from __future__ import annotations

from typing import Any, Final

from ingot.ir.graph import Value
from ingot.ir.pattern import Term, constant, either, named, op, scalar
from ingot.ir.rewrite import rule


def _mean(x: Any, axes: Any) -> Any:
    return op.reduce_mean(x, axes=axes, keep_dims=True)


def _over_root(x: Any, variance: Any, epsilon: Any) -> Any:
    """x / √(variance + epsilon), in the ways that it is written."""
    stable = variance + scalar(epsilon)
    return either(op.div(x, op.sqrt(stable)), op.mul(x, op.rsqrt(stable)))


def _centred(x: Any, axes: Any, epsilon: Any, centred: Any) -> Any:
    difference = named(centred, op.sub(x, _mean(x, axes)))
    return _over_root(difference, _mean(op.mul(difference, difference), axes), epsilon)


def _uncentred(x: Any, axes: Any, epsilon: Any) -> Any:
    return _over_root(x, _mean(op.mul(x, x), axes), epsilon)


def _last_axes(x: Value, axes: tuple[int, ...], epsilon: float) -> str | None:
    if sorted(axes) != list(range(x.rank - len(axes), x.rank)):
        return "the axes are not the last ones"
    return None if epsilon >= 0 else "epsilon is negative"


def _layer_norm(x: Value, axes: tuple[int, ...], epsilon: float) -> Term:
    return op.layer_norm(x, axis=x.rank - len(axes), epsilon=epsilon)


def _rms_norm(x: Value, axes: tuple[int, ...], epsilon: float) -> Term:
    return op.rms_norm(x, axis=x.rank - len(axes), epsilon=epsilon)


RULES: Final = (
    rule("lift_layer_norm", _centred, replacement=_layer_norm, where=_last_axes),
    rule("scale_into_layer_norm",
         lambda x, scale, axis, epsilon:
             op.layer_norm(x, axis=axis, epsilon=epsilon) * constant(scale),
         replacement=lambda x, scale, axis, epsilon:
             op.layer_norm(x, scale, axis=axis, epsilon=epsilon)),
    rule("bias_into_layer_norm",
         lambda x, scale, bias, axis, epsilon: either(
             op.layer_norm(x, constant(scale), axis=axis, epsilon=epsilon),
             op.layer_norm(x, axis=axis, epsilon=epsilon)) + constant(bias),
         replacement=lambda x, scale, bias, axis, epsilon:
             op.layer_norm(x, scale, bias, axis=axis, epsilon=epsilon)),
    rule("lift_rms_norm", _uncentred, replacement=_rms_norm, where=_last_axes),
    rule("scale_into_rms_norm",
         lambda x, scale, axis, epsilon:
             op.rms_norm(x, axis=axis, epsilon=epsilon) * constant(scale),
         replacement=lambda x, scale, axis, epsilon:
             op.rms_norm(x, scale, axis=axis, epsilon=epsilon)),
)  # fmt: skip
