# SPDX-License-Identifier: Apache-2.0
"""The com.microsoft operators against ONNX Runtime's own kernels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from onnx import TensorProto
from tests.unit.onnx.microsoft import Call, error

from ingot.errors import RunError
from ingot.ir.graph import Array
from ingot.onnx.ops.microsoft import (
    activations,
    blocks,
    fused,
    grouped,
    lookup,
    norms,
    products,
)
from ingot.onnx.ops.microsoft import (
    attention as heads,
)
from ingot.onnx.ops.microsoft import (
    experts as mixtures,
)

LIMIT = 1e-5
FAMILIES = (activations, products, fused, norms, heads, grouped, blocks, lookup, mixtures)
RNG = np.random.default_rng(29)


def real(*shape: int, scale: float = 1.0) -> Array:
    return (scale * RNG.standard_normal(shape)).astype(np.float32)


def ints(low: int, high: int, *shape: int, dtype: type = np.int32) -> Array:
    return RNG.integers(low, high, shape).astype(dtype)


def bytes_(*shape: int) -> Array:
    return RNG.integers(0, 256, shape).astype(np.uint8)


def whole(*numbers: int, dtype: type = np.int32) -> Array:
    return np.array(numbers, dtype)


def angles(count: int, pairs: int) -> tuple[Array, Array]:
    table = np.outer(np.arange(count), 1.0 / (10.0 ** np.arange(pairs)))
    return np.cos(table).astype(np.float32), np.sin(table).astype(np.float32)


X = real(2, 5, 32)
SMALL = (
    Call("Gelu", [X]),
    Call("BiasGelu", [X, real(32)]),
    Call("FastGelu", [X]),
    Call("FastGelu", [X, real(32)]),
    Call("QuickGelu", [X]),
    Call("QuickGelu", [X], {"alpha": 1.0}),
    Call("Trilu", [real(2, 4, 5), np.array(1, np.int64)], {"upper": 0}, weights=(1,)),
    Call("ExpandDims", [real(2, 3), np.array(1, np.int32)], weights=(1,)),
    Call("CDist", [real(7, 5), real(4, 5)], {"metric": "euclidean"}),
    Call("CDist", [real(7, 5), real(4, 5)], {"metric": "sqeuclidean"}),
    Call("Inverse", [real(2, 4, 4)]),
    Call("FusedMatMul", [real(2, 3, 4), real(2, 4, 5)], {"alpha": 0.5}),
    Call("FusedMatMul", [real(2, 4, 3), real(2, 5, 4)], {"transA": 1, "transB": 1}),
    Call("FusedMatMul", [real(4, 3), real(4, 5)], {"transA": 1, "alpha": 2.0}),
    Call("FusedMatMul", [real(3, 2, 4), real(2, 4, 5)], {"transBatchA": 1}),
    Call("FusedMatMul", [real(2, 3, 4), real(4, 2, 5)], {"transBatchB": 1}),
    Call(
        "FusedGemm", [real(3, 4), real(5, 4), real(5)],
        {"transB": 1, "alpha": 0.5, "beta": 2.0, "activation": "Relu"},
    ),
    Call(
        "FusedGemm", [real(3, 4), real(4, 5), real(5)],
        {"activation": "LeakyRelu", "activation_alpha": 0.3},
    ),
    Call("TransposeMatMul", [real(2, 4, 3), real(2, 4, 5)], {"transA": 1}),
)  # fmt: skip
CONVOLUTIONS = tuple(
    Call("FusedConv", [real(1, 3, 8, 8), real(4, 3, 3, 3), *rest], attributes)
    for rest, attributes in (
        ([real(4)], {"activation": "Relu"}),
        ([real(4)], {"activation": "Clip", "activation_params": [0.0, 6.0]}),
        ([real(4)], {"activation": "HardSigmoid", "activation_params": [0.2, 0.5]}),
        ([real(4)], {"activation": "LeakyRelu", "activation_params": [0.1], "pads": [1, 1, 1, 1]}),
        ([real(4)], {"activation": "Tanh", "strides": [2, 2]}),
        ([real(4), real(1, 4, 6, 6)], {"activation": "Relu"}),
    )
)
NORMS = (
    Call("SkipLayerNormalization", [X, real(2, 5, 32), real(32), real(32), real(32)]),
    Call("SkipLayerNormalization", [X, real(2, 5, 32), real(32)], {"epsilon": 1e-3}),
    Call(
        "SkipLayerNormalization", [X, real(1, 5, 32), real(32), real(32)],
        outputs=("y", "", "", "sum"),
    ),
    Call("SkipLayerNormalization", [X, real(5, 32), real(32), real(32)], {"epsilon": 1e-5}),
    Call("SkipSimplifiedLayerNormalization", [X, real(2, 5, 32), real(32)]),
    Call(
        "SkipSimplifiedLayerNormalization", [X, real(2, 5, 32), real(32), real(32)],
        {"epsilon": 1e-5}, outputs=("y", "", "", "sum"),
    ),
    Call("SimplifiedLayerNormalization", [X, real(32)], {"epsilon": 1e-5}, domain=""),
    Call(
        "SimplifiedLayerNormalization", [X, real(32)], {"axis": -1}, outputs=("y", "scale"),
        domain="",
    ),
    Call(
        "EmbedLayerNormalization",
        [ints(0, 9, 2, 5), ints(0, 2, 2, 5), real(9, 16), real(7, 16), real(2, 16), real(16),
         real(16), np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], np.int32)],
        outputs=("y", "index"), types={"index": TensorProto.INT32},
    ),
    Call(
        "EmbedLayerNormalization",
        [ints(0, 9, 2, 5), None, real(9, 16), real(7, 16), None, real(16), real(16), None,
         ints(0, 7, 2, 5)],
        {"epsilon": 1e-5}, outputs=("y", "index", "sum"), types={"index": TensorProto.INT32},
    ),
)  # fmt: skip
ROTATIONS = tuple(
    Call("RotaryEmbedding", [x, positions, *angles(16, pairs)], attributes)
    for x, positions, pairs, attributes in (
        (real(2, 5, 32), whole(0, dtype=np.int64), 4, {}),
        (real(2, 5, 32), whole(3, dtype=np.int64), 4, {"interleaved": 1}),
        (real(2, 5, 32), ints(0, 16, 2, 5, dtype=np.int64), 8, {}),
        (real(2, 4, 5, 8), ints(0, 16, 2, 5, dtype=np.int64), 4, {"interleaved": 1}),
        (real(2, 5, 32), ints(0, 16, 2, 5, dtype=np.int64), 2,
         {"rotary_embedding_dim": 4, "num_heads": 4}),
    )
)  # fmt: skip
H = {"num_heads": 4}
MULTI_HEAD = (
    Call("MultiHeadAttention", [real(2, 5, 32), real(2, 7, 32), real(2, 7, 32)], H),
    Call("MultiHeadAttention", [real(2, 5, 32), real(2, 7, 32), real(2, 7, 16)], H),
    Call("MultiHeadAttention", [real(2, 5, 32), real(2, 5, 32), real(2, 5, 32), real(96)], H),
    Call("MultiHeadAttention", [real(2, 5, 32), real(2, 4, 7, 8), real(2, 4, 7, 8)], H),
    Call("MultiHeadAttention", [X, X, X], {**H, "unidirectional": 1}),
    Call("MultiHeadAttention", [X, X, X], {**H, "scale": 0.1}),
    Call("MultiHeadAttention", [X, X, X, None, whole(3, 5)], H),
    Call(
        "MultiHeadAttention",
        [X, X, X, None, np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], np.int32)], H,
    ),
    Call("MultiHeadAttention", [X, X, X, None, ints(0, 2, 2, 5, 5)], H),
    Call("MultiHeadAttention", [X, X, X, None, None, real(1, 4, 5, 5)], H),
    Call(
        "MultiHeadAttention",
        [X, X, X, None, None, real(2, 1, 5, 8), real(2, 4, 3, 8), real(2, 4, 3, 8)], H,
        outputs=("y", "key", "value"),
    ),
    Call(
        "MultiHeadAttention", [X, X, X, None, None, None, real(2, 4, 3, 8), real(2, 4, 3, 8)],
        {**H, "unidirectional": 1}, outputs=("y", "key", "value"),
    ),
    Call("MultiHeadAttention", [X, X, X], H, outputs=("y", "key", "value", "qk")),
    Call(
        "MultiHeadAttention", [X, X, X, None, whole(3, 5), real(1, 4, 5, 5)], H,
        outputs=("y", "key", "value", "qk"),
    ),
)  # fmt: skip
W, B = real(32, 96, scale=0.2), real(96)
PROJECTED = (
    Call("Attention", [X, W, B], H),
    Call("Attention", [X, W], H),
    Call("Attention", [X, W, B], {**H, "unidirectional": 1}),
    Call("Attention", [X, W, B, whole(3, 5)], H),
    Call("Attention", [X, W, B, whole(5, 4, 1, 0)], H),
    Call("Attention", [X, W, B, np.array([[1, 1, 1, 0, 0], [1] * 5], np.int32)], H),
    Call("Attention", [X, W, B, ints(0, 2, 2, 5, 5)], H),
    Call("Attention", [X, W, B, None, None, real(2, 4, 5, 5)], H),
    Call(
        "Attention", [X, real(32, 80, scale=0.2), real(80)],
        {**H, "qkv_hidden_sizes": [32, 32, 16]},
    ),
    Call("Attention", [X, W, B, None, real(2, 2, 4, 3, 8)], H, outputs=("y", "present")),
    Call(
        "Attention", [X, W, B, ints(0, 2, 2, 8), real(2, 2, 4, 3, 8)],
        {**H, "unidirectional": 1}, outputs=("y", "present"),
    ),
)  # fmt: skip
G = {"num_heads": 4, "kv_num_heads": 2}
PRESENT = ("y", "key", "value")


def group_query(
    length: int, past: int, *more: Array | None, batch: int = 2, lengths: Array | None = None,
    buffer: int | None = None, packed: bool = False, **attributes: int | float,
) -> Call:  # fmt: skip
    """A step of `length` tokens after `past` of them, without a shared buffer."""
    total = length + past
    inputs: list[Array | None] = [
        real(batch, length, 4 * 16), real(batch, length, 2 * 16), real(batch, length, 2 * 16)
    ]  # fmt: skip
    if packed:
        inputs = [real(batch, length, 8 * 16), None, None]
    cache = past if buffer is None else buffer
    inputs += [real(batch, 2, cache, 16), real(batch, 2, cache, 16)] if cache else [None, None]
    inputs.append(whole(*[total - 1] * batch) if lengths is None else lengths)
    inputs.append(np.array(total, np.int32))
    return Call(
        "GroupQueryAttention", [*inputs, *more], {**G, **attributes}, PRESENT, weights=(6,)
    )  # fmt: skip


TABLES = angles(32, 8)
GROUPED = (
    group_query(5, 0),
    group_query(1, 6),
    group_query(3, 6, batch=1),
    group_query(5, 0, packed=True),
    group_query(1, 6, packed=True),
    group_query(5, 0, *TABLES, do_rotary=1),
    group_query(1, 6, *TABLES, do_rotary=1),
    group_query(3, 4, *TABLES, batch=1, do_rotary=1, rotary_interleaved=1),
    group_query(1, 6, *TABLES, packed=True, do_rotary=1),
    group_query(5, 0, softcap=2.0),
    group_query(6, 0, local_window_size=2),
    group_query(1, 6, local_window_size=3),
    group_query(1, 6, scale=0.1),
    group_query(1, 6, smooth_softmax=1),
    group_query(4, 0, None, None, None, None, real(4)),
    group_query(1, 6, None, None, None, real(1, 4, 1, 7)),
    group_query(1, 6, *TABLES, np.full((2, 1), 6, np.int64), do_rotary=1),
)


def packed_weights(
    rows: int, depth: int, columns: int, bits: int, block: int, zeros: str = "", bias: bool = False,
    **attributes: int,
) -> Call:  # fmt: skip
    blocks = -(-depth // block)
    points: dict[str, Array | None] = {
        "": None,
        "packed": bytes_(columns * (-(-blocks * bits // 8))),
        "floats": RNG.integers(0, 1 << bits, (columns, blocks)).astype(np.float32),
    }
    inputs = [
        real(rows, depth), bytes_(columns, blocks, block * bits // 8),
        np.abs(real(columns * blocks, scale=0.1)), points[zeros],
        *([None, real(columns)] if bias else []),
    ]  # fmt: skip
    return Call(
        "MatMulNBits", inputs,
        {"K": depth, "N": columns, "bits": bits, "block_size": block, **attributes},
        weights=(1, 2, 3),
    )  # fmt: skip


PACKED = (
    packed_weights(1, 64, 48, 4, 32),
    packed_weights(3, 64, 17, 4, 32, "packed"),
    packed_weights(1, 128, 40, 4, 16, "packed"),
    packed_weights(1, 128, 40, 4, 128),
    packed_weights(2, 64, 24, 4, 64, bias=True),
    packed_weights(1, 96, 33, 8, 32),
    packed_weights(2, 96, 33, 8, 32, "packed"),
    packed_weights(1, 64, 16, 4, 32, "floats"),
    packed_weights(20, 64, 40, 4, 32, accuracy_level=1),
)
LOOKED_UP = (
    Call(
        "GatherBlockQuantized",
        [bytes_(12, 16), ints(0, 12, 2, 3, dtype=np.int64), np.abs(real(12, 2))],
        {"block_size": 16, "bits": 4, "quantize_axis": 1}, weights=(0, 2),
    ),
    Call(
        "GatherBlockQuantized",
        [bytes_(12, 16), ints(0, 12, 2, 3, dtype=np.int64), np.abs(real(12, 2)), bytes_(12, 1)],
        {"block_size": 16, "bits": 4, "quantize_axis": 1}, weights=(0, 2, 3),
    ),
    Call(
        "GatherBlockQuantized",
        [bytes_(12, 32), ints(0, 12, 4, dtype=np.int64), np.abs(real(12, 2)), bytes_(12, 2)],
        {"block_size": 16, "bits": 8, "quantize_axis": 1}, weights=(0, 2, 3),
    ),
)  # fmt: skip


def experts(name: str, double: int = 1, third: bool = False, **more: int | float) -> Call:
    count, depth, inner = 4, 16, 24
    inputs = [
        real(2, 3, depth), real(6, count), real(count, double * inner, depth, scale=0.2),
        real(count, double * inner), real(count, depth, inner, scale=0.2), real(count, depth),
        *([real(count, inner, depth, scale=0.2), real(count, inner)] if third else []),
    ]  # fmt: skip
    return Call("MoE", inputs, {"activation_type": name, "k": 2, **more})


def packed_experts(bits: int, block: int = 0, **more: int | float) -> Call:
    count, depth, inner = 4, 32, 32

    def layer(rows: int, columns: int) -> list[Array | None]:
        scales = (count, rows, columns // block) if block else (count, rows)
        return [
            bytes_(count, rows, columns * bits // 8), np.abs(real(*scales, scale=0.02)),
            real(count, rows),
        ]  # fmt: skip

    blocks = {"block_size": block} if block else {}
    return Call(
        "QMoE",
        [real(6, depth), real(6, count), *layer(2 * inner, depth), *layer(depth, inner)],
        {"activation_type": "swiglu", "swiglu_fusion": 1, "k": 2, "expert_weight_bits": bits,
         "weights_prepacked": 0, **blocks, **more},
        weights=(2, 3, 4, 5, 6, 7),
    )  # fmt: skip


EXPERTS = (
    experts("relu"),
    experts("gelu"),
    experts("silu", normalize_routing_weights=1),
    experts("swiglu", 2, swiglu_fusion=1, activation_alpha=1.702, activation_beta=1.0,
            swiglu_limit=7.0),
    packed_experts(4),
    packed_experts(8),
    packed_experts(4, normalize_routing_weights=1),
    packed_experts(4, 16),
    packed_experts(4, 16, normalize_routing_weights=1),
)  # fmt: skip
CALLS = (
    *SMALL, *CONVOLUTIONS, *NORMS, *ROTATIONS, *MULTI_HEAD, *PROJECTED, *GROUPED, *PACKED,
    *LOOKED_UP, *EXPERTS,
)  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_agrees_with_onnx_runtime(call: Call) -> None:
    for found, wanted in zip(call.ours(), call.peer(), strict=True):
        assert found.dtype == wanted.dtype
        assert error(found, wanted) < LIMIT


# Where ONNX Runtime has no kernel for the CPU, a formula says what is right.


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def erf_gelu(x: Array) -> Array:
    return 0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def tanh_gelu(x: Array) -> Array:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def group_norm(x: Array, scale: Array, bias: Array, groups: int) -> Array:
    """Over (batch, height, width, channels)."""
    batch, channels = x.shape[0], x.shape[3]
    parts = x.reshape(batch, -1, groups, channels // groups)
    centred = parts - parts.mean((1, 3), keepdims=True)
    normal = centred / np.sqrt((centred**2).mean((1, 3), keepdims=True) + 1e-5)
    return normal.reshape(x.shape) * scale + bias


def heads_of(packed: Array, slot: int) -> Array:
    return packed[:, :, :, slot].transpose(0, 2, 1, 3)


def attention(q: Array, k: Array, v: Array) -> Array:
    weights = softmax(q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1]))
    mixed = (weights @ v).transpose(0, 2, 1, 3)
    return mixed.reshape(*mixed.shape[:2], -1)


def root_mean(x: Array) -> Array:
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6)


IMAGE, SKIP, C1, C2 = real(2, 4, 3, 8), real(2, 4, 3, 8), real(8), real(8)
INNER, PAIRS, QKV = real(2, 3, 4, 5), real(2, 5, 2), real(2, 5, 4, 3, 8)
FLAT, GATE, KV = real(2, 5, 32), real(2, 5, 1), real(2, 7, 4, 2, 8)
NORMED = group_query(3, 0, *[None] * 7, real(16), real(16))


def normed() -> Array:
    q, k, v = (x.reshape(2, 3, -1, 16).transpose(0, 2, 1, 3) for x in NORMED.inputs[:3])
    q, k = root_mean(q) * NORMED.inputs[14], root_mean(k) * NORMED.inputs[15]
    scores = q @ np.repeat(k, 2, 1).swapaxes(-1, -2) / 4
    weights = softmax(np.where(np.tri(3, dtype=bool), scores, -np.inf))
    return (weights @ np.repeat(v, 2, 1)).transpose(0, 2, 1, 3).reshape(2, 3, -1)


def as_complex(x: Array) -> Array:
    return x[..., 0] + 1j * x[..., 1]


def as_pairs(x: Array) -> Array:
    return np.stack([x.real, x.imag], -1)


OTHER = real(2, 5, 2)
FORMULAS = (
    (Call("BiasSoftmax", [INNER, C1[:5]], {"axis": 3, "is_inner_broadcast": 1}),
     softmax(INNER + C1[:5])),
    (Call("BiasSoftmax", [INNER, INNER[0, 0]], {"axis": 2, "is_inner_broadcast": 0}),
     softmax((INNER + INNER[0, 0]).reshape(2, 3, -1)).reshape(INNER.shape)),
    (Call("BiasAdd", [FLAT, FLAT[0, 0], X]), FLAT + FLAT[0, 0] + X),
    (Call("BiasSplitGelu", [FLAT, X[0, 0]]),
     (FLAT + X[0, 0])[..., :16] * erf_gelu((FLAT + X[0, 0])[..., 16:])),
    (Call("GatedAdd", [FLAT, X, GATE]), FLAT + X * GATE),
    (Call("SwiGLU", [FLAT, X]), FLAT * sigmoid(FLAT) * X),
    (Call("SwiGLU", [FLAT], {"limit": 1.0, "activation_alpha": 1.702, "activation_beta": 1.0}),
     np.minimum(FLAT[..., :16], 1) * sigmoid(1.702 * np.minimum(FLAT[..., :16], 1))
     * (np.clip(FLAT[..., 16:], -1, 1) + 1)),
    (Call("FusedMatMulActivation", [X, W], {"activation": "Relu"}), np.maximum(X @ W, 0)),
    (Call("GemmFastGelu", [X, W, B]), tanh_gelu(X @ W + B)),
    (Call("ComplexMul", [PAIRS, OTHER]), as_pairs(as_complex(PAIRS) * as_complex(OTHER))),
    (Call("ComplexMulConj", [PAIRS, OTHER]),
     as_pairs(as_complex(PAIRS) * as_complex(OTHER).conj())),
    (Call("GroupNorm", [IMAGE, C1, C2], {"groups": 4, "activation": 0}),
     group_norm(IMAGE, C1, C2, 4)),
    (Call("GroupNorm", [IMAGE, C1, C2], {"groups": 2, "activation": 1}),
     group_norm(IMAGE, C1, C2, 2) * sigmoid(group_norm(IMAGE, C1, C2, 2))),
    (Call("GroupNorm", [IMAGE.transpose(0, 3, 1, 2), C1, C2],
          {"groups": 4, "activation": 0, "channels_last": 0}),
     group_norm(IMAGE, C1, C2, 4).transpose(0, 3, 1, 2)),
    (Call("SkipGroupNorm", [IMAGE, C1, C2, SKIP, C1], {"groups": 4, "activation": 0}),
     group_norm(IMAGE + SKIP + C1, C1, C2, 4)),
    (Call("SkipGroupNorm", [IMAGE, C1, C2, SKIP[:, 0, 0]], {"groups": 4, "activation": 0}),
     group_norm(IMAGE + SKIP[:, :1, :1], C1, C2, 4)),
    (Call("MultiHeadAttention", [QKV], H),
     attention(*(heads_of(QKV, slot) for slot in range(3)))),
    (Call("MultiHeadAttention", [FLAT, KV], H),
     attention(FLAT.reshape(2, 5, 4, 8).transpose(0, 2, 1, 3), heads_of(KV, 0), heads_of(KV, 1))),
    (NORMED, normed()),
)  # fmt: skip


def convolved(x: Array, weight: Array, bias: Array) -> Array:
    """A convolution of (batch, height, width, channels), one place of the filter at a time."""
    high, wide = weight.shape[2:]
    rows, columns = x.shape[1] - high + 1, x.shape[2] - wide + 1
    total = sum(
        x[:, i : i + rows, j : j + columns] @ weight[:, :, i, j].T
        for i, j in np.ndindex(high, wide)
    )
    return np.asarray(total + bias)


FILTERS = real(5, 8, 2, 3, scale=0.3)
FINITE = np.where(X > 2, np.inf, X).astype(np.float32)
IMAGES = (
    (Call("NhwcConv", [IMAGE, FILTERS, C1[:5]]), convolved(IMAGE, FILTERS, C1[:5])),
    (Call("NhwcFusedConv", [IMAGE, FILTERS, C1[:5]], {"activation": "Relu"}),
     np.maximum(convolved(IMAGE, FILTERS, C1[:5]), 0)),
    (Call("IsAllFinite", [X, FLAT], types={"y": TensorProto.BOOL}), np.array(True)),
    (Call("IsAllFinite", [X, FINITE], types={"y": TensorProto.BOOL}), np.array(False)),
    (Call("IsAllFinite", [X, FINITE], {"isnan_only": 1}, types={"y": TensorProto.BOOL}),
     np.array(True)),
)  # fmt: skip


def test_every_operator_has_a_call() -> None:
    called = {call.operator for call in (*CALLS, *(call for call, _ in (*FORMULAS, *IMAGES)))}
    names = {operator.name for family in FAMILIES for operator in family.OPERATORS}
    assert names <= called


def test_sizes_may_be_open() -> None:
    for call in (ROTATIONS[2], MULTI_HEAD[0], PROJECTED[0], GROUPED[1], GROUPED[8], EXPERTS[0]):
        free = {5, 6, 7} if call.operator != "MoE" else {6}
        for found, wanted in zip(call.ours(free), call.peer(), strict=True):
            assert error(found, wanted) < LIMIT


@pytest.mark.parametrize(("call", "wanted"), (*FORMULAS, *IMAGES), ids=str)
def test_agrees_with_a_formula(call: Call, wanted: Array) -> None:
    assert error(call.ours()[0], wanted) < LIMIT


def test_a_cache_without_room_is_a_fault() -> None:
    call = group_query(1, 6, lengths=whole(6, 9))
    with pytest.raises(RunError, match="out of range"):
        call.ours()


BUFFERED = (
    group_query(1, 6, buffer=16),
    group_query(1, 6, *TABLES, do_rotary=1, lengths=whole(6, 3), buffer=16),
    group_query(5, 0, *TABLES, do_rotary=1, buffer=16),
)


@pytest.mark.parametrize("told", [True, False], ids=["known", "fed"])
@pytest.mark.parametrize("call", BUFFERED, ids=str)
def test_a_cache_of_fixed_size(call: Call, told: bool) -> None:
    """Rows behind the last token are nobody's; the total may be known or come with a run."""
    found = (call if told else replace(call, weights=())).ours()
    wanted, lengths = call.peer(), call.inputs[5]
    assert lengths is not None and error(found[0], wanted[0]) < LIMIT
    for mine, theirs in zip(found[1:], wanted[1:], strict=True):
        assert mine.shape == theirs.shape
        for entry, last in enumerate(lengths):
            assert error(mine[entry, :, : last + 1], theirs[entry, :, : last + 1]) < LIMIT
