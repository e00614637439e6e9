# SPDX-License-Identifier: Apache-2.0
"""Activations: one scalar expression each; some also have a body, the form exporters write out.

The body is what `optimize` reads backwards to find the activation in a graph of smaller ops.
"""

from __future__ import annotations

import math
from typing import Any

from ingot.kernel import expr
from ingot.kernel.expr import Expr
from ingot.ops.domains import NUMBERS, REALS, binary, unary
from ingot.ops.example import Bound
from ingot.ops.op import AttributeSpec, Op
from ingot.ops.pointwise import elementwise

CLOSE = Bound(relative=2)
NEAR_ROOTS = Bound(relative=3, absolute=3)
SQRT_HALF = math.sqrt(0.5)
SQRT_TWO_OVER_PI = math.sqrt(2 / math.pi)
CUBIC = 0.044715


def _alpha(default: float, doc: str) -> AttributeSpec:
    return AttributeSpec("alpha", "float", default, doc=doc)


def _relu(x: Expr) -> Expr:
    return expr.maximum(x, 0)


def _leaky_relu(x: Expr, *, alpha: float) -> Expr:
    return expr.where(x >= 0, x, x * alpha)


def _thresholded_relu(x: Expr, *, alpha: float) -> Expr:
    return expr.where(x > alpha, x, 0)


def _prelu(x: Expr, slope: Expr) -> Expr:
    return expr.where(x >= 0, x, x * slope)


def _elu(x: Expr, *, alpha: float) -> Expr:
    return expr.where(x > 0, x, expr.expm1(x) * alpha)


def _selu(x: Expr, *, alpha: float, gamma: float) -> Expr:
    return expr.where(x > 0, x, expr.expm1(x) * alpha) * gamma


def _celu(x: Expr, *, alpha: float) -> Expr:
    return expr.where(x > 0, x, expr.expm1(x / alpha) * alpha)


def _hard_sigmoid(x: Expr, *, alpha: float, beta: float) -> Expr:
    return expr.maximum(expr.minimum(x * alpha + beta, 1), 0)


def _hard_swish(x: Expr) -> Expr:
    return x * _hard_sigmoid(x, alpha=1 / 6, beta=0.5)


def _hard_swish_body(o: Any, x: Any) -> Any:
    return o.mul(x, o.hard_sigmoid(x, alpha=1 / 6, beta=0.5))


def _softplus(x: Expr) -> Expr:
    return expr.maximum(x, 0) + expr.log1p(expr.exp(-expr.abs(x)))


def _softsign(x: Expr) -> Expr:
    return x / (expr.abs(x) + 1)


def _mish(x: Expr) -> Expr:
    return x * expr.tanh(_softplus(x))


def _mish_body(o: Any, x: Any) -> Any:
    return o.mul(x, o.tanh(o.softplus(x)))


def _silu(x: Expr) -> Expr:
    return x * expr.sigmoid(x)


def _silu_body(o: Any, x: Any) -> Any:
    return o.mul(x, o.sigmoid(x))


def _quick_gelu(x: Expr, *, alpha: float) -> Expr:
    return x * expr.sigmoid(x * alpha)


def _quick_gelu_body(o: Any, x: Any, *, alpha: float) -> Any:
    return o.mul(x, o.sigmoid(o.mul(x, alpha)))


def _gelu(x: Expr, *, approximate: str) -> Expr:
    if approximate == "tanh":
        inner = x * SQRT_TWO_OVER_PI * (x * x * CUBIC + 1)
        return x * 0.5 * (expr.tanh(inner) + 1)
    return x * 0.5 * (expr.erf(x * SQRT_HALF) + 1)


def _gelu_body(o: Any, x: Any, *, approximate: str) -> Any:
    if approximate == "tanh":
        inner = o.mul(o.add(x, o.mul(o.mul(o.mul(x, x), x), CUBIC)), SQRT_TWO_OVER_PI)
        return o.mul(o.mul(x, 0.5), o.add(o.tanh(inner), 1.0))
    return o.mul(o.mul(x, 0.5), o.add(o.erf(o.mul(x, SQRT_HALF)), 1.0))


