# SPDX-License-Identifier: Apache-2.0
"""The generic candidate: any region whose operators have a scalar form, as scheduled loops.

It adapts to every layout and every element type that registers can hold; hand-shaped families only
beat it. It stands last in the catalogue.
"""

from __future__ import annotations

from dataclasses import replace

from ingot import dims
from ingot.dims import Dim, product
from ingot.errors import IngotError
from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.ops.table import OPS
from ingot.spec import DeviceSpec
from ingot.targets.base import (
    Emission,
    Launch,
    LaunchArgument,
    Order,
    PackedUse,
    Placed,
    Ranges,
    Region,
    Temporary,
    ViewUse,
)
from ingot.targets.cuda.kernels.parts import BUFFER, in_parts
from ingot.targets.cuda.render import compile_compute
from ingot.targets.cuda.types import memory_type
from ingot.targets.lowering import lower_region

_SAMPLE = 64  # stands for a size that has no upper bound
_NESTED = frozenset({"attention"})  # a contraction inside a row operator: recomputed per element


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
        """One launch; two for a long reduction with few results."""
        whole = lower_region(placed)
        steps = in_parts(whole, spec)
        if steps is None:
            return Emission((compile_compute(whole, spec),))
        first, second = steps
        ((kept, _),) = first.results
        launches = tuple(_sharing(compile_compute(step, spec)) for step in (first, second))
        size = product(kept.shape) * kept.dtype.itemsize
        return Emission(launches, temporaries=(Temporary(BUFFER, size),))


def _sharing(launch: Launch) -> Launch:
    """The launch with the buffer of parts as a temporary."""

    def argument(use: LaunchArgument) -> LaunchArgument:
        own = isinstance(use, ViewUse) and use.view.buffer == BUFFER
        return PackedUse(BUFFER, use.mode) if own and isinstance(use, ViewUse) else use

    return replace(launch, arguments=tuple(map(argument, launch.arguments)))


def traffic(region: Region) -> float:
    """Bytes of everything that the region reads and writes, once."""
    return sum(
        sample(product(value.shape), region.ranges) * value.dtype.itemsize
        for value in (*region.inputs, *region.outputs)
    )


def sample(dim: Dim, ranges: Ranges | None) -> float:
    """A plausible value of a size."""
    if isinstance(dim, int):
        return float(dim)
    binding = {}
    for name in dims.symbols(dim):
        low, high = (ranges or {}).get(name, (1, None))
        binding[name] = max(low, _SAMPLE if high is None else min(high, _SAMPLE))
    return float(dims.evaluate(dim, binding))
