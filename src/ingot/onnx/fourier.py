# SPDX-License-Identifier: Apache-2.0
"""Fourier transforms written as matrix products of core ops.

A short transform is one product with the matrix of its roots of unity. A long one falls into
factors (J. Cooley, J. Tukey, 1965): transforms of the columns, a turn of each element, transforms
of the rows. A long prime length is a convolution with a chirp, done by transforms of a length that
is a power of two (L. Bluestein, 1970). So every known length costs n log n. A length that depends
on input sizes is one product with a matrix that is computed as it runs.

Complex numbers are pairs along the last axis; a real tensor has one element there.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from ingot.dims import Dim
from ingot.dtypes import FLOAT64, INT64
from ingot.ir.graph import Value
from ingot.onnx.call import Call

# Elements of the largest matrix that is multiplied with as a whole, and of a stage's largest side.
LARGEST: Final = 1 << 19
WIDEST: Final = 256


def roots(inputs: int, parts: int, outputs: int, length: int, sign: int, scale: float) -> Any:
    """The matrix from `inputs` numbers of `parts` components to `outputs` complex ones."""
    turns = np.outer(np.arange(inputs), np.arange(outputs)) % length
    angles = sign * 2.0 * np.pi * turns / length
    cosines, sines = np.cos(angles) * scale, np.sin(angles) * scale
    rows = [np.stack((cosines, sines), -1), np.stack((-sines, cosines), -1)][:parts]
    return np.stack(rows, 1).reshape(inputs * parts, 2 * outputs)


def is_direct(length: int, parts: int, outputs: int) -> bool:
    """Whether a transform is short enough for one matrix product."""
    return length * parts * 2 * outputs <= LARGEST


def transformed(call: Call, x: Value, inverse: bool = False, half: bool = False) -> Value:
    """The transform of x of shape (batch, length, components), or its inverse.

    The result has shape (batch, frequencies, 2); `half` asks for the first length // 2 + 1 only.
    """
    length = x.shape[1]
    sign = 1 if inverse else -1
    if isinstance(length, int):
        return _of_length(call, x, length, sign, 1.0 / length if inverse else 1.0, half)
    return _by_computed_matrix(call, x, sign, inverse, half)


def _of_length(
    call: Call, x: Value, length: int, sign: int, scale: float = 1.0, half: bool = False
) -> Value:
    """The transform of a known length, times `scale`."""
    batch, _, parts = x.shape
    assert isinstance(parts, int)
    outputs = length // 2 + 1 if half else length
    if is_direct(length, parts, outputs):
        return _by_matrix(call, x, roots(length, parts, outputs, length, sign, scale))
    factor = _factor(length)
    if factor == 1:
        made = _by_chirp(call, x, sign, scale)
    else:
        made = _by_factors(call, x, factor, sign, scale)
    if outputs == length:
        return made
    ends = (batch, outputs, 2)
    return call.make("slice", made, starts=(0, 0, 0), ends=ends, steps=(1, 1, 1))


def _by_matrix(call: Call, x: Value, matrix: Any) -> Value:
    batch, length, parts = x.shape
    rows = call.make("reshape", x, shape=(batch, length * parts))
    product = call.make("matmul", rows, call.constant(matrix, x.dtype))
    return call.make("reshape", product, shape=(batch, matrix.shape[1] // 2, 2))


def _factor(length: int) -> int:
    """The largest divisor up to the root of the length; 1 where there is none but 1."""
    most = min(math.isqrt(length), WIDEST)
    return next(d for d in range(most, 0, -1) if length % d == 0)


def _by_factors(call: Call, x: Value, first: int, sign: int, scale: float) -> Value:
    batch, length, parts = x.shape
    assert isinstance(length, int) and isinstance(parts, int)
    second = length // first
    apart = call.make("reshape", x, shape=(batch, first, second, parts))
    columns = call.make("transpose", apart, permutation=(0, 2, 1, 3))
    flat = call.make("reshape", columns, shape=(batch * second, first, parts))
    column_roots = roots(first, parts, first, first, sign, scale)
    inner = call.make(
        "reshape", _by_matrix(call, flat, column_roots), shape=(batch, second, first, 2)
    )
    turns = np.outer(np.arange(second), np.arange(first)) % length
    turned = _turned(call, inner, np.exp(sign * 2j * np.pi * turns / length))
    rows = call.make("transpose", turned, permutation=(0, 2, 1, 3))
    flat = call.make("reshape", rows, shape=(batch * first, second, 2))
    outer = call.make(
        "reshape", _of_length(call, flat, second, sign), shape=(batch, first, second, 2)
    )
    ordered = call.make("transpose", outer, permutation=(0, 2, 1, 3))
    return call.make("reshape", ordered, shape=(batch, length, 2))


def _turned(call: Call, x: Value, factors: Any) -> Value:
    """Complex x times complex constants."""
    straight = np.stack((factors.real, factors.real), -1)
    crossed = np.stack((-factors.imag, factors.imag), -1)
    last = x.rank - 1
    swapped = call.make(
        "slice",
        x,
        starts=tuple(1 if axis == last else 0 for axis in range(x.rank)),
        ends=tuple(-1 if axis == last else size for axis, size in enumerate(x.shape)),
        steps=tuple(-1 if axis == last else 1 for axis in range(x.rank)),
    )
    a = call.make("mul", x, call.constant(straight, x.dtype))
    return call.make("add", a, call.make("mul", swapped, call.constant(crossed, x.dtype)))


def _by_chirp(call: Call, x: Value, sign: int, scale: float) -> Value:
    """x k-th: chirp[k] · Σ (x · chirp)[n] · conj(chirp)[k - n], a circular convolution."""
    batch, length, parts = x.shape
    assert isinstance(length, int) and isinstance(parts, int)
    whole = 1 << (2 * length - 1).bit_length()
    squares = np.arange(length, dtype=np.int64) ** 2 % (2 * length)
    chirp = np.exp(sign * 1j * np.pi * squares / length)
    kernel = np.zeros(whole, np.complex128)
    kernel[:length] = chirp.conj()
    kernel[whole - length + 1 :] = chirp[1:][::-1].conj()
    pair = x if parts == 2 else _padded(call, x, 2, whole=2)
    turned = _turned(call, pair, chirp)
    spread = _padded(call, turned, 1, whole)
    spectrum = _turned(call, _of_length(call, spread, whole, -1), np.fft.fft(kernel))
    folded = _of_length(call, spectrum, whole, 1, 1.0 / whole)
    kept = call.make("slice", folded, starts=(0, 0, 0), ends=(batch, length, 2), steps=(1, 1, 1))
    return _turned(call, kept, chirp * scale)


def _padded(call: Call, x: Value, axis: int, whole: int) -> Value:
    """x with zeros behind on an axis."""
    size = x.shape[axis]
    after = tuple(whole - size if k == axis else 0 for k in range(x.rank))
    return call.make("pad", x, before=(0,) * x.rank, after=after, mode="constant")


def _by_computed_matrix(call: Call, x: Value, sign: int, scaled: bool, half: bool) -> Value:
    """The product with roots that are computed from the length as it runs."""
    batch, length, parts = x.shape
    outputs = length // 2 + 1 if half else length
    size = call.make("sizes", values=(length,))
    turns = call.make("mod", _products(call, length, outputs), size, fmod=False)
    whole = call.make("cast", size, to=FLOAT64)
    share = call.make("div", call.make("cast", turns, to=FLOAT64), whole)
    angles = call.make("mul", share, sign * 2.0 * math.pi)
    cosines, sines = call.make("cos", angles), call.make("sin", angles)
    rows = [_pair(call, cosines, sines), _pair(call, call.make("neg", sines), cosines)]
    matrix = rows[0] if parts == 1 else call.make("concat", *rows, axis=1)
    if scaled:
        matrix = call.make("div", matrix, whole)
    matrix = call.make("reshape", matrix, shape=(length * parts, outputs * 2))
    narrow = matrix if x.dtype == FLOAT64 else call.make("cast", matrix, to=x.dtype)
    flat = call.make("reshape", x, shape=(batch, length * parts))
    return call.make("reshape", call.make("matmul", flat, narrow), shape=(batch, outputs, 2))


def _products(call: Call, rows: Dim, columns: Dim) -> Value:
    """The table of row number times column number."""
    zero, one = call.constant(0, INT64), call.constant(1, INT64)
    down = call.make("reshape", call.make("iota", zero, one, length=rows), shape=(rows, 1))
    return call.make("mul", down, call.make("iota", zero, one, length=columns))


def _pair(call: Call, real: Value, imaginary: Value) -> Value:
    """Two tables as one of shape (rows, 1, columns, 2)."""
    shape = (real.shape[0], 1, real.shape[1], 1)
    parts = (call.make("reshape", part, shape=shape) for part in (real, imaginary))
    return call.make("concat", *parts, axis=3)
