# SPDX-License-Identifier: Apache-2.0
"""One mapping: from an ONNX operator, as of one opset, to core ops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from ingot.ir.graph import Value
from ingot.onnx.call import Call

# What a mapping gives: the outputs in order; None for one that it does not compute.
Result: TypeAlias = Value | tuple[Value | None, ...]
Read: TypeAlias = Callable[[Call], Result]


@dataclass(frozen=True, slots=True)
class Operator:
    """An ONNX operator that we read: valid from opset `since` until the next one of its name.

    A call with an attribute that `read` does not look at is refused, unless it is among `ignores`:
    those that say nothing about the outputs that we give.
    """

    name: str
    read: Read
    since: int = 1
    domain: str = ""
    ignores: tuple[str, ...] = ()


def paired(op: str) -> Read:
    """The mapping to a binary op, with the broadcasting of its opset.

    Before opset 7 a second input stretches only where `broadcast` is set, and then lies along the
    first one's axes from `axis` on.
    """

    def read(call: Call) -> Value:
        a, b = call[0], call[1]
        if call.opset < 7 and call.bool_attribute("broadcast") and call.given("axis"):
            axis = call.axis(call.int_attribute("axis"), a.rank)
            behind = a.rank - axis - b.rank
            if behind < 0:
                call.fail(f"axis is {axis}, input 1 has rank {b.rank}", "correct the model")
            b = call.make("reshape", b, shape=(*b.shape, *[1] * behind))
        return call.result(op, a, b)

    return read


def direct(op: str, arity: int = 1) -> Read:
    """The mapping to the core op `op` with the same inputs and no attributes."""

    def read(call: Call) -> Value:
        return call.result(op, *(call[i] for i in range(arity)))

    return read
