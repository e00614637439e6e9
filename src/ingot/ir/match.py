# SPDX-License-Identifier: Apache-2.0
"""The matcher: finds a pattern at a node, or says how far it came and why it failed.

Matching goes from the root towards the inputs with a list of goals. Commutative ops and `either`
are choice points: each alternative is tried with its own copy of the bindings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ingot.ir.edit import Editor
from ingot.ir.graph import Array, Node, Value
from ingot.ir.pattern import (
    COMMUTATIVE,
    Apply,
    Constant,
    Either,
    Literal,
    Named,
    Scalar,
    Term,
    Variable,
)

Goal: TypeAlias = tuple[Term | None, Value | None]
Goals: TypeAlias = "tuple[Goal, Goals] | None"


@dataclass(slots=True)
class Match:
    """What a pattern was found to be: variables by name, and the nodes of its ops, root first."""

    values: dict[str, Any]
    nodes: tuple[Node, ...]


class Matcher:
    """One search for one pattern; `matched` and `reason` tell of the best attempt."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.matched = -1
        self._reason: tuple[str, tuple[object, ...]] = ("", ())

    @property
    def reason(self) -> str:
        """Why the best attempt failed."""
        text, arguments = self._reason
        return text.format(*arguments)

    def find(self, pattern: Term, node: Node) -> Match | None:
        """The match of `pattern` with its root at `node`, a node with one output."""
        if len(node.outputs) != 1:
            return None
        return self._solve(((pattern, node.outputs[0]), None), Match({}, ()))

    def _solve(self, goals: Goals, match: Match) -> Match | None:
        while goals is not None:
            (term, value), goals = goals
            if isinstance(term, Apply):
                orders = self._enter(term, value, match)
                if orders is None:
                    return None
                if len(orders) > 1:
                    return self._first([_push(order, goals) for order in orders], match)
                goals = _push(orders[0], goals)
            elif isinstance(term, Either):
                return self._first([((choice, value), goals) for choice in term.choices], match)
            elif isinstance(term, Named):
                if match.values.setdefault(term.name, value) is not value:
                    return self._fail(match, "{} is not the same tensor", term.name)
                if not any(value in node.outputs for node in match.nodes):
                    goals = ((term.term, value), goals)
            elif not self._leaf(term, value, match):
                return None
        return match

    def _first(self, alternatives: list[Goals], match: Match) -> Match | None:
        for goals in alternatives:
            found = self._solve(goals, Match(dict(match.values), match.nodes))
            if found is not None:
                return found
        return None

    def _enter(self, term: Apply, value: Value | None, match: Match) -> list[list[Goal]] | None:
        """Match the op itself; its operands are the new goals, in one or two orders."""
        node = self.editor.producer(value)
        if node is None or node.op != term.op:
            found = "a weight, an input or absent" if node is None else node.op
            return self._fail(match, "expected {}, found {}", term.op, found)
        inputs = _trimmed(node)
        if len(inputs) != len(term.inputs) or len(node.outputs) != 1:
            return self._fail(match, "{} has {} inputs", node.op, len(inputs))
        for key, wanted in term.attributes.items():
            if not _same_attribute(wanted, node.attributes.get(key), match.values):
                return self._fail(match, "{} has {}={}", node.op, key, node.attributes.get(key))
        match.nodes += (node,)
        orders = [inputs]
        if term.op in COMMUTATIVE and inputs[0] is not inputs[1]:
            orders.append(inputs[::-1])
        return [_cheap_first(zip(term.inputs, order, strict=True)) for order in orders]

    def _leaf(self, term: Term | None, value: Value | None, match: Match) -> bool:
        if term is None or value is None:
            return (term is None and value is None) or self._failed(match, "an input is absent")
        if isinstance(term, Variable):
            bound = match.values.setdefault(term.name, value)
            return bound is value or self._failed(match, "{} is not the same tensor", term.name)
        if isinstance(term, Constant):
            if self.editor.weight(value) is None:
                return self._failed(match, "%{} is no weight", value.name)
            return match.values.setdefault(term.name, value) is value
        number = uniform(self.editor.constant(value))
        if number is None:
            return self._failed(match, "%{} is no constant number", value.name)
        if isinstance(term, Scalar):
            return bool(match.values.setdefault(term.name, number) == number)
        assert isinstance(term, Literal)
        if not _close(number, term.value, value):
            return self._failed(match, "a constant is {}, not {}", number, term.value)
        return True

    def _failed(self, match: Match, text: str, *arguments: object) -> bool:
        self._fail(match, text, *arguments)
        return False

    def _fail(self, match: Match, text: str, *arguments: object) -> None:
        if len(match.nodes) > self.matched:
            self.matched = len(match.nodes)
            self._reason = (text, arguments)


def _cheap_first(goals: Iterable[Goal]) -> list[Goal]:
    """The goals in an order that fails early: constants, then ops, then variables."""
    return sorted(goals, key=lambda goal: _COST.get(type(goal[0]), 0))


_COST: Mapping[type, int] = {Apply: 1, Named: 1, Either: 2, Variable: 3}


def uniform(data: Array | None) -> float | None:
    """The number that all elements of `data` equal; None where they differ or there are none."""
    if data is None or data.size == 0:
        return None
    first = data.reshape(-1)[:1]
    if data.size > 1 and not bool((data == first).all()):
        return None
    element = first.astype(np.float64) if data.dtype.kind not in "iub" else first
    return element.item()  # type: ignore[no-any-return]


def _push(order: list[Goal], goals: Goals) -> Goals:
    for goal in reversed(order):
        goals = (goal, goals)
    return goals


def _trimmed(node: Node) -> tuple[Value | None, ...]:
    inputs = node.inputs
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    return inputs


def _same_attribute(wanted: Any, found: Any, values: dict[str, Any]) -> bool:
    if isinstance(wanted, Variable):
        bound = values.setdefault(wanted.name, found)
        return bound is found or bool(bound == found)
    if isinstance(wanted, tuple) and isinstance(found, tuple):
        pairs = zip(wanted, found, strict=False)
        return len(wanted) == len(found) and all(_same_attribute(a, b, values) for a, b in pairs)
    if isinstance(wanted, float | int) and isinstance(found, float):
        return abs(wanted - found) <= 2.0**-22 * abs(wanted)
    return type(wanted) is type(found) and bool(wanted == found)


def _close(found: float, wanted: float, value: Value) -> bool:
    """Whether `found` is `wanted` rounded to the element type, a few last places apart at most."""
    if found == wanted:
        return True
    if not value.dtype.is_float or not np.isfinite(found):
        return False
    spacing = 2.0 ** -_PRECISION.get(value.dtype.name, 7)
    return abs(found - wanted) <= 2 * spacing * abs(wanted)


_PRECISION: Mapping[str, int] = {"float64": 48, "float32": 22, "float16": 10, "bfloat16": 7}
