# SPDX-License-Identifier: Apache-2.0
"""`ingot.load`: what it takes, and the error for what it does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ingot
from ingot.errors import DeviceError, EngineError, InputError, ResourceError, UsageError
from ingot.ir.text import parse_graph

DIGITS = Path(__file__).parents[3] / "examples" / "digits" / "digits.onnx"
GATHER = """
graph pick portable
  symbol n 0..
  input %ids: int64[n]
  input %by: int64[]
  weight %table: float32[7, 3] = @table
  %rows: float32[n, 3] = gather(%table, %ids) {axis=0} from /embed
  %part: int64[n] = div(%ids, %by) from /part
  output %rows
  output %part
"""


@pytest.fixture(scope="module")
def engine():
    return ingot.build(DIGITS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"specialize": "always"}, "specialize='always': must be 'lazy', 'eager' or 'none'"),
        ({"threads": 0}, "threads=0: must be at least 1"),
        ({"memory_limit": -1}, "memory_limit=-1: must not be negative"),
        ({"time_limit": 0}, "time_limit=0: must be greater than 0"),
        ({"time_limit": -0.5}, "time_limit=-0.5: must be greater than 0"),
        ({"time_limit": float("nan")}, "time_limit=nan: must be greater than 0"),
        ({"device": "toaster"}, "device 'toaster': unknown"),
        ({"verify": "partly"}, "verify='partly': must be 'header' or 'full'"),
    ],
)
def test_wrong_options(options, message, engine):
    with pytest.raises(UsageError) as caught:
        ingot.load(engine.to_bytes(), **options)
    assert str(caught.value).startswith(message)


def test_a_cache_that_cannot_be(engine, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cache directory"):
        ingot.load(engine, cache_dir=tmp_path / "file" / "cache")


def test_a_foreign_device(engine):
    with pytest.raises(DeviceError, match=r"neon"):
        ingot.load(engine, device="neon")


@pytest.mark.parametrize("form", ["engine", "graph", "path", "text path", "bytes", "bytearray"])
def test_forms_of_an_engine(form, engine, tmp_path):
    path = tmp_path / "digits.ingot"
    engine.save(path)
    forms = {
        "engine": engine, "graph": engine.graph, "path": path, "text path": str(path),
        "bytes": path.read_bytes(), "bytearray": bytearray(path.read_bytes()),
    }  # fmt: skip
    image = np.random.default_rng(2).random((2, 1, 8, 8), np.float32)
    with ingot.load(engine, device="reference") as session:
        expected = session.run({"image": image})["logits"]
    with ingot.load(forms[form], device="reference", verify="full") as session:
        np.testing.assert_array_equal(session.run({"image": image})["logits"], expected)


def test_what_is_no_engine(engine, tmp_path):
    with pytest.raises(EngineError, match=r"cast the model with ingot\.build"):
        ingot.load(DIGITS)
    with pytest.raises(EngineError, match="No such file"):
        ingot.load(tmp_path / "absent.ingot")
    with pytest.raises(EngineError, match=r"were stripped; give the source weights"):
        ingot.load(engine.strip())
    data = bytearray(engine.to_bytes())
    data[-300] ^= 4
    with pytest.raises(EngineError, match="checksum does not match"):
        ingot.load(bytes(data), verify="full")


@pytest.mark.parametrize("device", ["reference", "cpu"])
def test_faults_in_the_data_are_errors_and_the_session_goes_on(device):
    table = np.random.default_rng(1).random((7, 3), np.float32)
    ids = np.array([6, -7, 0])
    with ingot.load(parse_graph(GATHER, {"table": table}), device=device) as session:
        for bad in (7, -8, 2**62, -(2**63)):
            with pytest.raises(ingot.RunError, match=r"/embed.*out of range"):
                session.run({"ids": np.array([1, bad]), "by": np.int64(2)})
        with pytest.raises(ingot.RunError, match=r"/part.*(by zero|divisor is 0)"):
            session.run({"ids": ids, "by": np.int64(0)})
        found = session.run({"ids": ids, "by": np.int64(-2)})
        np.testing.assert_array_equal(found["rows"], table[ids])
        np.testing.assert_array_equal(found["part"], [-3, 3, 0])


def test_wrong_inputs_of_a_real_session(engine):
    image = np.zeros((1, 1, 8, 8), np.float32)
    with ingot.load(engine, device="cpu") as session:
        for given in (
            {}, {"image": image, "more": image}, {"image": image[0]}, {"image": image[..., :7]},
            {"image": image.astype(np.float64)}, {"image": None}, None,
        ):  # fmt: skip
            with pytest.raises(InputError):
                session.run(given)
        assert session.run({"image": image})["logits"].shape == (1, 10)


def test_a_memory_limit_that_is_too_small(engine):
    image = np.zeros((64, 1, 8, 8), np.float32)
    with ingot.load(engine, device="cpu", memory_limit=100_000, specialize="none") as session:
        with pytest.raises(ResourceError, match="memory_limit is 100000"):
            session.run({"image": image})
        assert session.run({"image": image[:1]})["logits"].shape == (1, 10)


def test_progress_is_told(engine, tmp_path):
    told = []
    ingot.load(
        engine, device="cpu", cache_dir=tmp_path, specialize="none",
        progress=lambda stage, done, total: told.append((stage, done, total)),
    ).close()  # fmt: skip
    assert told and told[-1][1] == told[-1][2] > 0
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
