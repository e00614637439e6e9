# SPDX-License-Identifier: Apache-2.0
"""Mixtures of experts: every expert computes, the router's choice weighs the results.

An expert that no token chooses has weight 0. All products are batched over the experts.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim, product
from ingot.ir.graph import Value
from ingot.onnx.attributes import REPORT
from ingot.onnx.call import Call
from ingot.onnx.ops.heads import sequence
from ingot.onnx.ops.microsoft.activations import gated, halves, section
from ingot.onnx.ops.microsoft.blocks import unpacked
from ingot.onnx.ops.microsoft.domain import operator

REFUSED = ("use_sparse_mixer", "swiglu_limit_after_activation")
PLAIN = {"relu": "relu", "silu": "silu", "identity": "identity"}


@dataclass(frozen=True)
class Layer:
    """One linear layer of every expert: weights (experts, outputs, inputs), biases."""

    weights: Value
    bias: Value | None


def _moe(call: Call) -> Value:
    layers = [
        Layer(call[index], call.get(index + 1)) if call.has(index) else None for index in (2, 4, 6)
    ]
    return _mixed(call, layers, None)


def _quantised_moe(call: Call) -> Value:
    if call.text_attribute("quant_type", "int") != "int":
        call.refuse("its weights are not integers", REPORT)
    if call.int_attribute("weights_prepacked", 0) == 1:
        call.refuse("its weights are packed for one device", REPORT)
    names = ("fc1_expert_weight_bits", "fc2_expert_weight_bits", "fc3_expert_weight_bits")
    bits = call.int_attribute("expert_weight_bits", 4)
    layers = [
        _real_layer(call, index, zeros, call.int_attribute(name, bits))
        for index, zeros, name in zip((2, 5, 8), (11, 12, 13), names, strict=True)
    ]
    return _mixed(call, layers, call.get(14))


def _real_layer(call: Call, index: int, zeros: int, bits: int) -> Layer | None:
    """A layer's weights as real numbers."""
    if not call.has(index):
        return None
    codes = unpacked(call, call[index], bits)
    experts, rows, depth = codes.shape
    scales = call[index + 1]
    shape = (experts, rows, 1 if scales.rank == 2 else scales.shape[2], 1)
    blocks = shape[2]
    levels = call.make("cast", codes, to=scales.dtype)
    apart = call.make("reshape", levels, shape=(experts, rows, blocks, depth // blocks))
    if call.has(zeros):
        points = call.make("cast", _points(call, zeros, bits, shape[:3]), to=scales.dtype)
        shifted = call.make("sub", apart, call.make("reshape", points, shape=shape))
    else:
        shifted = call.make("sub", apart, float(1 << (bits - 1)))
    whole = call.make("mul", shifted, call.make("reshape", scales, shape=shape))
    weights = call.make("reshape", whole, shape=(experts, rows, depth))
    dtype = call.dtype()
    weights = weights if weights.dtype == dtype else call.make("cast", weights, to=dtype)
    return Layer(weights, call.get(index + 2))


def _points(call: Call, index: int, bits: int, shape: tuple[Dim, ...]) -> Value:
    """Zero points unpacked along their last axis, without what fills up the last byte."""
    codes = unpacked(call, call[index], bits)
    last = shape[2] if codes.rank == 3 else shape[1]
    return section(call, codes, 0, last) if codes.shape[-1] != last else codes


def _mixed(call: Call, layers: list[Layer | None], weights: Value | None) -> Value:
    """The tokens through all experts, weighed and summed."""
    if call.bool_attribute("use_sparse_mixer") or call.bool_attribute(
        "swiglu_limit_after_activation"
    ):
        call.refuse("it uses the sparse mixer, or a limit behind the activation", REPORT)
    shape = call.shape()
    tokens = call.make("reshape", call[0], shape=(1, product(shape[:-1]), shape[-1]))
    first, second, third = layers
    assert first is not None and second is not None
    inner = _active(call, tokens, first, third)
    results = _linear(call, inner, second)
    shares = _shares(call, weights)
    experts = shares.shape[1]
    column = call.make("transpose", shares, permutation=(1, 0))
    column = call.make("reshape", column, shape=(experts, shares.shape[0], 1))
    total = call.make("reduce_sum", call.make("mul", results, column), axes=(0,), keep_dims=False)
    return call.result("reshape", total, shape=shape)


def _linear(call: Call, x: Value, layer: Layer) -> Value:
    turned = call.make("transpose", layer.weights, permutation=(0, 2, 1))
    found = call.make("matmul", x, turned)
    if layer.bias is None:
        return found
    experts, width = layer.bias.shape
    return call.make("add", found, call.make("reshape", layer.bias, shape=(experts, 1, width)))


def _active(call: Call, x: Value, first: Layer, third: Layer | None) -> Value:
    """The first layer through the activation; gated activations have a second half."""
    name = call.text_attribute("activation_type", "relu")
    found = _linear(call, x, first)
    if name == "gelu":
        return call.make("gelu", found, approximate="tanh")
    if name in PLAIN:
        active = call.make(PLAIN[name], found)
        return active if third is None else call.make("mul", active, _linear(call, x, third))
    if name != "swiglu":
        call.refuse(f"the activation '{name}' is not supported", REPORT)
    fusion = call.int_attribute("swiglu_fusion", 0)
    width = found.shape[-1]
    if third is not None:
        gate, up = found, _linear(call, x, third)
    elif fusion == 1:
        gate, up = section(call, found, 0, width, 2), section(call, found, 1, width, 2)
    else:
        gate, up = halves(call, found)
    return gated(
        call, gate, up, call.float_attribute("activation_alpha", 1.0),
        call.float_attribute("activation_beta", 0.0), call.float_attribute("swiglu_limit", 0.0),
    )  # fmt: skip


def _shares(call: Call, weights: Value | None) -> Value:
    """(tokens, experts): the router's probability where an expert is among the k best, else 0.

    Quantised experts share out the probability of the k best whether the call says so or not.
    """
    logits = call[1]
    best = _among_best(call, logits, call.int_attribute("k", 1))
    chances = call.make("softmax", logits, axis=1) if weights is None else weights
    kept = call.make("where", best, chances, call.constant(0.0, chances.dtype))
    asked = call.bool_attribute("normalize_routing_weights")
    if asked or (call.node.op == "QMoE" and weights is None):
        total = call.make("reduce_sum", kept, axes=(1,), keep_dims=True)
        kept = call.make("div", kept, total)
    return kept


def _among_best(call: Call, logits: Value, k: int) -> Value:
    """Whether fewer than k experts rank higher; of equals the earlier one does."""
    count, experts = logits.shape
    mine = call.make("reshape", logits, shape=(count, experts, 1))
    other = call.make("reshape", logits, shape=(count, 1, experts))
    earlier = call.make(
        "less", sequence(call, experts, (experts,)), sequence(call, experts, (experts, 1))
    )
    ties = call.make("logical_and", call.make("equal", mine, other), earlier)
    higher = call.make("logical_or", call.make("less", mine, other), ties)
    number = call.make("cast", higher, to=logits.dtype)
    rank = call.make("reduce_sum", number, axes=(2,), keep_dims=False)
    return call.make("less", rank, float(k))


OPERATORS = (
    operator("MoE", _moe, "activation_alpha", "activation_beta", "swiglu_limit", "swiglu_fusion"),
    operator(
        "QMoE",
        _quantised_moe,
        "activation_alpha",
        "activation_beta",
        "swiglu_limit",
        "swiglu_fusion",
        "block_size",
        "accuracy_level",
        "weights_prepacked",
    ),
)
