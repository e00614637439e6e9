# SPDX-License-Identifier: Apache-2.0
"""Engines that releases wrote load and compute for ever."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import ingot
from ingot.engine import Engine, check
from ingot.engine.contents import VERSION

FOLDER = Path(__file__).parent
KEPT = sorted(FOLDER.glob("version-*.ingot"))


def test_every_version_is_kept() -> None:
    assert [path.stem for path in KEPT] == [f"version-{n}" for n in range(1, VERSION + 1)]


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
@pytest.mark.parametrize("device", ["reference", "cpu"])
def test_kept_engines_compute(path: Path, device: str) -> None:
    engine = Engine.open(path, verify="full")
    assert check(path).validity in ("valid", "suboptimal")
    with np.load(path.with_suffix(".npz")) as kept:
        arrays = {name: kept[name] for name in kept.files}
    inputs = {port.name: arrays[port.name] for port in engine.inputs}
    with ingot.load(engine, device=device) as session:
        found = session.run(inputs)
    for port in engine.outputs:
        expected = arrays[port.name]
        assert np.ptp(expected) > 1e-3
        np.testing.assert_allclose(found[port.name], expected, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_kept_engines_can_be_refitted(path: Path) -> None:
    engine = Engine.open(path)
    assert engine.refit_sources == {"conv.weight", "conv.bias", "scale"}
    random = np.random.default_rng(0)
    sources = {
        "conv.weight": random.standard_normal((6, 3, 3, 3)).astype(np.float32),
        "conv.bias": random.standard_normal(6).astype(np.float32),
        "scale": random.standard_normal((6, 1, 1, 1)).astype(np.float32),
    }
    refitted = engine.refit(sources)
    expected = sources["conv.weight"] * sources["scale"]
    np.testing.assert_allclose(refitted.weights["kernel"], expected, rtol=1e-6)
