# SPDX-License-Identifier: Apache-2.0
"""Convolutions, and the window geometry that pools share with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingot.dims import Dim, ceil_div
from ingot.dtypes import FLOAT64, INT32
from ingot.ir.graph import Value
from ingot.onnx.axes import larger
from ingot.onnx.call import Call
from ingot.onnx.operator import Operator
from ingot.onnx.ops.contract import centred

AUTO_PADS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")


@dataclass(frozen=True)
class Geometry:
    """Windows over spatial axes as a call states them; pads may be symbolic for SAME."""

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[Dim, ...]

    def fixed(self) -> tuple[int, ...] | None:
        """The pads as numbers, or None where they depend on input sizes or crop."""
        whole = tuple(pad for pad in self.pads if isinstance(pad, int) and pad >= 0)
        return whole if len(whole) == len(self.pads) else None


def geometry(call: Call, kernel: tuple[int, ...], spatial: Sequence[Dim] | None = None) -> Geometry:
    """The window geometry of a convolution or pool over the call's first input.

    Its `spatial` sizes are those behind the channels where they are not given.
    """
    rank = len(kernel)
    spatial = call.shape()[2:] if spatial is None else spatial
    strides = entries(call, "strides", rank, 1, 1)
    dilations = entries(call, "dilations", rank, 1, 1)
    auto = call.choice_attribute("auto_pad", "NOTSET", AUTO_PADS)
    if auto == "NOTSET":
        return Geometry(kernel, strides, dilations, entries(call, "pads", 2 * rank, 0, -(1 << 31)))
    if auto == "VALID":
        return Geometry(kernel, strides, dilations, (0,) * (2 * rank))
    totals = [
        _same_total(call, size, (k - 1) * d + 1, s)
        for size, k, d, s in zip(spatial, kernel, dilations, strides, strict=True)
    ]
    less = [total // 2 for total in totals]
    more = [total - half for total, half in zip(totals, less, strict=True)]
    pads = (*less, *more) if auto == "SAME_UPPER" else (*more, *less)
    return Geometry(kernel, strides, dilations, pads)


def entries(call: Call, name: str, count: int, default: int, least: int) -> tuple[int, ...]:
    """An attribute of `count` integers, none of them below `least`."""
    found = call.ints_attribute(name, (default,) * count)
    if len(found) != count or min(found, default=least) < least:
        call.fail(f"attribute '{name}' is {list(found)}", f"give {count} values, none too small")
    return found


def _same_total(call: Call, size: Dim, reach: int, stride: int) -> Dim:
    """What SAME padding adds to an axis so that every stride starts a window."""
    if stride == 1:
        return reach - 1
    total = (ceil_div(size, stride) - 1) * stride + reach - size
    return larger(call, total, 0)


def check_window_rank(call: Call, rank: int) -> None:
    """Demand one spatial axis of the input for each axis of the window."""
    if call.rank() != rank + 2:
        call.fail(
            f"input has rank {call.rank()}, a window of {rank} axes expects {rank + 2}",
            "check the model's input layout",
        )


def padded_input(
    call: Call, value: Value, windows: Geometry, fill: float
) -> tuple[Value, tuple[int, ...]]:
    """The input with pads that are no plain numbers written out, and the pads that remain.

    Where numbers crop, what they take away is all that is written out.
    """
    fixed, rank = windows.fixed(), len(windows.kernel)
    if fixed is not None:
        return value, fixed
    written, kept = windows.pads, (0,) * (2 * rank)
    numbers = [pad for pad in windows.pads if isinstance(pad, int)]
    if len(numbers) == 2 * rank:
        written = tuple(min(pad, 0) for pad in numbers)
        kept = tuple(max(pad, 0) for pad in numbers)
    before, after = (0, 0, *written[:rank]), (0, 0, *written[rank:])
    padded = call.make(
        "pad",
        value,
        call.constant(fill, value.dtype),
        before=before,
        after=after,
        mode="constant",
    )
    return padded, kept


def conv(call: Call, finish: bool = True) -> Value:
    """The convolution that a call states; `finish` says that it is the call's result."""
    x, windows = call[0], conv_geometry(call)
    x, pads = padded_input(call, x, windows, 0.0)
    emit = call.result if finish else call.make
    return emit(
        "conv",
        x,
        call[1],
        call.get(2),
        strides=windows.strides,
        dilations=windows.dilations,
        pads=pads,
        group=call.int_attribute("group", 1),
    )


