# SPDX-License-Identifier: Apache-2.0
"""Whole networks on the CPU against ONNX Runtime: usual and other sizes, each strategy."""

from __future__ import annotations

import pytest
from tests.models.materialize import catalog
from tests.models.networks import check, check_narrow, peer

import ingot

SMALL = {
    "resnet50_legacy": {"height": 64, "width": 96},
    "mobilenetv2_legacy": {"batch": 3, "height": 96, "width": 64},
    "mobilenetv3_large": {"height": 97, "width": 65},
    "efficientnet_b0": {"height": 64, "width": 96},
    "bert_base": {"batch": 2, "seq": 19},
    "vit_b16": {},
}
STRATEGIES = (("none", 1), ("none", 2), ("eager", 1), ("eager", 2), ("lazy", 2))


@pytest.mark.parametrize("name", SMALL)
def test_a_small_run_of_a_network(name: str) -> None:
    with peer(name) as network:
        engine = ingot.build(network.path)
        for specialize in ("none", "eager"):
            with ingot.load(engine, device="cpu", threads=2, specialize=specialize) as session:
                check(session, network, SMALL[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", catalog())
def test_a_network_at_its_usual_and_other_sizes(name: str) -> None:
    with peer(name) as network:
        engine = ingot.build(network.path)
        for specialize, threads in STRATEGIES:
            with ingot.load(
                engine, device="cpu", threads=threads, specialize=specialize
            ) as session:
                check(session, network, {})
                check(session, network, network.skeleton.other_sizes)
                assert session.wait_ready(timeout=120)
                check(session, network, {})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "mobilenetv3_large", "bert_base_legacy"])
def test_a_network_without_winograd_and_from_a_saved_engine(name: str, tmp_path) -> None:
    with peer(name) as network:
        path = tmp_path / "network.ingot"
        ingot.build(network.path, verify=True).save(path)
        with ingot.load(path, device="cpu", winograd=False, verify="full") as session:
            check(session, network, network.skeleton.other_sizes)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "bert_base", "bert_base_legacy", "vit_b16"])
def test_a_network_cast_in_half_precision(name: str) -> None:
    with peer(name) as network:
        engine = ingot.build(network.path, precision="float16", verify=True)
        with ingot.load(engine, device="cpu", threads=2, specialize="eager") as session:
            check_narrow(session, network, {})
