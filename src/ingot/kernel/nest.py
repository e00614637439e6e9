# SPDX-License-Identifier: Apache-2.0
"""Nest: a Compute brought to the form that scheduling works on.

Variables have canonical names (so computes that differ in names only become equal), axes of size 1
are gone, index arithmetic is simplified, loads and stores have flat element offsets, and adjacent
axes that every access walks as one are merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.kernel.compute import Compute
from ingot.kernel.digits import split_axes
from ingot.kernel.index import Indices, Range
from ingot.kernel.nodes import (
    Const,
    Expr,
    Load,
    Reduce,
    Var,
    free_variables,
    reduce,
    substitute,
    walk,
    with_children,
)
from ingot.kernel.traverse import loads, map_reduces, reduces, walk_shallow
from ingot.kernel.view import View

Extents = tuple[tuple[Var, Dim], ...]
_ZERO = Const(0, INT64)
_LARGE = 1009  # stands for a free size where strides are compared


@dataclass(frozen=True)
class Nest:
    """For each index in `axes`, outermost first: result k at `offsets[k]` = `values[k]`."""

    axes: Extents
    operands: tuple[View, ...]
    results: tuple[View, ...]
    offsets: tuple[Expr, ...]
    values: tuple[Expr, ...]
    indices: Indices = field(compare=False)

    def extent(self, var: Var) -> Dim:
        """The size of the axis of `var`."""
        return dict(self.axes)[var]

    def slope(self, offset: Expr, var: Var) -> Dim | None:
        """The element stride of an access along `var`; None when it is not constant."""
        return self.indices.slope(self.indices.dim(offset), var)


def make_nest(compute: Compute) -> Nest:
    """`compute` in canonical form, its axes ordered by where the first result lies in memory."""
    nest = _flattened(_named(split_axes(_named(compute))))
    return _merged(_ordered(nest))


def _named(compute: Compute) -> Compute:
    names: dict[Var, Expr] = {}
    axes: list[tuple[Var, Dim]] = []
    for number, (var, extent) in enumerate(compute.axes):
        axes.append((Var(f"i{number}"), extent))
        names[var] = _ZERO if extent == 1 else axes[-1][0]
    results = tuple((view, _rename(value, names, {})) for view, value in compute.results)
    return replace(compute, axes=tuple(axes), results=results)


def _rename(root: Expr, names: Mapping[Var, Expr], memo: dict[Expr, Expr]) -> Expr:
    """`root` with variables renamed; those of a Reduce by its depth, and unit axes dropped."""
    for expr in walk_shallow(root):
        if expr in memo:
            continue
        if isinstance(expr, Reduce):
            memo[expr] = _rename_reduce(expr, names)
        elif isinstance(expr, Var):
            memo[expr] = names.get(expr, expr)
        else:
            memo[expr] = with_children(expr, tuple(memo[child] for child in expr.children))
    return memo[root]


def _rename_reduce(expr: Reduce, names: Mapping[Var, Expr]) -> Expr:
    depth = _depth(expr)
    inner = dict(names)
    axes: list[tuple[Var, Dim]] = []
    for number, (var, extent) in enumerate(expr.axes):
        if extent == 1:
            inner[var] = _ZERO
        else:
            axes.append((Var(f"r{depth}_{number}"), extent))
            inner[var] = axes[-1][0]
    body = _rename(expr.body, inner, {})
    if not axes and expr.kind.startswith("arg"):
        return _ZERO
    return reduce(expr.kind, axes, body)


def _depth(root: Reduce) -> int:
    """How deep Reduces nest below `root`."""
    depths: dict[Expr, int] = {}
    for expr in walk((root,)):
        below = max((depths[child] for child in expr.children), default=0)
        depths[expr] = below + isinstance(expr, Reduce)
    return depths[root]


def _flattened(compute: Compute) -> Nest:
    axes = tuple((var, extent) for var, extent in compute.axes if extent != 1)
    ranges: dict[Var, Range] = {var: (0, extent - 1) for var, extent in axes}
    indices = Indices(ranges)
    whole = tuple(var if extent != 1 else _ZERO for var, extent in compute.axes)
    offsets = tuple(_offset(view, whole, indices) for view, _ in compute.results)
    values = []
    for _, value in compute.results:
        simple = indices.rewrite(value)
        values.append(_flat_loads(simple, compute.operands, indices))
    results = tuple(view for view, _ in compute.results)
    return Nest(axes, compute.operands, results, offsets, tuple(values), indices)


def _offset(view: View, index: Sequence[Expr], indices: Indices) -> Expr:
    offset: Dim = 0
    for part, stride, size in zip(index, view.strides, view.shape, strict=True):
        if size != 1:
            offset = offset + indices.dim(part) * stride
    return indices.expr(indices.simplify(offset))


def _flat_loads(root: Expr, operands: Sequence[View], indices: Indices) -> Expr:
    memo: dict[Expr, Expr] = {}
    for expr in walk_shallow(root):
        if isinstance(expr, Reduce):
            inner = indices.within({var: (0, extent - 1) for var, extent in expr.axes})
            memo[expr] = reduce(expr.kind, expr.axes, _flat_loads(expr.body, operands, inner))
            continue
        rebuilt = with_children(expr, tuple(memo[child] for child in expr.children))
        if isinstance(rebuilt, Load):
            view = operands[rebuilt.operand]
            rebuilt = Load(rebuilt.operand, (_offset(view, rebuilt.index, indices),), rebuilt.dtype)
        memo[expr] = rebuilt
    return memo[root]


def _ordered(nest: Nest) -> Nest:
    """Axes that reductions depend on first, each group by falling stride of the first result."""
    dependent = [free_variables(expr) for expr in reduces(nest.values)]

    def rank(numbered: tuple[int, tuple[Var, Dim]]) -> tuple[object, ...]:
        number, (var, _) = numbered
        uses = sum(var in names for names in dependent)
        return (-uses, _size_rank(nest.slope(nest.offsets[0], var)), number)

    numbered = sorted(enumerate(nest.axes), key=rank)
    return replace(nest, axes=tuple(axis for _, axis in numbered))


def _size_rank(stride: Dim | None) -> float:
    """Larger strides sort first; a symbolic one counts each size as a large number."""
    if stride is None:
        return 0.0
    return -abs(float(dims.evaluate(stride, dict.fromkeys(dims.symbols(stride), _LARGE))))


def _merged(nest: Nest) -> Nest:
    """Merge axes that are walked as one, in the result loops and in every Reduce."""
    nest = replace(nest, values=tuple(_merge_reduces(nest, value) for value in nest.values))
    accesses = [load.index[0] for value in nest.values for load in loads(value)]
    places = [*nest.offsets, *accesses]
    dependent = [free_variables(expr) for expr in reduces(nest.values)]
    axes = list(nest.axes)
    position = 0
    while position + 1 < len(axes):
        outer, inner = axes[position], axes[position + 1]
        together = all((outer[0] in names) == (inner[0] in names) for names in dependent)
        if together and _walked_as_one(nest.indices, places, nest.values, outer[0], inner):
            nest, places = _merge(nest, places, outer, inner)
            axes[position : position + 2] = [(inner[0], outer[1] * inner[1])]
            position = max(position - 1, 0)
        else:
            position += 1
    return replace(nest, axes=tuple(axes))


def _merge(
    nest: Nest, places: list[Expr], outer: tuple[Var, Dim], inner: tuple[Var, Dim]
) -> tuple[Nest, list[Expr]]:
    gone = {outer[0]: _ZERO}
    extent = outer[1] * inner[1]
    indices = nest.indices.within({inner[0]: (0, extent - 1)})
    merged = replace(
        nest,
        offsets=tuple(substitute(offset, gone) for offset in nest.offsets),
        values=tuple(substitute(value, gone) for value in nest.values),
        indices=indices,
    )
    return merged, [substitute(place, gone) for place in places]


def _walked_as_one(
    indices: Indices,
    places: Iterable[Expr],
    values: Iterable[Expr],
    outer: Var,
    inner: tuple[Var, Dim],
) -> bool:
    var, extent = inner
    for place in places:
        dim = indices.dim(place)
        far, near = indices.slope(dim, outer), indices.slope(dim, var)
        if far is None or near is None or far != near * extent:
            return False
    return not any(_seen_outside_loads(value, {outer, var}) for value in values)


def _seen_outside_loads(root: Expr, variables: set[Var]) -> bool:
    """Whether a variable is used other than in the flat index of a load, as a value."""
    stack, seen = [root], {root}
    while stack:
        expr = stack.pop()
        if expr in variables:
            return True
        children: Sequence[Expr] = expr.children
        if isinstance(expr, Load):
            children = [leaf for leaf in walk(expr.index) if isinstance(leaf, Load)]
            children = [leaf for leaf in children if leaf is not expr]
        for child in children:
            if child not in seen:
                seen.add(child)
                stack.append(child)
    return False


def _merge_reduces(nest: Nest, root: Expr) -> Expr:
    return map_reduces(root, nest.indices, _merge_axes)


def _merge_axes(expr: Reduce, indices: Indices) -> Expr:
    """Order the axes of a Reduce by falling stride of its first load, and merge neighbours."""
    if expr.kind.startswith("arg"):
        return expr
    body, axes = expr.body, list(expr.axes)
    places = [load.index[0] for load in loads(body)]
    if places:
        first = max(places, key=lambda place: _uses(place, axes))
        axes.sort(key=lambda axis: _size_rank(indices.slope(indices.dim(first), axis[0])))
    position = 0
    while position + 1 < len(axes):
        outer, inner = axes[position], axes[position + 1]
        nested = {var for below in reduces((body,)) for var in free_variables(below)}
        free = not nested & {outer[0], inner[0]}
        if free and _walked_as_one(indices, places, (body,), outer[0], inner):
            gone = {outer[0]: _ZERO}
            body = substitute(body, gone)
            places = [substitute(place, gone) for place in places]
            axes[position : position + 2] = [(inner[0], outer[1] * inner[1])]
            position = max(position - 1, 0)
        else:
            position += 1
    return reduce(expr.kind, axes, body)


def _uses(place: Expr, axes: Iterable[tuple[Var, Dim]]) -> int:
    names = free_variables(place)
    return sum(var in names for var, _ in axes)
