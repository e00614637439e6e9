# SPDX-License-Identifier: Apache-2.0
"""Softmax and the normalisations: composites, each defined by its body alone.

The body is read forwards where a target has no kernel for the op, and backwards to find the op in
graphs that spell it out.
"""

from __future__ import annotations

from typing import Any

from ingot.dims import Dim, product
from ingot.ir.graph import TensorType
from ingot.ops.axes import AXIS, check_axis
from ingot.ops.domains import BATCH, REALS
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.op import AttributeSpec, Body, InferRule, InputSpec, Op
from ingot.ops.require import Require, Shape

EPSILON = AttributeSpec("epsilon", "float", 1e-5, doc="added to the variance")
NORMALISED = Bound(relative=2, norm=3)
SCALE = InputSpec("scale", REALS)
BIAS = InputSpec("bias", REALS)
OPTIONAL_SCALE = InputSpec("scale", REALS, optional=True)
OPTIONAL_BIAS = InputSpec("bias", REALS, optional=True)


def composite(
    name: str, inputs: tuple[InputSpec, ...], attributes: tuple[AttributeSpec, ...],
    infer: InferRule, body: Body, *, doc: str, examples: tuple[Example, ...],
    precision: Bound = NORMALISED,
) -> Op:  # fmt: skip
    """The record of an op that its body defines."""
    return Op(
        name=name, kind="composite", inputs=inputs, attributes=attributes, infer_rule=infer,
        body=body, doc=doc, examples=examples, precision=precision,
    )  # fmt: skip


# --- softmax


def _infer_softmax(require: Require, x: TensorType, *, axis: int) -> TensorType:
    check_axis(require, axis, x.rank)
    return x


def _shifted(o: Any, x: Any, axis: int) -> Any:
    return o.sub(x, o.reduce_max(x, axes=(axis,), keep_dims=True))


def _softmax(o: Any, x: Any, *, axis: int) -> Any:
    powers = o.exp(_shifted(o, x, axis))
    return o.div(powers, o.reduce_sum(powers, axes=(axis,), keep_dims=True))


def _log_softmax(o: Any, x: Any, *, axis: int) -> Any:
    shifted = _shifted(o, x, axis)
    total = o.reduce_sum(o.exp(shifted), axes=(axis,), keep_dims=True)
    return o.sub(shifted, o.log(total))


SOFTMAX_EXAMPLES = tuple(
    Example((Sample(shape),), {"axis": axis}, {"batch": 3})
    for shape, axis in (
        ((5, 37), 1), ((3, 333), 1), ((2, 3, 4, 9), 3), ((4, 6, 5), 1), ((7, 3), 0), ((1, 1), 1),
        ((0, 4), 1), ((2, 0), 1), ((BATCH, 8), 1), ((2, BATCH), 1),
    )
)  # fmt: skip
SOFTMAX = composite(
    "softmax", (InputSpec("x", REALS),), (AXIS,), _infer_softmax, _softmax,
    doc="e^x over its sum along an axis, shifted by the greatest element; a row of -inf is NaN.",
    examples=SOFTMAX_EXAMPLES, precision=Bound(relative=8),
)  # fmt: skip
LOG_SOFTMAX = composite(
    "log_softmax", (InputSpec("x", REALS),), (AXIS,), _infer_softmax, _log_softmax,
    doc="log(softmax(x)) without leaving the range of the type.",
    examples=SOFTMAX_EXAMPLES, precision=Bound(relative=2, absolute=1, norm=1),
)  # fmt: skip


# --- over the last axes


def _infer_last(
    require: Require, x: TensorType, scale: TensorType | None, bias: TensorType | None = None,
    *, axis: int, epsilon: float,
) -> TensorType:  # fmt: skip
    check_axis(require, axis, x.rank)
    require.that(epsilon >= 0, f"epsilon {epsilon} must not be negative")
    for name, part in (("scale", scale), ("bias", bias)):
        if part is not None:
            _check_spreads(require, name, part.shape, x.shape[axis:])
    return x


def _check_spreads(require: Require, name: str, part: Shape, whole: Shape) -> None:
    require.that(
        len(part) <= len(whole), f"{name} has rank {len(part)}, {len(whole)} axes are normalised"
    )
    for size, target in zip(part, whole[len(whole) - len(part) :], strict=True):
        if size != 1:
            require.equal(size, target, f"sizes of {name} and of the normalised axes")


def _scaled(o: Any, x: Any, scale: Any, bias: Any = None) -> Any:
    y = x if scale is None else o.mul(x, scale)
    return y if bias is None else o.add(y, bias)


