# SPDX-License-Identifier: Apache-2.0
"""Selecting by what the data says: where elements are not zero.

How many there are is an attribute: who reads an operator counts first, with ordinary ops, and
measures the size; so the kernels know their sizes from their arguments, as all others do.
"""

from __future__ import annotations

import numpy as np

from ingot import dims
from ingot.dims import Dim
from ingot.dtypes import BOOL, INT64
from ingot.errors import RunError
from ingot.ir.graph import Array, TensorType
from ingot.kernel.nodes import Const, Expr, Size, apply, cast
from ingot.kernel.view import View
from ingot.ops.domains import BATCH, ELEMENTS
from ingot.ops.example import Example, Sample
from ingot.ops.lines import flat_element, split_index
from ingot.ops.op import AttributeSpec, InputSpec, Op
from ingot.ops.require import Require
from ingot.ops.steps import Steps

_BLOCK = 4096
_CHUNK = 16


def _infer_nonzero(require: Require, x: TensorType, *, size: Dim) -> TensorType:
    del require
    return TensorType(INT64, (x.rank, size))


def _nonzero(x: Array, *, size: int) -> Array:
    found = np.stack(np.nonzero(x)) if x.ndim else np.zeros((0, int(x != 0)), np.int64)
    if found.shape[1] != size:
        raise RunError(
            f"nonzero: {found.shape[1]} elements are not zero, {size} were counted",
            cure="measure the size from the same tensor",
        )
    return found


def _nonzero_steps(steps: Steps, x: View, y: View, *, size: Dim) -> None:
    """Blocks count their elements; then each knows where its first one goes."""
    total = dims.product(x.shape)
    blocks = dims.ceil_div(total, _BLOCK)
    counts = steps.temporary(INT64, blocks)

    def bounds(block: Expr) -> tuple[Expr, Expr]:
        start = block * _BLOCK
        return start, apply("minimum", start + _BLOCK, Size(total))

    with steps.kernel((x,), (counts,)) as routine, routine.parallel(blocks) as block:
        (source,), (target,) = routine.reads, routine.writes
        found = routine.fold(
            "sum", *bounds(block), lambda i: cast(cast(flat_element(source, i), BOOL), INT64)
        )
        routine.store(target, found, block)
    with steps.kernel((x, counts), (y,)) as routine, routine.parallel(blocks) as block:
        (source, before), (target,) = routine.reads, routine.writes
        position = routine.let(routine.fold("sum", 0, block, lambda i: before[i]))
        start, stop = (routine.let(bound) for bound in bounds(block))
        with routine.loop(0, (stop - start + (_CHUNK - 1)) // _CHUNK) as chunk:
            first = routine.let(start + chunk * _CHUNK)
            end = routine.let(apply("minimum", first + _CHUNK, stop))
            some = routine.fold("any", first, end, lambda i: cast(flat_element(source, i), BOOL))
            with routine.when(some), routine.loop(first, end) as i:
                # Memory that changes meanwhile must not lead beyond the result.
                taken = cast(flat_element(source, i), BOOL) & (position < Size(size))
                with routine.when(taken):
                    for axis, part in enumerate(split_index(i, x.shape)):
                        routine.store(target, part, axis, position)
                    routine.set(position, position + Const(1, INT64))


NONZERO = Op(
    name="nonzero", kind="special", inputs=(InputSpec("x", ELEMENTS),),
    attributes=(AttributeSpec("size", "dim", doc="how many elements are not zero"),),
    infer_rule=_infer_nonzero, evaluate_rule=_nonzero, steps_rule=_nonzero_steps,
    doc="The indices of the elements that are not zero, in row-major order: one row for each axis.",
    examples=(
        Example((Sample((2, 3), values=(0, 1, 1, 0, 1, 0)),), {"size": 3}),
        Example((Sample((7,), values=(1, 0, 0, 1, 1, 0, 1)),), {"size": 4}),
        Example((Sample((90, 100), values=(1, 0, 0, 0, 1, 0) * 1500),), {"size": 3000}),
        Example((Sample((2, 1, 2), values=(0, 0, 0, 0)),), {"size": 0}),
        Example((Sample((0, 3)),), {"size": 0}),
        Example((Sample((), values=(1,)),), {"size": 1}),
        Example((Sample((BATCH, 2), values=(0, 1, 1, 1, 0, 0)),), {"size": BATCH}, {"batch": 3}),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (NONZERO,)
