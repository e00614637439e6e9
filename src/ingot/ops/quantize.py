# SPDX-License-Identifier: Apache-2.0
"""Between real numbers and the few that a narrow type can hold.

A quantized element q stands for (q - zero) · scale. Scales and zero points broadcast, so one per
tensor, channel or block is a matter of their shapes. Zero points shift integers only: the narrow
floats have none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from ingot.dtypes import (
    FLOAT4_E2M1FN,
    FLOAT8_E4M3FN,
    FLOAT8_E4M3FNUZ,
    FLOAT8_E5M2,
    FLOAT8_E5M2FNUZ,
    FLOAT8_E8M0FNU,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT2,
    INT4,
    INT8,
    INT16,
    INT32,
    UINT2,
    UINT4,
    UINT8,
    UINT16,
    DType,
    from_numpy,
)
from ingot.ir.graph import Array
from ingot.kernel import expr
from ingot.kernel.expr import Expr, Load
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.op import AttributeSpec, InputSpec, Op
from ingot.ops.pointwise import elementwise, evaluate_scalar

INTEGER_LEVELS: Final = (INT8, UINT8, INT16, UINT16, INT4, UINT4, INT2, UINT2)
# The greatest finite value of the floats that are quantized to.
LARGEST: Final = {
    FLOAT8_E4M3FN: 448.0,
    FLOAT8_E4M3FNUZ: 240.0,
    FLOAT8_E5M2: 57344.0,
    FLOAT8_E5M2FNUZ: 57344.0,
    FLOAT4_E2M1FN: 6.0,
}
LEVELS: Final = (*INTEGER_LEVELS, *LARGEST)
SCALES: Final = (*REALS, FLOAT8_E8M0FNU)
CODES: Final = (*LEVELS, INT32)


def _wide(*dtypes: DType) -> DType:
    """The float type that holds values of all these types without loss."""
    return FLOAT64 if FLOAT64 in dtypes or INT32 in dtypes else FLOAT32


def _quantize(x: Expr, scale: Expr, zero: Expr | None, *, to: DType, saturate: bool) -> Expr:
    wide = _wide(x.dtype, scale.dtype)
    return _coded(expr.cast(x, wide) / expr.cast(scale, wide), zero, to, saturate)


def _coded(ratio: Expr, zero: Expr | None, to: DType, saturate: bool) -> Expr:
    if to.is_float:
        return expr.cast(_within(ratio, LARGEST[to]) if saturate else ratio, to)
    level = expr.round_even(ratio)
    return expr.cast(level if zero is None else level + expr.cast(zero, ratio.dtype), to)


def _evaluate(x: Array, scale: Array, zero: Array | None, *, to: DType, saturate: bool) -> Array:
    """The ratio is rounded to the wide type, so that ties are the same ones on every target."""
    wide = _wide(from_numpy(x.dtype), from_numpy(scale.dtype))
    with np.errstate(all="ignore"):
        ratio = np.asarray(x.astype(wide.numpy) / scale.astype(wide.numpy))
    point = None if zero is None else Load(1, (), from_numpy(zero.dtype))
    code = _coded(Load(0, (), wide), point, to, saturate)
    return evaluate_scalar(code, [ratio] if zero is None else [ratio, zero])


def _within(value: Expr, most: float) -> Expr:
    return expr.minimum(expr.maximum(value, -most), most)


def _dequantize(x: Expr, scale: Expr, zero: Expr | None, *, to: DType) -> Expr:
    wide = _wide(x.dtype, scale.dtype, to)
    level = expr.cast(x, wide)
    if zero is not None and not x.dtype.is_float:
        level = level - expr.cast(zero, wide)
    return expr.cast(level * expr.cast(scale, wide), to)


def _examples(
    inputs: tuple[Sample, ...], only: tuple[DType, ...] = (), **attributes: object
) -> tuple[Example, ...]:
    """The tensor as a whole, by channel, by block, and of sizes 0, 1 and open."""
    shapes: tuple[tuple[tuple[object, ...], tuple[int, ...]], ...] = (
        ((3, 37), ()), ((2, 5, 7), (5, 1)), ((4, 3, 8), (4, 3, 1)), ((), ()), ((0, 4), (4,)),
        ((BATCH, 6), ()), ((1,), (1,)),
    )  # fmt: skip
    first, *others = inputs
    return tuple(
        Example(
            (
                Sample(shape, first.dtype, first.low, first.high),  # type: ignore[arg-type]
                *(Sample(part, s.dtype, s.low, s.high, s.least) for s in others),
            ),
            attributes,
            {"batch": 3} if BATCH in shape else {},
            only,
        )
        for shape, part in shapes
    )


def _quantized_examples() -> tuple[Example, ...]:
    real, scale = Sample((), None, -30, 30), Sample((), FLOAT32, 0.05, 0.9)
    plain = tuple(
        example
        for to in LEVELS
        for example in _examples((real, scale), (FLOAT32,), to=to)[: None if to == INT8 else 2]
    )
    shifted = _examples((real, scale, Sample((), UINT8, 0, 200)), to=UINT8)
    open_ended = _examples((real, scale), (FLOAT32,), to=FLOAT8_E5M2, saturate=False)[:1]
    return (*plain, *shifted, *open_ended)


def _dequantized_examples() -> tuple[Example, ...]:
    code = Sample((), None, -90, 90)
    plain = _examples((code, Sample((), FLOAT32, 0.01, 3)), to=FLOAT32)
    narrow = _examples((code, Sample((), FLOAT16, 0.01, 3)), to=FLOAT16)[:2]
    powers = _examples((code, Sample((), FLOAT8_E8M0FNU, 0.25, 4)), (INT8,), to=FLOAT32)[:2]
    return (*plain, *narrow, *powers)


QUANTIZE: Final = replace(
    elementwise(
        "quantize",
        _quantize,
        inputs=(
            InputSpec("x", (*REALS, INT32)),
            InputSpec("scale", SCALES, "S"),
            InputSpec("zero", LEVELS, "Q", optional=True),
        ),
        attributes=(
            AttributeSpec(
                "to", "dtype", choices=LEVELS, doc="element type of the result, and of zero"
            ),
            AttributeSpec(
                "saturate", "bool", True, doc="floats: too large gives the largest value"
            ),
        ),
        examples=_quantized_examples(),
        precision=Bound(relative=1, absolute=1),
        doc="x / scale as the nearest value of the type; integers then add zero and saturate.",
    ),
    evaluate_rule=_evaluate,
)

DEQUANTIZE: Final = elementwise(
    "dequantize",
    _dequantize,
    inputs=(
        InputSpec("x", CODES),
        InputSpec("scale", SCALES, "S"),
        InputSpec("zero", CODES, optional=True),
    ),
    attributes=(AttributeSpec("to", "dtype", FLOAT32, REALS, doc="element type of the result"),),
    examples=_dequantized_examples(),
    doc="(x - zero) · scale, rounded once; floats have no zero.",
)

OPS: tuple[Op, ...] = (QUANTIZE, DEQUANTIZE)
