# SPDX-License-Identifier: Apache-2.0
"""The sets of element types that the records speak of, and the examples many of them share."""

from __future__ import annotations

from typing import Any

from ingot.dims import Dim, symbol
from ingot.dtypes import (
    ALL,
    BFLOAT16,
    BOOL,
    FLOAT16,
    FLOAT32,
    FLOAT64,
    INT8,
    INT16,
    INT32,
    INT64,
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    DType,
)
from ingot.ops.example import Example, Sample

ANY = ALL
REALS = (FLOAT32, FLOAT64, FLOAT16, BFLOAT16)
SIGNED = (INT64, INT32, INT16, INT8)
UNSIGNED = (UINT64, UINT32, UINT16, UINT8)
INTS = (*SIGNED, *UNSIGNED)
NUMBERS = (*REALS, *INTS)
ELEMENTS = (*NUMBERS, BOOL)
BOOLS = (BOOL,)
INDICES = (INT64, INT32)
BATCH = symbol("batch")

UNARY_SHAPES: tuple[tuple[Dim, ...], ...] = ((3, 37), (), (1,), (2, 0, 3), (BATCH, 5))
BINARY_SHAPES: tuple[tuple[tuple[Dim, ...], tuple[Dim, ...]], ...] = (
    ((3, 37), (3, 37)),
    ((2, 1, 19), (4, 1)),
    ((), (7,)),
    ((2, 0), (1, 1)),
    ((BATCH, 6), (BATCH, 1)),
)


def binding(*shapes: tuple[Dim, ...]) -> dict[str, int]:
    """The size that examples give to the symbol that `shapes` may hold."""
    return {"batch": 3} if any(BATCH in shape for shape in shapes) else {}


def unary(
    only: tuple[DType, ...] = (), attributes: dict[str, Any] | None = None, **values: Any
) -> tuple[Example, ...]:
    """Examples of one tensor; `values` are the ranges of a Sample."""
    return tuple(
        Example((Sample(shape, **values),), attributes or {}, binding(shape), only)
        for shape in UNARY_SHAPES
    )


def binary(
    only: tuple[DType, ...] = (),
    attributes: dict[str, Any] | None = None,
    second: dict[str, Any] | None = None,
    **values: Any,
) -> tuple[Example, ...]:
    """Examples of two tensors that broadcast; `second` overrides `values` for the second."""
    return tuple(
        Example(
            (Sample(a, **values), Sample(b, **{**values, **(second or {})})),
            attributes or {},
            binding(a, b),
            only,
        )
        for a, b in BINARY_SHAPES
    )
