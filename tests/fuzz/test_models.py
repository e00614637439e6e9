# SPDX-License-Identifier: Apache-2.0
"""Damaged models: whatever the bytes, reading ends in a valid Graph or in one of our errors."""

from __future__ import annotations

import random

import onnx
import pytest
from tests.fuzz.seeds import SEEDS as EVERY

from ingot.errors import IngotError
from ingot.onnx import read
from ingot.ops import verify

# One that reads whole, which the one with control flow need not.
SEEDS = EVERY[:2]
OPERATORS = (
    "", "Attention", "BatchNormalization", "Concat", "Constant", "Conv", "Einsum", "Expand", "If",
    "Loop", "Pad", "Range", "Slice", "Split",
)  # fmt: skip


def survive(data: bytes) -> bool:
    """Whether the bytes are a model; anything but a Graph or one of our errors is a failure."""
    try:
        graph = read(data)
    except IngotError as error:
        assert str(error)
        return False
    verify(graph)
    return True


def test_the_seeds_themselves_are_models() -> None:
    assert all(survive(data) for data in SEEDS)


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_truncated_at_every_byte(number: int) -> None:
    for length in range(len(SEEDS[number])):
        survive(SEEDS[number][:length])


@pytest.mark.parametrize("number", range(len(SEEDS)))
@pytest.mark.parametrize("seed", range(8))
def test_bytes_flipped(number: int, seed: int) -> None:
    rng = random.Random(1000 * number + seed)
    for _ in range(150):
        data = bytearray(SEEDS[number])
        for _ in range(rng.choice((1, 1, 2, 5, 20))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        survive(bytes(data))


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_pieces_moved_and_doubled(number: int) -> None:
    rng = random.Random(number)
    for _ in range(300):
        data = SEEDS[number]
        start, stop = sorted(rng.randrange(len(data)) for _ in range(2))
        at = rng.randrange(len(data))
        survive(data[:at] + data[start:stop] + data[at:])
        survive(data[:start] + data[stop:])


@pytest.mark.parametrize("seed", range(6))
def test_fields_changed(seed: int) -> None:
    """Valid protobuf with wrong contents: names swapped, attributes and sizes at random."""
    rng = random.Random(seed)
    for _ in range(100):
        model = onnx.ModelProto.FromString(rng.choice(SEEDS))
        for _ in range(rng.choice((1, 1, 2, 4))):
            change(model, rng)
        survive(model.SerializeToString())


def change(model: onnx.ModelProto, rng: random.Random) -> None:
    """Change one thing of a model."""
    node = rng.choice(model.graph.node)
    numbers = (-(1 << 63), -3, -1, 0, 1, 2, 3, 7, 1 << 31, (1 << 63) - 1)
    what = rng.randrange(9)
    names = [name for n in model.graph.node for name in (*n.input, *n.output)]
    if what == 0 and node.input:
        node.input[rng.randrange(len(node.input))] = rng.choice((*names, "", "ghost"))
    elif what == 1:
        node.output[rng.randrange(len(node.output))] = rng.choice((*names, ""))
    elif what == 2:
        node.op_type = rng.choice(OPERATORS)
    elif what == 3 and node.attribute:
        attribute = rng.choice(node.attribute)
        attribute.i = rng.choice(numbers)
        attribute.ints[:] = [rng.choice(numbers) for _ in range(rng.randrange(5))]
        attribute.type = rng.choice((attribute.type, 1, 2, 3, 4, 5, 6, 7, 8, 11, 14))
    elif what == 4:
        tensor = rng.choice(model.graph.initializer)
        tensor.dims[:] = [rng.choice(numbers) for _ in range(rng.randrange(4))]
    elif what == 5:
        tensor = rng.choice(model.graph.initializer)
        tensor.data_type = rng.randrange(32)
    elif what == 6:
        shape = rng.choice(model.graph.input).type.tensor_type.shape
        shape.dim.add(dim_value=rng.choice(numbers))
    elif what == 7:
        model.opset_import[0].version = rng.choice((0, 1, 8, 11, 13, 28, 99, -1))
    else:
        model.graph.node.append(rng.choice(model.graph.node))
