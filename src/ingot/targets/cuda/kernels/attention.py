# SPDX-License-Identifier: Apache-2.0
"""Scaled dot-product attention in one kernel: scores never reach memory.

A block has some query rows of one head and walks over the keys, a tile at a time. It keeps the
greatest score so far, the sum of powers and the weighted sum of values, all in registers, and
scales them down when a greater score comes. A row that sees no key gives 0.
"""

from __future__ import annotations

from ingot.dims import ceil_div, is_multiple, product
from ingot.dtypes import BFLOAT16, BOOL, FLOAT16, FLOAT32
from ingot.ir.graph import Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cuda.kernels.attention_plain import PlainForm
from ingot.targets.cuda.kernels.attention_problem import (
    Problem,
    known_size,
    operands_of,
    problem_of,
)
from ingot.targets.cuda.kernels.attention_tensor import TensorForm
from ingot.targets.cuda.source import Source
from ingot.targets.fused import fuse

LARGEST_DEPTH = 128
_FLOATS = (FLOAT32, FLOAT16, BFLOAT16)


def refusal(region: Region) -> str | None:
    """Why no kernel here runs the region."""
    node = region.anchor
    if node is None or node.op != "attention":
        return "not an attention"
    if node.attributes.get("softcap"):
        return "scores have a soft cap"
    q, k, v, mask = operands_of(node)
    if any(value.dtype not in _FLOATS for value in (q, k, v)):
        return f"the type is {q.dtype.name}"
    if mask is not None and mask.dtype not in (*_FLOATS, BOOL):
        return f"the mask is {mask.dtype.name}"
    for depth in (q.shape[-1], v.shape[-1]):
        if not isinstance(depth, int) or not 0 < depth <= LARGEST_DEPTH:
            return f"rows of {depth} elements"
    if q.shape[-3] != k.shape[-3] and not all(isinstance(x.shape[-3], int) for x in (q, k)):
        return "query and key heads differ"
    return fused if isinstance(fused := fuse(region), str) else None


class _Attention:
    """What both families say about layouts."""

    option: str | None = None

    def order(self, region: Region, value: Value) -> Order | None:
        """Heads inside rows for the result, as the projection that follows reads it."""
        if value in region.outputs and value.rank == 4:
            return (0, 2, 1, 3)
        return None


class TensorAttention(_Attention):
    """The family `tensor_attention`: fp16 and bf16 on tensor cores."""

    name = "tensor_attention"

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for fp16 or bf16 rows of a multiple of 8 elements, up to 128."""
        reason = refusal(region)
        if reason is not None:
            return reason
        assert region.anchor is not None
        q, _, v, _ = operands_of(region.anchor)
        if q.dtype == FLOAT32 or (q.dtype == BFLOAT16 and "bfloat16" not in spec.features):
            return f"no tensor cores for {q.dtype.name}"
        if any(known_size(depth) % 8 for depth in (q.shape[-1], v.shape[-1])):
            return "rows are no multiple of 16 bytes"
        return None

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Cheaper than any other."""
        return 0.0

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Rows of queries, keys and values are contiguous and begin at multiples of 16 bytes."""
        assert region.anchor is not None
        if value not in operands_of(region.anchor)[:3]:
            return True
        parts = (*view.strides[:-1], view.offset)
        return view.strides[-1] == 1 and all(is_multiple(part, 8, {}) for part in parts)

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch."""
        problem = problem_of(placed)
        warps, parts = _warps(problem, spec)
        source = Source(spec)
        form = TensorForm(problem, warps, parts, spec)
        shared = form.print(source)
        blocks = product(problem.batch) * ceil_div(problem.queries, 16 * warps)
        launch = source.launch(
            blocks, form.threads, shared, flops=problem.work, bytes=problem.traffic
        )
        return Emission((launch,))


def _warps(problem: Problem, spec: DeviceSpec) -> tuple[int, int]:
    """Warps with query rows of their own, and how many share each: many where blocks are few."""
    blocks = product(problem.batch) * ceil_div(problem.queries, 64)
    if not isinstance(blocks, int) or blocks >= spec.cores:
        return 4, 1
    if not isinstance(problem.keys, int):
        return 2, 1
    fitting = (
        parts
        for parts in (4, 2)
        if 64 * (parts - 1) < problem.keys
        and TensorForm(problem, 2, parts, spec).shared <= spec.shared_memory
    )
    return 2, next(fitting, 1)


class Attention(_Attention):
    """The family `attention`: any float type and layout, in fp32."""

    name = "attention"

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for float rows of up to 128 elements."""
        return refusal(region)

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Dearer than tensor cores."""
        return 1e-3

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """Any strides."""
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch."""
        problem = problem_of(placed)
        source = Source(spec)
        shared = PlainForm(problem).print(source)
        blocks = product(problem.batch) * ceil_div(problem.queries, PlainForm.rows)
        launch = source.launch(
            blocks, PlainForm.threads, shared, flops=problem.work, bytes=problem.traffic
        )
        return Emission((launch,))
