# SPDX-License-Identifier: Apache-2.0
"""A Compute is what a fused region means: for every index, each result element is an expression.

It says nothing about the order of evaluation; `schedule` makes a Kernel of loops from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingot.dims import Dim
from ingot.kernel.expr import Expr, Var
from ingot.kernel.view import View


@dataclass(frozen=True)
class Compute:
    """For each index in `axes`: result view k at that index = expression k.

    `axes` are (variable, extent) pairs; result views have one axis for each, in the same order.
    A `Load(n, index)` in an expression reads `operands[n]`. No result overlaps an operand, unless
    it is the same view and every element is read only by the index that writes it.
    """

    axes: tuple[tuple[Var, Dim], ...]
    operands: tuple[View, ...]
    results: tuple[tuple[View, Expr], ...]
