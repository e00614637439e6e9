# SPDX-License-Identifier: Apache-2.0
"""Scalar expressions on whole vectors, straight-line: what families print in their epilogues."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingot.dtypes import BOOL
from ingot.errors import CompileError
from ingot.kernel.expr import Apply, Const, Expr, Load, walk
from ingot.kernel.operators import OPERATORS
from ingot.targets.cpu.builder import Builder, literal
from ingot.targets.cpu.floats import emit_float, emit_float_test
from ingot.targets.cpu.integers import emit_comparison, emit_integer, emit_logic
from ingot.targets.cpu.types import convert, register_type, reinterpret

Leaf = Callable[[Expr], str | None]


def emit_vectors(builder: Builder, roots: Sequence[Expr], lanes: int, leaf: Leaf) -> list[str]:
    """The values of `roots`; `leaf` gives the vectors that the expressions start from."""
    done: dict[Expr, str] = {}
    for expr in walk(roots, stop=lambda part: isinstance(part, Load)):
        given = leaf(expr)
        done[expr] = _printed(builder, expr, lanes, done) if given is None else given
    return [done[root] for root in roots]


def _printed(builder: Builder, expr: Expr, lanes: int, done: dict[Expr, str]) -> str:
    if isinstance(expr, Const):
        return literal(register_type(expr.dtype, lanes), expr.value)
    if not isinstance(expr, Apply):
        raise CompileError(f"expression {type(expr).__name__}: not allowed in an epilogue")
    args = [done[arg] for arg in expr.args]
    dtype = expr.args[0].dtype
    kind = register_type(dtype, lanes)
    if expr.op == "where":
        return builder.choose(register_type(expr.dtype, lanes), *args)
    if expr.op == "cast":
        return convert(builder, args[0], dtype, expr.dtype, lanes)
    if expr.op == "bits":
        return reinterpret(builder, args[0], dtype, expr.dtype, lanes)
    if OPERATORS[expr.op].result == "bool":
        if dtype.is_float:
            return emit_float_test(builder, expr.op, kind, args)
        return emit_comparison(builder, expr.op, dtype, kind, args)
    if dtype == BOOL:
        return emit_logic(builder, expr.op, kind, args)
    if dtype.is_float:
        return emit_float(builder, expr.op, kind, args)
    return emit_integer(builder, expr.op, dtype, kind, args)
