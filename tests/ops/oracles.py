# SPDX-License-Identifier: Apache-2.0
"""Independent oracles: what each op should give, not derived from its record.

Elementwise ops are Python functions of one element, over Python's own floats and integers. The rest
asks `onnx.reference`, with float64 inputs, or is a plain formula.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
from tests.ops import data, images, quantized, recurrent, transformers
from tests.ops.reference import ints, run_onnx

from ingot.dtypes import DType

Oracle = Callable[..., Any]


# --- one element at a time


def pointwise(function: Callable[..., Any]) -> Oracle:
    """The oracle of an elementwise op from a function of Python scalars."""

    def oracle(*arrays: Any, **attributes: Any) -> Any:
        spread = np.broadcast_arrays(*arrays)
        elements = zip(*(array.reshape(-1).tolist() for array in spread), strict=True)
        made = [safely(function, element, attributes) for element in elements]
        return np.array(made, dtype=object).reshape(spread[0].shape)

    return oracle


def safely(function: Callable[..., Any], element: tuple[Any, ...], attributes: Any) -> Any:
    try:
        return function(*element, **attributes)
    except OverflowError:
        return math.inf


def divide(a: Any, b: Any) -> Any:
    if isinstance(a, float):
        return a / b
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def remainder(a: Any, b: Any, *, fmod: bool) -> Any:
    if not fmod:
        return a - b * math.floor(Fraction(a) / Fraction(b)) if isinstance(a, int) else a % b
    return math.fmod(a, b) if isinstance(a, float) else abs(a) % abs(b) * (-1 if a < 0 else 1)


def power(a: Any, b: Any) -> Any:
    return math.pow(a, b) if isinstance(a, float) else int(Fraction(a) ** b)


def sign(x: Any) -> Any:
    return type(x)((x > 0) - (x < 0))


def clip(x: Any, *, lo: Any, hi: Any) -> Any:
    x = x if lo is None else max(x, type(x)(lo))
    return x if hi is None else min(x, type(x)(hi))


def cast(x: Any, *, to: DType) -> Any:
    if to.name == "bool":
        return x != 0
    if not to.is_integer:
        return float(x)
    if isinstance(x, float):
        low = -(2 ** (to.bits - 1)) if to.is_signed else 0
        return min(max(int(x), low), low + 2**to.bits - 1)
    return int(x)


def gelu(x: float, *, approximate: str) -> float:
    if approximate == "tanh":
        return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * math.erfc(-x / math.sqrt(2))


def softplus(x: float) -> float:
    return math.log(1 + math.exp(x)) if x < 30 else x


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def elu(x: float, *, alpha: float) -> float:
    return x if x > 0 else alpha * (math.exp(x) - 1)


def is_inf(x: float, *, detect_positive: bool, detect_negative: bool) -> bool:
    return (detect_positive and x == math.inf) or (detect_negative and x == -math.inf)


def shift(left: bool) -> Callable[..., int]:
    def function(value: int, amount: int) -> int:
        return value << min(amount, 64) if left else value >> min(amount, 64)

    return function


ELEMENTWISE: Mapping[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": divide,
    "mod": remainder,
    "pow": power,
    "minimum": min,
    "maximum": max,
    "neg": lambda x: -x,
    "abs": abs,
    "sign": sign,
    "reciprocal": lambda x: 1 / x,
    "clip": clip,
    "identity": lambda x: x,
    "cast": cast,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "rsqrt": lambda x: 1 / math.sqrt(x),
    "erf": math.erf,
    "tanh": math.tanh,
    "sigmoid": sigmoid,
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "asinh": math.asinh,
    "acosh": math.acosh,
    "atanh": math.atanh,
    "floor": lambda x: float(math.floor(x)),
    "ceil": lambda x: float(math.ceil(x)),
    "round": lambda x: float(round(x)),
    "is_nan": math.isnan,
    "is_inf": is_inf,
    "equal": lambda a, b: a == b,
    "less": lambda a, b: a < b,
    "less_equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater_equal": lambda a, b: a >= b,
    "logical_and": lambda a, b: a and b,
    "logical_or": lambda a, b: a or b,
    "logical_xor": lambda a, b: a != b,
    "logical_not": lambda x: not x,
    "bitwise_and": lambda a, b: a & b,
    "bitwise_or": lambda a, b: a | b,
    "bitwise_xor": lambda a, b: a ^ b,
    "bitwise_not": lambda x: ~x,
    "shift_left": shift(left=True),
    "shift_right": shift(left=False),
    "where": lambda condition, a, b: a if condition else b,
    "relu": lambda x: max(x, type(x)(0)),
    "leaky_relu": lambda x, *, alpha: x if x > 0 else alpha * x,
    "thresholded_relu": lambda x, *, alpha: x if x > alpha else 0.0,
    "prelu": lambda x, slope: x if x > 0 else slope * x,
    "elu": elu,
    "selu": lambda x, *, alpha, gamma: gamma * elu(x, alpha=alpha),
    "celu": lambda x, *, alpha: max(0.0, x) + min(0.0, alpha * (math.exp(x / alpha) - 1)),
    "hard_sigmoid": lambda x, *, alpha, beta: max(0.0, min(1.0, alpha * x + beta)),
    "hard_swish": lambda x: x * max(0.0, min(6.0, x + 3.0)) / 6.0,
    "softplus": softplus,
    "softsign": lambda x: x / (1 + abs(x)),
    "mish": lambda x: x * math.tanh(softplus(x)),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "quick_gelu": lambda x, *, alpha: x / (1 + math.exp(-alpha * x)),
    "gelu": gelu,
}


# --- onnx.reference


def onnx_slice(x: Any, *, starts: Any, ends: Any, steps: Any) -> Any:
    final = [-(2**40) if end < 0 else end for end in ends]
    return run_onnx("Slice", [x, ints(*starts), ints(*final), ints(*range(x.ndim)), ints(*steps)])


def onnx_pad(x: Any, value: Any = None, *, before: Any, after: Any, mode: str) -> Any:
    low, high = ([max(count, 0) for count in counts] for counts in (before, after))
    ends = zip(x.shape, before, after, strict=True)
    x = x[tuple(slice(max(-b, 0), n + min(a, 0)) for n, b, a in ends)]
    return run_onnx("Pad", [x, ints(*low, *high), value], mode=mode)


def transposed_axes(x: Any, *, permutation: Any) -> Any:
    result = np.empty([x.shape[axis] for axis in permutation], x.dtype)
    for place in np.ndindex(*x.shape):
        result[tuple(place[axis] for axis in permutation)] = x[place]
    return result


def one_hot(indices: Any, values: Any, *, depth: int, axis: int) -> Any:
    result = np.full((*indices.shape, depth), values[0])
    for place, index in np.ndenumerate(indices):
        if -depth <= index < depth:
            result[(*place, index)] = values[1]
    return np.moveaxis(result, -1, axis)


def reduction(op: str) -> Oracle:
    def oracle(x: Any, *, axes: Any, keep_dims: bool) -> Any:
        attributes = {"keepdims": int(keep_dims), "noop_with_empty_axes": 1}
        return run_onnx(op, [x, ints(*axes)], **attributes)

    return oracle


def mean(x: Any, *, axes: Any, keep_dims: bool) -> Any:
    if x.dtype.kind == "f":
        with np.errstate(all="ignore"):
            total = x.sum(axes, keepdims=keep_dims)
            return total / math.prod(x.shape[axis] for axis in axes)
    exact = x.astype(object)
    count = max(math.prod(x.shape[axis] for axis in axes), 1)
    total = np.asarray(exact.sum(axes, keepdims=keep_dims), dtype=object)
    return np.vectorize(lambda t: int(Fraction(int(t), count)), otypes=[object])(total)


def along(op: str) -> Oracle:
    def oracle(x: Any, *, axis: int, keep_dims: bool, select_last: bool) -> Any:
        last = int(select_last)
        return run_onnx(op, [x], axis=axis, keepdims=int(keep_dims), select_last_index=last)

    return oracle


def onnx_conv(op: str) -> Oracle:
    def oracle(x: Any, weight: Any, bias: Any = None, **attributes: Any) -> Any:
        if 0 in x.shape:
            return np.zeros(0)
        attributes["kernel_shape"] = weight.shape[2:]
        return run_onnx(op, [x, weight, bias], **attributes)

    return oracle


def convolution(
    x: Any, weight: Any, bias: Any = None, *, strides: Any, dilations: Any, pads: Any, group: int
) -> Any:
    """Convolution by its definition: one window, one filter at a time."""
    rank = weight.ndim - 2
    wide = np.pad(x, [(0, 0), (0, 0), *zip(pads[:rank], pads[rank:], strict=True)])
    reach = [(k - 1) * d + 1 for k, d in zip(weight.shape[2:], dilations, strict=True)]
    counts = [(n - r) // s + 1 for n, r, s in zip(wide.shape[2:], reach, strides, strict=True)]
    filters, depth = weight.shape[0] // group, weight.shape[1]
    result = np.zeros((x.shape[0], weight.shape[0], *counts))
    for place in np.ndindex(*counts):
        at = [
            slice(p * s, p * s + r, d)
            for p, s, r, d in zip(place, strides, reach, dilations, strict=True)
        ]
        for output in range(weight.shape[0]):
            first = output // filters * depth
            window = wide[(slice(None), slice(first, first + depth), *at)]
            axes = tuple(range(1, window.ndim))
            result[(slice(None), output, *place)] = (window * weight[output]).sum(axes)
    return result if bias is None else result + bias.reshape(-1, *[1] * rank)


def transposed(
    x: Any, weight: Any, bias: Any = None, *, strides: Any, dilations: Any, pads: Any, group: int,
    output_padding: Any,
) -> Any:  # fmt: skip
    """Every input element adds its scaled filter around its place."""
    rank, per_group = weight.ndim - 2, weight.shape[1]
    reach = [(k - 1) * d + 1 for k, d in zip(weight.shape[2:], dilations, strict=True)]
    full = [
        (n - 1) * s + r + o
        for n, s, r, o in zip(x.shape[2:], strides, reach, output_padding, strict=True)
    ]
    result = np.zeros((x.shape[0], per_group * group, *full))
    for place in np.ndindex(*x.shape[2:]):
        at = [
            slice(p * s, p * s + r, d)
            for p, s, r, d in zip(place, strides, reach, dilations, strict=True)
        ]
        for channel in range(x.shape[1]):
            first = channel // (x.shape[1] // group) * per_group
            scale = x[(slice(None), channel, *place)].reshape(-1, *[1] * (rank + 1))
            target = (slice(None), slice(first, first + per_group), *at)
            result[target] += scale * weight[channel]
    kept = [slice(low, n - high) for low, high, n in zip(pads, pads[rank:], full, strict=False)]
    result = result[(slice(None), slice(None), *kept)]
    return result if bias is None else result + bias.reshape(-1, *[1] * rank)


def pooled(average: bool) -> Oracle:
    """Pools by their definition: one window at a time, over the elements that exist."""

    def oracle(
        x: Any, *, kernel: Any, strides: Any, dilations: Any, pads: Any, ceil_mode: bool,
        count_include_pad: bool = False,
    ) -> Any:  # fmt: skip
        rank = len(kernel)
        counts = []
        for k in range(rank):
            room = x.shape[2 + k] + pads[k] + pads[rank + k] - (kernel[k] - 1) * dilations[k] - 1
            count = (-(-room // strides[k]) if ceil_mode else room // strides[k]) + 1
            if ceil_mode and (count - 1) * strides[k] >= x.shape[2 + k] + pads[k]:
                count -= 1
            counts.append(count)
        result = np.zeros((*x.shape[:2], *counts), x.dtype)
        for place in np.ndindex(*counts):
            elements, counted = [], 0
            for offset in np.ndindex(*kernel):
                at = [
                    p * s - low + k * d
                    for p, s, low, k, d in zip(
                        place, strides, pads[:rank], offset, dilations, strict=True
                    )
                ]
                inside = all(0 <= a < n for a, n in zip(at, x.shape[2:], strict=True))
                ends = zip(at, x.shape[2:], pads[rank:], strict=True)
                counted += inside or (count_include_pad and all(a < n + p for a, n, p in ends))
                if inside:
                    elements.append(x[(slice(None), slice(None), *at)])
            total = sum(elements) / counted if average else np.max(elements, 0)
            result[(slice(None), slice(None), *place)] = total
        return result

    return oracle


# --- formulas


def normalised(x: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    with np.errstate(all="ignore"):
        return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


def layer_norm(x: Any, scale: Any = 1.0, bias: Any = 0.0, *, axis: int, epsilon: float) -> Any:
    return normalised(x, tuple(range(axis, x.ndim)), epsilon) * scale + bias


def rms_norm(x: Any, scale: Any = 1.0, *, axis: int, epsilon: float) -> Any:
    square = np.square(x).mean(tuple(range(axis, x.ndim)), keepdims=True)
    return x / np.sqrt(square + epsilon) * scale


def channels(part: Any, x: Any) -> Any:
    return part.reshape(1, -1, *[1] * (x.ndim - 2))


def instance_norm(x: Any, scale: Any, bias: Any, *, epsilon: float) -> Any:
    y = normalised(x, tuple(range(2, x.ndim)), epsilon)
    return y * channels(scale, x) + channels(bias, x)


def group_norm(x: Any, scale: Any, bias: Any, *, epsilon: float, groups: int) -> Any:
    parts = np.split(x, groups, 1)
    y = np.concatenate([normalised(p, tuple(range(1, x.ndim)), epsilon) for p in parts], 1)
    return y * channels(scale, x) + channels(bias, x)


def batch_norm(x: Any, scale: Any, bias: Any, mean: Any, variance: Any, *, epsilon: float) -> Any:
    deviation = np.sqrt(channels(variance, x) + epsilon)
    return (x - channels(mean, x)) / deviation * channels(scale, x) + channels(bias, x)


def softmax(x: Any, *, axis: int) -> Any:
    if not x.size:
        return x
    powers = np.exp(x - x.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)


def log_softmax(x: Any, *, axis: int) -> Any:
    return np.log(softmax(x, axis=axis)) if x.size else x


def attention(
    q: Any, k: Any, v: Any, mask: Any = None,
    *, scale: float, causal: bool, offset: int, softcap: float,
) -> Any:  # fmt: skip
    """One query row of one head at a time."""
    result = np.zeros((*q.shape[:-1], v.shape[-1]))
    share = q.shape[-3] // k.shape[-3]
    for place in np.ndindex(*q.shape[:-1]):
        *batch, head, row = place
        keys, values = (part[(*batch, head // share)] for part in (k, v))
        scores = keys @ q[place] * scale
        scores = softcap * np.tanh(scores / softcap) if softcap else scores
        if mask is not None:
            line = np.broadcast_to(mask, (*q.shape[:-1], len(keys)))[place]
            scores = np.where(line, scores, -np.inf) if mask.dtype == bool else scores + line
        if causal:
            scores = np.where(np.arange(len(keys)) <= row + offset, scores, -np.inf)
        if scores.size and scores.max() > -np.inf:
            weights = np.exp(scores - scores.max())
            result[place] = weights @ values / weights.sum()
    return result


def scatter(op: str) -> Oracle:
    def oracle(x: Any, indices: Any, updates: Any, **attributes: Any) -> Any:
        return run_onnx(op, [x.copy(), indices, updates], **attributes)

    return oracle


OTHERS: Mapping[str, Oracle] = {
    "reshape": lambda x, *, shape: np.array(x.reshape(-1).tolist(), x.dtype).reshape(shape),
    "transpose": transposed_axes,
    "expand": lambda x, *, shape: x * np.ones(shape, x.dtype),
    "slice": onnx_slice,
    "concat": lambda *xs, axis: run_onnx("Concat", list(xs), axis=axis),
    "pad": onnx_pad,
    "tile": lambda x, *, repeats: run_onnx("Tile", [x, ints(*repeats)]),
    "trilu": lambda x, k=None, *, upper: run_onnx("Trilu", [x, k], upper=int(upper)),
    "one_hot": one_hot,
    "iota": lambda start, step, *, length: np.array(
        [start.item() + k * step.item() for k in range(length)], start.dtype
    ),
    "sizes": lambda *, values: np.array(values, np.int64),
    "gather": lambda x, i, *, axis: run_onnx("Gather", [x, i], axis=axis),
    "gather_elements": lambda x, i, *, axis: np.take_along_axis(
        x[tuple(slice(None if k == axis else n) for k, n in enumerate(i.shape))], i, axis
    ),
    "gather_nd": lambda x, i, *, batch_dims: run_onnx("GatherND", [x, i], batch_dims=batch_dims),
    "scatter_elements": scatter("ScatterElements"),
    "scatter_nd": scatter("ScatterND"),
    "reduce_sum": reduction("ReduceSum"),
    "reduce_mean": mean,
    "reduce_max": reduction("ReduceMax"),
    "reduce_min": reduction("ReduceMin"),
    "reduce_prod": reduction("ReduceProd"),
    "reduce_l1": reduction("ReduceL1"),
    "reduce_l2": reduction("ReduceL2"),
    "reduce_sum_square": reduction("ReduceSumSquare"),
    "reduce_log_sum": reduction("ReduceLogSum"),
    "reduce_log_sum_exp": reduction("ReduceLogSumExp"),
    "argmax": along("ArgMax"),
    "argmin": along("ArgMin"),
    "matmul": np.matmul,
    "conv": convolution,
    "matmul_integer": quantized.matmul_integer,
    "conv_integer": lambda x, w, xz=None, wz=None, **attributes: convolution(
        quantized.centred(x, xz), quantized.centred(w, wz), **attributes
    ),
    "conv_transpose": transposed,
    "max_pool": pooled(average=False),
    "average_pool": pooled(average=True),
    "softmax": softmax,
    "log_softmax": log_softmax,
    "layer_norm": layer_norm,
    "rms_norm": rms_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "batch_norm": batch_norm,
    "attention": attention,
}
ELEMENTWISE = {**ELEMENTWISE, **quantized.ELEMENTWISE}
ORACLES: Mapping[str, Oracle] = {
    **{name: pointwise(function) for name, function in ELEMENTWISE.items()},
    **OTHERS,
    **images.ORACLES,
    **data.ORACLES,
    **transformers.ORACLES,
    "recurrent": recurrent.recurrent,
}
