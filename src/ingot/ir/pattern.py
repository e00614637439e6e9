# SPDX-License-Identifier: Apache-2.0
"""Patterns: the formulas of rewrite rules, as trees of terms.

A rule's lambda is called once with a Variable for each of its parameters, and the ops and
operators that it applies build the tree: `lambda x: 0.5 * x * (1.0 + op.erf(x / sqrt2))`. A
variable stands for any tensor, the same one wherever it occurs; as an attribute's value it stands
for that attribute. Replacements are the same kind of tree.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, TypeAlias

from ingot.ir.graph import Array, Derivation, Value

Operand: TypeAlias = "Term | Value | int | float | None"

COMMUTATIVE: Final = frozenset(
    ("add", "mul", "equal", "minimum", "maximum", "logical_and", "logical_or", "logical_xor",
     "bitwise_and", "bitwise_or", "bitwise_xor")
)  # fmt: skip


class Term:
    """A node of a formula; arithmetic on it makes larger formulas."""

    def __add__(self, other: Operand) -> Apply:
        return apply("add", self, other)

    def __radd__(self, other: Operand) -> Apply:
        return apply("add", other, self)

    def __sub__(self, other: Operand) -> Apply:
        return apply("sub", self, other)

    def __rsub__(self, other: Operand) -> Apply:
        return apply("sub", other, self)

    def __mul__(self, other: Operand) -> Apply:
        return apply("mul", self, other)

    def __rmul__(self, other: Operand) -> Apply:
        return apply("mul", other, self)

    def __truediv__(self, other: Operand) -> Apply:
        return apply("div", self, other)

    def __rtruediv__(self, other: Operand) -> Apply:
        return apply("div", other, self)

    def __neg__(self) -> Apply:
        return apply("neg", self)


@dataclass(frozen=True, eq=False)
class Variable(Term):
    """Any tensor, or as an attribute any value; the same one at each occurrence of the name."""

    name: str


@dataclass(frozen=True, eq=False)
class Parameter(Variable):
    """An attribute of a composite in its body: as an operand it is a captured number."""


@dataclass(frozen=True, eq=False)
class Literal(Term):
    """A constant all of whose elements equal `value`, up to rounding to its element type."""

    value: float


@dataclass(frozen=True, eq=False)
class Scalar(Term):
    """A constant with all elements equal; the variable `name` is bound to that number."""

    name: str


@dataclass(frozen=True, eq=False)
class Constant(Term):
    """A weight; the variable `name` is bound to the tensor."""

    name: str


@dataclass(frozen=True, eq=False)
class Named(Term):
    """A tensor that matches `term`, bound to `name`; the same tensor wherever it occurs."""

    name: str
    term: Term


@dataclass(frozen=True, eq=False)
class Given(Term):
    """A tensor that exists; only in replacements."""

    value: Value


@dataclass(frozen=True, eq=False)
class NewWeight(Term):
    """A new constant tensor; only in replacements."""

    wish: str
    data: Array
    derivation: Derivation | None


@dataclass(frozen=True, eq=False)
class Either(Term):
    """Any one of some terms, tried in order."""

    choices: tuple[Term, ...]


@dataclass(frozen=True, eq=False)
class Apply(Term):
    """An op applied to terms; attributes not named may have any value."""

    op: str
    inputs: tuple[Term | None, ...]
    attributes: Mapping[str, Any]


def apply(name: str, *inputs: Operand, **attributes: Any) -> Apply:
    """The term for the op called `name`."""
    return Apply(name, tuple(map(term, inputs)), attributes)


def term(operand: Operand) -> Term | None:
    """`operand` as a term: numbers are literals, values stand for themselves."""
    if isinstance(operand, Parameter):
        return Scalar(operand.name)
    if operand is None or isinstance(operand, Term):
        return operand
    if isinstance(operand, Value):
        return Given(operand)
    return Literal(operand)


class _Ops:
    """The ops by name: `op.erf(x)` is the term that applies erf."""

    def __getattr__(self, name: str) -> Callable[..., Apply]:
        return partial(apply, name)


op: Final = _Ops()


def scalar(variable: Term) -> Scalar:
    """In a pattern: a constant with all elements equal, captured as a number."""
    assert isinstance(variable, Variable)
    return Scalar(variable.name)


def constant(variable: Term) -> Constant:
    """In a pattern: a weight, captured as a tensor."""
    assert isinstance(variable, Variable)
    return Constant(variable.name)


def named(variable: Term, meaning: Term) -> Named:
    """In a pattern: a tensor that occurs more than once, matched once and captured."""
    assert isinstance(variable, Variable)
    return Named(variable.name, meaning)


def either(*choices: Operand) -> Either:
    """In a pattern: the first of `choices` that matches."""
    return Either(tuple(choice for choice in map(term, choices) if choice is not None))


def new_weight(wish: str, data: Array, derivation: Derivation | None = None) -> NewWeight:
    """In a replacement: a new constant tensor, called `wish` if that name is free."""
    return NewWeight(wish, data, derivation)


def trace(formula: Callable[..., Any]) -> Term:
    """The tree that `formula` builds when called with one variable for each parameter."""
    built = formula(*map(Variable, parameters(formula)))
    assert isinstance(built, Term), "a pattern is a formula over its parameters"
    return built


@cache
def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters."""
    return tuple(inspect.signature(function).parameters)


def roots(pattern: Term) -> frozenset[str]:
    """The ops that the outermost node of a match can have."""
    if isinstance(pattern, Apply):
        return frozenset((pattern.op,))
    if isinstance(pattern, Either):
        return frozenset().union(*map(roots, pattern.choices))
    if isinstance(pattern, Named):
        return roots(pattern.term)
    raise TypeError("a pattern's root is an op")


def size(pattern: Term | None) -> int:
    """The number of ops in the largest form of a pattern."""
    match pattern:
        case Apply():
            return 1 + sum(map(size, pattern.inputs))
        case Either():
            return max(map(size, pattern.choices))
        case Named():
            return size(pattern.term)
    return 0


def bind(attribute: Any, values: Mapping[str, Any]) -> Any:
    """A replacement's attribute with its variables replaced by what they are bound to."""
    if isinstance(attribute, Variable):
        return values[attribute.name]
    if isinstance(attribute, tuple):
        return tuple(bind(part, values) for part in attribute)
    return attribute
