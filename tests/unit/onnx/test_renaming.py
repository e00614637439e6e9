# SPDX-License-Identifier: Apache-2.0
"""Nothing depends on names or on the order of nodes: shuffled models cast to the same program."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import onnx
import pytest
from tests.models.materialize import catalog
from tests.unit.onnx.test_models import sketched

import ingot
from ingot.ops import evaluate_graph


def shuffled(model: onnx.ModelProto, seed: int) -> tuple[onnx.ModelProto, dict[str, str]]:
    """The model under new names for all tensors and nodes, nodes in any order; and the names."""
    rng = random.Random(seed)
    names: dict[str, str] = {"": ""}

    def renamed(name: str) -> str:
        return names.setdefault(name, f"t{rng.getrandbits(48):012x}")

    made = onnx.ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = renamed(value.name)
    for node in graph.node:
        node.name = f"n{rng.getrandbits(48):012x}"
        node.input[:] = map(renamed, node.input)
        node.output[:] = map(renamed, node.output)
    del graph.value_info[:]
    nodes = list(graph.node)
    rng.shuffle(nodes)
    del graph.node[:]
    graph.node.extend(nodes)
    return made, names


def program(model: onnx.ModelProto) -> tuple[Counter[str], int]:
    """What a model casts to, without names: how many of each op and type, and of guards."""
    graph = ingot.build(model).graph
    return Counter(f"{node.op} {node.outputs[0].type}" for node in graph.nodes), len(graph.guards)


QUICK = ("bert_base_legacy", "efficientnet_b0", "resnet50_legacy", "whisper_base_encoder")


@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in catalog()],
)
def test_casts_to_the_same_program(name: str) -> None:
    model = sketched(name)
    assert program(shuffled(model, 7)[0]) == program(model)


@pytest.mark.parametrize("seed", [1, 2])
def test_computes_the_same(seed: int) -> None:
    skeleton = catalog()["mobilenetv3_large"]
    model = skeleton.model()
    other, names = shuffled(model, seed)
    feeds = skeleton.feeds(5, batch=1, height=32, width=64)
    wanted = evaluate_graph(ingot.build(model).graph, feeds)
    found = evaluate_graph(
        ingot.build(other).graph, {names[name]: array for name, array in feeds.items()}
    )
    for name, array in wanted.items():
        np.testing.assert_array_equal(found[names[name]], array)
