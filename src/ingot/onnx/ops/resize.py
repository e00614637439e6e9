# SPDX-License-Identifier: Apache-2.0
"""Resizing of images."""

from __future__ import annotations

from ingot.onnx.operator import Operator

OPERATORS: tuple[Operator, ...] = ()
