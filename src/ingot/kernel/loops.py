# SPDX-License-Identifier: Apache-2.0
"""Kernel: loop nests over flat buffers, the form that targets print code from.

Loads and stores have one index, an element offset from the first element of the view. Statements
run in order; a Local is visible after the Fold that computes it, inside the same loop body.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import DType
from ingot.kernel.nodes import Const, Expr, Local, ReduceKind, Size, Var
from ingot.kernel.view import View

LoopKind = Literal["parallel", "serial", "vector"]


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


Statement = Loop | Fold | Store | Transpose


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

    def extent(self) -> Dim:
        """The number of work units."""
        return dims.product(axis.trips() for axis in self._parallel())


def statements(body: Sequence[Statement]) -> Iterator[Statement]:
    """Every statement in `body`, outer ones first."""
    for statement in body:
        yield statement
        if isinstance(statement, Loop):
            yield from statements(statement.body)


def expressions(body: Sequence[Statement]) -> Iterator[Expr]:
    """Every expression that stands in a statement of `body`."""
    for statement in statements(body):
        if isinstance(statement, Loop):
            yield from (statement.axis.start, statement.axis.stop)
        elif isinstance(statement, Store):
            yield from (statement.index, statement.value)
        elif isinstance(statement, Transpose):
            yield statement.index
            for axis in (statement.row, statement.column):
                yield from (axis.start, axis.stop)
        else:
            yield from _fold_expressions(statement)


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
