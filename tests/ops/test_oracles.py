# SPDX-License-Identifier: Apache-2.0
"""The NumPy meaning of every record against its independent oracle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.ops.cases import Case, cases
from tests.ops.data import RAW
from tests.ops.oracles import ELEMENTWISE, ORACLES

from ingot.dtypes import DType
from ingot.ir.graph import Array
from ingot.ops import OPS, Bound, evaluate_node

# Both sides compute in float64, so they differ by rounding once, and by float64 noise.
ROUNDED = Bound(relative=1.0, norm=2e-6)
EXACT = Bound(relative=64, absolute=64, norm=64)


def wide(array: Array | None) -> Array | None:
    """Floats in float64, the rest as it is."""
    return array if array is None or array.dtype.kind in "iub" else array.astype(np.float64)


def narrowed(values: Any, dtype: DType) -> Array:
    """An oracle's result in the op's result type; Python integers wrap."""
    array = np.asarray(values)
    if dtype.is_integer and array.dtype == object:
        wrapped = [int(value) % 2**dtype.bits for value in array.reshape(-1)]
        unsigned = np.array(wrapped, np.uint64).reshape(array.shape)
        return unsigned.astype(f"u{dtype.itemsize}").view(dtype.numpy)
    if dtype.is_float:
        with np.errstate(all="ignore"):
            return array.astype(np.float64).astype(dtype.numpy)
    return array.astype(dtype.numpy)


def test_every_op_has_an_oracle() -> None:
    assert ORACLES.keys() == OPS.keys()
    assert ELEMENTWISE.keys() | RAW == {op.name for op in OPS.values() if op.kind == "elementwise"}


@pytest.mark.parametrize("case", cases(), ids=str)
def test_meaning_matches_oracle(case: Case) -> None:
    results = evaluate_node(case.node(), case.arrays(), case.example.binding)
    arrays = case.arrays() if case.op.name in RAW else map(wide, case.arrays())
    made = ORACLES[case.op.name](*arrays, **case.attributes())
    wanted = made if isinstance(made, tuple) else (made,)
    for value, got, one in zip(case.node().outputs, results, wanted, strict=True):
        want = narrowed(one, value.dtype)
        if got.size == 0 == want.size:
            continue
        bound = EXACT if value.dtype.name == "float64" else ROUNDED
        assert bound.scaled(value.dtype).excess(got, want) <= 1.0
