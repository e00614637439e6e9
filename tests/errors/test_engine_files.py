# SPDX-License-Identifier: Apache-2.0
"""Damaged engine files from end to end, mapped from disk: one error that names the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ingot
from ingot.errors import EngineError, IngotError
from ingot.ir.text import parse_graph

SEED = 20260131
DIGITS = next((Path(__file__).parents[2] / "examples" / "digits").glob("*.onnx"))
IMAGES = {"image": np.random.default_rng(SEED).uniform(0, 1, (2, 1, 8, 8)).astype(np.float32)}
LOOKUP = """
graph lookup portable
  symbol n 0..
  input %x: float32[n, 40]
  weight %w: float32[40, 40] = @w
  weight %i: int64[300] = @i
  %h: float32[n, 40] = matmul(%x, %w)
  %y: float32[n, 300] = gather(%h, %i) {axis=1}
  output %y
"""


@pytest.fixture(scope="module")
def engine() -> bytes:
    return ingot.build(DIGITS).to_bytes()


def refuse(path: Path, data: bytes) -> None:
    """Load the damaged bytes from a file: one error that names the file and the cure."""
    path.write_bytes(data)
    with pytest.raises(EngineError) as caught:
        ingot.load(path, device="reference", verify="full")
    assert str(path) in caught.value.message and caught.value.cure


def test_the_whole_file_is_accepted(engine: bytes, tmp_path: Path) -> None:
    path = tmp_path / "digits.ingot"
    path.write_bytes(engine)
    with ingot.load(path, device="reference", verify="full") as session:
        assert session.run(IMAGES)["logits"].shape == (2, 10)


def test_truncated_at_every_kilobyte(engine: bytes, tmp_path: Path) -> None:
    assert len(engine) > 50_000
    for size in range(0, len(engine), 1024):
        refuse(tmp_path / "digits.ingot", engine[:size])


def test_a_thousand_files_with_changed_bytes(engine: bytes, tmp_path: Path) -> None:
    random = np.random.default_rng(SEED)
    header = 8 + int.from_bytes(engine[:8], "little")
    for case in range(1000):
        damaged = bytearray(engine)
        limit = header if case % 2 else len(engine)
        for place in random.integers(0, limit, random.integers(1, 4)):
            damaged[place] ^= random.integers(1, 256)
        refuse(tmp_path / f"case-{case % 10}-of-seed-{SEED}.ingot", bytes(damaged))


@pytest.mark.parametrize("device", ["reference", "cpu"])
def test_changed_weights_harm_nobody_where_only_the_header_is_verified(
    device: str, tmp_path: Path
) -> None:
    """Indices far out of range, and any number: an error, or numbers."""
    random = np.random.default_rng(SEED)
    weights = {
        "w": random.standard_normal((40, 40)).astype(np.float32),
        "i": random.integers(0, 40, 300),
    }
    data = ingot.Engine.from_graph(parse_graph(LOOKUP, weights)).to_bytes()
    header = 8 + int.from_bytes(data[:8], "little")
    path, outcomes = tmp_path / "lookup.ingot", set()
    for _ in range(100):
        damaged = bytearray(data)
        for place in random.integers(header, len(data), 3):
            damaged[place] ^= random.integers(1, 256)
        path.write_bytes(bytes(damaged))
        try:
            with ingot.load(path, device=device, specialize="none") as session:
                found = session.run({"x": np.ones((3, 40), np.float32)})
            assert found["y"].shape == (3, 300)
            outcomes.add("numbers")
        except IngotError as error:
            assert error.cure
            outcomes.add(type(error).__name__)
    assert outcomes & {"EngineError", "RunError"}
