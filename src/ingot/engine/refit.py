# SPDX-License-Identifier: Apache-2.0
"""New weights for a graph: evaluate each weight's derivation over new source initializers.

The same ops in the same order as when the engine was built, so refitting with the original
initializers gives the original weights, bit by bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ingot.dtypes import from_numpy
from ingot.errors import InputError
from ingot.ir.graph import Array, Derivation, Graph, Node, Weight
from ingot.ir.nested import all_graphs, map_graphs
from ingot.ops.evaluate import evaluate_node


def evaluate_derivation(derivation: Derivation, sources: Mapping[str, Array]) -> Array:
    """The array that `derivation` gives for source initializers by name."""
    if derivation.is_source:
        return sources[derivation.source_name]
    if derivation.data is not None:
        return derivation.data.array()
    arguments = [evaluate_derivation(argument, sources) for argument in derivation.args]
    node = Node(derivation.op, (), (), dict(derivation.attributes))
    return evaluate_node(node, arguments)[0]


def source_names(weights: Iterable[Weight]) -> frozenset[str]:
    """The initializers that the derivations of `weights` name."""
    found = (weight.derivation.sources() for weight in weights if weight.derivation is not None)
    return frozenset().union(*found)


def refit_graph(graph: Graph, sources: Mapping[str, Array], missing: Iterable[str]) -> Graph:
    """`graph` with every weight that depends on `sources` made anew.

    `missing` are the weights that have no elements yet: they must all be made. Raises InputError
    for a source that no weight depends on, one that is needed and not given, or one that does not
    fit.
    """
    given = {name: _frozen(array) for name, array in sources.items()}
    _check_known(graph, given)
    needed = frozenset(missing)
    made: dict[str, Weight] = {}

    def refit(weight: Weight) -> Weight:
        if not _touched(weight, given, needed):
            return weight
        name = weight.value.name
        if name not in made:
            made[name] = _refit_weight(weight, given)
        return Weight(weight.value, made[name].data, weight.derivation)

    return map_graphs(
        graph,
        lambda inner: inner.replace(weights={n: refit(w) for n, w in inner.weights.items()}),
    )


def _check_known(graph: Graph, given: Mapping[str, Array]) -> None:
    weights = [weight for inner in all_graphs(graph) for weight in inner.weights.values()]
    unknown = given.keys() - source_names(weights)
    if unknown:
        raise InputError(
            f"refit: no weight of '{graph.name}' comes from {_list(unknown)}",
            cure="Engine.refit_sources lists the names",
        )


def _touched(weight: Weight, given: Mapping[str, Array], needed: frozenset[str]) -> bool:
    if weight.value.name in needed:
        return True
    return weight.derivation is not None and not weight.derivation.sources().isdisjoint(given)


def _refit_weight(weight: Weight, given: Mapping[str, Array]) -> Weight:
    name, derivation = weight.value.name, weight.derivation
    assert derivation is not None  # only weights with a derivation are stripped or touched
    absent = derivation.sources() - given.keys()
    if absent:
        raise InputError(f"refit: weight '{name}' needs {_list(absent)} too", cure="give them all")
    data = np.asarray(evaluate_derivation(derivation, given), order="C")
    if data.shape != weight.value.shape or from_numpy(data.dtype) != weight.value.dtype:
        raise InputError(
            f"refit: weight '{name}' is {weight.value.type}, the given sources make it "
            f"{data.dtype.name}{list(data.shape)}",
            cure="give arrays with the element types and sizes of the model's initializers",
        )
    return Weight(weight.value, _frozen(data), derivation)


def _frozen(array: Array) -> Array:
    """`array` as one that nobody can change: a copy where it is writable and owned elsewhere."""
    array = np.asarray(array)
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))
