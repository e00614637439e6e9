# SPDX-License-Identifier: Apache-2.0
"""Tie symbolic sizes to the sizes of real inputs: guards, solving, and fast evaluation of many."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingot.dims.algebra import (
    Ranges,
    apply_atom,
    bounds,
    evaluate,
    overflow,
    substitute,
    symbols,
    unbound,
)
from ingot.dims.expression import Atom, Dim, Expression, Monomial, symbol
from ingot.errors import InputError, UsageError

__all__ = ["Guard", "compile_dims", "solve"]

_RELATIONS: Mapping[str, tuple[str, Callable[[int, int], bool]]] = {
    "eq": ("==", operator.eq),
    "ne": ("!=", operator.ne),
    "le": ("<=", operator.le),
    "lt": ("<", operator.lt),
    "ge": (">=", operator.ge),
    "gt": (">", operator.gt),
    "stretch": ("stretches to", lambda left, right: left in (1, right)),
}

LabelledShape = tuple[str, Sequence[Dim], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition on sizes that the graph relies on: `left kind right`, because of `reason`.

    `kind` is "eq", "ne", "le", "lt", "ge", "gt", or "stretch": `left` is 1 or equals `right`, as
    sizes that broadcast do. `reason` names the node and its rule.
    """

    kind: str
    left: Dim
    right: Dim
    reason: str = ""

    def __post_init__(self) -> None:
        if self.kind not in _RELATIONS:
            raise UsageError(
                f"guard kind '{self.kind}': unknown", cure=f"use one of {', '.join(_RELATIONS)}"
            )

    @property
    def symbols(self) -> frozenset[str]:
        """The names of the symbols that the condition depends on."""
        return symbols(self.left) | symbols(self.right)

    def holds(self, binding: Mapping[str, int]) -> bool:
        """Whether the condition is true for these sizes."""
        left, right = evaluate(self.left, binding), evaluate(self.right, binding)
        return _RELATIONS[self.kind][1](left, right)

    def decided(self, ranges: Ranges) -> bool | None:
        """Whether the condition is true for all sizes in `ranges` (or false for all), or None."""
        answer = _DECISIONS[self.kind](*bounds(self.left - self.right, ranges))
        if self.kind != "stretch" or answer:
            return answer
        is_one = _equal(*bounds(self.left - 1, ranges))
        return is_one if is_one or answer is False else None

    def check(self, binding: Mapping[str, int]) -> None:
        """Raise InputError, naming the reason and the sizes, unless the condition is true."""
        if self.holds(binding):
            return
        left, right = evaluate(self.left, binding), evaluate(self.right, binding)
        given = ", ".join(f"{name}={binding[name]}" for name in sorted(self.symbols))
        subject = f"{self.reason}: " if self.reason else ""
        raise InputError(
            f"{subject}needs {self}, has {left} and {right}" + (f" ({given})" if given else ""),
            cure="give inputs whose sizes agree",
        )

    def __str__(self) -> str:
        return f"{self.left} {_RELATIONS[self.kind][0]} {self.right}"


Decision = Callable[[int | None, int | None], bool | None]


def _below(limit: int) -> Decision:
    """Decide `difference <= limit` from the bounds of the difference."""

    def decide(low: int | None, high: int | None) -> bool | None:
        if high is not None and high <= limit:
            return True
        return False if low is not None and low > limit else None

    return decide


def _equal(low: int | None, high: int | None) -> bool | None:
    if low == high == 0:
        return True
    apart = (low is not None and low > 0) or (high is not None and high < 0)
    return False if apart else None


def _negated(decision: Decision) -> Decision:
    def decide(low: int | None, high: int | None) -> bool | None:
        answer = decision(low, high)
        return None if answer is None else not answer

    return decide


_DECISIONS: Mapping[str, Decision] = {
    "eq": _equal,
    "ne": _negated(_equal),
    "le": _below(0),
    "lt": _below(-1),
    "ge": _negated(_below(-1)),
    "gt": _negated(_below(0)),
    "stretch": _equal,
}


def solve(
    shapes: Iterable[LabelledShape], known: Mapping[str, int] | None = None
) -> dict[str, int]:
    """The value of every symbol in the declared shapes, found from the actual shapes.

    `shapes` holds (label, declared dims, actual sizes); the symbols in `known` have their values
    already and stay in the result. Raises InputError, naming the input and
    both shapes, where rank or a size does not fit, or where a symbol cannot be found.
    """
    binding: dict[str, int] = dict(known or {})
    sizes = [size for shape in shapes for size in _sizes(*shape)]
    waiting = sizes
    while waiting:
        postponed = [size for size in waiting if not size.settle(binding)]
        if len(postponed) == len(waiting):
            raise postponed[0].undetermined(binding)
        waiting = postponed
    for size in sizes:
        if not symbols(size.declared[size.axis]) <= binding.keys():
            raise size.undetermined(binding)
    return binding