def conv_geometry(call: Call, weight: int = 1) -> Geometry:
    """The windows of a convolution whose filters are input number `weight`."""
    kernel = tuple(call.integer(size, "a kernel size") for size in call.shape(weight)[2:])
    declared = call.ints_attribute("kernel_shape", kernel)
    if declared != kernel:
        call.fail(
            f"attribute 'kernel_shape' is {list(declared)}, the weight has {list(kernel)}",
            "correct the model",
        )
    check_window_rank(call, len(kernel))
    return geometry(call, kernel)


def _conv_integer(call: Call) -> Value:
    """8-bit factors less their zero points.

    What the integer product does not take (a zero point for each filter, pads of open size) is
    exact in float64.
    """
    windows = conv_geometry(call)
    pads = windows.fixed()
    if pads is not None and not _per_filter(call):
        return call.result(
            "conv_integer",
            *(call[0], call[1], call.get(2), call.get(3)),
            strides=windows.strides,
            dilations=windows.dilations,
            pads=pads,
            group=call.int_attribute("group", 1),
        )
    x = call.make("cast", centred(call, 0, 2, 0), to=FLOAT64)
    weight = _filters(call) if _per_filter(call) else centred(call, 1, 3, 0)
    weight = call.make("cast", weight, to=FLOAT64)
    x, pads = padded_input(call, x, windows, 0.0)
    total = call.make(
        "conv",
        x,
        weight,
        strides=windows.strides,
        dilations=windows.dilations,
        pads=pads,
        group=call.int_attribute("group", 1),
    )
    return call.result("cast", total, to=INT32)


def _per_filter(call: Call) -> bool:
    return call.has(3) and call.rank(3) == 1 and call.shape(3) != (1,)


def _filters(call: Call) -> Value:
    """The weight less one zero point a filter."""
    points = call.make("cast", call[3], to=INT32)
    shape = (*points.shape, *[1] * (call.rank(1) - 1))
    wide = call.make("cast", call[1], to=INT32)
    return call.make("sub", wide, call.make("reshape", points, shape=shape))


def _conv_transpose(call: Call) -> Value:
    kernel = tuple(call.integer(size, "a kernel size") for size in call.shape(1)[2:])
    check_window_rank(call, len(kernel))
    rank = len(kernel)
    strides = entries(call, "strides", rank, 1, 1)
    dilations = entries(call, "dilations", rank, 1, 1)
    extra = entries(call, "output_padding", rank, 0, 0)
    pads, extra = _transposed_pads(call, kernel, strides, dilations, extra)
    return call.result(
        "conv_transpose",
        call[0],
        call[1],
        call.get(2),
        strides=strides,
        dilations=dilations,
        pads=pads,
        group=call.int_attribute("group", 1),
        output_padding=extra,
    )


def _transposed_pads(
    call: Call,
    kernel: tuple[int, ...],
    strides: tuple[int, ...],
    dilations: tuple[int, ...],
    extra: tuple[int, ...],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Pads and output padding; those that give the output size asked for where one is."""
    rank = len(kernel)
    auto = call.choice_attribute("auto_pad", "NOTSET", AUTO_PADS)
    asked = call.ints_attribute("output_shape") if call.given("output_shape") else ()
    if not asked and auto in ("NOTSET", "VALID"):
        zeros = (0,) * (2 * rank)
        return (entries(call, "pads", 2 * rank, 0, 0) if auto == "NOTSET" else zeros), extra
    before, after, more = [], [], []
    for axis in range(rank):
        reach = (kernel[axis] - 1) * dilations[axis] + 1
        size = call.shape()[2 + axis]
        full = (size - 1) * strides[axis] + reach + extra[axis]
        wanted: Dim = asked[len(asked) - rank + axis] if asked else size * strides[axis]
        total = call.integer(full - wanted, "the padding")
        low = max(total, 0) // 2 if auto != "SAME_LOWER" else -(-max(total, 0) // 2)
        before.append(low)
        after.append(max(total, 0) - low)
        more.append(extra[axis] + max(-total, 0))
    return (*before, *after), tuple(more)


OPERATORS = (
    Operator("Conv", conv),
    Operator("ConvInteger", _conv_integer),
    Operator("ConvTranspose", _conv_transpose, ignores=("kernel_shape",)),
)
