# SPDX-License-Identifier: Apache-2.0
"""Matrix products: `matmul` with everything elementwise behind it in its epilogue.

Batch axes along which the right operand stays the same become rows, so a stack of activations times
one weight is one tall product. A weight is packed after loading; a right operand that is computed
is packed by each work unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingot.dims import Dim
from ingot.dtypes import BFLOAT16, FLOAT16, DType
from ingot.ir.graph import Node, Value
from ingot.kernel.view import View
from ingot.spec import DeviceSpec
from ingot.targets.base import Emission, Order, Placed, Region
from ingot.targets.cpu.kernels.estimate import seconds
from ingot.targets.cpu.kernels.finish import Operand, place_epilogue
from ingot.targets.cpu.kernels.microkernel import Depth
from ingot.targets.cpu.kernels.pack import pack_weight, panel_key
from ingot.targets.cpu.kernels.panels import PanelSource
from ingot.targets.cpu.kernels.product import Product, launches
from ingot.targets.cpu.kernels.tile import COMPUTED, choose_tile
from ingot.targets.cpu.kernels.walk import Walk, collapse
from ingot.targets.fused import Fused, fuse


class MatMul:
    """The family `gemm`."""

    name = "gemm"
    option: str | None = None

    def match(self, region: Region, spec: DeviceSpec) -> str | None:
        """None for a matmul of floats whose followers are elementwise."""
        node = region.anchor
        if node is None or node.op != "matmul":
            return "not a matmul"
        left, right = operands_of(node)
        if left.rank < 2 or right.rank < 2:
            return "an operand is a vector"
        fused = fuse(region)
        return floats(region, (left, right)) if isinstance(fused, Fused) else fused

    def cost(self, region: Region, spec: DeviceSpec) -> float:
        """Multiply-adds and memory traffic."""
        assert region.anchor is not None
        return seconds(region, spec, efficiency=0.85)

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
        """The product; a packing launch where the right operand is a weight."""
        region = placed.region
        assert region.anchor is not None
        left, right = operands_of(region.anchor)
        fused = fuse(region)
        assert isinstance(fused, Fused)
        axes = SharedAxes(region.anchor.output.shape[:-2], placed.view(right))
        epilogue = place_epilogue(fused, placed, axes.split)
        columns, depth = right.shape[-1], left.shape[-1]
        tile = choose_tile(spec, columns, left.dtype)
        panels = axes.panels(placed.view(right))
        left_view = placed.view(left)
        walk = axes.split(spread(left_view, len(fused.axes)), 0)
        extents = (*axes.extents, left.shape[-2])
        known = right in region.weights
        if known and widens(spec, right.dtype):
            tile = replace(tile, narrow=right.dtype)
        key = panel_key(panels, tile, axes.batch)
        rows, walks = collapse(
            extents, [walk.rows, *(operand.walk.rows for operand in epilogue.operands)]
        )
        job = Product(
            axes.batch,
            rows,
            columns,
            Depth(depth),
            tile,
            Operand(left_view, walk.with_rows(walks[0]), left.dtype),
            key if known else panels,
            epilogue.with_rows(walks[1:]),
        )
        packed = (pack_weight(key, panels, axes.batch, tile, spec),) if known else ()
        return Emission(launches(job, spec), packed)


def widens(spec: DeviceSpec, dtype: DType) -> bool:
    """Whether this CPU widens elements of a narrow type about as fast as it loads them."""
    if dtype == BFLOAT16:
        return True
    return dtype == FLOAT16 and bool({"f16c", "neon"} & spec.features)


def operands_of(node: Node) -> tuple[Value, Value]:
    """The left and right operand of a matmul."""
    left, right = node.inputs[:2]
    assert left is not None and right is not None
    return left, right


def floats(region: Region, operands: Sequence[Value]) -> str | None:
    """None where `operands` and results have one float type that tiles know."""
    dtype = region.outputs[0].dtype
    if dtype not in COMPUTED:
        return f"the result is {dtype.name}"
    for value in (*operands, *region.outputs):
        if value.dtype != dtype:
            return f"'{value.name}' is {value.dtype.name}, the result {dtype.name}"
    return None


def spread(view: View, rank: int) -> tuple[Dim, ...]:
    """Strides along the axes of a result of `rank` axes; 0 where the view is broadcast."""
    strides = [
        0 if size == 1 else stride for size, stride in zip(view.shape, view.strides, strict=True)
    ]
    return (*[0] * (rank - len(strides)), *strides)


class SharedAxes:
    """The result's leading axes, told apart: those with panels of their own, and the others."""

    def __init__(self, leading: Sequence[Dim], right: View) -> None:
        rank = len(leading) + 2
        strides = spread(right, rank)
        self._rank = rank
        self._own = [axis for axis in range(rank - 2) if strides[axis] != 0]
        self._shared = [axis for axis in range(rank - 2) if strides[axis] == 0]
        self.batch = tuple(leading[axis] for axis in self._own)
        self.extents = tuple(leading[axis] for axis in self._shared)

    def split(self, strides: Sequence[Dim], start: Dim) -> Walk:
        """An operand's strides along the axes of the result, as a walk."""
        batch = tuple(strides[axis] for axis in self._own)
        rows = tuple(strides[axis] for axis in (*self._shared, self._rank - 2))
        return Walk(batch, rows, strides[self._rank - 1], start)

    def panels(self, right: View) -> PanelSource:
        """The right operand as a source of panels."""
        strides = spread(right, self._rank)
        batch = tuple(strides[axis] for axis in self._own)
        depth, column = right.strides[-2:]
        walk = Walk(batch, (), column, 0)
        return PanelSource(right, (right.shape[-2],), (depth,), right.shape[-1], walk)
