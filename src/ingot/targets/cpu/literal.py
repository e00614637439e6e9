# SPDX-License-Identifier: Apache-2.0
"""LLVM's spelling of types and constants."""

from __future__ import annotations

import struct

_FLOAT_BITS = {"float": 32, "double": 64, "half": 16, "bfloat": 16, "ptr": 64}


def vector(element: str, lanes: int) -> str:
    """`<lanes x element>`, or the element type itself for one lane."""
    return element if lanes == 1 else f"<{lanes} x {element}>"


def lanes_of(kind: str) -> int:
    """How many lanes a type has; 1 for a scalar."""
    return int(kind[1 : kind.index(" ")]) if kind.startswith("<") else 1


def element_of(kind: str) -> str:
    """The type of one lane."""
    return kind[kind.index("x ") + 2 : -1] if kind.startswith("<") else kind


def element_bits(kind: str) -> int:
    """The width of one lane in bits."""
    element = element_of(kind)
    return _FLOAT_BITS[element] if element in _FLOAT_BITS else int(element[1:])


def literal(kind: str, value: float) -> str:
    """`value` as a constant of a scalar or vector type, rounded to it."""
    element = element_of(kind)
    scalar = _scalar(element, value)
    return scalar if lanes_of(kind) == 1 else f"splat ({element} {scalar})"


def float_bits(kind: str, bits: int) -> str:
    """The float constant of scalar or vector type `kind` whose pattern is `bits`."""
    layout = {"float": ("<I", "<f"), "double": ("<Q", "<d")}[element_of(kind)]
    return literal(kind, struct.unpack(layout[1], struct.pack(layout[0], bits))[0])


def _scalar(element: str, value: float) -> str:
    if element == "i1":
        return "true" if value else "false"
    if element.startswith("i"):
        return str(int(value))
    return f"0x{_double_pattern(element, float(value)):016X}"


def _double_pattern(element: str, value: float) -> int:
    """LLVM writes a float constant as the pattern of the double of the same value."""
    if element == "float" and value == value:
        try:
            value = struct.unpack("<f", struct.pack("<f", value))[0]
        except OverflowError:
            value = float("inf") if value > 0 else float("-inf")
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])
