# SPDX-License-Identifier: Apache-2.0
"""A reduction of much to little in stages, so that all workers take part.

A kernel with few work units that folds long axes becomes two or more: blocks of the folded axis are
units of the first, and the last folds what the blocks gave. A fold that needs the result of another
(a variance, after the mean) is a stage of its own, whose units each put the parts before together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import INT64
from ingot.kernel.axes import estimate
from ingot.kernel.loops import Axis, Fold, Kernel, Loop, Statement, Store
from ingot.kernel.nodes import Const, Expr, Load, Local, Size, Var, apply, free_names
from ingot.kernel.view import View

_FEW = 8  # work units that do not occupy the workers
_MUCH = 1 << 16  # folded elements that are worth a second kernel
_BLOCK = 1 << 14  # folded elements of a block, at least
_BLOCKS = 64
_ALIGNED = 128
_KINDS = frozenset({"sum", "prod", "max", "min", "any", "all"})
_ZERO = Const(0, INT64)


@dataclass(frozen=True)
class Staged:
    """Kernels that run in order, and the memory that each leaves to those behind it."""

    kernels: tuple[Kernel, ...]
    temporaries: tuple[View, ...] = ()


def staged(kernel: Kernel, temporary: str) -> Staged:
    """`kernel` in stages where that shares the work better, else as it is.

    `temporary` begins the names of the buffers between them.
    """
    folds = [item for item in kernel.inner() if isinstance(item, Fold)]
    if not folds or not _suits(kernel, folds):
        return Staged((kernel,))
    return _Splitter(kernel, folds, temporary).split()


def _suits(kernel: Kernel, folds: Sequence[Fold]) -> bool:
    if kernel.tiles or kernel.kept or estimate(kernel.extent()) >= _FEW:
        return False
    if not all(isinstance(item, Fold | Store) for item in kernel.inner()):
        return False
    lengths = {fold.axes[0].stop for fold in folds if fold.axes}
    return (
        len(lengths) == 1
        and all(axis.step == 1 for axis in kernel.parallel())
        and all(map(_splits, folds))
        and max(estimate(_trips(fold)) for fold in folds) >= _MUCH
    )


def _splits(fold: Fold) -> bool:
    """Whether parts of a fold can be folded again; sums of narrow floats would round twice."""
    dtype = fold.target.dtype
    plain = fold.kind in _KINDS and not (dtype.is_float and dtype.bits < 32)
    if not plain or not fold.axes or fold.stores:
        return False
    first = fold.axes[0]
    return first.start is _ZERO and isinstance(first.stop, Size | Const) and first.step == 1


def _names(fold: Fold) -> frozenset[Var | Local]:
    """What a fold reads that is computed outside of it."""
    names = free_names(fold.value).union(*(_names(inner) for inner in fold.inner))
    return names - {inner.target for inner in fold.inner}


def _trips(fold: Fold) -> Dim:
    """How many elements a fold takes in, those of the folds inside it counted too."""
    own = dims.product(axis.trips() for axis in fold.axes)
    inside = [_trips(inner) for inner in fold.inner]
    return own * max(inside, key=estimate) if inside else own


def _levels(folds: Sequence[Fold]) -> list[list[int]]:
    """The numbers of folds by stage: each behind those whose results it reads."""
    known: dict[Var | Local, int] = {}
    levels: list[list[int]] = []
    for number, fold in enumerate(folds):
        level = max((known[name] + 1 for name in _names(fold) if name in known), default=0)
        known[fold.target] = level
        levels += [[] for _ in range(level + 1 - len(levels))]
        levels[level].append(number)
    return levels


class _Splitter:
    def __init__(self, kernel: Kernel, folds: Sequence[Fold], temporary: str) -> None:
        self._kernel = kernel
        self._folds = folds
        self._length = folds[0].axes[0].trips()
        trips = max((_trips(fold) for fold in folds), key=estimate)
        each = max(1, int(estimate(trips) // max(estimate(self._length), 1.0)))
        self._chunk = self._block_length(each)
        self._blocks = dims.ceil_div(self._length, self._chunk)
        shape = (kernel.extent(), self._blocks)
        self._parts = tuple(
            View.dense(f"{temporary}{number}", fold.target.dtype, shape)
            for number, fold in enumerate(folds)
        )

    def split(self) -> Staged:
        """All kernels."""
        levels = _levels(self._folds)
        kernels: list[Kernel] = []
        for stage, level in enumerate(levels):
            before = [number for other in levels[:stage] for number in other]
            kernels.append(self._fold_blocks(level, before))
        return Staged((*kernels, self._last()), self._parts)

    def _block_length(self, each: int) -> Dim:
        """Iterations of the outermost folded axis in a block; each takes in `each` elements."""
        aligned = _ALIGNED if self._folds[0].axes[0].kind == "vector" else 1
        least = -(-_BLOCK // each // aligned) * aligned or aligned
        wide = dims.ceil_div(dims.ceil_div(self._length, _BLOCKS), aligned) * aligned
        return dims.maximum(least, wide)

    def _place(self, block: Expr) -> Expr:
        """Where the part of a block of this work unit lies."""
        unit: Expr = _ZERO
        for axis in self._kernel.parallel():
            unit = unit * Size(axis.trips()) + axis.var
        return unit * Size(self._blocks) + block

    def _fold_blocks(self, level: Sequence[int], before: Sequence[int]) -> Kernel:
        """The parts of the folds of one level, for which those `before` are put together."""
        block = Var("block")
        start = block * Size(self._chunk)
        stop = apply("minimum", start + Size(self._chunk), Size(self._length))
        places = enumerate(before, len(self._kernel.operands))
        body: list[Statement] = [self._together(place, number) for place, number in places]
        for number in level:
            head, *rest = self._folds[number].axes
            axes = (replace(head, start=start, stop=stop), *rest)
            body.append(replace(self._folds[number], axes=axes))
        for result, number in enumerate(level):
            body.append(Store(result, self._place(block), self._folds[number].target))
        loop = Loop(Axis(block, _ZERO, Size(self._blocks), "parallel"), tuple(body))
        return replace(
            self._kernel,
            operands=(*self._kernel.operands, *(self._parts[number] for number in before)),
            results=tuple(self._parts[number] for number in level),
            body=self._shared((loop,)),
            grain=1,
        )

    def _together(self, operand: int, number: int) -> Fold:
        """The whole of a fold from its parts, which are an operand."""
        fold, part = self._folds[number], Var(f"part{number}")
        axis = Axis(part, _ZERO, Size(self._blocks), "serial")
        value = Load(operand, (self._place(part),), fold.target.dtype)
        return Fold(fold.target, fold.kind, (axis,), value)

    def _last(self) -> Kernel:
        count, numbers = len(self._kernel.operands), range(len(self._folds))
        body: list[Statement] = [self._together(count + number, number) for number in numbers]
        body += [item for item in self._kernel.inner() if isinstance(item, Store)]
        operands = (*self._kernel.operands, *self._parts)
        return replace(self._kernel, operands=operands, body=self._shared(body), flops=0)

    def _shared(self, body: Sequence[Statement]) -> tuple[Statement, ...]:
        """`body` inside the parallel loops of the kernel."""
        inside = tuple(body)
        for axis in reversed(self._kernel.parallel()):
            inside = (Loop(axis, inside),)
        return inside
