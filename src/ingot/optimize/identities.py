# SPDX-License-Identifier: Apache-2.0
"""Canonical forms: arithmetic that does nothing goes, and what can be said two ways is said one.

Rules that come later in the pipeline need to know only the canonical form.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from ingot.dtypes import BOOL, DType
from ingot.ir.graph import Node, Value
from ingot.ir.match import uniform
from ingot.ir.pattern import Term, apply, op
from ingot.ir.rewrite import Rule, Site, node_rule, rule

Operator = Callable[[Any, Any], Any]


def _lossless(x: Value, wide: DType) -> str | None:
    """Whether every element of `x` is represented exactly in the type `wide`."""
    narrow = x.dtype
    if narrow in (wide, BOOL):
        return None
    if narrow.is_float and wide.is_float and wide.bits >= 32 and wide.bits > narrow.bits:
        return None
    if narrow.is_integer and wide.is_integer and wide.bits > narrow.bits:
        return None if wide.is_signed or not narrow.is_signed else "a sign would be lost"
    return f"{wide.name} does not hold every {narrow.name}"


def _clip_bounds(site: Site, node: Node) -> Term | str | None:
    """maximum and minimum with a number are a clip, the form that activations are found in."""
    for x, bound in (node.inputs, node.inputs[::-1]):
        number = uniform(site.editor.constant(bound))
        if number is None or x is None:
            continue
        if math.isnan(number):
            return "the bound is NaN"
        key = "lo" if node.op == "maximum" else "hi"
        return apply("clip", x, **{key: number})
    return None


def _merge_clips(site: Site, node: Node) -> Term | str | None:
    """clip(clip(x)) is one clip where the upper bound that wins stays the one that wins."""
    inner = site.producer(node.inputs[0])
    if inner is None or inner.op != "clip":
        return None
    lows = [lo for lo in (_bound(inner, "lo"), _bound(node, "lo")) if lo is not None]
    highs = [hi for hi in (_bound(inner, "hi"), _bound(node, "hi")) if hi is not None]
    if lows and highs and max(lows) > min(highs):
        return "the bounds cross"
    site.absorb(inner)
    lo, hi = max(lows, default=None), min(highs, default=None)
    return apply("clip", inner.inputs[0], lo=lo, hi=hi)


def _clip_to_relu(site: Site, node: Node) -> Term | None:
    """clip at 0 from below only is relu; a clip without bounds is nothing."""
    lo, hi = _bound(node, "lo"), _bound(node, "hi")
    if hi is None and lo is None:
        return apply("identity", node.inputs[0])
    if hi is None and lo == 0:
        return apply("relu", node.inputs[0])
    if (lo, hi) != (node.attributes["lo"], node.attributes["hi"]):
        return apply("clip", node.inputs[0], lo=lo, hi=hi)
    return None


def _bound(node: Node, key: str) -> float | None:
    """A clip's bound; None where there is none, or an infinite one on its own side."""
    bound = node.attributes[key]
    if bound is None or bound == (-math.inf if key == "lo" else math.inf):
        return None
    assert isinstance(bound, int | float)
    return bound


def _relu_then_clip(site: Site, node: Node) -> Term | None:
    """clip(relu(x)) is a clip from 0."""
    inner = site.producer(node.inputs[0])
    if inner is None or inner.op != "relu":
        return None
    lo, hi = _bound(node, "lo"), _bound(node, "hi")
    if hi is not None and hi < 0:
        return None
    site.absorb(inner)
    return apply("clip", inner.inputs[0], lo=max(lo or 0.0, 0.0), hi=hi)


def _constant_choice(site: Site, node: Node) -> Value | None:
    """where with a constant condition takes one side, if that side has the whole shape."""
    taken = uniform(site.editor.constant(node.inputs[0]))
    if taken is None:
        return None
    side = node.inputs[1] if taken else node.inputs[2]
    return side if side is not None and side.type == node.output.type else None


def _neutral(name: str, operation: Operator, neutral: float, numbers_only: bool = False) -> Rule:
    return rule(
        name, lambda x: operation(x, neutral), replacement=lambda x: x, numbers_only=numbers_only
    )


NEUTRAL: Final = (
    _neutral("add_zero", lambda x, c: x + c, 0, numbers_only=True),  # -0.0 + 0.0 is 0.0
    _neutral("subtract_zero", lambda x, c: x - c, 0),
    _neutral("multiply_by_one", lambda x, c: x * c, 1),
    _neutral("divide_by_one", lambda x, c: x / c, 1),
    _neutral("power_of_one", op.pow, 1),
    _neutral("and_true", op.logical_and, True),
    _neutral("or_false", op.logical_or, False),
    rule("identity", lambda x: op.identity(x), replacement=lambda x: x),
    rule("not_not", lambda x: op.logical_not(op.logical_not(x)), replacement=lambda x: x),
    rule("negate_twice", lambda x: op.neg(op.neg(x)), replacement=lambda x: x, shared=True),
    rule("choose_same", lambda c, x: op.where(c, x, x), replacement=lambda x: x),
    node_rule("choose_constant", "where", _constant_choice),
)

CASTS: Final = (
    rule(
        "cast_to_same", lambda x, to: op.cast(x, to=to), replacement=lambda x: x,
        where=lambda x, to: None if x.dtype == to else "the element types differ",
    ),
    rule(
        "cast_twice",
        lambda x, wide, to: op.cast(op.cast(x, to=wide), to=to),
        replacement=lambda x, to: op.cast(x, to=to),
        where=_lossless, shared=True,
    ),
)  # fmt: skip

POWERS: Final = (
    rule("square", lambda x: op.pow(x, 2), replacement=lambda x: op.mul(x, x)),
    rule("cube", lambda x: op.pow(x, 3), replacement=lambda x: op.mul(op.mul(x, x), x)),
    rule("inverse_power", lambda x: op.pow(x, -1), replacement=lambda x: op.reciprocal(x)),
    rule("root", lambda x: op.pow(x, 0.5), replacement=lambda x: op.sqrt(x), numbers_only=True),
    rule(
        "inverse_root_power",
        lambda x: op.pow(x, -0.5),
        replacement=lambda x: op.rsqrt(x),
        numbers_only=True,
    ),
    rule(
        "inverse_root",
        lambda x: op.reciprocal(op.sqrt(x)),
        lambda x: op.div(1, op.sqrt(x)),
        replacement=lambda x: op.rsqrt(x),
    ),
    rule("negate", lambda x: x * -1, replacement=lambda x: op.neg(x)),
    rule(
        "negate_difference",
        lambda x: op.sub(0, x),
        replacement=lambda x: op.neg(x),
        numbers_only=True,
    ),
    rule("invert", lambda x: op.div(1, x), replacement=lambda x: op.reciprocal(x)),
)

CLIPS: Final = (
    node_rule("bound_by_number", ("maximum", "minimum"), _clip_bounds),
    node_rule("clip_twice", "clip", _merge_clips),
    node_rule("clip_at_zero", "clip", _clip_to_relu),
    node_rule("clip_after_relu", "clip", _relu_then_clip),
    rule("relu_twice", lambda x: op.relu(op.relu(x)), replacement=lambda x: op.relu(x)),
)

RULES: Final = (*NEUTRAL, *CASTS, *POWERS, *CLIPS)
