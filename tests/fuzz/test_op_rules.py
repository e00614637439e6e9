# SPDX-License-Identifier: Apache-2.0
"""Shape rules under wrong shapes and attributes: they refuse with an error, or they are right.

Every example of the op table is bent in one or two places. What the rule still accepts is computed,
and must have the shape that the rule said.
"""

from __future__ import annotations

import random
import zlib
from typing import Any

import numpy as np
import pytest
from tests.ops.cases import domain

from ingot.dims import evaluate
from ingot.errors import IngotError
from ingot.ir.graph import Node, TensorType, Value
from ingot.ops import OPS, Op, bound_attributes, evaluate_node, infer

TRIALS = 100
LARGE = 20_000


def bent_shape(shape: tuple[int, ...], rng: random.Random) -> tuple[int, ...]:
    """A shape with an axis more, an axis less, or another size."""
    choice = rng.randrange(4)
    place = rng.randrange(len(shape) + 1)
    if choice == 0:
        return (*shape[:place], rng.choice((0, 1, 2, 3)), *shape[place:])
    if not shape:
        return shape
    place %= len(shape)
    if choice == 1:
        return (*shape[:place], *shape[place + 1 :])
    return (*shape[:place], rng.choice((0, 1, 2, 5, shape[place] + 1)), *shape[place + 1 :])


def bent_attribute(value: Any, rng: random.Random) -> Any:
    """An attribute value of the same kind that may make no sense."""
    if isinstance(value, tuple):
        if not value or rng.random() < 0.3:
            return value[:-1] if rng.random() < 0.5 else (*value, *value[:1])
        place = rng.randrange(len(value))
        return (*value[:place], bent_attribute(value[place], rng), *value[place + 1 :])
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return rng.choice((value - 1, value + 1, 0, -1, 2, 7))
    return value


def trial(op: Op, rng: random.Random) -> tuple[list[TensorType | None], dict[str, Any]]:
    """Bent input types and attributes for one of the op's examples."""
    example = rng.choice(op.examples)
    dtype = rng.choice(example.only or domain(op))
    types: list[TensorType | None] = []
    for sample in example.inputs:
        if sample is None:
            types.append(None)
            continue
        shape = sample.sizes(example.binding)
        if rng.random() < 0.4:
            shape = bent_shape(shape, rng)
        types.append(TensorType(sample.dtype or dtype, shape))
    given = bound_attributes(example.attributes, example.binding)
    attributes = {
        name: bent_attribute(value, rng) if rng.random() < 0.3 else value
        for name, value in given.items()
    }
    return types, attributes


def ones(type_: TensorType) -> np.ndarray:
    """Ones: valid as divisors, and as indices wherever two elements are."""
    shape = [evaluate(size, {}) for size in type_.shape]
    return np.ones(shape).astype(type_.dtype.numpy)


@pytest.mark.parametrize("name", OPS)
def test_rule_refuses_or_is_right(name: str) -> None:
    seed = zlib.crc32(name.encode())
    print(f"seed: {seed}")
    rng = random.Random(seed)
    for number in range(TRIALS):
        types, attributes = trial(OPS[name], rng)
        told = f"trial {number}: {name}({', '.join(map(str, types))}) {attributes}"
        try:
            complete, results, guards = infer(name, types, attributes, name, {})
            if any(isinstance(s, int) and s < 0 for r in results for s in r.shape):
                continue
            inputs = tuple(None if t is None else Value("x", t) for t in types)
            node = Node(name, inputs, tuple(Value("y", r) for r in results), complete)
            sizes = [int(np.prod([evaluate(s, {}) for s in r.shape])) for r in results]
            if max(sizes) > LARGE:
                continue
            found = evaluate_node(node, [None if t is None else ones(t) for t in types])
        except IngotError:
            continue
        except Exception as error:
            raise AssertionError(f"{told}: {type(error).__name__}: {error}") from error
        assert not guards, told
        for array, result in zip(found, results, strict=True):
            assert array.shape == result.shape, f"{told}: {array.shape}, not {result.shape}"
            assert array.dtype == result.dtype.numpy, told
