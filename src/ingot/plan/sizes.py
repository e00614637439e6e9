# SPDX-License-Identifier: Apache-2.0
"""Host size arithmetic of a plan, as data.

A SizeProgram is the list of every distinct size that a plan mentions. Binding evaluates it once per
set of input shapes; devices then look sizes up by position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from ingot import dims
from ingot.dims import Dim
from ingot.plan.plan import Argument, BufferUse, Plan, Port, ScratchUse, SizeUse, Step


class SizeProgram:
    """Every symbolic size of a plan, evaluated together from the input symbols."""

    def __init__(self, plan: Plan) -> None:
        distinct = dict.fromkeys(dim for dim in _sizes(plan) if not isinstance(dim, int))
        self.dims: tuple[Dim, ...] = tuple(distinct)

    @cached_property
    def _compiled(self) -> Callable[[Mapping[str, int]], list[int]]:
        return dims.compile_dims(list(self.dims))

    def evaluate(self, binding: Mapping[str, int]) -> Mapping[Dim, int]:
        """Sizes by expression; raises InputError where one leaves 64 bits."""
        return dict(zip(self.dims, self._compiled(binding), strict=True))


def _sizes(plan: Plan) -> Iterator[Dim]:
    for port in (*plan.inputs, *plan.outputs):
        yield from _port_sizes(port)
    for buffer in plan.buffers.values():
        yield buffer.bytes
    for step in plan.all_steps():
        yield from _step_sizes(step)


def _port_sizes(port: Port) -> Iterator[Dim]:
    yield from port.shape


def _step_sizes(step: Step) -> Iterator[Dim]:
    yield from (step.extent, step.grain, step.flops, step.bytes)
    for argument in step.arguments:
        yield _argument_size(argument)


def _argument_size(argument: Argument) -> Dim:
    match argument:
        case BufferUse(offset=size) | SizeUse(dim=size) | ScratchUse(bytes=size):
            return size
