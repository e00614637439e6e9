# SPDX-License-Identifier: Apache-2.0
"""Scalar expressions, views, tensor-level computes, and the loop nests that are made from them."""

from __future__ import annotations

from ingot.kernel.compute import Compute
from ingot.kernel.expr import (
    Acc,
    Apply,
    Const,
    Expr,
    Load,
    Reduce,
    Size,
    Var,
    cast,
    checked_index,
    constant,
    where,
)
from ingot.kernel.view import View

__all__ = [
    "Acc", "Apply", "Compute", "Const", "Expr", "Load", "Reduce", "Size", "Var", "View", "cast",
    "checked_index", "constant", "where",
]  # fmt: skip
