# SPDX-License-Identifier: Apache-2.0
"""The ONNX backend suite on every target.

The quick run takes a share of the cases, chosen by their names; the slow run takes all. A case in
`known_failures.txt` must fail: one that passes is to be taken off the list.
"""

from __future__ import annotations

import pytest
from tests.conformance.cases import KNOWN_FAILURES, cases, known_failures
from tests.conformance.suite import passes

from ingot.errors import IngotError
from ingot.targets import choose_target

# One case in so many is in the quick run.
SHARES = {"cpu": 3, "reference": 12}
DEVICES = [*SHARES, *(["cuda"] if choose_target() == "cuda" else [])]
EVERY = [
    pytest.param(device, name, marks=() if case.chosen(SHARES.get(device, 1)) else pytest.mark.slow)
    for device in DEVICES
    for name, case in cases().items()
]


@pytest.mark.parametrize(("device", "name"), EVERY)
@pytest.mark.filterwarnings("ignore")
def test_case(device: str, name: str) -> None:
    case = cases()[name]
    if name not in known_failures(device):
        passes(case, device)
        return
    try:
        passes(case, device)
    except (IngotError, AssertionError):
        return
    pytest.fail(f"{name} passes: take it off known_failures.txt")


def test_known_failures_have_reasons_and_exist() -> None:
    for target in ("cpu", "reference", "cuda"):
        listed = known_failures(target)
        assert listed.keys() <= cases().keys()
    lines = KNOWN_FAILURES.read_text(encoding="utf-8").splitlines()
    names = [line for line in lines if not line.startswith("#")]
    assert names == sorted(names)
