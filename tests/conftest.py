# SPDX-License-Identifier: Apache-2.0
"""What all tests share: printed seeds, a cache folder of their own, hypothesis profiles."""

import os
import zlib
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from ingot import knobs

settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--target NAME`, once or more: the targets that run the op table (default: all)."""
    parser.addoption("--target", action="append", help="run the op table on this target")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests that take a `target` each target in turn."""
    if "target" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--target") or ["reference", "cpu"]
        metafunc.parametrize("target", chosen)


@pytest.fixture(autouse=True, scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the tests' kernels apart from the user's, and verify every graph after every pass."""
    folder = tmp_path_factory.mktemp("ingot-cache")
    folder.chmod(0o700)
    with knobs.CACHE_DIR.override(str(folder)), knobs.VERIFY.override("on"):
        yield


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """Random numbers that differ between tests and stay the same between runs."""
    seed = int(os.environ.get("INGOT_TEST_SEED", "0")) ^ zlib.crc32(request.node.nodeid.encode())
    print(f"seed of this test: {seed}")
    return np.random.default_rng(seed)
