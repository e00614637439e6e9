# SPDX-License-Identifier: Apache-2.0
"""Operators that change a tensor's shape or order, cut it, join it, or make one from sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ingot.dims import Dim, ceil_div, maximum, product, symbols
from ingot.dtypes import FLOAT32, INT64
from ingot.ir.graph import Derivation, Value
from ingot.onnx.axes import axes_of, larger, slice_bounds
from ingot.onnx.call import Call
from ingot.onnx.constants import constant_array
from ingot.onnx.measure import range_length, sizes_of, target_shape
from ingot.onnx.operator import Operator, Result
from ingot.onnx.tensor import is_size
from ingot.ops.build import SMALL


def reshaped(call: Call, value: Value, shape: Sequence[Dim]) -> Value:
    """The call's result: `value` under `shape`, or itself where it has that shape already."""
    if value.shape == tuple(shape):
        return value
    return call.result("reshape", value, shape=tuple(shape))


def _reshape(call: Call) -> Value:
    before = call.shape()
    computed = target_shape(call, 1, before, not call.bool_attribute("allowzero"))
    if computed is not None:
        return reshaped(call, call[0], computed)
    target = list(call.sizes(1, "the target shape"))
    if not call.bool_attribute("allowzero"):
        target = [_copied(call, before, i) if s == 0 else s for i, s in enumerate(target)]
    if target.count(-1) > 1 or any(isinstance(s, int) and s < -1 for s in target):
        call.fail(f"the target shape {target} is impossible", "at most one size may be -1")
    if -1 in target:
        target[target.index(-1)] = _rest(call, before, [s for s in target if s != -1])
    return reshaped(call, call[0], target)


def _copied(call: Call, before: tuple[Dim, ...], axis: int) -> Dim:
    if axis >= len(before):
        call.fail(
            f"the target shape copies axis {axis}, the input has rank {len(before)}",
            "give the size, or set allowzero",
        )
    return before[axis]


def _rest(call: Call, before: tuple[Dim, ...], others: list[Dim]) -> Dim:
    """The size that -1 stands for."""
    each = product(others)
    if each == 0:
        call.fail("-1 is ambiguous beside a size of 0", "give every size")
    return product(before) // each


