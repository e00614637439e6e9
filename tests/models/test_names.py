# SPDX-License-Identifier: Apache-2.0
"""Nothing depends on names or node order: renamed and shuffled networks agree bit for bit."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import onnx
import pytest
from tests.models.materialize import catalog

import ingot

SMALL = {"batch": 2, "height": 64, "width": 96, "seq": 11}
CHAINS = ("mobilenetv3_large", "efficientnet_b0")  # node after node: there is no other order
QUICK = ("mobilenetv3_large", "resnet50_legacy")


class Renamer:
    """New names that say nothing: hexadecimal numbers in random order."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.names: dict[str, str] = {"": ""}

    def __call__(self, name: str) -> str:
        if name not in self.names:
            self.names[name] = f"t{self.random.getrandbits(64):016x}"
        return self.names[name]


def renamed(model: onnx.ModelProto, seed: int) -> tuple[onnx.ModelProto, dict[str, str]]:
    """The network with every node and tensor renamed and nodes in another valid order."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    rename = Renamer(seed)
    _rename_graph(result.graph, rename)
    return result, rename.names


def _rename_graph(graph: onnx.GraphProto, rename: Renamer) -> None:
    for value in (*graph.input, *graph.output, *graph.value_info, *graph.initializer):
        value.name = rename(value.name)
    for node in graph.node:
        node.input[:] = map(rename, node.input)
        node.output[:] = map(rename, node.output)
        node.name = f"n{rename.random.getrandbits(64):016x}"
        for attribute in node.attribute:
            if attribute.HasField("g"):
                _rename_graph(attribute.g, rename)
    order = list(_shuffled(graph, rename.random))
    nodes = [graph.node[number].SerializeToString() for number in order]
    del graph.node[:]
    graph.node.extend(map(onnx.NodeProto.FromString, nodes))
    initializers = sorted(graph.initializer, key=lambda tensor: tensor.name)
    names = [tensor.name for tensor in initializers]
    kept = {tensor.name: tensor.SerializeToString() for tensor in initializers}
    del graph.initializer[:]
    graph.initializer.extend(onnx.TensorProto.FromString(kept[name]) for name in names)


def _shuffled(graph: onnx.GraphProto, chance: random.Random) -> Iterator[int]:
    """Numbers of the nodes in a random topological order."""
    made = {name: number for number, node in enumerate(graph.node) for name in node.output}
    needs = [{made[name] for name in _reads(node) if name in made} for node in graph.node]
    users: list[list[int]] = [[] for _ in needs]
    for number, sources in enumerate(needs):
        for source in sources:
            users[source].append(number)
    ready = [number for number, sources in enumerate(needs) if not sources]
    while ready:
        number = ready.pop(chance.randrange(len(ready)))
        yield number
        for user in users[number]:
            needs[user].remove(number)
            if not needs[user]:
                ready.append(user)


def _reads(node: onnx.NodeProto) -> Iterator[str]:
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        if attribute.HasField("g"):
            for inner in attribute.g.node:
                yield from _reads(inner)
            yield from (value.name for value in attribute.g.output)


def run(
    model: onnx.ModelProto, feeds: dict[str, np.ndarray], specialize: str
) -> dict[str, np.ndarray]:
    engine = ingot.build(model)
    with ingot.load(engine, device="cpu", threads=2, specialize=specialize) as session:
        return session.run(feeds)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in QUICK else pytest.mark.slow)
        for name in catalog()
    ],
)  # fmt: skip
def test_renamed_and_shuffled(name: str) -> None:
    skeleton = catalog()[name]
    model = skeleton.model()
    sizes = {size: SMALL[size] for size in skeleton.sizes}
    feeds = skeleton.feeds(1, **sizes)
    other, names = renamed(model, seed=7)
    before = [names[node.output[0]] for node in model.graph.node]
    after = [node.output[0] for node in other.graph.node]
    assert sorted(after) == sorted(before) and (after != before or name in CHAINS)
    for specialize in ("none", "eager"):
        wanted = run(model, feeds, specialize)
        found = run(other, {names[key]: array for key, array in feeds.items()}, specialize)
        assert found.keys() == {names[key] for key in wanted}
        for key, array in wanted.items():
            np.testing.assert_array_equal(found[names[key]], array, strict=True)
