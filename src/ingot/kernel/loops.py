# SPDX-License-Identifier: Apache-2.0
"""Kernel: loop nests over flat buffers, the form that targets print code from.

Loads and stores have one index, an element offset from the first element of the view. Statements
run in order; a Local is visible after the Fold or Assign that computes it, inside the same body.
Assign, Branch and While make a kernel sequential: a Local that is assigned anew inside a loop or a
branch keeps its value behind it, and every load sees what was stored before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.kernel.nodes import Const, Expr, Local, ReduceKind, Size, Var
from ingot.kernel.view import View

LoopKind = Literal["parallel", "serial", "vector"]
WORKER_MEMORY = "worker "  # begins the name of a buffer that each worker has for itself


@dataclass(frozen=True, slots=True)
class Axis:
    """`var` from `start` up to but not including `stop`, in steps of `step`.

    Iterations of a `vector` axis may run in lanes, those of a `parallel` axis on any worker; the
    order of neither matters.
    """

    var: Var
    start: Expr
    stop: Expr
    kind: LoopKind
    step: int = 1

    def trips(self) -> Dim:
        """The number of iterations of a parallel axis, which starts at 0."""
        if isinstance(self.stop, Size):
            return dims.ceil_div(self.stop.dim, self.step)
        assert isinstance(self.stop, Const)
        return -(-int(self.stop.value) // self.step)


@dataclass(frozen=True, slots=True)
class Store:
    """Write `value`, rounded to the result's type, at element offset `index` of a result."""

    result: int
    index: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class Fold:
    """`target` = `value` reduced by `kind` over `axes`, outermost first.

    For arg kinds `position` is the index that competes with `value`. Each iteration first computes
    the folds in `inner`, and also does `stores`, so that a later loop can read back what the fold
    computed.
    """

    target: Local
    kind: ReduceKind
    axes: tuple[Axis, ...]
    value: Expr
    position: Expr | None = None
    inner: tuple[Fold, ...] = ()
    stores: tuple[Store, ...] = ()


@dataclass(frozen=True, slots=True)
class Transpose:
    """Copy a block of an operand into a tile: tile[row - row.start][column - column.start].

    Element (row, column) lies at `index` of `operand`, consecutive rows next to each other. Blocks
    are at most `Tile.size` wide in both directions; `row` and `column` are vector axes.
    """

    tile: int
    operand: int
    index: Expr
    row: Axis
    column: Axis


@dataclass(frozen=True, slots=True)
class Tile:
    """A square scratch block of a kernel; loads reach tile k as operand `len(operands) + k`."""

    dtype: DType
    size: int


@dataclass(frozen=True, slots=True)
class Loop:
    """Run `body` for each value of `axis`."""

    axis: Axis
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Assign:
    """Let `target` be `value` from here on; inside vector loops only targets of their own."""

    target: Local
    value: Expr


@dataclass(frozen=True, slots=True)
class Branch:
    """Run `then` where `condition` holds, else `otherwise`."""

    condition: Expr
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class While:
    """Run `body` as long as `condition` holds, which is computed anew before each turn."""

    condition: Expr
    body: tuple[Statement, ...]


Statement = Loop | Fold | Store | Transpose | Assign | Branch | While


