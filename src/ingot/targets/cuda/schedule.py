# SPDX-License-Identifier: Apache-2.0
"""From what to compute to how on a GPU: a Compute becomes a Kernel of loops.

There are two forms. Where the neighbours in memory are results, each thread computes some: a few
next to each other, so that one access moves 16 bytes, with its reductions as plain loops. Where the
neighbours are what is reduced (rows of a softmax or a normalisation), the threads of a warp or a
block share a row: they deal its elements out among them and join their partial results.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.kernel.axes import estimate, vector_axis
from ingot.kernel.compute import Compute
from ingot.kernel.index import Indices
from ingot.kernel.loops import Axis, Fold, Kernel, Loop, LoopKind, Statement, Store
from ingot.kernel.nest import Extents, Nest, make_nest
from ingot.kernel.nodes import (
    Const,
    Expr,
    Local,
    Reduce,
    Size,
    Var,
    apply,
    free_variables,
    replaced,
)
from ingot.kernel.traverse import loads, operation_cost, reduces
from ingot.spec import DeviceSpec

BLOCK: Final = 128
WARP: Final = 32
_LARGEST_BLOCK = 512
_ELEMENTS = 8  # what a thread of a shared row should at least have to do
_SHORT = 16  # a reduction that one thread does better alone
_LANES = 16  # stands for the vector length where accesses are compared
_ZERO = Const(0, INT64)


def schedule(compute: Compute, spec: DeviceSpec) -> Kernel:
    """Loops that compute `compute` well on `spec`."""
    return _Scheduler(make_nest(compute), spec).kernel()


@dataclass
class _Scheduler:
    """Builds the statements of one nest from the outside in."""

    nest: Nest
    spec: DeviceSpec
    locals: int = 0

    def kernel(self) -> Kernel:
        outer = self._outer()
        if self._shares_rows(outer):
            return self._row_kernel(outer)
        return self._point_kernel(outer)

    def _outer(self) -> set[Var]:
        """The axes that reductions depend on; all where there are no reductions."""
        found = reduces(self.nest.values)
        every = {var for var, _ in self.nest.axes}
        if not found:
            return every
        return {var for expr in found for var in free_variables(expr)} & every

    def _shares_rows(self, outer: set[Var]) -> bool:
        """Whether threads should share a row instead of having elements of their own."""
        found = reduces(self.nest.values)
        if not found:
            return False
        longest = max(self._length(expr) for expr in found)
        inner = estimate(dims.product(e for var, e in self.nest.axes if var not in outer))
        if longest <= _SHORT and inner <= _SHORT:
            return False
        lane = vector_axis(self.nest, _LANES)
        return lane is None or lane not in outer

    def _length(self, expr: Reduce) -> float:
        return estimate(dims.product(extent for _, extent in expr.axes))

    # Rows: several threads for each unit.

    def _row_kernel(self, outer: set[Var]) -> Kernel:
        rows = [axis for axis in self.nest.axes if axis[0] in outer]
        row = tuple(axis for axis in self.nest.axes if axis[0] not in outer)
        folds, values = self._ready_folds(self.nest.values, outer, self.nest.indices, shared=True)
        body: list[Statement] = [*self._stores(values)]
        for var, extent in reversed(row):
            body = [Loop(_axis(var, extent, "vector"), tuple(body))]
        body = [*folds, *body]
        for var, extent in reversed(rows):
            body = [Loop(_axis(var, extent, "parallel"), tuple(body))]
        longest = max(self._length(expr) for expr in reduces(self.nest.values))
        work = max(longest, estimate(dims.product(extent for _, extent in row)))
        threads = WARP
        while threads < _LARGEST_BLOCK and threads * _ELEMENTS < work:
            threads *= 2
        grain = BLOCK // WARP if threads == WARP else 1
        return self._finished(body, threads, grain)

    # Points: one thread for each unit.

    def _point_kernel(self, outer: set[Var]) -> Kernel:
        lane = self._lane(outer)
        own = [axis for axis in self.nest.axes if axis[0] in outer and axis[0] is not lane]
        width = 1 if lane is None else self._width(lane, outer)
        if lane is not None and width == 1:
            own.append((lane, self.nest.extent(lane)))
        inner = tuple(axis for axis in self.nest.axes if axis[0] not in outer)
        body = self._level(own, lane if width > 1 else None, inner)
        loops: list[tuple[Var, Dim, int]] = [(var, extent, 1) for var, extent in own]
        if lane is not None and width > 1:
            loops.append((_first(lane), self.nest.extent(lane), width))
        for var, extent, step in reversed(loops):
            body = [Loop(Axis(var, _ZERO, Size(extent), "parallel", step), tuple(body))]
        return self._finished(body, 1, BLOCK)

    def _lane(self, outer: set[Var]) -> Var | None:
        """The axis along which neighbours lie next to each other."""
        if not outer:
            return None
        lane = vector_axis(self.nest, _LANES)
        if lane in outer:
            return lane
        return next(var for var, _ in reversed(self.nest.axes) if var in outer)

    def _width(self, lane: Var, outer: set[Var]) -> int:
        """How many neighbours a thread computes: 16 bytes of the narrowest, if enough remain."""
        indices, extent = self.nest.indices, self.nest.extent(lane)
        accesses = [
            (load.index[0], load.dtype) for value in self.nest.values for load in loads(value)
        ]
        views = zip(self.nest.offsets, self.nest.results, strict=True)
        accesses += [(offset, view.dtype) for offset, view in views]
        near = [
            dtype.itemsize
            for place, dtype in accesses
            if indices.slope(indices.dim(place), lane) == 1
        ]
        if not near:
            return 1
        units = estimate(dims.product(e for var, e in self.nest.axes if var in outer))
        alone = len(self.nest.axes) == 1
        for width in (8, 4, 2):
            busy = units / width >= self.spec.cores * BLOCK
            if width * min(near) <= 16 and (busy or width * min(near) <= 4):
                if alone or dims.is_multiple(extent, width, {}):
                    return width
        return 1

    def _level(
        self, own: Sequence[tuple[Var, Dim]], lane: Var | None, inner: Extents
    ) -> list[Statement]:
        """What a thread does: folds, then its elements, then what is left of a row."""
        indices = self.nest.indices
        bound = {var for var, _ in own}
        folds, values = self._ready_folds(self.nest.values, bound, indices, shared=False)
        if lane is None:
            return [*folds, *self._rest(values, inner)]
        extent = self.nest.extent(lane)
        within, values = self._ready_folds(values, bound | {lane}, indices, shared=False)
        start = _first(lane)
        stop = start + self._step(lane, extent)
        if not dims.is_multiple(extent, self._step(lane, extent), {}):
            stop = apply("minimum", stop, Size(extent))
        loop = Loop(Axis(lane, start, stop, "vector"), (*within, *self._rest(values, inner)))
        return [*folds, loop]

    def _step(self, lane: Var, extent: Dim) -> int:
        return self._width(lane, self._outer())

    def _rest(self, values: Sequence[Expr], inner: Extents) -> list[Statement]:
        body: list[Statement] = [*self._stores(values)]
        for var, extent in reversed(inner):
            body = [Loop(_axis(var, extent, "serial"), tuple(body))]
        return body

    # Statements.

    def _finished(self, body: list[Statement], threads: int, grain: int) -> Kernel:
        nest = self.nest
        return Kernel(
            nest.operands, nest.results, tuple(body), lanes=threads, grain=grain, flops=self._work()
        )

    def _stores(self, values: Sequence[Expr]) -> list[Store]:
        pairs = zip(self.nest.offsets, values, strict=True)
        return [Store(number, place, value) for number, (place, value) in enumerate(pairs)]

    def _ready_folds(
        self, values: Sequence[Expr], bound: set[Var], indices: Indices, *, shared: bool
    ) -> tuple[list[Fold], list[Expr]]:
        """Folds of the Reduces whose free variables are all bound, and the values without them."""
        folds: list[Fold] = []
        names: dict[Expr, Expr] = {}
        for expr in _outermost_ready(values, bound):
            folds += self._folds(expr, bound, names, indices, shared)
        return folds, [replaced(value, names) for value in values]

    def _folds(
        self, expr: Reduce, bound: set[Var], names: dict[Expr, Expr], indices: Indices, shared: bool
    ) -> list[Fold]:
        """The Folds for `expr`: first those inside its body that do not depend on its axes."""
        before: list[Fold] = []
        for inner in _outermost_ready((expr.body,), bound):
            if inner not in names:
                before += self._folds(inner, bound, names, indices, shared)
        if expr in names:
            return before
        self.locals += 1
        target = Local(f"s{self.locals}", expr.dtype)
        body = replaced(expr.body, names)
        names[expr] = target
        below = bound | {var for var, _ in expr.axes}
        within, (body,) = self._ready_folds((body,), below, indices, shared=False)
        axes = [_axis(var, extent, "serial") for var, extent in expr.axes]
        if shared:
            axes[-1] = _axis(*expr.axes[-1], "vector")
        fold = Fold(target, expr.kind, tuple(axes), body, _position(expr), tuple(within))
        return [*before, fold]

    def _work(self) -> Dim:
        """Scalar operations of the whole nest, weighted by what they cost."""
        each = 1 + sum(operation_cost(value) for value in self.nest.values)
        total = each * dims.product(extent for _, extent in self.nest.axes)
        for expr in reduces(self.nest.values):
            free = free_variables(expr)
            outer = [extent for var, extent in self.nest.axes if var in free]
            trips = dims.product([*outer, *(extent for _, extent in expr.axes)])
            total = total + trips * (1 + operation_cost(expr.body))
        return total


def _axis(var: Var, extent: Dim, kind: LoopKind) -> Axis:
    return Axis(var, _ZERO, Size(extent), kind)


def _first(lane: Var) -> Var:
    """The variable of the first of the neighbours that a thread computes."""
    return Var(f"{lane.name}_first")


def _outermost_ready(roots: Iterable[Expr], bound: set[Var]) -> list[Reduce]:
    """Reduces below `roots` that depend on bound variables only and lie in no other such Reduce."""
    found: dict[Reduce, None] = {}
    seen: set[Expr] = set()
    stack = list(reversed(list(roots)))
    while stack:
        expr = stack.pop()
        if expr in seen:
            continue
        seen.add(expr)
        if isinstance(expr, Reduce) and free_variables(expr) <= bound:
            found[expr] = None
        else:
            stack.extend(reversed(expr.children))
    return list(found)


def _position(expr: Reduce) -> Expr | None:
    """For arg kinds: the flattened index of an iteration."""
    if not expr.kind.startswith("arg"):
        return None
    position: Expr = _ZERO
    for var, extent in expr.axes:
        position = position * Size(extent) + var
    return position
