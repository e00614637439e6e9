# SPDX-License-Identifier: Apache-2.0
"""Compiled test kernels, made once."""

import pytest
from tests.unit.targets.cpu import handwritten

from ingot.targets.cpu.code import Code


@pytest.fixture(scope="session")
def images() -> dict[str, bytes]:
    made = {key: handwritten.image(text, key) for key, text in handwritten.TEXTS.items()}
    return {**made, handwritten.WALK: handwritten.walk_image()}


@pytest.fixture(scope="session")
def code(images: dict[str, bytes]) -> Code:
    return Code(images)
