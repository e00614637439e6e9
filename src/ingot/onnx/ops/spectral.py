# SPDX-License-Identifier: Apache-2.0
"""Signals and their spectra: windows, transforms, transforms of frames, and mel weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from ingot.dims import Dim, product
from ingot.dtypes import FLOAT32, FLOAT64, INT64
from ingot.ir.graph import Value
from ingot.onnx.axes import larger
from ingot.onnx.call import Call
from ingot.onnx.fourier import is_direct, roots, transformed
from ingot.onnx.operator import Operator, Read


def _dft(call: Call) -> Value:
    axis = call.axis(_dft_axis(call), call.rank())
    if axis == call.rank() - 1:
        call.fail("its axis is the one of real and imaginary parts", "name another axis")
    parts = call.integer(call.shape()[-1], "the last axis")
    if parts not in (1, 2):
        call.fail(f"its last axis has size {parts}", "it must be 1 (real) or 2 (complex)")
    inverse, half = call.bool_attribute("inverse"), call.bool_attribute("onesided")
    size = call.shape()[axis]
    length = (size - 1) * 2 if inverse and half else size
    if call.has(1):
        length = call.size(1, "the length")
    if isinstance(length, int) and length < 1:
        call.fail(f"its length is {length}", "it must be at least 1")
    order = (*(k for k in range(call.rank() - 1) if k != axis), axis, call.rank() - 1)
    x = _wide(call, call[0])
    moved = x if order == tuple(range(x.rank)) else call.make("transpose", x, permutation=order)
    lead = moved.shape[:-2]
    flat = call.make("reshape", moved, shape=(product(lead), size, parts))
    made = _spectrum(call, flat, length, inverse, half)
    shaped = call.make("reshape", made, shape=(*lead, *made.shape[1:]))
    back = tuple(order.index(k) for k in range(len(order)))
    return _as_given(call, call.make("transpose", shaped, permutation=back))


def _dft_axis(call: Call) -> int:
    if call.opset < 20:
        return call.int_attribute("axis", 1)
    return call.integer(call.size(2, "the axis"), "the axis") if call.has(2) else -2


def _wide(call: Call, x: Value) -> Value:
    """x in the type that its spectrum is computed in."""
    return x if x.dtype in (FLOAT32, FLOAT64) else call.make("cast", x, to=FLOAT32)


def _as_given(call: Call, value: Value) -> Value:
    op = "identity" if value.dtype == call.dtype() else "cast"
    attributes: dict[str, Any] = {} if op == "identity" else {"to": call.dtype()}
    return call.result(op, value, **attributes)


def _spectrum(call: Call, x: Value, length: Dim, inverse: bool, half: bool) -> Value:
    """The transform of x of shape (batch, size, components), cut or filled up to `length`."""
    if inverse and half:
        return _real_signal(call, _resized(call, x, length // 2 + 1), length)
    return transformed(call, _resized(call, x, length), inverse, half)


def _resized(call: Call, x: Value, size: Dim) -> Value:
    """x with its middle axis cut to a size, or filled up with zeros."""
    if x.shape[1] == size:
        return x
    after = (0, size - x.shape[1], 0)
    return call.make("pad", x, before=(0, 0, 0), after=after, mode="constant")


def _real_signal(call: Call, x: Value, length: Dim) -> Value:
    """The real signal of `length` whose first half of the spectrum is x."""
    zero, one = call.constant(0, INT64), call.constant(1, INT64)
    number = call.make("iota", zero, one, length=length)
    size = call.make("sizes", values=(length,))
    mirror = call.make("sub", size, number)
    place = call.make("minimum", number, mirror)
    whole = call.make("gather", x, place, axis=1)
    if x.shape[2] == 2:
        # The ends of the spectrum of a real signal are real: their imaginary parts do not count.
        ahead = call.make("sub", mirror, number)
        inner = call.make("cast", call.make("greater", number, zero), to=INT64)
        signs = call.make("cast", call.make("mul", call.make("sign", ahead), inner), to=x.dtype)
        ones = call.make("expand", call.constant(1, x.dtype), shape=(length, 1))
        signs = call.make("reshape", signs, shape=(length, 1))
        whole = call.make("mul", whole, call.make("concat", ones, signs, axis=1))
    made = transformed(call, whole, inverse=True)
    ends = (x.shape[0], length, 1)
    return call.make("slice", made, starts=(0, 0, 0), ends=ends, steps=(1, 1, 1))


def _stft(call: Call) -> Value:
    """Frames of the signal, weighed by the window, and the spectrum of each."""
    signal = call[0]
    if signal.rank == 2:
        signal = call.make("reshape", signal, shape=(*signal.shape, 1))
    if signal.rank != 3 or signal.shape[2] not in (1, 2):
        call.fail(f"its signal has shape {list(call.shape())}", "give it batch, length, 1 or 2")
    batch, size, parts = signal.shape
    assert isinstance(parts, int)
    step = call.integer(call.size(1, "the frame step"), "the frame step")
    length = _frame_length(call)
    if step < 1 or length < 1:
        call.fail(f"frames of {length} in steps of {step}", "both must be at least 1")
    half = call.bool_attribute("onesided", True)
    if half and parts == 2:
        call.fail("half the spectrum of a complex signal is asked for", "set onesided to 0")
    call.guard("ge", size, length, "the signal must hold a frame")
    frames = larger(call, (size - length) // step + 1, 0)
    signal, window = _wide(call, signal), _window(call, length)
    outputs = length // 2 + 1 if half else length
    if is_direct(length, parts, outputs) and (window is None or _is_constant(call, window)):
        made = _by_filters(call, signal, window, roots(length, parts, outputs, length, -1, 1.0),
                           step, length)  # fmt: skip
    else:
        made = _by_frames(call, signal, window, frames, step, length, half)
    shape = (batch, frames, outputs, 2)
    return _as_given(call, call.make("reshape", made, shape=shape))


def _frame_length(call: Call) -> int:
    if call.has(3):
        return call.integer(call.size(3, "the frame length"), "the frame length")
    if call.has(2):
        return call.integer(call.shape(2)[0], "the window's length")
    return call.integer(call.shape()[1], "the signal's length")


def _window(call: Call, length: int) -> Value | None:
    if not call.has(2):
        return None
    if call.rank(2) != 1:
        call.fail(f"its window has rank {call.rank(2)}", "it must be a vector")
    call.require_equal(call.shape(2)[0], length, "the lengths of window and frame")
    return _wide(call, call[2])


def _is_constant(call: Call, value: Value) -> bool:
    """Whether a value is a weight or follows from weights alone."""
    makers = {made: node for node in call.builder.nodes for made in node.outputs}
    open_values = [value]
    while open_values:
        current = open_values.pop()
        if current.name in call.builder.weights:
            continue
        node = makers.get(current)
        if node is None:
            return False
        open_values += [source for source in node.inputs if source is not None]
    return True


def _by_filters(
    call: Call, signal: Value, window: Value | None, matrix: Any, step: int, length: int
) -> Value:
    """A convolution whose filters are the rows of the transform."""
    parts = signal.shape[2]
    assert isinstance(parts, int)
    filters = np.ascontiguousarray(matrix.reshape(length, parts, -1).transpose(2, 1, 0))
    weight = call.constant(filters, signal.dtype)
    if window is not None:
        weight = call.make("mul", weight, window)
    moved = call.make("transpose", signal, permutation=(0, 2, 1))
    made = call.make("conv", moved, weight, strides=(step,), dilations=(1,), pads=(0, 0), group=1)
    return call.make("transpose", made, permutation=(0, 2, 1))


def _by_frames(
    call: Call, signal: Value, window: Value | None, frames: Dim, step: int, length: int,
    half: bool,
) -> Value:  # fmt: skip
    batch, _, parts = signal.shape
    zero, one = call.constant(0, INT64), call.constant(1, INT64)
    starts = call.make("iota", zero, call.constant(step, INT64), length=frames)
    starts = call.make("reshape", starts, shape=(frames, 1))
    places = call.make("add", starts, call.make("iota", zero, one, length=length))
    cut = call.make("gather", signal, places, axis=1)
    if window is not None:
        cut = call.make("mul", cut, call.make("reshape", window, shape=(length, 1)))
    flat = call.make("reshape", cut, shape=(batch * frames, length, parts))
    return transformed(call, flat, half=half)


def _mel_weights(call: Call) -> Value:
    """Triangles over the bins of a spectrum, their corners evenly spaced in mel."""
    bins = call.integer(call.size(0, "the number of mel bins"), "the number of mel bins")
    length = call.integer(call.size(1, "the transform's length"), "the transform's length")
    rate = call.integer(call.size(2, "the sample rate"), "the sample rate")
    edges = [float(call.single(index, "an edge")) for index in (3, 4)]
    low, high = (2595.0 * np.log1p(edge / 700.0) / np.log(10.0) for edge in edges)
    mels = np.arange(bins + 2) * ((high - low) / (bins + 2)) + low
    hertz = 700.0 * np.expm1(mels / 2595.0 * np.log(10.0))
    corners = ((length + 1) * hertz // rate).astype(np.int64)
    spectrum = np.arange(length // 2 + 1)[:, None]
    left, center, right = corners[:-2], corners[1:-1], corners[2:]
    if bins < 1 or rate < 1 or corners[0] < 0 or corners[-2] > length // 2:
        call.fail("its edges do not lie within the spectrum", "correct edges and sample rate")
    rise, descent = center - left, right - center
    rising = (spectrum >= left) & (spectrum <= center) & (rise > 0)
    falling = (spectrum >= center) & (spectrum < right) & (descent > 0)
    weights = np.where(rising, (spectrum - left) / np.maximum(rise, 1), 0.0)
    weights = np.where((rise == 0) & (spectrum == center), 1.0, weights)
    weights = np.where(falling, (right - spectrum) / np.maximum(descent, 1), weights)
    return call.constant(weights, call.type_attribute("output_datatype", 1))


def _window_of(*weights: float) -> Read:
    """The mapping of a window that is a sum of cosines with alternating signs."""

    def read(call: Call) -> Value:
        known = call.tensor(0).elements
        if known is None or known.size != 1 or not isinstance(known.item(), int):
            call.defer()
        size = int(known.item())
        period = size if call.bool_attribute("periodic", True) else size - 1
        angles = 2.0 * np.pi * np.arange(size) / max(period, 1)
        terms = [(-1.0) ** k * weight * np.cos(k * angles) for k, weight in enumerate(weights)]
        values = np.ones(1) if size == 1 else np.sum(terms, 0)
        return call.constant(values, call.type_attribute("output_datatype", 1))

    return read


OPERATORS = (
    Operator("HannWindow", _window_of(0.5, 0.5), since=17),
    Operator("HammingWindow", _window_of(25 / 46, 21 / 46), since=17),
    Operator("BlackmanWindow", _window_of(0.42, 0.5, 0.08), since=17),
    Operator("DFT", _dft),
    Operator("STFT", _stft),
    Operator("MelWeightMatrix", _mel_weights),
)
