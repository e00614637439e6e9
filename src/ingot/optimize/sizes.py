# SPDX-License-Identifier: Apache-2.0
"""Size arithmetic leaves the graph: integers that follow from sizes are computed on the host.

A small integer tensor whose elements are known as symbolic sizes is written as `sizes`, whatever
chain of ops made it; the chain is dead then. Readers do most of this; graphs that were built by
hand, and what rewrites uncover, come here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np

from ingot.dims import Dim, bounds, maximum, minimum, symbols
from ingot.dtypes import INT64
from ingot.ir.graph import Node, Value
from ingot.ir.pattern import Term, op
from ingot.ir.rewrite import Site, node_rule

Elements: TypeAlias = "np.ndarray[Any, np.dtype[np.object_]]"
LARGEST: Final = 64
DEPTH: Final = 32


def known(site: Site, value: Value | None, depth: int = DEPTH) -> Elements | None:
    """The elements of an int64 tensor as sizes; None where they are not known, or many."""
    if value is None or value.dtype != INT64 or depth == 0:
        return None
    data = site.editor.constant(value)
    if data is not None:
        return data.astype(object) if data.size <= LARGEST else None
    node = site.producer(value)
    if node is None or node.op not in MEANINGS:
        return None
    inputs = []
    for one in node.inputs:
        elements = known(site, one, depth - 1)
        if elements is None:
            return None
        inputs.append(elements)
    made = MEANINGS[node.op](site, node, inputs)
    return made if made is not None and made.size <= LARGEST else None


def _pairwise(function: Callable[[Dim, Dim], Dim]) -> Callable[..., Elements | None]:
    def meaning(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
        return np.asarray(np.frompyfunc(function, 2, 1)(*inputs), object)

    return meaning


def _quotient(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
    """Division is towards zero: it is the floor only where both sides are known to be positive."""
    for elements, least in zip(inputs, (0, 1), strict=True):
        lows = [_least(site, element) for element in elements.ravel().tolist()]
        if any(low is None or low < least for low in lows):
            return None
    return np.asarray(np.frompyfunc(lambda a, b: a // b, 2, 1)(*inputs), object)


def _least(site: Site, size: Dim) -> int | None:
    if isinstance(size, int):
        return size
    spans = site.editor.graph.symbols
    return bounds(size, {name: (spans[name].lo, spans[name].hi) for name in symbols(size)})[0]


def _sizes(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
    values = node.attributes["values"]
    assert isinstance(values, tuple)
    made = np.empty(len(values), object)
    made[:] = values
    return made


def _clip(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
    made = inputs[0]
    for key, function in (("lo", maximum), ("hi", minimum)):
        bound = node.attributes[key]
        if bound is not None:
            assert isinstance(bound, int | float)
            made = np.asarray(np.frompyfunc(function, 2, 1)(made, int(bound)), object)
    return made


def _concat(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
    return np.concatenate(inputs, axis=_integer(node, "axis"))


def _gather(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
    x, indices = inputs
    if any(not isinstance(index, int) for index in indices.flat):
        return None
    axis = _integer(node, "axis")
    numbers = indices.astype(np.int64)
    if numbers.size and not (-x.shape[axis] <= numbers.min() <= numbers.max() < x.shape[axis]):
        return None
    return np.asarray(np.take(x, numbers, axis=axis), object)


def _shape(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
    shape = _integers(node, "shape")
    if shape is None:
        return None
    return inputs[0].reshape(shape) if node.op == "reshape" else np.broadcast_to(inputs[0], shape)


def _slice(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
    starts, ends, steps = (_integers(node, key) for key in ("starts", "ends", "steps"))
    if starts is None or ends is None or steps is None or min(steps, default=1) < 1:
        return None
    return inputs[0][tuple(map(slice, starts, ends, steps))]


def _same(site: Site, node: Node, inputs: Sequence[Elements]) -> Elements | None:
    return inputs[0]


def _integer(node: Node, key: str) -> int:
    value = node.attributes[key]
    assert isinstance(value, int)
    return value


def _integers(node: Node, key: str) -> tuple[int, ...] | None:
    value = node.attributes[key]
    assert isinstance(value, tuple)
    numbers = tuple(part for part in value if isinstance(part, int))
    return numbers if len(numbers) == len(value) else None


MEANINGS: Final[Mapping[str, Callable[..., Elements | None]]] = {
    "sizes": _sizes,
    "add": _pairwise(lambda a, b: a + b),
    "sub": _pairwise(lambda a, b: a - b),
    "mul": _pairwise(lambda a, b: a * b),
    "minimum": _pairwise(minimum),
    "maximum": _pairwise(maximum),
    "clip": _clip,
    "div": _quotient,
    "concat": _concat,
    "gather": _gather,
    "reshape": _shape,
    "expand": _shape,
    "slice": _slice,
    "identity": _same,
    "cast": _same,
}


def _on_the_host(site: Site, node: Node) -> Term | None:
    """Arithmetic on sizes is sizes."""
    elements = known(site, node.output)
    if elements is None or all(isinstance(element, int) for element in elements.flat):
        return None
    return op.reshape(op.sizes(values=tuple(elements.flat)), shape=node.output.shape)


RULES: Final = (
    node_rule("sizes_on_the_host", MEANINGS.keys() - {"sizes", "reshape", "cast"}, _on_the_host),
)
