# SPDX-License-Identifier: Apache-2.0
"""The name of the domain, and its operators as records."""

from __future__ import annotations

from ingot.onnx.operator import Operator, Read

DOMAIN = "com.microsoft"


def operator(name: str, read: Read, *ignores: str) -> Operator:
    """An operator of the domain; attributes in `ignores` say nothing about its outputs."""
    return Operator(name, read, domain=DOMAIN, ignores=ignores)