def _flatten(call: Call) -> Value:
    shape = call.shape()
    axis = call.int_attribute("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        call.fail(f"axis is {axis}, the tensor has rank {len(shape)}", "correct the model")
    axis += len(shape) if axis < 0 else 0
    return reshaped(call, call[0], (product(shape[:axis]), product(shape[axis:])))


def _squeeze(call: Call) -> Value:
    shape = call.shape()
    given = axes_of(call, 13)
    if given is None:
        axes = tuple(axis for axis, size in enumerate(shape) if size == 1)
    else:
        axes = call.axes(given, len(shape))
    return reshaped(call, call[0], [s for axis, s in enumerate(shape) if axis not in axes])


def _unsqueeze(call: Call) -> Value:
    given = axes_of(call, 13) or ()
    rank = call.rank() + len(given)
    axes = call.axes(given, rank)
    rest = iter(call.shape())
    return reshaped(call, call[0], [1 if axis in axes else next(rest) for axis in range(rank)])


def _transpose(call: Call) -> Value:
    order = tuple(reversed(range(call.rank())))
    order = call.axes(call.ints_attribute("perm", order), call.rank())
    if order == tuple(range(call.rank())):
        return call[0]
    return call.result("transpose", call[0], permutation=order)


def _expand(call: Call) -> Value:
    shape = expanded_shape(call.shape(), sizes_of(call, 1, "the target shape"))
    if shape == call.shape():
        return call[0]
    return call.result("expand", call[0], shape=shape)


def expanded_shape(before: tuple[Dim, ...], target: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The shape that `before` and `target` broadcast to.

    Of two sizes with nothing in common either may be 1, so the larger counts; sizes with a symbol
    in common are taken as equal.
    """
    rank = max(len(before), len(target))
    left = (1,) * (rank - len(before)) + before
    right = (1,) * (rank - len(target)) + target
    return tuple(_met(a, b) for a, b in zip(left, right, strict=True))


def _met(size: Dim, target: Dim) -> Dim:
    if size == 1:
        return target
    if target in (1, -1) or size == target:
        return size
    if isinstance(size, int) or isinstance(target, int):
        return size if isinstance(size, int) else target
    return target if symbols(size) & symbols(target) else maximum(size, target)


def _slice(call: Call) -> Value:
    shape = call.shape()
    starts: list[Dim] = [0] * len(shape)
    ends: list[Dim] = list(shape)
    steps = [1] * len(shape)
    for axis, start, end, step in slice_bounds(call):
        starts[axis], ends[axis], steps[axis] = start, end, step
    if not any(starts) and tuple(ends) == shape and steps == [1] * len(shape):
        return call[0]
    return call.result("slice", call[0], starts=tuple(starts), ends=tuple(ends), steps=tuple(steps))


def _concat(call: Call) -> Value:
    axis = call.axis(call.int_attribute("axis"), call.rank())
    if len(call) == 1:
        return call[0]
    return call.result("concat", *(call[i] for i in range(len(call))), axis=axis)


def _split(call: Call) -> Result:
    outputs = len(call.node.outputs)
    axis = call.axis(call.int_attribute("axis", 0), call.rank())
    sizes = _split_sizes(call, call.shape()[axis], outputs)
    if len(sizes) != outputs:
        call.fail(f"{len(sizes)} sizes for {outputs} outputs", "correct the model")
    results: list[Value | None] = []
    start: Dim = 0
    for position, size in enumerate(sizes):
        name = call.node.outputs[position]
        part = cut(call, axis, start, start + size, position) if name else None
        results.append(part)
        start = start + size
    call.guard("eq", start, call.shape()[axis], "the parts must add up to the axis")
    return tuple(results)


def cut(call: Call, axis: int, start: Dim, end: Dim, output: int) -> Value:
    """Output number `output`: the elements from `start` to `end` on one axis of the input."""
    shape = call.shape()
    starts, ends = [0] * len(shape), list(shape)
    return call.result(
        "slice",
        call[0],
        output=output,
        starts=(*starts[:axis], start, *starts[axis + 1 :]),
        ends=(*ends[:axis], end, *ends[axis + 1 :]),
        steps=(1,) * len(shape),
    )


def _split_sizes(call: Call, size: Dim, outputs: int) -> tuple[Dim, ...]:
    if call.opset < 13 and call.given("split"):
        return call.ints_attribute("split")
    if call.opset >= 13 and call.has(1):
        return sizes_of(call, 1, "the split")
    if call.opset >= 18:
        each = ceil_div(size, outputs)
        return (*[each] * (outputs - 1), size - each * (outputs - 1))
    call.guard("eq", size % outputs, 0, f"the axis must split into {outputs} equal parts")
    if isinstance(size, int) and size % outputs:
        call.fail(f"size {size} does not split into {outputs} equal parts", "give the split")
    return (size // outputs,) * outputs


def _tile(call: Call) -> Value:
    repeats = sizes_of(call, 1, "the repeats")
    if all(count == 1 for count in repeats):
        return call[0]
    return call.result("tile", call[0], repeats=repeats)


def _pad_attributes(call: Call) -> Value:
    value = call.float_attribute("value", 0.0)
    fill = call.constant(value, call.dtype()) if value else None
    return _padded(call, call.ints_attribute("pads"), fill, tuple(range(call.rank())))


def _pad(call: Call) -> Value:
    axes = call.integers(3, "the axes") if call.has(3) else tuple(range(call.rank()))
    fill = call.get(2)
    if fill is not None and fill.rank:
        fill = call.make("reshape", fill, shape=())
    return _padded(call, sizes_of(call, 1, "the pads"), fill, call.axes(axes, call.rank()))


def _padded(call: Call, pads: Sequence[Dim], fill: Value | None, axes: tuple[int, ...]) -> Value:
    if len(pads) != 2 * len(axes):
        call.fail(f"{len(pads)} pads for {len(axes)} axes", "give two for each axis")
    mode = call.choice_attribute("mode", "constant", ("constant", "reflect", "edge", "wrap"))
    before: list[Dim] = [0] * call.rank()
    after: list[Dim] = [0] * call.rank()
    for position, axis in enumerate(axes):
        before[axis], after[axis] = pads[position], pads[position + len(axes)]
    if not any(before) and not any(after):
        return call[0]
    fill = fill if mode == "constant" else None
    return call.result("pad", call[0], fill, before=tuple(before), after=tuple(after), mode=mode)


def _depth_to_space(call: Call) -> Value:
    n, c, h, w = _image(call)
    b = _block(call)
    depth = c // (b * b)
    if call.choice_attribute("mode", "DCR", ("DCR", "CRD")) == "DCR":
        apart: tuple[Dim, ...] = (n, b, b, depth, h, w)
        order = (0, 3, 4, 1, 5, 2)
    else:
        apart, order = (n, depth, b, b, h, w), (0, 1, 4, 2, 5, 3)
    moved = call.make("transpose", call.make("reshape", call[0], shape=apart), permutation=order)
    return call.result("reshape", moved, shape=(n, depth, h * b, w * b))


def _space_to_depth(call: Call) -> Value:
    n, c, h, w = _image(call)
    b = _block(call)
    apart = call.make("reshape", call[0], shape=(n, c, h // b, b, w // b, b))
    crd = call.choice_attribute("mode", "DCR", ("DCR", "CRD")) == "CRD"
    order = (0, 1, 3, 5, 2, 4) if crd else (0, 3, 5, 1, 2, 4)
    moved = call.make("transpose", apart, permutation=order)
    return call.result("reshape", moved, shape=(n, c * b * b, h // b, w // b))


def _block(call: Call) -> int:
    size = call.int_attribute("blocksize")
    if size < 1:
        call.fail(f"attribute 'blocksize' is {size}", "it must be at least 1")
    return size


def _image(call: Call) -> tuple[Dim, ...]:
    if call.rank() != 4:
        call.fail(f"the input has rank {call.rank()}, it must be 4", "correct the model")
    return call.shape()


def _constant(call: Call) -> Value:
    array = constant_array(call)
    if array.size <= SMALL:
        return call.builder.constant(array, call.node.outputs[0])
    name = call.node.outputs[0]
    return call.builder.weight(name, array, Derivation.source(name))


def _constant_of_shape(call: Call) -> Value:
    shape = sizes_of(call, 0, "the shape")
    fill = call.array_attribute("value") if call.given("value") else np.zeros(1, FLOAT32.numpy)
    if fill.size != 1:
        call.fail(f"its value has {fill.size} elements", "it must have one")
    return call.result("expand", call.constant(fill.reshape(())), shape=shape)


def _range(call: Call) -> Value:
    if any(call.tensor(index).elements is None for index in range(3)):
        return call.result("iota", _scalar(call, 0), _scalar(call, 2), length=range_length(call))
    start, limit, step = (_whole(call.single(i, "the range")) for i in range(3))
    if step == 0:
        call.fail("its step is 0", "correct the model")
    if all(map(is_size, (start, limit))) and isinstance(step, int):
        length = ceil_div(limit - start, step) if step > 0 else ceil_div(start - limit, -step)
        length = larger(call, length, 0)
    elif all(isinstance(item, int | float) for item in (start, limit, step)):
        length = max(0, math.ceil((limit - start) / step))
    else:
        length = range_length(call)
    return call.result("iota", _scalar(call, 0), _scalar(call, 2), length=length)


def _whole(item: Any) -> Any:
    """A float that is an integer as an int."""
    return int(item) if isinstance(item, float) and item.is_integer() else item


def _scalar(call: Call, index: int) -> Value:
    value = call[index]
    return value if value.rank == 0 else call.make("reshape", value, shape=())


def _eye_like(call: Call) -> Value:
    if call.rank() != 2:
        call.fail(f"the input has rank {call.rank()}", "it must be a matrix")
    rows, columns = call.shape()
    dtype = call.type_attribute("dtype") if call.given("dtype") else call.dtype()
    zero, one = call.constant(0, INT64), call.constant(1, INT64)
    diagonal = call.constant(call.int_attribute("k", 0), INT64)
    column = call.make("iota", zero, one, length=columns)
    row = call.make("reshape", call.make("iota", diagonal, one, length=rows), shape=(rows, 1))
    return call.result("cast", call.make("equal", column, row), to=dtype)


def trilu(call: Call) -> Value:
    """The triangle above or below a diagonal."""
    k = _scalar(call, 1) if call.has(1) else None
    return call.result("trilu", call[0], k, upper=call.bool_attribute("upper", True))


OPERATORS = (
    Operator("Reshape", _reshape),
    Operator("Flatten", _flatten),
    Operator("Squeeze", _squeeze),
    Operator("Unsqueeze", _unsqueeze),
    Operator("Transpose", _transpose),
    Operator("Expand", _expand),
    Operator("Slice", _slice),
    Operator("Concat", _concat),
    Operator("Split", _split, ignores=("num_outputs",)),
    Operator("Tile", _tile),
    Operator("Pad", _pad_attributes),
    Operator("Pad", _pad, since=11),
    Operator("DepthToSpace", _depth_to_space),
    Operator("SpaceToDepth", _space_to_depth),
    Operator("Constant", _constant),
    Operator("ConstantOfShape", _constant_of_shape),
    Operator("Range", _range, ignores=("stash_type",)),
    Operator("EyeLike", _eye_like),
    Operator("Trilu", trilu),
)
