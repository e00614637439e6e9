# SPDX-License-Identifier: Apache-2.0
"""Lifts of activations: GELU, SiLU, HardSwish and kin, from the smaller ops that exporters write.

Where the op's own body is what exporters write, the rule is the body read backwards; otherwise the
spellings are listed.
"""

from __future__ import annotations

import math
from typing import Any, Final

from ingot.ir.pattern import either, op
from ingot.ir.rewrite import Rule, inverse, rule
from ingot.ops.activation import MISH, QUICK_GELU, SILU
from ingot.ops.op import Op

SQRT_TWO: Final = math.sqrt(2)
SQRT_TWO_OVER_PI: Final = math.sqrt(2 / math.pi)
CUBIC: Final = 0.044715


def _half_product(x: Any, factor: Any) -> Any:
    """The three ways to write x · factor / 2."""
    return either(
        op.mul(x, op.mul(factor, 0.5)),
        op.mul(op.mul(x, factor), 0.5),
        op.mul(op.mul(x, 0.5), factor),
        op.div(op.mul(x, factor), 2),
    )


def _gelu_erf(x: Any) -> Any:
    scaled = either(op.div(x, SQRT_TWO), op.mul(x, 1 / SQRT_TWO))
    return _half_product(x, op.erf(scaled) + 1)


def _gelu_tanh(x: Any) -> Any:
    square = op.mul(x, x)
    cube = either(op.mul(square, x), op.pow(x, 3))
    inner = either(
        (x + cube * CUBIC) * SQRT_TWO_OVER_PI,
        x * SQRT_TWO_OVER_PI * (square * CUBIC + 1),
        x * (square * CUBIC + 1) * SQRT_TWO_OVER_PI,
        x * (square * (CUBIC * SQRT_TWO_OVER_PI) + SQRT_TWO_OVER_PI),
    )
    return _half_product(x, op.tanh(inner) + 1)


def _hard_gate(x: Any) -> Any:
    """clip(x + 3, 0, 6): hard_sigmoid times six."""
    return op.clip(x + 3, lo=0, hi=6)


def _backwards(entry: Op, *attributes: str) -> Rule:
    assert entry.body is not None
    return inverse(entry.name, entry.body, [spec.name for spec in entry.inputs], attributes)


RULES: Final = (
    rule("lift_sigmoid",
         lambda x: op.reciprocal(op.exp(-x) + 1), lambda x: op.div(1, op.exp(-x) + 1),
         replacement=lambda x: op.sigmoid(x)),
    rule("lift_softplus", lambda x: op.log(op.exp(x) + 1), replacement=lambda x: op.softplus(x)),
    rule("lift_gelu_erf", _gelu_erf, replacement=lambda x: op.gelu(x, approximate="none")),
    rule("lift_gelu_tanh", _gelu_tanh, replacement=lambda x: op.gelu(x, approximate="tanh")),
    _backwards(SILU),
    _backwards(QUICK_GELU, "alpha"),
    _backwards(MISH),
    rule("lift_hard_sigmoid",
         lambda x: op.div(_hard_gate(x), 6), lambda x: op.mul(_hard_gate(x), 1 / 6),
         replacement=lambda x: op.hard_sigmoid(x, alpha=1 / 6, beta=0.5)),
    rule("lift_hard_swish",
         lambda x: op.mul(x, op.hard_sigmoid(x, alpha=1 / 6, beta=0.5)),
         lambda x: op.div(op.mul(x, _hard_gate(x)), 6),
         lambda x: op.mul(op.mul(x, _hard_gate(x)), 1 / 6),
         replacement=lambda x: op.hard_swish(x)),
)  # fmt: skip