RELU = elementwise("relu", _relu, domain=NUMBERS, doc="max(x, 0); NaN stays NaN.")
LEAKY_RELU = elementwise(
    "leaky_relu", _leaky_relu, attributes=(_alpha(0.01, "slope below zero"),),
    precision=Bound(relative=1), doc="x, or alpha · x below zero.",
)  # fmt: skip
THRESHOLDED_RELU = elementwise(
    "thresholded_relu", _thresholded_relu, attributes=(_alpha(1.0, "the threshold"),),
    doc="x above alpha, else 0.",
)  # fmt: skip
PRELU = elementwise(
    "prelu", _prelu, inputs=("x", "slope"), domain=REALS, examples=binary(),
    doc="x, or slope · x below zero.",
)  # fmt: skip
ELU = elementwise(
    "elu", _elu, attributes=(_alpha(1.0, "limit below zero, negated"),), precision=CLOSE,
    doc="x, or alpha (e^x - 1) below zero.",
)  # fmt: skip
SELU = elementwise(
    "selu", _selu,
    attributes=(
        _alpha(1.67326319217681884765625, "limit below zero, negated"),
        AttributeSpec("gamma", "float", 1.05070102214813232421875, doc="factor of the whole"),
    ),
    precision=CLOSE, doc="gamma · elu(x, alpha).",
)  # fmt: skip
CELU = elementwise(
    "celu", _celu, attributes=(_alpha(1.0, "scale of the exponential"),), precision=CLOSE,
    examples=unary(attributes={"alpha": 2.0}), doc="x, or alpha (e^(x / alpha) - 1) below zero.",
)  # fmt: skip
HARD_SIGMOID = elementwise(
    "hard_sigmoid", _hard_sigmoid,
    attributes=(_alpha(0.2, "slope"), AttributeSpec("beta", "float", 0.5, doc="value at 0")),
    precision=Bound(absolute=1), doc="alpha · x + beta, clipped to [0, 1].",
)  # fmt: skip
HARD_SWISH = elementwise(
    "hard_swish", _hard_swish, body=_hard_swish_body, precision=Bound(relative=1, absolute=2),
    doc="x · hard_sigmoid(x, 1/6, 1/2).",
)  # fmt: skip
SOFTPLUS = elementwise("softplus", _softplus, precision=CLOSE, doc="log(1 + e^x).")
SOFTSIGN = elementwise("softsign", _softsign, precision=CLOSE, doc="x / (1 + |x|).")
MISH = elementwise(
    "mish", _mish, body=_mish_body, precision=Bound(relative=4), doc="x · tanh(softplus(x))."
)
SILU = elementwise("silu", _silu, body=_silu_body, precision=CLOSE, doc="x · sigmoid(x).")
QUICK_GELU = elementwise(
    "quick_gelu", _quick_gelu, attributes=(_alpha(1.702, "factor inside the sigmoid"),),
    body=_quick_gelu_body, precision=Bound(relative=8), doc="x · sigmoid(alpha · x).",
)  # fmt: skip
GELU = elementwise(
    "gelu", _gelu, body=_gelu_body, precision=NEAR_ROOTS,
    attributes=(
        AttributeSpec("approximate", "str", "none", ("none", "tanh"), "erf itself, or by tanh"),
    ),
    examples=(*unary(), *unary(attributes={"approximate": "tanh"})),
    doc="x · Φ(x), Φ the normal distribution function.",
)  # fmt: skip

OPS: tuple[Op, ...] = (
    RELU, LEAKY_RELU, THRESHOLDED_RELU, PRELU, ELU, SELU, CELU, HARD_SIGMOID, HARD_SWISH, SOFTPLUS,
    SOFTSIGN, MISH, SILU, QUICK_GELU, GELU,
)  # fmt: skip
