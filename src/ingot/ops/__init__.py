# SPDX-License-Identifier: Apache-2.0
"""Every op as one record: types, meaning, lowering, decomposition, examples, bounds."""

from __future__ import annotations

from ingot.ops.build import Builder, infer, record
from ingot.ops.decompose import Formula, body_graph, decompose
from ingot.ops.evaluate import bound_attributes, evaluate_graph, evaluate_node
from ingot.ops.example import Bound, Example, Sample
from ingot.ops.lowering import lower_node, pull
from ingot.ops.op import REQUIRED, AttributeSpec, InputSpec, Op
from ingot.ops.read import Read, loaded
from ingot.ops.require import Require
from ingot.ops.table import FAMILIES, OPS
from ingot.ops.verify import verify

__all__ = [
    "FAMILIES", "OPS", "REQUIRED", "AttributeSpec", "Bound", "Builder", "Example", "Formula",
    "InputSpec", "Op", "Read", "Require", "Sample", "body_graph", "bound_attributes", "decompose",
    "evaluate_graph", "evaluate_node", "infer", "loaded", "lower_node", "pull", "record", "verify",
]  # fmt: skip
