# SPDX-License-Identifier: Apache-2.0
"""Scatter: a copy of a tensor with updates placed by indices that come from another.

Of updates that name one place the last one wins, or all combine. After a copy, workers share the
lines that no two updates of different lines can meet in, and place the updates of a line in order:
the result is the same however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import FLOAT32, INT64
from ingot.ir.graph import Array, TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, Size, apply, cast, checked_index
from ingot.kernel.loops import LoopKind
from ingot.kernel.routine import Routine
from ingot.kernel.view import View
from ingot.ops.axes import AXIS, replaced
from ingot.ops.domains import BATCH, ELEMENTS, NUMBERS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.gather import INDEX, check_within, index_sample, normalised, tuple_depth
from ingot.ops.lines import copied, line_index, lines, split_index
from ingot.ops.matmul import widened
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.require import Require, Shape
from ingot.ops.steps import Steps

REDUCTION = AttributeSpec(
    "reduction", "str", "none", ("none", "add", "mul", "max", "min"), "how updates combine"
)


_NUMPY_COMBINE: Mapping[str, Callable[[Array, Any, Array], None]] = {
    "add": np.add.at,
    "mul": np.multiply.at,
    "max": np.maximum.at,
    "min": np.minimum.at,
}
_COMBINE: Mapping[str, Callable[[Expr, Expr], Expr]] = {
    "none": lambda old, new: new,
    "add": expr.add,
    "mul": expr.mul,
    "max": expr.maximum,
    "min": expr.minimum,
}
_BLOCK = 512


def _placed(x: Array, at: Any, updates: Array, reduction: str) -> Array:
    """A copy of x with updates placed in order, so that of equal places the last one wins."""
    result = np.array(x) if reduction == "none" else np.array(widened(x))
    with np.errstate(all="ignore"):
        if reduction == "none":
            _assign_in_order(result, at, updates)
        else:
            _NUMPY_COMBINE[reduction](result, at, widened(updates))
        return result.astype(x.dtype)


def _assign_in_order(result: Array, at: Any, updates: Array) -> None:
    index = [np.broadcast_to(part, updates.shape).reshape(-1) for part in at]
    for position, value in enumerate(updates.reshape(-1)):
        result[tuple(part[position] for part in index)] = value


def _scattered(
    steps: Steps, x: View, y: View, reduction: str, place: Callable[[View], None]
) -> None:
    """Kernels that copy x, `place` the updates, and round: narrow floats are summed in float32."""
    narrow = y.dtype.is_float and y.dtype.bits < 32 and reduction in ("add", "mul")
    work = steps.temporary(FLOAT32, *y.shape) if narrow else y
    copied(steps, x, work)
    place(work)
    if narrow:
        copied(steps, work, y)


def _update(routine: Routine, place: Index, update: Expr, reduction: str) -> None:
    """Combine an update with what stands at a place of the first result."""
    (target,) = routine.writes
    new = _COMBINE[reduction](target[place], cast(update, target.dtype))
    routine.store(target, new, *place)


@contextmanager
def _blocks(
    routine: Routine, shape: Sequence[Dim], work: Dim
) -> Iterator[tuple[Index, Callable[[LoopKind], AbstractContextManager[Expr]]]]:
    """Units of neighbouring elements: the outer index, and a loop of a kind over the last one.

    `work` is what each element costs; without axes there is one unit of one element.
    """
    if not shape:
        with routine.parallel(1):
            yield (), lambda kind: nullcontext(Const(0, INT64))
        return
    blocks = dims.ceil_div(shape[-1], _BLOCK)
    each = work * dims.minimum(shape[-1], _BLOCK)
    with routine.parallel(dims.product(shape[:-1]) * blocks, each) as unit:
        *outer, block = split_index(unit, (*shape[:-1], blocks))
        start = routine.let(block * _BLOCK)
        stop = routine.let(apply("minimum", start + _BLOCK, Size(shape[-1])))
        loops = {"serial": routine.loop, "vector": routine.vector}
        yield tuple(outer), lambda kind: loops[kind](start, stop)


# --- scatter_elements


def _infer_scatter_elements(
    require: Require, x: TensorType, indices: TensorType, updates: TensorType,
    *, axis: int, reduction: str,
) -> TensorType:  # fmt: skip
    check_within(require, x, indices, axis)
    require.that(indices.rank == updates.rank, "indices and updates must have one rank")
    for k, (left, right) in enumerate(zip(indices.shape, updates.shape, strict=True)):
        require.equal(left, right, f"sizes of indices and updates on axis {k}")
    _check_combines(require, x, reduction)
    return x


def _check_combines(require: Require, x: TensorType, reduction: str) -> None:
    require.that(
        reduction == "none" or x.dtype in NUMBERS, f"{x.dtype} elements do not {reduction}"
    )


def _scatter_elements(
    x: Array, indices: Array, updates: Array, *, axis: int, reduction: str
) -> Array:
    grid: tuple[Array, ...] = np.indices(indices.shape, sparse=True)
    at = [np.broadcast_to(place, indices.shape) for place in grid]
    at[axis] = normalised(indices, x.shape[axis])
    return _placed(x, tuple(at), updates, reduction)


def _scatter_elements_steps(
    steps: Steps, x: View, indices: View, updates: View, y: View, *, axis: int, reduction: str
) -> None:
    def place(work: View) -> None:
        with (
            steps.kernel((indices, updates), (work,)) as routine,
            _elements(routine, indices.shape, axis) as at,
        ):
            where, new = routine.reads
            target = routine.let(checked_index(where[at], x.shape[axis]))
            _update(routine, replaced(at, axis, target), new[at], reduction)

    _scattered(steps, x, y, reduction, place)


@contextmanager
def _elements(routine: Routine, shape: Sequence[Dim], axis: int) -> Iterator[Index]:
    """Every index of `shape`; the elements of a line along `axis` in order, by one worker."""
    length = shape[axis]
    if axis == len(shape) - 1:
        with routine.parallel(lines(shape, axis), length * 4) as line, routine.loop(0, length) as i:
            yield line_index(line, shape, axis)(i)
        return
    others = [size for k, size in enumerate(shape) if k != axis]
    with (
        _blocks(routine, others, length * 4) as (outer, inner),
        routine.loop(0, length) as i,
        inner("serial") as column,
    ):
        others_index = (*outer, column)
        yield (*others_index[:axis], i, *others_index[axis:])


def _scatter_cases(cases: Sequence[tuple[Shape, Shape, Shape, int | None]]) -> tuple[Example, ...]:
    key = "axis"
    return tuple(
        Example(
            (Sample(x), index_sample(at, 4), Sample(updates)),
            {"reduction": reduction, **({} if axis is None else {key: axis})},
            {"batch": 3}, ELEMENTS if reduction == "none" else NUMBERS,
        )
        for x, at, updates, axis in cases
        for reduction in ("none", "add", "mul", "max", "min")
    )  # fmt: skip


SCATTER_ELEMENTS = Op(
    name="scatter_elements", kind="special",
    inputs=(InputSpec("x", ELEMENTS), INDEX, InputSpec("updates", ELEMENTS)),
    attributes=(AXIS, REDUCTION), infer_rule=_infer_scatter_elements,
    evaluate_rule=_scatter_elements, steps_rule=_scatter_elements_steps, can_fault=True,
    precision=Bound(relative=1, norm=1),
    doc="x with each update placed where it stands but for its index on the axis; of updates at "
    "one place the last one wins, or all combine.",
    examples=_scatter_cases(
        (((4, 6), (3, 6), (3, 6), 0), ((3, 5), (2, 4), (2, 4), 1), ((5,), (0,), (0,), 0),
         ((4, 1), (1, 1), (1, 1), 0),         ((BATCH, 5), (BATCH, 2), (BATCH, 2), 1))
    ),
)  # fmt: skip


# --- scatter_nd


def _infer_scatter_nd(
    require: Require, x: TensorType, indices: TensorType, updates: TensorType, *, reduction: str
) -> TensorType:
    depth = tuple_depth(require, x, indices, 0)
    shape = (*indices.shape[:-1], *x.shape[depth:])
    require.that(
        updates.rank == len(shape), f"updates have rank {updates.rank}, indices ask {len(shape)}"
    )
    for axis, (left, right) in enumerate(zip(updates.shape, shape, strict=True)):
        require.equal(left, right, f"sizes of updates and of what indices name, on axis {axis}")
    _check_combines(require, x, reduction)
    return x


def _scatter_nd(x: Array, indices: Array, updates: Array, *, reduction: str) -> Array:
    depth, lead = indices.shape[-1], indices.shape[:-1]
    rest = updates.shape[len(lead) :]
    spread = (*lead, *[1] * len(rest))
    at = [normalised(indices[..., k], x.shape[k]).reshape(spread) for k in range(depth)]
    at += list(np.indices(updates.shape, sparse=True)[len(lead) :])
    whole = tuple(np.broadcast_to(part, updates.shape) for part in at)
    return _placed(x, whole, updates, reduction)


def _scatter_nd_steps(
    steps: Steps, x: View, indices: View, updates: View, y: View, *, reduction: str
) -> None:
    lead, depth = indices.shape[:-1], indices.shape[-1]
    assert isinstance(depth, int)
    rest, count = x.shape[depth:], dims.product(lead)

    def place(work: View) -> None:
        with (
            steps.kernel((indices, updates), (work,)) as routine,
            _blocks(routine, rest, count * 4) as (outer, inner),
        ):
            where, new = routine.reads
            with routine.loop(0, count) as number:
                tuple_ = split_index(number, lead)
                target = [
                    routine.let(checked_index(where[(*tuple_, Const(k, INT64))], x.shape[k]))
                    for k in range(depth)
                ]
                with inner("vector") as column:
                    slice_ = (*outer, column) if rest else ()
                    update = new[(*tuple_, *slice_)]
                    _update(routine, (*target, *slice_), update, reduction)

    _scattered(steps, x, y, reduction, place)


SCATTER_ND = Op(
    name="scatter_nd", kind="special",
    inputs=(InputSpec("x", ELEMENTS), INDEX, InputSpec("updates", ELEMENTS)),
    attributes=(REDUCTION,), infer_rule=_infer_scatter_nd, evaluate_rule=_scatter_nd,
    steps_rule=_scatter_nd_steps, can_fault=True, precision=Bound(relative=1, norm=1),
    doc="x with updates placed at index tuples that lie along the last axis; of updates at one "
    "place the last one wins, or all combine.",
    examples=_scatter_cases(
        (((4, 6), (3, 1), (3, 6), None), ((4, 5), (2, 3, 2), (2, 3), None),
         ((5,), (0, 1), (0,), None), ((4, 3), (BATCH, 1), (BATCH, 3), None))
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (SCATTER_ELEMENTS, SCATTER_ND)
