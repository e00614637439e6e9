# SPDX-License-Identifier: Apache-2.0
"""Operators that draw random numbers, from a generator that counts: the same at every run.

A node with a seed has the numbers of that seed; one without has those of its place in the model.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import BOOL, FLOAT32, FLOAT64, INT32, DType
from ingot.ir.graph import Value
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator, Read, Result
from ingot.ops.domains import REALS


def seed_of(call: Call) -> int:
    """The stream of numbers: the bits of the seed, or the number of nodes before this one."""
    if not call.given("seed"):
        return len(call.builder.nodes) + (1 << 32)
    bits: int = struct.unpack("<I", struct.pack("<f", call.float_attribute("seed")))[0]
    return bits


def _dtype(call: Call, default: DType) -> DType:
    return call.type_attribute("dtype") if call.given("dtype") else default


def _drawn(call: Call, op: str, shape: Sequence[Dim], dtype: DType) -> Value:
    """Numbers of a float type."""
    if dtype not in REALS:
        names = ", ".join(kind.name for kind in REALS)
        call.fail(f"random numbers are asked for in {dtype}", f"ask for one of {names} by 'dtype'")
    attributes: dict[str, Any]
    if op == "random_uniform":
        attributes = {
            "low": call.float_attribute("low", 0.0),
            "high": call.float_attribute("high", 1.0),
        }
    else:
        attributes = {
            "mean": call.float_attribute("mean", 0.0),
            "scale": call.float_attribute("scale", 1.0),
        }
    return call.result(op, shape=tuple(shape), dtype=dtype, seed=seed_of(call), **attributes)


def random(op: str) -> Read:
    """The mapping of numbers in a shape that is an attribute."""

    def read(call: Call) -> Value:
        shape = call.ints_attribute("shape", ())
        return _drawn(call, op, shape, _dtype(call, FLOAT32))

    return read


def random_like(op: str) -> Read:
    """The mapping of numbers in the shape of an input."""

    def read(call: Call) -> Value:
        return _drawn(call, op, call.shape(), _dtype(call, call.dtype()))

    return read


def uniform(call: Call, shape: Sequence[Dim], dtype: DType, seed: int) -> Value:
    """Numbers in [0, 1)."""
    return call.make("random_uniform", shape=tuple(shape), dtype=dtype, seed=seed)


def _bernoulli(call: Call) -> Value:
    chance = call[0]
    wide = FLOAT64 if chance.dtype == FLOAT64 else FLOAT32
    if chance.dtype != wide:
        chance = call.make("cast", chance, to=wide)
    hit = call.make("less", uniform(call, chance.shape, wide, seed_of(call)), chance)
    return call.result("cast", hit, to=_dtype(call, call.dtype()))


def _multinomial(call: Call) -> Value:
    """The class at which the running sum of chances passes a random part of their whole."""
    if call.rank() != 2:
        call.fail(f"the input has rank {call.rank()}", "it must be [batch, classes]")
    batch, classes = call.shape()
    wide = FLOAT64 if call.dtype() == FLOAT64 else FLOAT32
    logits = call[0] if call.dtype() == wide else call.make("cast", call[0], to=wide)
    chances = call.make("softmax", logits, axis=1)
    sums = call.make("cumsum", chances, axis=1)
    total = call.make("slice", sums, starts=(0, classes - 1), ends=(batch, classes), steps=(1, 1))
    samples = call.int_attribute("sample_size", 1)
    part = call.make("mul", uniform(call, (batch, samples), wide, seed_of(call)), total)
    columns = call.make("reshape", part, shape=(batch, samples, 1))
    table = call.make("reshape", sums, shape=(batch, 1, classes))
    passed = call.make("cast", call.make("less_equal", table, columns), to=INT32)
    found = call.make("reduce_sum", passed, axes=(2,), keep_dims=False)
    last = call.make("cast", call.make("sizes", values=(classes - 1,)), to=INT32)
    chosen = call.make("minimum", found, last)
    return call.result("cast", chosen, to=_dtype(call, INT32))


# --- dropout


def _dropout(call: Call) -> Result:
    """Does nothing in inference; the mask, where asked for, keeps everything."""
    if call.opset < 7:
        if not call.bool_attribute("is_test"):
            ratio = call.constant(np.float32(call.float_attribute("ratio", 0.5)))
            return _dropped(call, ratio)
    elif call.opset >= 12 and call.has(2):
        known = call.tensor(2).elements
        if known is None or known.any():
            return _dropped(call, _ratio(call, call[2] if known is None else None))
    if len(call.node.outputs) < 2 or not call.node.outputs[1]:
        return call[0]
    every = call.constant(np.ones((), _mask_type(call).numpy))
    return call[0], call.result("expand", every, output=1, shape=call.shape())


def _mask_type(call: Call) -> DType:
    """The type of the mask: before opset 10 that of the input."""
    return BOOL if call.opset >= 10 else call.dtype()


def _ratio(call: Call, training: Value | None) -> Value:
    """The part of the elements that is dropped, always or where `training` holds."""
    ratio = call[1] if call.has(1) else call.constant(np.float32(0.5))
    ratio = ratio if ratio.dtype == FLOAT32 else call.make("cast", ratio, to=FLOAT32)
    if training is None:
        return ratio
    return call.make("where", training, ratio, call.constant(np.float32(0)))


def _dropped(call: Call, ratio: Value) -> Result:
    """A part of the elements dropped by chance and the others scaled."""
    x = call[0]
    seed = call.int_attribute("seed", 0) if call.given("seed") else seed_of(call)
    drawn = uniform(call, x.shape, FLOAT32, seed)
    kept = call.make("greater_equal", drawn, ratio)
    scale = call.make("reciprocal", call.make("sub", call.constant(np.float32(1)), ratio))
    scaled = call.make("mul", x, call.make("cast", scale, to=x.dtype))
    y = call.result("where", kept, scaled, call.constant(0, x.dtype))
    return y, call.result("cast", kept, output=1, to=_mask_type(call))


OPERATORS = (
    Operator("RandomUniform", random("random_uniform")),
    Operator("RandomNormal", random("random_normal")),
    Operator("RandomUniformLike", random_like("random_uniform")),
    Operator("RandomNormalLike", random_like("random_normal")),
    Operator("Bernoulli", _bernoulli),
    Operator("Multinomial", _multinomial),
    Operator("Dropout", _dropout, ignores=("ratio", "seed", "is_test")),
)
