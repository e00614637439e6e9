# SPDX-License-Identifier: Apache-2.0
"""Rules that every Compute and every Kernel keeps; a violation raises GraphError."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingot.dtypes import BOOL, INT64
from ingot.errors import GraphError
from ingot.kernel.compute import Compute
from ingot.kernel.loops import (
    Assign,
    Axis,
    Branch,
    Fold,
    Kernel,
    Loop,
    Statement,
    Store,
    Transpose,
    While,
    assigned,
    bodies,
)
from ingot.kernel.nodes import Acc, Apply, Expr, Load, Local, Reduce, Var, free_variables, walk
from ingot.kernel.operators import CONVERSIONS, OPERATORS, result_dtype
from ingot.kernel.view import View


def verify_compute(compute: Compute) -> None:
    """Check types, ranks, operand numbers and that every variable is bound."""
    variables = [var for var, _ in compute.axes]
    _require(len(set(variables)) == len(variables), "compute: two axes share a variable")
    _require(bool(compute.results), "compute: it has no result")
    for view, value in compute.results:
        _verify_view(view)
        _require(view.rank == len(compute.axes), "compute: a result needs one axis for each loop")
        _require(
            view.dtype == value.dtype,
            f"compute: a {view.dtype} result cannot hold a {value.dtype} value",
        )
        _verify_value(value, set(variables), set(), compute.operands, flat=False)


def verify_kernel(kernel: Kernel) -> None:
    """Check types, scopes of variables and locals, and that parallel loops are outermost."""
    for view in (*kernel.operands, *kernel.results):
        _verify_view(view)
    _Checker(kernel).block(kernel.body, set(), set(), outermost=True)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise GraphError(message)


def _verify_view(view: View) -> None:
    _require(
        len(view.shape) == len(view.strides),
        f"view of '{view.buffer}': {len(view.shape)} sizes but {len(view.strides)} strides",
    )


def _verify_value(
    value: Expr, variables: set[Var], local: set[Local], operands: Sequence[View], *, flat: bool
) -> None:
    free = free_variables(value) - variables
    _require(not free, f"expression: variable '{next(iter(free), Var('')).name}' is not bound")
    for expr in walk((value,)):
        if isinstance(expr, Apply):
            _verify_apply(expr)
        elif isinstance(expr, Load):
            _verify_load(expr, operands, flat=flat)
        elif isinstance(expr, Local):
            _require(expr in local, f"local '{expr.name}': it is read before it is computed")
        elif isinstance(expr, Reduce):
            _require(not flat, "kernel: a Reduce must have become a Fold")
            boolean = expr.kind in ("any", "all")
            _require(not boolean or expr.body.dtype == BOOL, f"{expr.kind}: takes bool values")
        _require(not isinstance(expr, Acc), "expression: Acc stands in epilogues only")


def _verify_apply(expr: Apply) -> None:
    operator = OPERATORS.get(expr.op)
    if operator is None or operator.arity != len(expr.args):
        raise GraphError(f"scalar operator '{expr.op}': unknown with {len(expr.args)} arguments")
    if expr.op not in CONVERSIONS:
        given = result_dtype(operator, tuple(arg.dtype for arg in expr.args))
        _require(given == expr.dtype, f"scalar operator '{expr.op}': gives {given}")


def _verify_load(load: Load, operands: Sequence[View], *, flat: bool) -> None:
    _require(0 <= load.operand < len(operands), f"load: there is no operand {load.operand}")
    view = operands[load.operand]
    rank = 1 if flat else view.rank
    _require(len(load.index) == rank, f"load from '{view.buffer}': needs {rank} indices")
    _require(load.dtype == view.dtype, f"load from '{view.buffer}': it holds {view.dtype}")
    for index in load.index:
        _require(index.dtype == INT64, f"load from '{view.buffer}': an index is {index.dtype}")


class _Checker:
    """Walks the statements of a kernel with what is bound around each."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        tiles = [View("", tile.dtype, (tile.size,), (1,)) for tile in kernel.tiles]
        self._operands = (*kernel.operands, *tiles)

    def block(
        self,
        body: Iterable[Statement],
        variables: set[Var],
        local: set[Local],
        *,
        outermost: bool,
    ) -> None:
        """Check `body`; folds make their targets known to what follows."""
        statements, known = tuple(body), set(local)
        for statement in statements:
            match statement:
                case Loop():
                    self._loop(statement, variables, known, outermost and len(statements) == 1)
                case Store():
                    self._store(statement, variables, known)
                case Fold():
                    self._fold(statement, variables, known)
                    known.add(statement.target)
                case Transpose():
                    self._transpose(statement, variables, known)
                case Assign():
                    self._assign(statement, variables, known)
                case Branch() | While():
                    self._conditional(statement, variables, known)

    def _loop(self, loop: Loop, variables: set[Var], known: set[Local], alone: bool) -> None:
        parallel = loop.axis.kind == "parallel"
        _require(alone or not parallel, "kernel: a parallel loop has a neighbour or parent")
        self._axis(loop.axis, variables, known)
        if loop.axis.kind == "vector":
            outer = [local.name for local in assigned(loop.body) if local in known]
            _require(not outer, f"local '{next(iter(outer), '')}': assigned in a vector loop")
        inner = variables | {loop.axis.var}
        self.block(loop.body, inner, known, outermost=parallel)

    def _assign(self, statement: Assign, variables: set[Var], known: set[Local]) -> None:
        self._value(statement.value, variables, known)
        same = statement.value.dtype == statement.target.dtype
        _require(same, f"local '{statement.target.name}': its value is {statement.value.dtype}")
        known.add(statement.target)

    def _conditional(
        self, statement: Branch | While, variables: set[Var], known: set[Local]
    ) -> None:
        _require(statement.condition.dtype == BOOL, "kernel: a condition is no bool")
        self._value(statement.condition, variables, known)
        for body in bodies(statement):
            self.block(body, variables, known, outermost=False)

    def _value(self, value: Expr, variables: set[Var], local: set[Local]) -> None:
        _verify_value(value, variables, local, self._operands, flat=True)

    def _axis(self, axis: Axis, variables: set[Var], local: set[Local]) -> None:
        _require(axis.var not in variables, f"loop: variable '{axis.var.name}' is bound already")
        for bound in (axis.start, axis.stop):
            _require(bound.dtype == INT64, f"loop over '{axis.var.name}': a bound is no int64")
            self._value(bound, variables, local)

    def _store(self, store: Store, variables: set[Var], local: set[Local]) -> None:
        results = self._kernel.results
        _require(0 <= store.result < len(results), f"store: there is no result {store.result}")
        _require(store.value.dtype == results[store.result].dtype, "store: the type differs")
        self._value(store.index, variables, local)
        self._value(store.value, variables, local)

    def _fold(self, fold: Fold, variables: set[Var], local: set[Local]) -> None:
        inner = set(variables)
        for number, axis in enumerate(fold.axes):
            last = number == len(fold.axes) - 1
            _require(axis.kind != "parallel", "fold: an axis is parallel")
            _require(last or axis.kind == "serial", "fold: only the last axis may be a vector")
            self._axis(axis, inner, local)
            inner.add(axis.var)
        local = set(local)
        for below in fold.inner:
            self._fold(below, inner, local)
            local.add(below.target)
        position = fold.position
        arg = fold.kind.startswith("arg")
        _require((position is not None) == arg, f"fold: kind {fold.kind} and a position disagree")
        for value in (fold.value, *(() if position is None else (position,))):
            self._value(value, inner, local)
        for store in fold.stores:
            self._store(store, inner, local)

    def _transpose(self, item: Transpose, variables: set[Var], local: set[Local]) -> None:
        _require(0 <= item.tile < len(self._kernel.tiles), f"transpose: no tile {item.tile}")
        _require(
            0 <= item.operand < len(self._kernel.operands),
            f"transpose: there is no operand {item.operand}",
        )
        for axis in (item.row, item.column):
            self._axis(axis, variables, local)
        self._value(item.index, variables | {item.row.var, item.column.var}, local)
