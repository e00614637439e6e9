# SPDX-License-Identifier: Apache-2.0
"""Attention over whole heads. Forms beyond the core op are expanded from ONNX's own body."""

from __future__ import annotations

from ingot.onnx.operator import Operator

OPERATORS: tuple[Operator, ...] = ()
