# SPDX-License-Identifier: Apache-2.0
"""From what to compute to how: a Compute becomes a Kernel of loops.

Axes are ordered by where the result lies in memory, the cheapest one runs in vector lanes, each
reduction moves out to the loop where everything that it depends on is known (so softmax and
normalisations become row kernels), and the outermost loops are shared among workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.kernel.axes import estimate, fold_axis, gathers, lanes, vector_axis, widened
from ingot.kernel.blocks import blocked, find_turn, tiles
from ingot.kernel.compute import Compute
from ingot.kernel.index import Indices
from ingot.kernel.keep import keep
from ingot.kernel.limits import limited
from ingot.kernel.loops import Axis, Fold, Kernel, Loop, LoopKind, Statement, Store
from ingot.kernel.nest import Nest, make_nest
from ingot.kernel.nodes import (
    Apply,
    Const,
    Expr,
    Load,
    Local,
    Reduce,
    Size,
    Var,
    apply,
    free_names,
    free_variables,
    replaced,
    rewrite,
    walk,
)
from ingot.kernel.split import pieces
from ingot.kernel.traverse import operation_cost, operation_count, reduces, shared_cost
from ingot.spec import DeviceSpec

# In scalar operations: what one claim of a worker should hold; the size of a unit below which a
# nest is not cut further once there are _UNITS of them; the blocks that a long loop is cut into.
_CHUNK = 20_000
_UNIT = 4_000
_UNITS = 32
_BLOCK = 8_192
# The work that makes it worth to walk an axis inside the vector loop, and how long it must be.
_SHARED = 8
_SHARERS = 3
_ZERO = Const(0, INT64)


def schedule(compute: Compute, spec: DeviceSpec) -> Kernel:
    """Loops that compute `compute` well on `spec`."""
    nest = make_nest(compute)
    width = lanes(nest, spec)
    lane = vector_axis(nest, width)
    nest = replace(nest, axes=_lane_last(nest, lane))
    return _Scheduler(nest, lane, widened(nest, lane, width)).kernel()


def _lane_last(nest: Nest, lane: Var | None) -> tuple[tuple[Var, Dim], ...]:
    """The axes with the vector axis innermost among those with the same reductions."""
    if lane is None:
        return nest.axes
    dependent = [free_variables(expr) for expr in reduces(nest.values)]

    def group(axis: tuple[Var, Dim]) -> tuple[int, bool]:
        return -sum(axis[0] in names for names in dependent), axis[0] is lane

    return _shared_first(nest, lane, sorted(nest.axes, key=group))


def _shared_first(
    nest: Nest, lane: Var, axes: Sequence[tuple[Var, Dim]]
) -> tuple[tuple[Var, Dim], ...]:
    """One axis inside the vector loop where much of what a vector computes is free of it.

    A coordinate is then computed once for all channels that are read there.
    """
    if not gathers(nest) or reduces(nest.values):
        return tuple(axes)

    def shared(axis: tuple[Var, Dim]) -> int:
        apart = axis[0] is lane or estimate(axis[1]) < _SHARERS
        return 0 if apart else shared_cost(nest.values, lane, axis[0])

    best = max(axes, key=shared, default=None)
    if best is None or shared(best) < _SHARED:
        return tuple(axes)
    return (*(axis for axis in axes if axis is not best), best)


@dataclass
class _Scheduler:
    """Builds the statements of one nest from the outside in."""

    nest: Nest
    lane: Var | None
    width: int
    locals: int = 0
    kept: int | None = None

    def kernel(self) -> Kernel:
        turn = find_turn(self.nest, self.lane, self.width)
        if turn is None:
            body = self._level(0, self.nest.values, self.nest.indices)
        else:
            body = blocked(self.nest, turn)
        body, unit = self._parallel(body)
        work = dims.maximum(unit, 1)
        kept = () if self.kept is None else (self.nest.results[self.kept],)
        return Kernel(
            (*self.nest.operands, *kept),
            self.nest.results,
            tuple(body),
            kept=len(kept),
            tiles=() if turn is None else tiles(turn),
            lanes=self.width if turn is None else turn.size,
            grain=dims.maximum(1, dims.ceil_div(_CHUNK, work)),
            flops=self._work(operation_count),
        )

    # Loops.

    def _level(self, level: int, values: Sequence[Expr], indices: Indices) -> list[Statement]:
        """What happens inside the first `level` loops."""
        bound = {var for var, _ in self.nest.axes[:level]}
        folds, values = self._ready_folds(values, bound, indices)
        kept = keep(self.nest, folds, values, self.nest.axes[level:], indices)
        if kept is not None and self.kept is None:
            folds, values, self.kept = list(kept.folds), list(kept.values), kept.result
        values = [_by_reciprocal(value) for value in values]
        if level == len(self.nest.axes):
            stores = zip(self.nest.offsets, values, strict=True)
            return [*folds, *(Store(n, place, value) for n, (place, value) in enumerate(stores))]
        var, extent = self.nest.axes[level]
        if var is not self.lane:
            axis = Axis(var, _ZERO, Size(extent), "serial")
            return [*folds, Loop(axis, tuple(self._level(level + 1, values, indices)))]
        loops: list[Statement] = []
        for start, stop, narrowed, chosen in pieces(var, extent, values, indices):
            axis = Axis(var, start, stop, "vector")
            loops.append(Loop(axis, tuple(self._level(level + 1, chosen, narrowed))))
        return [*folds, *loops]

    def _ready_folds(
        self, values: Sequence[Expr], bound: set[Var], indices: Indices
    ) -> tuple[list[Fold], list[Expr]]:
        """Folds of the Reduces whose free variables are all bound, and the values without them."""
        folds: list[Fold] = []
        names: dict[Expr, Expr] = {}
        for expr in _outermost_ready(values, bound):
            for statement in self._folds(expr, bound, names, indices):
                folds.append(statement)
        return folds, [replaced(value, names) for value in values]

    def _folds(
        self, expr: Reduce, bound: set[Var], names: dict[Expr, Expr], indices: Indices
    ) -> list[Fold]:
        """The Folds for `expr`: first those inside its body that do not depend on its axes."""
        before: list[Fold] = []
        for inner in _outermost_ready((expr.body,), bound):
            if inner not in names:
                before += self._folds(inner, bound, names, indices)
        if expr in names:
            return before
        self.locals += 1
        target = Local(f"s{self.locals}", expr.dtype)
        body = replaced(expr.body, names)
        names[expr] = target
        return [*before, self._fold(target, expr, body, bound, indices)]

    def _fold(
        self, target: Local, expr: Reduce, body: Expr, bound: set[Var], indices: Indices
    ) -> Fold:
        ranged = indices.within({var: (0, extent - 1) for var, extent in expr.axes})
        below = bound | {var for var, _ in expr.axes}
        inner, (body,) = self._ready_folds((body,), below, ranged)
        horizontal = not inner and (self.lane is None or self.lane not in bound)
        flat = Reduce(expr.kind, expr.axes, body)
        extents = {var: Size(extent) for var, extent in expr.axes}
        limits, body = limited(expr.kind, body, extents, bound - {self.lane})
        horizontal = horizontal and not limits
        lane = fold_axis(flat, ranged, self.width) if horizontal else None
        for var, limit in limits.items():
            extents[var] = apply("minimum", extents[var], limit)
        axes = tuple(
            Axis(var, _ZERO, extents[var], "vector" if var is lane else "serial")
            for var in sorted(extents, key=lambda var: var is lane)
        )
        return Fold(target, expr.kind, axes, body, _position(expr), tuple(inner))

    # Work sharing.

    def _parallel(self, body: list[Statement]) -> tuple[list[Statement], Dim]:
        """Mark the outer loops as parallel; the loops and the scalar operations of one unit."""
        return self._share(body, self._work(operation_cost), 1)

    def _share(self, body: list[Statement], work: Dim, units: float) -> tuple[list[Statement], Dim]:
        if len(body) != 1 or not isinstance(body[0], Loop):
            return body, work
        loop = body[0]
        extent = _trips(loop.axis)
        if extent is None or (units >= _UNITS and estimate(work) <= _UNIT):
            return body, work
        if loop.axis.kind == "vector":
            return self._blocks(loop, extent, work)
        inner, unit = self._share(list(loop.body), _divided(work, extent), units * estimate(extent))
        return [replace(loop, axis=_as(loop.axis, "parallel"), body=tuple(inner))], unit

    def _blocks(self, loop: Loop, extent: Dim, work: Dim) -> tuple[list[Statement], Dim]:
        """Cut a vector loop into parallel blocks where it is long."""
        each = max(estimate(work) / max(estimate(extent), 1.0), 1.0)
        block = self.width * max(1, round(_BLOCK / each / self.width))
        block = min(block, self.width * 64) if each > 64 else block
        if isinstance(extent, int) and extent <= block:
            return [loop], work
        outer = Var(f"{loop.axis.var.name}_block")
        start = outer * block
        stop = apply("minimum", start + block, loop.axis.stop)
        inner = Loop(replace(loop.axis, start=start, stop=stop), loop.body)
        count = Size(dims.ceil_div(extent, block))
        axis = Axis(outer, _ZERO, count, "parallel")
        return [Loop(axis, (inner,))], dims.ceil_div(work, dims.maximum(axis.trips(), 1))

    def _work(self, measure: Callable[[Expr], int]) -> Dim:
        """What `measure` counts in the whole nest; 1 more for each element and each reduced one."""
        each = 1 + sum(measure(value) for value in self.nest.values)
        total = each * dims.product(extent for _, extent in self.nest.axes)
        for expr in reduces(self.nest.values):
            free = free_variables(expr)
            outer = [extent for var, extent in self.nest.axes if var in free]
            trips = dims.product([*outer, *(extent for _, extent in expr.axes)])
            total = total + trips * (1 + measure(expr.body))
        return total


def _by_reciprocal(root: Expr) -> Expr:
    """`root` with divisions by a finished reduction as products with its reciprocal.

    A row is divided by one number, so the reciprocal is computed once; this costs at most one more
    rounding.
    """

    def change(expr: Expr) -> Expr | None:
        if isinstance(expr, Apply) and expr.op == "div" and expr.dtype.is_float:
            row, number = expr.args
            if _varies(row) and not _varies(number) and _has_local(number):
                return row * apply("reciprocal", number)
        return None

    return rewrite(root, change) if _has_local(root) else root


def _varies(expr: Expr) -> bool:
    return any(isinstance(leaf, Load | Var) for leaf in walk((expr,)))


def _has_local(expr: Expr) -> bool:
    return any(isinstance(name, Local) for name in free_names(expr))


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


def _trips(axis: Axis) -> Dim | None:
    """The number of iterations of an axis that starts at 0; None for one that does not."""
    return axis.trips() if axis.start is _ZERO and isinstance(axis.stop, Size | Const) else None


def _as(axis: Axis, kind: LoopKind) -> Axis:
    return replace(axis, kind=kind)


def _divided(work: Dim, extent: Dim) -> Dim:
    return dims.ceil_div(work, dims.maximum(extent, 1))
