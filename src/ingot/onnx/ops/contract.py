# SPDX-License-Identifier: Apache-2.0
"""Matrix products."""

from __future__ import annotations

from ingot.dtypes import INT32
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, direct
from ingot.onnx.ops.einsum import einsum


def gemm(call: Call, finish: bool = True) -> Value:
    """alpha · A' · B' + beta · C, as matmul and add with what is needed around them.

    `finish` says that this is the call's result, not a value on the way to it.
    """
    emit = call.result if finish else call.make
    for index in (0, 1):
        if call.rank(index) != 2:
            call.fail(f"input {index} has rank {call.rank(index)}", "it must be a matrix")
    alpha, beta = call.float_attribute("alpha", 1.0), call.float_attribute("beta", 1.0)
    a = _transposed(call, call[0], call.bool_attribute("transA"))
    b = _transposed(call, call[1], call.bool_attribute("transB"))
    c = call.get(2) if beta else None
    if c is None and alpha == 1.0:
        return emit("matmul", a, b)
    product = call.make("matmul", a, b)
    if c is None:
        return emit("mul", product, alpha)
    scaled = product if alpha == 1.0 else call.make("mul", product, alpha)
    return emit("add", scaled, c if beta == 1.0 else call.make("mul", c, beta))


def _transposed(call: Call, value: Value, wanted: bool) -> Value:
    return call.make("transpose", value, permutation=(1, 0)) if wanted else value


def _matmul_integer(call: Call) -> Value:
    """8-bit factors less their zero points, multiplied in int32."""
    if all(call.get(index) is None or call[index].shape in ((), (1,)) for index in (2, 3)):
        return call.result("matmul_integer", call[0], call[1], call.get(2), call.get(3))
    return call.result("matmul", centred(call, 0, 2, -1), centred(call, 1, 3, -2))


def centred(call: Call, index: int, point: int, axis: int) -> Value:
    """Input `index` less its zero point (input `point`, per element of `axis`'s rows) as int32."""
    wide = call.make("cast", call[index], to=INT32)
    if not call.has(point):
        return wide
    zero = call.make("cast", call[point], to=INT32)
    if zero.rank == 1 and zero.shape != (1,) and axis == -1:
        zero = call.make("reshape", zero, shape=(*zero.shape, 1))
    return call.make("sub", wide, zero)


OPERATORS = (
    Operator("Det", direct("determinant")),
    Operator("MatMul", direct("matmul", 2)),
    Operator("Gemm", gemm, ignores=("broadcast",)),
    Operator("MatMulInteger", _matmul_integer),
    Operator("Einsum", einsum),
)
