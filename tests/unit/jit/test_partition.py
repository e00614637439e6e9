# SPDX-License-Identifier: Apache-2.0
"""Which nodes run together, and that groups never wait for each other."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest

from ingot import dims
from ingot.dtypes import FLOAT32
from ingot.ir.graph import Graph, Value
from ingot.jit.partition import Group, Partition
from ingot.ops.build import Builder


@dataclass
class Fusing:
    """As much of a Target as the partition asks for."""

    fuses: bool = True


def groups(graph: Graph, fuses: bool = True) -> list[list[str]]:
    return [[node.op for node in group.nodes] for group in partition(graph, fuses)]


def partition(graph: Graph, fuses: bool = True) -> list[Group]:
    return Partition(graph, Fusing(fuses)).groups()  # type: ignore[arg-type]  # a part of a Target


def image(builder: Builder) -> Value:
    return builder.input("x", FLOAT32, (dims.symbol("n"), 8, 6, 6))


def conv(builder: Builder, x: Value, name: str) -> Value:
    weight = builder.input(name, FLOAT32, (8, 8, 1, 1))
    window = {"strides": (1, 1), "dilations": (1, 1), "pads": (0, 0, 0, 0)}
    return builder.node("conv", x, weight, **window)


def test_an_activation_joins_its_convolution() -> None:
    builder = Builder()
    y = builder.node("relu", conv(builder, image(builder), "w"))
    assert groups(builder.finish([y])) == [["conv", "relu"]]


def test_nothing_joins_where_the_target_does_not_fuse() -> None:
    builder = Builder()
    y = builder.node("relu", conv(builder, image(builder), "w"))
    assert groups(builder.finish([y]), fuses=False) == [["conv"], ["relu"]]


def test_a_residual_joins_the_convolution_that_runs_last() -> None:
    builder = Builder()
    x = image(builder)
    main, shortcut = conv(builder, x, "w1"), conv(builder, x, "w2")
    y = builder.node("relu", builder.node("add", main, shortcut))
    assert groups(builder.finish([y])) == [["conv"], ["conv", "add", "relu"]]


def test_cheap_producers_become_the_prologue_of_a_row_operator() -> None:
    builder = Builder()
    x = builder.input("x", FLOAT32, (4, 8))
    mask = builder.input("mask", FLOAT32, (4, 8))
    y = builder.node("softmax", builder.node("add", builder.node("mul", x, 0.5), mask), axis=1)
    assert groups(builder.finish([y])) == [["mul", "add", "softmax"]]


def test_a_shared_producer_stays_outside() -> None:
    builder = Builder()
    x = builder.input("x", FLOAT32, (4, 8))
    scaled = builder.node("mul", x, 0.5)
    y = builder.node("softmax", scaled, axis=1)
    assert groups(builder.finish([y, scaled])) == [["mul"], ["softmax"]]


def test_a_join_that_would_wait_for_itself_is_refused() -> None:
    builder = Builder()
    x = builder.input("x", FLOAT32, (4, 8))
    first = builder.node("exp", x)
    total = builder.node("reduce_sum", first, axes=(1,), keep_dims=True)
    y = builder.node("div", first, total)
    made = groups(builder.finish([y]))
    assert made.index(["exp"]) < [("reduce_sum" in group) for group in made].index(True)


@pytest.mark.parametrize("seed", range(30))
def test_groups_only_read_what_ran_before(seed: int) -> None:
    draw = random.Random(seed)
    builder = Builder()
    values = [builder.input("x", FLOAT32, (4, 8))]
    for _ in range(40):
        kind = draw.choice(["relu", "exp", "add", "mul", "softmax", "transpose2", "sum"])
        a, b = draw.choice(values), draw.choice(values)
        if kind in ("add", "mul"):
            values.append(builder.node(kind, a, b))
        elif kind == "softmax":
            values.append(builder.node("softmax", a, axis=1))
        elif kind == "transpose2":
            turned = builder.node("transpose", a, permutation=(1, 0))
            values.append(builder.node("reshape", turned, shape=(4, 8)))
        elif kind == "sum":
            total = builder.node("reduce_sum", a, axes=(1,), keep_dims=True)
            values.append(builder.node("add", b, total))
        else:
            values.append(builder.node(kind, a))
    graph = builder.finish(values[-3:])
    done = set(graph.inputs) | {weight.value for weight in graph.weights.values()}
    seen = 0
    for group in partition(graph):
        made = {value for node in group.nodes for value in node.outputs}
        read = {value for node in group.nodes for value in node.inputs if value is not None}
        assert read - made <= done, (seed, group)
        done |= made
        seen += len(group.nodes)
    assert seen == len(graph.nodes)
