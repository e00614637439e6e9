# SPDX-License-Identifier: Apache-2.0
"""Nodes whose record gives whole kernels: what targets share to run them.

The kernels of a node run in order. Their temporaries become arena memory that the launches of one
emission share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ingot import dims
from ingot.dtypes import DType
from ingot.errors import IngotError
from ingot.kernel.loops import Kernel
from ingot.kernel.view import View
from ingot.ops.steps import TEMPORARY, Steps
from ingot.ops.table import OPS
from ingot.targets.base import (
    Emission,
    Launch,
    LaunchArgument,
    PackedUse,
    Placed,
    Region,
    Temporary,
    ViewUse,
)

Render = Callable[[Kernel], Launch]


def refusal(region: Region, check: Callable[[DType], object]) -> str | None:
    """Why a region is not one node of kernels whose element types pass `check`; None if it is."""
    if len(region.nodes) != 1 or OPS[region.nodes[0].op].steps_rule is None:
        return "not one operator that is written as kernels"
    for value in (*region.inputs, *region.nodes[0].outputs):
        try:
            check(value.dtype)
        except IngotError as error:
            return str(error)
    return None


def emit_steps(
    placed: Placed, vector_bits: int, render: Render, *, workers: bool = False
) -> Emission:
    """The launches of the region's only node; `workers` as in `Steps`."""
    (node,) = placed.region.nodes
    rule = OPS[node.op].steps_rule
    assert rule is not None
    views = [None if value is None else placed.view(value) for value in node.inputs]
    views += [None] * (len(OPS[node.op].inputs) - len(views))
    steps = Steps(vector_bits, workers=workers)
    rule(steps, *views, *(placed.views.get(value) for value in node.outputs), **node.attributes)
    return emit_kernels(steps.kernels, steps.temporaries, render)


def emit_kernels(
    kernels: Iterable[Kernel], temporaries: Iterable[View], render: Render
) -> Emission:
    """Launches in order that share memory; the names of `temporaries` begin with TEMPORARY."""
    launches = tuple(_with_temporaries(render(kernel)) for kernel in kernels)
    sizes = [(view.buffer, dims.product(view.shape) * view.dtype.itemsize) for view in temporaries]
    return Emission(launches, temporaries=tuple(Temporary(*size) for size in sizes))


def _with_temporaries(launch: Launch) -> Launch:
    return replace(launch, arguments=tuple(map(_argument, launch.arguments)))


def _argument(argument: LaunchArgument) -> LaunchArgument:
    if isinstance(argument, ViewUse) and argument.view.buffer.startswith(TEMPORARY):
        return PackedUse(argument.view.buffer, argument.mode)
    return argument
