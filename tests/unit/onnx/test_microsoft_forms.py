# SPDX-License-Identifier: Apache-2.0
"""Forms of com.microsoft operators that few models use, against ONNX Runtime's own kernels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from tests.unit.onnx.microsoft import Call, error

import ingot
from ingot.errors import InputError, ModelError, RunError, UnsupportedError
from ingot.ir.graph import Array
from ingot.onnx import read

LIMIT = 1e-5
RNG = np.random.default_rng(31)


def real(*shape: int, scale: float = 1.0) -> Array:
    return (scale * RNG.standard_normal(shape)).astype(np.float32)


def codes(low: int, high: int, *shape: int, dtype: Any = np.uint8) -> Array:
    return np.asarray(RNG.integers(low, high, shape).astype(dtype))


# --- masks

X = real(2, 5, 16)
W, B = real(16, 48), real(48)
CUMULATED = np.array([3, 4, 0, 5, 10, 0, 3, 7], np.int32)
MASKED = (
    Call("Attention", [X, W, B, CUMULATED], {"num_heads": 2}),
    Call("MultiHeadAttention", [X, X, X, None, CUMULATED], {"num_heads": 2}),
)


@pytest.mark.parametrize("call", MASKED, ids=str)
def test_masks_of_cumulated_lengths(call: Call) -> None:
    assert error(call.ours()[0], call.peer()[0]) < LIMIT


def test_a_mask_of_another_length_is_an_error() -> None:
    call = Call("MultiHeadAttention", [X, X, X, None, CUMULATED[:5]], {"num_heads": 2})
    with pytest.raises(ModelError, match="5 entries for a batch of 2"):
        read(call.model())


def test_a_mask_of_a_size_of_its_own_holds_lengths() -> None:
    lengths = np.array([3, 4], np.int32)
    call = Call("MultiHeadAttention", [X, X, X, None, lengths], {"num_heads": 2})
    model = call.model(free=(2, 5))
    model.graph.input[3].type.tensor_type.shape.dim[0].dim_param = "entries"
    with ingot.load(ingot.build(model), device="cpu", specialize="none") as session:
        assert error(session.run(call.feeds())["y"], call.peer()[0]) < LIMIT
        with pytest.raises(InputError, match="entries of the mask and of the batch"):
            session.run({**call.feeds(), "x4": CUMULATED})


# --- tables

ROWS = np.array([[1, 5, -1], [0, 3, -6]])
FLOATS = ("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float4_e2m1fn")


def lookup(data: Array, scales: Array, zeros: Array | None = None, rows: Array = ROWS,
           block: int = 16, axis: int = 0, split: int = 1, **more: int) -> Call:  # fmt: skip
    """A look-up in a table that the model states."""
    attributes = {"block_size": block, "gather_axis": axis, "quantize_axis": split, **more}
    given = [data, rows, scales, *([] if zeros is None else [zeros])]
    return Call("GatherBlockQuantized", given, attributes, weights=(0, 2, 3))


def table(name: str, *shape: int) -> Array:
    return real(*shape).astype(getattr(ml_dtypes, name))


TABLES = (
    *(
        lookup(table(name, 6, 32), np.abs(real(*scales)), block=block)
        for name in FLOATS
        for block, scales in ((16, (6, 2)), (0, (6, 1)), (0, (1, 1)), (16, (1, 2)))
    ),
    *(lookup(table(name, 32, 6), np.abs(real(2, 6)), split=0) for name in FLOATS[:1]),
    *(
        lookup(codes(low, low + 16, 32, 6, dtype=kind), np.abs(real(2, 6)),
               codes(low, low + 16, 2, 6, dtype=kind), split=0)
        for low, kind in ((-8, ml_dtypes.int4), (0, ml_dtypes.uint4))
    ),
    lookup(codes(0, 16, 3, 6, 32, dtype=ml_dtypes.uint4), np.abs(real(3, 6, 2)), axis=1, split=2),
    lookup(codes(0, 16, 3, 32, 6, dtype=ml_dtypes.uint4), np.abs(real(3, 2, 6)), axis=2, split=1),
    lookup(codes(-8, 8, 6, 32, dtype=ml_dtypes.int4), np.abs(real(6, 2)),
           rows=np.array([6, -7, 2, 99, -1])),
    lookup(codes(0, 256, 6, 16), np.abs(real(6, 2)), codes(0, 256, 6, 1), bits=4,
           rows=np.array([6, -7, 2])),
    lookup(table(FLOATS[0], 6, 32), np.abs(real(1, 2)), rows=np.array([[3], [17]])),
    lookup(codes(-8, 8, 32, 4, dtype=ml_dtypes.int4), np.abs(real(2, 4)), split=0,
           rows=np.array([31, 32, -33, -32])),
)  # fmt: skip


@pytest.mark.parametrize("call", TABLES, ids=lambda call: f"{call}-{call.inputs[0].dtype}")
def test_tables_of_few_bits(call: Call) -> None:
    (wanted,) = call.peer()
    np.testing.assert_allclose(call.ours()[0], wanted, rtol=1e-6)


def test_indices_that_the_model_states_and_open_counts_of_them() -> None:
    call = TABLES[0]
    stated = Call(call.operator, call.inputs, call.attributes, weights=(0, 1, 2))
    for found in (stated.ours(), call.ours(free=(3,))):
        np.testing.assert_allclose(found[0], call.peer()[0], rtol=1e-6)


def test_tables_that_cannot_be() -> None:
    packed = lookup(codes(0, 256, 32, 16), np.abs(real(2, 32)), split=0)
    with pytest.raises(ModelError, match="axis of packed codes"):
        read(packed.model())
    narrow = table(FLOATS[0], 6, 32)
    with pytest.raises(ModelError, match="zero points"):
        read(lookup(narrow, np.abs(real(6, 2)), narrow[:, :2]).model())
    with pytest.raises(ModelError, match="block_size"):
        read(lookup(codes(0, 256, 6, 16), np.abs(real(6, 2)), block=0).model())


# --- products

SIZES = {"N": 5, "K": 32, "block_size": 16, "bits": 4}
ORDER = RNG.permutation(np.repeat([0, 1], 16)).astype(np.int32)
A, CODES, SCALES = real(2, 3, 32), codes(0, 256, 5, 2, 8), np.abs(real(5, 2))
PRODUCTS = (
    Call("MatMulNBits", [A, CODES, SCALES, None, ORDER], SIZES, weights=(1, 2, 4)),
    Call("MatMulNBits", [A, CODES, SCALES, real(5, 2), ORDER, real(5)], SIZES,
         weights=(1, 2, 3, 4)),
    Call("MatMulNBits", [A[..., :24], CODES, SCALES, None, ORDER[:24]], {**SIZES, "K": 24},
         weights=(1, 2, 4)),
    *(
        Call("MatMulNBits", [A, np.zeros(shape, np.uint8), np.zeros(0, np.float32)], SIZES,
             weights=(1, 2))
        for shape in ((0, 2, 8), (5, 0, 8), (5, 2, 0))
    ),
    Call("MatMulNBits", [A, CODES[:0], SCALES, None, None, real(5)], SIZES, weights=(1, 2)),
)  # fmt: skip


@pytest.mark.parametrize("call", PRODUCTS, ids=str)
@pytest.mark.parametrize("free", [(), (3,)])
def test_products_with_blocks(call: Call, free: tuple[int, ...]) -> None:
    np.testing.assert_allclose(call.ours(free)[0], call.peer()[0], rtol=1e-4, atol=1e-4)


def test_reordered_zero_points_follow_their_blocks() -> None:
    """By the definition: ONNX Runtime leaves packed zero points out of this form."""
    zeros = codes(0, 256, 5, 1)
    call = Call("MatMulNBits", [A, CODES, SCALES, zeros, ORDER], SIZES, weights=(1, 2, 3, 4))
    levels, points = (np.stack([part & 15, part >> 4], -1) for part in (CODES, zeros))
    levels, points = levels.reshape(5, 32).astype(float), points.reshape(5, 2).astype(float)
    weights = (levels - points[:, ORDER]) * SCALES[:, ORDER]
    np.testing.assert_allclose(call.ours()[0], A @ weights.T, rtol=1e-4, atol=1e-4)


# --- rotation


def test_packed_batches_are_turned_by_their_positions() -> None:
    cache = [real(16, 4), real(16, 4)]
    positions = np.array([[*range(12), *range(12)]])
    packed = {"num_heads": 2, "is_packed_batching": 1}
    call = Call("RotaryEmbedding", [real(1, 24, 16), positions, *cache], packed)
    assert error(call.ours()[0], call.peer()[0]) < LIMIT
    scaled = Call("RotaryEmbedding", call.inputs, {"num_heads": 2, "scale": 0.5})
    with pytest.raises(UnsupportedError, match=r"'scale' is 0\.5"):
        read(scaled.model())


# --- shared buffers

ROW, PAST = [real(2, 1, 16) for _ in range(3)], [real(2, 2, 9, 8) for _ in range(2)]
STEP = [real(4, 2, 16) for _ in range(3)]
BEAMS = [real(4, 2, 9, 8) for _ in range(2)]
THREE, CHOSEN = np.array([3], np.int32), codes(0, 2, 2, 2, 9, dtype=np.int32)
SHOWN = np.array([[1, 0, 1, 1], [1, 1, 1, 1]], np.int32)


def buffered(rows: list[Array], past: list[Array], *more: Array, mask: Array | None = None,
             bias: Array | None = None, **attributes: int) -> Call:  # fmt: skip
    inputs = [*rows, None, mask, bias, *past, THREE, *more]
    outputs = ("y", "key", "value")
    return Call("MultiHeadAttention", inputs, {"num_heads": 2, **attributes}, outputs)


BUFFERS = (
    buffered(ROW, PAST),
    buffered(ROW, PAST, mask=SHOWN),
    buffered(ROW, PAST, mask=SHOWN, bias=real(1, 2, 1, 4)),
    buffered(STEP, BEAMS),
    buffered(STEP, BEAMS, unidirectional=1),
    buffered([row[:, :1] for row in STEP], BEAMS, CHOSEN),
    buffered(ROW, PAST, codes(0, 2, 1, 2, 9, dtype=np.int32), bias=real(1, 2, 1, 4)),
)


@pytest.mark.parametrize("call", BUFFERS, ids=str)
@pytest.mark.parametrize("free", [(), (9,), (1, 4)])
def test_caches_that_past_and_present_share(call: Call, free: tuple[int, ...]) -> None:
    for found, wanted in zip(call.ours(free), call.peer(), strict=True):
        assert error(found, wanted) < LIMIT


def test_scores_over_a_shared_cache() -> None:
    call = replace(BUFFERS[2], outputs=("y", "key", "value", "qk"))
    for found, wanted in zip(call.ours(), call.peer(), strict=True):
        assert error(found, wanted) < LIMIT


def test_a_shared_cache_without_room_is_a_fault() -> None:
    call = buffered(ROW, [past[:, :, :3] for past in PAST])
    with pytest.raises(RunError, match="out of range"):
        call.ours()


def test_beams_need_a_shared_cache() -> None:
    inputs = [*ROW, None, None, None, *PAST, None, CHOSEN]
    call = Call("MultiHeadAttention", inputs, {"num_heads": 2}, ("y", "key", "value"))
    with pytest.raises(ModelError, match="without a shared past buffer"):
        read(call.model())


# --- activations


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("ScaledTanh", {"alpha": 0.2, "beta": 0.5}), ("Celu", {"alpha": 0.7}),
        ("ParametricSoftplus", {"alpha": 0.2, "beta": 0.5}), ("Selu", {"alpha": 1.5, "gamma": 1.1}),
    ],
)  # fmt: skip
def test_activations_with_numbers(name: str, numbers: dict[str, float]) -> None:
    given = {f"activation_{key}": number for key, number in numbers.items()}
    inputs = [real(3, 4), real(4, 5), real(5)]
    call = Call("FusedGemm", inputs, {"activation": name, **given})
    assert error(call.ours()[0], call.peer()[0]) < LIMIT
    if "beta" in numbers:
        with pytest.raises(ModelError, match="give alpha and beta"):
            read(Call("FusedGemm", inputs, {"activation": name}).model())
