# SPDX-License-Identifier: Apache-2.0
"""Activations, and the softmax family."""

from __future__ import annotations

from typing import Any

from ingot.dims import product
from ingot.dtypes import FLOAT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Read, direct

SELU_ALPHA = 1.67326319217681884765625
SELU_GAMMA = 1.05070102214813232421875


def scaled(op: str, **defaults: float) -> Read:
    """The mapping to `op` with float attributes of the same names and these defaults."""

    def read(call: Call) -> Value:
        found: dict[str, Any] = {
            name: call.float_attribute(name, value) for name, value in defaults.items()
        }
        return call.result(op, call[0], **found)

    return read


def _gelu(call: Call) -> Value:
    form = call.choice_attribute("approximate", "none", ("none", "tanh"))
    return call.result("gelu", call[0], approximate=form)


def _prelu(call: Call) -> Value:
    """Before opset 7 a slope vector is one value a channel."""
    x, slope = call[0], call[1]
    if call.opset < 7 and slope.rank == 1 and x.rank > 2 and slope.shape != (1,):
        slope = call.make("reshape", slope, shape=(*slope.shape, *[1] * (x.rank - 2)))
    if x.dtype.is_float:
        return call.result("prelu", x, slope)
    below = call.make("less", x, call.constant(0, x.dtype))
    return call.result("where", below, call.make("mul", x, slope), x)


def _shrink(call: Call) -> Value:
    """Integers are moved as floats and cut back."""
    x = call[0] if call.dtype().is_float else call.make("cast", call[0], to=FLOAT64)
    edge, bias = call.float_attribute("lambd", 0.5), call.float_attribute("bias", 0.0)
    low = call.make("less", x, -edge)
    high = call.make("less", call.make("neg", x), -edge)
    nothing = call.constant(0, x.dtype)
    above = call.make("where", high, call.make("sub", x, bias), nothing)
    moved = ("where", low, call.make("add", x, bias), above)
    if x is call[0]:
        return call.result(*moved)
    return call.result("cast", call.make(*moved), to=call.dtype())


def _swish(call: Call) -> Value:
    alpha = call.float_attribute("alpha", 1.0)
    if alpha == 1.0:
        return call.result("silu", call[0])
    return call.result("quick_gelu", call[0], alpha=alpha)


def _along_axis(op: str) -> Read:
    """The softmax family from opset 13 on: along one axis."""

    def read(call: Call) -> Value:
        axis = call.axis(call.int_attribute("axis", -1), call.rank())
        return call.result(op, call[0], axis=axis)

    return read


def _flattened(op: str) -> Read:
    """The softmax family before opset 13: over all axes from `axis` on at once."""

    def read(call: Call) -> Value:
        shape = call.shape()
        axis = call.axis(call.int_attribute("axis", 1), max(call.rank(), 1))
        if axis == len(shape) - 1:
            return call.result(op, call[0], axis=axis)
        flat = call.make("reshape", call[0], shape=(product(shape[:axis]), product(shape[axis:])))
        return call.result("reshape", call.make(op, flat, axis=1), shape=shape)

    return read


def _hardmax(call: Call) -> Value:
    """One where the greatest element along the axis is, else zero; the first of equals."""
    axis = call.axis(call.int_attribute("axis", -1), call.rank())
    return call.result(
        "one_hot", *_winners(call, call[0], axis), depth=call.shape()[axis], axis=axis
    )


def _hardmax_flattened(call: Call) -> Value:
    shape = call.shape()
    axis = call.axis(call.int_attribute("axis", 1), max(call.rank(), 1))
    depth = product(shape[axis:])
    flat = call.make("reshape", call[0], shape=(product(shape[:axis]), depth))
    marked = call.make("one_hot", *_winners(call, flat, 1), depth=depth, axis=1)
    return call.result("reshape", marked, shape=shape)


def _winners(call: Call, x: Value, axis: int) -> tuple[Value, Value]:
    """The index of the greatest element along an axis, and the pair (0, 1) to mark it with."""
    winner = call.make("argmax", x, axis=axis, keep_dims=False)
    return winner, call.constant([0, 1], x.dtype)


OPERATORS = (
    Operator("Relu", direct("relu")),
    Operator("LeakyRelu", scaled("leaky_relu", alpha=0.01)),
    Operator("ThresholdedRelu", scaled("thresholded_relu", alpha=1.0)),
    Operator("PRelu", _prelu),
    Operator("Shrink", _shrink),
    Operator("Elu", scaled("elu", alpha=1.0)),
    Operator("Selu", scaled("selu", alpha=SELU_ALPHA, gamma=SELU_GAMMA)),
    Operator("Celu", scaled("celu", alpha=1.0)),
    Operator("HardSigmoid", scaled("hard_sigmoid", alpha=0.2, beta=0.5)),
    Operator("HardSwish", direct("hard_swish")),
    Operator("Softplus", direct("softplus")),
    Operator("Softsign", direct("softsign")),
    Operator("Mish", direct("mish")),
    Operator("Gelu", _gelu),
    Operator("Swish", _swish),
    Operator("Softmax", _flattened("softmax")),
    Operator("Softmax", _along_axis("softmax"), since=13),
    Operator("LogSoftmax", _flattened("log_softmax")),
    Operator("LogSoftmax", _along_axis("log_softmax"), since=13),
    Operator("Hardmax", _hardmax_flattened),
    Operator("Hardmax", _hardmax, since=13),
)
