# SPDX-License-Identifier: Apache-2.0
"""Resizing, by factors or to sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, FLOAT64, INT64, DType
from ingot.ir.graph import Value
from ingot.onnx.call import DATA_DEPENDENT, Call
from ingot.onnx.measure import sizes_of
from ingot.onnx.operator import Operator
from ingot.onnx.ops.arithmetic import converted
from ingot.onnx.ops.resampling import (
    Factor,
    Rules,
    common_factor,
    factors_of,
    nearest_product,
    product_of,
    resampled,
)

MODES = ("nearest", "linear", "cubic")
COORDINATES = (
    "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
    "tf_half_pixel_for_nn", "tf_crop_and_resize",
)  # fmt: skip
ROUNDINGS = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
POLICIES = ("stretch", "not_larger", "not_smaller")
FINEST = 4096


def _resize(call: Call) -> Value:
    axes = _axes(call)
    rules = _rules(call, axes)
    if _filled(call, 3):
        return _to_sizes(call, rules, axes)
    if _filled(call, 2):
        return _by_factors(call, rules, _spread(call, axes, _factors(call, 2)))
    raise call.error("it has neither scales nor sizes", "give one of them")


def _filled(call: Call, index: int) -> bool:
    """Whether an optional input is given and not empty, which means the same as not given."""
    return call.has(index) and call.shape(index) != (0,)


def _rules(call: Call, axes: Sequence[int]) -> Rules:
    coordinates = call.choice_attribute("coordinate_transformation_mode", "half_pixel", COORDINATES)
    mode = call.choice_attribute("mode", "nearest", MODES)
    antialias = call.bool_attribute("antialias")
    if antialias and mode == "nearest":
        call.fail("nearest elements are to be antialiased", "use linear or cubic")
    rules = Rules(
        mode=mode,
        coordinates=coordinates,
        rounding=call.choice_attribute("nearest_mode", "round_prefer_floor", ROUNDINGS),
        cubic=call.float_attribute("cubic_coeff_a", -0.75),
        exclude_outside=call.bool_attribute("exclude_outside"),
        antialias=antialias,
        extrapolation=call.float_attribute("extrapolation_value", 0.0),
    )
    if coordinates == "tf_half_pixel_for_nn":
        # Opset 11: (x + 0.5) / scale, without the half that half_pixel takes off again.
        return replace(rules, coordinates="half_pixel_unshifted")
    return _cropping(call, rules, axes) if coordinates == "tf_crop_and_resize" else rules


def _cropping(call: Call, rules: Rules, axes: Sequence[int]) -> Rules:
    """The region as a vector over all axes, and the axes of which it is a part."""
    if not _filled(call, 1):
        call.fail("it crops, but the region of interest (input 1) is missing", "give it")
    rank, count = call.rank(), len(axes)
    if call.rank(1) != 1:
        call.fail(f"the region of interest has rank {call.rank(1)}", "it must be a vector")
    call.require_equal(call.shape(1)[0], 2 * count, "entries of the region and ends of all axes")
    known = call.tensor(1).elements
    ends = None if known is None else known.reshape(-1).tolist()
    cropped = tuple(
        axis
        for place, axis in enumerate(axes)
        if ends is None or (ends[place], ends[count + place]) != (0.0, 1.0)
    )
    region = call[1]
    if tuple(axes) != tuple(range(rank)):
        whole = call.constant([0.0, 1.0], region.dtype)
        places = [axes.index(axis) if axis in axes else 2 * count for axis in range(rank)]
        lasts = [count + place if place < 2 * count else place + 1 for place in places]
        both = call.make("concat", region, whole, axis=0)
        region = call.make("gather", both, call.constant([*places, *lasts], INT64), axis=0)
    return replace(rules, coordinates="crop_and_resize", region=region, cropped=cropped)


def _axes(call: Call) -> tuple[int, ...]:
    every = tuple(range(call.rank()))
    return call.axes(call.ints_attribute("axes", every), call.rank())


def _factors(call: Call, index: int) -> Sequence[Factor]:
    """The factors, as far as they are known."""
    known = call.tensor(index).elements
    if known is None or not all(isinstance(n, int | float) for n in known.reshape(-1).tolist()):
        return factors_of(call, index)
    return call.numbers(index, "the scales")


def _spread(call: Call, axes: Sequence[int], factors: Sequence[Factor]) -> tuple[Factor, ...]:
    """A factor for every axis, 1 where none is given."""
    if len(factors) != len(axes):
        call.fail(f"{len(factors)} scales for {len(axes)} axes", "give one for each axis")
    given = dict(zip(axes, factors, strict=True))
    return tuple(given.get(axis, 1.0) for axis in range(call.rank()))


def _by_factors(call: Call, rules: Rules, factors: Sequence[Factor]) -> Value:
    known = [factor for factor in factors if not isinstance(factor, Value)]
    if len(factors) != call.rank() or not all(0 < f < math.inf for f in known):
        call.fail(f"scales {list(known)} do not fit", "give a positive one for each axis")
    if len(known) < len(factors):
        return _by_computed_factors(call, rules, factors)
    shape = [_scaled(call, size, f) for size, f in zip(call.shape(), known, strict=True)]
    return _resized(call, rules, shape, tuple(known))


def _by_computed_factors(call: Call, rules: Rules, factors: Sequence[Factor]) -> Value:
    steps: list[tuple[int, Dim, Value]] = []
    for axis, (size, factor) in enumerate(zip(call.shape(), factors, strict=True)):
        if isinstance(factor, Value):
            steps.append((axis, product_of(call, size, factor), factor))
        elif factor != 1.0:
            steps.append((axis, _scaled(call, size, factor), call.constant(np.float32(factor))))
    return _step_by_step(call, rules, steps)


def _step_by_step(call: Call, rules: Rules, steps: Sequence[tuple[int, Dim, Value]]) -> Value:
    """One axis after the other, to sizes and by factors that are known when the graph runs."""
    if rules.antialias or rules.region is not None:
        call.refuse(
            "it is antialiased or crops by a scale that is computed from data", DATA_DEPENDENT
        )
    x = converted(call, call[0], _computed_in(call, rules) or call.dtype())
    for axis, after, factor in steps:
        x = resampled(call, x, axis, after, factor, rules)
    if x.dtype != call.dtype() and not call.dtype().is_float:
        x = call.make("round", x)
    return call.result("cast", x, to=call.dtype())


def _scaled(call: Call, size: Dim, factor: float) -> Dim:
    """A size times a factor, rounded down, in float32 as everybody computes it.

    A factor that is no simple fraction is rounded when the graph runs.
    """
    if isinstance(size, int):
        return int(np.floor(np.float32(size) * np.float32(factor)))
    exact = Fraction(factor).limit_denominator(FINEST)
    if np.float32(float(exact)) == np.float32(factor):
        return size * exact.numerator // exact.denominator
    return product_of(call, size, call.constant(np.float32(factor)))


def _to_sizes(call: Call, rules: Rules, axes: Sequence[int]) -> Value:
    policy = call.choice_attribute("keep_aspect_ratio_policy", "stretch", POLICIES)
    sizes = sizes_of(call, 3, "the sizes")
    if len(sizes) != len(axes):
        call.fail(f"{len(sizes)} sizes for {len(axes)} axes", "give one for each axis")
    shape = list(call.shape())
    if policy == "stretch":
        for axis, size in zip(axes, sizes, strict=True):
            shape[axis] = size
        return _resized(call, rules, shape, ())
    return _by_one_factor(call, rules, dict(zip(axes, sizes, strict=True)), policy == "not_smaller")


def _by_one_factor(call: Call, rules: Rules, wanted: Mapping[int, Dim], largest: bool) -> Value:
    """Towards the wanted sizes of some axes, all of them by one factor."""
    shape, factors = list(call.shape()), [1.0] * call.rank()
    pairs = [(size, shape[axis]) for axis, size in wanted.items()]
    known = [(a, b) for a, b in pairs if isinstance(a, int) and isinstance(b, int)]
    if len(known) < len(pairs):
        factor = common_factor(call, pairs, largest)
        steps = [(axis, nearest_product(call, shape[axis], factor), factor) for axis in wanted]
        return _step_by_step(call, rules, steps)
    ratios = [Fraction(size, before or 1) for size, before in known]
    ratio = max(ratios) if largest else min(ratios)
    for axis, (_, before) in zip(wanted, known, strict=True):
        shape[axis] = math.floor(ratio * before + Fraction(1, 2))
        factors[axis] = float(ratio)
    return _resized(call, rules, shape, tuple(factors))


def _resized(call: Call, rules: Rules, shape: Sequence[Dim], factors: tuple[float, ...]) -> Value:
    kept = tuple(shape) == call.shape() and all(factor == 1.0 for factor in factors)
    if kept and not rules.cropped:
        return call[0]
    exact = _computed_in(call, rules)
    many = rules.mode != "nearest" and len(_changed(call[0], rules, shape, factors)) > 1
    if exact is None and not many:
        return call.result("resize", call[0], rules.region, **_target(rules, shape, factors))
    x = call[0] if exact is None else call.make("cast", call[0], to=exact)
    if many:
        x = _one_by_one(call, x, rules, shape, factors)
    else:
        x = call.make("resize", x, rules.region, **_target(rules, shape, factors))
    if not call.dtype().is_float:
        x = call.make("round", x)
    if x.dtype == call.dtype():
        return call.result("identity", x)
    return call.result("cast", x, to=call.dtype())


def _target(rules: Rules, shape: Sequence[Dim], factors: tuple[float, ...]) -> dict[str, Any]:
    return {"shape": tuple(shape), "scales": factors, **rules.attributes}


def _computed_in(call: Call, rules: Rules) -> DType | None:
    """The type that elements are weighed in where it is not their own: integers are rounded."""
    dtype = call.dtype()
    if rules.mode == "nearest" or dtype in (FLOAT32, FLOAT64):
        return None
    if dtype.is_float:
        return FLOAT32
    return FLOAT32 if dtype.bits <= 16 else FLOAT64


def _changed(x: Value, rules: Rules, shape: Sequence[Dim], factors: Sequence[float]) -> list[int]:
    """The axes on which elements move."""
    return [
        axis
        for axis, size in enumerate(shape)
        if size != x.shape[axis] or axis in rules.cropped or (factors and factors[axis] != 1.0)
    ]


def _one_by_one(
    call: Call, x: Value, rules: Rules, shape: Sequence[Dim], factors: tuple[float, ...]
) -> Value:
    """One axis after the other: filters cost the sum of their lengths, not the product."""
    for axis in _changed(x, rules, shape, factors):
        step = [*x.shape[:axis], shape[axis], *x.shape[axis + 1 :]]
        scales = tuple(factor if k == axis else 1.0 for k, factor in enumerate(factors))
        alone = replace(rules, cropped=(axis,) if axis in rules.cropped else ())
        x = call.make("resize", x, rules.region, **_target(alone, step, scales))
    return x


def _resize_by_scales(call: Call) -> Value:
    """Opset 10, and Upsample: corners aligned at zero, positions rounded down."""
    mode = call.choice_attribute("mode", "nearest", ("nearest", "linear", "bilinear"))
    factors = call.floats_attribute("scales") if call.given("scales") else _factors(call, 1)
    return _by_factors(call, Rules(mode.removeprefix("bi")), factors)


OPERATORS = (
    Operator("Resize", _resize_by_scales, since=10),
    Operator(
        "Resize",
        _resize,
        since=11,
        ignores=("keep_aspect_ratio_policy",),
    ),
    Operator("Upsample", _resize_by_scales),
)
