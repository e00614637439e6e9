# SPDX-License-Identifier: Apache-2.0
"""What happens to a few neighbouring columns of a result before they are stored, in any layout.

Where `epilogue.py` walks rows by one stride, here every axis of the result has an index of its own:
heads that lie inside rows, images behind groups, and any order of axes are all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dims import Dim, is_multiple
from ingot.dtypes import DType
from ingot.kernel.expr import Acc, Expr, Load, Var
from ingot.kernel.view import View
from ingot.targets.base import Placed
from ingot.targets.cuda.emit import Emitter
from ingot.targets.cuda.operators import from_memory, to_memory
from ingot.targets.cuda.scope import ELEMENT, Lane, Scopes, Value
from ingot.targets.cuda.source import Source
from ingot.targets.cuda.types import memory_type, register_type
from ingot.targets.fused import Fused, strides_of

COLUMN = "column"
_LANE = Var("finish_column")
_MOST_COLUMNS = (1 << 31) - 1


@dataclass(frozen=True)
class Walk:
    """A view that moves by `strides[axis]` elements along each axis of the result."""

    view: View
    strides: tuple[Dim, ...]
    start: Dim = 0

    def aligned(self, column: int, width: int) -> bool:
        """Whether `width` columns lie side by side and begin at a multiple of `width`."""
        others = [step for axis, step in enumerate(self.strides) if axis != column]
        parts = (*others, self.start, self.view.offset)
        return self.strides[column] == 1 and all(is_multiple(part, width, {}) for part in parts)

    def place(self, source: Source, pointer: str, names: Sequence[str]) -> str:
        """The address of the element at the named indices."""
        return address(source, pointer, [*names, "1"], [*self.strides, self.start])


@dataclass(frozen=True)
class Finish:
    """Results as expressions over the accumulator of type `dtype`, and where all lies."""

    loads: tuple[tuple[Load, Walk], ...]
    results: tuple[tuple[Expr, Walk], ...]
    dtype: DType
    column: int

    def print(
        self, source: Source, names: Sequence[str], width: int, valid: str | None = None
    ) -> None:
        """Print it over `float v[width]` at the named index of every axis.

        The index of the column axis is that of the first of `width` columns; `valid` is the
        condition under which column `k` of them exists, None where all do.
        """
        scopes = Scopes()
        emitter = Emitter(source, scopes, _no_operand)
        lane = Lane(_LANE, Value(names[self.column], "int"), width)
        with scopes.inside({_LANE: (0, _MOST_COLUMNS)}, lane):
            scopes.bind(Acc(self.dtype), Value(f"v[{ELEMENT}]", "float", True))
            for load, walk in self.loads:
                scopes.bind(load, self._load(source, emitter, walk, names, valid))
            for expr, walk in self.results:
                self._store(source, emitter, walk, names, valid, emitter.value(expr))

    def _load(
        self, source: Source, emitter: Emitter, walk: Walk, names: Sequence[str], valid: str | None
    ) -> Value:
        dtype, width, step = walk.view.dtype, emitter.width, walk.strides[self.column]
        kind = register_type(dtype)
        place = walk.place(source, source.pointer(walk.view), names)
        if step == 0:
            return emitter.define(kind, from_memory(source, dtype, f"*({place})"))
        if valid is None and width > 1 and walk.aligned(self.column, width):
            raw = load_vector(source, dtype, place, width)
            return emitter.define(kind, from_memory(source, dtype, raw), wide=True)
        text = from_memory(source, dtype, f"({place})[{_stepped(source, step)}]")
        if valid is not None:
            text = f"{valid} ? {text} : ({kind})0"
        return emitter.define(kind, text, wide=True)

    def _store(
        self, source: Source, emitter: Emitter, walk: Walk, names: Sequence[str],
        valid: str | None, value: Value,
    ) -> None:  # fmt: skip
        dtype, width, step = walk.view.dtype, emitter.width, walk.strides[self.column]
        place = walk.place(source, source.pointer(walk.view, "w"), names)
        text = to_memory(source, dtype, value.text)
        if valid is None and width > 1 and walk.aligned(self.column, width):
            _store_vector(source, emitter, dtype, place, text)
            return
        guard = "" if valid is None else f"if ({valid}) "
        emitter.each_lane(f"{guard}({place})[{_stepped(source, step)}] = {text};")


def place_finish(fused: Fused, placed: Placed, column: int) -> Finish:
    """The finish of a placed region whose result has its columns on axis `column`."""
    loads = []
    for load in fused.loads():
        view = placed.view(fused.operands[load.operand])
        strides, start = strides_of(load, view, fused.axes)
        loads.append((load, Walk(view, strides, start)))
    results = []
    for value, expr in fused.results:
        view = placed.view(value)
        results.append((expr, Walk(view, view.strides)))
    assert placed.region.anchor is not None
    dtype = placed.region.anchor.output.dtype
    return Finish(tuple(loads), tuple(results), dtype, column)


def address(source: Source, pointer: str, names: Sequence[str], strides: Sequence[Dim]) -> str:
    """`pointer` moved by the sum of named indices times strides."""
    parts = [pointer]
    for name, stride in zip(names, strides, strict=True):
        if stride != 0 and name != "0":
            size = source.size(stride)
            parts.append(size if name == "1" else f"{name} * (long long){size}")
    return " + ".join(parts)


def load_vector(source: Source, dtype: DType, place: str, width: int) -> str:
    """Load `width` aligned neighbours; the expression of element `k` as it lies in memory."""
    name, kind = source.fresh(), source.helper("Vec")
    lanes = min(16 // dtype.itemsize, width)
    whole = f"{kind}<{memory_type(dtype)}, {lanes}>"
    source.line(f"{whole} {name}[{width // lanes}];")
    for piece in range(width // lanes):
        source.line(f"{name}[{piece}] = *(const {whole}*)({place} + {piece * lanes});")
    return f"{name}[{ELEMENT} / {lanes}].at[{ELEMENT} % {lanes}]"


def _store_vector(source: Source, emitter: Emitter, dtype: DType, place: str, text: str) -> None:
    name, kind = source.fresh(), source.helper("Vec")
    lanes = min(16 // dtype.itemsize, emitter.width)
    whole = f"{kind}<{memory_type(dtype)}, {lanes}>"
    source.line(f"{whole} {name}[{emitter.width // lanes}];")
    emitter.each_lane(f"{name}[{ELEMENT} / {lanes}].at[{ELEMENT} % {lanes}] = {text};")
    for piece in range(emitter.width // lanes):
        source.line(f"*({whole}*)({place} + {piece * lanes}) = {name}[{piece}];")


def _stepped(source: Source, step: Dim) -> str:
    return ELEMENT if step == 1 else f"{ELEMENT} * (long long){source.size(step)}"


def _no_operand(number: int) -> tuple[str, DType, Dim]:
    raise AssertionError(f"operand {number} was bound before")
