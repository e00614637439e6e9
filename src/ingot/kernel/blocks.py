# SPDX-License-Identifier: Apache-2.0
"""Schedules kernels that turn memory around, such as channels first to channels last.

Where an operand is contiguous along one axis and the result along another, both axes are cut into
blocks; a block of the operand is transposed into a tile, and the loops read the tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.kernel.loops import Axis, Loop, Statement, Store, Tile, Transpose
from ingot.kernel.nest import Nest
from ingot.kernel.nodes import Const, Expr, Load, Size, Var, apply, replaced
from ingot.kernel.traverse import loads, reduces

_SHORTEST = 8
_LARGEST = 16
_ZERO = Const(0, INT64)


@dataclass(frozen=True)
class Turn:
    """The two axes of a transposition, the loads to turn around, and the block size."""

    row: Var
    column: Var
    loads: tuple[Load, ...]
    size: int


def find_turn(nest: Nest, lane: Var | None, width: int) -> Turn | None:
    """The transposition in `nest` whose results are contiguous along `lane`, None if there is none.

    `row` is the axis along which the loads are contiguous, `column` is the lane axis.
    """
    if lane is None or reduces(nest.values) or not _long(nest.extent(lane)):
        return None
    if nest.slope(nest.offsets[0], lane) != 1:
        return None
    found: dict[Var, list[Load]] = {}
    for load in (load for value in nest.values for load in loads(value)):
        across = nest.slope(load.index[0], lane)
        if across is None or across in (0, 1):
            continue
        for var, extent in nest.axes:
            if nest.slope(load.index[0], var) == 1 and _long(extent):
                found.setdefault(var, []).append(load)
    if not found:
        return None
    row = max(found, key=lambda var: len(found[var]))
    size = max(4, min(_LARGEST, width))
    return Turn(row, lane, tuple(dict.fromkeys(found[row])), size)


def _long(extent: Dim) -> bool:
    return not isinstance(extent, int) or extent >= _SHORTEST


def tiles(turn: Turn) -> tuple[Tile, ...]:
    """One tile for each load."""
    return tuple(Tile(load.dtype, turn.size) for load in turn.loads)


def blocked(nest: Nest, turn: Turn) -> list[Statement]:
    """The loops of `nest`, with blocks of the two axes innermost."""
    row_block, column_block = (Var(f"{var.name}_block") for var in (turn.row, turn.column))
    row = _inside(nest, turn.row, row_block, turn.size, "serial")
    column = _inside(nest, turn.column, column_block, turn.size, "vector")
    turned: dict[Expr, Expr] = {}
    body: list[Statement] = []
    place = (turn.row - row_block) * turn.size + (turn.column - column_block)
    for number, load in enumerate(turn.loads):
        copy = Load(len(nest.operands) + number, (place,), load.dtype)
        turned[load] = copy
        lanes = Axis(turn.row, row.start, row.stop, "vector")
        body.append(Transpose(number, load.operand, load.index[0], lanes, column))
    stores = tuple(
        Store(number, offset, replaced(value, turned))
        for number, (offset, value) in enumerate(zip(nest.offsets, nest.values, strict=True))
    )
    body.append(Loop(row, (Loop(column, stores),)))
    outer = [
        Axis(block, _ZERO, Size(nest.extent(var)), "serial", turn.size)
        for var, block in ((turn.row, row_block), (turn.column, column_block))
    ]
    others = [
        Axis(var, _ZERO, Size(extent), "serial")
        for var, extent in nest.axes
        if var not in (turn.row, turn.column)
    ]
    return _wrapped([*others, *outer], body)


def _inside(nest: Nest, var: Var, block: Var, size: int, kind: str) -> Axis:
    stop = apply("minimum", block + size, Size(nest.extent(var)))
    return Axis(var, block, stop, "vector" if kind == "vector" else "serial")


def _wrapped(axes: Sequence[Axis], body: list[Statement]) -> list[Statement]:
    for axis in reversed(axes):
        body = [Loop(axis, tuple(body))]
    return body
