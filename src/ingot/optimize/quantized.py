# SPDX-License-Identifier: Apache-2.0
"""Quantized networks: products between dequantized tensors become products of integers.

Σ (a - za) sa (b - zb) sb is the integer sum times sa · sb, wherever the scales do not depend on
what is summed over. From there to the next quantizing numbers are doubles: an element next to a
tie falls to the side where exact arithmetic puts it, and each step off is seen in what a network
gives. What quantizing and dequantizing do to elements alone moves past what only moves elements or
picks one of them, so that data stays narrow for as long as it can.
"""

from __future__ import annotations

from typing import Any, Final

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, FLOAT64, INT8, INT16, UINT8
from ingot.ir.graph import Value
from ingot.ir.pattern import Term, constant, either, named, op, scalar
from ingot.ir.rewrite import Site, rule

BYTES: Final = (INT8, UINT8)
LEAST, MOST = 1e-30, 1e30  # scales far from where codes times a scale leave float32


def _real(x: Any, scale: Any, zero: Any) -> Any:
    """A dequantized tensor, with a zero point or without."""
    return either(op.dequantize(x, scale, zero, to=FLOAT32), op.dequantize(x, scale, to=FLOAT32))


def _are_bytes(a: Value, b: Value) -> str | None:
    wrong = next((value for value in (a, b) if value.dtype not in BYTES), None)
    return None if wrong is None else f"%{wrong.name} is {wrong.dtype}"


def _one_zero(za: Value | None, zb: Value | None) -> str | None:
    """Zero points must be one number for a tensor."""
    wrong = next((value for value in (za, zb) if value is not None and not _single(value)), None)
    return None if wrong is None else f"%{wrong.name} has more than one zero point"


def _single(value: Value) -> bool:
    return all(size == 1 for size in value.shape)


def _unsigned(w: Value) -> str | None:
    return None if w.dtype == UINT8 else f"%{w.name} is {w.dtype}"


def _signed(w: Value) -> Term:
    """Codes around 128 as codes around 0."""
    return op.cast(op.sub(op.cast(w, to=INT16), 128), to=INT8)


# Matrix products.


def _free_of_depth(sa: Value, sb: Value) -> str | None:
    if sa.rank and sa.shape[-1] != 1:
        return f"%{sa.name} scales what is summed over"
    if sb.rank > 1 and sb.shape[-2] != 1:
        return f"%{sb.name} scales what is summed over"
    return None


def _matrices(a: Value, b: Value) -> str | None:
    return None if a.rank > 1 and b.rank > 1 else "an operand is a vector"


def _wide(value: Any) -> Term:
    return op.cast(value, to=FLOAT64)


def _matmul(a: Value, b: Value, sa: Value, sb: Value, za: Any, zb: Any) -> Term:
    total = _wide(op.matmul_integer(a, b, za, zb))
    return op.cast(op.mul(total, op.mul(_wide(sa), _wide(sb))), to=FLOAT32)


# Convolutions.


def _by_filter(sa: Value, sb: Value) -> str | None:
    if not _single(sa):
        return f"%{sa.name} is not one scale for the input"
    if _single(sb) or all(size == 1 for size in sb.shape[1:]):
        return None
    return f"%{sb.name} is not one scale a filter"


def _conv(
    site: Site, a: Value, b: Value, sa: Value, sb: Value, za: Any, zb: Any, bias: Any
) -> Term:
    node = next(node for node in site.nodes if node.op == "conv")
    column = (b.shape[0], *[1] * (b.rank - 2))
    by_filter = op.reshape(sb, shape=() if _single(sb) else column)
    total = _wide(op.conv_integer(a, b, za, zb, **node.attributes))
    scaled = op.mul(total, op.mul(_wide(op.reshape(sa, shape=())), _wide(by_filter)))
    if bias is not None:
        scaled = op.add(scaled, op.reshape(_wide(bias), shape=column))
    return op.cast(scaled, to=FLOAT32)


# What is added and quantized again.


def _sum(a: Value, b: Value, sa: Value, sb: Value, za: Any, zb: Any, s: Value, z: Any, to: Any,
         saturate: bool) -> Term:  # fmt: skip
    left = op.dequantize(a, sa, za, to=FLOAT64)
    right = op.dequantize(b, sb, zb, to=FLOAT64)
    return op.quantize(op.add(left, right), s, z, to=to, saturate=saturate)


def _mean(
    x: Value, c: Value, zx: Any, s: Value, z: Any, to: Any, saturate: bool, axes: Any, keep: Any
) -> Term:
    mean = op.reduce_mean(op.dequantize(x, c, zx, to=FLOAT64), axes=axes, keep_dims=keep)
    return op.quantize(mean, s, z, to=to, saturate=saturate)


# What moves elements, or picks one of them.


def _one_scale(s: Value, z: Value | None) -> str | None:
    single = _single(s) and (z is None or _single(z))
    return None if single else f"%{s.name} is not one scale for the tensor"


def _plain(value: Value | None) -> Term | None:
    """One number as a tensor without axes."""
    return None if value is None else op.reshape(value, shape=())


def _reshape(x: Value, s: Value, z: Value | None, shape: tuple[Dim, ...]) -> Term:
    return op.dequantize(op.reshape(x, shape=shape), _plain(s), _plain(z), to=FLOAT32)


