# SPDX-License-Identifier: Apache-2.0
"""Quantized networks: products between dequantized tensors become products of integers.

Σ (a - za) sa (b - zb) sb is the integer sum times sa · sb, wherever the scales do not depend on
what is summed over. What quantizing and dequantizing do to elements alone moves past what only
moves elements or picks one of them, so that data stays narrow for as long as it can.
"""

from __future__ import annotations

from typing import Any, Final

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, INT8, UINT8
from ingot.ir.graph import Value
from ingot.ir.pattern import Term, either, named, op, scalar
from ingot.ir.rewrite import Site, rule

BYTES: Final = (INT8, UINT8)
LEAST, MOST = 1e-30, 1e30  # scales far from where codes times a scale leave float32


def _real(x: Any, scale: Any, zero: Any) -> Any:
    """A dequantized tensor, with a zero point or without."""
    return either(
        op.dequantize(x, scale, zero, to=FLOAT32), op.dequantize(x, scale, to=FLOAT32)
    )


def _are_bytes(a: Value, b: Value) -> str | None:
    wrong = next((value for value in (a, b) if value.dtype not in BYTES), None)
    return None if wrong is None else f"%{wrong.name} is {wrong.dtype}"


def _one_zero(za: Value | None, zb: Value | None) -> str | None:
    """Zero points must be one number for a tensor."""
    wrong = next((value for value in (za, zb) if value is not None and not _single(value)), None)
    return None if wrong is None else f"%{wrong.name} has more than one zero point"


def _single(value: Value) -> bool:
    return all(size == 1 for size in value.shape)


# Matrix products.


def _free_of_depth(sa: Value, sb: Value) -> str | None:
    if sa.rank and sa.shape[-1] != 1:
        return f"%{sa.name} scales what is summed over"
    if sb.rank > 1 and sb.shape[-2] != 1:
        return f"%{sb.name} scales what is summed over"
    return None


def _matrices(a: Value, b: Value) -> str | None:
    return None if a.rank > 1 and b.rank > 1 else "an operand is a vector"


def _matmul(a: Value, b: Value, sa: Value, sb: Value, za: Any, zb: Any) -> Term:
    total = op.cast(op.matmul_integer(a, b, za, zb), to=FLOAT32)
    return op.mul(total, op.mul(sa, sb))


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
    total = op.cast(op.conv_integer(a, b, za, zb, **node.attributes), to=FLOAT32)
    scaled = op.mul(total, op.mul(op.reshape(sa, shape=()), by_filter))
    return scaled if bias is None else op.add(scaled, op.reshape(bias, shape=column))


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
    rule("product_of_integers",
         lambda a, b, sa, sb, za, zb: op.matmul(_real(a, sa, za), _real(b, sb, zb)),
         replacement=_matmul, where=(_are_bytes, _matrices, _free_of_depth, _one_zero),
         shared=True),
    rule("convolution_of_integers",
         lambda a, b, sa, sb, za, zb, bias: either(
             op.conv(_real(a, sa, za), _real(b, sb, zb), bias),
             op.conv(_real(a, sa, za), _real(b, sb, zb))),
         replacement=_conv, where=(_are_bytes, _by_filter, _one_zero), shared=True),
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
