# SPDX-License-Identifier: Apache-2.0
"""GroupQueryAttention over caches of codes, in padded steps, and in windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto
from tests.unit.onnx.microsoft import Call, error

from ingot.errors import ModelError, UnsupportedError
from ingot.ir.graph import Array
from ingot.onnx import read

LIMIT = 1e-5
RNG = np.random.default_rng(37)
HEADS, KEPT, DEPTH = 4, 2, 32
CODES = {"int8": TensorProto.INT8, "uint8": TensorProto.UINT8}


def real(*shape: int, scale: float = 1.0) -> Array:
    return (scale * RNG.standard_normal(shape)).astype(np.float32)


def whole(*numbers: int) -> Array:
    return np.array(numbers, np.int32)


def angles(count: int) -> list[Array]:
    table = np.outer(np.arange(count), 1.0 / (10.0 ** np.arange(DEPTH // 2)))
    return [np.cos(table).astype(np.float32), np.sin(table).astype(np.float32)]


def step(
    length: int, past: tuple[Array, Array] | None, behind: Array, total: int,
    more: Mapping[int, Array] | None = None, **attributes: Any,
) -> Call:  # fmt: skip
    """A step of `length` tokens; `behind` counts those of each batch entry with it."""
    batch, given = len(behind), dict(more or {})
    rows = [real(batch, length, width * DEPTH) for width in (HEADS, KEPT, KEPT)]
    if attributes.get("do_rotary"):
        given |= dict(enumerate(angles(64), 7))
    inputs: list[Array | None] = [*rows, *(past or (None, None)), behind - 1]
    inputs.append(np.array(total, np.int32))
    inputs += [given.get(index) for index in range(7, max(given, default=6) + 1)]
    settings = {"num_heads": HEADS, "kv_num_heads": KEPT, **attributes}
    code = CODES.get(str(past[0].dtype)) if past else None
    types = {"key": code, "value": code} if code else {}
    outputs = ("y", "key", "value")
    return Call("GroupQueryAttention", inputs, settings, outputs, weights=(6,), types=types)


def agrees(call: Call, free: tuple[int, ...] = (), valid: Array | None = None) -> None:
    """The result, and of the cache the rows that hold tokens; `valid` tokens of each step."""
    found, wanted, behind = call.ours(free), call.peer(), call.inputs[5]
    assert behind is not None
    counts = [wanted[0].shape[1]] * len(behind) if valid is None else valid
    capacity = wanted[1].shape[2]
    for entry, (count, last) in enumerate(zip(counts, behind, strict=True)):
        assert error(found[0][entry, :count], wanted[0][entry, :count]) < LIMIT
        rows = resident(call, int(last) + 1, capacity)
        for mine, theirs in zip(found[1:], wanted[1:], strict=True):
            assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
            if mine.dtype.kind in "iu":
                np.testing.assert_array_equal(mine[entry, :, :rows], theirs[entry, :, :rows])
            else:
                assert error(mine[entry, :, :rows], theirs[entry, :, :rows]) < LIMIT


def resident(call: Call, count: int, capacity: int) -> int:
    if not call.attributes.get("sliding_window_cache") or count <= capacity:
        return count
    spare = capacity - int(call.attributes["local_window_size"]) + 1
    return count - spare * -((capacity - count) // spare)


# --- codes


def coded(kind: str, bits: int, rows: int, batch: int = 2) -> tuple[Any, dict[int, Array], Any]:
    """A cache of codes, the scales as inputs, and the attributes that say so."""
    dtype, width = (np.int8, DEPTH) if bits == 8 else (np.uint8, DEPTH // 2)
    info = np.iinfo(dtype)
    past = tuple(
        RNG.integers(info.min, info.max, (batch, KEPT, rows, width), endpoint=True).astype(dtype)
        for _ in range(2)
    )
    shape = (1,) if kind == "PER_TENSOR" else (1, KEPT, 1, DEPTH)
    small = 0.02 if bits == 8 else 0.3
    scales = {index: RNG.uniform(small, 2 * small, shape).astype(np.float32) for index in (12, 13)}
    names = {"k_quant_type": kind, "v_quant_type": kind, "kv_cache_bit_width": bits}
    return past, scales, names


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("kind", ["PER_TENSOR", "PER_CHANNEL"])
def test_caches_of_codes(kind: str, bits: int) -> None:
    past, scales, names = coded(kind, bits, 9)
    agrees(step(1, past, whole(5, 5), 5, scales, **names))
    agrees(step(1, past, whole(6, 3), 6, scales, **names, do_rotary=1))
    agrees(step(1, past, whole(5, 5), 5, scales, **names), free=(9,))
    agrees(step(4, past, whole(4, 4), 4, scales, **names, do_rotary=1, local_window_size=2))


def test_a_first_prompt_makes_codes() -> None:
    past, scales, names = coded("PER_TENSOR", 8, 6)
    call = step(4, past, whole(4, 4), 4, scales, **names)
    agrees(call)
    alone = [None if index in (3, 4) else x for index, x in enumerate(call.inputs)]
    made = Call(call.operator, alone, call.attributes, call.outputs, (6,), types=call.types).ours()
    assert error(made[0], call.peer()[0]) < LIMIT
    np.testing.assert_array_equal(made[1], call.peer()[1][:, :, :4])


def test_codes_that_do_not_fit() -> None:
    past, scales, names = coded("PER_TENSOR", 8, 6)
    with pytest.raises(ModelError, match="keys are held as PER_TENSOR, values as NONE"):
        read(step(1, past, whole(3, 3), 3, scales, **{**names, "v_quant_type": "NONE"}).model())
    with pytest.raises(ModelError, match="scales are missing"):
        read(step(1, past, whole(3, 3), 3, {12: scales[12]}, **names).model())
    with pytest.raises(ModelError, match="4 bits in int8"):
        read(step(1, past, whole(3, 3), 3, scales, **{**names, "kv_cache_bit_width": 4}).model())
    plain = (real(2, KEPT, 6, DEPTH), real(2, KEPT, 6, DEPTH))
    with pytest.raises(UnsupportedError, match="codes in float32"):
        read(step(1, plain, whole(3, 3), 3, scales, **names).model())


# --- padded steps


@pytest.mark.parametrize("more", [{}, {"do_rotary": 1}, {"local_window_size": 2}], ids=str)
def test_steps_that_are_padded(more: dict[str, int]) -> None:
    past = (real(3, KEPT, 12, DEPTH), real(3, KEPT, 12, DEPTH))
    valid = whole(2, 4, 1)
    call = step(4, past, whole(7, 4, 6), 8, {16: valid}, **more)
    agrees(call, valid=valid)
    agrees(call, free=(3, 12), valid=valid)


# --- windows


def cache(rows: int, batch: int = 2) -> tuple[Array, Array]:
    return real(batch, KEPT, rows, DEPTH), real(batch, KEPT, rows, DEPTH)


@pytest.mark.parametrize(
    ("rows", "reach", "more"),
    [(4, 4, {}), (6, 3, {"do_rotary": 1}), (5, 1, {}), (6, 3, {"smooth_softmax": 1})],
)
def test_caches_of_the_last_rows(rows: int, reach: int, more: dict[str, int]) -> None:
    settings = {"sliding_window_cache": 1, "local_window_size": reach, **more}
    for counts in ((2, 3), (7, 4), (11, 8), (1, 23)):
        agrees(step(1, cache(rows), whole(*counts), max(counts), **settings))
    agrees(step(3, cache(rows, 1), whole(9), 9, **settings))
    agrees(step(9, cache(rows, 1), whole(12), 12, **settings), free=(rows,))
    agrees(step(7, cache(rows), whole(7, 7), 7, **settings))


def test_windows_of_codes_and_of_padded_steps() -> None:
    settings = {"sliding_window_cache": 1, "local_window_size": 3}
    past, scales, names = coded("PER_CHANNEL", 4, 5)
    agrees(step(1, past, whole(9, 4), 9, scales, **names, **settings))
    valid = whole(2, 0)
    agrees(step(3, cache(5), whole(9, 6), 12, {16: valid}, **settings), valid=valid)


def test_a_bias_has_the_places_of_the_sequence() -> None:
    settings = {"sliding_window_cache": 1, "local_window_size": 3}
    for shape in ((1, HEADS, 1, 11), (2, 1, 1, 11)):
        agrees(step(1, cache(5), whole(11, 4), 11, {10: real(*shape)}, **settings))
    agrees(step(4, cache(5, 1), whole(9), 9, {10: real(1, 1, 4, 9)}, **settings))


def test_windows_that_do_not_fit() -> None:
    settings = {"sliding_window_cache": 1, "local_window_size": 5}
    with pytest.raises(ModelError, match="4 rows is smaller than the window of 5"):
        read(step(1, cache(4), whole(3, 3), 3, **settings).model())
    with pytest.raises(ModelError, match="its cache is a window"):
        read(step(2, None, whole(2, 2), 2, **settings).model())
    call = step(1, cache(6), whole(3, 3), 3, **{**settings, "qk_output": 1})
    shown = replace(call, outputs=(*call.outputs, "qk"))
    with pytest.raises(UnsupportedError, match="shows scores"):
        read(shown.model())
