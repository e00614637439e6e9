# SPDX-License-Identifier: Apache-2.0
"""Comparisons, logic and selection."""

from __future__ import annotations

from ingot.onnx.operator import Operator, direct, paired

BINARY = (
    ("Equal", "equal"), ("Less", "less"), ("LessOrEqual", "less_equal"),
    ("Greater", "greater"), ("GreaterOrEqual", "greater_equal"),
    ("And", "logical_and"), ("Or", "logical_or"), ("Xor", "logical_xor"),
)  # fmt: skip

OPERATORS = (
    *(Operator(name, paired(op)) for name, op in BINARY),
    Operator("Not", direct("logical_not")),
    Operator("Where", direct("where", 3)),
)
