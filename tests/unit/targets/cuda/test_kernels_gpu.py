# SPDX-License-Identifier: Apache-2.0
"""Families of the CUDA target on a real GPU, against the reference target."""

from __future__ import annotations

import pytest
from tests.gpu.kernels import CASES, run_case

from ingot.targets.cuda.driver import device_count

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(device_count() == 0, reason="needs a GPU and its driver"),
]


@pytest.mark.parametrize("name", CASES)
def test_against_the_reference(name: str) -> None:
    run_case(CASES[name])
