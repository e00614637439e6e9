# SPDX-License-Identifier: Apache-2.0
"""The device artefact: what a target runs, as data.

A Plan lists buffers, host size arithmetic and launch steps. `jit` makes it, the runtime cache keeps
its text, a target's device binds it to sizes and memory and runs it.
"""

from ingot.plan.memory import Lifetime, plan_memory
from ingot.plan.plan import (
    Argument,
    Buffer,
    BufferUse,
    Plan,
    Port,
    ScratchUse,
    SizeUse,
    Step,
)
from ingot.plan.sizes import SizeProgram
from ingot.plan.text import parse_plan, print_plan

__all__ = [
    "Argument",
    "Buffer",
    "BufferUse",
    "Lifetime",
    "Plan",
    "Port",
    "ScratchUse",
    "SizeProgram",
    "SizeUse",
    "Step",
    "parse_plan",
    "plan_memory",
    "print_plan",
]
