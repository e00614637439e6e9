# SPDX-License-Identifier: Apache-2.0
"""Elementwise comparison, logic, bit operations, and selection."""

from __future__ import annotations

from ingot.dtypes import BOOL
from ingot.kernel import expr
from ingot.ops.domains import (
    ANY,
    BATCH,
    BOOLS,
    ELEMENTS,
    INTS,
    NUMBERS,
    binary,
    binding,
    unary,
)  # fmt: skip
from ingot.ops.example import Example, Sample
from ingot.ops.op import InputSpec, Op
from ingot.ops.pointwise import elementwise

PAIR = ("a", "b")
FEW = binary(low=-2, high=2)

EQUAL = elementwise(
    "equal", expr.equal, inputs=PAIR, domain=ELEMENTS, examples=FEW, commutative=True,
    doc="a = b; NaN equals nothing.",
)  # fmt: skip
LESS = elementwise("less", expr.less, inputs=PAIR, domain=NUMBERS, examples=FEW, doc="a < b.")
LESS_EQUAL = elementwise(
    "less_equal", expr.less_equal, inputs=PAIR, domain=NUMBERS, examples=FEW, doc="a ≤ b."
)
GREATER = elementwise(
    "greater", expr.greater, inputs=PAIR, domain=NUMBERS, examples=FEW, doc="a > b."
)
GREATER_EQUAL = elementwise(
    "greater_equal", expr.greater_equal, inputs=PAIR, domain=NUMBERS, examples=FEW, doc="a ≥ b."
)

LOGICAL_AND = elementwise(
    "logical_and", expr.logical_and, inputs=PAIR, domain=BOOLS, examples=binary(),
    commutative=True, doc="a and b.",
)  # fmt: skip
LOGICAL_OR = elementwise(
    "logical_or", expr.logical_or, inputs=PAIR, domain=BOOLS, examples=binary(),
    commutative=True, doc="a or b.",
)  # fmt: skip
LOGICAL_XOR = elementwise(
    "logical_xor", expr.logical_xor, inputs=PAIR, domain=BOOLS, examples=binary(),
    commutative=True, doc="Either a or b, not both.",
)  # fmt: skip
LOGICAL_NOT = elementwise("logical_not", expr.logical_not, domain=BOOLS, doc="Not x.")

BITWISE_AND = elementwise(
    "bitwise_and", expr.bitwise_and, inputs=PAIR, domain=INTS,
    examples=binary(low=-99, high=99), commutative=True, doc="Bits set in both a and b.",
)  # fmt: skip
BITWISE_OR = elementwise(
    "bitwise_or", expr.bitwise_or, inputs=PAIR, domain=INTS,
    examples=binary(low=-99, high=99), commutative=True, doc="Bits set in a or b.",
)  # fmt: skip
BITWISE_XOR = elementwise(
    "bitwise_xor", expr.bitwise_xor, inputs=PAIR, domain=INTS,
    examples=binary(low=-99, high=99), commutative=True, doc="Bits set in one of a and b.",
)  # fmt: skip
BITWISE_NOT = elementwise(
    "bitwise_not", expr.bitwise_not, domain=INTS, examples=unary(low=-99, high=99),
    doc="Every bit of x flipped.",
)  # fmt: skip
SHIFT_LEFT = elementwise(
    "shift_left", expr.shift_left, inputs=PAIR, domain=INTS,
    examples=binary(low=-99, high=99, second={"low": 0, "high": 80}),
    doc="a · 2^b, wrapped; 0 where b is negative or reaches the width of the type.",
)  # fmt: skip
SHIFT_RIGHT = elementwise(
    "shift_right", expr.shift_right, inputs=PAIR, domain=INTS,
    examples=binary(low=-99, high=99, second={"low": 0, "high": 80}),
    doc="⌊a / 2^b⌋; the sign alone, 0 or -1, where b is negative or reaches the width of the type.",
)  # fmt: skip

WHERE = elementwise(
    "where", expr.where,
    inputs=(InputSpec("condition", BOOLS, "C"), InputSpec("a", ANY), InputSpec("b", ANY)),
    examples=tuple(
        Example((Sample(shapes[0], BOOL), *map(Sample, shapes[1:])), {}, binding(*shapes), ELEMENTS)
        for shapes in (
            ((3, 37), (3, 37), (3, 37)), ((5, 1), (7,), ()), ((), (2, 3), (3,)),
            ((0, 1), (4,), (1, 1)), ((BATCH, 1), (BATCH, 4), (4,)),
        )
    ),
    doc="a where the condition holds, else b.",
)  # fmt: skip

OPS: tuple[Op, ...] = (
    EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, LOGICAL_AND, LOGICAL_OR, LOGICAL_XOR,
    LOGICAL_NOT, BITWISE_AND, BITWISE_OR, BITWISE_XOR, BITWISE_NOT, SHIFT_LEFT, SHIFT_RIGHT, WHERE,
)  # fmt: skip
