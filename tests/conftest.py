# SPDX-License-Identifier: Apache-2.0
"""What all tests share: printed seeds, a cache folder of their own, hypothesis profiles."""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(autouse=True, scope="session")
def cache_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the tests' kernels apart from the user's; each worker process has its own folder."""
    folder = tmp_path_factory.mktemp("ingot-cache")
    folder.chmod(0o700)
    before = os.environ.get("INGOT_CACHE_DIR")
    os.environ["INGOT_CACHE_DIR"] = str(folder)
    yield folder
    if before is None:
        os.environ.pop("INGOT_CACHE_DIR", None)
    else:
        os.environ["INGOT_CACHE_DIR"] = before


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Random numbers that differ between tests and stay the same between runs."""
    seed = int(os.environ.get("INGOT_TEST_SEED", "0")) ^ zlib.crc32(request.node.nodeid.encode())
    print(f"seed of this test: {seed}")
    return np.random.default_rng(seed)
