# SPDX-License-Identifier: Apache-2.0
"""The table of every op: one explicit tuple a family, nothing registers itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from ingot.ops import (
    activation,
    arithmetic,
    arrange,
    attention,
    conv,
    functions,
    gather,
    integer_products,
    logic,
    matmul,
    norm,
    pool,
    positions,
    quantize,
    reduce,
    resize,
    scatter,
    views,
)
from ingot.ops.op import Op

FAMILIES: Final[Mapping[str, tuple[Op, ...]]] = MappingProxyType(
    {
        "arithmetic": arithmetic.OPS,
        "functions": functions.OPS,
        "logic": logic.OPS,
        "activation": activation.OPS,
        "views": views.OPS,
        "arrange": arrange.OPS,
        "positions": positions.OPS,
        "gather": gather.OPS,
        "scatter": scatter.OPS,
        "reduce": reduce.OPS,
        "matmul": matmul.OPS,
        "conv": conv.OPS,
        "quantize": quantize.OPS,
        "integer_products": integer_products.OPS,
        "pool": pool.OPS,
        "resize": resize.OPS,
        "norm": norm.OPS,
        "attention": attention.OPS,
    }
)

OPS: Final[Mapping[str, Op]] = MappingProxyType(
    {op.name: op for family in FAMILIES.values() for op in family}
)
