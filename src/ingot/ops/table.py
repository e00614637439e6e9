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
    blocks,
    columns,
    control,
    conv,
    determinant,
    functions,
    gather,
    integer_products,
    inverse,
    logic,
    matmul,
    ngrams,
    norm,
    order,
    placed,
    pool,
    positions,
    quantize,
    random_numbers,
    recurrence,
    recurrent,
    reduce,
    region,
    resize,
    rotary,
    running,
    sampling,
    scatter,
    select,
    sequences,
    suppress,
    views,
)
from ingot.ops.op import Op
from ingot.ops.script import ScriptOp

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
        "order": order.OPS,
        "select": select.OPS,
        "placed": placed.OPS,
        "ngrams": ngrams.OPS,
        "determinant": determinant.OPS,
        "inverse": inverse.OPS,
        "random_numbers": random_numbers.OPS,
        "running": running.OPS,
        "suppress": suppress.OPS,
        "reduce": reduce.OPS,
        "matmul": matmul.OPS,
        "recurrent": recurrent.OPS,
        "conv": conv.OPS,
        "quantize": quantize.OPS,
        "integer_products": integer_products.OPS,
        "pool": pool.OPS,
        "resize": resize.OPS,
        "sampling": sampling.OPS,
        "region": region.OPS,
        "columns": columns.OPS,
        "norm": norm.OPS,
        "attention": attention.OPS,
        "rotary": rotary.OPS,
        "blocks": blocks.OPS,
        "recurrence": recurrence.OPS,
    }
)

OPS: Final[Mapping[str, Op]] = MappingProxyType(
    {op.name: op for family in FAMILIES.values() for op in family}
)

# Not of a target but of the runtime: see `ops.script`.
SCRIPT_OPS: Final[Mapping[str, ScriptOp]] = MappingProxyType(
    {op.name: op for op in (*control.OPS, *sequences.OPS)}
)
