# SPDX-License-Identifier: Apache-2.0
"""Damaged and hostile engine files: each ends in an EngineError, none in anything else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from ingot.engine import Engine, check
from ingot.engine.contents import BLANK_CHECKSUM
from ingot.engine.storage import digest
from ingot.errors import EngineError
from ingot.ir.text import parse_graph

TEXT = """
graph small portable
  symbol n 0..
  input %x: float32[n, 61]
  weight %w: float32[61, 61] = @w
  weight %b: float32[61] = @b
  %h: float32[n, 61] = matmul(%x, %w)
  %y: float32[n, 61] = add(%h, %b)
  output %y
"""
SEED = 20240229
FLIPS = 1000
Edit = Callable[[dict[str, Any]], Any]


def engine_bytes() -> bytes:
    random = np.random.default_rng(SEED)
    weights = {
        "w": random.standard_normal((61, 61)).astype(np.float32),
        "b": random.standard_normal(61).astype(np.float32),
    }
    return Engine.from_graph(parse_graph(TEXT, weights)).to_bytes()


def use_everything(data: bytes) -> None:
    engine = Engine.open(data, verify="full")
    _ = engine.graph, engine.info, [weight.sum() for weight in engine.weights.values()]


def test_truncated_at_every_kilobyte() -> None:
    data = engine_bytes()
    assert len(data) > 16_000
    use_everything(data)
    for size in (*range(0, len(data), 1024), *range(16), len(data) - 1):
        with pytest.raises(EngineError):
            use_everything(data[:size])
        assert check(data[:size]).validity == "invalid"


def test_more_bytes_at_the_end() -> None:
    with pytest.raises(EngineError, match="its header says"):
        use_everything(engine_bytes() + bytes(64))


def test_random_bytes_changed() -> None:
    data = engine_bytes()
    header = 8 + int.from_bytes(data[:8], "little")
    random = np.random.default_rng(SEED)
    for case in range(FLIPS):
        damaged = bytearray(data)
        limit = header if case % 2 else len(data)
        for place in random.integers(0, limit, random.integers(1, 4)):
            damaged[place] ^= random.integers(1, 256)
        if bytes(damaged) != data:
            with pytest.raises(EngineError):
                use_everything(bytes(damaged))
                pytest.fail(f"seed {SEED}, case {case}: the damage was not noticed")


def test_random_bytes_alone() -> None:
    random = np.random.default_rng(SEED)
    for size in (0, 1, 7, 8, 9, 100, 5000):
        for _ in range(20):
            noise = random.bytes(size)
            with pytest.raises(EngineError):
                use_everything(noise)
            framed = max(0, size - 8).to_bytes(8, "little") + noise[8:]
            with pytest.raises(EngineError):
                use_everything(framed)


def rebuilt(edit: Edit) -> bytes:
    """The file with an edited header and a checksum that fits it: malice, not damage."""
    data = engine_bytes()
    size = int.from_bytes(data[:8], "little")
    document = json.loads(data[8 : 8 + size])
    edited = edit(document)
    text = edited if isinstance(edited, str) else json.dumps(document)
    old = json.loads(data[8 : 8 + size])["__metadata__"]["ingot.checksum"]
    raw = text.encode("utf-8", "surrogatepass")
    raw += b" " * (-(8 + len(raw)) % 64)
    blank = raw.replace(old.encode(), BLANK_CHECKSUM.encode())
    framed = len(raw).to_bytes(8, "little")
    checksum = digest(framed + blank)
    return framed + blank.replace(BLANK_CHECKSUM.encode(), checksum.encode()) + data[8 + size :]


def set_field(name: str, field: str, value: Any) -> Edit:
    return lambda document: document[name].update({field: value})


def describe(**fields: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        metadata = document["__metadata__"]
        description = {**json.loads(metadata["ingot.description"]), **fields}
        metadata["ingot.description"] = json.dumps(description)

    return edit


def program(change: Callable[[str], str]) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        metadata = document["__metadata__"]
        metadata["ingot.program"] = change(metadata["ingot.program"])

    return edit


def stored(**fields: Any) -> dict[str, Any]:
    return {"dtype": "float32", "shape": [61], "tensor": "b", **fields}


HUGE = 2**62
OPEN, CLOSE = "(" * 20_000, ")" * 20_000
W = stored(shape=[61, 61], tensor="w")
HOSTILE: dict[str, Edit] = {
    "negative offset": set_field("b", "data_offsets", [-4, 240]),
    "overlap": set_field("w", "data_offsets", [0, 61 * 61 * 4]),
    "hole": set_field("b", "data_offsets", [HUGE, HUGE + 244]),
    "end before begin": set_field("b", "data_offsets", [244, 0]),
    "three offsets": set_field("b", "data_offsets", [0, 1, 2]),
    "offsets no list": set_field("b", "data_offsets", "01"),
    "fraction offset": set_field("b", "data_offsets", [0.0, 244.0]),
    "bool size": set_field("b", "shape", [True]),
    "huge size": set_field("b", "shape", [HUGE, HUGE, HUGE]),
    "huge rank": set_field("b", "shape", [HUGE] * 100_000),
    "number over 64 bits": set_field("b", "shape", [2**64]),
    "number of 5000 digits": lambda d: json.dumps(d).replace("[61]", "[" + "9" * 5000 + "]"),
    "negative size": set_field("b", "shape", [-61]),
    "unknown type": set_field("b", "dtype", "F31"),
    "type no text": set_field("b", "dtype", ["F32"]),
    "extra field": set_field("b", "evil", 1),
    "tensor no table": lambda d: d.update(b=[1]),
    "missing tensor": lambda d: d.pop("b") and None,
    "extra tensor": lambda d: d.update(z={"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}),
    "no metadata": lambda d: d.pop("__metadata__") and None,
    "metadata no table": lambda d: d.update(__metadata__=[]),
    "metadata number": lambda d: d["__metadata__"].update(x=1),
    "no version": lambda d: d["__metadata__"].pop("ingot.version") and None,
    "newer version": lambda d: d["__metadata__"].update({"ingot.version": "2"}),
    "no checksum": lambda d: d["__metadata__"].pop("ingot.checksum") and None,
    "no description": lambda d: d["__metadata__"].pop("ingot.description") and None,
    "no program": lambda d: d["__metadata__"].pop("ingot.program") and None,
    "duplicate key": lambda d: json.dumps(d)[:-1] + ', "b": ' + json.dumps(d["b"]) + "}",
    "not a number": lambda d: json.dumps(d)[:-1] + ', "z": NaN}',
    "no object": lambda d: "[" + json.dumps(d) + "]",
    "lone surrogate": lambda d: json.dumps(d)[:-1] + ', "\\ud800": 1}',
    "deep": lambda d: json.dumps(d)[:-1] + ', "z": ' + "[" * 100_000 + "]" * 100_000 + "}",
    "deep tables": lambda d: json.dumps(d)[:-1] + ', "z": ' + '{"a":' * 90_000 + "1" + "}" * 90_001,
    "description no JSON": lambda d: d["__metadata__"].update({"ingot.description": "{"}),
    "description a list": lambda d: d["__metadata__"].update({"ingot.description": "[]"}),
    "name a number": describe(name=1),
    "inputs a table": describe(inputs={}),
    "input without type": describe(inputs=[{"name": "x", "shape": []}]),
    "input of no type": describe(inputs=[{"name": "x", "dtype": "complex64", "shape": []}]),
    "input size": describe(inputs=[{"name": "x", "dtype": "float32", "shape": ["n +"]}]),
    "input size deep": describe(
        inputs=[{"name": "x", "dtype": "float32", "shape": [f"{OPEN}n{CLOSE}"]}]
    ),
    "symbol triple": describe(symbols={"n": [0, 1, 2]}),
    "symbol negative": describe(symbols={"n": [-1, None]}),
    "nodes negative": describe(nodes=-1),
    "weights missing": describe(weights={}),
    "weight elsewhere": describe(weights={"w": W, "b": stored(tensor="c")}),
    "weight of other type": describe(weights={"w": W, "b": stored(dtype="int32")}),
    "weight of other size": describe(weights={"w": W, "b": stored(shape=[60])}),
    "weight of huge rank": describe(weights={"w": W, "b": stored(shape=[HUGE] * 100_000)}),
    "weight is pad": describe(weights={"w": W, "b": stored(tensor="ingot.pad.0")}),
    "digest missing": describe(digests={"w": "0" * 64}),
    "digest wrong": describe(digests={"w": "0" * 64, "b": "0" * 64}),
    "digest no hex": describe(digests={"w": "0" * 64, "b": "g" * 64}),
    "digest short": describe(digests={"w": "0" * 64, "b": "00"}),
    "program empty": program(lambda text: ""),
    "program noise": program(lambda text: text.replace("matmul", "mat mul")),
    "program other op": program(lambda text: text.replace("matmul", "run_command")),
    "program other weight": program(lambda text: text.replace("@w", "@secret")),
    "program wrong shape": program(lambda text: text.replace("%h: float32[n, 61]", "%h: int8[n]")),
    "program without output": program(lambda text: text.replace("  output %y\n", "")),
    "program deep": program(lambda text: text.replace("n, 61", f"{OPEN}n{CLOSE}, 61")),
    "program surrogate": program(lambda text: text + "\ud800"),
}  # fmt: skip


def test_the_rebuilt_file_is_accepted_without_an_edit() -> None:
    use_everything(rebuilt(lambda document: None))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_headers(name: str) -> None:
    with pytest.raises(EngineError):
        use_everything(rebuilt(HOSTILE[name]))


@pytest.mark.parametrize("size", [2**64 - 1, 2**63, 2**40, 100_000_001, 0, 1])
def test_hostile_lengths(size: int) -> None:
    with pytest.raises(EngineError, match="engine header"):
        use_everything(size.to_bytes(8, "little") + engine_bytes()[8:])
