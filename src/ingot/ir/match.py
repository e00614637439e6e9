# SPDX-License-Identifier: Apache-2.0
"""The matcher: finds a pattern at a node, or says how far it came and why it failed.

A pattern is compiled once into a chain of steps. A step looks at one tensor and calls the step
after it; commutative ops and `either` are choice points, which call it again for each alternative.
So a failure late in the chain takes back every choice made before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

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

Step: TypeAlias = Callable[["Match"], bool]
COST: Final[Mapping[type, int]] = {Apply: 1, Named: 1, Either: 2, Variable: 3}
PRECISION: Final[Mapping[str, int]] = {"float64": 48, "float32": 22, "float16": 10}


class Match:
    """One search: variables by name, the nodes of the pattern's ops, the tensors still to match.

    After a failure `matched` and `reason` tell of the best attempt.
    """

    __slots__ = ("_failure", "editor", "matched", "nodes", "slots", "values")

    def __init__(self, editor: Editor, slots: int) -> None:
        self.editor = editor
        self.slots: list[Value | None] = [None] * slots
        self.values: dict[str, Any] = {}
        self.nodes: list[Node] = []
        self.matched = -1
        self._failure: tuple[Any, ...] = ("",)

    @property
    def reason(self) -> str:
        """Why the best attempt failed."""
        text, *arguments = self._failure
        return str(text).format(*arguments)

    def fail(self, *failure: Any) -> bool:
        """Note the failure if it is the farthest; always False."""
        if len(self.nodes) > self.matched:
            self.matched = len(self.nodes)
            self._failure = failure
        return False

    def bind(self, name: str, found: Any) -> bool:
        """Bind a variable, or compare with what it is bound to."""
        bound = self.values.setdefault(name, found)
        return bound is found or self.fail("{} is not the same tensor", name)


class Pattern:
    """A compiled pattern."""

    def __init__(self, tree: Term) -> None:
        self._slots = 1
        self._start = self._compile(tree, 0, _found)

    def find(self, editor: Editor, node: Node) -> tuple[bool, Match]:
        """Whether the pattern's root is at `node`, a node with one output, and the search."""
        match = Match(editor, self._slots)
        match.slots[0] = node.outputs[0]
        return self._start(match), match

    def _compile(self, term: Term | None, slot: int, after: Step) -> Step:
        if isinstance(term, Apply):
            return self._op(term, slot, after)
        if isinstance(term, Either):
            return _either([self._compile(choice, slot, after) for choice in term.choices])
        if isinstance(term, Named):
            return _named(term.name, slot, self._compile(term.term, slot, after), after)
        return _leaf(term, slot, after)

    def _op(self, term: Apply, slot: int, after: Step) -> Step:
        first = self._slots
        self._slots += len(term.inputs)
        operands = enumerate(term.inputs, first)
        for position, operand in sorted(operands, key=lambda pair: -COST.get(type(pair[1]), 0)):
            after = self._compile(operand, position, after)
        return _op(term, slot, first, after)


def _found(match: Match) -> bool:
    return True


def _op(term: Apply, slot: int, first: int, after: Step) -> Step:
    wanted, arity, attributes = term.op, len(term.inputs), tuple(term.attributes.items())
    commutes = wanted in COMMUTATIVE

    def step(match: Match) -> bool:
        value = match.slots[slot]
        node = match.editor.producer(value)
        if node is None or node.op != wanted:
            return match.fail("expected {}, found {}", wanted, node.op if node else value)
        inputs = node.inputs
        while inputs and inputs[-1] is None:
            inputs = inputs[:-1]
        if len(inputs) != arity or len(node.outputs) != 1:
            return match.fail("{} has {} inputs", wanted, len(inputs))
        count, values = len(match.nodes), dict(match.values)
        for key, value in attributes:
            if not _same(value, node.attributes.get(key), match.values):
                return match.fail("{} has {}={}", wanted, key, node.attributes.get(key))
        match.nodes.append(node)
        match.slots[first : first + arity] = inputs
        if after(match):
            return True
        if commutes:
            del match.nodes[count + 1 :]
            match.values = values
            match.slots[first : first + arity] = inputs[::-1]
            if after(match):
                return True
        del match.nodes[count:]
        return False

    return step


def _either(choices: list[Step]) -> Step:
    def step(match: Match) -> bool:
        count, values = len(match.nodes), match.values
        for choice in choices:
            match.values = dict(values)
            if choice(match):
                return True
            del match.nodes[count:]
        return False

    return step


def _named(name: str, slot: int, inner: Step, after: Step) -> Step:
    def step(match: Match) -> bool:
        value = match.slots[slot]
        if name in match.values:
            return match.bind(name, value) and after(match)
        match.values[name] = value
        return inner(match)

    return step


def _leaf(term: Term | None, slot: int, after: Step) -> Step:
    check = _CHECKS[type(term)]

    def step(match: Match) -> bool:
        return check(term, match.slots[slot], match) and after(match)

    return step


def _variable(term: Any, value: Value | None, match: Match) -> bool:
    if value is None:
        return match.fail("{} is absent", term.name)
    return match.bind(term.name, value)


def _constant(term: Any, value: Value | None, match: Match) -> bool:
    if match.editor.weight(value) is None:
        return match.fail("{!r} is no weight", value)
    return match.bind(term.name, value)


def _number(term: Any, value: Value | None, match: Match) -> bool:
    number = uniform(match.editor.constant(value))
    if number is None:
        return match.fail("{!r} is no constant number", value)
    if isinstance(term, Scalar):
        return bool(match.values.setdefault(term.name, number) == number)
    assert value is not None
    return _close(number, term.value, value) or match.fail("{} is not {}", number, term.value)


def _absent(term: None, value: Value | None, match: Match) -> bool:
    return value is None or match.fail("{!r} should be absent", value)


_CHECKS: Final[Mapping[type, Callable[[Any, Value | None, Match], bool]]] = {
    Variable: _variable,
    Constant: _constant,
    Scalar: _number,
    Literal: _number,
    type(None): _absent,
}


def uniform(data: Array | None) -> float | None:
    """The number that all elements of `data` equal; None where they differ or there are none."""
    if data is None or data.size == 0:
        return None
    flat = data.reshape(-1)
    first = flat[0]
    if data.size > 1 and not (flat[-1] == first and bool((flat == first).all())):
        return None
    return first.item() if data.dtype.kind in "iub" else float(first)


def _same(wanted: Any, found: Any, values: dict[str, Any]) -> bool:
    """Whether an attribute is as wanted; variables in it are bound."""
    if isinstance(wanted, Variable):
        bound = values.setdefault(wanted.name, found)
        return bound is found or bool(bound == found)
    if isinstance(wanted, tuple) and isinstance(found, tuple):
        pairs = zip(wanted, found, strict=False)
        return len(wanted) == len(found) and all(_same(a, b, values) for a, b in pairs)
    if isinstance(wanted, float | int) and isinstance(found, float):
        return abs(wanted - found) <= 2.0**-22 * abs(wanted)
    return type(wanted) is type(found) and bool(wanted == found)


def _close(found: float, wanted: float, value: Value) -> bool:
    """Whether `found` is `wanted` rounded to the element type, a few last places apart at most."""
    if found == wanted:
        return True
    if not value.dtype.is_float or not np.isfinite(found) or not np.isfinite(wanted):
        return False
    spacing = 2.0 ** -PRECISION.get(value.dtype.name, 7)
    return bool(abs(found - wanted) <= 2 * spacing * abs(wanted))