def _transpose(x: Value, s: Value, z: Value | None, permutation: tuple[int, ...]) -> Term:
    def moved(value: Value | None) -> Term | None:
        if value is None or _single(value):
            return _plain(value)
        full = (*[1] * (x.rank - value.rank), *value.shape)
        return op.transpose(op.reshape(value, shape=full), permutation=permutation)

    turned = op.transpose(x, permutation=permutation)
    return op.dequantize(turned, moved(s), moved(z), to=FLOAT32)


def _max_pool(site: Site, x: Value, s: Value, z: Value | None) -> Term:
    node = next(node for node in site.nodes if node.op == "max_pool")
    return op.dequantize(op.max_pool(x, **node.attributes), s, z, to=FLOAT32)


def _positive(c: float) -> str | None:
    return None if LEAST < c < MOST else f"the scale {c} is out of range"


def _moderate(c: float) -> str | None:
    return None if LEAST < abs(c) < MOST else f"the scale {c} is out of range"


def _is_double(x: Value) -> str | None:
    return None if x.dtype == FLOAT64 else "what is rounded is no sum of integers"


def _same_type(x: Value, to: Any) -> str | None:
    return None if x.dtype == to else "the types differ"


def _byte(x: Value) -> str | None:
    return _are_bytes(x, x)


RULES: Final = (
    rule("dequantize_from_zero", lambda x, s, to: op.dequantize(x, s, 0, to=to),
         replacement=lambda x, s, to: op.dequantize(x, s, to=to), shared=True),
    rule("quantize_from_zero",
         lambda x, s, to, saturate: op.quantize(x, s, 0, to=to, saturate=saturate),
         replacement=lambda x, s, to, saturate: op.quantize(x, s, to=to, saturate=saturate),
         shared=True),
    rule("weights_around_zero", lambda w, s, to: op.dequantize(constant(w), s, 128, to=to),
         replacement=lambda w, s, to: op.dequantize(_signed(w), s, to=to), where=_unsigned,
         shared=True),
    rule("product_of_integers",
         lambda a, b, sa, sb, za, zb: op.matmul(_real(a, sa, za), _real(b, sb, zb)),
         replacement=_matmul, where=(_are_bytes, _matrices, _free_of_depth, _one_zero),
         shared=True),
    rule("convolution_of_integers",
         lambda a, b, sa, sb, za, zb, bias: either(
             op.conv(_real(a, sa, za), _real(b, sb, zb), bias),
             op.conv(_real(a, sa, za), _real(b, sb, zb))),
         replacement=_conv, where=(_are_bytes, _by_filter, _one_zero), shared=True),
    rule("sum_in_double",
         lambda a, b, sa, sb, za, zb, s, z, to, saturate: either(
             op.quantize(op.add(_real(a, sa, za), _real(b, sb, zb)), s, z, to=to,
                         saturate=saturate),
             op.quantize(op.add(_real(a, sa, za), _real(b, sb, zb)), s, to=to,
                         saturate=saturate)),
         replacement=_sum, shared=True),
    rule("mean_in_double",
         lambda x, c, zx, s, z, to, saturate, axes, keep: either(
             op.quantize(op.reduce_mean(_real(x, c, zx), axes=axes, keep_dims=keep), s, z, to=to,
                         saturate=saturate),
             op.quantize(op.reduce_mean(_real(x, c, zx), axes=axes, keep_dims=keep), s, to=to,
                         saturate=saturate)),
         replacement=_mean, shared=True),
    rule("add_in_double",
         lambda x, c: op.add(op.cast(x, to=FLOAT32), constant(c)),
         replacement=lambda x, c: op.cast(op.add(x, _wide(c)), to=FLOAT32), where=_is_double),
    rule("quantize_from_double",
         lambda x, s, z, to, saturate: either(
             op.quantize(op.cast(x, to=FLOAT32), s, z, to=to, saturate=saturate),
             op.quantize(op.cast(x, to=FLOAT32), s, to=to, saturate=saturate)),
         replacement=lambda x, s, z, to, saturate: op.quantize(x, s, z, to=to, saturate=saturate),
         where=_is_double, shared=True),
    rule("dequantize_to_double",
         lambda x, s, z: op.cast(_real(x, s, z), to=FLOAT64),
         replacement=lambda x, s, z: op.dequantize(x, s, z, to=FLOAT64), shared=True),
    rule("relu_of_codes",
         lambda x, c, s, to: op.quantize(
             op.relu(op.dequantize(x, named(s, scalar(c)), to=FLOAT32)), s, to=to),
         replacement=lambda x: op.relu(x), where=(_positive, _same_type, _byte),
         looks_at_weights=True),
    rule("dequantize_below_reshape",
         lambda x, s, z, shape: op.reshape(_real(x, s, z), shape=shape),
         replacement=_reshape, where=_one_scale),
    rule("dequantize_below_transpose",
         lambda x, s, z, permutation: op.transpose(_real(x, s, z), permutation=permutation),
         replacement=_transpose),
    rule("dequantize_below_max_pool",
         lambda x, c, z, s: op.max_pool(_real(x, named(s, scalar(c)), z)),
         replacement=_max_pool, where=(_one_scale, _positive, _byte), looks_at_weights=True),
    rule("quantize_what_was_quantized",
         lambda x, c, to: op.quantize(op.dequantize(x, scalar(c), to=FLOAT32), scalar(c), to=to),
         lambda x, c, z, to: op.quantize(
             op.dequantize(x, scalar(c), z, to=FLOAT32), scalar(c), z, to=to),
         replacement=lambda x: x, where=(_moderate, _same_type), looks_at_weights=True,
         shared=True),
)  # fmt: skip