def _normalised(o: Any, x: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    centred = o.sub(x, o.reduce_mean(x, axes=axes, keep_dims=True))
    variance = o.reduce_mean(o.mul(centred, centred), axes=axes, keep_dims=True)
    return o.div(centred, o.sqrt(o.add(variance, epsilon)))


def _layer_norm(o: Any, x: Any, scale: Any, bias: Any, *, axis: int, epsilon: float) -> Any:
    return _scaled(o, _normalised(o, x, tuple(range(axis, x.rank)), epsilon), scale, bias)


def _rms_norm(o: Any, x: Any, scale: Any, *, axis: int, epsilon: float) -> Any:
    axes = tuple(range(axis, x.rank))
    square = o.reduce_mean(o.mul(x, x), axes=axes, keep_dims=True)
    return _scaled(o, o.div(x, o.sqrt(o.add(square, epsilon))), scale)


def _last_cases(with_bias: bool) -> tuple[Example, ...]:
    def case(x: Shape, axis: int, part: Shape | None, **more: float) -> Example:
        extra = () if part is None else (Sample(part),) * (2 if with_bias else 1)
        return Example((Sample(x), *extra), {"axis": axis, **more}, {"batch": 3})

    return (
        case((5, 37), 1, (37,)), case((3, 768), 1, (768,)), case((4, 6), 1, None),
        case((2, 3, 8), 2, (8,), epsilon=1e-3),
        case((2, 3, 4), 1, (3, 4)), case((2, 3, 4), 1, (4,)), case((3, 1), 1, (1,), epsilon=1.0),
        case((0, 4), 1, (4,)), case((BATCH, 9), 1, (9,)), case((2, BATCH), 1, (BATCH,)),
    )  # fmt: skip


LAYER_NORM = composite(
    "layer_norm", (InputSpec("x", REALS), OPTIONAL_SCALE, OPTIONAL_BIAS),
    (AttributeSpec("axis", "int", doc="this axis and all after it are normalised"), EPSILON),
    _infer_last, _layer_norm, examples=_last_cases(with_bias=True),
    doc="(x - mean) / √(variance + epsilon) · scale + bias over the last axes.",
)  # fmt: skip
RMS_NORM = composite(
    "rms_norm", (InputSpec("x", REALS), OPTIONAL_SCALE),
    (AttributeSpec("axis", "int", doc="this axis and all after it are normalised"), EPSILON),
    _infer_last, _rms_norm, examples=_last_cases(with_bias=False),
    doc="x / √(mean of x² + epsilon) · scale over the last axes.",
)  # fmt: skip


# --- per channel


def _infer_channels(
    require: Require, x: TensorType, *parts: TensorType, epsilon: float, groups: int = 1
) -> TensorType:
    require.that(x.rank >= 2, f"x has rank {x.rank}, it needs a batch and a channel axis")
    require.that(epsilon >= 0, f"epsilon {epsilon} must not be negative")
    for part in parts:
        require.that(part.rank == 1, f"scale and bias have rank 1, one has rank {part.rank}")
        require.equal(part.shape[0], x.shape[1], "channels of x and entries of scale or bias")
    channels = x.shape[1]
    require.that(
        groups >= 1 and not (isinstance(channels, int) and channels % groups),
        f"{channels} channels do not fall into {groups} groups",
    )
    return x


def _per_channel(o: Any, part: Any, rank: int) -> Any:
    """A vector of channels shaped to broadcast against a tensor of `rank`."""
    if rank == 2:
        return part
    return o.reshape(part, shape=(*part.shape, *[1] * (rank - 2)))


def _instance_norm(o: Any, x: Any, scale: Any, bias: Any, *, epsilon: float) -> Any:
    y = _normalised(o, x, tuple(range(2, x.rank)), epsilon)
    return _scaled(o, y, _per_channel(o, scale, x.rank), _per_channel(o, bias, x.rank))


def _group_norm(o: Any, x: Any, scale: Any, bias: Any, *, epsilon: float, groups: int) -> Any:
    rest: Dim = product(x.shape[1:]) // groups
    grouped = o.reshape(x, shape=(x.shape[0], groups, rest))
    y = o.reshape(_normalised(o, grouped, (2,), epsilon), shape=x.shape)
    return _scaled(o, y, _per_channel(o, scale, x.rank), _per_channel(o, bias, x.rank))


def _batch_norm(
    o: Any, x: Any, scale: Any, bias: Any, mean: Any, variance: Any, *, epsilon: float
) -> Any:
    factor = o.div(scale, o.sqrt(o.add(variance, epsilon)))
    centred = o.sub(x, _per_channel(o, mean, x.rank))
    return _scaled(o, centred, _per_channel(o, factor, x.rank), _per_channel(o, bias, x.rank))


def _channel_cases(parts: int, **attributes: Any) -> tuple[Example, ...]:
    shapes: tuple[Shape, ...] = ((2, 4, 5, 6), (1, 6, 7), (3, 2, 2, 3, 2), (0, 2, 3), (BATCH, 4, 9))
    last = Sample((0,), low=0.1, high=4)
    return tuple(
        Example(
            (
                Sample(x),
                *(Sample((x[1],)) for _ in range(min(parts, 3))),
                *[Sample((x[1],), low=last.low, high=last.high)] * (parts - 3),
            ),
            attributes, {"batch": 3},
        )
        for x in shapes
    )  # fmt: skip


INSTANCE_NORM = composite(
    "instance_norm", (InputSpec("x", REALS), SCALE, BIAS), (EPSILON,), _infer_channels,
    _instance_norm, examples=_channel_cases(2, epsilon=1e-2),
    doc="Each channel of each batch entry normalised over its spatial axes, · scale + bias.",
)  # fmt: skip
GROUP_NORM = composite(
    "group_norm", (InputSpec("x", REALS), SCALE, BIAS),
    (EPSILON, AttributeSpec("groups", "int", doc="channels fall into this many groups")),
    _infer_channels, _group_norm, examples=_channel_cases(2, groups=2),
    doc="Each group of channels of each batch entry normalised, · scale + bias by channel.",
)  # fmt: skip
BATCH_NORM = composite(
    "batch_norm",
    (InputSpec("x", REALS), SCALE, BIAS, InputSpec("mean", REALS), InputSpec("variance", REALS)),
    (EPSILON,), _infer_channels, _batch_norm, examples=_channel_cases(4),
    doc="(x - mean) · scale / √(variance + epsilon) + bias by channel, with given statistics.",
)  # fmt: skip

OPS: tuple[Op, ...] = (
    SOFTMAX, LOG_SOFTMAX, LAYER_NORM, RMS_NORM, INSTANCE_NORM, GROUP_NORM, BATCH_NORM,
)  # fmt: skip
