# SPDX-License-Identifier: Apache-2.0
"""What belongs to one arm of a choice alone: work that is in vain when the other one is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingot.kernel.nodes import Apply, Expr, Load, walk
from ingot.kernel.operators import OPERATORS

_BRANCH_COST = 16
_INDEX_ARITHMETIC = frozenset({"add", "sub", "mul", "minimum", "maximum", "floor_div", "floor_mod"})


class Users:
    """Which expressions of a whole use each of its parts."""

    def __init__(self, root: Expr) -> None:
        self._users: dict[Expr, set[Expr]] = {}
        for expr in walk((root,)):
            for child in expr.children:
                self._users.setdefault(child, set()).add(expr)

    def only(self, expr: Expr, owners: set[Expr]) -> bool:
        """Whether nothing but `owners` uses `expr`."""
        return self._users.get(expr, set()) <= owners


@dataclass(frozen=True, slots=True)
class Chain:
    """`where(c0, a0, where(c1, a1, … default))` as a list; `wheres` are the expressions of it."""

    conditions: tuple[Expr, ...]
    arms: tuple[Expr, ...]
    default: Expr
    wheres: tuple[Expr, ...]

    @property
    def outcomes(self) -> tuple[Expr, ...]:
        """Every arm, the default last."""
        return (*self.arms, self.default)


def chain_of(expr: Apply, users: Users, alike: Callable[[Expr], bool]) -> Chain:
    """The chain that begins with `expr`, while conditions are `alike` and nobody else uses it."""
    wheres: list[Apply] = [expr]
    while True:
        last = wheres[-1].args[2]
        if not (isinstance(last, Apply) and last.op == "where"):
            break
        if not users.only(last, {wheres[-1]}) or not alike(last.args[0]):
            break
        wheres.append(last)
    conditions = tuple(part.args[0] for part in wheres)
    return Chain(conditions, tuple(p.args[1] for p in wheres), wheres[-1].args[2], tuple(wheres))


def own_parts(
    chain: Chain, users: Users, known: Callable[[Expr], bool]
) -> tuple[bool, Sequence[Expr]]:
    """Whether some outcome alone is dear, and what several outcomes share, children first."""
    dear = False
    shared: dict[Expr, None] = {}
    for outcome in dict.fromkeys(chain.outcomes):
        reached = [part for part in walk((outcome,), stop=known) if not known(part)]
        own: set[Expr] = set()
        for part in reversed(reached):
            if users.only(part, {*chain.wheres, *own} if part is outcome else own):
                own.add(part)
        dear = dear or _is_dear(own)
        shared.update((part, None) for part in reached if part not in own and _is_work(part))
    return dear, list(shared)


def _is_dear(parts: set[Expr]) -> bool:
    if any(isinstance(part, Load) for part in parts):
        return True
    costs = (OPERATORS[part.op].cost for part in parts if isinstance(part, Apply))
    return sum(costs) >= _BRANCH_COST


def _is_work(part: Expr) -> bool:
    """Whether a part is worth computing ahead; index arithmetic is part of the loads."""
    if isinstance(part, Apply):
        return part.dtype.name != "int64" or part.op not in _INDEX_ARITHMETIC
    return isinstance(part, Load)
