# SPDX-License-Identifier: Apache-2.0
"""Inputs and outputs of a run: what is accepted, and the exact error for what is not."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from ingot import dtypes
from ingot.dims import symbol
from ingot.engine import Port
from ingot.errors import InputError
from ingot.ir.graph import SymbolRange
from ingot.runtime.ports import (
    make_outputs,
    output_shapes,
    read_inputs,
    sample_inputs,
    solve_binding,
)

BATCH = symbol("batch")
PORTS = (
    Port("x", dtypes.FLOAT32, (BATCH, 3)),
    Port("k", dtypes.INT64, (BATCH,)),
)
GOOD = {"x": np.ones((2, 3), np.float32), "k": np.arange(2)}


CONVERT = "convert it with .astype"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([1, 2], "inputs: expects a mapping of names to arrays, got list; pass {name: array} with "
                 "the names 'x', 'k'"),
        (GOOD | {"y": 1}, "input 'y': the model has no such input; its inputs are 'x', 'k'"),
        ({"k": GOOD["k"]}, "input 'x': missing; the model's inputs are 'x', 'k'"),
        ({}, "input 'k', 'x': missing; the model's inputs are 'x', 'k'"),
        (GOOD | {"x": np.ones((2, 3))},
         f"input 'x': expects float32, got float64; {CONVERT}('float32')"),
        (GOOD | {"k": np.arange(2, dtype=np.int32)},
         f"input 'k': expects int64, got int32; {CONVERT}('int64')"),
        (GOOD | {"x": [[1.0, 2.0, 3.0]] * 2},
         f"input 'x': expects float32, got float64; {CONVERT}('float32')"),
    ],
)  # fmt: skip
def test_wrong_inputs(given, message):
    with pytest.raises(InputError) as caught:
        read_inputs(PORTS, given)
    assert str(caught.value) == message


def test_no_array():
    with pytest.raises(InputError, match="input 'x': list is no array"):
        read_inputs(PORTS, {**GOOD, "x": [[1.0], [1.0, 2.0]]})


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((2, 3), (3,)), r"input 'k': axis 0 expects size batch \(with batch=2\), has 3"),
        (((2, 4), (2,)), r"input 'x': axis 1 expects size 3, has 4"),
        (((2, 3, 1), (2,)), r"input 'x': expects 2 dimensions, has 3"),
        (((65, 3), (65,)), r"size batch = 65: outside the engine's range 1..64"),
        (((0, 3), (0,)), r"size batch = 0: outside the engine's range 1..64"),
    ],
)
def test_wrong_sizes(shapes, message):
    with pytest.raises(InputError, match=message):
        solve_binding(PORTS, {"batch": SymbolRange(1, 64)}, shapes)


def test_layouts_byte_orders_and_other_libraries():
    random = np.random.default_rng(1)
    expected = random.standard_normal((2, 3)).astype(np.float32)

    class Capsule:
        def __dlpack__(self, **options):
            return expected.__dlpack__(**options)

        def __dlpack_device__(self):
            return expected.__dlpack_device__()

    class Exporter:
        __array_interface__ = expected.__array_interface__

    forms = (
        expected, np.asfortranarray(expected), np.repeat(expected, 2, axis=1)[:, ::2],
        expected.astype(">f4"), Capsule(), Exporter(),
    )  # fmt: skip
    for form in forms:
        found = read_inputs(PORTS, {**GOOD, "x": form})["x"]
        assert found.flags.c_contiguous and found.dtype == np.float32 and found.dtype.isnative
        np.testing.assert_array_equal(found, expected)
    assert read_inputs(PORTS, {**GOOD, "x": expected})["x"] is expected


def test_scalars_and_narrow_types_pass():
    ports = (Port("a", dtypes.FLOAT32, ()), Port("b", dtypes.BFLOAT16, (2,)))
    given = {"a": np.float32(3.5), "b": np.array([1, 2], ml_dtypes.bfloat16)}
    found = read_inputs(ports, given)
    assert found["a"].shape == () and found["a"] == 3.5
    assert found["b"] is given["b"]


def test_bound_outputs():
    ports = (Port("y", dtypes.FLOAT32, (BATCH, 2)), Port("z", dtypes.FLOAT32, (BATCH,)))
    shapes = output_shapes(ports, {"batch": 3})
    assert shapes == ((3, 2), (3,))
    given = np.ones((3, 2), np.float32)
    mine = np.empty((3, 2), np.float32)
    assert make_outputs(ports, shapes, {"y": mine}, [given])["y"] is mine
    read_only = np.empty((3, 2), np.float32)
    read_only.flags.writeable = False
    both = np.empty((3, 3), np.float32)
    flat = both.reshape(-1)
    for bound, message in (
        ({"w": mine}, "output 'w': the model has no such output; its outputs are 'y', 'z'"),
        ({"y": mine[:2]}, r"output 'y': is float32\[3, 2\], bound to float32\[2, 2\]"),
        ({"y": np.empty((3, 2))}, r"bound to float64\[3, 2\]"),
        ({"y": [1]}, "output 'y': bound to a list"),
        ({"y": read_only}, "read-only or not contiguous"),
        ({"y": both[:, :2]}, "read-only or not contiguous"),
        ({"y": given}, "memory that another input or output uses"),
        ({"y": flat[:6].reshape(3, 2), "z": flat[5:8]}, r"output 'z'.*memory"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=message):
            make_outputs(ports, shapes, bound, [given])


def test_samples_vary_and_repeat():
    shapes = {"x": (4, 3), "k": (4,)}
    first, again, other = (sample_inputs(PORTS, shapes, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first["x"], again["x"])
    assert np.ptp(first["x"]) > 0.5 and (first["x"] != other["x"]).any()
    assert set(np.unique(first["k"])) <= {0, 1}
