# SPDX-License-Identifier: Apache-2.0
"""Lines of a tensor along one axis: kernels that walk an axis share the lines among workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ingot import dims
from ingot.dims import Dim
from ingot.kernel.nodes import Expr, Load, Size, apply, cast
from ingot.kernel.routine import Bound, Tensor, as_index
from ingot.kernel.view import View, dense_strides
from ingot.ops.op import Index
from ingot.ops.steps import Steps

_BLOCK = 4096


def lines(shape: Sequence[Dim], axis: int) -> Dim:
    """How many lines a tensor has along `axis`."""
    return dims.product(size for k, size in enumerate(shape) if k != axis)


def split_index(flat: Expr, shape: Sequence[Dim]) -> Index:
    """The index in a tensor of `shape` of its element number `flat`, counted row by row."""
    index: list[Expr] = []
    for size in reversed(shape[1:]):
        whole = apply("maximum", Size(size), 1)
        index.append(apply("floor_mod", flat, whole))
        flat = apply("floor_div", flat, whole)
    return (flat, *reversed(index)) if shape else ()


def line_index(line: Expr, shape: Sequence[Dim], axis: int) -> Callable[[Bound], Index]:
    """A function from a position on `axis` to the index of that element of line `line`."""
    others = split_index(line, [size for k, size in enumerate(shape) if k != axis])

    def at(position: Bound) -> Index:
        return (*others[:axis], as_index(position), *others[axis:])

    return at


def flat_place(tensor: Tensor, flat: Bound) -> Index:
    """The index of element number `flat` of a tensor, counted row by row."""
    return split_index(as_index(flat), tensor.shape)


def flat_element(tensor: Tensor, flat: Bound) -> Expr:
    """Element number `flat` of an operand; one load without arithmetic where it lies in rows."""
    view = tensor.view
    if view.strides == dense_strides(view.shape, range(view.rank)):
        return Load(tensor.operand, (as_index(flat),), tensor.dtype)
    return tensor[flat_place(tensor, flat)]


def copied(steps: Steps, source: View, target: View) -> None:
    """One more kernel: a copy, converted where the element types differ."""
    axis = len(source.shape) - 1
    blocks = dims.ceil_div(source.shape[axis], _BLOCK)
    count = lines(source.shape, axis)
    with (
        steps.kernel((source,), (target,)) as routine,
        routine.parallel(count * blocks, dims.minimum(source.shape[axis], _BLOCK)) as unit,
    ):
        (old,), (new,) = routine.reads, routine.writes
        line, block = split_index(unit, (count, blocks))
        place = line_index(line, source.shape, axis)
        start = routine.let(block * _BLOCK)
        stop = apply("minimum", start + _BLOCK, Size(source.shape[axis]))
        with routine.vector(start, stop) as i:
            routine.store(new, cast(old[place(i)], target.dtype), *place(i))
