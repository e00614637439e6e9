# SPDX-License-Identifier: Apache-2.0
"""The record of an op that a runtime executes itself: control flow, and lists of tensors.

Such an op launches no kernel of its own. Its bodies are graphs, its lists are Python's, and its
rule says what it does with them, given something that runs a body: `ops.evaluate` passes NumPy, a
session its compiled segments.

The node states the shapes of its results (`shapes`), for they depend on what bodies do. A size that
nobody can know before is a symbol that the node itself tells: for each pair (result, axis) in
`told` it has one more output, an int64 scalar, and the graph measures the symbol there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ingot.dims import Expression, evaluate
from ingot.dtypes import INT64
from ingot.errors import GraphError, RunError, ShapeError
from ingot.ir.graph import Attributes, Graph, ListType, TensorType

# A tensor, or a list of what it holds.
Item: TypeAlias = Any
RunBody: TypeAlias = Callable[[Graph, Sequence[Item]], Sequence[Item]]
Types: TypeAlias = Sequence[TensorType | None]
ResultsRule: TypeAlias = Callable[..., Sequence[TensorType]]
ScriptRule: TypeAlias = Callable[..., Sequence[Item]]


class ScriptFault(RunError):
    """A fault in the data that a rule meets; who runs the node adds its name."""


@dataclass(frozen=True, eq=False)
class ScriptOp:
    """One op of the script.

    `results_rule(types, **attributes)` gives element type and kind of each result, in any shape;
    `run_rule(items, run, **attributes)` the results for the inputs, where `run` runs a body.
    `attributes` names those beside `shapes` and `told`.
    """

    name: str
    results_rule: ResultsRule
    run_rule: ScriptRule
    doc: str
    attributes: tuple[str, ...] = ()

    def complete(self, given: Attributes, subject: str) -> dict[str, Any]:
        """The attributes in the record's order; raises GraphError where one is wrong."""
        names = (*self.attributes, "shapes", "told")
        if unknown := given.keys() - set(names):
            raise GraphError(f"{subject}: attribute '{min(unknown)}' is unknown to {self.name}")
        complete = {"told": (), **given}
        if missing := [name for name in names if name not in complete]:
            raise GraphError(f"{subject}: attribute '{missing[0]}' must be given")
        return {name: complete[name] for name in names}

    def infer(self, types: Types, attributes: Mapping[str, Any], subject: str) -> list[TensorType]:
        """The types of results and told sizes; raises ShapeError where the shapes do not fit."""
        results = self.results_rule(types, **_own(attributes))
        shapes, told = attributes["shapes"], attributes["told"]
        if len(results) != len(shapes):
            raise ShapeError(
                f"{subject}: has {len(results)} results, {len(shapes)} shapes are given"
            )
        made = [dataclasses.replace(t, shape=s) for t, s in zip(results, shapes, strict=True)]
        return [*made, *[TensorType(INT64, ())] * len(told)]

    def run(self, items: Sequence[Item], attributes: Mapping[str, Any], run: RunBody) -> list[Item]:
        """Results and told sizes; symbols in attributes are bound. Raises RunError."""
        results = list(self.run_rule(items, run, **_own(attributes)))
        told = [np.array(results[k].shape[axis], np.int64) for k, axis in attributes["told"]]
        return [*results, *told]

    def bound(self, attributes: Mapping[str, Any], binding: Mapping[str, int]) -> dict[str, Any]:
        """The attributes with symbols bound; sizes that the op is to tell itself are 0."""
        return {name: _bound(value, binding) for name, value in attributes.items()}


def _bound(value: Any, binding: Mapping[str, int]) -> Any:
    if isinstance(value, tuple):
        return tuple(_bound(part, binding) for part in value)
    if not isinstance(value, Expression):
        return value
    return evaluate(value, {**dict.fromkeys(value.symbols, 0), **binding})


def _own(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name != "told"}


def join_types(one: TensorType, other: TensorType) -> TensorType | None:
    """The type that stands for two; None where there is none.

    Sizes of tensors are left to who states them. Lists whose tensors differ in rank are lists of
    anything; an empty one is like any other.
    """
    if not (isinstance(one, ListType) and isinstance(other, ListType)):
        lists = isinstance(one, ListType) or isinstance(other, ListType)
        return None if lists or one.dtype != other.dtype or one.rank != other.rank else one
    for a, b in ((one, other), (other, one)):
        if a.container == f"{_around(b)}empty_sequence":
            return b
    if one.dtype != other.dtype or _around(one) != _around(other):
        return None
    anything = "any_sequence" in one.container + other.container
    if not anything and one.rank == other.rank:
        pairs = zip(one.shape, other.shape, strict=True)
        return dataclasses.replace(one, shape=tuple(a if a == b else -1 for a, b in pairs))
    if one.container.endswith("tensor"):
        return None
    return ListType(one.dtype, (), f"{_around(one)}any_sequence")


def _around(type_: ListType) -> str:
    return "optional_" if type_.container.startswith("optional_") else ""


def truth(item: Item) -> bool:
    """The content of a bool tensor of one element."""
    return bool(_only(item))


def whole(item: Item) -> int:
    """The content of an integer tensor of one element."""
    return int(_only(item))


def _only(item: Item) -> Any:
    array = np.asarray(item)
    if array.size != 1:
        raise ScriptFault(f"a tensor that must have one element has {array.size}")
    return array.reshape(())
