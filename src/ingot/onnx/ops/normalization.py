# SPDX-License-Identifier: Apache-2.0
"""Normalisations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ingot.dims import Dim, product
from ingot.dtypes import FLOAT32, FLOAT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Result
from ingot.onnx.ops.arithmetic import converted


def _batch_normalization(call: Call) -> Result:
    asked = any(call.node.outputs[1:])
    training = _trains(call, asked)
    if asked and not training:
        call.fail("it has outputs of training mode outside of it", "leave them out")
    x, parts = _channelled(call)
    if training:
        return _batch_statistics(call, x, parts)
    epsilon = call.float_attribute("epsilon", 1e-5)
    parts = [_as_type_of(call, x, part) for part in parts]
    return _finished(call, 0, call.shape(), "batch_norm", x, *parts, epsilon=epsilon)


def _trains(call: Call, asked: bool) -> bool:
    """Whether the batch's own statistics count: said by an attribute, or between by the outputs."""
    if call.opset >= 14:
        return call.bool_attribute("training_mode")
    return asked if call.opset >= 7 else not call.bool_attribute("is_test")


def _channelled(call: Call) -> tuple[Value, list[Value]]:
    """The input and its four parts by channel; every element of a batch entry may be a channel."""
    x, parts = call[0], [call[index] for index in range(1, 5)]
    if x.rank == 1:
        return call.make("reshape", x, shape=(*x.shape, 1)), parts
    if call.bool_attribute("spatial", True):
        return x, parts
    count = product(x.shape[1:])
    flat = [call.make("reshape", part, shape=(product(part.shape),)) for part in parts]
    return call.make("reshape", x, shape=(x.shape[0], count)), flat


def _batch_statistics(call: Call, x: Value, parts: Sequence[Value]) -> Result:
    """Normalisation by the batch's own mean and variance, which also move the running ones."""
    scale, bias, *before = parts
    wide = FLOAT64 if FLOAT64 in (x.dtype, before[0].dtype) else FLOAT32
    axes = tuple(axis for axis in range(x.rank) if axis != 1)
    values = converted(call, x, wide)
    kept = call.make("reduce_mean", values, axes=axes, keep_dims=True)
    away = call.make("sub", values, kept)
    variance = call.make("reduce_mean", call.make("mul", away, away), axes=axes, keep_dims=False)
    mean = call.make("reshape", kept, shape=x.shape[1:2])
    typed = [_as_type_of(call, x, part) for part in (scale, bias, mean, variance)]
    epsilon = call.float_attribute("epsilon", 1e-5)
    y = _finished(call, 0, call.shape(), "batch_norm", x, *typed, epsilon=epsilon)
    return y, *_tracked(call, before, (mean, variance))


def _tracked(call: Call, before: Sequence[Value], now: Sequence[Value]) -> Iterator[Value]:
    """The running mean and variance, moved towards those of the batch; these, where asked for."""
    momentum, kind = call.float_attribute("momentum", 0.9), call.dtype(3)
    for output, (old, new) in enumerate(zip(before, now, strict=True), 1):
        kept = call.make("mul", converted(call, old, new.dtype), momentum)
        moved = call.make("add", kept, call.make("mul", new, 1 - momentum))
        yield _finished(call, output, call.shape(3), "cast", moved, to=kind)
    for output, new in enumerate(now[: max(len(call.node.outputs) - 3, 0)], 3):
        yield _finished(call, output, call.shape(3), "cast", new, to=kind)


def _finished(
    call: Call, output: int, shape: tuple[Dim, ...], op: str, *inputs: Value, **attributes: Any
) -> Value:
    """The output of that number and `shape`, by a node whose result has the first input's shape."""
    if inputs[0].shape == shape:
        return call.result(op, *inputs, output=output, **attributes)
    return call.result("reshape", call.make(op, *inputs, **attributes), output=output, shape=shape)


def _as_type_of(call: Call, x: Value, part: Value) -> Value:
    return part if part.dtype == x.dtype else call.make("cast", part, to=x.dtype)


def _layer_normalization(call: Call) -> Result:
    axis = call.axis(call.int_attribute("axis", -1), call.rank())
    epsilon = call.float_attribute("epsilon", 1e-5)
    result = call.result("layer_norm", call[0], call[1], call.get(2), axis=axis, epsilon=epsilon)
    if not any(call.node.outputs[1:]):
        return result
    return result, *_statistics(call, axis, epsilon)


def _statistics(call: Call, axis: int, epsilon: float) -> tuple[Value, Value]:
    """The mean and the inverse standard deviation, as the optional outputs have them."""
    axes = tuple(range(axis, call.rank()))
    wide = call.known_type(call.int_attribute("stash_type", 1), "attribute 'stash_type'")
    x = call[0] if call.dtype() == wide else call.make("cast", call[0], to=wide)
    mean = call.result("reduce_mean", x, output=1, axes=axes, keep_dims=True)
    centred = call.make("sub", x, mean)
    variance = call.make(
        "reduce_mean", call.make("mul", centred, centred), axes=axes, keep_dims=True
    )
    return mean, call.result("rsqrt", call.make("add", variance, epsilon), output=2)


