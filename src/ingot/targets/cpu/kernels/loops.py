# SPDX-License-Identifier: Apache-2.0
"""The generic candidate: any region whose operators have a scalar form, as scheduled loops.

It adapts to every layout and every element type that registers can hold; hand-shaped families only
beat it. It stands last in the catalogue.
"""

from __future__ import annotations

from ingot.errors import IngotError
from ingot.ir.graph import Value
from ingot.kernel.stages import staged
from ingot.kernel.view import View
from ingot.ops.steps import TEMPORARY
from ingot.ops.table import OPS
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cpu.kernels.estimate import traffic
from ingot.targets.cpu.render import render, schedule_checked
from ingot.targets.cpu.types import memory_type
from ingot.targets.lowering import lower_region
from ingot.targets.steps import emit_kernels

# Contractions inside an operator, which reading it element by element would compute anew each time.
_NESTED = frozenset({"attention", "block_matmul"})


class Loops:
    """The family `loops`."""

    name = "loops"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None where every operator has a scalar form and every element type can be computed."""
        for node in region.nodes:
            record = OPS[node.op]
            if record.lower_rule is None and record.body is None and record.scalar is None:
                return f"{node.op} '{node.name}' has no scalar form"
            if node.op in _NESTED:
                return f"{node.op} '{node.name}' nests contractions"
        for value in (*region.inputs, *region.outputs):
            try:
                memory_type(value.dtype)
            except IngotError as error:
                return str(error)
        return None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Memory traffic: the estimate matters only beside other families."""
        return 10 * traffic(region) / spec.memory_bandwidth

    def order(self, region: Region, value: Value) -> Order | None:
        """No wish: results follow the main input's layout."""
        return None

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Any strides."""
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch; two for a reduction of much to little."""
        parts = staged(schedule_checked(lower_region(placed), spec), TEMPORARY)
        return emit_kernels(parts.kernels, parts.temporaries, lambda kernel: render(kernel, spec))
