# SPDX-License-Identifier: Apache-2.0
"""Variants of the backend suite's cases, drawn at random: ours by definition against onnx's own."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given, settings
from tests.unit.onnx.variants import Variant, by_operator, differences, variants

from ingot import backend
from ingot.errors import IngotError

# One operator in so many is in the quick run.
SHARE = 6
CHOSEN = [
    pytest.param(
        name, marks=() if zlib.crc32(name.encode()) % SHARE == 0 else pytest.mark.slow, id=name
    )
    for name in sorted(by_operator())
]


@pytest.mark.parametrize("operator", CHOSEN)
@pytest.mark.filterwarnings("ignore")
def test_variants_by_definition(operator: str) -> None:
    @settings(max_examples=20)
    @given(variants(operator))
    def check(variant: Variant | None) -> None:
        wanted = None if variant is None else variant.wanted()
        if variant is None or wanted is None:
            return
        try:
            found = backend.run_model(variant.model, variant.inputs, "reference")
        except IngotError:
            return  # what the reference takes beyond the rules of ONNX
        assert not list(differences(found, wanted)), variant

    check()