def _rms_normalization(call: Call) -> Value:
    axis = call.axis(call.int_attribute("axis", -1), call.rank())
    epsilon = call.float_attribute("epsilon", 1e-5)
    scale = _as_type_of(call, call[0], call[1])
    return call.result("rms_norm", call[0], scale, axis=axis, epsilon=epsilon)


def _instance_normalization(call: Call) -> Value:
    epsilon = call.float_attribute("epsilon", 1e-5)
    return call.result("instance_norm", call[0], call[1], call[2], epsilon=epsilon)


def _group_normalization(call: Call) -> Value:
    groups, epsilon = call.int_attribute("num_groups"), call.float_attribute("epsilon", 1e-5)
    if groups < 1:
        call.fail(f"attribute 'num_groups' is {groups}", "it must be at least 1")
    parts = [_as_type_of(call, call[0], call[index]) for index in (1, 2)]
    return call.result("group_norm", call[0], *parts, epsilon=epsilon, groups=groups)


def _group_normalization_by_group(call: Call) -> Value:
    """Opset 18 to 20: one scale and bias a group, repeated for its channels."""
    groups, epsilon = call.int_attribute("num_groups"), call.float_attribute("epsilon", 1e-5)
    channels = call.shape()[1]
    if groups < 1 or (isinstance(channels, int) and channels % groups):
        call.fail(f"{channels} channels do not fall into {groups} groups", "correct the model")
    call.guard("eq", channels % groups, 0, f"channels must fall into {groups} groups")
    parts = [_spread(call, call[index], channels // groups) for index in (1, 2)]
    return call.result("group_norm", call[0], *parts, epsilon=epsilon, groups=groups)


def _spread(call: Call, part: Value, times: Dim) -> Value:
    (groups,) = part.shape
    column = call.make("reshape", part, shape=(groups, 1))
    wide = call.make("expand", column, shape=(groups, times))
    return call.make("reshape", wide, shape=(groups * times,))


def _mean_variance(call: Call) -> Value:
    """x less its mean over its deviation, in float32 at least."""
    x, axes = call[0], call.axes(call.ints_attribute("axes", (0, 2, 3)), call.rank())
    wide = x if x.dtype in (FLOAT32, FLOAT64) else call.make("cast", x, to=FLOAT32)
    mean = call.make("reduce_mean", wide, axes=axes, keep_dims=True)
    away = call.make("sub", wide, mean)
    square = call.make("mul", away, away)
    variance = call.make("reduce_mean", square, axes=axes, keep_dims=True)
    deviation = call.make("add", call.make("sqrt", variance), LEAST_DEVIATION)
    if wide is x:
        return call.result("div", away, deviation)
    return call.result("cast", call.make("div", away, deviation), to=x.dtype)


def _local_response(call: Call) -> Value:
    """x over (bias + alpha / size · Σ x² of the channels near) to the power beta."""
    x, size = call[0], call.int_attribute("size")
    if size < 1:
        call.fail(f"attribute 'size' is {size}", "it must be at least 1")
    alpha, beta = call.float_attribute("alpha", 1e-4), call.float_attribute("beta", 0.75)
    shape = (x.shape[0], 1, x.shape[1], product(x.shape[2:]))
    flat = call.make("reshape", call.make("mul", x, x), shape=shape)
    near = call.make(
        "average_pool",
        flat,
        kernel=(size, 1),
        strides=(1, 1),
        dilations=(1, 1),
        pads=((size - 1) // 2, 0, size // 2, 0),
        ceil_mode=False,
        count_include_pad=True,
    )
    total = call.make("reshape", call.make("mul", near, alpha), shape=x.shape)
    base = call.make("add", total, call.float_attribute("bias", 1.0))
    return call.result("div", x, call.make("pow", base, beta))


LEAST_DEVIATION = 1e-9
# Half precision is always computed in float32 at least.
STASH = ("stash_type",)

OPERATORS = (
    Operator("BatchNormalization", _batch_normalization, ignores=("momentum", "is_test")),
    Operator("LayerNormalization", _layer_normalization, ignores=STASH),
    Operator("RMSNormalization", _rms_normalization, ignores=STASH),
    Operator("InstanceNormalization", _instance_normalization),
    Operator("GroupNormalization", _group_normalization_by_group, ignores=STASH),
    Operator("GroupNormalization", _group_normalization, since=21, ignores=STASH),
    Operator("MeanVarianceNormalization", _mean_variance),
    Operator("LRN", _local_response),
)
