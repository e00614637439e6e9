# SPDX-License-Identifier: Apache-2.0
"""Judging networks that choose among what they computed."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from tests.models.choices import candidates, halves, judged
from tests.models.folder import OnnxRuntime, relative

BEST = """<ir_version: 9, opset_import: ["" : 18]>
best (float[n, 32] x, float[32, 512] w, int64[1] k) => (float[n, m] values, int64[n, m] places)
{ scores = MatMul(x, w)
  values, places = TopK(scores, k) }"""
PLAIN = """<ir_version: 9, opset_import: ["" : 18]>
plain (float[n, 8] x) => (float[n, 8] y) { y = Relu(x) }"""


def test_candidates_are_what_the_first_choices_read():
    model = onnx.parser.parse_model(BEST)
    assert candidates(model) == ["scores"]
    assert candidates(onnx.parser.parse_model(PLAIN)) == []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "model.onnx"
    onnx.save(onnx.parser.parse_model(BEST), path)
    return path


def test_a_network_without_choices_has_no_halves(path: Path) -> None:
    onnx.save(onnx.parser.parse_model(PLAIN), path)
    assert halves(path) is None


def inputs(rng: np.random.Generator) -> dict[str, np.ndarray]:
    shapes = {"x": (4, 32), "w": (32, 512)}
    feeds = {name: rng.standard_normal(shape, np.float32) for name, shape in shapes.items()}
    return {**feeds, "k": np.array([9])}


def peer(model: Path, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return OnnxRuntime(model).run(given)


def test_both_halves_are_judged(path: Path, rng: np.random.Generator) -> None:
    error = judged(path, inputs(rng), "cpu", peer, relative)
    assert error is not None and error < 1e-6


@pytest.mark.parametrize(("half", "name"), [("candidates", "scores"), ("choice", "places")])
def test_a_wrong_half_is_found(half: str, name: str, path: Path, rng: np.random.Generator) -> None:
    def wrong(model: Path, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = peer(model, given)
        return {**made, name: made[name] + 1} if model.stem == half else made

    error = judged(path, inputs(rng), "cpu", wrong, relative)
    assert error is not None and error > 1e-3