@dataclass(frozen=True)
class Kernel:
    """A whole kernel: its parallel loops are the outermost and perfectly nested.

    `grain` work units (iterations of the parallel loops) are worth claiming at once; `lanes` is the
    vector length that the loops are meant for; `flops` counts scalar operations. The last `kept`
    operands are results that the kernel reads back after it has stored to them.
    """

    operands: tuple[View, ...]
    results: tuple[View, ...]
    body: tuple[Statement, ...]
    tiles: tuple[Tile, ...] = ()
    kept: int = 0
    lanes: int = 1
    grain: Dim = 1
    flops: Dim = 0

    def parallel(self) -> tuple[Axis, ...]:
        """The axes whose iterations are shared among workers, outermost first."""
        return tuple(self._parallel())

    def _parallel(self) -> Iterator[Axis]:
        body: Sequence[Statement] = self.body
        while len(body) == 1 and isinstance(body[0], Loop) and body[0].axis.kind == "parallel":
            yield body[0].axis
            body = body[0].body

    def inner(self) -> tuple[Statement, ...]:
        """The statements of one work unit."""
        body = self.body
        for _ in self._parallel():
            loop = body[0]
            assert isinstance(loop, Loop)
            body = loop.body
        return body

    @property
    def sequential(self) -> bool:
        """Whether statements depend on what was stored or assigned before them."""
        return any(isinstance(item, Assign | Branch | While) for item in statements(self.body))

    def extent(self) -> Dim:
        """The number of work units."""
        return dims.product(axis.trips() for axis in self._parallel())


def bodies(statement: Statement) -> tuple[tuple[Statement, ...], ...]:
    """The blocks of statements inside `statement`."""
    match statement:
        case Loop(body=body) | While(body=body):
            return (body,)
        case Branch(then=then, otherwise=otherwise):
            return (then, otherwise)
    return ()


def statements(body: Sequence[Statement]) -> Iterator[Statement]:
    """Every statement in `body`, outer ones first."""
    for statement in body:
        yield statement
        for inner in bodies(statement):
            yield from statements(inner)


def assigned(body: Sequence[Statement]) -> tuple[Local, ...]:
    """What `body` assigns, each Local once, in order of first assignment."""
    targets = (item.target for item in statements(body) if isinstance(item, Assign))
    return tuple(dict.fromkeys(targets))


def expressions(body: Sequence[Statement]) -> Iterator[Expr]:
    """Every expression that stands in a statement of `body`."""
    for statement in statements(body):
        yield from _own_expressions(statement)


def _own_expressions(statement: Statement) -> Iterator[Expr]:
    match statement:
        case Loop(axis=axis):
            yield from (axis.start, axis.stop)
        case Store(index=index, value=value):
            yield from (index, value)
        case Transpose(index=index, row=row, column=column):
            yield from (index, row.start, row.stop, column.start, column.stop)
        case Fold():
            yield from _fold_expressions(statement)
        case Assign(value=value):
            yield value
        case Branch(condition=condition) | While(condition=condition):
            yield condition


def _fold_expressions(fold: Fold) -> Iterator[Expr]:
    for inner in fold.inner:
        yield from _fold_expressions(inner)
    yield fold.value
    if fold.position is not None:
        yield fold.position
    for axis in fold.axes:
        yield from (axis.start, axis.stop)
    for store in fold.stores:
        yield from (store.index, store.value)


def mapped(statement: Statement, change: Callable[[Expr], Expr]) -> Statement:
    """`statement` with its own expressions changed; blocks inside it are kept as they are."""

    def axis(old: Axis) -> Axis:
        return replace(old, start=change(old.start), stop=change(old.stop))

    match statement:
        case Loop():
            return replace(statement, axis=axis(statement.axis))
        case Store():
            return _mapped_store(statement, change)
        case Transpose(index=index, row=row, column=column):
            return replace(statement, index=change(index), row=axis(row), column=axis(column))
        case Assign(value=value):
            return replace(statement, value=change(value))
        case Branch(condition=condition) | While(condition=condition):
            return replace(statement, condition=change(condition))
    return _mapped_fold(statement, change, axis)


def _mapped_store(store: Store, change: Callable[[Expr], Expr]) -> Store:
    return replace(store, index=change(store.index), value=change(store.value))


def _mapped_fold(fold: Fold, change: Callable[[Expr], Expr], axis: Callable[[Axis], Axis]) -> Fold:
    return replace(
        fold,
        axes=tuple(map(axis, fold.axes)),
        value=change(fold.value),
        position=None if fold.position is None else change(fold.position),
        inner=tuple(_mapped_fold(inner, change, axis) for inner in fold.inner),
        stores=tuple(_mapped_store(store, change) for store in fold.stores),
    )
