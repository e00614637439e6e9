# SPDX-License-Identifier: Apache-2.0
"""What happens to eight neighbouring columns of a product's row before they are stored.

A region's elementwise nodes are one scalar expression over the accumulator and loads. Each load
walks memory along columns by one element or not at all, and along rows by one stride, or by two: a
gate for each image or sequence moves on only where the next one begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingot.dims import Dim, is_multiple, product
from ingot.dtypes import DType
from ingot.kernel.expr import Acc, Expr, Load, Var
from ingot.kernel.view import View
from ingot.targets.base import Placed
from ingot.targets.cuda.emit import Emitter
from ingot.targets.cuda.operators import from_memory, to_memory
from ingot.targets.cuda.scope import ELEMENT, Lane, Scopes, Value
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import memory_type, register_type
from ingot.targets.fused import Fused, cost_of, strides_of

WIDTH = 8
_LANE = Var("epilogue_column")
_MOST_COLUMNS = (1 << 31) - 1


@dataclass(frozen=True)
class Operand:
    """A view that rows walk by `row` elements and columns by `column`: one or none.

    With a `span`, rows are walked so within groups of that many, and groups by `group` elements.
    """

    view: View
    row: Dim
    column: Dim
    start: Dim = 0
    span: Dim = 0
    group: Dim = 0

    @property
    def aligned(self) -> bool:
        """Whether eight columns are one aligned access or a few."""
        parts = (self.row, self.group, self.start, self.view.offset)
        return self.column == 1 and all(is_multiple(part, WIDTH, {}) for part in parts)

    def place(self, source: Source, pointer: str) -> str:
        """The address of the element at `row` and `column`."""
        row = self._rows(source)
        start = f" + {source.size(self.start)}" if self.start != 0 else ""
        column = " + column" if self.column != 0 else ""
        return f"{pointer}{start}{row}{column}"

    def _rows(self, source: Source) -> str:
        """What the number of the row adds to the address."""
        if self.span == 0:
            return _times(source, "row", self.row)
        span = f"(int){source.size(self.span)}"
        within, group = f"(row % {span})", f"(row / {span})"
        return _times(source, within, self.row) + _times(source, group, self.group)


def _times(source: Source, number: str, stride: Dim) -> str:
    return "" if stride == 0 else f" + {number} * (long long){source.size(stride)}"


@dataclass(frozen=True)
class Epilogue:
    """Expressions and where their loads and results lie."""

    loads: tuple[tuple[Load, Operand], ...]
    results: tuple[tuple[Expr, Operand], ...]

    @property
    def cost(self) -> int:
        """Scalar operations for one element."""
        return cost_of(expr for expr, _ in self.results)


def row_stride(extents: Sequence[Dim], strides: Sequence[Dim]) -> Dim | None:
    """The stride of a row number over axes that lie in memory as one; None where they do not."""
    kept = [(n, step) for n, step in zip(extents, strides, strict=True) if n != 1]
    for (_, outer), (extent, inner) in pairwise(kept):
        if outer != extent * inner:
            return None
    return kept[-1][1] if kept else 0


def _grouped(extents: Sequence[Dim], strides: Sequence[Dim]) -> tuple[Dim, Dim, Dim] | None:
    """(stride of a row, rows of a group, stride of a group); None where two do not tell."""
    one = row_stride(extents, strides)
    if one is not None:
        return one, 0, 0
    for cut in range(1, len(extents)):
        outer, inner = (row_stride(extents[p], strides[p]) for p in (slice(cut), slice(cut, None)))
        if outer is not None and inner is not None:
            return inner, product(extents[cut:]), outer
    return None


def place_operand(
    view: View, strides: Sequence[Dim], start: Dim, extents: Sequence[Dim], column: int
) -> Operand | None:
    """An operand with `strides` along the result's axes; None where rows take more than two."""
    rows = [axis for axis in range(len(extents)) if axis != column]
    steps = _grouped([extents[axis] for axis in rows], [strides[axis] for axis in rows])
    if steps is None or strides[column] not in (0, 1):
        return None
    row, span, group = steps
    return Operand(view, row, strides[column], start, span, group)


