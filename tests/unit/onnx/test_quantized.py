# SPDX-License-Identifier: Apache-2.0
"""Quantized operators against ONNX Runtime's own kernels: at most one step on few elements."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto
from tests.unit.onnx.microsoft import Call, error

from ingot.ir.graph import Array
from ingot.onnx.ops.microsoft import quantized

RNG = np.random.default_rng(31)
LIMIT = 1e-5
FEW = 0.01  # of the elements may be one step off: ONNX Runtime computes them in float32


def codes(*shape: int, signed: bool = False) -> Array:
    low, high, dtype = (-128, 128, np.int8) if signed else (0, 256, np.uint8)
    return RNG.integers(low, high, shape).astype(dtype)


def factors(*shape: int) -> Array:
    """Signed codes of seven bits: ONNX Runtime sums two products in 16 bits on some CPUs."""
    return RNG.integers(-64, 64, shape).astype(np.int8)


def step(value: float) -> Array:
    return np.array(value, np.float32)


def zero(value: int, signed: bool = False) -> Array:
    return np.array(value, np.int8 if signed else np.uint8)


def real(*shape: int) -> Array:
    return RNG.standard_normal(shape).astype(np.float32)


A = (codes(2, 6, 9), step(0.02), zero(120))
S = (codes(2, 6, 9, signed=True), step(0.02), zero(-7, signed=True))
B = (codes(6, 1), step(0.03), zero(100))
T = (codes(6, 1, signed=True), step(0.03), zero(5, signed=True))
Y, Z = (step(0.05), zero(110)), (step(0.05), zero(3, signed=True))
IMAGE = (codes(1, 4, 9, 8), step(0.02), zero(120))
MANY = (codes(1, 120, 9, 7), step(0.02), zero(120))
FILTERS = (factors(6, 4, 3, 3), np.full(6, 0.01, np.float32), np.zeros(6, np.int8))
LEFT = (codes(7, 20), step(0.02), zero(120))
RIGHT = (factors(20, 9), RNG.uniform(0.01, 0.03, 9).astype(np.float32),
         np.zeros(9, np.int8))  # fmt: skip
BIAS = RNG.integers(-900, 900, 9).astype(np.int32)
POOL = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
SAME = {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_LOWER"}
U8, I8 = {"y": TensorProto.UINT8}, {"y": TensorProto.INT8}

QUANTIZED = (
    Call("QuantizeLinear", [real(3, 5), step(0.03), zero(90)], {"axis": 0}, types=U8),
    Call("QLinearAdd", [*A, *B, *Y], types=U8),
    Call("QLinearAdd", [*S, *T, *Z], types=I8),
    Call("QLinearMul", [*A, *B, *Y], types=U8),
    Call("QLinearSigmoid", [*A, step(1 / 256), zero(0)], types=U8, weights=(1, 2, 3, 4)),
    Call("QLinearSigmoid", [*S, step(1 / 256), zero(-128, signed=True)], types=I8,
         weights=(1, 2, 3, 4)),
    Call("QLinearLeakyRelu", [*A, *Y], {"alpha": 0.1}, types=U8, weights=(1, 2, 3, 4)),
    Call("QLinearSoftmax", [*A, step(1 / 256), zero(0)], {"axis": -1, "opset": 13}, types=U8,
         weights=(1, 2, 3, 4)),
    Call("QLinearSoftmax", [*A, step(1 / 256), zero(0)], {"axis": 1, "opset": 12}, types=U8,
         weights=(1, 2, 3, 4)),
    Call("QLinearAveragePool", [*MANY, *Y], {**POOL, "count_include_pad": 1}, types=U8),
    Call("QLinearGlobalAveragePool", [*MANY, *Y], {"channels_last": 0}, types=U8),
    Call("QLinearGlobalAveragePool", [*MANY, *Y], {"channels_last": 1}, types=U8),
    Call("QLinearConcat", [*Y, *A, *A], {"axis": 1}, types=U8, weights=(0, 1, 3, 4, 6, 7)),
    Call("QLinearConv", [*IMAGE, *FILTERS, *Y, BIAS[:6]], {"pads": [1, 1, 1, 1]}, types=U8,
         domain="", weights=(1, 2, 3, 4, 5, 6, 7, 8)),
    Call("QLinearConv",
         [np.ascontiguousarray(IMAGE[0].transpose(0, 2, 3, 1)), *IMAGE[1:], *FILTERS, *Y, BIAS[:6]],
         {"channels_last": 1}, types=U8, weights=(1, 2, 3, 4, 5, 6, 7, 8)),
    Call("NhwcMaxPool", [codes(1, 8, 7, 5)], POOL, types=U8),
    Call("NhwcMaxPool", [codes(1, 8, 7, 5)], SAME, types=U8),
    Call("NhwcMaxPool", [codes(1, 9, 6, 2, signed=True)], SAME, types=I8),
    Call("QGemm", [*LEFT, *RIGHT, BIAS, *Y], {"alpha": 1.0}, types=U8, weights=(3, 4, 5, 6)),
)  # fmt: skip
REAL = (
    Call("DequantizeLinear", [*A], {"axis": 0}),
    Call("QGemm", [*LEFT, *RIGHT, BIAS], weights=(3, 4, 5, 6)),
    Call("MatMulIntegerToFloat",
         [LEFT[0], RIGHT[0], LEFT[1], RIGHT[1], LEFT[2], RIGHT[2], real(9)]),
    Call("DynamicQuantizeMatMul", [real(7, 20), *RIGHT, real(9)], weights=(1, 2, 3)),
    Call("QAttention",
         [codes(2, 5, 16), factors(16, 48), real(48), step(0.02), step(0.01), None,
          zero(118), zero(0, signed=True)],
         {"num_heads": 4}, weights=(1,)),
    Call("QAttention",
         [codes(2, 5, 16), factors(16, 48), real(48), step(0.02), step(0.01),
          np.array([3, 5], np.int32), zero(118), zero(0, signed=True)],
         {"num_heads": 2, "unidirectional": 1}, weights=(1,)),
)  # fmt: skip
FORMULAS = (
    (Call("QLinearReduceMean", [*A, *Y], {"axes": [1, 2], "keepdims": 1}, types=U8),
     ((A[0].astype(float) - 120) * np.float32(0.02)).mean((1, 2), keepdims=True)),
    (Call("QLinearWhere", [real(2, 6, 9) > 0, *A, *B, *Y], types=U8), None),
)  # fmt: skip


@pytest.mark.parametrize("call", QUANTIZED, ids=str)
def test_codes(call: Call) -> None:
    (found,), (wanted,) = call.ours(), call.peer()
    assert (found.dtype, found.shape) == (wanted.dtype, wanted.shape)
    assert wanted.std() > 0
    apart = np.abs(found.astype(int) - wanted.astype(int))
    assert apart.max() <= 1
    assert (apart > 0).mean() <= FEW


@pytest.mark.parametrize("call", [call for call in QUANTIZED if call.attributes is SAME], ids=str)
def test_pads_of_open_sizes(call: Call) -> None:
    free = set(call.inputs[0].shape[1:3])  # type: ignore[union-attr]  # it is an array
    np.testing.assert_array_equal(call.ours(free)[0], call.peer()[0])


@pytest.mark.parametrize("call", REAL, ids=str)
def test_numbers(call: Call) -> None:
    assert error(call.ours()[0], call.peer()[0]) < LIMIT


def test_means_and_choices_by_formula() -> None:
    call, mean = FORMULAS[0]
    assert mean is not None
    np.testing.assert_array_equal(
        call.ours()[0], np.clip(np.rint(mean / np.float32(0.05)) + 110, 0, 255)
    )
    call, _ = FORMULAS[1]
    chosen = np.where(call.inputs[0], (A[0] - 120.0) * A[1], (B[0] - 100.0) * B[1])  # type: ignore[arg-type]
    wanted = np.clip(np.rint(chosen / Y[0]) + 110, 0, 255)
    assert np.abs(call.ours()[0] - wanted).mean() <= FEW


def test_every_operator_has_a_call() -> None:
    called = {call.operator for call in (*QUANTIZED, *REAL, *(call for call, _ in FORMULAS))}
    assert {operator.name for operator in quantized.OPERATORS} <= called