def compile_dims(dims: Sequence[Dim]) -> Callable[[Mapping[str, int]], list[int]]:
    """A function from a binding to the values of all `dims`; shared parts are computed once."""
    program = _Program()
    slots = [program.slot(dim) for dim in dims]

    def values(binding: Mapping[str, int]) -> list[int]:
        found = program.run(binding)
        return [found[slot] for slot in slots]

    return values


@dataclass(frozen=True, slots=True)
class _Size:
    """One equation: input `label` declares `dim` on `axis` and has the size `actual` there."""

    label: str
    declared: tuple[Dim, ...]
    given: tuple[int, ...]
    axis: int

    def settle(self, binding: dict[str, int]) -> bool:
        """Check the equation, or solve it for its one unknown; False if it has to wait."""
        dim = self.declared[self.axis]
        unknown = symbols(dim).difference(binding)
        actual = self.given[self.axis]
        if not unknown:
            if evaluate(dim, binding) != actual:
                raise self._mismatch(binding)
            return True
        if len(unknown) > 1:
            return False
        (name,) = unknown
        return self._solve_for(name, substitute(dim, binding), actual, binding)

    def _solve_for(self, name: str, dim: Dim, actual: int, binding: dict[str, int]) -> bool:
        if isinstance(dim, int):
            if dim != actual:
                raise self._mismatch(binding)
            return True
        step = substitute(dim, {name: symbol(name) + 1}) - dim
        if not isinstance(step, int):
            return False
        offset = dim - step * symbol(name)
        if not isinstance(offset, int):
            return False
        value, rest = divmod(actual - offset, step)
        if rest or value < 0:
            raise self._mismatch(binding)
        binding[name] = value
        return True

    def _mismatch(self, binding: Mapping[str, int]) -> InputError:
        dim = self.declared[self.axis]
        names = [name for name in sorted(symbols(dim)) if name in binding]
        known = ", ".join(f"{name}={binding[name]}" for name in names)
        wanted = f"{dim}" + (f" (with {known})" if known else "")
        return InputError(
            f"{self.label}: axis {self.axis} expects size {wanted}, has {self.given[self.axis]}"
            f" in shape {shape_text(self.given)}",
            cure=f"give an array of shape {shape_text(self.declared)}",
        )

    def undetermined(self, binding: Mapping[str, int]) -> InputError:
        """The error of an equation that leaves its symbols open."""
        dim = self.declared[self.axis]
        names = ", ".join(sorted(symbols(dim).difference(binding)))
        return InputError(
            f"{self.label}: size {dim} = {self.given[self.axis]} does not determine {names}",
            cure="declare an input whose shape has the symbol by itself",
        )


def shape_text(shape: Sequence[Dim]) -> str:
    """A shape as errors show it: `(batch, 3, 224, 224)`."""
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _sizes(label: str, declared: Sequence[Dim], given: Sequence[int]) -> list[_Size]:
    if len(declared) != len(given):
        raise InputError(
            f"{label}: expects {len(declared)} dimensions, has {len(given)}"
            f" in shape {shape_text(given)}",
            cure=f"give an array of shape {shape_text(declared)}",
        )
    return [_Size(label, tuple(declared), tuple(given), axis) for axis in range(len(given))]


Step = Callable[[list[int], Mapping[str, int]], int]


class _Program:
    """Straight-line code for many dims: each distinct symbol, atom and sum is computed once."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.slots: dict[Dim | Atom, int] = {}

    def slot(self, dim: Dim | Atom) -> int:
        """The slot that holds `dim`, with the steps that fill it."""
        if dim not in self.slots:
            step = self._step(dim)
            self.slots[dim] = len(self.steps)
            self.steps.append(step)
        return self.slots[dim]

    def _step(self, dim: Dim | Atom) -> Step:
        if isinstance(dim, Expression):
            return _sum_step([self._term(monomial, count) for monomial, count in dim.terms], dim)
        if isinstance(dim, int):
            return lambda values, binding: dim
        if dim.kind == "symbol":
            return _symbol_step(dim.name)
        slots = [self.slot(argument) for argument in dim.arguments]
        return lambda values, binding: apply_atom(dim, [values[slot] for slot in slots])

    def _term(self, monomial: Monomial, count: int) -> tuple[int, list[int]]:
        return count, [self.slot(atom) for atom, power in monomial for _ in range(power)]

    def run(self, binding: Mapping[str, int]) -> list[int]:
        """The value of every slot."""
        values: list[int] = []
        for step in self.steps:
            values.append(step(values, binding))
        return values


def _sum_step(terms: list[tuple[int, list[int]]], dim: Expression) -> Step:
    def step(values: list[int], binding: Mapping[str, int]) -> int:
        total = 0
        for count, factors in terms:
            for slot in factors:
                count *= values[slot]
            total += count
        return total if -(2**63) < total < 2**63 else overflow(dim, total)

    return step


def _symbol_step(name: str) -> Step:
    def step(values: list[int], binding: Mapping[str, int]) -> int:
        try:
            return int(binding[name])
        except KeyError:
            raise unbound(name) from None

    return step
