# SPDX-License-Identifier: Apache-2.0
"""The ONNX backend suite, each case once, on the CPU; the slow run adds the reference target.

A case in `known_failures.txt` must fail: one that passes is to be taken off the list.
"""

from __future__ import annotations

import pytest
from tests.conformance.cases import Case, cases, known_failures

from ingot import backend
from ingot.errors import IngotError

DEVICES = ["cpu", pytest.param("reference", marks=pytest.mark.slow)]


def passes(case: Case, device: str) -> None:
    session = backend.prepare(case.model, device)
    for inputs, outputs in case.data():
        case.check(session.run(inputs), outputs)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", cases())
@pytest.mark.filterwarnings("ignore")
def test_case(name: str, device: str) -> None:
    case = cases()[name]
    if name not in known_failures():
        passes(case, device)
        return
    try:
        passes(case, device)
    except (IngotError, AssertionError):
        return
    if device == "cpu":
        pytest.fail(f"{name} passes: take it off known_failures.txt")


def test_known_failures_have_reasons_and_exist() -> None:
    listed = known_failures()
    assert listed.keys() <= cases().keys()
    assert all(reason for reason in listed.values())
    assert list(listed) == sorted(listed)