def place_epilogue(fused: Fused, placed: Placed, column: int) -> Epilogue:
    """The epilogue of a placed region whose result has its columns on axis `column`."""
    extents = fused.results[0][0].shape
    loads, results = [], []
    for load in fused.loads():
        view = placed.view(fused.operands[load.operand])
        strides, start = strides_of(load, view, fused.axes)
        operand = place_operand(view, strides, start, extents, column)
        assert operand is not None, "the candidate accepted this view"
        loads.append((load, operand))
    for value, expr in fused.results:
        view = placed.view(value)
        operand = place_operand(view, view.strides, 0, extents, column)
        assert operand is not None, "the candidate accepted this view"
        results.append((expr, operand))
    return Epilogue(tuple(loads), tuple(results))


def print_epilogue(source: Source, epilogue: Epilogue, dtype: DType) -> None:
    """Print it over `float v[8]`, `row` and `column` (the first of eight)."""
    scopes = Scopes()
    emitter = Emitter(source, scopes, _no_operand)
    lane = Lane(_LANE, Value("column", "int"), WIDTH)
    with scopes.inside({_LANE: (0, _MOST_COLUMNS)}, lane):
        scopes.bind(Acc(dtype), Value(f"v[{ELEMENT}]", "float", True))
        for load, operand in epilogue.loads:
            scopes.bind(load, _load(source, emitter, operand))
        for expr, operand in epilogue.results:
            _store(source, emitter, operand, emitter.value(expr))


def _no_operand(number: int) -> tuple[str, DType, Dim]:
    raise AssertionError(f"operand {number} was bound before")


def _load(source: Source, emitter: Emitter, operand: Operand) -> Value:
    dtype = operand.view.dtype
    kind, element = register_type(dtype), memory_type(dtype)
    place = operand.place(source, source.pointer(operand.view))
    if operand.column == 0:
        return emitter.define(kind, from_memory(source, dtype, f"*({place})"))
    if not operand.aligned:
        return emitter.define(kind, from_memory(source, dtype, f"({place})[{ELEMENT}]"), wide=True)
    vector, name = source.helper("Vec"), source.fresh()
    wide = 16 // dtype.itemsize
    pieces = max(WIDTH // wide, 1)
    lanes = min(wide, WIDTH)
    whole = f"{vector}<{element}, {lanes}>"
    source.line(f"{whole} {name}[{pieces}];")
    for piece in range(pieces):
        source.line(f"{name}[{piece}] = *(const {whole}*)({place} + {piece * lanes});")
    raw = f"{name}[{ELEMENT} / {lanes}].at[{ELEMENT} % {lanes}]"
    return emitter.define(kind, from_memory(source, dtype, raw), wide=True)


def _store(source: Source, emitter: Emitter, operand: Operand, value: Value) -> None:
    dtype = operand.view.dtype
    element = memory_type(dtype)
    place = operand.place(source, source.pointer(operand.view, "w"))
    text = to_memory(source, dtype, value.text)
    if not operand.aligned:
        emitter.each_lane(f"({place})[{ELEMENT}] = {text};")
        return
    vector, name = source.helper("Vec"), source.fresh()
    lanes = min(16 // dtype.itemsize, WIDTH)
    whole = f"{vector}<{element}, {lanes}>"
    source.line(f"{whole} {name}[{WIDTH // lanes}];")
    emitter.each_lane(f"{name}[{ELEMENT} / {lanes}].at[{ELEMENT} % {lanes}] = {text};")
    for piece in range(WIDTH // lanes):
        source.line(f"*({whole}*)({place} + {piece * lanes}) = {name}[{piece}];")
