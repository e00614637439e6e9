# SPDX-License-Identifier: Apache-2.0
"""Products of 8-bit integers, summed in int32: the matrix product and the convolution.

Each factor may have a zero point, one for the tensor, that is taken off first; it may be signed or
not, the two need not agree. Padding is where a factor equals its zero point. Sums wrap.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ingot.dtypes import INT8, INT32, UINT8
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Expr
from ingot.ops.conv import CONV, GROUP
from ingot.ops.domains import BATCH
from ingot.ops.example import Example, Sample
from ingot.ops.matmul import MATMUL
from ingot.ops.op import Index, InputSpec, Op
from ingot.ops.read import Read, zero
from ingot.ops.require import Require, Shape
from ingot.ops.window import DILATIONS, PADS, STRIDES

BYTES = (INT8, UINT8)


def _inputs(left: str, right: str) -> tuple[InputSpec, ...]:
    return (
        InputSpec(left, BYTES),
        InputSpec(right, BYTES, "R"),
        InputSpec(f"{left}_zero", BYTES, optional=True),
        InputSpec(f"{right}_zero", BYTES, "R", optional=True),
    )


def _check(require: Require, *points: TensorType | None) -> None:
    for point in points:
        if point is not None:
            require.that(
                all(size == 1 for size in point.shape),
                f"a zero point has shape {point.shape}, it must be one number",
                "take zero points of rows or columns off before",
            )


def _centred(x: Array, point: Array | None) -> Array:
    wide = x.astype(np.int64)
    return wide if point is None else wide - int(point.reshape(-1)[0])


def _shifted(x: Read, point: Read | None) -> Read:
    """`x` less its zero point, in int32."""

    def at(index: Index) -> Expr:
        value = expr.cast(x(*index), INT32)
        if point is None:
            return value
        return value - expr.cast(point(*[zero()] * point.rank), INT32)

    return Read(x.shape, INT32, at)


def _wide(type_: TensorType) -> TensorType:
    return TensorType(INT32, type_.shape)


def _infer_matmul(
    require: Require, a: TensorType, b: TensorType,
    a_zero: TensorType | None, b_zero: TensorType | None,
) -> TensorType:  # fmt: skip
    _check(require, a_zero, b_zero)
    found = MATMUL.infer_rule(require, _wide(a), _wide(b))
    assert isinstance(found, TensorType)
    return found


def _evaluate_matmul(a: Array, b: Array, a_zero: Array | None, b_zero: Array | None) -> Array:
    assert MATMUL.evaluate_rule is not None
    found = MATMUL.evaluate_rule(_centred(a, a_zero), _centred(b, b_zero))
    return np.asarray(found).astype(np.int32)


def _lower_matmul(index: Index, a: Read, b: Read, a_zero: Read | None, b_zero: Read | None) -> Expr:
    assert MATMUL.lower_rule is not None
    found = MATMUL.lower_rule(index, _shifted(a, a_zero), _shifted(b, b_zero))
    assert isinstance(found, Expr)
    return found


def _present(*samples: Sample | None) -> tuple[Sample | None, ...]:
    """The samples without those at the end that are absent."""
    count = max(number for number, sample in enumerate(samples, 1) if sample is not None)
    return samples[:count]


def _matmul_examples() -> tuple[Example, ...]:
    shapes: tuple[tuple[Shape, Shape], ...] = (
        ((5, 37), (37, 19)), ((1, 8), (8, 33)), ((2, 3, 7), (2, 7, 5)), ((7,), (7,)),
        ((2, 0), (0, 3)), ((0, 4), (4, 2)), ((BATCH, 6), (6, 7)), ((2, BATCH), (BATCH, 3)),
        ((48, 130), (130, 50)), ((3, 2, 33, 64), (3, 2, 64, 70)),
    )  # fmt: skip
    pairs = ((INT8, None, None), (UINT8, 3, 7), (INT8, -5, None), (UINT8, None, 130))
    return tuple(
        Example(
            _present(
                Sample(a, None, -128, 255),
                Sample(b, right, -128, 255),
                None if left_zero is None else Sample((), None, abs(left_zero), 100),
                None if right_zero is None else Sample((), right, abs(right_zero), 127),
            ),
            {},
            {"batch": 3},
        )
        for number, (a, b) in enumerate(shapes)
        for right, left_zero, right_zero in (pairs if number in (0, 9) else pairs[number % 4 :][:1])
    )


MATMUL_INTEGER = Op(
    name="matmul_integer", kind="contract", inputs=_inputs("a", "b"), infer_rule=_infer_matmul,
    evaluate_rule=_evaluate_matmul, lower_rule=_lower_matmul, examples=_matmul_examples(),
    doc="Σ_k (a[…, m, k] - a_zero) · (b[…, k, n] - b_zero) in int32; shapes as in matmul.",
)  # fmt: skip


def _infer_conv(
    require: Require, x: TensorType, weight: TensorType,
    x_zero: TensorType | None, weight_zero: TensorType | None, **attributes: Any,
) -> TensorType:  # fmt: skip
    _check(require, x_zero, weight_zero)
    found = CONV.infer_rule(require, _wide(x), _wide(weight), None, **attributes)
    assert isinstance(found, TensorType)
    return found


def _evaluate_conv(
    x: Array, weight: Array, x_zero: Array | None, weight_zero: Array | None, **attributes: Any
) -> Array:
    assert CONV.evaluate_rule is not None
    wide = _centred(x, x_zero), _centred(weight, weight_zero)
    return np.asarray(CONV.evaluate_rule(*wide, None, **attributes)).astype(np.int32)


def _lower_conv(
    index: Index, x: Read, weight: Read, x_zero: Read | None, weight_zero: Read | None,
    **attributes: Any,
) -> Expr:  # fmt: skip
    assert CONV.lower_rule is not None
    wide = _shifted(x, x_zero), _shifted(weight, weight_zero)
    found = CONV.lower_rule(index, *wide, None, **attributes)
    assert isinstance(found, Expr)
    return found


def _conv_examples() -> tuple[Example, ...]:
    wanted = [example for example in CONV.examples if example.only == ()]
    made = []
    for number, example in enumerate(wanted):
        x, weight = example.inputs[:2]
        assert x is not None and weight is not None
        signed = number % 3 == 0
        points = (Sample((), None, 2, 90), None if signed else Sample((1,), UINT8, 5, 200))
        inputs = _present(
            Sample(x.shape, None, -128, 255),
            Sample(weight.shape, INT8 if signed else UINT8, -128, 255),
            *(points if number % 2 else ()),
        )
        made.append(Example(inputs, example.attributes, example.binding))
    return tuple(made)


CONV_INTEGER = Op(
    name="conv_integer", kind="contract", inputs=_inputs("x", "weight"),
    attributes=(STRIDES, DILATIONS, PADS, GROUP), infer_rule=_infer_conv,
    evaluate_rule=_evaluate_conv, lower_rule=_lower_conv, examples=_conv_examples(),
    doc="Σ over the channels of the group and the window of (x - x_zero) · (weight - weight_zero) "
    "in int32; x outside its edges counts as x_zero.",
)  # fmt: skip

OPS: tuple[Op, ...] = (MATMUL_INTEGER, CONV_INTEGER)
