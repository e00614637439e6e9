# SPDX-License-Identifier: Apache-2.0
"""Strip and refit: derivations make the same weights again, bit by bit."""

from __future__ import annotations

import numpy as np
import pytest
from tests.unit.engine.engine_graphs import net, sources

from ingot.engine import Engine, Reason, check
from ingot.errors import EngineError, InputError


def test_refitting_a_stripped_engine_with_its_sources_is_exact() -> None:
    whole = Engine.from_graph(net(), options={"refittable": True})
    stripped = Engine.open(whole.strip().to_bytes(), verify="full")
    assert stripped.stripped == ("bias", "tied", "w")
    assert stripped.refit_sources == {"fc.weight", "fc.bias"}
    assert stripped.text.replace("@w", "@tied") == whole.text
    assert stripped.refit(sources()).to_bytes() == whole.to_bytes()


def test_refitting_with_other_sources_gives_the_engine_of_the_other_model() -> None:
    refitted = Engine.open(Engine.from_graph(net()).to_bytes()).refit(sources(seed=5))
    assert refitted.to_bytes() == Engine.from_graph(net(seed=5)).to_bytes()


def test_part_of_the_sources_may_be_refitted() -> None:
    bias = np.random.default_rng(4).standard_normal(8).astype(np.float32)
    refitted = Engine.from_graph(net()).refit({"fc.bias": bias})
    np.testing.assert_array_equal(refitted.weights["bias"], bias)
    np.testing.assert_array_equal(refitted.weights["w"], net().weights["w"].data)
    bias[:] = 0
    assert refitted.weights["bias"].all(), "later changes by the caller do not reach the engine"


def test_a_stripped_engine_says_what_it_lacks() -> None:
    stripped = Engine.from_graph(net()).strip()
    with pytest.raises(EngineError, match="3 weights were stripped; give the source weights"):
        _ = stripped.graph
    with pytest.raises(EngineError, match="weight 'bias' was stripped"):
        _ = stripped.weights["bias"]
    verdict = check(stripped.to_bytes())
    assert (verdict.validity, verdict.reasons) == ("suboptimal", Reason.STRIPPED)


def test_refit_errors_name_the_weight_and_the_source() -> None:
    stripped = Engine.from_graph(net()).strip()
    good = sources()
    with pytest.raises(InputError, match=r"weight 'bias' needs 'fc\.bias' too"):
        stripped.refit({"fc.weight": good["fc.weight"]})
    with pytest.raises(InputError, match="no weight of 'net' comes from 'other'"):
        stripped.refit({**good, "other": good["fc.bias"]})
    with pytest.raises(InputError, match=r"weight 'bias' is float32\[8\].*float32\[7\]"):
        stripped.refit({**good, "fc.bias": good["fc.bias"][:7]})
    with pytest.raises(InputError, match=r"make it float64\[8\]"):
        stripped.refit({**good, "fc.bias": good["fc.bias"].astype(np.float64)})
