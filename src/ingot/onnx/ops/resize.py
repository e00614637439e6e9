# SPDX-License-Identifier: Apache-2.0
"""Resizing, by factors or to sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ingot.dims import Dim
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator

MODES = ("nearest", "linear", "cubic")
COORDINATES = (
    "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
)  # fmt: skip
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
POLICIES = ("stretch", "not_larger", "not_smaller")
FINEST = 4096


@dataclass(frozen=True)
class Rules:
    """How result positions map to elements."""

    mode: str
    coordinates: str = "asymmetric"
    rounding: str = "floor"
    cubic: float = -0.75
    exclude_outside: bool = False


def _resize(call: Call) -> Value:
    rules = _rules(call)
    axes = _axes(call)
    if _filled(call, 3):
        return _to_sizes(call, rules, axes, call.sizes(3, "the sizes"))
    if _filled(call, 2):
        return _by_factors(call, rules, _spread(call, axes, call.numbers(2, "the scales")))
    raise call.error("it has neither scales nor sizes", "give one of them")


def _filled(call: Call, index: int) -> bool:
    """Whether an optional input is given and not empty, which means the same as not given."""
    return call.has(index) and call.shape(index) != (0,)


def _rules(call: Call) -> Rules:
    coordinates = call.text_attribute("coordinate_transformation_mode", "half_pixel")
    if coordinates not in COORDINATES:
        call.refuse(f"coordinates by '{coordinates}' are not supported")
    if call.bool_attribute("antialias"):
        call.refuse("antialiasing is not supported", "export without it")
    return Rules(
        mode=call.choice_attribute("mode", "nearest", MODES),
        coordinates=coordinates,
        rounding=call.choice_attribute("nearest_mode", "round_prefer_floor", ROUNDINGS),
        cubic=call.float_attribute("cubic_coeff_a", -0.75),
        exclude_outside=call.bool_attribute("exclude_outside"),
    )


def _axes(call: Call) -> tuple[int, ...]:
    every = tuple(range(call.rank()))
    return call.axes(call.ints_attribute("axes", every), call.rank())


def _spread(call: Call, axes: Sequence[int], factors: Sequence[float]) -> tuple[float, ...]:
    """A factor for every axis, 1 where none is given."""
    if len(factors) != len(axes):
        call.fail(f"{len(factors)} scales for {len(axes)} axes", "give one for each axis")
    given = dict(zip(axes, factors, strict=True))
    return tuple(given.get(axis, 1.0) for axis in range(call.rank()))


def _by_factors(call: Call, rules: Rules, factors: Sequence[float]) -> Value:
    if len(factors) != call.rank() or not all(0 < f < math.inf for f in factors):
        call.fail(f"scales {list(factors)} do not fit", "give a positive one for each axis")
    shape = [_scaled(call, size, f) for size, f in zip(call.shape(), factors, strict=True)]
    return _resized(call, rules, shape, tuple(factors))


def _scaled(call: Call, size: Dim, factor: float) -> Dim:
    """A size times a factor, rounded down, in float32 as everybody computes it."""
    if isinstance(size, int):
        return int(np.floor(np.float32(size) * np.float32(factor)))
    exact = Fraction(factor)
    if exact.denominator > FINEST:
        call.refuse(f"size {size} times {factor} is no exact function of input sizes")
    return size * exact.numerator // exact.denominator


def _to_sizes(call: Call, rules: Rules, axes: Sequence[int], sizes: Sequence[Dim]) -> Value:
    if len(sizes) != len(axes):
        call.fail(f"{len(sizes)} sizes for {len(axes)} axes", "give one for each axis")
    policy = call.choice_attribute("keep_aspect_ratio_policy", "stretch", POLICIES)
    shape = list(call.shape())
    if policy == "stretch":
        for axis, size in zip(axes, sizes, strict=True):
            shape[axis] = size
        return _resized(call, rules, shape, ())
    ratios = [
        Fraction(call.integer(size, "a size"), call.integer(shape[axis], "a size") or 1)
        for axis, size in zip(axes, sizes, strict=True)
    ]
    ratio = min(ratios) if policy == "not_larger" else max(ratios)
    factors = [1.0] * len(shape)
    for axis in axes:
        shape[axis] = math.floor(ratio * call.integer(shape[axis], "a size") + Fraction(1, 2))
        factors[axis] = float(ratio)
    return _resized(call, rules, shape, tuple(factors))


def _resized(call: Call, rules: Rules, shape: Sequence[Dim], factors: tuple[float, ...]) -> Value:
    if tuple(shape) == call.shape() and all(factor == 1.0 for factor in factors):
        return call[0]
    if rules.mode != "nearest" and not call.dtype().is_float:
        call.refuse(f"{rules.mode} resizing of {call.dtype()} is not supported", "cast to float")
    return call.result(
        "resize",
        call[0],
        shape=tuple(shape),
        scales=factors,
        mode=rules.mode,
        coordinates=rules.coordinates,
        rounding=rules.rounding,
        cubic=rules.cubic,
        exclude_outside=rules.exclude_outside,
    )


def _resize_by_scales(call: Call) -> Value:
    """Opset 10, and Upsample: corners aligned at zero, positions rounded down."""
    mode = call.choice_attribute("mode", "nearest", ("nearest", "linear", "bilinear"))
    factors = (
        call.floats_attribute("scales") if call.given("scales") else call.numbers(1, "the scales")
    )
    return _by_factors(call, Rules(mode.removeprefix("bi")), factors)


OPERATORS = (
    Operator("Resize", _resize_by_scales, since=10),
    Operator(
        "Resize",
        _resize,
        since=11,
        ignores=("extrapolation_value", "keep_aspect_ratio_policy"),
    ),
    Operator("Upsample", _resize_by_scales),
)
