# SPDX-License-Identifier: Apache-2.0
"""Matrix products with transposes, factors and activations, and what is made of them."""

from __future__ import annotations

from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Read, direct
from ingot.onnx.ops.contract import gemm
from ingot.onnx.ops.microsoft.activations import activated
from ingot.onnx.ops.microsoft.domain import operator

ACTIVATION = ("activation_alpha", "activation_beta", "activation_gamma", "activation_axis")


def _matmul(call: Call, finish: bool = True) -> Value:
    """alpha · A' · B', where the first axis may stand between rows and columns."""
    a = _turned(call, call[0], "A")
    b = _turned(call, call[1], "B")
    alpha = call.float_attribute("alpha", 1.0)
    emit = call.result if finish else call.make
    if alpha == 1.0:
        return emit("matmul", a, b)
    return emit("mul", call.make("matmul", a, b), alpha)


def _fused_matmul(call: Call) -> Value:
    return _matmul(call)


def _turned(call: Call, value: Value, side: str) -> Value:
    """An operand with rows and columns where a product has them."""
    axes = list(range(value.rank))
    if call.bool_attribute(f"transBatch{side}"):
        axes = [*axes[1:-1], 0, axes[-1]]
    if call.bool_attribute(f"trans{side}") and value.rank > 1:
        axes[-2:] = [axes[-1], axes[-2]]
    if axes == sorted(axes):
        return value
    return call.make("transpose", value, permutation=tuple(axes))


def _parameters(call: Call) -> tuple[float, ...]:
    names = ("activation_alpha", "activation_beta", "activation_gamma")
    return tuple(call.float_attribute(name) for name in names if call.given(name))


def _matmul_activation(call: Call) -> Value:
    name = call.text_attribute("activation")
    return activated(call, _matmul(call, finish=False), name, _parameters(call))


def _gemm_activation(call: Call) -> Value:
    name = call.text_attribute("activation", "")
    return activated(call, gemm(call, finish=False), name, _parameters(call))


def _gemm_fast_gelu(call: Call) -> Value:
    product = call.make("matmul", call[0], call[1])
    total = call.make("add", product, call[2]) if call.has(2) else product
    return call.result("gelu", total, approximate="tanh")


def _cdist(call: Call) -> Value:
    """Distances between the rows of two matrices, by differences: exact for equal rows."""
    metric = call.text_attribute("metric", "sqeuclidean")
    if metric not in ("sqeuclidean", "euclidean"):
        call.refuse(f"the metric '{metric}' is not supported", "use euclidean or sqeuclidean")
    (rows, width), (others, _) = call.shape(0), call.shape(1)
    left = call.make("reshape", call[0], shape=(rows, 1, width))
    right = call.make("reshape", call[1], shape=(1, others, width))
    gap = call.make("sub", left, right)
    square = call.make("mul", gap, gap)
    if metric == "sqeuclidean":
        return call.result("reduce_sum", square, axes=(2,), keep_dims=False)
    return call.result("sqrt", call.make("reduce_sum", square, axes=(2,), keep_dims=False))


def _complex_product(sign: float) -> Read:
    """Products of (real, imaginary) pairs on the last axis; `sign` -1 conjugates the second."""

    def read(call: Call) -> Value:
        (a, b), (c, d) = (_pair(call, call[index]) for index in (0, 1))
        ac, bd = call.make("mul", a, c), call.make("mul", b, d)
        bc, ad = call.make("mul", b, c), call.make("mul", a, d)
        real = call.make("sub" if sign > 0 else "add", ac, bd)
        imaginary = call.make("add" if sign > 0 else "sub", bc, ad)
        return call.result("concat", real, imaginary, axis=real.rank - 1)

    return read


def _pair(call: Call, value: Value) -> tuple[Value, Value]:
    if value.shape[-1] != 2:
        call.fail(f"the last axis has size {value.shape[-1]}", "it must hold (real, imaginary)")
    front = (0,) * (value.rank - 1)
    real, imaginary = (
        call.make(
            "slice", value, starts=(*front, part), ends=(*value.shape[:-1], part + 1),
            steps=(1,) * value.rank,
        )
        for part in (0, 1)
    )  # fmt: skip
    return real, imaginary


OPERATORS = (
    operator("FusedMatMul", _fused_matmul),
    operator("TransposeMatMul", _fused_matmul),
    operator("FusedMatMulActivation", _matmul_activation, *ACTIVATION),
    operator("FusedGemm", _gemm_activation, *ACTIVATION),
    operator("GemmFastGelu", _gemm_fast_gelu),
    operator("CDist", _cdist),
    operator("Inverse", direct("inverse")),
    operator("ComplexMul", _complex_product(1.0)),
    operator("ComplexMulConj", _complex_product(-1.0)),
)
