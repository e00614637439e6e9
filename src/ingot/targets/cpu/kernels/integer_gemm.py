# SPDX-License-Identifier: Apache-2.0
"""Matrix products of bytes: `matmul_integer` with everything elementwise behind it.

What quantizes a result stands in its epilogue, so sums never reach memory. Weights stay bytes in
their panels.
"""

from __future__ import annotations

from dataclasses import replace

from ingot.dims import Dim
from ingot.dtypes import FLOAT32, INT32
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cpu.kernels.dot import choose_group
from ingot.targets.cpu.kernels.estimate import OVERLAP, sample, traffic
from ingot.targets.cpu.kernels.finish import Operand, place_epilogue
from ingot.targets.cpu.kernels.gemm import SharedAxes, operands_of, spread
from ingot.targets.cpu.kernels.microkernel import Depth
from ingot.targets.cpu.kernels.pack import pack_weight, panel_key
from ingot.targets.cpu.kernels.product import Product, ProductKernel
from ingot.targets.cpu.kernels.tile import Tile, choose_tile
from ingot.targets.cpu.kernels.walk import collapse
from ingot.targets.fused import Fused, fuse


class IntegerMatMul:
    """The family `integer_gemm`."""

    name = "integer_gemm"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for a product of bytes whose followers are elementwise."""
        node = region.anchor
        if node is None or node.op != "matmul_integer":
            return "not a product of integers"
        if any(operand.rank < 2 for operand in operands_of(node)):
            return "an operand is a vector"
        if 0 in node.output.shape:
            return "there is nothing to compute"
        fused = fuse(region)
        return None if isinstance(fused, Fused) else fused

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Multiply-adds and memory traffic."""
        assert region.anchor is not None
        left, _ = operands_of(region.anchor)
        return integer_seconds(region, spec, left.shape[-1])

    def order(self, region: Region, value: Value) -> Order | None:
        """Row-major, for the operands and the result."""
        assert region.anchor is not None
        named = (*operands_of(region.anchor), *region.outputs)
        return tuple(range(value.rank)) if value in named else None

    def accepts(self, region: Region, value: Value, view: View) -> bool:
        """The left operand and results must be contiguous along their last axis."""
        assert region.anchor is not None
        if value in region.outputs or value is operands_of(region.anchor)[0]:
            return view.strides[-1] == 1 or view.shape[-1] == 1
        return True

    def build(self, placed: Placed, spec: DeviceSpec) -> Emission:
        """One launch; a packing launch where the right operand is a weight."""
        region = placed.region
        assert region.anchor is not None
        left, right = operands_of(region.anchor)
        left_zero, right_zero = zero_points(region.anchor)
        fused = fuse(region)
        assert isinstance(fused, Fused)
        axes = SharedAxes(region.anchor.output.shape[:-2], placed.view(right))
        epilogue = place_epilogue(fused, placed, axes.split)
        tile = integer_tile(spec, right, right_zero)
        zero = None if right_zero is None else placed.view(right_zero)
        panels = replace(axes.panels(placed.view(right)), zero=zero)
        left_view = placed.view(left)
        walk = axes.split(spread(left_view, len(fused.axes)), 0)
        key = panel_key(panels, tile, axes.batch)
        rows, walks = collapse(
            (*axes.extents, left.shape[-2]),
            [walk.rows, *(operand.walk.rows for operand in epilogue.operands)],
        )
        known = {right, right_zero} - {None} <= region.weights
        job = Product(
            axes.batch,
            rows,
            right.shape[-1],
            Depth(left.shape[-1], group=tile.group, ahead=1),
            tile,
            Operand(left_view, walk.with_rows(walks[0]), left.dtype),
            key if known else panels,
            epilogue.with_rows(walks[1:]),
            None if left_zero is None else placed.view(left_zero),
        )
        launch = ProductKernel(job, spec).launch()
        packed = (pack_weight(key, panels, axes.batch, tile, spec),) if known else ()
        return Emission((launch,), packed)


def zero_points(node: Node) -> tuple[Value | None, Value | None]:
    """The zero points of both operands."""
    padded = (*node.inputs, None, None)
    return padded[2], padded[3]


def integer_tile(
    spec: DeviceSpec, right: Value, zero: Value | None, columns: Dim | None = None
) -> Tile:
    """The tile for a right operand with that many columns, of its last axis if not given."""
    wide = choose_tile(spec, right.shape[-1] if columns is None else columns, FLOAT32)
    group = choose_group(spec, right.dtype, zero is not None)
    rows = wide.rows
    if group == 2:  # the product of a pair waits in a register until it is added
        rows = max(min(rows, spec.vector_registers * 3 // 8 // wide.vectors), 1)
    return Tile(rows, wide.vectors, wide.lanes, dtype=INT32, group=group)


def integer_seconds(region: Region, spec: DeviceSpec, depth: Dim) -> float:
    """Time on one core for sums over `depth` for each element of the result."""
    assert region.anchor is not None
    right = region.anchor.inputs[1]
    assert right is not None
    products = 2.0 * sample(depth, region.ranges)
    for size in region.anchor.output.shape:
        products *= sample(size, region.ranges)
    speed = max(choose_group(spec, right.dtype, zero_points(region.anchor)[1] is not None) // 2, 1)
    arithmetic = products / (spec.peak_flops(FLOAT32) * speed * 0.7)
    return arithmetic + OVERLAP * traffic(region) / spec.memory_bandwidth
