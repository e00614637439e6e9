# SPDX-License-Identifier: Apache-2.0
"""Which axis of a nest runs in vector lanes: the one whose memory accesses cost least.

An access along the vector axis is free when it does not move, one vector when it moves by one
element, and one scalar a lane otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import BOOL, FLOAT32, DType
from ingot.kernel.index import Indices
from ingot.kernel.nest import Nest
from ingot.kernel.nodes import Apply, Expr, Load, Reduce, Var, free_variables, walk
from ingot.kernel.traverse import loads, operation_cost, reduces
from ingot.spec import DeviceSpec

TYPICAL_SIZE = 97
_MISALIGNED = 1.2
_DEAR = 16
_SCATTERED = 4.0


def compute_dtype(dtype: DType) -> DType:
    """The type in which values of `dtype` are held between loads and stores."""
    return FLOAT32 if dtype.is_float and dtype.bits < 32 else dtype


def lanes(nest: Nest, spec: DeviceSpec) -> int:
    """The vector length: one register of the widest float type, else of the widest result."""
    values = [expr for expr in walk(nest.values) if isinstance(expr, Load | Apply | Reduce)]
    floats = [compute_dtype(expr.dtype).bits for expr in values if expr.dtype.is_float]
    stored = [view.dtype.bits for view in nest.results]
    loaded = [expr.dtype.bits for expr in values if isinstance(expr, Load) and expr.dtype != BOOL]
    widest = max(floats) if floats else max([*stored, *loaded])
    return max(1, spec.vector_bits // max(widest, 8))


def estimate(dim: Dim) -> float:
    """A number for a size; free sizes count as a typical one."""
    return float(dims.evaluate(dim, dict.fromkeys(dims.symbols(dim), TYPICAL_SIZE)))


def vector_axis(nest: Nest, width: int) -> Var | None:
    """The result axis for the lanes; None when only reductions should use them."""
    if not nest.axes:
        return None
    outer = {var for expr in reduces(nest.values) for var in free_variables(expr)}
    inner = [var for var, _ in nest.axes if var not in outer]
    candidates: list[Var | None] = [var for var, _ in reversed(nest.axes)]
    if reduces(nest.values) and not inner:
        candidates.append(None)
    return min(candidates, key=lambda var: _nest_cost(nest, var, width))


def widened(nest: Nest, lane: Var | None, width: int) -> int:
    """The vector length for reductions inside the vector loop: several registers at a time.

    Independent sums hide the latency of adding. Only where the axis is a multiple of that length,
    the loads are vectors, and the values are cheap.
    """
    folds = reduces(nest.values)
    if lane is None or not folds:
        return width
    extent = nest.extent(lane)
    for expr in folds:
        steps = [nest.slope(load.index[0], lane) for load in loads(expr.body)]
        if lane not in free_variables(expr) or operation_cost(expr.body) >= _DEAR:
            return width
        if not all(step in (0, 1) for step in steps):
            return width
    fits = [m for m in (4, 2) if isinstance(extent, int) and extent % (m * width) == 0]
    return width * fits[0] if fits else width


def fold_axis(expr: Reduce, indices: Indices, width: int) -> Var | None:
    """The reduce axis for the lanes of a fold that is not itself inside a vector loop."""
    if not expr.axes:
        return None
    places = [load.index[0] for load in loads(expr.body)]

    def cost(axis: tuple[Var, Dim]) -> float:
        return sum(_access(indices, place, *axis, width) for place in places)

    return min(reversed(expr.axes), key=cost)[0]


def _nest_cost(nest: Nest, var: Var | None, width: int) -> float:
    """Estimated memory instructions of the whole nest when `var` runs in lanes."""
    total = estimate(dims.product(extent for _, extent in nest.axes))
    stores = _accesses_cost(nest.indices, nest.offsets, var, nest, total, width)
    stores *= _SCATTERED if gathers(nest) else 1.0
    folded = {load for expr in reduces(nest.values) for load in loads(expr.body)}
    outside = [
        load.index[0] for value in nest.values for load in loads(value) if load not in folded
    ]
    reads = _accesses_cost(nest.indices, outside, var, nest, total, width)
    return stores + reads + sum(_fold_cost(nest, expr, var, width) for expr in reduces(nest.values))


def gathers(nest: Nest) -> bool:
    """Whether a load's place follows from data: it is dear whichever axis runs in lanes."""
    places = (load.index[0] for value in nest.values for load in loads(value))
    return any(
        isinstance(part, Load) or (isinstance(part, Apply) and part.op == "cast")
        for place in places
        for part in walk((place,))
    )


def _accesses_cost(
    indices: Indices,
    places: Iterable[Expr],
    var: Var | None,
    nest: Nest,
    trips: float,
    width: int,
) -> float:
    if var is None:
        return trips * sum(1.0 for _ in places)
    return trips * sum(_access(indices, place, var, nest.extent(var), width) for place in places)


def _access(indices: Indices, place: Expr, var: Var, extent: Dim, width: int) -> float:
    """Instructions for each element of one access with `var` in lanes."""
    filled = min(estimate(extent) / width, 1.0) or 1.0
    slope = indices.slope(indices.dim(place), var)
    if slope == 0:
        return 0.1 / (width * filled)
    if slope == 1:
        return 1.0 / (width * filled)
    return 1.0 if slope is not None else _MISALIGNED


def _fold_cost(nest: Nest, expr: Reduce, var: Var | None, width: int) -> float:
    free = free_variables(expr)
    bound = {axis for axis, _ in nest.axes}
    outer = [extent for axis, extent in nest.axes if axis in free]
    trips = estimate(dims.product([*outer, *(extent for _, extent in expr.axes)]))
    places = [load.index[0] for load in loads(expr.body)]
    inner = nest.indices.within({axis: (0, extent - 1) for axis, extent in expr.axes})
    if var is not None and var in free and var in bound:
        return _accesses_cost(inner, places, var, nest, trips, width)
    lane = fold_axis(expr, inner, width)
    if lane is None:
        return trips * len(places)
    extent = dict(expr.axes)[lane]
    return trips * sum(_access(inner, place, lane, extent, width) for place in places)
