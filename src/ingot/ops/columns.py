# SPDX-License-Identifier: Apache-2.0
"""Columns back to an image: the sum of overlapping blocks, the adjoint of cutting windows out."""

from __future__ import annotations

import math

from ingot.dims import Dim, product
from ingot.dtypes import INT64
from ingot.ir.graph import TensorType
from ingot.kernel import expr
from ingot.kernel.expr import Const, Expr, Reduce
from ingot.ops.axes import bound_axes, fold_variables
from ingot.ops.domains import BATCH, NUMBERS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.indexed import meaning
from ingot.ops.op import AttributeSpec, Index, InputSpec, Op
from ingot.ops.read import Read, clamped, extent
from ingot.ops.require import Require, Shape
from ingot.ops.window import DILATIONS, PADS, STRIDES, Windows, conjunction, selected


def _infer(
    require: Require, x: TensorType, *, image: Shape, kernel: tuple[int, ...],
    strides: tuple[int, ...], dilations: tuple[int, ...], pads: tuple[int, ...],
) -> TensorType:  # fmt: skip
    windows = Windows(kernel, strides, dilations, pads)
    require.that(x.rank == 3, f"x has rank {x.rank}, it needs batch, columns and windows")
    require.that(len(image) == windows.rank, f"image {image} and a kernel of {windows.rank} axes")
    windows.check(require)
    counts = windows.counts(require, image)
    require.equal(x.shape[2], product(counts), "the last axis of x and the windows of the image")
    block = product(kernel)
    require.equal(x.shape[1] % block, 0, "what rows of x leave over after whole windows")
    return TensorType(x.dtype, (x.shape[0], x.shape[1] // block, *image))


def _lower(
    index: Index, x: Read, *, image: Shape, kernel: tuple[int, ...],
    strides: tuple[int, ...], dilations: tuple[int, ...], pads: tuple[int, ...],
) -> Expr:  # fmt: skip
    batch, channel, *place = index
    windows = Windows(kernel, strides, dilations, pads)
    counts = windows.counts(Require("columns"), image)
    offsets = fold_variables(index, windows.rank)
    conditions: list[Expr] = []
    row: Expr = channel
    window: Expr = Const(0, INT64)
    for axis, (at, offset) in enumerate(zip(place, offsets, strict=True)):
        reach = at + windows.before[axis] - offset * dilations[axis]
        step = Const(strides[axis], INT64)
        number = reach // step
        conditions += [reach >= 0, number < extent(counts[axis])]
        if strides[axis] > 1:
            conditions.append(expr.equal(reach % step, 0))
        row = row * kernel[axis] + offset
        window = window * extent(counts[axis]) + clamped(number, counts[axis])
    element = selected(conjunction(conditions), x(batch, row, window), 0)
    return Reduce("sum", bound_axes(offsets, kernel), element)


def _case(
    batch: Dim, channels: int, windows: int, image: Shape, kernel: tuple[int, ...],
    **geometry: tuple[int, ...],
) -> Example:  # fmt: skip
    rank = len(kernel)
    attributes = {
        "image": image, "kernel": kernel, "strides": (1,) * rank, "dilations": (1,) * rank,
        "pads": (0,) * (2 * rank), **geometry,
    }  # fmt: skip
    columns = Sample((batch, channels * math.prod(kernel), windows))
    return Example((columns,), attributes, {"batch": 3})


COLUMNS_TO_IMAGE = Op(
    name="columns_to_image", kind="contract", inputs=(InputSpec("x", NUMBERS),),
    attributes=(
        AttributeSpec("image", "dims", doc="size of each spatial axis of the result"),
        AttributeSpec("kernel", "ints", doc="size of the window on each spatial axis"),
        STRIDES, DILATIONS, PADS,
    ),
    infer_rule=_infer, lower_rule=_lower, precision=Bound(relative=1, norm=1),
    evaluate_rule=meaning("columns_to_image", _infer, _lower),
    doc="The image whose windows are the columns of x, summed where windows overlap.",
    examples=(
        _case(1, 2, 12, (4, 5), (2, 3), pads=(0, 1, 0, 0)),
        _case(2, 1, 9, (5, 7), (2, 2), strides=(2, 3), pads=(1, 0, 0, 2)),
        _case(1, 1, 6, (5, 5), (2, 2), dilations=(3, 2), pads=(0, 0, 0, 0)),
        _case(1, 3, 4, (6,), (3,)),
        _case(1, 1, 8, (3, 3, 3), (2, 2, 2)),
        _case(1, 1, 1, (1, 1), (1, 1)),
        _case(0, 1, 4, (3, 3), (2, 2)),
        _case(BATCH, 2, 4, (3, 3), (2, 2)),
    ),
)  # fmt: skip

OPS: tuple[Op, ...] = (COLUMNS_TO_IMAGE,)
