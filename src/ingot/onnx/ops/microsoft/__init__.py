# SPDX-License-Identifier: Apache-2.0
"""The operators of the com.microsoft domain that exporters and optimisers write."""

from __future__ import annotations

from ingot.onnx.operator import Operator
from ingot.onnx.ops.microsoft import (
    activations,
    attention,
    blocks,
    experts,
    fused,
    grouped,
    lookup,
    norms,
    products,
    quantized,
)

OPERATORS: tuple[Operator, ...] = (
    *activations.OPERATORS,
    *products.OPERATORS,
    *quantized.OPERATORS,
    *fused.OPERATORS,
    *norms.OPERATORS,
    *attention.OPERATORS,
    *grouped.OPERATORS,
    *blocks.OPERATORS,
    *lookup.OPERATORS,
    *experts.OPERATORS,
)
