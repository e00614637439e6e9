# SPDX-License-Identifier: Apache-2.0
"""Operators that pick elements by indices, or put them there."""

from __future__ import annotations

from ingot.dtypes import INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.measure import sizes_of
from ingot.onnx.operator import Operator, Read
from ingot.ops.domains import INDICES

REDUCTIONS = ("none", "add", "mul", "max", "min")


def along_axis(op: str) -> Read:
    """The mapping to an op of data and indices along an axis, 0 if not given."""

    def read(call: Call) -> Value:
        axis = call.axis(call.int_attribute("axis", 0), call.rank())
        return call.result(op, call[0], call[1], axis=axis)

    return read


def _gather_nd(call: Call) -> Value:
    batch = call.int_attribute("batch_dims", 0)
    return call.result("gather_nd", call[0], call[1], batch_dims=batch)


def _scatter_elements(call: Call) -> Value:
    axis = call.axis(call.int_attribute("axis", 0), call.rank())
    reduction = call.choice_attribute("reduction", "none", REDUCTIONS)
    inputs = call[0], call[1], call[2]
    return call.result("scatter_elements", *inputs, axis=axis, reduction=reduction)


def _scatter_nd(call: Call) -> Value:
    reduction = call.choice_attribute("reduction", "none", REDUCTIONS)
    return call.result("scatter_nd", call[0], call[1], call[2], reduction=reduction)


def _one_hot(call: Call) -> Value:
    depth = sizes_of(call, 1, "the depth")[0]
    axis = call.axis(call.int_attribute("axis", -1), call.rank() + 1)
    indices = call[0]
    if indices.dtype not in INDICES:
        indices = call.make("cast", indices, to=INT64)
    return call.result("one_hot", indices, call[2], depth=depth, axis=axis)


def _reverse_sequence(call: Call) -> Value:
    batch = call.axis(call.int_attribute("batch_axis", 1), call.rank())
    time = call.axis(call.int_attribute("time_axis", 0), call.rank())
    return call.result("reverse_sequence", call[0], call[1], batch_axis=batch, time_axis=time)


def _tensor_scatter(call: Call) -> Value:
    axis = call.axis(call.int_attribute("axis", -2), call.rank())
    mode = call.choice_attribute("mode", "linear", ("linear", "circular"))
    if axis == 0:
        call.fail("its axis is that of the batch", "write along another axis")
    if call.has(2):
        start = call[2]
    else:
        start = call.make("expand", call.constant(0, INT64), shape=call.shape()[:1])
    circular = mode == "circular"
    return call.result("tensor_scatter", call[0], call[1], start, axis=axis, circular=circular)


OPERATORS = (
    Operator("Gather", along_axis("gather")),
    Operator("GatherElements", along_axis("gather_elements")),
    Operator("GatherND", _gather_nd),
    Operator("ScatterElements", _scatter_elements),
    Operator("Scatter", _scatter_elements),
    Operator("ScatterND", _scatter_nd),
    Operator("OneHot", _one_hot),
    Operator("ReverseSequence", _reverse_sequence),
    Operator("TensorScatter", _tensor_scatter),
)
