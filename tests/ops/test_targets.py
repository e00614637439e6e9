# SPDX-License-Identifier: Apache-2.0
"""Every op record x element type x example on each target, against the NumPy meaning.

All examples of one op and type make one graph, so that they are forged together: once with the
sizes left open, once more with them fixed where an example has open sizes.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.ops.cases import Case
from tests.ops.check import GROUPS, label, wrongs

import ingot
from ingot.errors import RunError
from ingot.ir.graph import Array
from ingot.ops import Builder, evaluate_node


@pytest.mark.parametrize("group", GROUPS, ids=label)
def test_target_gives_what_the_record_means(group: list[Case], target: str) -> None:
    wrong = wrongs(group, target)
    assert not wrong, "\n".join(wrong)


FAULTS = (
    ("gather", {"axis": 0}, (np.zeros((3, 2), np.float32), np.array([0, 3])), "index 3"),
    ("gather", {"axis": 1}, (np.zeros((3, 2), np.float32), np.array([-3])), "index -3"),
    ("gather_nd", {}, (np.zeros((3, 2), np.float32), np.array([[1, 9]])), "index 9"),
    ("div", {}, (np.array([4, 5]), np.array([1, 0])), "zero|0"),
    ("mod", {}, (np.array([4, 5], np.int32), np.array([1, 0], np.int32)), "zero|0"),
)


@pytest.mark.parametrize(("op", "attributes", "arrays", "match"), FAULTS)
def test_fault_is_one_error_and_the_session_lives_on(
    op: str, attributes: dict[str, int], arrays: tuple[Array, Array], match: str, target: str
) -> None:
    builder = Builder("fault")
    values = [
        builder.input(f"x{k}", ingot.dtypes.from_numpy(array.dtype), array.shape)
        for k, array in enumerate(arrays)
    ]
    value = builder.node(op, *values, origin=("/the/node",), **attributes)
    graph = builder.finish({"y": value}, stage="portable")
    good = {"x0": arrays[0], "x1": np.ones_like(arrays[1])}
    with ingot.load(graph, device=target) as session:
        with pytest.raises(RunError, match=f"/the/node.*({match})"):
            session.run({"x0": arrays[0], "x1": arrays[1]})
        want = evaluate_node(graph.nodes[0], (good["x0"], good["x1"]))[0]
        np.testing.assert_array_equal(session.run(good)["y"], want)
