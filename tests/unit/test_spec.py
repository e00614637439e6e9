# SPDX-License-Identifier: Apache-2.0
"""Device specs: names, lanes, keys and the way through JSON."""

import dataclasses
import json

import pytest

from ingot import spec
from ingot.dtypes import BFLOAT16, FLOAT32, FLOAT64, INT4, INT8
from ingot.errors import UsageError
from ingot.spec import DeviceSpec, by_name


@pytest.mark.parametrize("name", spec.names())
def test_named_specs_go_through_json(name):
    found = by_name(name)
    assert found.name == name
    assert DeviceSpec.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@pytest.mark.parametrize(
    ("name", "lanes"),
    [("x86-64-v2", 4), ("avx2", 8), ("avx512", 16), ("neon", 4), ("reference", 4)],
)
def test_lanes_follow_from_the_vector_width(name, lanes):
    found = by_name(name)
    assert found.lanes(FLOAT32) == lanes
    assert found.lanes(FLOAT64) == lanes // 2
    assert found.lanes(BFLOAT16) == lanes * 2
    assert found.lanes(INT8) == found.lanes(INT4) == lanes * 4


def test_peak_counts_a_multiply_add_as_two():
    device = dataclasses.replace(by_name("avx2"), clock=2e9, fma_pipes=2)
    assert device.peak_flops(FLOAT32) == 2 * 2e9 * 2 * 8


def test_features_read_as_llvm_takes_them():
    device = dataclasses.replace(by_name("avx2"), features=frozenset({"fma", "avx"}))
    assert device.llvm_features == "+avx,+fma"
    assert device.architecture == "x86_64"
    assert "fma" not in by_name("x86-64-v2").features
    assert by_name("avx2").features < by_name("avx512").features


def test_keys_tell_devices_apart_but_not_names():
    first = by_name("avx2")
    assert first.key() == dataclasses.replace(first, name="mine").key()
    for change in ({"cores": 7}, {"features": frozenset({"fma"})}, {"l2": 1}, {"cpu": "haswell"}):
        assert dataclasses.replace(first, **change).key() != first.key()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: by_name("avx3"), "device 'avx3': no such spec; use one of x86-64-v2, avx2"),
        (lambda: DeviceSpec.from_dict({"name": "a"}), "device spec: fields ['name'] are not"),
        (
            lambda: DeviceSpec.from_dict({"name": "a", "kind": "cpu", "wings": 2}),
            "device spec: fields ['kind', 'name', 'wings'] are not",
        ),
    ],
)
def test_refuses(call, message):
    with pytest.raises(UsageError) as caught:
        call()
    assert message in str(caught.value)
