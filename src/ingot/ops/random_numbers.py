# SPDX-License-Identifier: Apache-2.0
"""Random numbers by position: element i of stream `seed` is a function of both, on every target.

The generator is Philox-4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as
1, 2, 3", 2011): the counter is the element's number, the key the seed. A node gives the same
numbers at every run, however many workers share it.
"""

from __future__ import annotations

import math
from typing import Final

from ingot.dims import Dim
from ingot.dtypes import BFLOAT16, FLOAT16, FLOAT32, FLOAT64, INT64, UINT32, UINT64, DType
from ingot.ir.graph import TensorType
from ingot.kernel.nodes import Const, Expr, apply, bits, cast
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Bound, Example
from ingot.ops.indexed import meaning
from ingot.ops.op import AttributeSpec, Index, Op
from ingot.ops.read import extent, zero
from ingot.ops.require import Require

_ROUNDS: Final = 10
_MULTIPLIERS: Final = (0xD2511F53, 0xCD9E8D57)
_KEY_STEPS: Final = (0x9E3779B9, 0xBB67AE85)
_WORD: Final = 1 << 32
_MASK: Final = _WORD - 1

_ATTRIBUTES: Final = (
    AttributeSpec("shape", "dims", doc="sizes of the result"),
    AttributeSpec("dtype", "dtype", doc="element type, a float"),
    AttributeSpec("seed", "int", 0, doc="which stream of numbers"),
)


def philox(counter: Expr, seed: int) -> tuple[Expr, Expr]:
    """The first two of the four random words (UINT32) for an INT64 counter."""
    place = bits(counter, UINT64)
    words = [_low(place), _high(place), Const(0, UINT32), Const(0, UINT32)]
    keys = [seed & _MASK, seed >> 32 & _MASK]
    for _ in range(_ROUNDS):
        first = cast(words[0], UINT64) * Const(_MULTIPLIERS[0], UINT64)
        second = cast(words[2], UINT64) * Const(_MULTIPLIERS[1], UINT64)
        words = [
            _mixed(_high(second), words[1], keys[0]), _low(second),
            _mixed(_high(first), words[3], keys[1]), _low(first),
        ]  # fmt: skip
        keys = [(key + step) & _MASK for key, step in zip(keys, _KEY_STEPS, strict=True)]
    return words[0], words[1]


def _low(value: Expr) -> Expr:
    return cast(value, UINT32)


def _high(value: Expr) -> Expr:
    return cast(apply("shift_right", value, 32), UINT32)


def _mixed(a: Expr, b: Expr, key: int) -> Expr:
    return apply("bitwise_xor", apply("bitwise_xor", a, b), Const(key, UINT32))


def _fraction_bits(dtype: DType) -> int:
    """How many random bits a number in [0, 1) has: all of them fit the type."""
    return {FLOAT64: 53, FLOAT16: 11, BFLOAT16: 8}.get(dtype, 24)


def _whole(words: tuple[Expr, Expr], count: int) -> Expr:
    """A random integer of `count` bits."""
    high = apply("shift_right", cast(words[0], UINT64), 32 - min(count, 32))
    if count <= 32:
        return high
    low = apply("shift_right", cast(words[1], UINT64), 64 - count)
    return high * Const(1 << (count - 32), UINT64) + low


def _number(index: Index, shape: tuple[Dim, ...]) -> Expr:
    """The number of an element, counted row by row."""
    flat = zero()
    for position, size in zip(index, shape, strict=True):
        flat = flat * extent(size) + position
    return flat


def _unit(words: tuple[Expr, Expr], dtype: DType, kind: DType, *, above: int = 0) -> Expr:
    """A number in [0, 1), or with `above` 1 in (0, 1], of as many bits as `dtype` holds."""
    count = _fraction_bits(dtype)
    drawn = cast(bits(_whole(words, count), INT64) + Const(above, INT64), kind)
    return drawn * Const(2.0**-count, kind)


def _infer(require: Require, *, shape: tuple[Dim, ...], dtype: DType, **rest: float) -> TensorType:
    del rest
    require.that(dtype in REALS, f"random numbers are floats, not {dtype}")
    return TensorType(dtype, shape)


# --- uniform


def _lower_uniform(
    index: Index, *, shape: tuple[Dim, ...], dtype: DType, seed: int, low: float, high: float
) -> Expr:
    unit = _unit(philox(_number(index, shape), seed), dtype, dtype)
    return unit * Const(high - low, dtype) + Const(low, dtype)


UNIFORM = Op(
    name="random_uniform", kind="index", inputs=(),
    attributes=(
        *_ATTRIBUTES,
        AttributeSpec("low", "float", 0.0, doc="the least number"),
        AttributeSpec("high", "float", 1.0, doc="what every number is below, but for rounding"),
    ),
    infer_rule=_infer, lower_rule=_lower_uniform,
    evaluate_rule=meaning("random_uniform", _infer, _lower_uniform),
    doc="Random numbers, equally likely between two bounds.", precision=Bound(relative=1, norm=1),
    examples=tuple(
        Example((), {"shape": shape, "dtype": dtype, "seed": seed, "low": low, "high": high},
                {"batch": 3})
        for shape, seed, low, high in (
            ((3, 70), 7, -2.0, 5.0), ((), -1, 0.0, 1.0), ((1, 2), 1 << 40, 0.0, 1.0),
            ((2, 0), 3, 0.0, 1.0), ((BATCH, 5), 5, 0.0, 1.0),
        )
        for dtype in REALS
    ),
)  # fmt: skip


# --- normal


def _lower_normal(
    index: Index, *, shape: tuple[Dim, ...], dtype: DType, seed: int, mean: float, scale: float
) -> Expr:
    """Box and Muller: a random radius and a random angle, from two counters."""
    kind = FLOAT64 if dtype == FLOAT64 else FLOAT32
    number = _number(index, shape) * 2
    first = _unit(philox(number, seed), kind, kind, above=1)
    second = _unit(philox(number + 1, seed), kind, kind)
    radius = apply("sqrt", apply("log", first) * -2.0)
    normal = radius * apply("cos", second * (2 * math.pi))
    return cast(normal * scale + mean, dtype)


NORMAL = Op(
    name="random_normal", kind="index", inputs=(),
    attributes=(
        *_ATTRIBUTES,
        AttributeSpec("mean", "float", 0.0, doc="the mean"),
        AttributeSpec("scale", "float", 1.0, doc="the standard deviation"),
    ),
    infer_rule=_infer, lower_rule=_lower_normal,
    evaluate_rule=meaning("random_normal", _infer, _lower_normal),
    doc="Random numbers from a normal distribution.",
    precision=Bound(relative=16, absolute=64, norm=16),
    examples=tuple(
        Example((), {"shape": shape, "dtype": dtype, "seed": seed, "mean": mean, "scale": scale},
                {"batch": 3})
        for shape, seed, mean, scale in (
            ((3, 70), 7, -2.0, 5.0), ((), -1, 0.0, 1.0), ((1, 2), 1 << 40, 0.0, 0.5),
            ((2, 0), 3, 0.0, 1.0), ((BATCH, 5), 5, 0.0, 1.0),
        )
        for dtype in REALS
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (UNIFORM, NORMAL)
