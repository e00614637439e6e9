# SPDX-License-Identifier: Apache-2.0
"""Versions: newer files are refused with a cure, older ones upgraded step by step."""

from __future__ import annotations

import pytest

from ingot.engine.versions import upgrade, version_of
from ingot.errors import EngineError


def test_each_step_runs_once_in_order() -> None:
    upgrades = {
        1: lambda old: {**old, "trail": old["trail"] + "a"},
        2: lambda old: {**old, "trail": old["trail"] + "b"},
    }
    for start, trail in ((1, "ab"), (2, "b"), (3, "")):
        found = upgrade({"ingot.version": str(start), "trail": ""}, upgrades, newest=3)
        assert found == {"ingot.version": "3", "trail": trail}


def test_a_newer_version_is_refused() -> None:
    with pytest.raises(EngineError, match=r"version 7: this release reads .* install a newer"):
        upgrade({"ingot.version": "7"})


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "one", "٣", "9" * 20])
def test_a_version_is_a_number(text: str) -> None:
    with pytest.raises(EngineError, match="not a number"):
        version_of({"ingot.version": text})


def test_other_safetensors_files_are_no_engines() -> None:
    with pytest.raises(EngineError, match="holds no engine"):
        version_of({"format": "pt"})
