# SPDX-License-Identifier: Apache-2.0
"""Activations with a bias or a gate in front of them, and those that fused operators name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ingot.dims import Dim
from ingot.ir.graph import Value
from ingot.onnx.attributes import REPORT
from ingot.onnx.call import Call
from ingot.onnx.operator import Read
from ingot.onnx.ops.activation import SELU_ALPHA, SELU_GAMMA
from ingot.onnx.ops.microsoft.domain import operator

# Name -> the core op and its float attributes with the defaults of ONNX.
ACTIVATIONS: Mapping[str, tuple[str, Sequence[tuple[str, float]]]] = {
    "Relu": ("relu", ()),
    "Sigmoid": ("sigmoid", ()),
    "Tanh": ("tanh", ()),
    "Softplus": ("softplus", ()),
    "Softsign": ("softsign", ()),
    "LeakyRelu": ("leaky_relu", (("alpha", 0.01),)),
    "ThresholdedRelu": ("thresholded_relu", (("alpha", 1.0),)),
    "Elu": ("elu", (("alpha", 1.0),)),
    "Celu": ("celu", (("alpha", 1.0),)),
    "Selu": ("selu", (("alpha", SELU_ALPHA), ("gamma", SELU_GAMMA))),
    "HardSigmoid": ("hard_sigmoid", (("alpha", 0.2), ("beta", 0.5))),
    "HardSwish": ("hard_swish", ()),
}
# alpha · f(beta · x)
SCALED = {"ScaledTanh": "tanh", "ParametricSoftplus": "softplus"}


def activated(
    call: Call, value: Value, name: str, numbers: Sequence[float], finish: bool = True
) -> Value:
    """`value` after the activation `name` with its parameters in ONNX's order."""
    emit = call.result if finish else call.make
    if name in ("", "Identity"):
        return emit("identity", value)
    if name == "Clip":
        low, high = (*numbers, *(-3.4028235e38, 3.4028235e38)[len(numbers) :])[:2]
        return emit("clip", value, lo=float(low), hi=float(high))
    if name in SCALED:
        if len(numbers) < 2:
            call.fail(f"the activation '{name}' lacks its numbers", "give alpha and beta")
        active = call.make(SCALED[name], call.make("mul", value, float(numbers[1])))
        return emit("mul", active, float(numbers[0]))
    if name not in ACTIVATIONS:
        call.refuse(f"the activation '{name}' is not supported", REPORT)
    op, named = ACTIVATIONS[name]
    given: dict[str, Any] = {
        key: float(numbers[place]) if place < len(numbers) else default
        for place, (key, default) in enumerate(named)
    }
    return emit(op, value, **given)


def _biased(op: str, **attributes: str) -> Read:
    """The activation `op` of the first input plus the optional second."""

    def read(call: Call) -> Value:
        bias = call.get(1)
        x = call[0] if bias is None else call.make("add", call[0], bias)
        given: dict[str, Any] = dict(attributes)
        return call.result(op, x, **given)

    return read


def _quick_gelu(call: Call) -> Value:
    return call.result("quick_gelu", call[0], alpha=call.float_attribute("alpha", 1.702))


def _bias_split_gelu(call: Call) -> Value:
    """The left half times the GELU of the right half."""
    left, right = halves(call, call.make("add", call[0], call[1]))
    return call.result("mul", left, call.make("gelu", right, approximate="none"))


def halves(call: Call, value: Value) -> tuple[Value, Value]:
    """The two halves of the last axis."""
    width = value.shape[-1]
    return section(call, value, 0, width // 2), section(call, value, width // 2, width)


def section(call: Call, value: Value, start: Dim, end: Dim, step: int = 1) -> Value:
    """Elements `start` to `end` of the last axis, every `step`-th."""
    front = (0,) * (value.rank - 1)
    return call.make(
        "slice", value, starts=(*front, start), ends=(*value.shape[:-1], end),
        steps=(*[1] * (value.rank - 1), step),
    )  # fmt: skip


def gated(call: Call, gate: Value, up: Value, alpha: float, beta: float, limit: float) -> Value:
    """gate · sigmoid(alpha · gate) · (up + beta), both sides within the limit where it is > 0."""
    if limit > 0:
        gate = call.make("minimum", gate, limit)
        up = call.make("clip", up, lo=-limit, hi=limit)
    active = call.make("quick_gelu", gate, alpha=alpha)
    return call.make("mul", active, call.make("add", up, beta) if beta else up)


def _swiglu(call: Call) -> Value:
    alpha, beta = (
        call.float_attribute("activation_alpha", 1.0),
        call.float_attribute("activation_beta", 0.0),
    )
    gate, up = (call[0], call[1]) if call.has(1) else halves(call, call[0])
    found = gated(call, gate, up, alpha, beta, call.float_attribute("limit", 0.0))
    return call.result("identity", found)


def _bias_add(call: Call) -> Value:
    return call.result("add", call.make("add", call[0], call[1]), call[2])


def _bias_softmax(call: Call) -> Value:
    """Softmax over all axes from `axis` on of data + bias."""
    axis = call.axis(call.int_attribute("axis", 1), call.rank())
    data, bias = call[0], call[1]
    if not call.int_attribute("is_inner_broadcast") and bias.rank < data.rank:
        bias = call.make("reshape", bias, shape=(*[1] * (data.rank - bias.rank), *bias.shape))
    total = call.make("add", data, bias)
    if axis == total.rank - 1:
        return call.result("softmax", total, axis=axis)
    from_axis = _product(total.shape[axis:])
    flat = call.make("reshape", total, shape=(*total.shape[:axis], from_axis))
    found = call.make("softmax", flat, axis=axis)
    return call.result("reshape", found, shape=total.shape)


def _product(sizes: Sequence[Dim]) -> Dim:
    total: Dim = 1
    for size in sizes:
        total = total * size
    return total


def _gated_add(call: Call) -> Value:
    if call.has(3):
        call.refuse("it projects the gate", REPORT)
    return call.result("add", call[0], call.make("mul", call[1], call[2]))


GELU: Read = _biased("gelu", approximate="none")
FAST_GELU: Read = _biased("gelu", approximate="tanh")

OPERATORS = (
    operator("Gelu", GELU),
    operator("BiasGelu", GELU),
    operator("FastGelu", FAST_GELU),
    operator("QuickGelu", _quick_gelu),
    operator("BiasSplitGelu", _bias_split_gelu),
    operator("SwiGLU", _swiglu, "round_activation"),
    operator("BiasAdd", _bias_add),
    operator("BiasSoftmax", _bias_softmax),
    operator("GatedAdd", _gated_add),
)
