# SPDX-License-Identifier: Apache-2.0
"""What a family makes of its result before it is stored: the elementwise nodes of a region.

A family computes one tensor, its anchor's result. `fuse` composes everything else in the region
into one scalar expression for each output, over the anchor's element (`Acc`) and loads of other
operands (a bias, a residual). `strides_of` says how such a load walks memory when the axes of the
result advance, so the family needs to know nothing about broadcasting.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingot.dims import Dim
from ingot.ir.graph import Node, Value
from ingot.kernel.expr import Acc, Apply, Const, Expr, Load, Size, Var, walk
from ingot.kernel.operators import OPERATORS
from ingot.kernel.view import View
from ingot.ops.read import Read, loaded, zero
from ingot.ops.table import OPS
from ingot.targets.base import Region

Index = tuple[Expr, ...]
_INDEXED = frozenset({"index", "wrapped_index", "div", "mod", "floor_div", "floor_mod"})


def _printable(roots: Sequence[Expr]) -> bool:
    """Whether no expression can raise a fault, so that straight-line code will do."""
    return not any(
        isinstance(part, Apply) and part.op in _INDEXED and not part.args[0].dtype.is_float
        for part in walk(roots)
    )


@dataclass(frozen=True)
class Fused:
    """Results of a region as expressions over `Acc` and `Load(n, …)` of `operands[n]`.

    `axes` are the index variables of the anchor's result, one for each of its axes.
    """

    axes: tuple[Var, ...]
    operands: tuple[Value, ...]
    results: tuple[tuple[Value, Expr], ...]

    def loads(self) -> tuple[Load, ...]:
        """Every distinct load."""
        roots = [expr for _, expr in self.results]
        return tuple(node for node in walk(roots) if isinstance(node, Load))


def cost_of(roots: Iterable[Expr]) -> int:
    """Scalar operations for one element of every root."""
    return sum(OPERATORS[node.op].cost for node in walk(roots) if isinstance(node, Apply))


class _Refusal(Exception):
    """The region is not one that a family can fuse; the text says why."""


def fuse(region: Region, bias: tuple[Value, int] | None = None) -> Fused | str:
    """The region's results over its anchor's element, or the reason why there are none.

    `bias` is a vector that is added to the anchor's element, indexed by the given axis.
    """
    try:
        return _Composer(region).compose(bias)
    except _Refusal as refusal:
        return str(refusal)


class _Composer:
    def __init__(self, region: Region) -> None:
        if region.anchor is None or len(region.anchor.outputs) != 1:
            raise _Refusal("the region has no anchor with one output")
        self._region = region
        self._anchor: Node = region.anchor
        self._axes = tuple(Var(f"i{axis}") for axis in range(self._anchor.output.rank))
        self._operands: dict[Value, int] = {}
        self._reads: dict[Value, Read] = {}

    def compose(self, bias: tuple[Value, int] | None) -> Fused:
        output = self._anchor.output
        element: Expr = Acc(output.dtype)
        if bias is not None:
            vector, axis = bias
            element = element + self._read(vector)(self._axes[axis])
        self._reads[output] = Read(
            output.shape, output.dtype, lambda index: self._at(index, element)
        )
        for node in self._region.nodes:
            if node is not self._anchor:
                self._add(node)
        results = tuple((value, self._result(value)) for value in self._region.outputs)
        return Fused(self._axes, tuple(self._operands), results)

    def _at(self, index: Index, element: Expr) -> Expr:
        """The element, if `index` is where the result stands (index 0 of an axis of size 1 is)."""
        shape = self._anchor.output.shape
        for given, axis, size in zip(index, self._axes, shape, strict=True):
            if given is not axis and not (size == 1 and given is zero()):
                raise _Refusal("a node reads the anchor's result at another index")
        return element

    def _add(self, node: Node) -> None:
        record = OPS[node.op]
        if record.kind != "elementwise":
            raise _Refusal(f"{node.op} '{node.name}' is not elementwise")
        (output,) = node.outputs
        reads = [None if value is None else self._read(value) for value in node.inputs]

        def at(index: Index) -> Expr:
            lowered = record.lower(index, reads, node)
            assert isinstance(lowered, Expr)
            return lowered

        self._reads[output] = Read(output.shape, output.dtype, at)

    def _read(self, value: Value) -> Read:
        if value in self._reads:
            return self._reads[value]
        if value not in self._region.inputs:
            raise _Refusal(f"'{value.name}' is made inside the region after it is read")
        number = self._operands.setdefault(value, len(self._operands))
        self._reads[value] = loaded(number, value.shape, value.dtype)
        return self._reads[value]

    def _result(self, value: Value) -> Expr:
        if value.shape != self._anchor.output.shape:
            raise _Refusal(f"output '{value.name}' has another shape than the anchor's result")
        result = self._reads[value](*self._axes)
        if not _printable((result,)):
            raise _Refusal("a node may raise a fault")
        for load in walk((result,)):
            if isinstance(load, Load) and any(_affine(index) is None for index in load.index):
                raise _Refusal("an operand is read through an index that is not affine")
        return result


def strides_of(load: Load, view: View, axes: tuple[Var, ...]) -> tuple[tuple[Dim, ...], Dim]:
    """Elements by which the loaded address moves along each of `axes`, and its constant part."""
    moves: dict[Var, Dim] = dict.fromkeys(axes, 0)
    start: Dim = 0
    for index, stride in zip(load.index, view.strides, strict=True):
        form = _affine(index)
        assert form is not None
        terms, constant = form
        start = start + constant * stride
        for variable, factor in terms.items():
            moves[variable] = moves[variable] + factor * stride
    return tuple(moves[axis] for axis in axes), start


def _affine(index: Expr) -> tuple[Mapping[Var, Dim], Dim] | None:
    """An index as factors of variables and a constant part, None where it is something else."""
    match index:
        case Var():
            return {index: 1}, 0
        case Const(value=value):
            return {}, int(value)
        case Size(dim=dim):
            return {}, dim
        case Apply(op="add" | "sub" as op, args=(left, right)):
            a, b = _affine(left), _affine(right)
            return None if a is None or b is None else _sum(a, b, 1 if op == "add" else -1)
        case Apply(op="mul", args=(left, right)):
            a, b = _affine(left), _affine(right)
            if a is None or b is None or (a[0] and b[0]):
                return None
            (terms, constant), (_, factor) = (a, b) if a[0] else (b, a)
            return {var: term * factor for var, term in terms.items()}, constant * factor
    return None


def _sum(
    a: tuple[Mapping[Var, Dim], Dim], b: tuple[Mapping[Var, Dim], Dim], sign: int
) -> tuple[Mapping[Var, Dim], Dim]:
    terms = dict(a[0])
    for variable, factor in b[0].items():
        terms[variable] = terms.get(variable, 0) + sign * factor
    return terms, a[1] + sign * b[1]
