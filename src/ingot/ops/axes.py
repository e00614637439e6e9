# SPDX-License-Identifier: Apache-2.0
"""What ops that fold over axes share: axis checks, and fresh index variables for their folds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingot.dims import Dim
from ingot.kernel.expr import Expr, Var, free_variables
from ingot.ops.op import AttributeSpec, Index
from ingot.ops.require import Require

AXIS = AttributeSpec("axis", "int", doc="the axis, counted from 0")


def check_axis(require: Require, axis: int, rank: int) -> None:
    """Demand 0 <= axis < rank."""
    require.that(0 <= axis < rank, f"axis {axis} is outside rank {rank}", "count axes from 0 up")


def check_axes(require: Require, axes: tuple[int, ...], rank: int) -> None:
    """Demand that `axes` are distinct and each within the rank."""
    for axis in axes:
        check_axis(require, axis, rank)
    require.that(len(set(axes)) == len(axes), f"axes {axes} name an axis twice")


def replaced(index: Index, axis: int, value: Expr) -> Index:
    """`index` with another value on one axis."""
    return (*index[:axis], value, *index[axis + 1 :])


def fold_variables(index: Iterable[Expr], count: int) -> list[Var]:
    """`count` variables that do not occur in `index`, always the same ones for the same index.

    A fold whose index mentions the variable of an outer fold must not bind that name again.
    """
    taken = {var.name for part in index for var in free_variables(part)}
    names = (f"r{number}" for number in range(len(taken) + count))
    return [Var(name) for name in names if name not in taken][:count]


def bound_axes(variables: Sequence[Var], sizes: Sequence[Dim]) -> tuple[tuple[Var, Dim], ...]:
    """The axes of a Reduce."""
    return tuple(zip(variables, sizes, strict=True))
